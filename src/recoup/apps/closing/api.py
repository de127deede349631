"""Nights for programs: which ran, how they ended."""

from datetime import date, datetime
from typing import Annotated

from ninja import Query, Router

from recoup.api.calls import ApiCall, Number, Shown
from recoup.api.problems import PROBLEMS
from recoup.apps.closing.queries import night, nights

router = Router(tags=["nights"])


class NightShown(Shown):
    """A night: business date, state, progress, what was refused."""

    night_id: int
    as_of: date
    status: str
    ordered_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    percent: int
    rejected_rows: int | None
    warnings: int | None
    publication_id: int | None


@router.get("/nights", response={200: list[NightShown], **PROBLEMS}, summary="List nights")
def list_nights(
    request: ApiCall, page: Annotated[int, Query(ge=1, le=10_000)] = 1
) -> list[NightShown]:
    """Show the nights, the latest first."""
    return [NightShown.model_validate(one) for one in nights(actor=request.actor, page=page)]


@router.get("/nights/{night_id}", response={200: NightShown, **PROBLEMS}, summary="One night")
def one_night(request: ApiCall, night_id: Number) -> NightShown:
    """Show a night."""
    return NightShown.model_validate(night(actor=request.actor, night_id=night_id))
