"""The outbox: written with the gate's permit, judged again at the moment of sending, sent once.

A message is queued in the transaction in which the gate permits it, and its permit counts as an
attempt while it waits. When it is about to leave, the gate is asked anew in the transaction that
takes the message and records the contact; what arrived meanwhile, a payment, a hold, a request to
stop, stops it. Only then, outside any transaction, is it handed to the provider. A process that
dies in that moment leaves the message ``sending``: where the provider knows messages by their id
it is handed over again under the same id, else it is marked ``unsure`` and never sent by itself.
"""

import hashlib
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction

from recoup.apps.contacts.actions.permits import (
    Intended,
    Why,
    Wording,
    decided,
    lock_person,
)
from recoup.apps.contacts.actions.recording import contact_of_message
from recoup.apps.contacts.events import LetterMoved
from recoup.apps.contacts.letter_making import LETTER, attachment_of, make_paper
from recoup.apps.contacts.models import Contact, GateDecision, Message, PermitState
from recoup.apps.contacts.saying import check_words
from recoup.apps.people.permissions import MACHINE, Actor, require
from recoup.apps.portfolio.queries import debtor
from recoup.channels.way_out import HandedOver, NotHandedOver, Outgoing, WayOut
from recoup.events.bus import publish
from recoup.events.changes import Change
from recoup.kernel.contact_rules import Permit
from recoup.kernel.refusal import Refused

#: How long a message may wait to leave; later it is stopped: what it says may be true no longer.
QUEUE_LIFE = timedelta(hours=24)
#: Letters go to print on working days only; a receipt or a hold stops one at any time.
LETTER_LIFE = timedelta(days=5)
#: Waits between tries that the provider certainly did not take.
WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
#: A message in this state for longer belongs to a process that died.
ABANDONED = timedelta(minutes=5)
BATCH = 50
log = logging.getLogger(__name__)
State = Message.State


class NotPermitted(Refused):
    """The gate refuses; ``decision`` has every rule, and from when on it would permit."""

    def __init__(self, decision: GateDecision) -> None:
        first = decision.reasons[0]
        super().__init__(zh=first["zh"], en=first["en"], rule=first["rule"])
        self.decision = decision


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What is to be said: in which words, in which language.

    ``text_version``: the wording it was made from, ``id@version``; empty for words of staff's own.
    ``answer_by``: the day that a letter on paper names as its deadline.
    ``figures``: amounts that are not the ledger's but on record all the same, as of a promise.
    """

    body: str = field(repr=False)
    language: str
    subject: str = field(default="", repr=False)
    text_version: str = ""
    answer_by: date | None = None
    figures: tuple[int, ...] = ()

    @property
    def digest(self) -> str:
        """The SHA-256 of exactly what is said."""
        by = f"\n{self.answer_by.isoformat()}" if self.answer_by else ""
        said = f"{self.language}\n{self.subject}\n{self.body}{by}"
        return hashlib.sha256(said.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Passed:
    """What one look at the outbox came to."""

    sent: int = 0
    stopped: int = 0
    put_off: int = 0
    failed: int = 0


def queue_message(
    *, actor: Actor, intended: Intended, letter: Letter, client_key: str, at: datetime
) -> Message:
    """Ask the gate for a message and put it into the outbox, in one transaction.

    Shape: ``client_key`` names the wish: asked twice, the message is written once.
    Errors: NotAllowed; NotFound; TextForbidden, for words that must not be said; NotPermitted, and
    the refusal is on record; of a letter LetterNotMade and what else its paper needs.
    """
    require(actor, "work", "contacts")
    debtor(actor, intended.debtor_id)
    check_words(
        debtor_id=intended.debtor_id,
        text=f"{letter.subject}\n{letter.body}".strip(),
        language=letter.language,
        purpose=intended.purpose,
        more_figures=letter.figures,
    )
    refused: GateDecision | None = None
    with transaction.atomic():
        lock_person(intended.debtor_id)
        known = Message.objects.filter(message_id=client_key).first()
        if known is not None:
            return known
        worded = _worded(intended, letter)
        answered = decided(actor=actor, intended=worded, at=at, life=_life(intended.channel))
        if answered.decision.permitted:
            return _queued(actor, answered.decision, letter, client_key, at=at)
        refused = answered.decision
    # Raised after the transaction, so that the refusal is kept.
    raise NotPermitted(refused)


def _life(channel: str) -> timedelta:
    """Yield how long a message of a channel may wait."""
    return LETTER_LIFE if channel == LETTER else QUEUE_LIFE


def _worded(intended: Intended, letter: Letter) -> Intended:
    wording = Wording(text_version=letter.text_version, text_hash=letter.digest)
    return Intended(
        debtor_id=intended.debtor_id,
        channel=intended.channel,
        party=intended.party,
        number=intended.number,
        purpose=intended.purpose,
        contract_id=intended.contract_id,
        reveals_debt=intended.reveals_debt,
        wording=wording,
    )


def _queued(
    actor: Actor, decision: GateDecision, letter: Letter, client_key: str, *, at: datetime
) -> Message:
    row = Message.objects.create(
        message_id=client_key,
        debtor_id=decision.debtor_id,
        decision=decision,
        channel=decision.channel,
        language=letter.language,
        subject=letter.subject,
        body=letter.body,
        next_try_at=at,
        queued_at=at,
        made_by_id=actor.staff_id,
    )
    if row.channel == LETTER:
        paper = make_paper(message=row, decision=decision, answer_by=letter.answer_by, at=at)
        publish(
            LetterMoved(
                letter_id=paper.pk,
                debtor_id=paper.debtor_id,
                file_number=paper.file_number,
                step="made",
                tracking_number="",
                staff_id=actor.staff_id,
                at=at,
            )
        )
    publish(
        Change(
            at=at,
            actor_id=actor.staff_id,
            verb="queue_message",
            room="contacts",
            record="message",
            record_id=str(row.pk),
            debtor_id=row.debtor_id,
            after={"channel": row.channel, "text": letter.text_version, "hash": letter.digest},
        )
    )
    return row


def send_due(
    *,
    ways: Mapping[str, WayOut],
    at: datetime,
    most: int = BATCH,
    only: Collection[int] | None = None,
) -> Passed:
    """Send what is due over the channels at hand, oldest first, at most a batch.

    Shape: ``ways`` by channel code; messages of other channels wait. ``only``: of these keys. All
    are judged as of ``at``: a worker whose provider may be slow asks for one at a time.
    """
    recover(ways=ways, at=at)
    due = Message.objects.filter(
        state=State.QUEUED, next_try_at__lte=at, channel__in=sorted(ways)
    ).order_by("next_try_at", "pk")
    if only is not None:
        due = due.filter(pk__in=only)
    ends = [_send_one(pk, ways=ways, at=at) for pk in due.values_list("pk", flat=True)[:most]]
    return Passed(
        sent=ends.count(State.SENT),
        stopped=ends.count(State.STOPPED),
        put_off=ends.count(State.QUEUED),
        failed=ends.count(State.FAILED),
    )


def _send_one(pk: int, *, ways: Mapping[str, WayOut], at: datetime) -> str:
    taken = _take(pk, at=at)
    if taken is None:
        return ""
    row, permit = taken
    if permit is None:
        return row.state
    way = ways[row.channel]
    try:
        handed = way.send(permit=permit, message=_outgoing(row, permit), at=at)
    except NotHandedOver as failure:
        return _put_off(row.pk, failure, at=at)
    except Refused as failure:
        return _put_off(row.pk, NotHandedOver(failure.en, retry=False), at=at)
    except Exception as failure:
        # Whether it left cannot be known; the next look treats it as that of a process that died.
        log.exception("message %s: not known whether it left", row.message_id)
        Message.objects.filter(pk=row.pk).update(said=f"{type(failure).__name__}: {failure}"[:300])
        return State.SENDING
    return _sent(row.pk, handed, provider=way.provider, at=at)


def _take(pk: int, *, at: datetime) -> tuple[Message, Permit | None] | None:
    """Judge a message anew and take it, with its contact, in one transaction."""
    with transaction.atomic():
        waiting = Message.objects.filter(pk=pk, state=State.QUEUED).first()
        if waiting is None:
            return None
        lock_person(waiting.debtor_id)
        row = Message.objects.select_for_update().select_related("decision").get(pk=pk)
        if row.state != State.QUEUED:
            return None
        before = row.decision
        fresh = at - row.queued_at <= _life(row.channel)
        died = PermitState.objects.filter(pk=before.pk).exclude(void_at=None).first()
        if not fresh or (died is not None and row.tries == 0):
            return _stopped(row, said=died.void_why if died else "expired", at=at), None
        PermitState.objects.filter(pk=before.pk, used_at=None, void_at=None).update(
            void_at=at, void_why=Why.RENEWED
        )
        intended = Intended(
            debtor_id=row.debtor_id,
            channel=row.channel,
            party=before.party,
            number=before.number,
            purpose=before.purpose,
            contract_id=before.contract_id,
            reveals_debt=bool(before.facts.get("reveals_debt", True)),
            wording=Wording(text_version=before.text_version, text_hash=before.text_hash),
        )
        # Handed over once already by a process that died: the same contact, not one more.
        again = Contact.objects.filter(pk=row.contact_id or 0)
        again.update(withdrawn_at=at)
        answered = decided(actor=MACHINE, intended=intended, at=at, life=ABANDONED)
        row.decision = answered.decision
        if answered.permit is None and row.contact_id is not None:
            again.update(withdrawn_at=None)
            return _unsure(row, at=at), None
        if answered.permit is None:
            return _stopped(row, said=answered.decision.reasons[0]["rule"], at=at), None
        PermitState.objects.filter(pk=answered.decision.pk).update(used_at=at)
        row.contact = contact_of_message(
            decision=answered.decision, made_by_id=row.made_by_id, at=at
        )
        row.state, row.taken_at, row.tries = State.SENDING, at, row.tries + 1
        row.save()
        return row, answered.permit


def _stopped(row: Message, *, said: str, at: datetime) -> Message:
    row.state, row.said, row.receipt_at = State.STOPPED, said, at
    row.save()
    _tell(row, verb="stop_message", at=at)
    return row


def _unsure(row: Message, *, at: datetime) -> Message:
    row.state, row.receipt_at = State.UNSURE, at
    row.save()
    _tell(row, verb="lose_message", at=at)
    return row


def _outgoing(row: Message, permit: Permit) -> Outgoing:
    return Outgoing(
        message_id=row.message_id,
        debtor_id=row.debtor_id,
        address=permit.number or "",
        language=row.language,
        subject=row.subject,
        body=row.body,
        attachments=attachment_of(row),
    )


def _sent(pk: int, handed: HandedOver, *, provider: str, at: datetime) -> str:
    with transaction.atomic():
        row = Message.objects.select_for_update().get(pk=pk)
        row.state, row.sent_at, row.provider = State.SENT, at, provider
        row.provider_reference, row.said = handed.reference, handed.said[:300]
        row.cost_minor = handed.cost_minor
        row.save()
        _tell(row, verb="send_message", at=at)
    return State.SENT


def _put_off(pk: int, failure: NotHandedOver, *, at: datetime) -> str:
    """The provider certainly did not take it: the contact did not happen and counts for nothing."""
    with transaction.atomic():
        row = Message.objects.select_for_update(of=("self",)).select_related("contact").get(pk=pk)
        if row.contact is not None:
            Contact.objects.filter(pk=row.contact.pk).update(withdrawn_at=at, outcome="failed")
            row.contact = None
        row.said = failure.said[:300]
        again = failure.retry and row.tries <= len(WAITS)
        row.state = State.QUEUED if again else State.FAILED
        if again:
            row.next_try_at = at + WAITS[row.tries - 1]
        row.save()
        if not again:
            _tell(row, verb="fail_message", at=at)
    return row.state


def recover(*, ways: Mapping[str, WayOut], at: datetime) -> int:
    """Look after messages whose process died while they were handed over; yield how many."""
    # Another worker may send the other channels, and knows whether they resend safely.
    lost = Message.objects.filter(
        state=State.SENDING, taken_at__lt=at - ABANDONED, channel__in=sorted(ways)
    )
    found = 0
    for row in lost.select_related("decision")[:BATCH]:
        if ways[row.channel].capabilities.resends_safely:
            # The contact stays: the provider may have it. It is handed over again under its id.
            back = Message.objects.filter(pk=row.pk, state=State.SENDING)
            found += back.update(state=State.QUEUED, next_try_at=at)
        else:
            with transaction.atomic():
                own = Message.objects.select_for_update().filter(pk=row.pk, state=State.SENDING)
                for one in own:
                    _unsure(one, at=at)
                    found += 1
    return found


def _tell(row: Message, *, verb: str, at: datetime) -> None:
    publish(
        Change(
            at=at,
            actor_id=None,
            verb=verb,
            room="contacts",
            record="message",
            record_id=str(row.pk),
            debtor_id=row.debtor_id,
            after={
                "state": row.state,
                "decision": row.decision_id,
                "provider": row.provider,
                "reference": row.provider_reference,
                "said": row.said,
            },
        )
    )
