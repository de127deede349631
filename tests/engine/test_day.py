"""The day decision: one person decided as the night would have, with what happened since."""

import json
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.book.books import write_csv
from tests.conftest import DEMO_AS_OF
from tests.engine.day_stories import Luck, changed_book
from tests.engine.stories import Loan, book_of, debtor, run

from recoup.engine import person_flow
from recoup.engine.day import (
    NO_CHANGES,
    BadChange,
    ChangeContradicts,
    ContractOfAnother,
    DayBeforeNight,
    DayBook,
    DayChanges,
    DayContact,
    DayHold,
    DayPromise,
    DayReceipt,
    DayRefused,
    NoSuchContract,
    NoSuchDebtor,
    NoSuchHold,
    NoSuchPayment,
    PersonRows,
    RowsRefused,
)
from recoup.kernel.explain import render
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


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A smaller demo bank, with its night in ``out``."""
    folder = tmp_path_factory.mktemp("small-bank")
    assert main(["demo", "--loans", "700", "--seed", "23", "--out", str(folder)]) == 0
    _night(folder / "book", folder / "out")
    return folder


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


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A night on two debtors: D1 owes C1 for 20 days and C3 in a plan, D2 owes C2."""
    folder = tmp_path_factory.mktemp("told")
    loans = [Loan("C1", "D1", 20), Loan("C2", "D2", 5), Loan("C3", "D1", 0)]
    book = book_of(
        debtors=[debtor("D1", "retail"), debtor("D2", "retail")],
        loans=loans,
        payments=[
            _payment("P1", "C1", AS_OF - timedelta(days=30), "1000.00"),
            _payment("P2", "C1", AS_OF + timedelta(days=2), "1000.00", reverses="P1"),
        ],
        holds=[_hold_row("D2", "dispute", AS_OF - timedelta(days=3))],
        contacts=[_contact_row(n, "D2", AS_OF - timedelta(days=6)) for n in range(7)],
    )
    run(write_csv(book, folder / "book"), folder / "out", status=0)
    return folder / "out"


@pytest.fixture(scope="module")
def told_book(told: Path) -> DayBook:
    """That night, open for the day."""
    return DayBook(result=told)


def _payment(
    payment_id: str, contract_id: str, paid_on: date, amount: str, reverses: str | None = None
) -> dict[str, str | None]:
    return {
        "payment_id": payment_id,
        "contract_id": contract_id,
        "paid_on": paid_on.isoformat(),
        "amount": amount,
        "reverses": reverses,
    }


def _hold_row(debtor_id: str, kind: str, from_on: date) -> dict[str, str | None]:
    return {"debtor_id": debtor_id, "kind": kind, "from": from_on.isoformat()}


def _contact_row(number: int, debtor_id: str, on: date) -> dict[str, str | None]:
    return {
        "contact_id": f"K{number}",
        "debtor_id": debtor_id,
        "at": f"{on.isoformat()}T10:0{number}:00+08:00",
        "channel": "call",
        "direction": "out",
    }


def _night(book: Path, out: Path, as_of: date = AS_OF) -> None:
    command = ["night", "--book", str(book), "--as-of", as_of.isoformat(), "--pack", "cn"]
    options = ["--strategy", "example", "--out", str(out), "--quiet", "--max-bad", "20%"]
    assert main([*command, *options]) == 1, "the demo bank has rows spoilt on purpose"


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


def _differences(
    book: DayBook, out: Path, changes: dict[str, DayChanges], as_of: date | None = None
) -> tuple[list[str], int]:
    """Persons whom the day decides otherwise than a night; how many lines were compared."""
    decisions = _by_debtor(out / "decisions.parquet")
    people = _by_debtor(out / "people.parquet")
    worklist = _by_debtor(out / "worklist.parquet")
    unlike, lines = [], 0
    for debtor_id, own in changes.items():
        decided = book.redecide(debtor_id=debtor_id, changes=own, as_of=as_of)
        if list(decided.decisions) != decisions.get(debtor_id, []):
            unlike.append(f"{debtor_id}: decisions")
        if [decided.person] != people[debtor_id]:
            unlike.append(f"{debtor_id}: person")
        for line in worklist.get(debtor_id, []):
            lines += 1
            if decided.worklist != {name: line[name] for name in line if name != "rank"}:
                unlike.append(f"{debtor_id}: worklist")
    return unlike, lines


def _changes(stories: dict[str, Story]) -> dict[str, DayChanges]:
    return {debtor_id: changes for debtor_id, (_, changes) in stories.items()}


def test_without_changes_the_day_decides_as_the_night_did(book: DayBook, demo_result: Path) -> None:
    everybody = list(_by_debtor(demo_result / "people.parquet"))
    chosen = sorted({*everybody[::STEP], *_odd_persons(demo_result)})

    unlike, lines = _differences(book, demo_result, dict.fromkeys(chosen, NO_CHANGES))

    assert unlike == []
    assert len(chosen) > 300
    assert lines > 20


@pytest.mark.slow
def test_without_changes_the_day_decides_everybody_as_the_night_did(
    book: DayBook, demo_result: Path
) -> None:
    everybody = list(_by_debtor(demo_result / "people.parquet"))

    unlike, _ = _differences(book, demo_result, dict.fromkeys(everybody, NO_CHANGES))

    assert unlike == []


def test_changes_of_the_day_decide_as_a_night_on_a_book_that_had_them(
    small: Path, small_book: DayBook, stories: dict[str, Story], tmp_path: Path
) -> None:
    book = changed_book(book=small / "book", into=tmp_path / "book", persons=stories, as_of=AS_OF)
    _night(book, tmp_path / "out")

    unlike, lines = _differences(small_book, tmp_path / "out", _changes(stories))

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

    unlike, lines = _differences(small_book, tmp_path / "out", _changes(stories), LATER)

    assert unlike == []
    assert lines > 10


def test_the_engine_decides_persons_with_many_loans_as_plain_python_decides_the_others(
    small: Path, stories: dict[str, Story], monkeypatch: pytest.MonkeyPatch
) -> None:
    some = dict(list(_changes(stories).items())[::12])
    plain = DayBook(result=small / "out")
    expected = {one: plain.redecide(debtor_id=one, changes=own) for one, own in some.items()}
    monkeypatch.setattr(person_flow, "MOST_LOANS", -1)
    engine = DayBook(result=small / "out")

    found = {one: engine.redecide(debtor_id=one, changes=own) for one, own in some.items()}

    assert found == expected


def test_the_order_of_changes_says_nothing(small_book: DayBook, stories: dict[str, Story]) -> None:
    chance = random.Random(8)
    for debtor_id, changes in list(_changes(stories).items())[::9]:
        rows = {name: one for name, one in vars(changes).items() if isinstance(one, tuple)}
        mixed = {name: tuple(chance.sample(one, len(one))) for name, one in rows.items()}

        found = small_book.redecide(debtor_id=debtor_id, changes=replace(changes, **mixed))

        assert found == small_book.redecide(debtor_id=debtor_id, changes=changes)


def test_several_threads_decide_as_one(small_book: DayBook, stories: dict[str, Story]) -> None:
    some = list(_changes(stories).items())[:24]

    def decide(story: tuple[str, DayChanges]) -> object:
        return small_book.redecide(debtor_id=story[0], changes=story[1])

    with ThreadPoolExecutor(max_workers=4) as pool:
        together = list(pool.map(decide, some))

    assert together == [decide(story) for story in some]


def _receipt(payment_id: str = "P9", contract_id: str = "C1", **more: object) -> DayReceipt:
    given = {"paid_on": AS_OF, "amount_minor": 100_000, **more}
    return DayReceipt(payment_id=payment_id, contract_id=contract_id, **given)


def test_a_payment_in_full_takes_the_person_off_the_worklist(told_book: DayBook) -> None:
    before = told_book.redecide(
        debtor_id="D1", changes=DayChanges(reversed_payment_ids=frozenset({"P1"}))
    )

    after = told_book.redecide(debtor_id="D1", changes=NO_CHANGES)

    assert [row["dpd"] for row in before.decisions] == [20, 0]
    assert before.worklist is not None
    assert [row["dpd"] for row in after.decisions] == [0, 0]
    assert after.worklist is None


def test_a_receipt_counts_from_its_own_day(told_book: DayBook) -> None:
    tomorrow = AS_OF + timedelta(days=1)
    changes = DayChanges(
        reversed_payment_ids=frozenset({"P1"}), receipts=(_receipt(paid_on=tomorrow),)
    )

    today = told_book.redecide(debtor_id="D1", changes=changes)
    then = told_book.redecide(debtor_id="D1", changes=changes, as_of=tomorrow)

    assert today.decisions[0]["dpd"] == 20
    assert then.decisions[0]["dpd"] == 0


def test_a_promise_withdrawn_at_the_desk_is_no_broken_one_though_the_book_has_it(
    book: DayBook, demo_result: Path
) -> None:
    columns = ["debtor_id", "broken_promises_6m"]
    rows = pq.read_table(demo_result / "decisions.parquet", columns=columns).to_pylist()
    debtor_id = next(row["debtor_id"] for row in rows if row["broken_promises_6m"])
    ids = frozenset(str(row["promise_id"]) for row in book.rows_of(debtor_id=debtor_id).promises)

    before = book.redecide(debtor_id=debtor_id, changes=NO_CHANGES)
    after = book.redecide(debtor_id=debtor_id, changes=DayChanges(withdrawn_promise_ids=ids))

    assert max(row["broken_promises_6m"] for row in before.decisions) > 0
    assert {row["broken_promises_6m"] for row in after.decisions} == {0}


def test_a_reversal_of_a_day_receipt_leaves_things_as_they_were(told_book: DayBook) -> None:
    receipt = _receipt(contract_id="C2")
    taken_back = DayChanges(receipts=(receipt,), reversed_payment_ids=frozenset({"P9"}))

    paid = told_book.redecide(debtor_id="D2", changes=DayChanges(receipts=(receipt,)))
    found = told_book.redecide(debtor_id="D2", changes=taken_back)

    assert paid.decisions[0]["dpd"] == 0
    assert found == told_book.redecide(debtor_id="D2", changes=NO_CHANGES)


def test_a_reversal_that_the_book_dates_ahead_comes_into_force_on_its_day(
    told_book: DayBook,
) -> None:
    def dpd(days: int) -> object:
        day = AS_OF + timedelta(days=days)
        return told_book.redecide(debtor_id="D1", changes=NO_CHANGES, as_of=day).decisions[0]["dpd"]

    assert [dpd(days) for days in range(4)] == [0, 0, 22, 23]


def test_a_cap_that_is_free_tomorrow_still_holds_today(told_book: DayBook) -> None:
    # Seven calls six days ago: with today's call there would be eight in seven days.
    lifted = DayHold(
        kind="dispute",
        contract_id=None,
        from_on=AS_OF - timedelta(days=3),
        until_on=None,
        channel=None,
    )
    changes = DayChanges(lifted_holds=(lifted,))

    tomorrow = told_book.redecide(debtor_id="D2", changes=changes)
    today = told_book.redecide(debtor_id="D2", changes=changes, contact_on=AS_OF)

    assert "call" in tomorrow.person["permitted_channels"]
    assert "call" not in today.person["permitted_channels"]


def test_a_hold_of_the_day_stops_contact_and_lifting_it_frees_it(told_book: DayBook) -> None:
    hold = DayHold(kind="complaint", contract_id=None, from_on=AS_OF, until_on=None, channel=None)

    held = told_book.redecide(debtor_id="D1", changes=DayChanges(holds=(hold,)))
    free = told_book.redecide(debtor_id="D1", changes=NO_CHANGES)

    assert held.person["permitted_channels"] == []
    assert "call" in free.person["permitted_channels"]


def test_a_row_that_the_book_has_already_counts_once(told_book: DayBook) -> None:
    same = _receipt(payment_id="P1", paid_on=AS_OF - timedelta(days=30))

    found = told_book.redecide(debtor_id="D1", changes=DayChanges(receipts=(same, same)))

    assert found == told_book.redecide(debtor_id="D1", changes=NO_CHANGES)


def test_what_follows_a_later_night_in_the_same_place_is_still_the_night_that_was_opened(
    tmp_path: Path,
) -> None:
    loans = [Loan("C1", "D1", 20)]
    first = book_of(debtors=[debtor("D1", "retail")], loans=loans)
    run(write_csv(first, tmp_path / "first"), tmp_path / "out", status=0)
    opened = DayBook(result=tmp_path / "out")
    second = book_of(debtors=[debtor("D1", "retail")], loans=[Loan("C1", "D1", 95)])
    run(write_csv(second, tmp_path / "second"), tmp_path / "out", status=0)

    found = opened.redecide(debtor_id="D1", changes=NO_CHANGES)

    assert found.decisions[0]["dpd"] == 20
    assert DayBook(result=tmp_path / "out").rows_of(debtor_id="D1").contracts


def test_the_explanation_tells_the_receipt_of_the_day(told_book: DayBook) -> None:
    changes = DayChanges(receipts=(_receipt(payment_id="P9", contract_id="C2"),))

    story = told_book.explain(contract_id="C2", changes=changes)

    for language, fault in (("zh", "警告"), ("en", "Warning")):
        text = render(explanation=story, language=language)
        assert "P9" in text
        assert fault not in text, "plain Python decides alike"


def test_the_trace_tells_where_each_unit_went(told_book: DayBook) -> None:
    changes = DayChanges(receipts=(_receipt(contract_id="C2", amount_minor=30_000),))

    traced = told_book.trace(contract_id="C2", changes=changes)

    assert [(one.payment_id, one.part, one.amount_minor) for one in traced.pieces] == [
        ("P9", "principal", 30_000)
    ]
    assert traced.trace.overdue_principal_minor == 70_000


def test_a_contract_with_refused_rows_has_no_trace(book: DayBook, demo_result: Path) -> None:
    rows = pq.read_table(demo_result / "decisions.parquet").to_pylist()
    lost = next(row for row in rows if row["asset_class_unknown_why"] == "rows_refused")

    with pytest.raises(RowsRefused, match=lost["contract_id"]):
        book.trace(contract_id=lost["contract_id"], changes=NO_CHANGES)

    assert book.explain(contract_id=lost["contract_id"], changes=NO_CHANGES).sections


def test_the_rows_of_a_person_are_those_of_the_normal_form(told_book: DayBook) -> None:
    rows = told_book.rows_of(debtor_id="D1")

    assert rows.debtor["debtor_id"] == "D1"
    assert [row["contract_id"] for row in rows.contracts] == ["C1", "C3"]
    assert [(row["contract_id"], row["payment_id"]) for row in rows.payments] == [("C1", "P1")]
    assert [row["contract_id"] for row in rows.instalments] == ["C1", "C3"]
    assert told_book.rows_of(debtor_id="D2").holds[0]["contract_id"] is None


def test_the_day_book_knows_its_night(told_book: DayBook, told: Path) -> None:
    told_book.warm_up()

    assert told_book.as_of == AS_OF
    assert told_book.manifest == json.loads((told / "manifest.json").read_text(encoding="utf-8"))
    assert (told_book.pack.id, told_book.strategy.id) == ("cn", "example")
    assert told_book.holds_person("D1")
    assert not told_book.holds_person("D3")


def _contact(**more: object) -> DayContact:
    given = {
        "contact_id": "K99",
        "contract_id": None,
        "at": datetime(2026, 11, 20, 2, tzinfo=UTC),
        "channel": "call",
        "direction": "out",
        "party": None,
        "number": None,
        "purpose": None,
        "outcome": None,
    }
    return DayContact(**{**given, **more})


def _promise(**more: object) -> DayPromise:
    given = {"promise_id": "Q9", "contract_id": None, "made_on": AS_OF, "due_on": AS_OF}
    return DayPromise(**{**given, "amount_minor": 100, **more})


def _hold(**more: object) -> DayHold:
    given = {"kind": "dispute", "contract_id": None, "from_on": AS_OF, "until_on": None}
    return DayHold(**{**given, "channel": None, **more})


@pytest.mark.parametrize(
    ("changes", "error", "named"),
    [
        (DayChanges(receipts=(_receipt(contract_id="C2"),)), ContractOfAnother, "C2"),
        (DayChanges(promises=(_promise(contract_id="C0"),)), ContractOfAnother, "C0"),
        (DayChanges(reversed_payment_ids=frozenset({"P7"})), NoSuchPayment, "P7"),
        (DayChanges(lifted_holds=(_hold(),)), NoSuchHold, "dispute"),
        (DayChanges(receipts=(_receipt(payment_id="P1"),)), ChangeContradicts, "P1"),
        (
            DayChanges(receipts=(_receipt(), _receipt(amount_minor=5))),
            ChangeContradicts,
            "P9",
        ),
        (DayChanges(receipts=(_receipt(amount_minor=0),)), BadChange, "P9"),
        (DayChanges(receipts=(_receipt(amount_minor=10**18),)), BadChange, "P9"),
        (DayChanges(receipts=(_receipt(payment_id=""),)), BadChange, "payments"),
        (
            DayChanges(
                receipts=tuple(_receipt(f"P9{n}", amount_minor=10**18 - 1) for n in range(3))
            ),
            BadChange,
            "P9",
        ),
        (DayChanges(promises=(_promise(due_on=date(2026, 11, 19)),)), BadChange, "Q9"),
        (DayChanges(contacts=(_contact(channel="fax"),)), BadChange, "fax"),
        (DayChanges(contacts=(_contact(party="nobody"),)), BadChange, "nobody"),
        (DayChanges(contacts=(_contact(at=datetime(2026, 11, 20, 2)),)), BadChange, "K99"),  # noqa: DTZ001
        (DayChanges(holds=(_hold(kind="whim"),)), BadChange, "whim"),
        (DayChanges(holds=(_hold(until_on=date(2026, 11, 1)),)), BadChange, "2026-11-01"),
    ],
)
def test_a_change_that_cannot_be_is_refused_by_name(
    told_book: DayBook, changes: DayChanges, error: type[DayRefused], named: str
) -> None:
    with pytest.raises(error) as refused:
        told_book.redecide(debtor_id="D1", changes=changes)

    assert named in refused.value.zh
    assert named in refused.value.en


def test_unknown_ids_and_an_earlier_day_are_refused_by_name(told_book: DayBook) -> None:
    with pytest.raises(NoSuchDebtor, match="D-nobody") as nobody:
        told_book.redecide(debtor_id="D-nobody", changes=NO_CHANGES)
    with pytest.raises(NoSuchContract, match="C-none"):
        told_book.explain(contract_id="C-none", changes=NO_CHANGES)
    with pytest.raises(DayBeforeNight, match="2026-11-19"):
        told_book.redecide(debtor_id="D1", changes=NO_CHANGES, as_of=date(2026, 11, 19))
    with pytest.raises(DayBeforeNight, match="2026-11-19"):
        told_book.redecide(debtor_id="D1", changes=NO_CHANGES, contact_on=date(2026, 11, 19))

    assert "D-nobody" in nobody.value.zh


@pytest.mark.parametrize(("pack", "as_of"), [("zz", "2025-08-31"), ("cn", "2024-12-31")])
def test_every_statement_has_a_plain_form_and_says_the_same_under_other_law(
    tmp_path: Path, pack: str, as_of: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["demo", "--loans", "120", "--seed", "5", "--out", str(tmp_path)]) == 0
    night = ["night", "--book", str(tmp_path / "book"), "--out", str(tmp_path / "out"), "--quiet"]
    policy = ["--as-of", as_of, "--pack", pack, "--strategy", "example", "--max-bad", "20%"]
    assert main([*night, *policy]) == 1
    refused: list[object] = []
    monkeypatch.setattr(
        person_flow.PersonFlow, "note_refused", lambda self, why: refused.append(why)
    )
    book = DayBook(result=tmp_path / "out")
    everybody = dict.fromkeys(_by_debtor(tmp_path / "out" / "people.parquet"), NO_CHANGES)

    unlike, _ = _differences(book, tmp_path / "out", everybody)

    assert unlike == []
    assert refused == []
