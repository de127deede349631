"""A person is decided anew after every act by day; no act is lost to a decision that fails."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from recoup.apps.arrangements.actions import record_promise, rematch_lapsed, withdraw_promise
from recoup.apps.arrangements.models import Promise
from recoup.apps.arrangements.queries import PromiseCard
from recoup.apps.closing import redecision
from recoup.apps.closing.models import Redecision
from recoup.apps.closing.redecision import (
    day_changes,
    is_pending,
    on_night_published,
    redecide,
    redecide_outstanding,
    want,
)
from recoup.apps.ledger.actions import post_receipt
from recoup.apps.people.permissions import Actor
from recoup.apps.portfolio.actions import set_hold
from recoup.apps.portfolio.models import Contract, Debtor
from recoup.apps.portfolio.queries import PublicationCard
from recoup.engine.refusal import DayRefused
from recoup.events.clock import Clock, clock_of_jobs

MakeActor = Callable[..., Actor]
Commit = Callable[..., Any]
AS_OF = date(2026, 11, 20)


@pytest.fixture
def clock(at: datetime) -> Clock:
    """The clock of the business date."""
    return replace(clock_of_jobs(), instant=lambda: at + timedelta(minutes=1))


@pytest.fixture(autouse=True)
def _on_the_business_date(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redecision, "clock_of_jobs", lambda: clock)


@pytest.fixture
def owed(published_bank: PublicationCard) -> Contract:
    """A contract with arrears for which its person is called, and the only one."""
    rows = Debtor.objects.filter(
        treatment="call", overdue_contracts=1, worst_dpd__range=(5, 60), undecided_contracts=0
    )
    debtor = rows.order_by("pk").first()
    assert debtor is not None
    return Contract.objects.get(debtor=debtor, dpd__gt=0, currency="CNY")


def _overdue(contract: Contract) -> int:
    parts = ("principal", "interest", "fee")
    return sum(getattr(contract, f"overdue_{part}_minor") for part in parts)


@pytest.fixture
def head(act_as: MakeActor) -> Actor:
    """A supervisor of the whole bank."""
    return act_as("supervisor", scope=("bank", ""))


def test_a_receipt_that_clears_the_arrears_takes_the_call_away(
    owed: Contract, head: Actor, at: datetime, django_capture_on_commit_callbacks: Commit
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        _pay(head, owed, minor=_overdue(owed), at=at)

    debtor = Debtor.objects.get(pk=owed.debtor_id)
    assert (debtor.worst_dpd, debtor.overdue_base_minor) == (0, 0)
    assert debtor.treatment != "call"
    assert debtor.redecided_at == at + timedelta(minutes=1)
    assert not debtor.redecision_pending
    assert not is_pending(owed.debtor_id)
    owed.refresh_from_db()
    assert owed.dpd == 0


def _pay(actor: Actor, contract: Contract, *, minor: int, at: datetime, key: str = "k1") -> None:
    post_receipt(
        actor=actor,
        idempotency_key=key,
        contract_id=contract.pk,
        paid_on=AS_OF,
        amount_minor=minor,
        channel="transfer",
        note="",
        at=at,
    )


def test_before_the_decision_is_made_the_person_is_marked_and_the_act_is_there(
    owed: Contract, head: Actor, at: datetime, django_capture_on_commit_callbacks: Commit
) -> None:
    with django_capture_on_commit_callbacks(execute=False) as waiting:
        _pay(head, owed, minor=100, at=at)

    assert waiting
    assert Debtor.objects.get(pk=owed.debtor_id).redecision_pending
    assert is_pending(owed.debtor_id)


def test_a_decision_that_fails_leaves_the_act_and_is_made_by_the_retry(
    owed: Contract,
    head: Actor,
    at: datetime,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Commit,
) -> None:
    def refused(debtor_id: str) -> None:
        raise DayRefused(zh="暂时不行", en="not just now")

    with monkeypatch.context() as patched:
        patched.setattr(redecision, "day_changes", refused)
        with django_capture_on_commit_callbacks(execute=True):
            _pay(head, owed, minor=_overdue(owed), at=at)
        failed = Redecision.objects.get(pk=owed.debtor_id)
        assert (failed.attempts, failed.why_en) == (1, "not just now")
        assert Debtor.objects.get(pk=owed.debtor_id).redecision_pending
        assert redecide_outstanding(clock=clock) == 0, "it pauses before it tries again"

    later = replace(clock, instant=lambda: at + timedelta(minutes=5))
    assert redecide_outstanding(clock=later) == 1

    assert Debtor.objects.get(pk=owed.debtor_id).worst_dpd == 0
    assert not Redecision.outstanding().exists()


def test_a_promise_and_a_hold_change_what_is_done(
    owed: Contract, head: Actor, at: datetime, django_capture_on_commit_callbacks: Commit
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        _promise(head, owed, at)
    promised = Debtor.objects.get(pk=owed.debtor_id)
    with django_capture_on_commit_callbacks(execute=True):
        set_hold(
            actor=head,
            debtor_id=owed.debtor_id,
            contract_id=None,
            kind="complaint",
            from_on=AS_OF,
            until_on=None,
            channel=None,
            why="a complaint about a call",
            at=at,
        )
    held = Debtor.objects.get(pk=owed.debtor_id)

    assert promised.treatment != "call"
    assert held.redecided_at is not None
    assert held.blocked_by


def test_a_promise_whose_time_ends_on_a_day_without_a_night_has_the_person_decided_anew(
    owed: Contract, head: Actor, at: datetime, django_capture_on_commit_callbacks: Commit
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        _promise(head, owed, at)
    wanted = Redecision.objects.get(pk=owed.debtor_id).wanted

    broken = rematch_lapsed(on=AS_OF + timedelta(days=9), at=at + timedelta(days=9))

    assert broken == 1
    assert Redecision.objects.get(pk=owed.debtor_id).wanted == wanted + 1
    assert is_pending(owed.debtor_id)


def test_a_withdrawn_promise_that_the_book_has_too_counts_for_nothing(
    owed: Contract, head: Actor, at: datetime
) -> None:
    made = _promise(head, owed, at)
    Promise.objects.update(in_book=True)
    withdraw_promise(
        actor=head, promise_id=made.promise_id, why="wrong day", version=made.version, at=at
    )

    changes = day_changes(owed.debtor_id)

    assert changes.withdrawn_promise_ids == {made.promise_id}
    assert changes.promises == ()


def _promise(actor: Actor, contract: Contract, at: datetime) -> PromiseCard:
    return record_promise(
        actor=actor,
        debtor_id=contract.debtor_id,
        contract_id=contract.pk,
        amount_minor=_overdue(contract),
        due_on=AS_OF + timedelta(days=2),
        channel="call",
        party="debtor",
        at=at,
    )


def test_an_act_during_the_decision_is_decided_for_too(
    owed: Contract, head: Actor, at: datetime, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = want(debtor_id=owed.debtor_id, at=at)
    real = redecision.day_changes

    def meanwhile(debtor_id: str) -> object:
        found = real(debtor_id)
        monkeypatch.setattr(redecision, "day_changes", real)
        want(debtor_id=debtor_id, at=at)
        return found

    monkeypatch.setattr(redecision, "day_changes", meanwhile)
    assert redecide(debtor_id=owed.debtor_id, clock=clock)

    row = Redecision.objects.get(pk=owed.debtor_id)
    assert (row.made, row.wanted) == (first, first + 1)
    assert Debtor.objects.get(pk=owed.debtor_id).redecision_pending
    assert redecide(debtor_id=owed.debtor_id, clock=clock)
    assert not Debtor.objects.get(pk=owed.debtor_id).redecision_pending


def test_an_older_decision_never_overwrites_a_newer_one(
    owed: Contract, at: datetime, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    want(debtor_id=owed.debtor_id, at=at)
    real = redecision.day_changes

    def overtaken(debtor_id: str) -> object:
        found = real(debtor_id)
        Redecision.objects.filter(pk=debtor_id).update(made=5, wanted=5)
        return found

    monkeypatch.setattr(redecision, "day_changes", overtaken)
    before = Debtor.objects.get(pk=owed.debtor_id).redecided_at

    redecide(debtor_id=owed.debtor_id, clock=clock)

    assert Debtor.objects.get(pk=owed.debtor_id).redecided_at == before


def test_a_new_night_wants_everybody_anew_of_whom_the_desk_knows_more(
    owed: Contract, at: datetime, clock: Clock
) -> None:
    want(debtor_id=owed.debtor_id, at=at)
    redecide(debtor_id=owed.debtor_id, clock=clock)

    on_night_published(object())

    assert Redecision.outstanding().get().after_night
    assert redecide_outstanding(clock=clock) == 1
    assert not Redecision.outstanding().exists()


def test_persons_whose_decision_fails_do_not_keep_others_waiting(
    owed: Contract, make_debtor: Callable[..., Debtor], at: datetime, clock: Clock
) -> None:
    # Debtors that the night does not know cannot be decided.
    for number in range(6):
        want(debtor_id=make_debtor(f"X{number}").pk, at=at - timedelta(minutes=1))
    want(debtor_id=owed.debtor_id, at=at)

    tried = [redecide_outstanding(clock=clock, most=1) for _ in range(8)]

    assert tried == [1, 1, 1, 1, 1, 1, 1, 0]
    assert not is_pending(owed.debtor_id)


def test_without_a_night_nothing_is_decided_and_the_reason_is_kept(
    make_debtor: Callable[..., Debtor], at: datetime, clock: Clock
) -> None:
    debtor = make_debtor()
    want(debtor_id=debtor.pk, at=at)

    assert not redecide(debtor_id=debtor.pk, clock=clock)

    assert "run a night first" in Redecision.objects.get().why_en
