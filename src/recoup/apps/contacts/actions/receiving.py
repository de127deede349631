"""Takes what providers tell: receipts of messages, and what people write back.

Each is taken in one transaction and counts once, however often it is told. A reply with a word that
asks us to stop (``stop_words`` of the strategy) stops its channel at once: what waits in the outbox
for the person dies with the permits. So does a complaint. A reply from a number that nobody has,
or several have, is kept and listed; if it asks to stop, it stops for all who have the number.
"""

import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from recoup.apps.contacts.actions.permits import lock_person
from recoup.apps.contacts.actions.recording import contact_of_reply, mark_invalid
from recoup.apps.contacts.actions.stopping import AskedToStop, stop
from recoup.apps.contacts.facts import DAYS_BACK
from recoup.apps.contacts.models import (
    Contact,
    DeliveryReceipt,
    Message,
    ReplyReceived,
)
from recoup.apps.people.permissions import MACHINE
from recoup.apps.portfolio.queries import PersonAtAddress, debtor_cards, people_at
from recoup.channels.way_out import Receipt, Reply, Told
from recoup.events.bus import publish
from recoup.events.changes import Change
from recoup.kernel.refusal import Refused
from recoup.web.house import strategy

State = Message.State
#: A receipt may come before the worker has noted the provider's name for the message.
SETTLED = (State.SENT, State.DELIVERED, State.FAILED, State.UNSURE)
#: So long a receipt that no message is known for is tried again.
UNMATCHED_FOR = timedelta(days=2)
#: The same words from the same number within this time are one reply, where it has no name.
SAME_REPLY = timedelta(minutes=10)
BATCH = 200
log = logging.getLogger(__name__)


class StopWordsMissing(Refused):
    """The strategy does not say which words of a reply ask us to stop."""

    def __init__(self) -> None:
        super().__init__(
            zh="策略没有写明哪些回复表示停止联系（stop_words），不能接收回复。",
            en="The strategy does not say which words of a reply ask us to stop (stop_words); "
            "replies cannot be taken.",
        )


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What came of what a provider told. ``unassigned``: replies that nobody could be found for."""

    receipts: int = 0
    replies: int = 0
    stops: int = 0
    unassigned: int = 0
    again: int = 0


def take_told(*, channel: str, provider: str, told: Iterable[Told], at: datetime) -> Taken:
    """Take receipts and replies of one provider, and receipts of before whose message is known now.

    Errors: StopWordsMissing, when there is a reply and the strategy cannot read it.
    """
    _match_waiting(provider=provider, at=at)
    failures: list[Exception] = []
    counts = dict.fromkeys(("receipts", "replies", "stops", "unassigned", "again"), 0)
    for one in told:
        try:
            _take(one, counts, channel=channel, provider=provider, at=at)
        except Exception as failure:
            # The others are taken all the same; the provider tells all of them again.
            log.exception("%s: a receipt or reply could not be taken", provider)
            failures.append(failure)
    if failures:
        raise failures[0]
    return Taken(**counts)


def _take(one: Told, counts: dict[str, int], *, channel: str, provider: str, at: datetime) -> None:
    if isinstance(one, Receipt):
        fresh = _take_receipt(one, channel=channel, provider=provider, at=at)
        counts["receipts" if fresh else "again"] += 1
        return
    row = _take_reply(one, channel=channel, provider=provider, at=at)
    if row is None:
        counts["again"] += 1
        return
    counts["replies"] += 1
    counts["stops"] += bool(row.stop_word)
    counts["unassigned"] += not row.debtor_id


def _key(*parts: object) -> str:
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()


def _message_of(*, provider: str, reference: str, own_id: str) -> Message | None:
    """Yield the message that a provider speaks of: by our id, else by its own name for it."""
    if own_id:
        found = Message.objects.filter(message_id=own_id, state__in=SETTLED).first()
        if found is not None:
            return found
    if not reference:
        return None
    # A provider may use a name again after years: the latest is meant.
    named = Message.objects.filter(provider=provider, provider_reference=reference)
    return named.filter(state__in=SETTLED).order_by("-sent_at", "-pk").first()


def _take_receipt(told: Receipt, *, channel: str, provider: str, at: datetime) -> bool:
    """Keep a receipt and let it count; False when it was told before."""
    own_id = told.message_id[:80]
    with transaction.atomic():
        found = _message_of(provider=provider, reference=told.reference, own_id=own_id)
        plain = _key(provider, told.reference or told.message_id, told.outcome)
        key = _key(plain, found.pk) if found else plain
        before = DeliveryReceipt.objects.filter(key__in=(plain, key))
        if before.filter(Q(message=None) | Q(message=found)).exists():
            return False
        row, made = DeliveryReceipt.objects.get_or_create(
            key=key,
            defaults={
                "reference": told.reference,
                "own_id": own_id,
                "message": found,
                "channel": channel,
                "provider": provider,
                "outcome": told.outcome,
                "at": min(told.at, at),
                "said": told.said[:300],
                "recorded_at": at,
            },
        )
        if made and found is not None:
            _count(row, at=at)
    return made


def _match_waiting(*, provider: str, at: datetime) -> None:
    waiting = DeliveryReceipt.objects.filter(
        message=None, provider=provider, recorded_at__gt=at - UNMATCHED_FOR
    )
    for pk in waiting.order_by("recorded_at", "pk").values_list("pk", flat=True)[:BATCH]:
        with transaction.atomic():
            row = DeliveryReceipt.objects.select_for_update().get(pk=pk)
            found = _message_of(provider=provider, reference=row.reference, own_id=row.own_id)
            if row.message_id is not None or found is None:
                continue
            row.message = found
            row.save(update_fields=["message"])
            _count(row, at=at)


def _count(receipt: DeliveryReceipt, *, at: datetime) -> None:
    """Let a receipt change message, contact, number and permission; within a transaction."""
    message = receipt.message
    assert message is not None
    lock_person(message.debtor_id)
    row = (
        Message.objects.select_for_update(of=("self",))
        .select_related("decision")
        .get(pk=message.pk)
    )
    outcome = receipt.outcome
    if outcome == "delivered":
        row.state = State.DELIVERED
    elif outcome in ("failed", "invalid") and row.state != State.DELIVERED:
        row.state = State.FAILED
    row.receipt_at, row.said = receipt.at, (receipt.said or row.said)[:300]
    row.save(update_fields=["state", "receipt_at", "said"])
    contacts = Contact.objects.filter(pk=row.contact_id or 0)
    if outcome == "delivered":
        contacts.update(outcome="delivered")
    elif row.state == State.FAILED:
        contacts.exclude(outcome="delivered").update(outcome=outcome)
    if outcome == "invalid" and row.decision.number:
        mark_invalid(actor=MACHINE, debtor_id=row.debtor_id, number=row.decision.number, at=at)
    if outcome == "complained":
        _stop(
            debtor_id=row.debtor_id,
            party=row.decision.party,
            number=row.decision.number,
            channel=row.channel,
            words=f"complained {receipt.said}".strip(),
            asked_at=receipt.at,
            at=at,
        )
    _tell_receipt(row, receipt, at=at)


def _tell_receipt(row: Message, receipt: DeliveryReceipt, *, at: datetime) -> None:
    publish(
        Change(
            at=at,
            actor_id=None,
            verb="take_receipt",
            room="contacts",
            record="message",
            record_id=str(row.pk),
            debtor_id=row.debtor_id,
            after={"state": row.state, "outcome": receipt.outcome, "said": receipt.said},
        )
    )


def _take_reply(told: Reply, *, channel: str, provider: str, at: datetime) -> ReplyReceived | None:
    """Keep a reply and do what it asks; None when it was told before."""
    words = strategy().stop_words
    if words is None:
        raise StopWordsMissing
    text, address = told.text.replace("\x00", ""), told.address[:300]
    name = told.reply_id or f"{address}\x1f{text}\x1f{told.at.isoformat()}"
    key = _key(provider, name)
    with transaction.atomic():
        same = ReplyReceived.objects.filter(
            address=address, provider=provider, text=text, recorded_at__gt=at - SAME_REPLY
        )
        if ReplyReceived.objects.filter(key=key).exists() or (not told.reply_id and same.exists()):
            return None
        message = _message_of(
            provider=provider, reference=told.reference, own_id=told.message_id[:80]
        )
        people = _people_of(address, channel=channel, message=message, at=at)
        row = ReplyReceived(
            key=key,
            channel=channel,
            provider=provider,
            address=address,
            text=text,
            at=min(told.at, at),
            stop_word=words.found_in(text)[:60],
            message=message,
            recorded_at=at,
        )
        if len(people) == 1:
            _assign(row, people[0], at=at)
        row.save()
        if row.stop_word:
            for person in people:
                _stop(
                    debtor_id=person.debtor_id,
                    party=person.party,
                    number=address,
                    channel=channel,
                    words=text[:300],
                    asked_at=row.at,
                    at=at,
                )
        _tell_reply(row, at=at)
    return row


def _people_of(
    address: str, *, channel: str, message: Message | None, at: datetime
) -> tuple[PersonAtAddress, ...]:
    """Yield who may have written: of several with the number, those whom we wrote to lately."""
    if message is not None:
        return (PersonAtAddress(debtor_id=message.debtor_id, party=message.decision.party),)
    found = people_at(address)
    if len(found) > 1:
        written = set(
            Contact.objects.filter(
                debtor_id__in={one.debtor_id for one in found},
                channel=channel,
                direction=Contact.Direction.OUT,
                withdrawn_at=None,
                at__gt=at - timedelta(days=DAYS_BACK),
            ).values_list("debtor_id", "party")
        )
        lately = tuple(one for one in found if (one.debtor_id, one.party) in written)
        return lately or found
    return found


def _assign(row: ReplyReceived, person: PersonAtAddress, *, at: datetime) -> None:
    lock_person(person.debtor_id)
    row.debtor_id, row.party = person.debtor_id, person.party
    row.contact = contact_of_reply(
        debtor_id=person.debtor_id,
        channel=row.channel,
        party=person.party,
        number=row.address,
        text=row.text,
        at=row.at,
        now=at,
    )


def _stop(
    *,
    debtor_id: str,
    party: str,
    number: str,
    channel: str,
    words: str,
    asked_at: datetime,
    at: datetime,
) -> None:
    """Stop a channel to somebody, where we know the person."""
    if debtor_id not in debtor_cards((debtor_id,)):
        return
    asked = AskedToStop(
        debtor_id=debtor_id,
        party=party,
        number=number,
        channel=channel,
        heard_over=channel,
        words=words,
        asked_at=asked_at,
    )
    stop(actor=MACHINE, asked=asked, at=at)


def _tell_reply(row: ReplyReceived, *, at: datetime) -> None:
    publish(
        Change(
            at=at,
            actor_id=None,
            verb="take_reply",
            room="contacts",
            record="reply",
            record_id=str(row.pk),
            debtor_id=row.debtor_id,
            after={"channel": row.channel, "party": row.party, "stop_word": row.stop_word},
        )
    )
