"""What the ledger tells other rooms: frozen records."""

from dataclasses import dataclass
from datetime import date, datetime

from recoup.apps.ledger.accounts import RuleCited
from recoup.kernel.statement import Placed
from recoup.kernel.tracing import Trace

#: How money came in; words in ``recoup.web.words`` under ``paid_by``.
CHANNELS = ("transfer", "deduction", "counter", "card", "wallet", "court", "other")


@dataclass(frozen=True, kw_only=True)
class PostingCard:
    """One entry of the ledger. Units: minor units of the currency.

    Shape: ``reverses`` is the receipt that a reversal takes back; ``reversed_by`` the entry that
    took this receipt back; ``confirmed_as_of`` the night whose book had it first.
    """

    payment_id: str
    kind: str
    contract_id: str
    debtor_id: str
    currency: str
    paid_on: date
    amount_minor: int
    channel: str
    note: str
    reverses: str | None
    reversed_by: str | None
    made_by: int | None
    made_at: datetime
    approval_id: int | None
    confirmed_as_of: date | None
    agrees: bool | None

    @property
    def is_reversal(self) -> bool:
        """Whether the entry takes a receipt back."""
        return self.kind == "reversal"


@dataclass(frozen=True, kw_only=True)
class PostedReceipt:
    """A receipt of the desk that the book does not have yet."""

    payment_id: str
    contract_id: str
    paid_on: date
    amount_minor: int


@dataclass(frozen=True, kw_only=True)
class PostingsSince:
    """What the ledger holds about a person that the published book does not say yet.

    Shape: ``receipts`` include those reversed at the desk, which ``reversed_payment_ids`` names
    together with reversed receipts of the book.
    """

    receipts: tuple[PostedReceipt, ...]
    reversed_payment_ids: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Reversal:
    """What became of a wish to take a receipt back: done, or waiting for a second pair of eyes."""

    posting: PostingCard | None
    approval_id: int | None


@dataclass(frozen=True, kw_only=True)
class StandingReceipt:
    """Money of a person that counts, whether the book or the desk has it."""

    payment_id: str
    contract_id: str
    paid_on: date
    amount_minor: int


@dataclass(frozen=True, kw_only=True)
class Unconfirmed:
    """A posting that the book should have by now and has not, or has otherwise.

    ``days``: since it was posted. ``book_*``: what the book says; None where it has nothing.
    ``missing_since``: the first book that has it no more, where an earlier one had it.
    """

    posting: PostingCard
    days: int
    book_amount_minor: int | None
    book_paid_on: date | None
    book_contract_id: str | None
    missing_since: date | None


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What a receipt would pay and what would change. Units: minor units of the currency."""

    contract_id: str
    debtor_id: str
    currency: str
    placed: tuple[Placed, ...]
    unplaced_minor: int
    before: Trace
    after: Trace
    balance_before_minor: int
    balance_after_minor: int
    rule: RuleCited

    @property
    def overdue_before_minor(self) -> int:
        """What is overdue now."""
        return _overdue(self.before)

    @property
    def overdue_after_minor(self) -> int:
        """What would be overdue then."""
        return _overdue(self.after)


def _overdue(trace: Trace) -> int:
    return trace.overdue_fee_minor + trace.overdue_interest_minor + trace.overdue_principal_minor


@dataclass(frozen=True, kw_only=True)
class ToReverse:
    """A receipt that somebody may want to take back. Units: minor units of the currency."""

    payment_id: str
    contract_id: str
    debtor_id: str
    currency: str
    amount_minor: int
    paid_on: date
    in_book: bool
