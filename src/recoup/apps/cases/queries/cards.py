"""The frozen records in which this room tells what it knows."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from recoup.apps.cases.models import Case, HandOver, Review, Task


@dataclass(frozen=True, kw_only=True)
class CaseCard:
    """A case as lists show it. Amounts in minor units of the base currency.

    ``queue``: 0 to be worked now, 1 no channel open now, 2 resting, 9 closed. ``shown_name`` is
    masked already.
    """

    debtor_id: str
    shown_name: str
    status: str
    status_since: datetime
    queue: int
    spell: int
    opened_on: date
    closed_on: date | None
    clear_since: date | None
    as_of: date
    collector_id: int | None
    assigned_at: datetime | None
    assigned_why: tuple[Mapping[str, str], ...]
    kind: str
    language: str
    branch: str
    team: str
    product_codes: tuple[str, ...]
    contracts: int
    worst_dpd: int | None
    bucket: str
    worst_class: str
    overdue_base_minor: int | None
    exposure_base_minor: int | None
    segment: str
    treatment: str
    channel: str
    priority: int
    rank: int | None
    reasons: tuple[str, ...]
    blocked_by: tuple[str, ...]
    next_permitted_at: datetime | None
    last_contact_at: datetime | None
    last_outcome: str
    last_channel: str
    worked_on: date | None
    promise_due_on: date | None
    promise_minor: int | None
    promise_broken_on: date | None
    last_review_on: date | None
    review_due_on: date | None
    entries: int
    version: int


_CASE = tuple(one.name for one in fields(CaseCard))


def case_card(row: Case) -> CaseCard:
    """Yield the card of a case."""
    values: dict[str, Any] = {}
    for name in _CASE:
        value = getattr(row, name)
        values[name] = tuple(value) if isinstance(value, list) else value
    return CaseCard(**values)


@dataclass(frozen=True, kw_only=True)
class TaskCard:
    """Something to be done about a case by a time."""

    task_id: int
    debtor_id: str
    kind: str
    title: str
    due_at: datetime
    assignee_id: int | None
    made_by_id: int | None
    made_at: datetime
    done_at: datetime | None
    done_by_id: int | None
    cancelled_at: datetime | None
    version: int

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.done_at is None and self.cancelled_at is None


def task_card(row: Task) -> TaskCard:
    """Yield the card of a task."""
    return TaskCard(
        task_id=row.pk,
        debtor_id=row.case_id,
        kind=row.kind,
        title=row.title,
        due_at=row.due_at,
        assignee_id=row.assignee_id,
        made_by_id=row.made_by_id,
        made_at=row.made_at,
        done_at=row.done_at,
        done_by_id=row.done_by_id,
        cancelled_at=row.cancelled_at,
        version=row.version,
    )


@dataclass(frozen=True, kw_only=True)
class HandOverCard:
    """A case offered to a colleague of another calling."""

    hand_over_id: int
    debtor_id: str
    giver_id: int | None
    taker_id: int
    role: str
    note: str
    offered_at: datetime
    accept_by: datetime
    status: str
    settled_at: datetime | None
    remark: str

    def is_overdue(self, at: datetime) -> bool:
        """Whether nobody has answered in time."""
        return self.status == "offered" and at > self.accept_by


def hand_over_card(row: HandOver) -> HandOverCard:
    """Yield the card of a hand-over."""
    return HandOverCard(
        hand_over_id=row.pk,
        debtor_id=row.case_id,
        giver_id=row.giver_id,
        taker_id=row.taker_id,
        role=row.role,
        note=row.note,
        offered_at=row.offered_at,
        accept_by=row.accept_by,
        status=row.status,
        settled_at=row.settled_at,
        remark=row.remark,
    )


@dataclass(frozen=True, kw_only=True)
class ReviewCard:
    """A review of an account: what was checked, and what changes."""

    review_id: int
    debtor_id: str
    due_on: date | None
    done_at: datetime
    done_by_id: int
    bucket: str
    checked: Mapping[str, Mapping[str, str]]
    changes: str
    next_due_on: date | None


def review_card(row: Review) -> ReviewCard:
    """Yield the card of a review."""
    return ReviewCard(
        review_id=row.pk,
        debtor_id=row.case_id,
        due_on=row.due_on,
        done_at=row.done_at,
        done_by_id=row.done_by_id,
        bucket=row.bucket,
        checked=row.checked,
        changes=row.changes,
        next_due_on=row.next_due_on,
    )


@dataclass(frozen=True, kw_only=True)
class EntryCard:
    """One entry of a timeline; ``facts`` in codes and amounts, ``corrects`` an older place."""

    place: int
    at: datetime
    actor_id: int | None
    kind: str
    facts: Mapping[str, Any]
    text: str
    corrects: int | None
    hash_own: str


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """Entries of a case, the latest first, and whether the whole chain holds.

    ``broken_at`` is the place of the first entry that does not follow the one before it; 0 where
    entries are missing at the end. None: the chain is intact.
    """

    entries: tuple[EntryCard, ...]
    total: int
    broken_at: int | None

    @property
    def is_intact(self) -> bool:
        """Whether no entry was changed or taken away."""
        return self.broken_at is None


@dataclass(frozen=True, kw_only=True)
class MoveCard:
    """One act that moved cases; what undo takes back."""

    move_id: int
    at: datetime
    actor_id: int | None
    collector_id: int | None
    debtor_ids: tuple[str, ...]
    refused: tuple[str, ...] = ()
