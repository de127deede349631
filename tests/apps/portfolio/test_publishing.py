"""A night in the records: whole, differences only, once, and every row traceable."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.apps.portfolio.conftest import altered, where, without

from recoup.apps.compliance.models import AuditEntry
from recoup.apps.people.permissions import MACHINE, Actor, NotAllowed
from recoup.apps.portfolio import queries
from recoup.apps.portfolio.actions import (
    OlderNight,
    add_contact_point,
    keep_details,
    lift_hold,
    publish_night,
    set_collector,
    set_hold,
    want_redecision,
)
from recoup.apps.portfolio.events import NightPublished
from recoup.apps.portfolio.models import (
    BookReceipt,
    CollateralItem,
    ContactPoint,
    Contract,
    Debtor,
    Guarantor,
    Hold,
    Instalment,
    NameGram,
    Publication,
)
from recoup.apps.portfolio.queries import PublicationCard
from recoup.engine.refusal import NightRefused
from recoup.events import bus

NightWith = Callable[..., Path]
BOOK_TABLES = (Debtor, Contract, Instalment, BookReceipt, Guarantor, CollateralItem, Hold)
DECISIONS, PEOPLE = "decisions.parquet", "people.parquet"


def _everything() -> dict[str, list[dict[str, object]]]:
    tables = (*BOOK_TABLES, ContactPoint, NameGram)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in tables}


def _publish(result: Path, at: datetime, **more: bool) -> PublicationCard:
    return publish_night(actor=MACHINE, result=result, at=at, **more)


def test_a_first_night_brings_every_debtor_and_contract_as_the_night_decided_them(
    published_bank: PublicationCard, night_result: Path
) -> None:
    people = {row["debtor_id"]: row for row in pq.read_table(night_result / PEOPLE).to_pylist()}
    decisions = pq.read_table(night_result / DECISIONS).to_pylist()

    assert published_bank.counts["debtor"] == {"new": 227, "changed": 0, "gone": 0, "same": 0}
    for debtor in Debtor.objects.all():
        told = people[debtor.pk]
        assert (debtor.worst_dpd, debtor.priority) == (told["worst_dpd"], told["priority"])
        assert debtor.permitted_channels == told["permitted_channels"]
        assert debtor.next_permitted_at == told["next_permitted_at"]
    contracts = Contract.objects.in_bulk()
    assert len(contracts) == len(decisions) == 300
    for row in decisions:
        contract = contracts[row["contract_id"]]
        assert (contract.dpd, contract.bucket) == (row["dpd"], row["bucket"] or "")
        assert contract.asset_class_rules == (row["asset_class_rules"] or [])
        assert contract.exposure_minor == row["exposure_minor"]


def test_the_worklist_line_and_its_reasons_are_on_the_debtor(
    published_bank: PublicationCard, night_result: Path
) -> None:
    lines = pq.read_table(night_result / "worklist.parquet").to_pylist()

    for line in lines:
        debtor = Debtor.objects.get(pk=line["debtor_id"])
        assert (debtor.worklist_rank, debtor.worklist_why) == (line["rank"], line["why"])
        assert (debtor.worklist_why_zh, debtor.worklist_due) == (line["why_zh"], line["due"])
    assert Debtor.objects.exclude(worklist_rank=None).count() == len(lines)


def test_every_row_names_the_row_of_the_banks_file(
    published_bank: PublicationCard, night_result: Path
) -> None:
    rows = pq.read_table(night_result / "book" / "contracts.parquet").to_pylist()

    for row in rows:
        assert Contract.objects.get(pk=row["contract_id"]).source_row == row["row"]


def test_the_same_result_again_changes_nothing_and_says_so(
    published_bank: PublicationCard, night_result: Path, at: datetime
) -> None:
    before = _everything()

    again = _publish(night_result, at + timedelta(hours=1))

    assert not again.changed
    assert again.publication_id == published_bank.publication_id
    assert _everything() == before
    assert AuditEntry.objects.filter(verb="publish_night").count() == 1


def test_a_next_night_writes_the_rows_that_differ_and_no_others(
    published_bank: PublicationCard, night_with: NightWith, at: datetime, tomorrow: date
) -> None:
    changed = Contract.objects.filter(dpd__gt=0).order_by("pk")[0]
    night = night_with(
        {
            DECISIONS: altered(where(contract_id=changed.pk), dpd=77),
            PEOPLE: altered(where(debtor_id=changed.debtor_id), worst_dpd=77),
        },
        as_of=tomorrow,
    )

    card = _publish(night, at)

    assert card.counts["contract"] == {"new": 0, "changed": 1, "gone": 0, "same": 299}
    assert card.counts["debtor"] == {"new": 0, "changed": 1, "gone": 0, "same": 226}
    assert card.counts["instalment"]["rows_written"] == 0
    assert Contract.objects.get(pk=changed.pk).dpd == 77
    assert list(Contract.objects.filter(as_of=tomorrow)) == [changed]
    assert Publication.objects.get(is_current=True).as_of == tomorrow


def test_an_earlier_business_date_is_refused_unless_told(
    published_bank: PublicationCard, night_with: NightWith, at: datetime
) -> None:
    night = night_with(as_of=published_bank.as_of - timedelta(days=1))

    with pytest.raises(OlderNight, match=r"2026-11-20 already; 2026-11-19 is earlier"):
        _publish(night, at)

    assert _publish(night, at, even_if_older=True).as_of == date(2026, 11, 19)


def test_a_new_receipt_rewrites_the_receipts_of_its_contract_only(
    published_bank: PublicationCard, night_with: NightWith, at: datetime, tomorrow: date
) -> None:
    paid = BookReceipt.objects.order_by("pk")[0]
    night = night_with(
        {"book/payments.parquet": altered(where(payment_id=paid.pk), amount_minor=123)},
        as_of=tomorrow,
    )

    card = _publish(night, at)

    assert card.counts["bookreceipt"]["contracts_changed"] == 1
    assert card.counts["instalment"]["contracts_changed"] == 0
    assert BookReceipt.objects.get(pk=paid.pk).amount_minor == 123
    untouched = BookReceipt.objects.exclude(contract_id=paid.contract_id)
    assert set(untouched.values_list("as_of", flat=True)) == {published_bank.as_of}


def test_who_leaves_the_book_stays_with_unknown_figures_and_comes_back(
    published_bank: PublicationCard, night_with: NightWith, at: datetime, tomorrow: date
) -> None:
    leaving = Debtor.objects.filter(worst_dpd__gt=0).order_by("pk")[0]
    before = _everything()
    mine = where(debtor_id=leaving.pk)
    contracts = {row.pk for row in Contract.objects.filter(debtor=leaving)}
    empty_book = {
        "book/debtors.parquet": without(mine),
        "book/contracts.parquet": without(mine),
        PEOPLE: without(mine),
        DECISIONS: without(lambda row: row["contract_id"] in contracts),
        "worklist.parquet": without(mine),
    }

    _publish(_renumbered(night_with(empty_book, as_of=tomorrow)), at)

    gone = Debtor.objects.get(pk=leaving.pk)
    assert (gone.gone_on, gone.worst_dpd, gone.name) == (tomorrow, None, leaving.name)
    assert not Instalment.objects.filter(contract__debtor=leaving).exists()
    assert {row.gone_on for row in Contract.objects.filter(debtor=leaving)} == {tomorrow}
    assert leaving.pk not in {card.debtor_id for card in queries.debtors_in_arrears()}

    _publish(night_with(as_of=tomorrow + timedelta(days=1)), at)

    assert Debtor.objects.get(pk=leaving.pk).gone_on is None
    after = _everything()
    assert len(after["Instalment"]) == len(before["Instalment"])
    assert len(after["NameGram"]) == len(before["NameGram"])


def _renumbered(night: Path) -> Path:
    """Number persons and loans of a book without gaps, as the intake does."""
    book = night / "book"
    kept = {
        name: pq.read_table(book / f"{table}.parquet").column(name).to_pylist()
        for name, table in (("person", "debtors"), ("loan", "contracts"))
    }
    places = {name: {old: new for new, old in enumerate(olds)} for name, olds in kept.items()}
    for file in book.glob("*.parquet"):
        table = pq.read_table(file)
        rows = []
        for row in table.to_pylist():
            if all(row.get(name) is None or row[name] in places[name] for name in places):
                rows.append(row | {n: places[n][row[n]] for n in places if row.get(n) is not None})
        pq.write_table(type(table).from_pylist(rows, schema=table.schema), file)
    return night


def test_what_the_desk_knows_of_a_debtor_survives_the_night(
    published_bank: PublicationCard,
    night_with: NightWith,
    act_as: Callable[..., Actor],
    at: datetime,
    tomorrow: date,
) -> None:
    supervisor = act_as("supervisor", scope=("bank", ""))
    debtor = Debtor.objects.filter(worst_dpd__gt=0).order_by("pk")[0]
    set_collector(actor=supervisor, debtor_id=debtor.pk, staff_id=supervisor.staff_id, at=at)
    want_redecision(debtor_id=debtor.pk, at=at)

    _publish(
        night_with({PEOPLE: altered(where(debtor_id=debtor.pk), worst_dpd=88)}, as_of=tomorrow), at
    )

    after = Debtor.objects.get(pk=debtor.pk)
    assert (after.worst_dpd, after.collector_id) == (88, supervisor.staff_id)
    assert after.redecision_pending


def test_details_are_kept_for_people_whom_the_desk_may_meet_and_read_from_the_night_for_others(
    published_bank: PublicationCard, night_result: Path
) -> None:
    met = Debtor.objects.filter(is_detailed=True)
    other = Contract.objects.filter(debtor__is_detailed=False).order_by("pk")[0]

    assert set(Debtor.objects.filter(worst_dpd__gt=0)) <= set(met)
    assert not Instalment.objects.filter(contract=other).exists()
    assert len(queries.schedule_of(other.pk)) > 0
    assert queries.contact_points_of(other.debtor_id)[0].value == other.debtor.phone


def test_callers_see_no_difference_between_kept_details_and_those_of_the_night(
    published_bank: PublicationCard, at: datetime
) -> None:
    def told(debtor_id: str) -> list[object]:
        contracts = queries.contracts_of([debtor_id])[debtor_id]
        points = queries.contact_points_of(debtor_id)
        return [
            *(queries.schedule_of(one.contract_id) for one in contracts),
            *(queries.book_receipts_of(one.contract_id) for one in contracts),
            queries.guarantors_of(debtor_id),
            queries.collateral_of(debtor_id),
            [(point.kind, point.value, point.source, point.from_night) for point in points],
        ]

    secured = Debtor.objects.filter(is_detailed=False, contracts__gt=1).order_by("pk")
    others = list(secured)[:12]
    before = {debtor.pk: told(debtor.pk) for debtor in others}

    for debtor in others:
        keep_details(debtor_id=debtor.pk, at=at)

    assert {debtor.pk: told(debtor.pk) for debtor in others} == before
    assert any(queries.collateral_of(debtor.pk) for debtor in others)
    assert any(queries.guarantors_of(debtor.pk) for debtor in others)


def test_details_kept_for_the_desk_are_written_anew_by_the_next_night_once(
    published_bank: PublicationCard, night_with: NightWith, at: datetime, tomorrow: date
) -> None:
    debtor = Debtor.objects.filter(is_detailed=False, contracts__gt=0).order_by("pk")[0]
    keep_details(debtor_id=debtor.pk, at=at)
    before = Instalment.objects.count()

    _publish(night_with(as_of=tomorrow), at)

    assert Instalment.objects.count() == before
    assert Debtor.objects.get(pk=debtor.pk).is_detailed


def test_a_number_that_staff_added_outlives_the_book_and_one_of_the_book_does_not(
    published_bank: PublicationCard,
    night_with: NightWith,
    act_as: Callable[..., Actor],
    at: datetime,
    tomorrow: date,
) -> None:
    debtor = Debtor.objects.filter(worst_dpd__gt=0).exclude(phone="").order_by("pk")[0]
    supervisor = act_as("supervisor", scope=("bank", ""))
    add_contact_point(
        actor=supervisor,
        debtor_id=debtor.pk,
        kind="phone",
        value="15400001111",
        source="debtor",
        at=at,
    )
    renumbered = altered(where(debtor_id=debtor.pk), phone="15499999999")

    _publish(night_with({"book/debtors.parquet": renumbered}, as_of=tomorrow), at)

    points = ContactPoint.objects.filter(debtor=debtor, kind="phone")
    assert set(points.values_list("value", flat=True)) == {"15499999999", "15400001111"}


def test_a_hold_set_at_the_desk_becomes_the_books_own_and_a_lifted_one_stays_lifted(
    published_bank: PublicationCard,
    night_with: NightWith,
    act_as: Callable[..., Actor],
    at: datetime,
    tomorrow: date,
) -> None:
    supervisor = act_as("supervisor", scope=("bank", ""))
    old = Hold.objects.get()
    lift_hold(actor=supervisor, hold_id=old.pk, why="plan ended", at=at, on=published_bank.as_of)
    person = queries.debtor_cards([old.debtor_id])[old.debtor_id]
    made = set_hold(
        actor=supervisor,
        debtor_id=person.debtor_id,
        kind="dispute",
        why="disputes the fee",
        from_on=published_bank.as_of,
        at=at,
    )
    assert [one.kind for one in queries.day_holds(person.debtor_id).set] == ["dispute"]
    assert [one.kind for one in queries.day_holds(person.debtor_id).lifted] == ["plan_active"]

    def add(rows: list[dict[str, object]]) -> list[dict[str, object]]:
        more = {"kind": "dispute", "loan": None, "from_on": published_bank.as_of}
        return [*rows, rows[0] | more | {"until_on": None, "channel": None}]

    _publish(night_with({"book/holds.parquet": add}, as_of=tomorrow), at)

    after = {one.kind: one for one in queries.holds_of(person.debtor_id)}
    assert after["dispute"].hold_id == made.hold_id
    assert after["dispute"].from_night
    assert after["plan_active"].lifted_on == published_bank.as_of
    assert [one.kind for one in queries.holds_of(person.debtor_id, on=tomorrow)] == ["dispute"]


def test_readers_get_the_old_book_whole_when_a_listener_fails(
    published_bank: PublicationCard,
    night_with: NightWith,
    at: datetime,
    tomorrow: date,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(event: NightPublished) -> None:
        raise RuntimeError("a room above cannot follow")

    monkeypatch.setitem(bus._listeners, NightPublished, [fail])
    before = _everything()
    night = night_with({PEOPLE: altered(lambda row: True, worst_dpd=99)}, as_of=tomorrow)

    with pytest.raises(RuntimeError):
        _publish(night, at)

    assert _everything() == before
    assert queries.current_publication() == published_bank


def test_a_folder_that_is_no_result_is_refused_with_a_sentence(
    db: None, tmp_path: Path, at: datetime
) -> None:
    with pytest.raises(NightRefused, match="is not the result of a night"):
        _publish(tmp_path, at)


def test_a_collector_publishes_no_night(
    act_as: Callable[..., Actor], night_result: Path, at: datetime
) -> None:
    with pytest.raises(NotAllowed):
        publish_night(actor=act_as("collector"), result=night_result, at=at)
