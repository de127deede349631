"""Calls by click, over an exchange that answers as Asterisk's REST interface does."""

from datetime import timedelta

import pytest
from tests.channels.ari_server import PASSWORD, USER, exchange

from recoup.apps.cases.bringing import Day, bring_all
from recoup.apps.contacts.actions import (
    Intended,
    NoSeat,
    NotPermitted,
    PermitIsDead,
    ask_gate,
    look_after_calls,
    place_call,
    record_contact,
    set_seat,
    tell_call_control,
)
from recoup.apps.contacts.models import Contact, PermitState, PhoneCall
from recoup.apps.people.models import Staff
from recoup.apps.people.permissions import MACHINE, NotFound
from recoup.apps.portfolio.actions import set_hold
from recoup.channels.call_control import ENDED, RINGING, UNKNOWN, CallNotBegun
from recoup.channels.calls_ari import CallsOverAri
from recoup.site.ways_out import BadChannel, call_control
from recoup.web.house import strategy

CALL = Intended(debtor_id="D1", channel="call")


@pytest.fixture
def pbx():
    """The exchange."""
    with exchange() as found:
        yield found


@pytest.fixture
def control(pbx):
    """The adapter that production code has; told to the room as the site does."""
    made = CallsOverAri(url=pbx.url, user=USER, password=PASSWORD, records=True)
    tell_call_control(lambda: made)
    yield made
    tell_call_control(call_control)
    made.close()


@pytest.fixture
def collector(act_as, person, at):
    """Somebody with an extension and a case."""
    actor = act_as("collector")
    set_seat(actor=actor, extension="8123", at=at)
    bring_all(Day(on=at.date(), at=at, strategy=strategy()))
    return actor


def dialled(collector, at, **more):
    asked = ask_gate(actor=collector, intended=CALL, at=at)
    given = {"actor": collector, "debtor_id": "D1", "decision_id": asked.pk, "at": at} | more
    return place_call(**given)


def test_the_exchange_rings_the_collector_and_dials_the_person(control, pbx, collector, at):
    made = dialled(collector, at)

    assert pbx.asked == [
        {
            "endpoint": "PJSIP/8123",
            "extension": "13800000001",
            "context": "recoup-out",
            "priority": "1",
            "channelId": made.call_id,
            "timeout": "30",
            "RECOUP_CALL": made.call_id,
        }
    ]
    assert made.decision.permitted
    assert control.look(call_id=made.call_id) == RINGING
    assert PermitState.objects.filter(used_at=None, void_at=None).count() == 1


def test_the_outcome_is_logged_hours_later_under_the_calls_permit(control, collector, at):
    made = dialled(collector, at)

    record_contact(
        actor=collector,
        debtor_id="D1",
        at=at + timedelta(hours=2),
        channel="call",
        outcome="right_party",
        decision_id=made.decision.pk,
    )

    contact = Contact.objects.get()
    assert contact.recording == made.call_id
    assert contact.decision_id == made.decision.pk
    assert PhoneCall.objects.get().contact_id == contact.pk


def test_a_call_that_is_over_is_known_to_be_over(control, pbx, collector, at):
    made = dialled(collector, at)
    control.end(call_id=made.call_id)
    control.end(call_id=made.call_id)

    assert look_after_calls(control=control, at=at) == 1
    assert look_after_calls(control=control, at=at) == 0

    call = PhoneCall.objects.get()
    assert (call.state, call.ended_at) == (PhoneCall.State.ENDED, at)
    assert control.look(call_id="x") == ENDED


def test_what_the_exchange_refuses_counts_as_no_attempt(control, pbx, collector, at):
    pbx.refuses = 400

    with pytest.raises(CallNotBegun, match="Allocation failed"):
        dialled(collector, at)

    assert PhoneCall.objects.get().state == PhoneCall.State.NOT_BEGUN
    assert not PermitState.objects.filter(used_at=None, void_at=None).exists()


def test_an_exchange_that_breaks_off_may_have_rung_somebody(control, pbx, collector, at):
    pbx.refuses = 500

    made = dialled(collector, at)

    assert PhoneCall.objects.get().state == PhoneCall.State.UNSURE
    assert PermitState.objects.get(pk=made.decision.pk).used_at is None


def test_a_wrong_password_and_a_silent_exchange(control, pbx, at):
    wrong = CallsOverAri(url=pbx.url, user=USER, password="no")
    silent = CallsOverAri(url="http://127.0.0.1:9", user=USER, password="no")

    assert wrong.look(call_id="x") == silent.look(call_id="x") == UNKNOWN
    assert wrong.recording_of("x") == ""


def test_a_hold_that_arrived_meanwhile_stops_the_call(control, pbx, collector, at):
    asked = ask_gate(actor=collector, intended=CALL, at=at)
    set_hold(
        actor=MACHINE, debtor_id="D1", kind="complaint", from_on=at.date(), why="said so", at=at
    )

    with pytest.raises(PermitIsDead):
        place_call(actor=collector, debtor_id="D1", decision_id=asked.pk, at=at)

    assert pbx.asked == []


def test_a_permit_whose_hour_is_over_rings_nobody(control, pbx, collector, at):
    evening = at.replace(hour=13, minute=55)
    asked = ask_gate(actor=collector, intended=CALL, at=evening)
    assert asked.permitted

    with pytest.raises(NotPermitted):
        place_call(
            actor=collector,
            debtor_id="D1",
            decision_id=asked.pk,
            at=evening + timedelta(minutes=7),
        )

    assert pbx.asked == []
    assert not PhoneCall.objects.exists()


def test_only_with_a_seat_and_with_the_permit_of_ones_own(control, collector, act_as, at):
    asked = ask_gate(actor=collector, intended=CALL, at=at)
    other = act_as("collector")
    with pytest.raises(NoSeat):
        place_call(actor=other, debtor_id="D1", decision_id=asked.pk, at=at)
    set_seat(actor=other, extension="8124", at=at)
    with pytest.raises(NotFound):
        place_call(actor=other, debtor_id="D1", decision_id=asked.pk, at=at)
    with pytest.raises(NoSeat, match="letters"):
        set_seat(actor=other, extension="8124@evil/..", at=at)


def test_the_page_offers_the_exchange_beside_the_number(
    control, pbx, collector, at, client, monkeypatch
):
    monkeypatch.setattr("recoup.site.presence.now", lambda: at)
    client.force_login(
        Staff.objects.get(pk=collector.staff_id),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    client.cookies["django_language"] = "en"
    permit = client.post("/cases/D1/ask", {"channel": "call"}).content.decode()
    decision = permit.partition('name="decision" value="')[2].partition('"')[0]

    rung = client.post("/cases/D1/dial", {"decision": decision}).content.decode()
    seat = client.get("/contacts/telephone/").content.decode()

    assert 'href="tel:13800000001"' in permit
    assert "Ring my telephone" in permit
    assert "Your telephone rings" in rung
    assert len(pbx.asked) == 1
    assert 'value="8123"' in seat


@pytest.mark.parametrize(
    ("url", "said"),
    [("sip:pbx", "RECOUP_CALLS_URL"), ("ari+http://u@h?colour=red", "'colour' is none of")],
)
def test_settings_that_cannot_serve_are_told(settings, url, said):
    settings.CALLS = {"url": url, "secret": "", "recordings": ""}
    call_control.cache_clear()

    with pytest.raises(BadChannel, match=said):
        call_control()
    call_control.cache_clear()
