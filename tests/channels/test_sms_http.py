"""SMS over an HTTP gateway described as data, against a real HTTP server."""

import hashlib
import hmac
import json
from datetime import timedelta
from urllib.parse import parse_qs

import httpx
import pytest
from tests.channels.conftest import AT, NOTICE
from tests.channels.peers import ROOT

from recoup.channels.sms_gateway import BadGateway, gateway_of, read_gateway
from recoup.channels.sms_http import SmsOverHttp, UnclearAnswer
from recoup.channels.way_out import NotHandedOver, NotTheProvider, Receipt, Reply

GATEWAY = {
    "name": "example gateway",
    "form": "json",
    "fields": {"mobile": "{address}", "content": "【某某银行】{body}", "ref": "{message_id}"},
    "headers": {"X-App": "{key}"},
    "signature": {"header": "X-Sign", "timestamp_header": "X-Time", "prefix": "v1="},
    "idempotency_header": "Idempotency-Key",
    "answers": [
        {"means": "accepted", "status": [200], "field": "code", "values": ["0"]},
        {"means": "retry", "status": [200], "field": "code", "values": ["108"]},
        {"means": "never", "status": [200], "field": "code", "values": ["203"]},
        {"means": "retry", "status": [429, 503]},
    ],
    "reference": "data.id",
    "cost_minor": "data.fee",
    "most_chars": 500,
    "hook": {
        "items": "reports",
        "reference": "id",
        "outcome": "state",
        "outcomes": {"DELIVRD": "delivered", "UNDELIV": "failed", "MK:0001": "invalid"},
        "address": "mobile",
        "text": "content",
        "reply_id": "mo",
    },
}
TAKEN = (200, '{"code": 0, "data": {"id": "g7", "fee": 5}}')


def way_to(peer, **more):
    """The channel over a gateway at the test's server."""
    gateway = gateway_of({**GATEWAY, "url": peer.url, "seconds_to_answer": 2} | more)
    return SmsOverHttp(gateway=gateway, key="app-1", secret="s3cret", clock=lambda: AT)


def signed(body: bytes, at=AT) -> dict[str, str]:
    """The headers of a web hook of the gateway's."""
    time = str(int(at.timestamp()))
    digest = hmac.new(b"s3cret", f"{time}\n".encode() + body, hashlib.sha256).hexdigest()
    return {"x-time": time, "x-sign": f"v1={digest}"}


def test_a_message_arrives_signed_and_under_its_id(http_peer, send):
    peer = http_peer(lambda _: TAKEN)

    handed = send(way_to(peer), body="请还 {body} 元", message_id="k 张")

    got = peer.got[0]
    assert json.loads(got.body) == {
        "mobile": "13800000000",
        "content": "【某某银行】请还 {body} 元",
        "ref": "k 张",
    }
    assert got.headers["idempotency-key"] == "k%20%E5%BC%A0"
    assert got.headers["x-app"] == "app-1"
    assert got.headers["x-sign"] == signed(got.body)["x-sign"]
    assert (handed.reference, handed.cost_minor) == ("g7", 5)


def test_a_gateway_of_forms_gets_forms(http_peer, send):
    peer = http_peer(lambda _: TAKEN)

    send(way_to(peer, form="form"))

    assert parse_qs(peer.got[0].body.decode())["content"] == [f"【某某银行】{NOTICE}"]


@pytest.mark.parametrize(
    ("answer", "retry"),
    [
        ((200, '{"code": 108}'), True),
        ((200, '{"code": 203}'), False),
        ((503, "busy"), True),
    ],
)
def test_answers_mean_what_the_description_says(http_peer, send, answer, retry):
    with pytest.raises(NotHandedOver) as refused:
        send(way_to(http_peer(lambda _: answer)))

    assert refused.value.retry is retry


@pytest.mark.parametrize("answer", [(200, '{"code": 999}'), (200, "<html>"), (500, ""), None])
def test_an_answer_that_nothing_describes_leaves_it_in_doubt(http_peer, send, answer):
    with pytest.raises((UnclearAnswer, httpx.TransportError)):
        send(way_to(http_peer(lambda _: answer)))


def test_a_gateway_that_is_away_has_certainly_not_taken_it(http_peer, send):
    way = way_to(http_peer(lambda _: TAKEN), url="http://127.0.0.1:1/send")

    with pytest.raises(NotHandedOver) as away:
        send(way)

    assert away.value.retry


def test_only_a_gateway_with_a_key_resends_safely(http_peer):
    peer = http_peer(lambda _: TAKEN)

    assert way_to(peer).capabilities.resends_safely
    assert not way_to(peer, idempotency_header="").capabilities.resends_safely


def test_the_gateways_web_hook_tells_receipts_and_replies(http_peer):
    way = way_to(http_peer(lambda _: TAKEN))
    reports = [
        {"id": "g7", "state": "DELIVRD"},
        {"id": "g8", "state": "MK:0001"},
        {"id": "g9", "state": "ACCEPTD"},
        {"mo": "m1", "mobile": "13800000000", "content": "TD"},
    ]
    body = json.dumps({"reports": reports}).encode()

    told = way.read_hook(headers=signed(body), body=body, at=AT)

    assert told == (
        Receipt(reference="g7", outcome="delivered", at=AT),
        Receipt(reference="g8", outcome="invalid", at=AT),
        Reply(address="13800000000", text="TD", at=AT, reply_id="m1"),
    )


def test_what_is_not_signed_or_old_is_not_believed(http_peer):
    way = way_to(http_peer(lambda _: TAKEN))
    body = b'{"reports": []}'

    for headers, sent in (
        ({}, body),
        (signed(body), body + b" "),
        (signed(body, AT - timedelta(minutes=6)), body),
        (signed(b"no json"), b"no json"),
    ):
        with pytest.raises(NotTheProvider):
            way.read_hook(headers=headers, body=sent, at=AT)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"fields": {"mobile": "{address}"}}, "body"),
        ({"answers": [{"means": "retry", "status": [429]}]}, "accepted"),
        ({"answers": [{"means": "perhaps", "status": [200]}]}, "means"),
        ({"url": "ftp://x"}, "url"),
        ({"signature": None}, "signature"),
        ({"hook": {"outcomes": {"X": "arrived"}}}, "outcomes"),
        ({"colour": "blue"}, "colour"),
    ],
)
def test_a_description_that_cannot_serve_is_refused(tmp_path, change, said):
    file = tmp_path / "gateway.json"
    file.write_text(json.dumps({**GATEWAY, "url": "https://x.example"} | change), encoding="utf-8")

    with pytest.raises(BadGateway, match=said):
        read_gateway(file)


def test_the_gateway_shown_in_the_howto_can_be_used():
    page = (ROOT / "docs" / "howto" / "ways-out.md").read_text(encoding="utf-8")
    shown = page.split("```json\n")[1].split("```")[0]

    gateway = gateway_of(json.loads(shown))

    assert gateway.signature.over == "{timestamp}\n{body}"
    assert gateway.hook.outcomes["MK:0001"] == "invalid"
