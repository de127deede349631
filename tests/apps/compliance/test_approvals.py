"""Four eyes: the maker never checks, authority has a limit, and the asking room executes."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import IntegrityError, transaction

from recoup.apps.compliance import actions
from recoup.apps.compliance.actions.approvals import (
    AlreadyDecided,
    AlreadyWaiting,
    BeyondAuthority,
    ConflictOfInterest,
    MakerIsChecker,
    ReasonMissing,
)
from recoup.apps.compliance.events import ApprovalDecided
from recoup.apps.compliance.models import Approval, AuditEntry
from recoup.apps.compliance.permissions import NotAllowed, NotFound
from recoup.apps.compliance.queries import waiting_for
from recoup.apps.people.models import Role, Staff
from recoup.apps.people.permissions import Actor
from recoup.apps.people.queries import actor_of
from recoup.events import bus
from recoup.kernel.refusal import Refused

Act = Callable[..., Actor]


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch) -> list[ApprovalDecided]:
    heard: list[ApprovalDecided] = []
    monkeypatch.setitem(bus._listeners, ApprovalDecided, [heard.append])
    return heard


def asked(maker: Actor, at: datetime, **changed: object) -> int:
    act: dict[str, object] = {
        "kind": "reverse_receipt",
        "room": "ledger",
        "record_id": "P1",
        "debtor_id": "",
        "amount_minor": 1_000_000,
        "payload": {"payment_id": "P1"},
        "why": "posted twice",
    }
    return actions.request_approval(actor=maker, at=at, **{**act, **changed}).approval_id  # type: ignore[arg-type]


def decide(
    checker: Actor, made: int, at: datetime, *, approve: bool = True, remark: str = ""
) -> None:
    actions.decide_approval(actor=checker, approval_id=made, approve=approve, remark=remark, at=at)


def test_an_approved_act_is_told_to_the_room_that_asked(
    act_as: Act, at: datetime, executed: list[ApprovalDecided]
) -> None:
    maker, checker = act_as("collector"), act_as("supervisor")

    made = asked(maker, at)
    assert [card.approval_id for card in waiting_for(checker)] == [made]
    decide(checker, made, at)

    assert [(one.kind, one.approved, one.payload) for one in executed] == [
        ("reverse_receipt", True, {"payment_id": "P1"})
    ]
    assert (executed[0].maker_id, executed[0].checker_id) == (maker.staff_id, checker.staff_id)
    assert waiting_for(checker) == ()
    chain = AuditEntry.objects.filter(record="approval", record_id=str(made)).order_by("place")
    assert [entry.verb for entry in chain] == ["request_approval", "approve"]


def test_the_maker_is_never_the_checker(
    act_as: Act, at: datetime, executed: list[ApprovalDecided]
) -> None:
    supervisor = act_as("supervisor")
    made = asked(supervisor, at)

    with pytest.raises(MakerIsChecker):
        decide(supervisor, made, at)

    assert waiting_for(supervisor) == ()
    assert executed == []


def test_not_even_the_database_takes_a_maker_as_checker(act_as: Act, at: datetime) -> None:
    supervisor = act_as("supervisor")
    made = asked(supervisor, at)

    with pytest.raises(IntegrityError), transaction.atomic():
        Approval.objects.filter(pk=made).update(
            status="approved", checker=supervisor.staff_id, checked_at=at
        )


@pytest.mark.parametrize(("amount", "may"), [(5_000_000, True), (5_000_001, False)])
def test_authority_reaches_to_the_roles_limit_and_no_further(
    act_as: Act, at: datetime, executed: list[ApprovalDecided], amount: int, may: bool
) -> None:
    made = asked(act_as("collector"), at, amount_minor=amount)
    checker = act_as("supervisor")

    if may:
        decide(checker, made, at)
    else:
        with pytest.raises(BeyondAuthority, match=r"50000\.00"):
            decide(checker, made, at)

    assert len(executed) == int(may)


def test_what_is_beyond_authority_can_still_be_rejected(
    act_as: Act, at: datetime, executed: list[ApprovalDecided]
) -> None:
    made = asked(act_as("collector"), at, amount_minor=10**9)

    decide(act_as("supervisor"), made, at, approve=False, remark="too much")

    assert [one.approved for one in executed] == [False]


def test_the_largest_limit_of_several_roles_counts(act_as: Act, at: datetime) -> None:
    checker = act_as("supervisor")
    Staff.objects.get(pk=checker.staff_id).roles.add(Role.objects.get(code="compliance_officer"))

    assert checker.staff_id is not None
    assert actor_of(staff_id=checker.staff_id, at=at).approves_up_to_minor == 1_000_000_000


def test_without_the_duty_of_that_room_nothing_is_decided(act_as: Act, at: datetime) -> None:
    made = asked(act_as("collector"), at)

    with pytest.raises(NotAllowed, match="approve ledger"):
        decide(act_as("senior_collector"), made, at)


def test_an_approval_about_a_debtor_out_of_scope_is_not_there(act_as: Act, at: datetime) -> None:
    made = asked(act_as("collector"), at, debtor_id="D-elsewhere")
    checker = act_as("supervisor")

    assert waiting_for(checker) == ()
    with pytest.raises(NotFound):
        decide(checker, made, at)


def test_a_conflict_of_interest_decides_nothing(act_as: Act, at: datetime) -> None:
    made = asked(act_as("collector"), at, debtor_id="D1")
    checker = act_as("compliance_officer", scope=("bank", ""))
    Staff.objects.filter(pk=checker.staff_id).update(conflicts=["D1"])

    assert checker.staff_id is not None
    with pytest.raises(ConflictOfInterest):
        decide(actor_of(staff_id=checker.staff_id, at=at), made, at)


def test_a_rejection_says_why(act_as: Act, at: datetime) -> None:
    made = asked(act_as("collector"), at)

    with pytest.raises(ReasonMissing):
        decide(act_as("supervisor"), made, at, approve=False)


def test_nothing_is_decided_twice(
    act_as: Act, at: datetime, executed: list[ApprovalDecided]
) -> None:
    made = asked(act_as("collector"), at)
    decide(act_as("supervisor"), made, at)

    with pytest.raises(AlreadyDecided):
        decide(act_as("supervisor"), made, at, approve=False, remark="no")

    assert len(executed) == 1


def test_the_same_act_does_not_wait_twice_and_can_be_withdrawn(act_as: Act, at: datetime) -> None:
    maker = act_as("collector")
    made = asked(maker, at)

    with pytest.raises(AlreadyWaiting):
        asked(maker, at)
    with pytest.raises(NotFound):
        actions.withdraw_approval(actor=act_as("supervisor"), approval_id=made, remark="", at=at)
    actions.withdraw_approval(actor=maker, approval_id=made, remark="found it", at=at)

    assert asked(maker, at) != made


def test_a_refusal_of_the_executing_room_leaves_the_act_waiting(
    act_as: Act, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(decided: ApprovalDecided) -> None:
        raise Refused(zh="已冲正", en="reversed already")

    monkeypatch.setitem(bus._listeners, ApprovalDecided, [refuse])
    made = asked(act_as("collector"), at)

    with pytest.raises(Refused, match="reversed already"):
        decide(act_as("supervisor"), made, at)

    assert Approval.objects.get(pk=made).status == "pending"
