"""Facts of the ledger: money came in, or a receipt turned out not to have been one."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, kw_only=True)
class ReceiptPosted:
    """A receipt was posted at the desk. Units: minor units of the currency."""

    payment_id: str
    contract_id: str
    debtor_id: str
    amount_minor: int
    currency: str
    paid_on: date
    channel: str
    actor_id: int | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ReceiptReversed:
    """A receipt of the desk or of the book was taken back: it counts for nothing from the start.

    Shape: ``payment_id`` is the receipt taken back, ``reversal_id`` the entry that takes it back.
    """

    payment_id: str
    reversal_id: str
    contract_id: str
    debtor_id: str
    amount_minor: int
    currency: str
    paid_on: date
    why: str
    actor_id: int | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class PostingConfirmed:
    """The bank's book has a posting now; ``agrees`` is false where it says something else."""

    payment_id: str
    contract_id: str
    debtor_id: str
    as_of: date
    agrees: bool
    at: datetime
