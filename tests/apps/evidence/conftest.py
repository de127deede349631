"""One person with a case about whom everything was recorded that a bundle holds, and a key."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from recoup.apps.cases.actions import add_note
from recoup.apps.cases.bringing import Day, bring_all
from recoup.apps.contacts.actions import Intended, ask_gate, record_contact
from recoup.apps.contacts.models import DeliveryReceipt, Message, ReplyReceived
from recoup.apps.evidence.actions import seal_until
from recoup.apps.ledger.actions import post_receipt
from recoup.apps.people.models import Staff
from recoup.apps.people.permissions import MACHINE, Actor
from recoup.apps.portfolio.actions import attach_proof
from recoup.apps.portfolio.models import ContactPoint, Publication
from recoup.documents.bundle import signing
from recoup.web.house import strategy

AS_OF = date(2026, 11, 20)
DAY = timedelta(days=1)


@pytest.fixture
def key(tmp_path: Path, settings: Any) -> signing.SigningKey:
    """The desk's key."""
    settings.SEAL_KEY = tmp_path / "keys" / "seal.json"
    return signing.make_key(algorithm=signing.ED25519, path=settings.SEAL_KEY)


@dataclass(frozen=True)
class Person:
    """The debtor D1 with the loan C1, and who works on the case."""

    debtor_id: str
    worker: Actor


@pytest.fixture
def person(
    make_contract: Callable[..., Any],
    make_debtor: Callable[..., Any],
    act_as: Callable[..., Actor],
    night_result: Path,
    at: datetime,
    settings: Any,
    tmp_path: Path,
) -> Person:
    """D1: 47 days past due on C1; called, written to, paid something, proved something."""
    settings.KEPT_FILES = tmp_path / "files"
    Publication.objects.create(
        as_of=AS_OF,
        published_at=at,
        result_folder=str(night_result),
        result_hash="of the evidence",
        is_current=True,
    )
    debtor = make_debtor("D1", phone="13800000001")
    make_contract("C1", debtor=debtor, dpd=47, security="guaranteed")
    ContactPoint.objects.create(
        debtor=debtor, kind="phone", value="13800000001", source="contract", from_night=True
    )
    bring_all(Day(on=AS_OF, at=at, strategy=strategy()))
    worker = act_as("senior_collector", scope=("bank", ""))
    _recorded(worker, at)
    return Person(debtor_id="D1", worker=worker)


def _recorded(worker: Actor, at: datetime) -> None:
    asked = ask_gate(actor=worker, intended=Intended(debtor_id="D1", channel="call"), at=at)
    record_contact(
        actor=worker,
        debtor_id="D1",
        at=at,
        channel="call",
        party="debtor",
        outcome="no_answer",
        recording="pbx-7/2026-11-20/42.wav",
        decision_id=asked.pk,
    )
    late = at + timedelta(hours=12, minutes=30)  # 22:30 in Shanghai
    ask_gate(actor=worker, intended=Intended(debtor_id="D1", channel="call"), at=late)
    write(at)
    add_note(actor=worker, debtor_id="D1", text="约定周五回电\u2028第二行", at=at)
    attach_proof(
        actor=worker,
        debtor_id="D1",
        title="签署的借款合同",
        file_name="合同 C1.txt",
        content="借款合同 …".encode() * 2000,
        at=at,
    )
    post_receipt(
        actor=worker,
        idempotency_key="of the evidence",
        contract_id="C1",
        paid_on=AS_OF,
        amount_minor=100_00,
        channel="counter",
        at=at,
    )


def write(at: datetime, *, number: int = 1) -> Message:
    """Put a message on record that arrived, and what was answered."""
    intended = Intended(debtor_id="D1", channel="sms")
    decision = ask_gate(actor=MACHINE, intended=intended, at=at)
    message = Message.objects.create(
        message_id=f"M{number}",
        debtor_id="D1",
        decision=decision,
        channel="sms",
        language="zh",
        body="【某银行】您的借款已逾期，请与我们联系。",
        state="delivered",
        next_try_at=at,
        queued_at=at,
        sent_at=at,
    )
    told = {"channel": "sms", "provider": "p", "recorded_at": at, "at": at}
    DeliveryReceipt.objects.create(
        key=f"r{number}", message=message, own_id=f"M{number}", outcome="delivered", **told
    )
    ReplyReceived.objects.create(
        key=f"a{number}", address="13800000001", text="好的", debtor_id="D1", **told
    )
    return message


@pytest.fixture
def sealed(person: Person, key: signing.SigningKey, at: datetime) -> Person:
    """The same, two days sealed, and one note more that no seal covers yet."""
    seal_until(last_on=AS_OF, at=at + DAY)
    add_note(actor=person.worker, debtor_id="D1", text="第二天", at=at + DAY)
    seal_until(last_on=AS_OF + DAY, at=at + 2 * DAY)
    add_note(actor=person.worker, debtor_id="D1", text="尚未封存", at=at + 2 * DAY)
    return person


@pytest.fixture
def auditor(act_as: Callable[..., Actor]) -> Actor:
    """Who reads everything and writes nothing."""
    return act_as("auditor", scope=("bank", ""))


@pytest.fixture
def auditor_staff(make_staff: Callable[..., Staff]) -> Staff:
    """The same, to sign in."""
    return make_staff("auditor", scope=("bank", ""))
