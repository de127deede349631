"""Facts of this room that others hear."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, kw_only=True)
class CaseOpened:
    """A case was opened by day; a night that opens thousands tells ``CasesBrought`` instead."""

    debtor_id: str
    on: date
    at: datetime


@dataclass(frozen=True, kw_only=True)
class CaseClosed:
    """A case was closed by day."""

    debtor_id: str
    on: date
    at: datetime


@dataclass(frozen=True, kw_only=True)
class CasesBrought:
    """A night's result was brought into the cases; the ids of those opened and closed."""

    as_of: date
    at: datetime
    opened: tuple[str, ...]
    closed: tuple[str, ...]
    changed: int


@dataclass(frozen=True, kw_only=True)
class CaseAssigned:
    """A case was given to somebody (None: back to the pool)."""

    debtor_id: str
    before: int | None
    collector_id: int | None
    staff_id: int | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class CaseStatusChanged:
    """A case moved along its table of states."""

    debtor_id: str
    before: str
    after: str
    staff_id: int | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class TaskDone:
    """A task was done."""

    task_id: int
    debtor_id: str
    staff_id: int | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ReviewDone:
    """An account was reviewed."""

    review_id: int
    debtor_id: str
    staff_id: int
    next_due_on: date | None
    at: datetime
