"""Cases for programs: lists, one case, its timeline, notes, claiming the next one."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

from ninja import Query, Router
from pydantic import Field

from recoup.api.calls import ApiCall, Shown, Wanted, once
from recoup.api.problems import PROBLEMS
from recoup.apps.cases.actions import add_note, claim_next
from recoup.apps.cases.queries import CaseFilter, case_of, cases_page, timeline_of
from recoup.web.shown import local

router = Router(tags=["cases"])


class State(StrEnum):
    """Which cases."""

    OPEN = "open"
    NOW = "now"
    LATER = "later"
    RESTING = "resting"
    CLOSED = "closed"


class CaseShown(Shown):
    """A case as lists show it. Amounts in minor units of the base currency; names are masked."""

    debtor_id: str
    shown_name: str
    status: str
    opened_on: date
    closed_on: date | None
    collector_id: int | None
    branch: str
    team: str
    product_codes: list[str]
    worst_dpd: int | None
    bucket: str
    overdue_base_minor: int | None
    exposure_base_minor: int | None
    treatment: str
    channel: str
    priority: int
    blocked_by: list[str]
    next_permitted_at: datetime | None
    last_contact_at: datetime | None
    last_outcome: str
    promise_due_on: date | None
    review_due_on: date | None
    version: int


class CasePageShown(Shown):
    """A page of cases; ``total`` counts up to a limit, then ``is_total_exact`` is false."""

    cases: list[CaseShown]
    page: int
    pages: int
    total: int
    is_total_exact: bool


class EntryShown(Shown):
    """One entry of a timeline, with its hash."""

    place: int
    at: datetime
    actor_id: int | None
    kind: str
    facts: dict[str, Any]
    text: str
    corrects: int | None
    hash_own: str


class TimelineShown(Shown):
    """A case's entries, the latest first, and whether the chain is intact."""

    entries: list[EntryShown]
    total: int
    is_intact: bool


class NoteWanted(Wanted):
    """A note for the timeline."""

    text: Annotated[str, Field(min_length=1, max_length=1000)]


class ClaimWanted(Wanted):
    """Nothing is asked but the next case."""


class Claimed(Shown):
    """The case claimed; none when the pool holds nothing for this person."""

    case: CaseShown | None


@router.get("/cases", response={200: CasePageShown, **PROBLEMS}, summary="List cases")
def list_cases(
    request: ApiCall,
    state: State = State.OPEN,
    team: Annotated[str, Query(max_length=64)] = "",
    bucket: Annotated[str, Query(max_length=20)] = "",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> CasePageShown:
    """Show a page of the cases within the caller's scope, by rank."""
    narrow = CaseFilter(state=state.value, team=team, bucket=bucket)
    today = local(request.at).date()
    found = cases_page(actor=request.actor, narrow=narrow, page=page, today=today)
    return CasePageShown.model_validate(found)


@router.post("/cases/claim", response={200: Claimed, **PROBLEMS}, summary="Claim the next case")
def claim(request: ApiCall, wanted: ClaimWanted) -> dict[str, Any]:
    """Take the first case of the pool that the caller may have."""

    def act() -> Claimed:
        found = claim_next(actor=request.actor, at=request.at)
        return Claimed(case=CaseShown.model_validate(found) if found else None)

    return once(request, wanted, act)


@router.get("/cases/{debtor_id}", response={200: CaseShown, **PROBLEMS}, summary="One case")
def one_case(request: ApiCall, debtor_id: str) -> CaseShown:
    """Show a person's case."""
    return CaseShown.model_validate(case_of(request.actor, debtor_id))


@router.get(
    "/cases/{debtor_id}/timeline",
    response={200: TimelineShown, **PROBLEMS},
    summary="A case's timeline",
)
def case_timeline(request: ApiCall, debtor_id: str) -> TimelineShown:
    """Show everything that happened to a case, and whether the chain of hashes is intact."""
    case_of(request.actor, debtor_id)
    return TimelineShown.model_validate(timeline_of(debtor_id=debtor_id))


@router.post(
    "/cases/{debtor_id}/notes", response={200: EntryShown, **PROBLEMS}, summary="Add a note"
)
def note(request: ApiCall, debtor_id: str, wanted: NoteWanted) -> dict[str, Any]:
    """Write a note into the timeline."""

    def act() -> EntryShown:
        made = add_note(actor=request.actor, debtor_id=debtor_id, text=wanted.text, at=request.at)
        return EntryShown.model_validate(made)

    return once(request, wanted, act)
