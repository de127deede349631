"""A complaint is taken in, and everything that collects from the person stops."""

from datetime import date, timedelta

import pytest
from django.conf import settings as django_settings

from recoup.apps.complaints.actions import Intake, match_person, take_in, take_in_from_web
from recoup.apps.complaints.models import Complaint, ComplaintEntry
from recoup.apps.complaints.queries import candidates, complaint, complaints, open_of
from recoup.apps.complaints.queries.reading import Wanted
from recoup.apps.complaints.refusals import BadComplaint, TooMany
from recoup.apps.compliance.models import AuditEntry
from recoup.apps.contacts.actions import Intended, Letter, ask_gate, queue_message, send_due
from recoup.apps.contacts.models import Message, PermitState
from recoup.apps.contacts.queries import may_contact
from recoup.apps.people.permissions import NotAllowed, NotFound
from recoup.apps.portfolio.actions import WrongEntry, lift_hold
from recoup.apps.portfolio.models import Hold
from recoup.channels.way_out import Capabilities, HandedOver, WayOut

ON = date(2026, 11, 20)


def test_it_gets_a_number_a_day_and_a_place_in_the_trail(take, collector, at):
    card = take()

    assert card.number == f"TS20261120-{Complaint.objects.get().pk:06d}"
    assert (card.due_on, card.starts_on, card.status) == (date(2026, 12, 5), ON, "open")
    assert [one.kind for one in ComplaintEntry.objects.all()] == ["received"]
    entry = AuditEntry.objects.get(record="complaint")
    assert (entry.verb, entry.debtor_id, entry.actor_id) == (
        "take_in_complaint",
        "D1",
        collector.staff_id,
    )


class Provider(WayOut):
    """A provider that keeps what it gets."""

    channel = "sms"
    provider = "test"
    capabilities = Capabilities(resends_safely=True)

    def __init__(self):
        self.got = []

    def _hand_over(self, message):
        self.got.append(message)
        return HandedOver(reference="r")


def test_it_stops_collecting_at_once_and_leaves_service_open(take, collector, at):
    permit = ask_gate(actor=collector, intended=Intended(debtor_id="D1", channel="call"), at=at)
    message = queue_message(
        actor=collector,
        intended=Intended(debtor_id="D1", channel="sms", purpose="service", reveals_debt=False),
        letter=Letter(body="您好，请与我们联系。", language="zh-hans"),
        client_key="w1",
        at=at,
    )
    assert permit.permitted

    card = take()

    state = PermitState.objects.get(pk=permit.pk)
    assert (state.void_at, state.void_why) == (at, "hold")
    refused = may_contact(debtor_id="D1", channel="call", at=at)
    assert [one.rule for one in refused.reasons] == ["EX-HOLD-COMPLAINT"]
    assert may_contact(debtor_id="D1", channel="call", purpose="service", at=at).allowed
    provider = Provider()
    passed = send_due(ways={"sms": provider}, at=at + timedelta(minutes=1))
    assert (passed.sent, passed.stopped, provider.got) == (0, 1, [])
    assert Message.objects.get(pk=message.pk).state == "stopped"
    hold = Hold.objects.get()
    assert (hold.kind, hold.kept_by, hold.until_on) == (
        "complaint",
        f"complaints:{card.number}",
        None,
    )
    assert card.number in hold.why


def test_a_category_adds_the_holds_that_the_strategy_names(take):
    take(category="not_owed")

    assert sorted(Hold.objects.values_list("kind", flat=True)) == ["complaint", "dispute"]


def test_nobody_lifts_its_hold_by_hand(take, act_as, at):
    take()
    hold = Hold.objects.get()

    with pytest.raises(WrongEntry, match="TS2026"):
        lift_hold(
            actor=act_as("senior_collector"), hold_id=hold.pk, why="call anyway", at=at, on=ON
        )

    hold.refresh_from_db()
    assert hold.lifted_on is None


def test_the_same_form_sent_twice_is_one_complaint(person, collector, at):
    intake = Intake(
        category="service", words="no answer", source="call", received_on=ON, debtor_id="D1"
    )

    first, second = (
        take_in(actor=collector, intake=intake, client_key="k", at=at) for _ in range(2)
    )

    assert first == second
    assert Hold.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"category": "weather"},
        {"source": "rumour"},
        {"relation": "neighbour"},
        {"words": "  "},
        {"words": "长" * 4001},
        {"received_on": date(2026, 11, 21)},
    ],
)
def test_what_cannot_be_is_refused(take, wrong):
    with pytest.raises(BadComplaint):
        take(**wrong)

    assert not Complaint.objects.exists()
    assert not Hold.objects.exists()


def test_whom_one_does_not_see_one_takes_no_complaint_of(person, act_as, take):
    stranger = act_as("collector", team="T2")

    with pytest.raises(NotFound):
        take(actor=stranger)


def test_without_the_duty_nobody_takes_one_in(act_as, take):
    with pytest.raises(NotAllowed):
        take(actor=act_as("strategy_analyst", scope=("bank", "")))


def web(**more):
    values = {
        "category": "third_party",
        "words": "请不要再打给我",
        "source": "portal",
        "received_on": ON,
        "complainant": "李小明",
        "reach_at": "13800000001",
    }
    return Intake(**(values | more))


def test_one_from_the_web_is_nobodys_until_compliance_finds_the_person(
    person, collector, compliance, at
):
    card = take_in_from_web(intake=web(), sender="192.0.2.1", at=at)

    assert card.debtor_id == ""
    assert not Hold.objects.exists()
    assert [one.hit.debtor_id for one in candidates(compliance, card)] == ["D1"]
    with pytest.raises(NotFound):
        complaint(collector, card.number)

    match_person(
        actor=compliance, number=card.number, debtor_id="D1", contract_id="C1", version=None, at=at
    )

    assert Hold.objects.get().debtor_id == "D1"
    assert complaint(collector, card.number).contract_id == "C1"
    assert [one.number for one in open_of(debtor_ids=("D1",))["D1"]] == [card.number]


def test_a_wrong_person_is_let_go_again(person, make_debtor, compliance, take, at):
    make_debtor("D2")
    card = take()

    match_person(actor=compliance, number=card.number, debtor_id="D2", version=None, at=at)

    held = {one.debtor_id: one.lifted_on for one in Hold.objects.all()}
    assert held == {"D1": ON, "D2": None}


def test_one_address_sends_five_within_the_hour_and_its_address_is_not_kept(person, at):
    for number in range(5):
        take_in_from_web(intake=web(words=f"第{number}件"), sender="192.0.2.1", at=at)

    with pytest.raises(TooMany):
        take_in_from_web(intake=web(words="第六件"), sender="192.0.2.1", at=at)
    take_in_from_web(intake=web(words="第七件"), sender="192.0.2.2", at=at)
    take_in_from_web(
        intake=web(words="第八件"), sender="192.0.2.1", at=at + timedelta(hours=1, seconds=1)
    )

    assert Complaint.objects.count() == 7
    kept = set(Complaint.objects.values_list("sender_hash", flat=True))
    assert len(kept) == 2
    assert all("192.0.2" not in one and len(one) == 64 for one in kept)
    assert django_settings.SECRET_KEY not in kept


def test_sent_again_from_the_web_it_is_the_same_complaint(person, at):
    first = take_in_from_web(intake=web(), sender="192.0.2.1", at=at)

    assert take_in_from_web(intake=web(), sender="192.0.2.9", at=at).number == first.number


def test_the_web_needs_a_name_and_a_way_back(person, at):
    with pytest.raises(BadComplaint):
        take_in_from_web(intake=web(reach_at=" "), sender="192.0.2.1", at=at)


def test_whoever_it_is_about_does_not_see_it(take, collector, compliance, act_as):
    card = take(about_staff_id=collector.staff_id, actor=act_as("collector"))

    assert complaints(collector, Wanted(), as_of=ON) == ()
    with pytest.raises(NotFound):
        complaint(collector, card.number)
    assert complaint(compliance, card.number).about_staff_id == collector.staff_id
