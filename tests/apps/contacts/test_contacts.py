"""Contacts are logged as they happened; the gate says beforehand which may be made."""

from datetime import UTC, datetime, timedelta

import pytest

from recoup.apps.cases.bringing import Day, bring_all
from recoup.apps.cases.models import Case
from recoup.apps.cases.queries import timeline_of
from recoup.apps.compliance.models import AuditEntry
from recoup.apps.contacts.actions import (
    BadContact,
    TooLate,
    record_contact,
    withdraw_contact,
)
from recoup.apps.contacts.facts import known_of
from recoup.apps.contacts.models import Contact
from recoup.apps.contacts.queries import (
    breaches,
    day_contacts,
    may_contact,
    what_may_be_done,
)
from recoup.apps.people.permissions import NotAllowed, NotFound
from recoup.apps.portfolio.models import ContactPoint, Debtor, Hold
from recoup.web.house import strategy

NIGHT = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)  # 22:30 in Shanghai


@pytest.fixture
def person(make_contract, make_debtor, at):
    debtor = make_debtor("D1", phone="13800000001")
    make_contract("C1", debtor=debtor, dpd=47)
    ContactPoint.objects.create(
        debtor=debtor, kind="phone", value="13800000001", source="contract", from_night=True
    )
    bring_all(Day(on=debtor.as_of, at=at, strategy=strategy()))
    return debtor


def log(actor, at, **more):
    values = {"debtor_id": "D1", "channel": "call", "outcome": "no_answer", "at": at}
    return record_contact(actor=actor, **(values | more)).contact


def test_a_call_in_the_morning_is_allowed_until_ten_at_night(person, at):
    answer = may_contact(debtor_id="D1", channel="call", at=at)

    assert answer.allowed
    assert answer.open_until.isoformat() == "2026-11-20T22:00:00+08:00"
    assert answer.number == "13800000001"


def test_a_call_late_at_night_is_refused_with_the_rule_and_the_next_hour(person):
    answer = may_contact(debtor_id="D1", channel="call", at=NIGHT)

    assert not answer.allowed
    assert {one.rule for one in answer.reasons} >= {"CN-CON-01", "CN-CON-02"}
    assert all(one.zh and one.en and one.source for one in answer.reasons)
    assert answer.next_allowed_at.isoformat() == "2026-11-21T00:00:00+00:00"


def test_three_conversations_a_day_leave_none(person, act_as, at):
    actor = act_as("collector")
    for hour in range(3):
        log(actor, at + timedelta(minutes=hour), outcome="refused")

    answer = may_contact(debtor_id="D1", channel="call", at=at + timedelta(minutes=5))

    assert (answer.allowed, answer.left) == (False, 0)
    assert "CN-CON-04" in {one.rule for one in answer.reasons}


def test_what_is_left_of_a_cap_counts_down(person, act_as, at):
    before = may_contact(debtor_id="D1", channel="call", at=at)
    log(act_as("collector"), at, outcome="right_party")

    after = may_contact(debtor_id="D1", channel="call", at=at + timedelta(minutes=1))

    assert (before.left, after.left) == (3, 2)


def test_a_person_without_a_number_cannot_be_called(make_debtor, at):
    make_debtor("D2", phone="")

    answer = may_contact(debtor_id="D2", channel="call", at=at)

    assert not answer.allowed
    assert "DATA:no_phone" in {one.rule for one in answer.reasons}


def test_collecting_from_a_listed_contact_is_refused(person, at):
    answer = may_contact(
        debtor_id="D1", channel="call", party="listed_contact", number="13900000009", at=at
    )

    assert "CN-CON-09" in {one.rule for one in answer.reasons}


def test_every_channel_has_its_answer(person, at):
    done = what_may_be_done(debtor_id="D1", at=at)

    assert "call" in done.open_channels
    assert {one.channel for one in done.channels} == {
        *("call", "ai_call", "sms", "email", "letter", "visit", "im", "portal")
    }


def test_where_collecting_is_refused_a_call_to_help_is_asked_for(person, at):
    Hold.objects.create(debtor=person, kind="hardship", from_on=person.as_of)

    done = what_may_be_done(debtor_id="D1", at=at)

    assert not done.of("call").allowed
    assert done.service_call.allowed


def test_a_logged_contact_is_in_the_timeline_and_works_the_case(person, act_as, at):
    contact = log(act_as("collector"), at, outcome="right_party", note="will call back")

    told = timeline_of(debtor_id="D1").entries
    case = Case.objects.get(pk="D1")
    assert ("contact", "will call back") in {(one.kind, one.text) for one in told}
    assert (case.status, case.last_outcome) == ("in_work", "right_party")
    assert day_contacts("D1") == (contact,)


def test_a_contact_against_a_rule_is_kept_and_put_on_the_list(person, act_as):
    contact = log(act_as("collector"), NIGHT)

    assert "CN-CON-01" in {one["rule"] for one in contact.breaches}
    assert [one.contact_id for one in breaches()] == [contact.contact_id]
    trail = AuditEntry.objects.get(room="contacts")
    assert "CN-CON-01" in trail.after["breaches"]


def test_who_asks_not_to_be_contacted_is_not_from_now_on(person, act_as, at):
    log(act_as("collector"), at, outcome="asked_to_stop")

    answer = may_contact(debtor_id="D1", channel="sms", at=at + timedelta(minutes=1))

    assert Hold.objects.get(debtor=person).kind == "do_not_contact"
    assert "EX-HOLD-DO-NOT-CONTACT" in {one.rule for one in answer.reasons}


def test_a_number_not_in_use_is_marked_so_and_not_offered_again(person, act_as, at):
    log(act_as("collector"), at, outcome="invalid", number="13800000001")

    assert ContactPoint.objects.get(debtor=person).is_valid is False
    answer = may_contact(debtor_id="D1", channel="call", at=at + timedelta(minutes=1))
    assert answer.number == ""


def test_the_same_key_logs_once(person, act_as, at):
    actor = act_as("collector")
    first = log(actor, at, contact_id="form-1")

    again = log(actor, at, contact_id="form-1")

    assert (again.contact_id, Contact.objects.count()) == (first.contact_id, 1)


def test_a_contact_logged_by_mistake_is_taken_back_within_seconds(person, act_as, at):
    actor = act_as("collector")
    contact = log(actor, at)

    withdraw_contact(actor=actor, contact_id=contact.contact_id, at=at + timedelta(seconds=9))

    assert day_contacts("D1") == ()
    assert Contact.objects.count() == 1
    assert timeline_of(debtor_id="D1").entries[0].kind == "contact_withdrawn"


def test_a_wish_logged_by_mistake_takes_its_hold_with_it(person, act_as, at):
    actor = act_as("collector")
    contact = log(actor, at, outcome="asked_to_stop")

    withdraw_contact(actor=actor, contact_id=contact.contact_id, at=at + timedelta(seconds=9))

    answer = may_contact(debtor_id="D1", channel="call", at=at + timedelta(minutes=1))
    hold = Hold.objects.get(debtor=person)
    assert hold.lifted_on == hold.from_on
    assert "EX-HOLD-DO-NOT-CONTACT" not in {one.rule for one in answer.reasons}
    assert not Hold.objects.filter(lifted_on=None).exists()


def test_a_wish_taken_back_does_not_end_an_earlier_one_that_was_meant(person, act_as, at):
    meant = log(act_as("collector"), at - timedelta(days=2), outcome="asked_to_stop")
    actor = act_as("collector")
    slip = log(actor, at, outcome="asked_to_stop")

    withdraw_contact(actor=actor, contact_id=slip.contact_id, at=at + timedelta(seconds=9))

    asked = known_of(debtor_id="D1", at=at + timedelta(minutes=1)).facts.refusals
    assert [one.at for one in asked] == [meant.at]
    assert Hold.objects.filter(lifted_on=None).count() == 1


def test_a_minute_later_it_stays(person, act_as, at):
    actor = act_as("collector")
    contact = log(actor, at)

    with pytest.raises(TooLate):
        withdraw_contact(actor=actor, contact_id=contact.contact_id, at=at + timedelta(minutes=1))


def test_a_contact_of_the_future_or_with_an_unknown_code_is_refused(person, act_as, at):
    actor = act_as("collector")

    with pytest.raises(BadContact):
        log(actor, at + timedelta(hours=1), recorded_at=at)
    with pytest.raises(BadContact):
        log(actor, at, outcome="singing")


def test_an_auditor_logs_nothing_and_another_team_sees_nobody(person, act_as, at):
    with pytest.raises(NotAllowed):
        log(act_as("auditor", scope=("bank", "")), at)
    with pytest.raises(NotFound):
        log(act_as("collector", team="T9"), at)


def test_the_books_contacts_come_with_the_night(published_bank, at):
    found = Contact.objects.exclude(book_contact_id=None)

    owing = Debtor.objects.filter(worst_dpd__gte=1).values_list("pk", flat=True)
    assert found.exists()
    assert set(found.values_list("debtor_id", flat=True)) <= set(owing)
