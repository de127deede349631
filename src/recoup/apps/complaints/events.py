"""Facts of this room that others hear."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, kw_only=True)
class ComplaintReceived:
    """A complaint was taken in; ``debtor_id`` empty until somebody finds the person."""

    number: str
    debtor_id: str
    category: str
    source: str
    received_on: date
    due_on: date | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ComplaintAnswered:
    """A complaint was answered; its holds are lifted."""

    number: str
    debtor_id: str
    category: str
    finding: str
    redress: str
    root_cause: str
    due_on: date | None
    answered_on: date
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ComplaintEscalated:
    """A complaint is late and went up: step 1 to the supervisor, 2 to senior management."""

    number: str
    debtor_id: str
    category: str
    step: int
    due_on: date
    at: datetime
