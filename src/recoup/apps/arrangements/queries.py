"""Reading of promises; to other rooms as frozen records."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from recoup.apps.arrangements.models import Promise
from recoup.apps.compliance.permissions import seen
from recoup.apps.people.permissions import Actor, NotFound, require

#: Rows of one list at most.
MOST_ROWS = 300


@dataclass(frozen=True, kw_only=True)
class PromiseCard:
    """A promise to pay and what became of it. Units: minor units of the currency.

    Shape: ``status`` open, kept, partly_kept, broken (all computed, for the day ``matched_on``) or
    withdrawn; ``contract_id`` None promises money on any contract of the person.
    """

    promise_id: str
    debtor_id: str
    contract_id: str | None
    currency: str
    amount_minor: int
    matched_minor: int
    made_on: date
    due_on: date
    channel: str
    party: str
    note: str
    status: str
    matched_on: date | None
    in_book: bool
    made_by: int | None
    made_at: datetime | None
    withdrawn_why: str
    version: int
    #: The first day on which its time, with the strategy's tolerance, is over.
    lapses_on: date

    @property
    def missing_minor(self) -> int:
        """What is still to be paid of it."""
        return self.amount_minor - self.matched_minor

    @property
    def is_live(self) -> bool:
        """Whether it is still running."""
        return self.status == "open"


def promises_of(*, debtor_id: str) -> tuple[PromiseCard, ...]:
    """Yield the promises of a person, of the desk and of the book, the latest first. One query."""
    rows = Promise.objects.filter(debtor_id=debtor_id).order_by("-made_on", "-promise_id")
    return tuple(card(row) for row in rows)


def promises_of_many(*, debtor_ids: Iterable[str]) -> Mapping[str, tuple[PromiseCard, ...]]:
    """Yield the promises of some people, the latest first. One query."""
    rows = Promise.objects.filter(debtor_id__in=set(debtor_ids))
    found: dict[str, list[PromiseCard]] = {}
    for row in rows.order_by("-made_on", "-promise_id"):
        found.setdefault(row.debtor_id, []).append(card(row))
    return {debtor_id: tuple(own) for debtor_id, own in found.items()}


def live_promises(*, debtor_id: str, on: date) -> tuple[PromiseCard, ...]:
    """Yield the promises of a person that are running on a day, the first due first. One query."""
    rows = Promise.objects.filter(debtor_id=debtor_id, status=Promise.Status.OPEN, made_on__lte=on)
    return tuple(card(row) for row in rows.order_by("due_on", "promise_id"))


def promise(*, actor: Actor, promise_id: str) -> PromiseCard:
    """Yield one promise. Errors: NotFound, NotAllowed. Two queries."""
    row = Promise.objects.filter(promise_id=promise_id).first()
    if row is None or not seen(actor, (row.debtor_id,)):
        raise NotFound(what=promise_id)
    require(actor, "view", "arrangements")
    return card(row)


def due_on(*, actor: Actor, on: date) -> tuple[PromiseCard, ...]:
    """Yield the open promises due on a day, the largest first, within scope. Two queries."""
    require(actor, "view", "arrangements")
    rows = Promise.objects.filter(status=Promise.Status.OPEN, due_on=on)
    return _within(actor, rows.order_by("-amount_minor", "promise_id"))


def running_late(*, actor: Actor, on: date) -> tuple[PromiseCard, ...]:
    """Yield open promises whose day is over and whose tolerance is not, within scope."""
    require(actor, "view", "arrangements")
    rows = Promise.objects.filter(status=Promise.Status.OPEN, due_on__lt=on, lapses_on__gt=on)
    return _within(actor, rows.order_by("due_on", "promise_id"))


def broken_since(*, actor: Actor, on: date) -> tuple[PromiseCard, ...]:
    """Yield promises broken or partly kept whose time ended on a day or later, within scope.

    The latest first. Two queries.
    """
    require(actor, "view", "arrangements")
    rows = Promise.objects.filter(
        status__in=(Promise.Status.BROKEN, Promise.Status.PARTLY_KEPT), lapses_on__gte=on
    )
    return _within(actor, rows.order_by("-lapses_on", "promise_id"))


@dataclass(frozen=True, kw_only=True)
class DayPromiseCard:
    """A promise of the desk that the published book does not have yet."""

    promise_id: str
    contract_id: str | None
    made_on: date
    due_on: date
    amount_minor: int


def withdrawn_ids(*, debtor_id: str) -> frozenset[str]:
    """Yield the promises of a person that were withdrawn, also those that the book has. One query.

    The book's own row stays in the night's files; the engine leaves it out by this.
    """
    rows = Promise.objects.filter(debtor_id=debtor_id, status=Promise.Status.WITHDRAWN)
    return frozenset(rows.values_list("promise_id", flat=True))


def day_promises(*, debtor_id: str) -> tuple[DayPromiseCard, ...]:
    """Yield the desk's promises of a person that the book has not, without withdrawn ones.

    What the engine puts among the night's rows when it decides the person anew. One query.
    """
    rows = Promise.objects.filter(debtor_id=debtor_id, in_book=False)
    return tuple(
        DayPromiseCard(
            promise_id=row.promise_id,
            contract_id=row.contract_id or None,
            made_on=row.made_on,
            due_on=row.due_on,
            amount_minor=row.amount_minor,
        )
        for row in rows.exclude(status=Promise.Status.WITHDRAWN).order_by("made_on", "promise_id")
    )


def _within(actor: Actor, rows: QuerySet[Promise]) -> tuple[PromiseCard, ...]:
    """Yield the rows whose debtors the actor sees, at most MOST_ROWS of them."""
    found = list(rows[: MOST_ROWS * 10])
    within = seen(actor, {row.debtor_id for row in found})
    return tuple(card(row) for row in found if row.debtor_id in within)[:MOST_ROWS]


def card(row: Promise) -> PromiseCard:
    """Yield the record of one promise."""
    return PromiseCard(
        promise_id=row.promise_id,
        debtor_id=row.debtor_id,
        contract_id=row.contract_id or None,
        currency=row.currency,
        amount_minor=row.amount_minor,
        matched_minor=row.matched_minor,
        made_on=row.made_on,
        due_on=row.due_on,
        channel=row.channel,
        party=row.party,
        note=row.note,
        status=row.status,
        matched_on=row.matched_on,
        in_book=row.in_book,
        made_by=row.made_by_id,
        made_at=row.made_at,
        withdrawn_why=row.withdrawn_why,
        version=row.version,
        lapses_on=row.lapses_on,
    )


def promises_made(*, since: date, until: date) -> tuple[PromiseCard, ...]:
    """Yield every promise made in [since, until), of desk and book, withdrawn ones left out."""
    rows = Promise.objects.filter(made_on__gte=since, made_on__lt=until)
    rows = rows.exclude(status=Promise.Status.WITHDRAWN).order_by("made_on", "promise_id")
    return tuple(card(row) for row in rows)
