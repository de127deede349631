"""What of this room is evidence: what of its rows never changes, and messages that arrived."""

from collections.abc import Iterator
from datetime import UTC
from functools import partial
from pathlib import Path

from django.conf import settings

from recoup.apps.contacts.models import (
    Contact,
    DeliveryReceipt,
    GateDecision,
    Message,
    PostalLetter,
    ReplyReceived,
)
from recoup.events.evidence import Paper, PaperAsked, SealSource, sealed_columns
from recoup.kernel.explain import Words
from recoup.web.kept_files import kept_path
from recoup.web.shown import instant
from recoup.web.words import word_of

#: Columns of each table that are written once and never again.
_DECISION = (
    *("debtor_id", "at", "asked_by_id", "channel", "party", "number", "purpose", "contract_id"),
    *("text_version", "text_hash", "permitted", "reasons", "next_allowed_at", "duties"),
    *("warnings", "basis", "looked_at", "facts"),
)
_CONTACT = (
    *("debtor_id", "contract_id", "at", "channel", "direction", "party", "number", "purpose"),
    *("note", "client_key", "breaches", "made_by_id", "recorded_at"),
)
#: Over these the outcome is known at once; over the others a receipt tells it later, sealed itself.
_KNOWN_AT_ONCE = ("call", "ai_call", "visit")
_OF_THE_DESK = "desk-"
_MESSAGE = (
    *("message_id", "debtor_id", "channel", "language", "subject", "body", "queued_at"),
    "made_by_id",
)
_RECEIPT = (
    *("key", "channel", "provider", "reference", "own_id", "outcome", "at", "said"),
    "recorded_at",
)
_LETTER = (
    *("message_id", "debtor_id", "file_number", "recipient", "address", "content", "sha256"),
    *("pages", "made_at"),
)
_REPLY = ("key", "channel", "provider", "address", "text", "at", "stop_word", "recorded_at")


def _contact(row: Contact) -> dict[str, object]:
    found = sealed_columns(row, _CONTACT)
    of_the_book = row.book_contact_id and not row.book_contact_id.startswith(_OF_THE_DESK)
    if of_the_book or row.channel in _KNOWN_AT_ONCE:
        found["outcome"] = row.outcome
    if row.recording:
        found["recording"] = row.recording
    return found


SEALED = (
    SealSource(
        name="gate",
        words=Words(zh="闸口的答复：许可与拒绝", en="the gate's answers: permits and refusals"),
        rows=GateDecision.objects.all,
        at="at",
        content=lambda row: sealed_columns(row, _DECISION),
    ),
    SealSource(
        name="contacts",
        words=Words(zh="触达记录", en="contacts"),
        rows=Contact.objects.all,
        at="recorded_at",
        content=_contact,
    ),
    SealSource(
        name="letters",
        words=Words(zh="信函", en="letters"),
        rows=PostalLetter.objects.all,
        at="made_at",
        content=lambda row: sealed_columns(row, _LETTER),
    ),
    SealSource(
        name="messages",
        words=Words(zh="消息原文", en="messages, word for word"),
        rows=Message.objects.all,
        at="queued_at",
        content=lambda row: sealed_columns(row, _MESSAGE),
    ),
    SealSource(
        name="receipts",
        words=Words(zh="送达回执", en="delivery receipts"),
        rows=DeliveryReceipt.objects.all,
        at="recorded_at",
        content=lambda row: sealed_columns(row, _RECEIPT),
        person="message__debtor_id",
    ),
    SealSource(
        name="replies",
        words=Words(zh="回复", en="replies"),
        rows=ReplyReceived.objects.all,
        at="recorded_at",
        content=lambda row: sealed_columns(row, _REPLY),
    ),
)


def message_papers(asked: PaperAsked) -> Iterator[Paper]:
    """Yield each message that arrived, word for word with its receipts: proof that it reached."""
    rows = Message.objects.filter(debtor_id=asked.debtor_id, receipts__outcome="delivered")
    rows = (
        rows.exclude(channel="letter")
        .select_related("decision")
        .prefetch_related("receipts")
        .distinct()
    )
    for row in rows.order_by("pk"):
        words = word_of(kind="channel", code=row.channel)
        text = _told(row).encode()
        yield Paper(
            key=f"contacts.message:{row.pk}",
            title=f"{words} {instant(row.sent_at or row.queued_at)}",
            file=f"message-{row.pk}.txt",
            at=row.queued_at,
            content=partial(bytes, text),
            shows=("demand",) if row.decision.purpose == "collect" else (),
        )


def _told(row: Message) -> str:
    lines = [row.message_id, f"{row.channel} {row.decision.number}", row.subject, "", row.body, ""]
    lines += [
        f"{one.outcome} {one.at.astimezone(UTC).isoformat()} {one.provider} {one.reference}"
        for one in sorted(row.receipts.all(), key=lambda one: (one.at, one.pk))
    ]
    return "\n".join(lines) + "\n"


def letter_papers(asked: PaperAsked) -> Iterator[Paper]:
    """Yield each letter as it was set; one that the post delivered is proof that it reached."""
    rows = PostalLetter.objects.filter(debtor_id=asked.debtor_id)
    for row in rows.select_related("message__decision").order_by("pk"):
        arrived = row.fate == PostalLetter.Fate.DELIVERED
        collects = row.message.decision.purpose == "collect"
        path = kept_path(sha256=row.sha256, folder=Path(settings.KEPT_FILES))
        yield Paper(
            key=f"contacts.letter:{row.pk}",
            title=f"{word_of(kind='channel', code='letter')} {row.file_number}",
            file=f"letter-{row.file_number}.pdf",
            at=row.made_at,
            content=partial(Path.read_bytes, path),
            shows=("demand",) if arrived and collects else (),
            sha256=row.sha256,
        )
