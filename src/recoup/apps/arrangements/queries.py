"""Reading of promises; to other rooms as frozen records."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from recoup.apps.arrangements.models import Promise


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
    )
