"""Sending with a permit that the kernel gave, and peers that listen on this machine."""

import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from tests.channels.peers import HttpPeer, MailHandler, Smsc, why_no_smsc
from tests.gate.facts import contact

from recoup.channels.way_out import HandedOver, Outgoing, WayOut
from recoup.kernel.contact_facts import read_facts
from recoup.kernel.contact_rules import Permit, decide
from recoup.web.house import contact_law

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
NOTICE = "您在本行的贷款已逾期，请与我们联系。"


@pytest.fixture
def send() -> Callable[..., HandedOver]:
    """Send one message over a channel, as the outbox does, with the gate's permit."""

    def act(way: WayOut, *, body: str = NOTICE, message_id: str = "k1", **more: Any) -> HandedOver:
        address = more.pop(
            "address", "zhang@example.com" if way.channel == "email" else "13800000000"
        )
        facts = contact(
            channel=way.channel,
            purpose="notice",
            interactive=way.channel == "im",
            number={"value": address, "source": "contract", "valid": True},
        )
        permit = decide(facts=read_facts(facts), rules=contact_law())
        assert isinstance(permit, Permit), permit
        message = Outgoing(
            message_id=message_id,
            debtor_id="D1",
            address=address,
            language="zh-hans",
            subject=more.pop("subject", "还款提醒"),
            body=body,
            **more,
        )
        return way.send(permit=permit, message=message, at=AT)

    return act


@pytest.fixture
def mail_handler() -> MailHandler:
    """What the mail server does."""
    return MailHandler()


@pytest.fixture
def mail_port(mail_handler: MailHandler) -> Iterator[int]:
    """The port of a real SMTP server, which the test's handler answers for."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(mail_handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield port
    controller.stop()


@pytest.fixture
def smsc() -> Iterator[Smsc]:
    """A real SMSC."""
    why = why_no_smsc()
    if why:
        pytest.skip(why)
    made = Smsc()
    yield made
    made.close()


@pytest.fixture
def http_peer() -> Iterator[Callable[..., HttpPeer]]:
    """Start HTTP servers that answer as the test says."""
    made: list[HttpPeer] = []

    def start(answer: Any) -> HttpPeer:
        made.append(HttpPeer(answer))
        return made[-1]

    yield start
    for one in made:
        one.close()
