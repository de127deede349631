"""The day decision: one person decided as the night would have, with what happened since."""

from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from recoup.engine.day import (
    NO_CHANGES,
    DayBeforeNight,
    DayBook,
    NoSuchContract,
    NoSuchDebtor,
)

#: Every so manieth person of the demo bank is decided again.
STEP = 10


@pytest.fixture(scope="module")
def book(demo_result: Path) -> DayBook:
    """The demo bank's night, open for the day."""
    return DayBook(result=demo_result)


def _by_debtor(path: Path) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = {}
    for row in pq.read_table(path).to_pylist():
        found.setdefault(row["debtor_id"], []).append(row)
    return found


def _odd_persons(result: Path) -> set[str]:
    """Persons with a contract that was refused, in another currency, held, or with a promise."""
    decisions = pq.read_table(result / "decisions.parquet").to_pylist()
    debtors = pq.read_table(result / "book" / "debtors.parquet", columns=["debtor_id"])
    ids = debtors.column("debtor_id").to_pylist()
    odd = {
        row["debtor_id"]
        for row in decisions
        if row["currency"] != "CNY" or row["asset_class"] == "unknown" or row["blocked_by"]
    }
    for table in ("holds", "promises"):
        persons = pq.read_table(result / "book" / f"{table}.parquet", columns=["person"])
        odd |= {ids[person] for person in set(persons.column("person").to_pylist()[::3])}
    return odd


def test_without_changes_the_day_decides_as_the_night_did(book: DayBook, demo_result: Path) -> None:
    decisions = _by_debtor(demo_result / "decisions.parquet")
    people = _by_debtor(demo_result / "people.parquet")
    worklist = _by_debtor(demo_result / "worklist.parquet")
    chosen = sorted({*list(people)[::STEP], *_odd_persons(demo_result)})
    listed = 0

    for debtor_id in chosen:
        decided = book.redecide(debtor_id=debtor_id, changes=NO_CHANGES)

        assert list(decided.decisions) == decisions.get(debtor_id, [])
        assert [decided.person] == people[debtor_id]
        for line in worklist.get(debtor_id, []):
            listed += 1
            assert decided.worklist == {name: line[name] for name in line if name != "rank"}

    assert len(chosen) > 300
    assert listed > 20


def test_unknown_ids_and_an_earlier_day_are_refused_by_name(book: DayBook) -> None:
    with pytest.raises(NoSuchDebtor, match="D-nobody") as nobody:
        book.redecide(debtor_id="D-nobody", changes=NO_CHANGES)
    with pytest.raises(NoSuchContract, match="C-none"):
        book.explain(contract_id="C-none", changes=NO_CHANGES)
    with pytest.raises(DayBeforeNight, match="2026-11-19"):
        book.redecide(debtor_id="D-nobody", changes=NO_CHANGES, as_of=date(2026, 11, 19))

    assert "D-nobody" in nobody.value.zh
    assert not book.holds_person("D-nobody")
