"""Promises to pay for programs."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from ninja import Router
from pydantic import Field

from recoup.api.calls import ApiCall, Shown, Wanted, once
from recoup.api.problems import PROBLEMS
from recoup.apps.arrangements.actions import record_promise, withdraw_promise
from recoup.apps.arrangements.queries import promises_of
from recoup.apps.people.permissions import require
from recoup.apps.portfolio.queries import debtor
from recoup.engine.book.contract import CHANNELS, PARTIES

router = Router(tags=["promises"])
PromiseChannel = StrEnum("PromiseChannel", {one.upper(): one for one in CHANNELS})  # type: ignore[misc]
PromiseParty = StrEnum("PromiseParty", {one.upper(): one for one in PARTIES})  # type: ignore[misc]


class PromiseWanted(Wanted):
    """What somebody promised; without a contract, money on any contract of the person."""

    amount_minor: Annotated[int, Field(ge=1, le=10**15)]
    due_on: date
    channel: PromiseChannel
    party: PromiseParty
    contract_id: Annotated[str, Field(max_length=64)] | None = None
    note: Annotated[str, Field(max_length=300)] = ""


class WithdrawalWanted(Wanted):
    """Why a promise is taken back, and which version of it was seen."""

    why: Annotated[str, Field(min_length=1, max_length=300)]
    version: Annotated[int, Field(ge=1, le=10**6)]


class PromiseShown(Shown):
    """A promise and what became of it: open, kept, partly_kept, broken, withdrawn."""

    promise_id: str
    debtor_id: str
    contract_id: str | None
    currency: str
    amount_minor: int
    matched_minor: int
    made_on: date
    due_on: date
    status: str
    in_book: bool
    version: int


@router.get(
    "/debtors/{debtor_id}/promises",
    response={200: list[PromiseShown], **PROBLEMS},
    summary="A debtor's promises",
)
def debtor_promises(request: ApiCall, debtor_id: str) -> list[PromiseShown]:
    """Show the promises of a person, of the desk and of the book, the latest first."""
    debtor(request.actor, debtor_id)
    require(request.actor, "view", "arrangements")
    return [PromiseShown.model_validate(one) for one in promises_of(debtor_id=debtor_id)]


@router.post(
    "/debtors/{debtor_id}/promises",
    response={200: PromiseShown, **PROBLEMS},
    summary="Record a promise",
)
def record_one(request: ApiCall, debtor_id: str, wanted: PromiseWanted) -> dict[str, Any]:
    """Record that somebody promised to pay an amount by a day."""

    def act() -> PromiseShown:
        made = record_promise(
            actor=request.actor,
            debtor_id=debtor_id,
            contract_id=wanted.contract_id or None,
            amount_minor=wanted.amount_minor,
            due_on=wanted.due_on,
            channel=wanted.channel.value,
            party=wanted.party.value,
            note=wanted.note,
            at=request.at,
        )
        return PromiseShown.model_validate(made)

    return once(request, wanted, act)


@router.post(
    "/promises/{promise_id}/withdrawal",
    response={200: PromiseShown, **PROBLEMS},
    summary="Take a promise back",
)
def withdraw_one(request: ApiCall, promise_id: str, wanted: WithdrawalWanted) -> dict[str, Any]:
    """Take an open promise back, with the reason."""

    def act() -> PromiseShown:
        made = withdraw_promise(
            actor=request.actor,
            promise_id=promise_id,
            why=wanted.why,
            version=wanted.version,
            at=request.at,
        )
        return PromiseShown.model_validate(made)

    return once(request, wanted, act)
