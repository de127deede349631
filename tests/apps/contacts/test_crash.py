"""A worker is killed between taking a message and settling it; real peers count what arrives."""

import json
import multiprocessing
from datetime import timedelta
from email import message_from_bytes

import pytest
from django.db import connection
from tests.apps.contacts.sending_process import main
from tests.channels.conftest import http_peer, mail_handler, mail_port, smsc  # noqa: F401

from recoup.apps.contacts.actions import Intended, Letter, queue_message
from recoup.apps.contacts.actions.messages import ABANDONED
from recoup.apps.contacts.models import Contact, Message
from recoup.apps.people.permissions import MACHINE
from recoup.apps.portfolio.models import ContactPoint

State = Message.State
GATEWAY = {
    "name": "gateway",
    "form": "json",
    "fields": {"mobile": "{address}", "content": "{body}"},
    "idempotency_header": "Idempotency-Key",
    "answers": [{"means": "accepted", "status": [200]}],
    "reference": "id",
}


PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.apps.contacts.sending_process"])


def work(channel, url, at, dies="no"):
    """Run a worker process once; yield how it ended."""
    database = str(connection.settings_dict["NAME"])
    process = PROCESSES.Process(target=main, args=(database, channel, url, at, dies))
    process.start()
    process.join(timeout=60)
    return process.exitcode


@pytest.fixture
def queued(make_contract, make_debtor, at):
    """A message in the outbox, by channel."""

    def queue(channel):
        debtor = make_debtor("D1", phone="13800000001")
        make_contract("C1", debtor=debtor, dpd=47)
        kind, value = (
            ("email", "zhang@example.com") if channel == "email" else ("phone", "13800000001")
        )
        ContactPoint.objects.create(
            debtor=debtor, kind=kind, value=value, source="contract", from_night=True
        )
        queue_message(
            actor=MACHINE,
            intended=Intended(debtor_id="D1", channel=channel, purpose="notice"),
            letter=Letter(subject="还款提醒", body="您的贷款已逾期。", language="zh-hans"),
            client_key="k1",
            at=at,
        )

    return queue


@pytest.fixture(params=["smtp", "smpp", "http", "portal"])
def peer(request, tmp_path):
    """A provider: its channel, its address, and the ids of what it got so far."""
    if request.param == "smtp":
        handler, port = (request.getfixturevalue(one) for one in ("mail_handler", "mail_port"))
        url = f"smtp://127.0.0.1:{port}?security=none"
        return "email", url, lambda: [message_from_bytes(one)["Message-ID"] for one in handler.got]
    if request.param == "smpp":
        centre = request.getfixturevalue("smsc")
        url = f"smpp://bank:secret@127.0.0.1:{centre.port}?source=10690000"
        return "sms", url, lambda: [one["text"] for one in centre.of("submit")]
    got = request.getfixturevalue("http_peer")(lambda _: (200, '{"id": "g1"}'))
    if request.param == "portal":
        return "portal", got.url, lambda: [one.headers["webhook-id"] for one in got.got]
    file = tmp_path / "gateway.json"
    file.write_text(json.dumps(GATEWAY | {"url": got.url}), encoding="utf-8")
    return "sms", f"gateway://{file}", lambda: [one.headers["idempotency-key"] for one in got.got]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("dies", ["before", "after"])
def test_nobody_gets_it_twice_when_the_worker_is_killed(peer, queued, at, dies):
    channel, url, ids = peer
    queued(channel)

    assert work(channel, url, at, dies) == -9
    assert len(ids()) == (dies == "after")
    assert Message.objects.get().state == State.SENDING
    work(channel, url, at + timedelta(minutes=1))
    assert len(ids()) == (dies == "after")
    work(channel, url, at + ABANDONED + timedelta(minutes=1))
    work(channel, url, at + ABANDONED + timedelta(minutes=2))

    resends = "smtp" not in url and "smpp" not in url
    assert len(ids()) == (dies == "after") + resends
    assert len(set(ids())) <= 1
    assert Message.objects.get().state == (State.SENT if resends else State.UNSURE)
    assert Contact.objects.filter(withdrawn_at=None).count() == 1
