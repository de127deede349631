"""Instant messages and portal notices by signed web hook, and the demonstration's folder."""

import json
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import httpx
import pytest
from standardwebhooks import Webhook
from tests.channels.conftest import AT, NOTICE

from recoup.channels.email import Sender
from recoup.channels.folder import IntoFolder
from recoup.channels.way_out import NotHandedOver, NotTheProvider, Receipt, Reply
from recoup.channels.webhook import ByWebhook, UnclearAnswer

SECRET = "whsec_" + "c2VjcmV0" * 4
SENDER = Sender(address="collections@bank.example", name="某某银行")


def now() -> datetime:
    """The specification's library looks at the wall clock itself."""
    return datetime.now(tz=UTC)


def way_to(url, channel="portal"):
    """The channel over a system of the bank's at the test's server."""
    return ByWebhook(channel=channel, url=url, secret=SECRET, clock=now, seconds_to_answer=2)


def signed(body: str) -> dict[str, str]:
    """The headers of what the bank's system posts back."""
    at = now()
    return {
        "webhook-id": "h1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(SECRET).sign("h1", at, body),
    }


def test_the_banks_system_can_verify_what_it_gets(http_peer, send):
    peer = http_peer(lambda _: (204, ""))

    handed = send(way_to(peer.url))

    got = peer.got[0]
    letter = Webhook(SECRET).verify(got.body, dict(got.headers))
    assert got.headers["webhook-id"] == handed.reference == "k1"
    assert letter["type"] == "portal.send"
    assert letter["data"]["body"] == NOTICE
    with pytest.raises(Exception, match="signature"):
        Webhook(SECRET).verify(got.body + b" ", dict(got.headers))


@pytest.mark.parametrize(("status", "retry"), [(429, True), (503, True), (404, False)])
def test_a_refusal_is_certain(http_peer, send, status, retry):
    with pytest.raises(NotHandedOver) as refused:
        send(way_to(http_peer(lambda _: (status, "no")).url))

    assert refused.value.retry is retry


@pytest.mark.parametrize("answer", [(500, ""), (302, ""), None])
def test_a_failure_leaves_it_in_doubt(http_peer, send, answer):
    with pytest.raises((UnclearAnswer, httpx.TransportError)):
        send(way_to(http_peer(lambda _: answer).url))


def test_receipts_and_replies_are_posted_back():
    body = json.dumps(
        {
            "data": [
                {"message_id": "k1", "outcome": "delivered"},
                {"address": "u-7", "text": "请停止", "message_id": "k1"},
            ]
        }
    )

    told = way_to("https://bank.example/im", "im").read_hook(
        headers=signed(body), body=body.encode(), at=AT
    )

    assert told == (
        Receipt(reference="k1", message_id="k1", outcome="delivered", at=AT),
        Reply(
            address="u-7", text="请停止", at=AT, reference="k1", message_id="k1", reply_id="h1/1"
        ),
    )


@pytest.mark.parametrize(
    "body", ['{"data": [{"message_id": "k1", "outcome": "seen"}]}', "[]", '{"data": ["x"]}', "x"]
)
def test_what_cannot_be_read_is_not_believed(body):
    way = way_to("https://bank.example/im", "im")

    with pytest.raises(NotTheProvider):
        way.read_hook(headers=signed(body), body=body.encode(), at=AT)
    with pytest.raises(NotTheProvider):
        way.read_hook(headers={}, body=body.encode(), at=AT)


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_the_demonstration_writes_a_file_a_message(tmp_path, send, channel):
    folder = tmp_path / "outbox"
    way = IntoFolder(channel=channel, folder=folder, sender=SENDER, clock=lambda: AT)

    first, second = send(way), send(way)

    assert first.reference == second.reference
    (file,) = folder.iterdir()
    if channel == "email":
        mail = message_from_bytes(file.read_bytes(), policy=default)
        assert mail.get_content().strip() == NOTICE
    else:
        assert NOTICE in file.read_text(encoding="utf-8")
        assert "Parts: 1 (UCS-2)" in file.read_text(encoding="utf-8")
