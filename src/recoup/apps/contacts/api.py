"""Contacts for programs: log one as it happened; ask what may be done now."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from ninja import Router
from pydantic import AwareDatetime, Field

from recoup.api.calls import ApiCall, Shown, Wanted, once
from recoup.api.problems import PROBLEMS
from recoup.apps.contacts.actions import record_contact
from recoup.apps.contacts.queries import CHANNELS, OUTCOMES, contacts_of, what_may_be_done
from recoup.apps.people.permissions import require
from recoup.apps.portfolio.queries import debtor
from recoup.engine.book.contract import PARTIES
from recoup.web.masking import masked_number

router = Router(tags=["contacts"])
ContactChannel = StrEnum("ContactChannel", {one.upper(): one for one in CHANNELS})  # type: ignore[misc]
Outcome = StrEnum("Outcome", {one.upper(): one for one in OUTCOMES})  # type: ignore[misc]
ContactParty = StrEnum("ContactParty", {one.upper(): one for one in PARTIES})  # type: ignore[misc]


class Direction(StrEnum):
    """Who began it."""

    OUT = "out"
    IN = "in"


class ContactWanted(Wanted):
    """A contact that took place. ``contact_id``: the caller's key, by which it is logged once."""

    channel: ContactChannel
    direction: Direction = Direction.OUT
    party: ContactParty
    number: Annotated[str, Field(max_length=300)] = ""
    outcome: Outcome
    note: Annotated[str, Field(max_length=1000)] = ""
    recording: Annotated[str, Field(max_length=300)] = ""
    at: AwareDatetime | None = None
    contact_id: Annotated[str, Field(max_length=80)] = ""


class ContactShown(Shown):
    """A contact as it happened; ``breaches`` are the rules that stood against it."""

    contact_id: int
    debtor_id: str
    at: datetime
    channel: str
    direction: str
    party: str
    number: str
    outcome: str
    breaches: list[dict[str, Any]]


class ReasonShown(Shown):
    """A rule that stands against a contact."""

    rule: str
    source: str
    zh: str
    en: str
    origin: str
    next_allowed_at: datetime | None


class ChannelShown(Shown):
    """Whether collecting over one channel is allowed now, and if not, why and from when."""

    channel: str
    allowed: bool
    reasons: list[ReasonShown]
    next_allowed_at: datetime | None
    open_until: datetime | None
    left: int | None


class GateShown(Shown):
    """The gate's answers for every channel."""

    debtor_id: str
    at: datetime
    zone: str | None
    channels: list[ChannelShown]


def _shown(contact: Any) -> ContactShown:
    kept = {name: getattr(contact, name) for name in ContactShown.model_fields}
    breaches = [dict(one) for one in contact.breaches]
    return ContactShown(**{**kept, "number": masked_number(contact.number), "breaches": breaches})


@router.get(
    "/debtors/{debtor_id}/contacts",
    response={200: list[ContactShown], **PROBLEMS},
    summary="A debtor's contacts",
)
def debtor_contacts(request: ApiCall, debtor_id: str) -> list[ContactShown]:
    """Show a person's contacts, the latest first."""
    debtor(request.actor, debtor_id)
    require(request.actor, "view", "contacts")
    return [_shown(one) for one in contacts_of(debtor_id=debtor_id)]


@router.post(
    "/debtors/{debtor_id}/contacts",
    response={200: ContactShown, **PROBLEMS},
    summary="Log a contact",
)
def log_contact(request: ApiCall, debtor_id: str, wanted: ContactWanted) -> dict[str, Any]:
    """Log a contact as it happened; one that a rule forbade is kept with the rule it broke."""

    def act() -> ContactShown:
        made = record_contact(
            actor=request.actor,
            debtor_id=debtor_id,
            at=wanted.at or request.at,
            recorded_at=request.at,
            channel=wanted.channel.value,
            direction=wanted.direction.value,
            party=wanted.party.value,
            number=wanted.number,
            outcome=wanted.outcome.value,
            note=wanted.note,
            recording=wanted.recording,
            contact_id=f"api:{request.auth.token_id}:{wanted.contact_id}"[:80]
            if wanted.contact_id
            else None,
        )
        return _shown(made.contact)

    return once(request, wanted, act)


@router.get(
    "/debtors/{debtor_id}/gate",
    response={200: GateShown, **PROBLEMS},
    summary="What may be done now",
)
def gate(request: ApiCall, debtor_id: str) -> GateShown:
    """Tell for each channel whether collecting is allowed now; if not, why and from when."""
    debtor(request.actor, debtor_id)
    require(request.actor, "view", "contacts")
    return GateShown.model_validate(what_may_be_done(debtor_id=debtor_id, at=request.at))
