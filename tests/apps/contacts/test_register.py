"""The register: what people agreed to, when, and that they asked us to stop; each works at once."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from recoup.apps.cases.bringing import Day, bring_all
from recoup.apps.cases.models import Entry
from recoup.apps.compliance.models import AuditEntry
from recoup.apps.contacts.actions import (
    BadEntry,
    Intended,
    Letter,
    Proof,
    Wish,
    agree_hours,
    ask_gate,
    assign_reply,
    end_hours,
    lift_stop,
    queue_message,
    record_consent,
    record_contact,
    record_stop,
    set_preference,
    withdraw_consent,
    withdraw_contact,
)
from recoup.apps.contacts.facts import known_of
from recoup.apps.contacts.models import (
    Consent,
    Contact,
    Message,
    PermitState,
    ReplyReceived,
    StopRequest,
)
from recoup.apps.contacts.queries import may_contact, what_may_be_done
from recoup.apps.people.permissions import MACHINE, NotAllowed, NotFound
from recoup.apps.portfolio.actions import attach_proof, lift_hold, set_hold
from recoup.apps.portfolio.models import ContactPoint, Hold
from recoup.apps.portfolio.models import Proof as ProofFile
from recoup.kernel.contact_facts import read_facts
from recoup.kernel.refusal import Stale
from recoup.web.house import strategy

NIGHT = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)  # 22:30 in Shanghai
AS_OF = date(2026, 11, 20)
RECORDING = Proof(words="recording 2026-1120-07")
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def case(person, at):
    """D1 has a case, so that there is a timeline."""
    bring_all(Day(on=AS_OF, at=at, strategy=strategy()))
    return person


def reasons(*, at, purpose="collect", channel="call"):
    answer = may_contact(debtor_id="D1", channel=channel, purpose=purpose, at=at)
    return {one.rule for one in answer.reasons}


def test_a_consent_opens_the_night_for_its_purpose_and_channel_until_it_is_taken_back(
    person, act_as, at
):
    collector = act_as("collector")
    assert reasons(at=NIGHT) == {"CN-CON-01", "CN-CON-02"}

    given = record_consent(
        actor=collector,
        debtor_id="D1",
        channel="call",
        purpose="notice",
        given_at=at,
        proof=RECORDING,
        at=at,
    )

    assert reasons(at=NIGHT, purpose="notice") == set()
    assert "CN-CON-02" in reasons(at=NIGHT, purpose="collect")
    assert "CN-CON-02" in reasons(at=NIGHT, purpose="notice", channel="sms")
    permit = ask_gate(
        actor=collector,
        intended=Intended(debtor_id="D1", channel="call", purpose="notice"),
        at=NIGHT,
    )
    withdraw_consent(actor=collector, consent_id=given.pk, words="晚上别再打了", at=NIGHT)
    assert "CN-CON-02" in reasons(at=NIGHT, purpose="notice")
    assert PermitState.objects.get(pk=permit.pk).void_at == NIGHT
    assert set(AuditEntry.objects.filter(record="consent").values_list("verb", flat=True)) == {
        "record_consent",
        "withdraw_consent",
    }


def test_the_facts_of_a_purpose_read_back_with_its_consents_only(person, act_as, at):
    collector = act_as("collector")
    for purpose in ("", "notice", "service"):
        record_consent(
            actor=collector,
            debtor_id="D1",
            channel="sms",
            purpose=purpose,
            given_at=at,
            proof=RECORDING,
            at=at,
        )

    known = known_of(debtor_id="D1", at=at)
    facts = known.for_channel(channel="sms", purpose="notice")

    assert len(facts.consents) == 2
    assert read_facts(known.tree_of(facts)) == facts


def test_nothing_is_kept_without_its_proof_or_from_ahead_of_now(person, act_as, at):
    collector = act_as("collector")
    consent = {"actor": collector, "debtor_id": "D1", "channel": "call", "at": at}

    with pytest.raises(BadEntry):
        record_consent(**consent, given_at=at, proof=Proof(words=" "))
    with pytest.raises(BadEntry):
        record_consent(**consent, given_at=at + timedelta(hours=1), proof=RECORDING)
    with pytest.raises(BadEntry):
        agree_hours(
            actor=collector,
            debtor_id="D1",
            begins=time(9),
            ends=time(9),
            proof=RECORDING,
            at=at,
        )
    assert not Consent.objects.exists()


def test_the_file_that_proves_a_consent_must_be_the_persons_own(person, make_debtor, act_as, at):
    collector = act_as("collector")
    other = make_debtor("D2")
    kept = {
        one: attach_proof(
            actor=collector,
            debtor_id=one,
            title="signed",
            file_name="s.txt",
            content=one.encode(),
            at=at,
        )
        for one in ("D1", other.pk)
    }
    consent = {"debtor_id": "D1", "channel": "call", "given_at": at, "at": at}

    with pytest.raises(NotFound):
        record_consent(
            actor=collector, **consent, proof=Proof(words="signed", file_id=kept["D2"].proof_id)
        )
    own = record_consent(
        actor=collector, **consent, proof=Proof(words="signed", file_id=kept["D1"].proof_id)
    )

    assert own.proof_file_id == kept["D1"].proof_id


def test_agreed_hours_move_the_hours_of_the_gate_until_they_are_ended(person, act_as, at):
    collector = act_as("collector")

    row = agree_hours(
        actor=collector,
        debtor_id="D1",
        begins=time(20),
        ends=time(23),
        proof=RECORDING,
        at=at,
    )

    assert reasons(at=NIGHT) == set()
    end_hours(actor=collector, hours_id=row.pk, words="以后白天联系", at=at)
    assert reasons(at=NIGHT) == {"CN-CON-01", "CN-CON-02"}


def test_a_request_to_stop_works_at_once_and_is_in_the_timeline(case, act_as, at):
    collector = act_as("collector")
    permit = ask_gate(actor=collector, intended=Intended(debtor_id="D1", channel="call"), at=at)
    queue_message(
        actor=MACHINE,
        intended=Intended(debtor_id="D1", channel="sms", purpose="notice"),
        letter=Letter(body="您好，请与我们联系。", language="zh-hans"),
        client_key="k1",
        at=at,
    )

    row = record_stop(
        actor=collector,
        debtor_id="D1",
        party="debtor",
        heard_over="letter",
        words="请不要再联系我",
        asked_at=at,
        at=at,
    )

    assert PermitState.objects.get(pk=permit.pk).void_why == "stop"
    assert Message.objects.get().state == Message.State.STOPPED
    assert what_may_be_done(debtor_id="D1", at=at).open_channels == ()
    assert Hold.objects.get().pk == row.hold_id
    entry = Entry.objects.get(kind="stop_asked")
    assert (entry.text, entry.actor_id) == ("请不要再联系我", collector.staff_id)


def test_only_the_persons_own_words_lift_a_request_and_not_by_a_collector(case, act_as, at):
    collector, supervisor = act_as("collector"), act_as("supervisor")
    row = record_stop(
        actor=collector,
        debtor_id="D1",
        party="debtor",
        words="请不要再联系我",
        asked_at=at,
        at=at,
    )

    with pytest.raises(NotAllowed):
        lift_stop(actor=collector, stop_id=row.pk, words="可以再打给我", at=at)
    with pytest.raises(BadEntry):
        lift_stop(actor=supervisor, stop_id=row.pk, words=" ", at=at)
    assert what_may_be_done(debtor_id="D1", at=at).open_channels == ()
    lift_stop(actor=supervisor, stop_id=row.pk, words="可以再打给我", at=at)

    assert reasons(at=at) == set()
    assert Hold.objects.get().lifted_on == AS_OF
    assert Entry.objects.get(kind="stop_lifted").text == "可以再打给我"


def test_a_stop_of_one_channel_leaves_the_others_open(person, act_as, at):
    record_stop(
        actor=act_as("collector"),
        debtor_id="D1",
        party="debtor",
        channel="sms",
        words="别发短信",
        asked_at=at,
        at=at,
    )

    opened = what_may_be_done(debtor_id="D1", at=at).open_channels
    assert "sms" not in opened
    assert "call" in opened


def test_a_third_person_who_refused_is_never_asked_again(person, act_as, at):
    collector, supervisor = act_as("collector"), act_as("supervisor")
    logged = record_contact(
        actor=collector,
        debtor_id="D1",
        at=at,
        channel="call",
        direction="in",
        party="listed_contact",
        number="13900000009",
        purpose="restore_contact",
        outcome="asked_to_stop",
        note="不要再找我",
    ).contact

    row = StopRequest.objects.get()
    assert (row.party, row.number, row.contact_id) == (
        "listed_contact",
        "13900000009",
        logged.contact_id,
    )
    with pytest.raises(BadEntry):
        lift_stop(actor=supervisor, stop_id=row.pk, words="可以再打给我", at=at)


def test_lifting_the_hold_lifts_the_request_and_an_undone_contact_takes_it_back(person, act_as, at):
    collector, supervisor = act_as("collector"), act_as("supervisor")
    asked = {"actor": collector, "debtor_id": "D1", "channel": "call", "outcome": "asked_to_stop"}
    first = record_contact(**asked, at=at).contact

    withdraw_contact(actor=collector, contact_id=first.contact_id, at=at)
    assert reasons(at=at) == set()
    record_contact(**asked, at=at, note="别再打了")
    hold = Hold.objects.get(lifted_on=None)
    lift_hold(actor=supervisor, hold_id=hold.pk, why="本人来电要求恢复", on=AS_OF, at=at)

    assert reasons(at=at) == set()
    told = list(StopRequest.objects.order_by("pk").values_list("lifted_why", flat=True))
    assert told == ["taken back", "本人来电要求恢复"]


def test_another_hold_that_is_lifted_lifts_no_request(person, act_as, at):
    collector, supervisor = act_as("collector"), act_as("supervisor")
    record_stop(
        actor=collector,
        debtor_id="D1",
        party="debtor",
        words="请不要再联系我",
        asked_at=at,
        at=at,
    )
    other = set_hold(
        actor=supervisor, debtor_id="D1", kind="do_not_contact", why="x", from_on=AS_OF, at=at
    )

    lift_hold(actor=supervisor, hold_id=other.hold_id, why="误设", on=AS_OF, at=at)

    assert StopRequest.objects.get().lifted_at is None


def test_a_preference_permits_nothing_and_the_later_of_two_is_told(person, act_as, at):
    collector = act_as("collector")
    wish = Wish(channel="sms", language="en", begins=time(22), ends=time(23))

    set_preference(actor=collector, debtor_id="D1", wish=wish, version=0, at=at)

    assert reasons(at=NIGHT) == {"CN-CON-01", "CN-CON-02"}
    kept = what_may_be_done(debtor_id="D1", at=at).preference
    assert (kept.channel, kept.language, kept.version) == ("sms", "en", 1)
    with pytest.raises(Stale):
        set_preference(actor=collector, debtor_id="D1", wish=Wish(), version=0, at=at)
    with pytest.raises(BadEntry):
        set_preference(actor=collector, debtor_id="D1", wish=Wish(begins=time(9)), version=1, at=at)


@pytest.fixture
def reply(at):
    """Somebody wrote from a number that nobody has."""
    return ReplyReceived.objects.create(
        key="k",
        channel="sms",
        provider="p",
        address="13911112222",
        text="退订",
        stop_word="退订",
        at=at,
        recorded_at=at,
    )


def test_a_reply_is_given_to_a_person_once_and_what_it_asks_is_done(person, reply, act_as, at):
    supervisor = act_as("supervisor")

    with pytest.raises(NotAllowed):
        assign_reply(
            actor=act_as("collector"), reply_id=reply.pk, debtor_id="D1", party="debtor", at=at
        )
    done = assign_reply(actor=supervisor, reply_id=reply.pk, debtor_id="D1", party="debtor", at=at)

    assert done.contact.note == "退订"
    assert Contact.objects.get().direction == "in"
    opened = what_may_be_done(debtor_id="D1", at=at).open_channels
    assert "sms" not in opened
    assert "call" in opened
    with pytest.raises(Stale):
        assign_reply(actor=supervisor, reply_id=reply.pk, debtor_id="D1", party="debtor", at=at)


def test_a_reply_is_not_given_to_somebody_out_of_sight(reply, make_debtor, act_as, at):
    make_debtor("D9", team="T9")

    with pytest.raises(NotFound):
        assign_reply(
            actor=act_as("supervisor"), reply_id=reply.pk, debtor_id="D9", party="debtor", at=at
        )
    assert ReplyReceived.objects.get().debtor_id == ""


@pytest.fixture
def sign_in(make_staff, monkeypatch, at):
    """Sit somebody down in front of an English desk at ten."""
    monkeypatch.setattr("recoup.site.presence.now", lambda: at)

    def sit(role, **more):
        client = Client()
        client.force_login(make_staff(role, **more), backend=BACKEND)
        client.cookies["django_language"] = "en"
        return client

    return sit


def test_the_page_shows_what_an_entry_changes_at_once(person, sign_in):
    desk = sign_in("supervisor")
    page = reverse("contacts:reaching", args=["D1"])
    assert "May be called until 22:00" in desk.get(page).content.decode()

    told = desk.post(
        reverse("contacts:add-stop", args=["D1"]),
        {
            "party": "debtor",
            "heard_over": "call",
            "asked_at": "2026-11-20T09:30",
            "words": "stop it",
        },
        headers={"HX-Request": "true"},
    ).content.decode()

    assert "Not to be called" in told
    assert "stop it" in told
    lifted = desk.post(
        reverse("contacts:lift-stop", args=[StopRequest.objects.get().pk]),
        {"words": "call me again"},
        headers={"HX-Request": "true"},
    )
    assert "May be called until 22:00" in lifted.content.decode()


def test_a_consent_comes_with_its_file_and_a_bad_one_keeps_neither(
    person, sign_in, settings, tmp_path
):
    settings.KEPT_FILES = tmp_path
    desk = sign_in("collector")
    sent = {"channel": "call", "given_at": "2026-11-20T09:00", "proof": "signed form 7"}

    for given_at in ("2026-11-21T09:00", "2026-11-20T09:00"):
        (tmp_path / "s.txt").write_text("signed")
        with (tmp_path / "s.txt").open("rb") as file:
            answer = desk.post(
                reverse("contacts:add-consent", args=["D1"]),
                sent | {"given_at": given_at, "file": file},
            )

    assert answer.status_code == 302
    assert ProofFile.objects.get().pk == Consent.objects.get().proof_file_id
    shown = desk.get(reverse("contacts:reaching", args=["D1"])).content.decode()
    assert "signed form 7" in shown
    assert reverse("portfolio:proof", args=[ProofFile.objects.get().pk]) in shown


def test_who_may_only_look_sees_the_register_and_no_form(person, sign_in):
    shown = sign_in("auditor", scope=("bank", "")).get(reverse("contacts:reaching", args=["D1"]))

    assert "Requests to stop" in shown.content.decode()
    assert b'method="post" action="/contacts/' not in shown.content


def test_a_bought_number_is_shown_as_not_to_be_used(person, sign_in):
    ContactPoint.objects.create(
        debtor=person, kind="phone", value="13700000000", source="purchased"
    )

    shown = sign_in("collector").get(reverse("contacts:reaching", args=["D1"])).content.decode()

    assert "its source is not lawful" in shown
    assert "CN-CON-13" in shown


def test_a_reply_is_found_an_owner_on_the_page(person, reply, sign_in):
    ReplyReceived.objects.update(address=person.phone)
    desk = sign_in("supervisor")

    listed = desk.get(reverse("contacts:replies")).content.decode()
    one = desk.get(reverse("contacts:reply", args=[reply.pk])).content.decode()
    done = desk.post(
        reverse("contacts:assign-reply", args=[reply.pk]), {"debtor": "D1", "party": "debtor"}
    )

    assert "退订" in listed
    assert 'value="D1"' in one
    assert person.phone not in one
    assert done["Location"] == reverse("contacts:reaching", args=["D1"])
    assert "退订" not in desk.get(reverse("contacts:replies")).content.decode()
