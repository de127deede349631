"""The gate by day: every answer is kept, a permit is good once, what arrives meanwhile kills it."""

from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import DatabaseError, close_old_connections, connection, transaction

from recoup.apps.contacts.actions import (
    Intended,
    PermitIsDead,
    ask_gate,
    give_back,
    record_contact,
)
from recoup.apps.contacts.facts import known_of
from recoup.apps.contacts.models import Contact, GateDecision, PermitState
from recoup.apps.ledger.actions import post_receipt
from recoup.apps.people.permissions import MACHINE, NotAllowed, NotFound
from recoup.apps.portfolio.actions import set_hold
from recoup.apps.portfolio.models import ContactPoint, Publication
from recoup.kernel.contact_facts import read_facts
from recoup.kernel.contact_rules import Permit, decide
from recoup.web.house import contact_law

NIGHT = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)  # 22:30 in Shanghai
AS_OF = date(2026, 11, 20)
CALL = Intended(debtor_id="D1", channel="call")
ASKING = 100
#: Threads at once: as many as the test database lets in.
TOGETHER = 20


@pytest.fixture
def published(night_result, at):
    """A night was published: by day there is a book to post receipts to."""
    return Publication.objects.create(
        as_of=AS_OF,
        published_at=at,
        result_folder=str(night_result),
        result_hash="of the gate",
        is_current=True,
    )


def test_an_answer_is_kept_with_the_facts_that_it_was_given_on(person, act_as, at):
    kept = ask_gate(actor=act_as("collector"), intended=CALL, at=at)

    again = decide(facts=read_facts(kept.facts), rules=contact_law())
    assert kept.permitted
    assert isinstance(again, Permit)
    assert kept.basis == list(contact_law().basis)
    assert kept.looked_at == list(again.looked_at)
    assert [one["rule"] for one in kept.duties] == [one.rule for one in again.duties]


def test_the_json_of_facts_reads_back_as_the_same_facts(person, at):
    known = known_of(debtor_id="D1", at=at)
    facts = known.for_channel(channel="sms", purpose="notice")

    assert read_facts(known.tree_of(facts)) == facts


def test_a_refusal_is_kept_with_every_rule_and_the_next_instant(person, act_as):
    kept = ask_gate(actor=act_as("collector"), intended=CALL, at=NIGHT)

    assert not kept.permitted
    assert {"CN-CON-01", "CN-CON-02"} <= {one["rule"] for one in kept.reasons}
    assert all(one["zh"] and one["en"] and one["source"] for one in kept.reasons)
    assert kept.next_allowed_at > NIGHT
    assert not PermitState.objects.exists()


def test_a_permit_is_used_by_the_contact_and_only_once(person, act_as, at):
    actor = act_as("collector")
    kept = ask_gate(actor=actor, intended=CALL, at=at)
    made = {"actor": actor, "debtor_id": "D1", "channel": "call", "outcome": "no_answer"}

    record_contact(**made, at=at, decision_id=kept.pk)

    assert Contact.objects.get().decision == kept
    with pytest.raises(PermitIsDead, match="has been used"):
        record_contact(**made, at=at, decision_id=kept.pk)


def test_a_permit_that_is_too_old_is_good_no_more(person, act_as, at):
    actor = act_as("collector")
    kept = ask_gate(actor=actor, intended=CALL, at=at)

    with pytest.raises(PermitIsDead, match="expired"):
        record_contact(
            actor=actor,
            debtor_id="D1",
            channel="call",
            outcome="no_answer",
            at=at + timedelta(minutes=11),
            decision_id=kept.pk,
        )


def test_a_payment_kills_a_permit(person, published, act_as, at):
    kept = ask_gate(actor=act_as("collector"), intended=CALL, at=at)

    post_receipt(
        actor=act_as("senior_collector"),
        idempotency_key="k1",
        contract_id="C1",
        paid_on=at.date(),
        amount_minor=100,
        channel="transfer",
        note="",
        at=at,
    )

    with pytest.raises(PermitIsDead, match="a payment arrived"):
        record_contact(
            actor=MACHINE,
            debtor_id="D1",
            channel="call",
            outcome="no_answer",
            at=at,
            decision_id=kept.pk,
        )


def test_a_complaint_kills_a_permit_and_forbids_the_next(person, act_as, at):
    kept = ask_gate(actor=act_as("collector"), intended=CALL, at=at)
    set_hold(
        actor=act_as("senior_collector"),
        debtor_id="D1",
        kind="complaint",
        contract_id=None,
        from_on=at.date(),
        until_on=None,
        channel=None,
        why="called on the hotline",
        at=at,
    )

    assert PermitState.objects.get(pk=kept.pk).void_why == PermitState.Why.HOLD
    assert not ask_gate(actor=act_as("collector"), intended=CALL, at=at).permitted


def test_a_permit_that_is_given_back_counts_for_nothing(person, act_as, at):
    taken = [ask_gate(actor=MACHINE, intended=CALL, at=at) for _ in range(10)]
    permits = [one for one in taken if one.permitted]
    assert 0 < len(permits) < len(taken)

    assert give_back(actor=MACHINE, decision_id=permits[0].pk, at=at)
    assert not give_back(actor=MACHINE, decision_id=permits[0].pk, at=at)

    assert ask_gate(actor=MACHINE, intended=CALL, at=at).permitted
    assert not ask_gate(actor=MACHINE, intended=CALL, at=at).permitted


def test_whoever_asks_twice_holds_one_permit(person, act_as, at):
    actor = act_as("collector")

    asked = [ask_gate(actor=actor, intended=CALL, at=at) for _ in range(10)]

    assert all(one.permitted for one in asked)
    assert PermitState.objects.filter(void_at=None).get().decision == asked[-1]


def test_somebody_without_the_duty_or_the_scope_gets_no_answer(person, act_as, at):
    with pytest.raises(NotAllowed):
        ask_gate(actor=act_as("auditor"), intended=CALL, at=at)
    with pytest.raises(NotFound):
        ask_gate(actor=act_as("collector"), intended=Intended(debtor_id="X", channel="call"), at=at)
    assert not GateDecision.objects.exists()


def test_nothing_is_collected_from_somebody_who_owes_nothing(make_debtor, act_as, at):
    ContactPoint.objects.create(
        debtor=make_debtor("D2"), kind="phone", value="13800000002", source="contract"
    )

    kept = ask_gate(
        actor=act_as("supervisor"), intended=Intended(debtor_id="D2", channel="call"), at=at
    )

    assert "DATA:nothing_overdue" in {one["rule"] for one in kept.reasons}


def test_the_database_refuses_to_change_an_answer(person, act_as, at):
    kept = ask_gate(actor=act_as("collector"), intended=CALL, at=at)

    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        GateDecision.objects.filter(pk=kept.pk).update(permitted=False)


@pytest.mark.django_db(transaction=True)
def test_of_a_hundred_who_ask_at_once_one_gets_the_last_contact(person, at):
    alone = [ask_gate(actor=MACHINE, intended=CALL, at=at) for _ in range(10)]
    permitted = [one for one in alone if one.permitted]
    assert 0 < len(permitted) < len(alone)
    give_back(actor=MACHINE, decision_id=permitted[-1].pk, at=at)
    before = GateDecision.objects.count()
    gate, answers, failures = Barrier(TOGETHER), [], []

    def ask() -> None:
        try:
            gate.wait(timeout=30)
            for _ in range(ASKING // TOGETHER):
                answers.append(ask_gate(actor=MACHINE, intended=CALL, at=at).permitted)
        except Exception as failure:  # shown by the assertion below
            failures.append(failure)
        finally:
            close_old_connections()
            connection.close()

    threads = [Thread(target=ask) for _ in range(TOGETHER)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)

    assert not failures
    assert answers.count(True) == 1
    assert len(answers) == GateDecision.objects.count() - before == ASKING
