"""Debtors and contracts for programs; names and numbers are masked, as on every page."""

from datetime import date, datetime
from typing import Annotated

from ninja import Query, Router
from pydantic import Field

from recoup.api.calls import ApiCall, Shown
from recoup.api.problems import PROBLEMS
from recoup.apps.people.permissions import require
from recoup.apps.portfolio.queries import contract, contracts_of, debtor, schedule_of, search
from recoup.web.masking import masked_email, masked_name, masked_number

router = Router(tags=["portfolio"])


class Hit(Shown):
    """A debtor found."""

    debtor_id: str
    name: str
    matched: str
    worst_dpd: int | None
    overdue_base_minor: int | None


class DebtorShown(Shown):
    """A debtor with the decision in force. Amounts in minor units of the base currency."""

    debtor_id: str
    name: str
    phone: str
    email: str
    kind: str
    language: str
    branch: str
    team: str
    products: list[str]
    worst_dpd: int | None
    worst_class: str
    overdue_base_minor: int | None
    exposure_base_minor: int | None
    segment: str
    treatment: str
    channel: str
    permitted_channels: list[str]
    blocked_by: list[str]
    next_permitted_at: datetime | None
    reasons: list[str]
    redecision_pending: bool
    as_of: date


class ContractShown(Shown):
    """A contract. Amounts in minor units of its currency."""

    contract_id: str
    debtor_id: str
    product: str
    currency: str
    status: str
    principal_minor: int | None
    start_on: date | None
    maturity_on: date | None
    dpd: int | None
    bucket: str
    asset_class: str
    asset_class_rules: list[str]
    overdue_principal_minor: int | None
    overdue_interest_minor: int | None
    overdue_fee_minor: int | None
    outstanding_principal_minor: int | None
    exposure_minor: int | None
    treatment: str
    blocked_by: list[str]
    reasons: list[str]


class InstalmentShown(Shown):
    """One instalment of a schedule."""

    seq: int
    due_on: date
    principal_minor: int
    interest_minor: int
    fee_minor: int


@router.get("/debtors", response={200: list[Hit], **PROBLEMS}, summary="Search debtors")
def search_debtors(
    request: ApiCall, q: Annotated[str, Query(min_length=1, max_length=100)]
) -> list[Hit]:
    """Find debtors by name, number, contract or id, within the caller's scope."""
    return [
        Hit(
            debtor_id=hit.debtor_id,
            name=masked_name(hit.name),
            matched=hit.matched,
            worst_dpd=hit.worst_dpd,
            overdue_base_minor=hit.overdue_base_minor,
        )
        for hit in search(request.actor, q)
    ]


@router.get("/debtors/{debtor_id}", response={200: DebtorShown, **PROBLEMS}, summary="One debtor")
def one_debtor(request: ApiCall, debtor_id: str) -> DebtorShown:
    """Show a debtor with the decision in force."""
    found = debtor(request.actor, debtor_id)
    require(request.actor, "view", "portfolio")
    kept = {name: getattr(found, name) for name in DebtorShown.model_fields}
    masked = {
        "name": masked_name(found.name),
        "phone": masked_number(found.phone),
        "email": masked_email(found.email),
    }
    return DebtorShown(**{**kept, **masked})


@router.get(
    "/debtors/{debtor_id}/contracts",
    response={200: list[ContractShown], **PROBLEMS},
    summary="A debtor's contracts",
)
def debtor_contracts(request: ApiCall, debtor_id: str) -> list[ContractShown]:
    """Show a debtor's contracts with their figures and classes."""
    debtor(request.actor, debtor_id)
    require(request.actor, "view", "portfolio")
    loans = contracts_of((debtor_id,)).get(debtor_id, ())
    return [ContractShown.model_validate(loan) for loan in loans]


@router.get(
    "/contracts/{contract_id}/schedule",
    response={200: list[InstalmentShown], **PROBLEMS},
    summary="A contract's schedule",
)
def contract_schedule(
    request: ApiCall, contract_id: Annotated[str, Field(max_length=64)]
) -> list[InstalmentShown]:
    """Show the instalments of a contract as agreed."""
    contract(request.actor, contract_id)
    require(request.actor, "view", "portfolio")
    return [InstalmentShown.model_validate(one) for one in schedule_of(contract_id)]
