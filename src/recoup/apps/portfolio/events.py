"""Facts of this room that others hear."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, kw_only=True)
class NightPublished:
    """A night's result is in the records, whole; told in the transaction that put it there."""

    publication_id: int
    as_of: date
    at: datetime


@dataclass(frozen=True, kw_only=True)
class DebtorRedecided:
    """One person was decided anew by day; debtor and contracts carry the new decision."""

    debtor_id: str
    as_of: date
    at: datetime


@dataclass(frozen=True, kw_only=True)
class HoldSet:
    """Staff put a hold on a person, or on one contract of the person."""

    hold_id: int
    debtor_id: str
    contract_id: str | None
    kind: str
    from_on: date
    until_on: date | None
    channel: str | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class HoldLifted:
    """Staff ended a hold, from the bank's book or from the desk, on a day."""

    hold_id: int
    debtor_id: str
    contract_id: str | None
    kind: str
    from_on: date
    channel: str | None
    lifted_on: date
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ContactPointJudged:
    """Staff judged whether a number or an address still serves; ``is_valid`` says how."""

    contact_point_id: int
    debtor_id: str
    kind: str
    is_valid: bool
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ProfileChanged:
    """What staff know of a debtor grew: ``record`` is statement, circumstance, proof or point."""

    debtor_id: str
    record: str
    record_id: int
    at: datetime
