"""What staff record of a debtor, and the decision of the day."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.apps.portfolio.conftest import altered, where

from recoup.apps.compliance.models import AuditEntry
from recoup.apps.people.permissions import MACHINE, Actor, NotAllowed, NotFound
from recoup.apps.portfolio import actions, queries
from recoup.apps.portfolio.events import ContactPointJudged, DebtorRedecided, HoldLifted, HoldSet
from recoup.apps.portfolio.models import Contract, Debtor
from recoup.apps.portfolio.queries import IncomeLine, PublicationCard
from recoup.engine.day import DayBook, DayChanges, DayReceipt, PersonDecided
from recoup.events import bus
from recoup.kernel.refusal import Stale

MakeDebtor = Callable[..., Debtor]
ActAs = Callable[..., Actor]
ON = date(2026, 11, 20)
WAGES = IncomeLine(side="income", code="wages", amount_minor=800_000)
FOOD = IncomeLine(side="expense", code="food", amount_minor=200_000)


@dataclass
class Heard:
    """Events of a kind, in order."""

    events: list[Any]


@contextmanager
def hearing(kind: type[Any]) -> Iterator[Heard]:
    """Hear the events of a kind instead of the rooms above."""
    heard, before = Heard([]), bus._listeners.get(kind, [])
    bus._listeners[kind] = [heard.events.append]
    try:
        yield heard
    finally:
        bus._listeners[kind] = before


@pytest.fixture
def collector(act_as: ActAs) -> Actor:
    return act_as("collector")


@pytest.fixture
def decided(published_bank: PublicationCard, night_result: Path) -> PersonDecided:
    """The person with the largest arrears, decided after paying all of them."""
    worst = Debtor.objects.filter(overdue_contracts=1, worst_dpd__gt=0).order_by("pk")[0]
    loan = Contract.objects.get(debtor=worst, dpd__gt=0)
    due = queries.contract_cards([loan.pk])[loan.pk].overdue_minor
    assert due is not None
    receipt = DayReceipt(payment_id="X1", contract_id=loan.pk, paid_on=ON, amount_minor=due)
    book = DayBook(result=night_result)
    try:
        return book.redecide(debtor_id=worst.pk, changes=DayChanges(receipts=(receipt,)))
    finally:
        book.close()


def test_a_decision_of_the_day_takes_the_place_of_the_nights(
    decided: PersonDecided, at: datetime
) -> None:
    debtor_id = str(decided.person["debtor_id"])
    actions.want_redecision(debtor_id=debtor_id, at=at)

    with hearing(DebtorRedecided) as heard:
        card = actions.publish_person(actor=MACHINE, decided=decided, at=at)

    assert (card.worst_dpd, card.overdue_contracts) == (0, 0)
    assert not card.redecision_pending
    assert card.redecided_at == at
    assert [event.debtor_id for event in heard.events] == [debtor_id]
    for row in decided.decisions:
        contract = Contract.objects.get(pk=str(row["contract_id"]))
        assert (contract.dpd, contract.bucket) == (row["dpd"], row["bucket"])
    entry = AuditEntry.objects.get(verb="redecide")
    assert entry.after["worst_dpd"] == 0
    assert entry.before["worst_dpd"] > 0


def test_the_next_night_overwrites_the_decision_of_the_day(
    decided: PersonDecided, night_with: Callable[..., Path], at: datetime, tomorrow: date
) -> None:
    debtor_id = str(decided.person["debtor_id"])
    before = Debtor.objects.get(pk=debtor_id)
    actions.publish_person(actor=MACHINE, decided=decided, at=at)

    card = actions.publish_night(actor=MACHINE, result=night_with(as_of=tomorrow), at=at)

    after = Debtor.objects.get(pk=debtor_id)
    assert (after.worst_dpd, after.treatment) == (before.worst_dpd, before.treatment)
    assert after.redecided_at is None
    assert card.counts["debtor"]["changed"] == 1


def test_a_decision_from_an_older_night_is_refused(
    decided: PersonDecided, night_with: Callable[..., Path], at: datetime, tomorrow: date
) -> None:
    mine = where(debtor_id=decided.person["debtor_id"])
    night = night_with({"people.parquet": altered(mine, priority=1)}, as_of=tomorrow)
    actions.publish_night(actor=MACHINE, result=night, at=at)

    with pytest.raises(actions.OlderDecision, match="is of 2026-11-20"):
        actions.publish_person(actor=MACHINE, decided=decided, at=at)


def test_a_statement_is_kept_in_versions_and_the_latest_counts(
    collector: Actor, make_contract: Callable[..., Contract], at: datetime
) -> None:
    contract = make_contract()
    debtor_id = contract.debtor_id

    for wages in (800_000, 500_000):
        actions.record_income_statement(
            actor=collector,
            debtor_id=debtor_id,
            stated_on=ON,
            currency="CNY",
            lines=[IncomeLine(side="income", code="wages", amount_minor=wages), FOOD],
            at=at,
        )

    assert [one.version for one in queries.income_of(debtor_id)] == [2, 1]
    found = queries.affordability_of(debtor_id, ON)
    assert found is not None
    assert found.instalments_minor == 1_030_000
    assert found.free_minor == 500_000 - 200_000 - 1_030_000


def test_the_later_of_two_who_write_a_statement_is_told(
    collector: Actor, make_debtor: MakeDebtor, at: datetime
) -> None:
    debtor = make_debtor()
    stated: dict[str, Any] = {"debtor_id": debtor.pk, "stated_on": ON, "currency": "CNY", "at": at}
    stated |= {"actor": collector, "lines": [WAGES, FOOD], "version_seen": 0}
    actions.record_income_statement(**stated)

    with pytest.raises(Stale, match="was changed by"):
        actions.record_income_statement(**stated)

    assert len(queries.income_of(debtor.pk)) == 1


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [IncomeLine(side="income", code="lottery", amount_minor=1)],
        [IncomeLine(side="wish", code="wages", amount_minor=1)],
        [IncomeLine(side="income", code="wages", amount_minor=-1)],
        [WAGES] * 61,
    ],
)
def test_a_statement_that_makes_no_sense_is_refused(
    lines: list[IncomeLine], collector: Actor, make_debtor: MakeDebtor, at: datetime
) -> None:
    with pytest.raises(actions.WrongEntry):
        actions.record_income_statement(
            actor=collector,
            debtor_id=make_debtor().pk,
            stated_on=ON,
            currency="CNY",
            lines=lines,
            at=at,
        )


def test_a_circumstance_may_be_the_cause_and_is_in_the_trail(
    collector: Actor, make_debtor: MakeDebtor, at: datetime
) -> None:
    debtor = make_debtor()

    made = actions.record_circumstance(
        actor=collector, debtor_id=debtor.pk, code="illness", is_cause=True, at=at
    )

    assert queries.circumstances_of(debtor.pk) == (made,)
    assert AuditEntry.objects.get(verb="record_circumstance").debtor_id == debtor.pk
    with pytest.raises(actions.WrongEntry):
        actions.record_circumstance(actor=collector, debtor_id=debtor.pk, code="bad luck", at=at)


def test_a_number_is_judged_once_and_the_second_judge_is_told(
    collector: Actor, make_debtor: MakeDebtor, at: datetime
) -> None:
    point = actions.add_contact_point(
        actor=collector,
        debtor_id=make_debtor().pk,
        kind="phone",
        value="+86 138-1234 0000",
        source="debtor",
        at=at,
    )
    assert point.value == "+8613812340000"
    judged = {"contact_point_id": point.contact_point_id, "version": 1, "at": at}

    with hearing(ContactPointJudged) as heard:
        actions.judge_contact_point(actor=collector, is_valid=False, **judged)
    with pytest.raises(Stale):
        actions.judge_contact_point(actor=collector, is_valid=True, **judged)

    assert [event.is_valid for event in heard.events] == [False]
    assert queries.contact_points_of(point.debtor_id)[0].is_valid is False


def test_a_traced_number_says_when_it_was_found_and_on_what_lawful_basis(
    collector: Actor, make_debtor: MakeDebtor, at: datetime
) -> None:
    traced = {"kind": "phone", "value": "13812340000", "source": "public", "at": at}
    debtor_id = make_debtor().pk

    for lacking in ({}, {"basis": "the register"}, {"found_on": ON}):
        with pytest.raises(actions.WrongEntry):
            actions.add_contact_point(actor=collector, debtor_id=debtor_id, **traced, **lacking)
    with pytest.raises(actions.WrongEntry):
        actions.add_contact_point(
            actor=collector,
            debtor_id=debtor_id,
            **traced,
            basis="the register of companies",
            found_on=ON + timedelta(days=1),
        )
    point = actions.add_contact_point(
        actor=collector,
        debtor_id=debtor_id,
        **traced,
        basis="the register of companies",
        found_on=ON,
    )

    assert (point.found_on, point.basis) == (ON, "the register of companies")
    assert point.added_by_id == collector.staff_id
    told = AuditEntry.objects.get(verb="add_contact_point").after
    assert told["basis"] == "the register of companies"


@pytest.mark.parametrize(
    ("kind", "value"),
    [("phone", "call me"), ("phone", "12"), ("email", "nobody"), ("address", "x"), ("pigeon", "a")],
)
def test_what_is_no_number_and_no_address_is_refused(
    kind: str, value: str, collector: Actor, make_debtor: MakeDebtor, at: datetime
) -> None:
    with pytest.raises(actions.WrongEntry):
        actions.add_contact_point(
            actor=collector,
            debtor_id=make_debtor().pk,
            kind=kind,
            value=value,
            source="debtor",
            at=at,
        )


def test_a_collector_sets_a_hold_and_only_a_senior_lifts_it(
    collector: Actor, act_as: ActAs, make_debtor: MakeDebtor, at: datetime
) -> None:
    debtor = make_debtor()

    with hearing(HoldSet) as were_set:
        hold = actions.set_hold(
            actor=collector, debtor_id=debtor.pk, kind="dispute", why="the fee", from_on=ON, at=at
        )
    lift = {"hold_id": hold.hold_id, "why": "settled", "on": ON, "at": at}
    with pytest.raises(NotAllowed):
        actions.lift_hold(actor=collector, **lift)
    with hearing(HoldLifted) as were_lifted:
        actions.lift_hold(actor=act_as("senior_collector"), **lift)

    assert queries.holds_of(debtor.pk, on=ON) == ()
    assert [event.hold_id for event in (*were_set.events, *were_lifted.events)] == [
        hold.hold_id,
        hold.hold_id,
    ]
    with pytest.raises(actions.WrongEntry, match="was lifted"):
        actions.lift_hold(actor=act_as("senior_collector"), **lift)


def test_a_hold_on_a_contract_of_somebody_else_is_not_found(
    collector: Actor, make_debtor: MakeDebtor, make_contract: Callable[..., Contract], at: datetime
) -> None:
    other = make_contract()

    with pytest.raises(NotFound):
        actions.set_hold(
            actor=collector,
            debtor_id=make_debtor("D-mine").pk,
            contract_id=other.pk,
            kind="dispute",
            why="x",
            from_on=ON,
            at=at,
        )


def test_nobody_acts_upon_a_debtor_out_of_scope_and_an_auditor_upon_none(
    act_as: ActAs, make_debtor: MakeDebtor, at: datetime
) -> None:
    debtor = make_debtor(team="T1")
    act = {"debtor_id": debtor.pk, "code": "illness", "at": at}

    with pytest.raises(NotFound):
        actions.record_circumstance(actor=act_as("collector", team="T2"), **act)
    with pytest.raises(NotAllowed):
        actions.record_circumstance(actor=act_as("auditor", scope=("bank", "")), **act)


def test_a_page_of_a_debtor_takes_a_fixed_number_of_queries(
    collector: Actor,
    make_contract: Callable[..., Contract],
    django_assert_max_num_queries: Callable[[int], Any],
    at: datetime,
) -> None:
    contract = make_contract()
    for _ in range(5):
        make_contract(debtor=contract.debtor)
        actions.record_circumstance(
            actor=collector, debtor_id=contract.debtor_id, code="illness", at=at
        )
    actions.record_income_statement(
        actor=collector,
        debtor_id=contract.debtor_id,
        stated_on=ON,
        currency="CNY",
        lines=[WAGES, FOOD],
        at=at,
    )

    with django_assert_max_num_queries(16):
        page = queries.debtor_page(collector, contract.debtor_id, ON)

    assert len(page.contracts) == 6
    assert page.affordability is not None
    assert datetime(2026, 11, 20, 2, tzinfo=UTC) == page.circumstances[0].made_at
