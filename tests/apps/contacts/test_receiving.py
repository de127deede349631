"""What providers tell: receipts settle messages, words of a reply stop a channel, each once."""

from datetime import timedelta

import pytest

from recoup.apps.compliance.models import AuditEntry
from recoup.apps.contacts.actions import (
    Intended,
    Letter,
    NotPermitted,
    StopWordsMissing,
    queue_message,
    send_due,
    take_told,
)
from recoup.apps.contacts.models import (
    Contact,
    DeliveryReceipt,
    Message,
    PermitState,
    ReplyReceived,
    StopRequest,
)
from recoup.apps.contacts.queries import may_contact
from recoup.apps.people.permissions import MACHINE
from recoup.apps.portfolio.models import ContactPoint, Hold
from recoup.channels.way_out import Capabilities, HandedOver, Receipt, Reply, WayOut

State = Message.State
NUMBER = "13800000001"
TEXT = Letter(subject="", body="您的贷款已逾期，请与我们联系。", language="zh-hans")


class Provider(WayOut):
    """A provider that takes everything and names it r1, r2 ..."""

    channel = "sms"
    provider = "test"
    capabilities = Capabilities()

    def __init__(self):
        self.taken = 0

    def _hand_over(self, message):
        self.taken += 1
        return HandedOver(reference=f"r{self.taken}")


@pytest.fixture
def person(make_contract, make_debtor):
    """A debtor in arrears with one number."""
    debtor = make_debtor("D1", phone=NUMBER)
    make_contract("C1", debtor=debtor, dpd=47)
    ContactPoint.objects.create(
        debtor=debtor, kind="phone", value=NUMBER, source="contract", from_night=True
    )
    return debtor


def write(at, key="k1", **more):
    """Put a message to D1 into the outbox."""
    intended = Intended(**{"debtor_id": "D1", "channel": "sms", "purpose": "notice"} | more)
    return queue_message(actor=MACHINE, intended=intended, letter=TEXT, client_key=key, at=at)


@pytest.fixture
def sent(person, at):
    """A message that the provider has as r1."""
    write(at)
    assert send_due(ways={"sms": Provider()}, at=at).sent == 1
    return Message.objects.get()


def tell(*told, at, provider="test", channel="sms"):
    """Let the provider tell."""
    return take_told(channel=channel, provider=provider, told=told, at=at)


def receipt(outcome, at, **more):
    """A receipt of the message r1."""
    return Receipt(**{"reference": "r1", "outcome": outcome, "at": at} | more)


def reply(text, at, **more):
    """A reply from the debtor's number."""
    return Reply(**{"address": f"86{NUMBER}", "text": text, "at": at} | more)


def test_a_delivered_message_has_arrived_and_so_has_its_contact(sent, at):
    later = at + timedelta(minutes=1)

    assert tell(receipt("delivered", later), at=later).receipts == 1

    sent.refresh_from_db()
    assert (sent.state, sent.receipt_at) == (State.DELIVERED, later)
    assert sent.contact.outcome == "delivered"
    assert AuditEntry.objects.filter(verb="take_receipt").count() == 1


def test_a_receipt_told_twice_counts_once(sent, at):
    tell(receipt("delivered", at), at=at)

    again = tell(receipt("delivered", at, said="again"), at=at + timedelta(minutes=2))

    assert (again.receipts, again.again) == (0, 1)
    assert DeliveryReceipt.objects.count() == 1
    assert AuditEntry.objects.filter(verb="take_receipt").count() == 1


def test_a_number_that_is_not_in_use_is_marked_so(sent, at):
    tell(receipt("invalid", at), at=at)

    sent.refresh_from_db()
    assert (sent.state, sent.contact.outcome) == (State.FAILED, "invalid")
    assert ContactPoint.objects.get().is_valid is False


def test_what_has_arrived_does_not_fail_afterwards(sent, at):
    tell(receipt("delivered", at), receipt("failed", at), at=at)

    sent.refresh_from_db()
    assert (sent.state, sent.contact.outcome) == (State.DELIVERED, "delivered")


def test_a_receipt_that_comes_before_the_providers_name_is_kept_until_it_is_known(person, at):
    write(at)
    assert tell(receipt("delivered", at), at=at).receipts == 1
    assert DeliveryReceipt.objects.get().message is None

    send_due(ways={"sms": Provider()}, at=at)
    tell(at=at + timedelta(seconds=5))

    assert Message.objects.get().state == State.DELIVERED
    assert tell(receipt("delivered", at), at=at).again == 1


def test_a_receipt_by_our_own_id_settles_what_was_in_doubt(sent, at):
    Message.objects.update(state=State.UNSURE, provider_reference="", provider="")

    tell(receipt("delivered", at, reference="x", message_id="k1"), at=at)

    assert Message.objects.get().state == State.DELIVERED


def test_a_receipt_of_another_provider_changes_nothing(sent, at):
    tell(receipt("failed", at), at=at, provider="other")

    sent.refresh_from_db()
    assert sent.state == State.SENT


@pytest.mark.parametrize("text", ["TD", "t", "退订", "请不要再发短信了", "Stop.", "ＳＴＯＰ"])
def test_a_stop_word_stops_the_channel_at_once(sent, at, text):
    waiting = write(at, key="k2")
    later = at + timedelta(minutes=1)

    assert tell(reply(text, later), at=later).stops == 1

    assert PermitState.objects.get(pk=waiting.decision_id).void_why == PermitState.Why.STOP
    assert Message.objects.get(pk=waiting.pk).state == State.STOPPED
    assert send_due(ways={"sms": Provider()}, at=later).sent == 0
    request = StopRequest.objects.get()
    assert (request.debtor_id, request.party, request.channel) == ("D1", "debtor", "sms")
    assert request.words == text
    hold = Hold.objects.get(kind="do_not_contact")
    assert (hold.channel, hold.debtor_id) == ("sms", "D1")
    with pytest.raises(NotPermitted):
        write(later, key="k3")
    inbound = Contact.objects.get(direction="in")
    assert (inbound.debtor_id, inbound.note, inbound.channel) == ("D1", text, "sms")


def test_a_stop_over_one_channel_leaves_letters_open(sent, at):
    tell(reply("TD", at), at=at)

    assert may_contact(debtor_id="D1", channel="letter", purpose="notice", at=at).allowed


def test_other_words_are_kept_and_stop_nothing(sent, at):
    taken = tell(reply("我明天还款，谢谢", at), at=at)

    assert (taken.replies, taken.stops, taken.unassigned) == (1, 0, 0)
    assert not StopRequest.objects.exists()
    assert Contact.objects.get(direction="in").note == "我明天还款，谢谢"


def test_a_reply_told_twice_counts_once(sent, at):
    named = reply("您好", at, reply_id="m1")
    tell(named, reply("TD", at), at=at)

    again = tell(named, reply("TD", at + timedelta(seconds=5)), at=at + timedelta(minutes=5))

    assert (again.replies, again.again) == (0, 2)
    assert ReplyReceived.objects.count() == Contact.objects.filter(direction="in").count() == 2
    assert StopRequest.objects.count() == Hold.objects.count() == 1


def test_a_reply_to_a_message_is_its_persons_whatever_the_number(sent, at):
    tell(reply("退订", at, address="unknown@x.example", message_id="k1"), at=at)

    assert ReplyReceived.objects.get().debtor_id == "D1"
    assert StopRequest.objects.get().debtor_id == "D1"


def test_a_reply_of_an_unknown_number_is_kept_unassigned(person, at):
    taken = tell(reply("你们是谁", at, address="8613911112222"), at=at)

    row = ReplyReceived.objects.get()
    assert taken.unassigned == 1
    assert (row.debtor_id, row.contact, row.text) == ("", None, "你们是谁")


def test_a_stop_from_a_number_of_two_persons_stops_both(make_debtor, at):
    for debtor_id in ("D1", "D2"):
        make_debtor(debtor_id, phone=NUMBER)

    assert tell(reply("TD", at), at=at).unassigned == 1

    assert set(StopRequest.objects.values_list("debtor_id", flat=True)) == {"D1", "D2"}


def test_a_shared_number_is_the_persons_whom_we_wrote_to(sent, make_debtor, at):
    make_debtor("D2", phone=NUMBER)

    tell(reply("您好", at), at=at)

    assert ReplyReceived.objects.get().debtor_id == "D1"


def test_a_complaint_stops_the_channel(sent, at):
    tell(receipt("complained", at, said="abuse"), at=at)

    assert StopRequest.objects.get().words == "complained abuse"
    assert Hold.objects.get().channel == "sms"
    assert Message.objects.get().state == State.SENT


def test_without_stop_words_no_reply_is_taken(person, at, monkeypatch):
    class Silent:
        stop_words = None

    monkeypatch.setattr("recoup.apps.contacts.actions.receiving.strategy", Silent)

    with pytest.raises(StopWordsMissing):
        tell(reply("TD", at), at=at)
    assert not ReplyReceived.objects.exists()
