"""Reading of letters on paper and of the batches in which they went to print."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from recoup.apps.compliance.permissions import seen
from recoup.apps.contacts.models import Message, PostalLetter, PrintBatch
from recoup.apps.people.permissions import Actor, NotFound

#: Rows of one list at most.
MOST_ROWS = 500
MOST_BATCHES = 30


@dataclass(frozen=True, kw_only=True)
class LetterCard:
    """A letter: what it is, whether it may still leave, and what the post said of it.

    ``state`` is that of its message; ``said`` why it was stopped or failed. ``place`` and
    ``first_page``: where it stands in the file of its batch, from one.
    """

    letter_id: int
    message_id: int
    debtor_id: str
    file_number: str
    recipient: str = field(repr=False)
    address: str = field(repr=False)
    subject: str
    language: str
    pages: int
    sha256: str
    made_at: datetime
    made_by_id: int | None
    state: str
    said: str
    sent_at: datetime | None
    batch_id: int | None
    place: int | None
    first_page: int | None
    tracking_number: str
    fate: str
    fate_on: date | None
    remark: str

    @property
    def is_returned(self) -> bool:
        """Whether it came back."""
        return self.fate not in ("", PostalLetter.Fate.DELIVERED)


@dataclass(frozen=True, kw_only=True)
class BatchCard:
    """Letters that went to print together. ``open_letters``: those nothing is known of yet."""

    batch_id: int
    made_at: datetime
    made_by_id: int
    letters: int
    pages: int
    pdf_sha256: str
    list_sha256: str
    tracked: int
    delivered: int
    returned: int

    @property
    def open_letters(self) -> int:
        """How many letters nothing is known of yet."""
        return self.letters - self.delivered - self.returned


def letter_card(row: PostalLetter) -> LetterCard:
    """Yield the card of a letter fetched with its message."""
    message = row.message
    return LetterCard(
        letter_id=row.pk,
        message_id=message.pk,
        debtor_id=row.debtor_id,
        file_number=row.file_number,
        recipient=row.recipient,
        address=row.address,
        subject=str(row.content.get("subject", "")),
        language=str(row.content.get("language", "")),
        pages=row.pages,
        sha256=row.sha256,
        made_at=row.made_at,
        made_by_id=message.made_by_id,
        state=message.state,
        said=message.said,
        sent_at=message.sent_at,
        batch_id=row.batch_id,
        place=row.place,
        first_page=row.first_page,
        tracking_number=row.tracking_number,
        fate=row.fate,
        fate_on=row.fate_on,
        remark=row.remark,
    )


def letters_of(debtor_id: str) -> tuple[LetterCard, ...]:
    """Yield a person's letters, the latest first. One query."""
    rows = PostalLetter.objects.filter(debtor_id=debtor_id).select_related("message")
    return tuple(letter_card(row) for row in rows[:MOST_ROWS])


def letters_to_print(actor: Actor) -> tuple[LetterCard, ...]:
    """Yield letters that wait for print, the oldest first, within scope. Two queries."""
    rows = PostalLetter.objects.filter(message__state=Message.State.QUEUED)
    return _within(actor, rows.select_related("message").order_by("pk")[:MOST_ROWS])


def letters_stopped(actor: Actor, *, since: datetime) -> tuple[LetterCard, ...]:
    """Yield letters that were stopped or failed since then, the latest first. Two queries."""
    ended = (Message.State.STOPPED, Message.State.FAILED, Message.State.UNSURE)
    rows = PostalLetter.objects.filter(message__state__in=ended, made_at__gte=since, batch=None)
    return _within(actor, rows.select_related("message").order_by("-pk")[:MOST_ROWS])


def letter(actor: Actor, letter_id: int) -> LetterCard:
    """Yield a letter within scope. Errors: NotFound."""
    row = PostalLetter.objects.filter(pk=letter_id).select_related("message").first()
    if row is None or row.debtor_id not in seen(actor, (row.debtor_id,)):
        raise NotFound(what=f"letter {letter_id}")
    return letter_card(row)


def batch_letters(actor: Actor, batch_id: int) -> tuple[LetterCard, ...]:
    """Yield a batch's letters in the order of print. Errors: NotFound, unless all are in scope."""
    rows = PostalLetter.objects.filter(batch_id=batch_id).select_related("message")
    found = tuple(letter_card(row) for row in rows.order_by("place"))
    people = {one.debtor_id for one in found}
    if not found or seen(actor, people) != people:
        raise NotFound(what=f"batch {batch_id}")
    return found


def batch(batch_id: int) -> BatchCard:
    """Yield a batch. Errors: NotFound. Two queries."""
    row = PrintBatch.objects.filter(pk=batch_id).first()
    if row is None:
        raise NotFound(what=f"batch {batch_id}")
    return _batches([row])[0]


def batches(actor: Actor) -> tuple[BatchCard, ...]:
    """Yield the latest batches of which every letter is in scope. Three queries at most."""
    rows = list(PrintBatch.objects.exclude(pdf_sha256="")[:MOST_BATCHES])
    if not actor.whole_bank:
        pairs = PostalLetter.objects.filter(batch__in=rows).values_list("batch_id", "debtor_id")
        listed = list(pairs)
        within = seen(actor, {debtor_id for _, debtor_id in listed})
        beyond = {batch_id for batch_id, debtor_id in listed if debtor_id not in within}
        rows = [row for row in rows if row.pk not in beyond]
    return _batches(rows)


def _batches(rows: list[PrintBatch]) -> tuple[BatchCard, ...]:
    told = PostalLetter.objects.filter(batch__in=rows).values_list(
        "batch_id", "tracking_number", "fate"
    )
    found = list(told)

    def many(row: PrintBatch, *fates: str) -> int:
        return sum(1 for batch_id, _, fate in found if batch_id == row.pk and fate in fates)

    return tuple(
        BatchCard(
            batch_id=row.pk,
            made_at=row.made_at,
            made_by_id=row.made_by_id,
            letters=row.letters,
            pages=row.pages,
            pdf_sha256=row.pdf_sha256,
            list_sha256=row.list_sha256,
            tracked=sum(1 for key, number, _ in found if key == row.pk and number),
            delivered=many(row, PostalLetter.Fate.DELIVERED),
            returned=many(row, "unclaimed", "refused", "unknown_address"),
        )
        for row in rows
    )


def _within(actor: Actor, rows: Iterable[PostalLetter]) -> tuple[LetterCard, ...]:
    listed = [letter_card(row) for row in rows]
    within = seen(actor, {one.debtor_id for one in listed})
    return tuple(one for one in listed if one.debtor_id in within)
