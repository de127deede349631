"""The public conformance kit of DMN: level 2 entirely, level 3 but for the misses declared."""

from pathlib import Path

import pytest
from tests.tables.conformance_kit import KIT, run_level

MISSES = Path(__file__).parent / "misses.txt"
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(
        not KIT.is_dir(),
        reason="the conformance kit is not there: shared/data/dmn-tck beside the repository",
    ),
]


def declared() -> dict[str, str]:
    lines = MISSES.read_text(encoding="utf-8").splitlines()
    pairs = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return dict(pairs)


def scored(level: int, capsys) -> tuple[list[str], int]:
    outcomes = list(run_level(level))
    missed = [one.key for one in outcomes if not one.passed]
    with capsys.disabled():
        kept = len(outcomes) - len(missed)
        print(f"\nDMN conformance, level {level}: {kept} of {len(outcomes)} results")
    return missed, len(outcomes)


def test_every_result_of_level_2_comes_out(capsys):
    missed, total = scored(2, capsys)

    assert missed == []
    assert total >= 100


def test_level_3_misses_exactly_what_is_declared(capsys):
    missed, total = scored(3, capsys)

    assert sorted(missed) == sorted(declared())
    assert len(missed) * 10 < total


def test_every_declared_miss_has_its_reason():
    assert all(reason.strip() for reason in declared().values())
