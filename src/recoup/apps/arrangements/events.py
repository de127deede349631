"""Facts about promises to pay: recorded, kept, partly kept, broken, open again, withdrawn."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, kw_only=True)
class PromiseFact:
    """What every fact about a promise tells.

    Shape: ``contract_id`` None promises money on any contract of the person; ``on`` is the day for
    which the kernel found it. Units: minor units of the currency.
    """

    promise_id: str
    debtor_id: str
    contract_id: str | None
    amount_minor: int
    matched_minor: int
    currency: str
    due_on: date
    on: date
    at: datetime


@dataclass(frozen=True, kw_only=True)
class PromiseRecorded(PromiseFact):
    """Somebody promised to pay."""

    channel: str
    party: str
    actor_id: int | None


@dataclass(frozen=True, kw_only=True)
class PromiseKept(PromiseFact):
    """The amount promised, less the strategy's tolerance, was paid in time."""


@dataclass(frozen=True, kw_only=True)
class PromisePartlyKept(PromiseFact):
    """The time is over and only a part was paid."""


@dataclass(frozen=True, kw_only=True)
class PromiseBroken(PromiseFact):
    """The time is over and nothing was paid."""


@dataclass(frozen=True, kw_only=True)
class PromiseReopened(PromiseFact):
    """A promise that was settled is open again: a receipt was reversed."""


@dataclass(frozen=True, kw_only=True)
class PromisesLapsed:
    """The time of a person's promises ended on a day without a night: the night counts its own."""

    debtor_id: str
    on: date
    at: datetime


@dataclass(frozen=True, kw_only=True)
class PromiseWithdrawn(PromiseFact):
    """Somebody took a promise back, with a reason."""

    why: str
    actor_id: int | None
