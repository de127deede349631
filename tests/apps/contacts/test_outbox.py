"""The outbox: judged again when it leaves, sent once, stopped by what arrived meanwhile."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from recoup.apps.contacts.actions import (
    Intended,
    Letter,
    NotPermitted,
    queue_message,
    send_due,
)
from recoup.apps.contacts.actions.messages import ABANDONED, QUEUE_LIFE, WAITS
from recoup.apps.contacts.models import Contact, GateDecision, Message, PermitState
from recoup.apps.people.permissions import MACHINE
from recoup.apps.portfolio.actions import set_hold
from recoup.apps.portfolio.models import ContactPoint
from recoup.channels.way_out import (
    Capabilities,
    HandedOver,
    NotHandedOver,
    Outgoing,
    PermitDoesNotFit,
    WayOut,
)
from recoup.policy.texts import TextForbidden

State = Message.State
TEXT = Letter(subject="", body="您的贷款已逾期，请与我们联系。", language="zh-hans")
SMS = Intended(debtor_id="D1", channel="sms", purpose="notice")


class Provider(WayOut):
    """A provider that keeps what it gets; ``failing`` says what it answers instead."""

    channel = "sms"
    provider = "test"

    def __init__(self, failing=None, *, resends_safely=False):
        self.got: list[Outgoing] = []
        self.failing = failing
        self.capabilities = Capabilities(resends_safely=resends_safely)

    def _hand_over(self, message: Outgoing) -> HandedOver:
        if self.failing:
            raise self.failing
        self.got.append(message)
        return HandedOver(reference=f"r{len(self.got)}", cost_minor=4)


@pytest.fixture
def queued(person, at):
    return queue_message(actor=MACHINE, intended=SMS, letter=TEXT, client_key="k1", at=at)


def test_a_message_leaves_once_with_a_permit_of_that_moment(queued, at):
    provider = Provider()
    later = at + timedelta(minutes=3)

    assert send_due(ways={"sms": provider}, at=later).sent == 1
    assert send_due(ways={"sms": provider}, at=later).sent == 0

    row = Message.objects.get()
    assert [one.message_id for one in provider.got] == ["k1"]
    assert (row.state, row.provider_reference, row.cost_minor) == (State.SENT, "r1", 4)
    assert row.decision.at == row.contact.at == later
    assert row.decision.text_hash == TEXT.digest
    assert PermitState.objects.get(pk=row.decision_id).used_at == later
    assert PermitState.objects.get(pk=queued.decision_id).void_why == PermitState.Why.RENEWED


def test_the_same_wish_is_written_once(queued, at):
    again = queue_message(actor=MACHINE, intended=SMS, letter=TEXT, client_key="k1", at=at)

    assert again.pk == queued.pk
    assert GateDecision.objects.count() == 1


def test_a_message_that_is_refused_is_not_written_and_the_refusal_stays(person, at):
    with pytest.raises(NotPermitted) as refused:
        queue_message(
            actor=MACHINE,
            intended=Intended(debtor_id="D1", channel="sms", party="other", number="13900000000"),
            letter=TEXT,
            client_key="k2",
            at=at,
        )

    assert not Message.objects.exists()
    assert not GateDecision.objects.get().permitted
    assert refused.value.decision == GateDecision.objects.get()


@pytest.mark.parametrize(
    "said",
    [
        "再不还款，我们就通知您的单位和家人。",
        "您尚欠 99,999.00 元，请与我们联系。",
    ],
)
def test_words_that_must_not_be_said_are_stopped_before_the_gate_is_asked(person, at, said):
    with pytest.raises(TextForbidden) as stopped:
        queue_message(
            actor=MACHINE,
            intended=SMS,
            letter=Letter(body=said, language="zh-hans"),
            client_key="k3",
            at=at,
        )

    assert stopped.value.findings[0].better.zh
    assert not Message.objects.exists()
    assert not GateDecision.objects.exists()


def test_an_amount_that_the_ledger_has_may_be_named(person, at):
    queue_message(
        actor=MACHINE,
        intended=SMS,
        letter=Letter(body="您好，您有 8,240.11 元逾期，请与我们联系。", language="zh-hans"),
        client_key="k4",
        at=at,
    )

    assert Message.objects.get().state == State.QUEUED


def test_a_number_that_is_not_in_use_is_not_written_to(person, at):
    ContactPoint.objects.update(is_valid=False)

    with pytest.raises(NotPermitted) as refused:
        queue_message(
            actor=MACHINE,
            intended=replace(SMS, number="13800000001"),
            letter=TEXT,
            client_key="k5",
            at=at,
        )

    assert "DATA:number_not_in_use" in {one["rule"] for one in refused.value.decision.reasons}


def test_a_hold_stops_a_message_that_waits(queued, act_as, at):
    set_hold(
        actor=act_as("senior_collector"),
        debtor_id="D1",
        kind="complaint",
        contract_id=None,
        from_on=date(2026, 11, 20),
        until_on=None,
        channel=None,
        why="called on the hotline",
        at=at,
    )
    provider = Provider()

    assert send_due(ways={"sms": provider}, at=at).stopped == 1

    assert not provider.got
    assert Message.objects.get().state == State.STOPPED
    assert not Contact.objects.exists()


def test_a_message_that_has_waited_too_long_is_stopped(queued, at):
    provider = Provider()

    send_due(ways={"sms": provider}, at=at + QUEUE_LIFE + timedelta(minutes=1))

    assert not provider.got
    assert Message.objects.get().state == State.STOPPED


def test_what_a_provider_did_not_take_is_tried_again_and_counts_for_nothing(queued, at):
    provider = Provider(failing=NotHandedOver("no connection", retry=True))

    assert send_due(ways={"sms": provider}, at=at).put_off == 1
    assert Contact.objects.filter(withdrawn_at=None).count() == 0
    assert send_due(ways={"sms": provider}, at=at).put_off == 0

    provider.failing = None
    assert send_due(ways={"sms": provider}, at=at + WAITS[0]).sent == 1
    assert Contact.objects.filter(withdrawn_at=None).count() == 1


def test_after_the_last_try_it_has_failed(queued, at):
    provider = Provider(failing=NotHandedOver("throttled", retry=True))

    for wait in range(len(WAITS) + 1):
        at += WAITS[min(wait, len(WAITS) - 1)]
        send_due(ways={"sms": provider}, at=at)

    assert Message.objects.get().state == State.FAILED
    assert Message.objects.get().said == "throttled"


def test_what_may_have_left_is_not_sent_again_by_itself(queued, at):
    provider = Provider(failing=ConnectionResetError("lost"))
    send_due(ways={"sms": provider}, at=at)
    provider.failing = None

    for minutes in (1, 4, 6, 60):
        send_due(ways={"sms": provider}, at=at + timedelta(minutes=minutes))

    assert not provider.got
    assert Message.objects.get().state == State.UNSURE
    assert Contact.objects.filter(withdrawn_at=None).count() == 1


def test_where_the_provider_knows_messages_by_id_it_is_handed_over_again(queued, at):
    provider = Provider(failing=ConnectionResetError("lost"), resends_safely=True)
    send_due(ways={"sms": provider}, at=at)
    provider.failing = None

    send_due(ways={"sms": provider}, at=at + ABANDONED + timedelta(minutes=1))

    assert [one.message_id for one in provider.got] == ["k1"]
    assert Message.objects.get().state == State.SENT
    assert Contact.objects.filter(withdrawn_at=None).count() == 1


def test_a_channel_takes_nothing_without_a_fitting_permit(queued, at):
    provider = Provider()
    outgoing = Outgoing(
        message_id="k", debtor_id="D1", address="13800000001", language="en", subject="", body="x"
    )

    with pytest.raises(PermitDoesNotFit):
        provider.send(permit=object(), message=outgoing, at=at)  # type: ignore[arg-type]
    assert not provider.got


def test_an_old_permit_fits_no_message(queued, at, monkeypatch):
    provider = Provider()
    kept: list[dict[str, object]] = []

    def keep(**given):
        kept.append(given)
        return HandedOver(reference="kept")

    monkeypatch.setattr(provider, "send", keep)
    send_due(ways={"sms": provider}, at=at)
    monkeypatch.undo()

    with pytest.raises(PermitDoesNotFit):
        provider.send(**(kept[0] | {"at": at + timedelta(minutes=5)}))
    provider.send(**kept[0])
    assert len(provider.got) == 1
