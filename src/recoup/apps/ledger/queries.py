"""Reading of the ledger: postings, statements, and what the book does not say yet."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from recoup.apps.compliance.permissions import seen
from recoup.apps.ledger.accounts import (
    CannotCount,
    RuleCited,
    Statement,
    account_receipts,
    counting,
)
from recoup.apps.ledger.finding import find_receipt
from recoup.apps.ledger.models import Confirmation, Posting
from recoup.apps.ledger.policies import NoNight, desk_day, rules_in_force
from recoup.apps.ledger.records import (
    CHANNELS,
    PostedReceipt,
    PostingCard,
    PostingsSince,
    Preview,
    Reversal,
    StandingReceipt,
    ToReverse,
    Unconfirmed,
)
from recoup.apps.ledger.sheets import sheet_of
from recoup.apps.people.permissions import Actor, NotFound, require
from recoup.apps.portfolio.queries import (
    book_receipts_of,
    contract,
    contracts_of,
)
from recoup.kernel.statement import AccountReceipt
from recoup.web.shown import local

__all__ = [
    "CHANNELS",
    "CannotCount",
    "NoNight",
    "PostedReceipt",
    "PostingCard",
    "PostingsSince",
    "Preview",
    "Reversal",
    "RuleCited",
    "StandingReceipt",
    "Statement",
    "ToReverse",
    "Unconfirmed",
    "desk_day",
    "not_in_book",
    "posting",
    "postings_of",
    "postings_on",
    "postings_since",
    "preview_receipt",
    "receipt_to_reverse",
    "rules_in_force",
    "sheet_of",
    "standing_receipts",
    "statement",
    "unconfirmed",
]

#: Rows of one list at most; a page says when there are more.
MOST_ROWS = 300
#: Days after which a posting that the book still has not is somebody's question.
DAYS_TO_BOOK = 2


def postings_since(*, debtor_id: str) -> PostingsSince:
    """Yield what the ledger holds about a person and the published book does not have. One query.

    A posting counts until a night's book has it; from then on the book's row counts.
    """
    return _since(Posting.objects.filter(debtor_id=debtor_id, confirmation=None))


def _since(waiting: QuerySet[Posting]) -> PostingsSince:
    receipts: list[PostedReceipt] = []
    taken_back: set[str] = set()
    for row in waiting.order_by("paid_on", "payment_id"):
        if row.reverses is not None:
            taken_back.add(row.reverses)
        else:
            receipts.append(
                PostedReceipt(
                    payment_id=row.payment_id,
                    contract_id=row.contract_id,
                    paid_on=row.paid_on,
                    amount_minor=row.amount_minor,
                )
            )
    return PostingsSince(receipts=tuple(receipts), reversed_payment_ids=frozenset(taken_back))


def unconfirmed() -> PostingsSince:
    """Yield what the ledger holds of all people and the published book does not have. One query."""
    return _since(Posting.objects.filter(confirmation=None))


def standing_receipts(*, debtor_id: str) -> tuple[StandingReceipt, ...]:
    """Yield all money of a person that counts: of the book and of the desk, without reversed ones.

    Waivers are no money. In order of day, contract and number.
    """
    postings: dict[str, list[Posting]] = {}
    for row in Posting.objects.filter(debtor_id=debtor_id, confirmation=None):
        postings.setdefault(row.contract_id, []).append(row)
    found = []
    for loan in contracts_of((debtor_id,)).get(debtor_id, ()):
        receipts = account_receipts(
            book=book_receipts_of(loan.contract_id), postings=postings.get(loan.contract_id, [])
        )
        found += [
            StandingReceipt(
                payment_id=one.payment_id,
                contract_id=loan.contract_id,
                paid_on=one.paid_on,
                amount_minor=one.amount_minor,
            )
            for one in receipts
            if not one.is_reversed and not one.is_waiver
        ]
    return tuple(sorted(found, key=lambda one: (one.paid_on, one.contract_id, one.payment_id)))


def statement(
    *, actor: Actor, contract_id: str, at: datetime, since: date | None = None
) -> Statement:
    """Yield the statement of account of a contract, proved to the unit.

    ``since``: what was before that day is told as the opening balance.
    Errors: NotFound, NotAllowed, CannotCount, NoNight.
    """
    loan = contract(actor, contract_id)
    require(actor, "view", "ledger")
    ready = counting(contract=loan, at=at)
    return Statement(
        contract_id=loan.contract_id,
        debtor_id=loan.debtor_id,
        product=loan.product,
        currency=loan.currency,
        principal_minor=loan.principal_minor,
        start_on=loan.start_on,
        on=ready.on,
        as_of=ready.rules.as_of,
        at=at,
        account=ready.account(since=since),
        rule=ready.rule,
    )


def preview_receipt(
    *, actor: Actor, contract_id: str, paid_on: date, amount_minor: int, at: datetime
) -> Preview:
    """Yield what a receipt would pay, before it is posted. Writes nothing.

    Errors: NotFound, NotAllowed, CannotCount, NoNight.
    """
    loan = contract(actor, contract_id)
    require(actor, "view", "ledger")
    ready = counting(contract=loan, at=at)
    # No number of a book sorts after this one: it is the last receipt of its day.
    mark = "\U0010ffff"
    wanted = AccountReceipt(payment_id=mark, paid_on=paid_on, amount_minor=amount_minor)
    before, after = ready.account(), ready.with_receipt(wanted).account()
    placed = [line for line in after.lines if line.key == mark]
    return Preview(
        contract_id=loan.contract_id,
        debtor_id=loan.debtor_id,
        currency=loan.currency,
        placed=placed[0].placed if placed else (),
        unplaced_minor=-placed[0].amount.unplaced_minor if placed else 0,
        before=before.figures,
        after=after.figures,
        balance_before_minor=before.closing.total_minor,
        balance_after_minor=after.closing.total_minor,
        rule=ready.rule,
    )


def posting(*, actor: Actor, payment_id: str) -> PostingCard:
    """Yield one entry of the ledger. Errors: NotFound, NotAllowed. Three queries."""
    row = Posting.objects.filter(payment_id=payment_id).select_related("confirmation").first()
    if row is None or row.debtor_id not in seen(actor, (row.debtor_id,)):
        raise NotFound(what=payment_id)
    require(actor, "view", "ledger")
    return cards([row])[0]


def receipt_to_reverse(*, actor: Actor, payment_id: str, contract_id: str = "") -> ToReverse:
    """Yield a receipt of ledger or book as it stands. Errors: NotFound, CannotReverse."""
    require(actor, "view", "ledger")
    found = find_receipt(actor=actor, payment_id=payment_id, contract_id=contract_id)
    return ToReverse(
        payment_id=payment_id,
        contract_id=found.loan.contract_id,
        debtor_id=found.loan.debtor_id,
        currency=found.loan.currency,
        amount_minor=found.amount_minor,
        paid_on=found.paid_on,
        in_book=found.book is not None,
    )


def postings_of(*, debtor_ids: Iterable[str]) -> Mapping[str, tuple[PostingCard, ...]]:
    """Yield every posting of some debtors, oldest first. Two queries."""
    rows = Posting.objects.filter(debtor_id__in=set(debtor_ids)).select_related("confirmation")
    found: dict[str, list[PostingCard]] = {}
    for one in cards(rows.order_by("pk")):
        found.setdefault(one.debtor_id, []).append(one)
    return {debtor_id: tuple(own) for debtor_id, own in found.items()}


def postings_on(*, actor: Actor, on: date) -> tuple[PostingCard, ...]:
    """Yield what was posted on a day of the house, the latest first, within scope."""
    require(actor, "view", "ledger")
    begin = datetime.combine(on, time(), tzinfo=ZoneInfo(settings.TIME_ZONE))
    rows = Posting.objects.filter(made_at__gte=begin, made_at__lt=begin + timedelta(days=1))
    return cards(_seen(actor, rows.order_by("-made_at", "-pk")))


def not_in_book(*, actor: Actor, as_of: date, days: int = DAYS_TO_BOOK) -> tuple[Unconfirmed, ...]:
    """Yield receipts that the book should have by now, oldest first, within scope. Three queries.

    Either no night's book has them ``days`` days after they were posted, or the book says another
    amount, day or contract, or a later book has them no more. Receipts taken back at the desk are
    no question.
    """
    require(actor, "view", "ledger")
    last = datetime.combine(
        as_of - timedelta(days=days - 1), time(), tzinfo=ZoneInfo(settings.TIME_ZONE)
    )
    taken_back = Posting.objects.filter(reverses=OuterRef("payment_id"))
    receipts = Posting.objects.filter(kind=Posting.Kind.RECEIPT)
    late = receipts.filter(~Exists(taken_back), confirmation=None, made_at__lt=last)
    otherwise = Q(confirmation__agrees=False) | Q(missing__isnull=False)
    rows = (late | receipts.filter(otherwise, ~Exists(taken_back))).order_by("pk")
    return tuple(_unconfirmed(row, as_of) for row in _seen(actor, rows))


def _unconfirmed(row: Posting, as_of: date) -> Unconfirmed:
    said: Confirmation | None = getattr(row, "confirmation", None)
    return Unconfirmed(
        posting=card(posting=row),
        days=(as_of - local(row.made_at).date()).days,
        book_amount_minor=said.book_amount_minor if said else None,
        book_paid_on=said.book_paid_on if said else None,
        book_contract_id=said.book_contract_id if said else None,
        missing_since=row.missing.since if hasattr(row, "missing") else None,
    )


def _seen(actor: Actor, rows: QuerySet[Posting]) -> Sequence[Posting]:
    """Yield the rows whose debtors the actor sees, at most MOST_ROWS of them."""
    found = list(rows.select_related("confirmation", "missing")[: MOST_ROWS * 10])
    within = seen(actor, {row.debtor_id for row in found})
    return [row for row in found if row.debtor_id in within][:MOST_ROWS]


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
