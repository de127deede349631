"""One of everything that an address can name, and people signed in by page or by token."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from tests.apps import conftest

from recoup.api import hooks, tokens
from recoup.api.models import Delivery, WebHook
from recoup.apps.arrangements.actions import record_promise
from recoup.apps.cases.actions import add_note, add_task, assign, offer_hand_over
from recoup.apps.cases.models import Case
from recoup.apps.closing.models import Night
from recoup.apps.complaints.actions import Intake, take_in
from recoup.apps.complaints.models import Complaint
from recoup.apps.contacts.actions import (
    Intended,
    Proof,
    agree_hours,
    ask_gate,
    record_consent,
    record_contact,
    record_stop,
)
from recoup.apps.contacts.models import (
    GateDecision,
    Message,
    PostalLetter,
    PrintBatch,
    ReplyReceived,
)
from recoup.apps.evidence.models import Seal, SealKey
from recoup.apps.ledger.actions import post_receipt
from recoup.apps.people.models import Absence, Branch, Role, Scope, Staff, Team
from recoup.apps.people.permissions import Actor
from recoup.apps.people.queries import actor_of
from recoup.apps.people.roles import ROOMS, VERBS
from recoup.apps.portfolio.actions import attach_proof, set_hold
from recoup.apps.portfolio.models import ContactPoint, Contract
from recoup.apps.quality.models import Finding, Sample, SampleWeek
from recoup.web.kept_files import keep

act_as, make_staff, roles = conftest.act_as, conftest.make_staff, conftest.roles
at, night_result, published_bank = conftest.at, conftest.night_result, conftest.published_bank
BACKEND = "django.contrib.auth.backends.ModelBackend"
World = Mapping[str, str]


@pytest.fixture
def world(
    make_staff: Callable[..., Staff], published_bank: object, night_result: Path, at: datetime
) -> World:
    """Keys of one record of each kind, all about one debtor of one team."""
    held = Case.objects.filter(queue__lt=9).values("pk")
    loan = Contract.objects.filter(dpd__gt=3, currency="CNY", debtor__in=held).earliest("pk")
    owner = make_staff("supervisor", team=loan.team, scope=("bank", ""))
    owner.roles.add(make_staff("administrator", team=loan.team).roles.get())
    actor = actor_of(staff_id=owner.pk, at=at)
    return {
        "debtor": loan.debtor_id,
        "contract": loan.pk,
        **_of_the_site(owner, night_result, at),
        **_of_people(owner, at),
        **_of_the_debtor(actor, loan, at),
        **_of_letters(owner, loan.debtor_id, at),
        **_of_complaints(actor, loan.debtor_id, at),
        **_of_reviews(make_staff("collector", team=loan.team), loan.debtor_id, at),
        **_of_the_case(actor, loan.debtor_id, make_staff("counsel", team=loan.team), at),
    }


def _of_the_site(owner: Staff, result: Path, at: datetime) -> World:
    made = tokens.make_token(
        staff_id=owner.pk,
        name="t",
        scopes=frozenset({"view cases"}),
        secret="of the world",
        days=1,
        at=datetime.now(tz=UTC),
    )
    hook = WebHook.objects.create(
        staff=owner,
        url="https://bank.example/",
        secret="whsec_x",
        kinds=["case.opened"],
        made_at=at,
    )
    hooks.tell_hooks(kind="case.opened", payload={}, at=at)
    Delivery.objects.update(status=Delivery.Status.DEAD)
    night = Night.objects.create(
        as_of=at.date(),
        status="done",
        trigger="hand",
        ordered_at=at,
        pack="cn",
        strategy="example",
        result_folder=str(result),
        rejects_file=str(result / "rejects.parquet"),
    )
    return {
        "token": str(made.token_id),
        "hook": str(hook.pk),
        "delivery": str(Delivery.objects.get().pk),
        "night": str(night.pk),
        "sealed": _sealed(at),
        "nothing": "999999",
    }


def _sealed(at: datetime) -> str:
    """A day that is sealed; what was signed with is gone again."""
    key = SealKey.objects.create(
        algorithm="ed25519-sha256", public="", fingerprint="f", known_since=at
    )
    day = at.date() - timedelta(days=1)
    Seal.objects.create(day=day, sealed_at=at, key=key, entries=0, branches=b"", statement="{}")
    return day.isoformat()


def _of_people(owner: Staff, at: datetime) -> World:
    absence = Absence.objects.create(
        staff=owner, from_on=at.date() + timedelta(days=9), until_on=at.date() + timedelta(days=12)
    )
    return {
        "staff": str(owner.pk),
        "scope": str(Scope.objects.create(staff=owner, kind="branch", value="B1").pk),
        "absence": str(absence.pk),
        "role": str(Role.objects.get(code="collector").pk),
        "branch": str(Branch.objects.earliest("pk").pk),
        "team": str(Team.objects.earliest("pk").pk),
        "room": "portfolio",
        "record": "debtor",
    }


def _of_the_debtor(actor: Actor, loan: Contract, at: datetime) -> World:
    posted = post_receipt(
        actor=actor,
        idempotency_key="of the world",
        contract_id=loan.pk,
        paid_on=at.date(),
        amount_minor=100,
        channel="counter",
        at=at,
    )
    promise = record_promise(
        actor=actor,
        debtor_id=loan.debtor_id,
        contract_id=loan.pk,
        amount_minor=200,
        due_on=at.date() + timedelta(days=3),
        channel="call",
        party="debtor",
        at=at,
    )
    hold = set_hold(
        actor=actor,
        debtor_id=loan.debtor_id,
        kind="dispute",
        from_on=at.date(),
        why="the amount",
        at=at,
    )
    proof = attach_proof(
        actor=actor,
        debtor_id=loan.debtor_id,
        title="a letter",
        file_name="letter.txt",
        content=b"a letter",
        at=at,
    )
    point = ContactPoint.objects.filter(debtor_id=loan.debtor_id).earliest("pk")
    return {
        "payment": posted.payment_id,
        "promise": promise.promise_id,
        "hold": str(hold.hold_id),
        "proof": str(proof.proof_id),
        "point": str(point.pk),
    }


def _of_letters(owner: Staff, debtor_id: str, at: datetime) -> World:
    """A letter that was printed, its file and its batch's."""
    asked = GateDecision.objects.create(
        debtor_id=debtor_id,
        at=at,
        channel="letter",
        party="debtor",
        purpose="collect",
        permitted=True,
        facts={},
    )
    message = Message.objects.create(
        message_id="of the world",
        debtor_id=debtor_id,
        decision=asked,
        channel="letter",
        language="en",
        body="x",
        state="sent",
        next_try_at=at,
        queued_at=at,
    )
    sha256 = keep(content=b"%PDF-", folder=Path(settings.KEPT_FILES))
    hashes = {"pdf_sha256": sha256, "list_sha256": sha256}
    batch = PrintBatch.objects.create(made_at=at, made_by=owner, letters=1, **hashes)
    letter = PostalLetter.objects.create(
        message=message,
        debtor_id=debtor_id,
        file_number="of the world",
        recipient="r",
        address="a",
        content={},
        sha256=sha256,
        pages=1,
        made_at=at,
        batch=batch,
        place=1,
    )
    return {"letter": str(letter.pk), "print_batch": str(batch.pk)}


def _of_complaints(actor: Actor, debtor_id: str, at: datetime) -> World:
    """One that is open, and one whose letter of answer is kept."""
    intake = Intake(
        category="service",
        words="nobody called back",
        source="call",
        received_on=at.date(),
        debtor_id=debtor_id,
    )
    complaint = take_in(actor=actor, intake=intake, at=at).number
    answered = take_in(actor=actor, intake=intake, at=at).number
    kept = keep(content=b"%PDF-1.7 a letter", folder=Path(settings.KEPT_FILES))
    Complaint.objects.filter(number=answered).update(letter_sha256=kept)
    return {"complaint": complaint, "answered": answered}


def _of_reviews(staff: Staff, debtor_id: str, at: datetime) -> World:
    """A contact that was drawn and scored, and what it came to."""
    week = SampleWeek.objects.create(
        begins=at.date() - timedelta(days=at.weekday() + 7), drawn_at=at, plan={"seed": "s"}
    )
    sample = Sample.objects.create(
        week=week,
        contact_id=1,
        debtor_id=debtor_id,
        staff=staff,
        channel="call",
        contact_at=at,
        why="share",
        digest="x",
        due_on=at.date(),
        missing=1,
    )
    finding = Finding.objects.create(
        sample=sample, staff=staff, feedback="well done", made_by=staff, made_at=at
    )
    return {"week": str(week.begins), "sample": str(sample.pk), "finding": str(finding.pk)}


def _of_the_case(actor: Actor, debtor_id: str, counsel: Staff, at: datetime) -> World:
    asked = ask_gate(actor=actor, intended=Intended(debtor_id=debtor_id, channel="call"), at=at)
    contact = record_contact(
        actor=actor,
        debtor_id=debtor_id,
        at=at,
        channel="call",
        party="debtor",
        outcome="no_answer",
    )
    note = add_note(actor=actor, debtor_id=debtor_id, text="a note", at=at)
    task = add_task(
        actor=actor,
        debtor_id=debtor_id,
        kind="call_back",
        title="ring",
        due_at=at,
        assignee_id=None,
        at=at,
    )
    move = assign(actor=actor, debtor_ids=[debtor_id], staff_id=actor.staff_id, at=at)
    offer = offer_hand_over(
        actor=actor,
        debtor_id=debtor_id,
        taker_id=counsel.pk,
        note="sue",
        accept_by=at + timedelta(days=2),
        at=at,
    )
    return {
        **_of_the_register(actor, debtor_id, at),
        "decision": str(asked.pk),
        "contact": str(contact.contact.contact_id),
        "place": str(note.place),
        "task": str(task.task_id),
        "move": str(move.move_id),
        "hand_over": str(offer.hand_over_id),
    }


def _of_the_register(actor: Actor, debtor_id: str, at: datetime) -> World:
    person = {"actor": actor, "debtor_id": debtor_id, "at": at}
    proof = Proof(words="a recording")
    consent = record_consent(**person, channel="sms", given_at=at, proof=proof)
    hours = agree_hours(**person, begins=time(9), ends=time(21), proof=proof)
    stop = record_stop(**person, party="debtor", channel="portal", words="not there", asked_at=at)
    told = {"channel": "sms", "provider": "p", "address": "13911112222", "text": "好"}
    reply = ReplyReceived.objects.create(key="k", at=at, recorded_at=at, **told)
    return {
        "consent": str(consent.pk),
        "hours": str(hours.pk),
        "stop": str(stop.pk),
        "reply": str(reply.pk),
    }


@pytest.fixture
def signed_in() -> Callable[..., Client]:
    """Sign a member of staff in: with a token of every duty for the API, by session elsewhere."""

    def sign(staff: Staff, *, by_token: bool) -> Client:
        if not by_token:
            client = Client(raise_request_exception=False)
            client.force_login(staff, BACKEND)
            return client
        every = frozenset(f"{verb} {room}" for verb in VERBS for room in ROOMS)
        tokens.make_token(
            staff_id=staff.pk,
            name="t",
            scopes=every,
            secret=f"s{staff.pk}",
            days=1,
            at=datetime.now(tz=UTC),
        )
        bearer = {"Authorization": f"Bearer {tokens.PREFIX}s{staff.pk}"}
        return Client(headers=bearer, raise_request_exception=False)

    return sign
