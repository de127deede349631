"""Facts of this room that rooms above act upon."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, kw_only=True)
class PortfolioHandedOver:
    """A colleague has accepted a portfolio and sees it until ``until`` (None: until returned)."""

    hand_over_id: int
    giver_id: int
    taker_id: int
    until: datetime | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class PortfolioReturned:
    """A portfolio is with its giver alone again."""

    hand_over_id: int
    giver_id: int
    taker_id: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class AbsenceRecorded:
    """A member of staff is away from ``from_on`` until before ``until_on``."""

    absence_id: int
    staff_id: int
    stand_in_id: int | None
    from_on: date
    until_on: date
    at: datetime


@dataclass(frozen=True, kw_only=True)
class StaffDeactivated:
    """A member of staff has left; the cases are to be given to others."""

    staff_id: int
    at: datetime
