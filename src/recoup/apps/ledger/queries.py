"""Reading of the ledger: postings and what the book does not say yet."""

from collections.abc import Iterable, Mapping

from recoup.apps.ledger.models import Posting
from recoup.apps.ledger.records import (
    CHANNELS,
    PostedReceipt,
    PostingCard,
    PostingsSince,
    Reversal,
)

__all__ = [
    "CHANNELS",
    "PostedReceipt",
    "PostingCard",
    "PostingsSince",
    "Reversal",
    "postings_of",
    "postings_since",
]


def postings_since(*, debtor_id: str) -> PostingsSince:
    """Yield what the ledger holds about a person and the published book does not have. Two queries.

    A posting counts until a night's book has it; from then on the book's row counts.
    """
    waiting = Posting.objects.filter(debtor_id=debtor_id, confirmation=None)
    receipts = []
    taken_back = set()
    for posting in waiting.order_by("paid_on", "payment_id"):
        if posting.kind == Posting.Kind.REVERSAL:
            taken_back.add(posting.reverses)
        else:
            receipts.append(
                PostedReceipt(
                    payment_id=posting.payment_id,
                    contract_id=posting.contract_id,
                    paid_on=posting.paid_on,
                    amount_minor=posting.amount_minor,
                )
            )
    return PostingsSince(receipts=tuple(receipts), reversed_payment_ids=frozenset(taken_back))


def postings_of(*, debtor_ids: Iterable[str]) -> Mapping[str, tuple[PostingCard, ...]]:
    """Yield every posting of some debtors, oldest first. Two queries."""
    rows = Posting.objects.filter(debtor_id__in=set(debtor_ids)).select_related("confirmation")
    found: dict[str, list[PostingCard]] = {}
    for card in cards(list(rows.order_by("pk"))):
        found.setdefault(card.debtor_id, []).append(card)
    return {debtor_id: tuple(own) for debtor_id, own in found.items()}


def cards(rows: Iterable[Posting]) -> tuple[PostingCard, ...]:
    """Yield records of postings fetched with their confirmations. One query."""
    listed = list(rows)
    ids = [row.payment_id for row in listed]
    taken_back = dict(
        Posting.objects.filter(reverses__in=ids).values_list("reverses", "payment_id")
    )
    return tuple(card(posting=row, reversed_by=taken_back.get(row.payment_id)) for row in listed)


def card(*, posting: Posting, reversed_by: str | None = None) -> PostingCard:
    """Yield the record of one posting."""
    confirmation = getattr(posting, "confirmation", None)
    return PostingCard(
        payment_id=posting.payment_id,
        kind=posting.kind,
        contract_id=posting.contract_id,
        debtor_id=posting.debtor_id,
        currency=posting.currency,
        paid_on=posting.paid_on,
        amount_minor=posting.amount_minor,
        channel=posting.channel,
        note=posting.note,
        reverses=posting.reverses,
        reversed_by=reversed_by,
        made_by=posting.made_by_id,
        made_at=posting.made_at,
        approval_id=posting.approval_id,
        confirmed_as_of=confirmation.as_of if confirmation else None,
        agrees=confirmation.agrees if confirmation else None,
    )
