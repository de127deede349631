"""Finds a receipt that somebody wants to take back: of the ledger, of the book, or of both."""

from dataclasses import dataclass
from datetime import date

from recoup.apps.ledger.models import Posting
from recoup.apps.ledger.refusals import CannotReverse
from recoup.apps.people.permissions import Actor, NotFound
from recoup.apps.portfolio.queries import (
    BookReceiptCard,
    ContractCard,
    book_receipts_of,
    book_receipts_with,
    contract,
)


@dataclass(frozen=True, kw_only=True)
class FoundReceipt:
    """A receipt with its contract; what the book says of it counts, once the book has it."""

    payment_id: str
    loan: ContractCard
    posting: Posting | None
    book: BookReceiptCard | None

    @property
    def amount_minor(self) -> int:
        """The amount that counts."""
        if self.book is not None:
            return self.book.amount_minor
        assert self.posting is not None
        amount: int = self.posting.amount_minor
        return amount

    @property
    def paid_on(self) -> date:
        """The day that counts."""
        if self.book is not None:
            return self.book.paid_on
        assert self.posting is not None
        day: date = self.posting.paid_on
        return day


def find_receipt(
    *, actor: Actor, payment_id: str, contract_id: str, lock: bool = False
) -> FoundReceipt:
    """Yield a receipt within the actor's scope, its posting locked if asked.

    ``contract_id`` helps to find receipts of people whose details are not in the records.
    Errors: NotFound; CannotReverse, when the number is that of a reversal.
    """
    rows = Posting.objects.select_for_update(no_key=True) if lock else Posting.objects.all()
    posting: Posting | None = rows.filter(payment_id=payment_id).first()
    if posting is not None and posting.kind == Posting.Kind.REVERSAL:
        contract(actor, posting.contract_id)
        raise CannotReverse.is_reversal(payment_id=payment_id)
    known = book_receipts_with((payment_id,)).get(payment_id)
    place = known.contract_id if known else posting.contract_id if posting else contract_id
    if not place:
        raise NotFound(what=payment_id)
    loan = contract(actor, place)
    book = next((one for one in book_receipts_of(place) if one.payment_id == payment_id), None)
    if posting is None and book is None:
        raise NotFound(what=payment_id)
    return FoundReceipt(payment_id=payment_id, loan=loan, posting=posting, book=book)
