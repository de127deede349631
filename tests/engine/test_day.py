"""The day decision: one person decided as the night would have, with what happened since."""

import random
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.conftest import DEMO_AS_OF
from tests.engine.day_stories import Luck, changed_book

from recoup.engine.day import (
    NO_CHANGES,
    DayBeforeNight,
    DayBook,
    DayChanges,
    NoSuchContract,
    NoSuchDebtor,
    PersonDecided,
    PersonRows,
)
from recoup.site.cli import main

#: Every so manieth person of the demo bank is decided again.
STEP = 10
AS_OF = date.fromisoformat(DEMO_AS_OF)
LATER = AS_OF + timedelta(days=4)

Story = tuple[PersonRows, DayChanges]


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


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A smaller demo bank, with its night in ``out``."""
    folder = tmp_path_factory.mktemp("small-bank")
    assert main(["demo", "--loans", "700", "--seed", "23", "--out", str(folder)]) == 0
    _night(folder / "book", folder / "out")
    return folder


def _night(book: Path, out: Path, as_of: date = AS_OF) -> None:
    command = ["night", "--book", str(book), "--as-of", as_of.isoformat(), "--pack", "cn"]
    options = ["--strategy", "example", "--out", str(out), "--quiet", "--max-bad", "20%"]
    assert main([*command, *options]) == 1, "the demo bank has rows spoilt on purpose"


@pytest.fixture(scope="module")
def small_book(small: Path) -> DayBook:
    """The smaller bank's night, open for the day."""
    return DayBook(result=small / "out")


@pytest.fixture(scope="module")
def stories(small: Path, small_book: DayBook) -> dict[str, Story]:
    """Changes by luck, for every other debtor."""
    ids = list(_by_debtor(small / "out" / "people.parquet"))
    luck = Luck(seed=5, as_of=AS_OF)
    rows = {debtor_id: small_book.rows_of(debtor_id=debtor_id) for debtor_id in ids[::2]}
    return {debtor_id: (own, luck.changes(own)) for debtor_id, own in rows.items()}


def _differences(
    book: DayBook, out: Path, stories: dict[str, Story], as_of: date | None
) -> tuple[list[str], int]:
    """Persons whom the day decides otherwise than a night; how many lines were compared."""
    decisions = _by_debtor(out / "decisions.parquet")
    people = _by_debtor(out / "people.parquet")
    worklist = _by_debtor(out / "worklist.parquet")
    unlike, lines = [], 0
    for debtor_id, (_, changes) in stories.items():
        decided = book.redecide(debtor_id=debtor_id, changes=changes, as_of=as_of)
        if list(decided.decisions) != decisions.get(debtor_id, []):
            unlike.append(f"{debtor_id}: decisions")
        if [decided.person] != people[debtor_id]:
            unlike.append(f"{debtor_id}: person")
        for line in worklist.get(debtor_id, []):
            lines += 1
            if decided.worklist != {name: line[name] for name in line if name != "rank"}:
                unlike.append(f"{debtor_id}: worklist")
    return unlike, lines


def test_changes_of_the_day_decide_as_a_night_on_a_book_that_had_them(
    small: Path, small_book: DayBook, stories: dict[str, Story], tmp_path: Path
) -> None:
    book = changed_book(book=small / "book", into=tmp_path / "book", persons=stories, as_of=AS_OF)
    _night(book, tmp_path / "out")

    unlike, lines = _differences(small_book, tmp_path / "out", stories, None)

    assert unlike == []
    assert lines > 10
    changed = [
        debtor_id
        for debtor_id, (_, changes) in stories.items()
        if small_book.redecide(debtor_id=debtor_id, changes=changes)
        != small_book.redecide(debtor_id=debtor_id, changes=NO_CHANGES)
    ]
    assert len(changed) > 150, "changes that change nothing prove nothing"


def test_days_without_a_night_decide_as_a_night_of_that_day(
    small: Path, small_book: DayBook, stories: dict[str, Story], tmp_path: Path
) -> None:
    book = changed_book(book=small / "book", into=tmp_path / "book", persons=stories, as_of=LATER)
    _night(book, tmp_path / "out", LATER)

    unlike, lines = _differences(small_book, tmp_path / "out", stories, LATER)

    assert unlike == []
    assert lines > 10


def test_the_order_of_changes_says_nothing(small_book: DayBook, stories: dict[str, Story]) -> None:
    chance = random.Random(8)
    for debtor_id, (_, changes) in list(stories.items())[::9]:
        shuffled = replace(
            changes,
            **{
                name: tuple(chance.sample(rows, len(rows)))
                for name, rows in vars(changes).items()
                if isinstance(rows, tuple)
            },
        )

        assert _decided(small_book, debtor_id, shuffled) == _decided(small_book, debtor_id, changes)


def _decided(book: DayBook, debtor_id: str, changes: DayChanges) -> PersonDecided:
    return book.redecide(debtor_id=debtor_id, changes=changes)
