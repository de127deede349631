"""The frozen records in which this room tells what it knows."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any

from recoup.apps.complaints.models import Complaint, ComplaintEntry

#: What becomes of overdue: nothing yet, soon, over.
IN_TIME, SOON, OVER, ANSWERED, NO_DAY = "in_time", "soon", "over", "answered", "no_day"


@dataclass(frozen=True, kw_only=True)
class ComplaintCard:
    """A complaint. ``debtor_id`` empty: nobody has found the person yet; names kept out of repr."""

    number: str
    debtor_id: str
    contract_id: str
    source: str
    category: str
    received_on: date
    words: str = field(repr=False)
    wants: str = field(repr=False)
    complainant: str = field(repr=False)
    relation: str
    reach_at: str = field(repr=False)
    language: str
    names: str = field(repr=False)
    about_staff_id: int | None
    about_agency: str
    about_number: str = field(repr=False)
    taken_by_id: int | None
    taken_at: datetime
    owner_id: int | None
    status: str
    period: str
    told_on: date | None
    starts_on: date
    due_on: date | None
    step: int
    answered_at: datetime | None
    answered_on: date | None
    answered_by_id: int | None
    finding: str
    answer: str = field(repr=False)
    redress: str
    redress_words: str = field(repr=False)
    redress_minor: int | None
    redress_currency: str
    root_cause: str
    root_cause_words: str = field(repr=False)
    letter_sha256: str
    version: int

    @property
    def is_open(self) -> bool:
        """Whether it still waits for its answer."""
        return self.status == "open"

    @property
    def was_late(self) -> bool:
        """Whether the answer came after the last day."""
        return (
            self.answered_on is not None
            and self.due_on is not None
            and self.answered_on > self.due_on
        )

    def standing(self, *, as_of: date, warn_days: int) -> str:
        """Yield how it stands with its time on a day: in_time, soon, over, answered, no_day."""
        if not self.is_open:
            return ANSWERED
        if self.due_on is None:
            return NO_DAY
        left = (self.due_on - as_of).days
        return OVER if left < 0 else SOON if left <= warn_days else IN_TIME


@dataclass(frozen=True, kw_only=True)
class EntryCard:
    """Something that happened to a complaint."""

    at: datetime
    actor_id: int | None
    kind: str
    text: str = field(repr=False)
    facts: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class AppraisalCard:
    """An appraisal outside the house; ``until_on`` None while it lasts."""

    by_whom: str
    from_on: date
    until_on: date | None
    told_on: date | None


def complaint_card(row: Complaint) -> ComplaintCard:
    """Yield the card of a complaint."""
    return ComplaintCard(**{one.name: getattr(row, one.name) for one in fields(ComplaintCard)})


def entry_card(row: ComplaintEntry) -> EntryCard:
    """Yield the card of an entry."""
    return EntryCard(
        at=row.at, actor_id=row.actor_id, kind=row.kind, text=row.text, facts=row.facts
    )
