"""What several rooms of the tests share: one demo bank with its night, built once per session."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.db.backends.base.operations import BaseDatabaseOperations

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


@pytest.fixture(scope="session", autouse=True)
def _emptying_takes_the_triggers_away(request: pytest.FixtureRequest) -> Any:
    """Let tests that commit empty the tables afterwards; the trail's triggers refuse to be emptied.

    They are taken away for that moment only and put back.
    """
    if not any("django_db" in item.keywords for item in request.session.items):
        yield
        return
    append_only = pytest.importorskip("recoup.apps.compliance.append_only")
    empty = BaseDatabaseOperations.execute_sql_flush

    def emptied(operations: BaseDatabaseOperations, statements: Sequence[str]) -> None:
        database = connections[operations.connection.alias]
        tables = (
            *append_only.GROWING,
            *("ledger_posting", "ledger_confirmation", "contacts_gatedecision"),
            *("evidence_seal", "evidence_leaf", "evidence_sealkey", "evidence_timestamp"),
            "evidence_filing",
        )
        append_only.remove(database, tables=tables)
        try:
            empty(operations, statements)
        finally:
            append_only.install(database, tables=tables)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", emptied)
        yield
