"""What several rooms of the tests share: one demo bank with its night, built once per session."""

from pathlib import Path

import pytest

from recoup.site.cli import main

DEMO_AS_OF = "2026-11-20"


@pytest.fixture(scope="session")
def demo_result(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The result folder of a night on a demo bank of 3,000 loans: pack cn, strategy example."""
    folder = tmp_path_factory.mktemp("demo-bank")
    assert main(["demo", "--loans", "3000", "--seed", "11", "--out", str(folder)]) == 0
    status = main(
        [
            *("night", "--book", str(folder / "book"), "--as-of", DEMO_AS_OF, "--pack", "cn"),
            *("--strategy", "example", "--out", str(folder / "out"), "--quiet"),
        ]
    )
    assert status == 1, "the demo bank has rows spoilt on purpose"
    return folder / "out"
