"""Channels by settings: built or refused; what providers may post; what the desk says of them."""

import json
import threading
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from django.conf import settings
from django.test import Client
from standardwebhooks import Webhook

from recoup.apps.contacts.actions import Intended, Letter, queue_message
from recoup.apps.contacts.models import Message, ReplyReceived
from recoup.apps.people.permissions import MACHINE
from recoup.apps.portfolio.models import ContactPoint
from recoup.channels.email import Email
from recoup.channels.mailbox import Maildir
from recoup.channels.sms_smpp import SmsOverSmpp
from recoup.site import ways_hook, ways_out
from recoup.site.ways_out import BadChannel, Worked, build, said_of_channels

SECRET = "whsec_" + "c2VjcmV0" * 4


@pytest.fixture
def given(monkeypatch):
    """Give a channel its settings."""

    def give(channel, **values):
        for name, value in values.items():
            monkeypatch.setitem(settings.WAYS[channel], name, value)

    yield give
    ways_hook._way.cache_clear()


@pytest.fixture
def queued(make_contract, make_debtor, at):
    """A text message to D1 in the outbox."""
    debtor = make_debtor("D1", phone="13800000001")
    make_contract("C1", debtor=debtor, dpd=47)
    ContactPoint.objects.create(
        debtor=debtor, kind="phone", value="13800000001", source="contract", from_night=True
    )
    return queue_message(
        actor=MACHINE,
        intended=Intended(debtor_id="D1", channel="sms", purpose="notice"),
        letter=Letter(subject="", body="您的贷款已逾期。", language="zh-hans"),
        client_key="k1",
        at=at,
    )


def test_settings_make_channels(given, tmp_path):
    given("email", url="smtp://u%40x:p%20w@relay.example", **{"from": "c@bank.example"})
    given("email", inbox=f"maildir://{tmp_path}/box")
    given("sms", url="smpp://bank@smsc.example:2776?source=106&source_ton=5&unknown_number=001,005")
    given("sms", secret="s3cret", price_minor=4)

    email, sms = build("email"), build("sms")

    assert isinstance(email, Email)
    assert (email._relay.user, email._relay.password) == ("u@x", "p w")
    assert (email._relay.port, email._relay.security) == (587, "starttls")
    assert email.capabilities.takes_replies
    assert isinstance(sms, SmsOverSmpp)
    assert (sms._smsc.port, sms._smsc.password, sms._smsc.source_ton) == (2776, "s3cret", 5)
    assert sms._smsc.unknown_number == {"001", "005"}


@pytest.mark.parametrize(
    ("channel", "values", "said"),
    [
        ("email", {"url": "smtp://relay.example"}, "RECOUP_EMAIL_FROM"),
        ("email", {"url": "ftp://x", "from": "a@b.c"}, "smtp://"),
        ("email", {"url": "smtp://u:p@x?security=none", "from": "a@b.c"}, "TLS"),
        ("email", {"url": "smtp://x?security=perhaps", "from": "a@b.c"}, "perhaps"),
        ("email", {"url": "smtp://x?colour=blue", "from": "a@b.c"}, "colour"),
        ("email", {"url": "smtp://x", "from": "a@b.c", "inbox": "pop://x"}, "RECOUP_EMAIL_INBOX"),
        ("sms", {"url": "smpp://bank@x"}, "source"),
        ("sms", {"url": "gateway:///no/such/file.json", "secret": "s"}, "file.json"),
        ("im", {"url": "https://x"}, "RECOUP_IM_SECRET"),
        ("portal", {"url": "smtp://x", "secret": SECRET}, "https"),
    ],
)
def test_settings_that_cannot_serve_are_refused(given, channel, values, said):
    given(channel, **values)

    with pytest.raises(BadChannel, match=said):
        build(channel)


def test_without_stop_words_no_channel_takes_replies(given, monkeypatch):
    class Silent:
        stop_words = None

    given("sms", url="smpp://bank@x?source=106")
    monkeypatch.setattr(ways_out, "strategy", Silent)

    with pytest.raises(BadChannel, match="stop_words"):
        build("sms")


def test_a_message_leaves_over_its_channel_and_waits_without_one(
    given, queued, at, tmp_path, monkeypatch
):
    monkeypatch.setattr(ways_out, "now", lambda: at)
    assert "sms" in said_of_channels()[1]
    assert ways_out.build_all() == {}

    given("sms", url=f"folder://{tmp_path}/sms")
    Worked(way=build("sms"), over=threading.Event()).round()

    assert Message.objects.get().state == Message.State.SENT
    (file,) = (tmp_path / "sms").iterdir()
    assert "您的贷款已逾期。" in file.read_text(encoding="utf-8")
    assert "sms" not in said_of_channels()[1]


def test_a_mailbox_is_not_looked_at_at_every_round(given, tmp_path):
    given("email", url="smtp://relay.example", inbox=f"maildir://{tmp_path}/box")
    given("email", **{"from": "c@bank.example"})
    box = Maildir(tmp_path / "box")
    worked = Worked(way=build("email"), over=threading.Event())

    for text in ("first", "second"):
        mail = EmailMessage()
        mail["From"] = f"{text}@example.com"
        mail.set_content(text)
        box._box.add(mail)
        worked.round()

    assert [one.text for one in ReplyReceived.objects.all()] == ["first"]
    worked._looks_at = 0
    worked.round()
    assert ReplyReceived.objects.count() == 2


def test_healthz_names_the_channels(given):
    assert Client().get("/healthz").json()["channels"] == []

    given("portal", url="https://bank.example/portal")

    assert Client().get("/healthz").json()["channels"] == ["portal"]


def post(body, *, secret=SECRET, channel="im"):
    """Post as the bank's messenger does."""
    now = datetime.now(tz=UTC)
    headers = {
        "webhook-id": "h1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign("h1", now, body),
    }
    address = f"/ways/{channel}/told"
    return Client().post(address, body, content_type="application/json", headers=headers)


def test_what_a_provider_posts_is_taken_if_it_signed_it(given):
    body = json.dumps({"data": [{"address": "u-7", "text": "请停止"}]})
    assert post(body).status_code == 404

    given("im", url="https://bank.example/im", secret=SECRET)

    assert post(body, secret="whsec_" + "b3RoZXIh" * 4).status_code == 401
    assert not ReplyReceived.objects.exists()
    assert post(body).json() == {"receipts": 0, "replies": 1}
    assert post(body).json() == {"receipts": 0, "replies": 0}
    assert ReplyReceived.objects.get().text == "请停止"


def test_the_page_lists_what_waits_and_who_could_not_be_found(given, queued, make_staff, at):
    given("im", url="https://bank.example/im", secret=SECRET)
    post(json.dumps({"data": [{"address": "13987654321", "text": "退订"}]}))
    client = Client()
    client.force_login(make_staff("compliance_officer", scope=("bank", "")))

    client.cookies["django_language"] = "en"
    page = client.get("/contacts/messages/").content.decode()

    assert "no settings: its messages wait" in page
    assert "退订" in page
    assert "13987654321" not in page
