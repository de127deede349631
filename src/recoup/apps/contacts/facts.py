"""Gathers what the gate must know of one person, once, for every channel at one instant.

What the desk does not know stays unknown, and the unknown is refused. A permit that is out and not
yet used counts as an attempt of this very instant: of two who ask at once for the last one that is
left, one gets it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from django.conf import settings

from recoup.apps.contacts.models import (
    AgreedHours,
    Consent,
    Contact,
    GateDecision,
    PermitState,
    Preference,
    StopRequest,
)
from recoup.apps.portfolio.queries import (
    ContactPointCard,
    ContractCard,
    DebtorCard,
    HeldPerson,
    HoldCard,
    whole_person,
)
from recoup.apps.portfolio.queries.cards import TAKEN_BACK
from recoup.kernel.contact_facts import ContactFacts, Number, read_facts, same_number
from recoup.records.often import Often
from recoup.web.house import pack
from recoup.web.shown import local

#: How far back attempts are looked at; no cap and no rule of reach counts further.
DAYS_BACK = 92
DEBTOR = "debtor"
CONVERSATIONS = frozenset({"call", "ai_call", "visit", "im"})
PHONES = frozenset({"call", "ai_call", "sms", "im"})
ADDRESS_KIND = {"email": "email", "letter": "address", "visit": "address"}
#: What an outcome proves: somebody answered, a conversation took place, the number is in service.
PROVES: dict[str, tuple[bool | None, bool | None, bool | None]] = {
    "right_party": (True, True, True),
    "promise": (True, True, True),
    "refused": (True, True, True),
    "asked_to_stop": (True, True, True),
    "answered": (True, False, True),
    "no_answer": (False, False, True),
    "busy": (False, False, True),
    "invalid": (False, False, False),
    "failed": (False, False, None),
    "delivered": (None, None, None),
}
UNKNOWN = (None, None, None)
STOP = "asked_to_stop"
NO_CONTACT = "do_not_contact"
_CONTACTS = Often(
    lambda since, at, debtor_id: Contact.objects.filter(
        at__gte=since, at__lte=at, debtor_id=debtor_id, withdrawn_at=None
    ).order_by("at", "pk")
)
_CONSENTS = Often(
    lambda debtor_id, at: Consent.objects.filter(
        debtor_id=debtor_id, given_at__lte=at, withdrawn_at=None
    )
)
_STOPS = Often(
    lambda at, debtor_id: StopRequest.objects.filter(asked_at__lte=at, debtor_id=debtor_id)
)
_AGREED_HOURS = Often(
    lambda debtor_id: AgreedHours.objects.filter(debtor_id=debtor_id, ended_at=None)
)
_PERMITS_OUT = Often(
    lambda debtor_id, at: PermitState.objects.filter(
        debtor_id=debtor_id, expires_at__gt=at, used_at=None, void_at=None
    )
)
#: Who may want to be reached again; a third person who refused never is (CN-CON-10).
OBLIGORS = (DEBTOR, "co_obligor", "guarantor")


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the desk knows of a person for the gate: the parts that do not hang on a channel."""

    debtor: DebtorCard
    contracts: tuple[ContractCard, ...]
    points: tuple[ContactPointCard, ...]
    holds: tuple[HoldCard, ...]
    zone: str | None
    facts: ContactFacts
    #: What each consent of the facts was given for; empty: for whatever purpose.
    consented_for: tuple[str, ...]
    #: The same facts as one JSON object, in the form that ``recoup gate check`` reads.
    tree: Mapping[str, Any]

    @cached_property
    def preference(self) -> Preference | None:
        """How the person would rather be reached; it permits nothing."""
        return Preference.objects.filter(pk=self.debtor.debtor_id).first()

    def tree_of(self, facts: ContactFacts) -> dict[str, Any]:
        """Yield the JSON object of facts that ``for_channel`` has made.

        ``read_facts(known.tree_of(facts)) == facts``: whoever doubts an answer can ask again.
        """
        kept = {one.contract_id for one in facts.contracts or ()}
        return {
            **self.tree,
            "contracts": [one for one in self.tree["contracts"] if one["contract_id"] in kept],
            "consents": [
                one
                for one, meant in zip(self.tree["consents"], self.consented_for, strict=True)
                if meant in ("", facts.purpose)
            ],
            "channel": facts.channel,
            "party": facts.party,
            "number": {
                "value": facts.number.value,
                "source": facts.number.source,
                "valid": facts.number.valid,
            },
            "purpose": facts.purpose,
            "interactive": facts.interactive,
            "robot": facts.robot,
            "reveals_debt": facts.reveals_debt,
        }

    def for_channel(
        self,
        *,
        channel: str,
        party: str = DEBTOR,
        number: str = "",
        purpose: str = "collect",
        reveals_debt: bool = True,
        contract_id: str = "",
    ) -> ContactFacts:
        """Yield the facts of one contact over a channel."""
        facts = self.facts
        contracts = facts.contracts
        if contract_id and contracts is not None:
            contracts = tuple(one for one in contracts if one.contract_id == contract_id)
        return replace(
            facts,
            channel=channel,
            party=party,
            number=self.number_for(channel=channel, party=party, number=number),
            purpose=purpose,
            interactive=channel in CONVERSATIONS,
            robot=channel == "ai_call",
            reveals_debt=reveals_debt,
            contracts=contracts,
            consents=tuple(
                one
                for one, meant in zip(facts.consents or (), self.consented_for, strict=True)
                if meant in ("", purpose)
            ),
        )

    def number_for(self, *, channel: str, party: str, number: str) -> Number:
        """Yield the number or address named, with what is known of it; else the first that fits."""
        kind = "phone" if channel in PHONES else ADDRESS_KIND.get(channel, "")
        fitting = [one for one in self.points if one.kind == kind and one.party == party]
        if number:
            named = [one for one in fitting if same_number(one.value, number)]
            found = named[0] if named else None
            return Number(
                value=number,
                source=found.source if found else "unknown",
                valid=found.is_valid if found else None,
            )
        usable = [one for one in fitting if one.is_valid is not False]
        if not usable:
            # A letter or a visit needs no number that the desk holds: the contract has the address.
            own = (channel in ADDRESS_KIND and channel != "email") or channel == "portal"
            return Number(source="contract", valid=True) if own and party == DEBTOR else Number()
        return Number(value=usable[0].value, source=usable[0].source, valid=usable[0].is_valid)


def known_of(*, debtor_id: str, at: datetime, held: HeldPerson | None = None) -> Known | None:
    """Yield what the desk knows of a person at an instant; None when there is no such person.

    ``held``: what ``hold_person`` gave, where the caller holds the person.
    """
    whole = whole_person(debtor_id, held=held)
    if whole is None:
        return None
    debtor, contracts, holds = whole.debtor, whole.contracts, whole.holds
    zone = debtor.time_zone or pack().time_zone
    rows = _CONTACTS(at - timedelta(days=DAYS_BACK), at, debtor_id)
    consents = _CONSENTS(debtor_id, at)
    stops = _STOPS(at, debtor_id)
    tree = {
        "at": at.isoformat(),
        "person": {
            "id": debtor.debtor_id,
            "kind": debtor.kind or None,
            "time_zone": zone,
            "language": debtor.language or None,
            "deceased_on": _iso(debtor.deceased_on or _held_since("deceased", holds, at)),
            "bankrupt_on": _iso(debtor.bankrupt_on or _held_since("bankruptcy", holds, at)),
            "represented_by_attorney": _held_since("attorney", holds, at) is not None,
        },
        "place": None,
        "contracts": [_contract(one) for one in contracts if _is_concerned(one)],
        "agreed_hours": _agreed_hours(debtor_id),
        "consents": [_consent(one) for one in consents],
        "refusals": [*_stop_requests(rows, holds, stops), *_registered_stops(stops)],
        "holds": [_hold(one) for one in holds],
        "attempts": [
            *map(_attempt, rows),
            *(_about_to_be(one, at) for one in _permits_out(debtor_id, at)),
        ],
    }
    return Known(
        debtor=debtor,
        contracts=contracts,
        points=whole.points,
        holds=holds,
        zone=zone,
        facts=read_facts(tree),
        consented_for=tuple(one.purpose for one in consents),
        tree=tree,
    )


def _held_since(kind: str, holds: Iterable[HoldCard], at: datetime) -> date | None:
    """Yield since when a state of the person is on record as a hold that is in force."""
    on = local(at).date()
    return min(
        (one.from_on for one in holds if one.kind == kind and one.in_force(on)), default=None
    )


def _iso(on: date | None) -> str | None:
    return on.isoformat() if on else None


def _is_concerned(contract: ContractCard) -> bool:
    """A contact is about the loans in arrears; where nothing is known of one, about that too."""
    return contract.gone_on is None and (contract.dpd is None or contract.dpd > 0)


def _contract(contract: ContractCard) -> dict[str, object]:
    return {
        "contract_id": contract.contract_id,
        "product": contract.product,
        "dpd": contract.dpd,
        "institution": settings.INSTITUTION,
    }


def _hold(hold: HoldCard) -> dict[str, object]:
    ends = [day for day in (hold.until_on, hold.lifted_on) if day is not None]
    until = max(min(ends), hold.from_on) if ends else None
    return {
        "kind": hold.kind,
        "from": hold.from_on.isoformat(),
        "until": _iso(until),
        "contract_id": hold.contract_id or None,
        "channel": hold.channel or None,
    }


def _attempt(contact: Contact) -> dict[str, object]:
    connected, effective, in_service = PROVES.get(contact.outcome, UNKNOWN)
    if contact.direction == "in":
        connected, effective = True, True
    return {
        "at": contact.at.isoformat(),
        "channel": contact.channel,
        "direction": contact.direction,
        "number": contact.number or None,
        "party": contact.party or None,
        "contract_id": contact.contract_id or None,
        "connected": connected,
        "effective": effective,
        "in_service": in_service,
    }


def _permits_out(debtor_id: str, at: datetime) -> Iterable[GateDecision]:
    """Yield the answers whose permits are out and not used yet."""
    out = [one.pk for one in _PERMITS_OUT(debtor_id, at)]
    return GateDecision.objects.filter(pk__in=out).order_by("pk") if out else ()


def _about_to_be(decision: GateDecision, at: datetime) -> dict[str, object]:
    """A permit that is out: what it permits may happen at any moment."""
    return {
        "at": at.isoformat(),
        "channel": decision.channel,
        "direction": "out",
        "number": decision.number or None,
        "party": decision.party,
        "contract_id": decision.contract_id or None,
        "connected": None,
        "effective": None,
        "in_service": None,
    }


def _agreed_hours(debtor_id: str) -> list[dict[str, object]]:
    rows = _AGREED_HOURS(debtor_id)
    return [{"from": f"{one.begins:%H:%M}", "until": f"{one.ends:%H:%M}"} for one in rows]


def _consent(consent: Consent) -> dict[str, object]:
    return {
        "channel": consent.channel,
        "at": consent.given_at.isoformat(),
        "contract_id": consent.contract_id or None,
    }


def _registered_stops(stops: Iterable[StopRequest]) -> list[dict[str, object]]:
    return [
        {
            "party": one.party,
            "number": one.number or None,
            "channel": one.channel or None,
            "at": one.asked_at.isoformat(),
        }
        for one in stops
        if one.lifted_at is None
    ]


def _stop_requests(
    contacts: Sequence[Contact], holds: Iterable[HoldCard], stops: Iterable[StopRequest]
) -> list[dict[str, object]]:
    """Who asked in a contact not to be contacted, where the register has no request of it.

    So it is of contacts of the book: the debtor's binds until a hold that says so was lifted again.
    """
    registered = {one.contact_id for one in stops}
    lifted = [
        one.lifted_on
        for one in holds
        if one.kind == NO_CONTACT and one.lifted_on is not None and one.lift_why != TAKEN_BACK
    ]
    return [
        {
            "party": one.party or None,
            "number": one.number or None,
            "channel": None,
            "at": one.at.isoformat(),
        }
        for one in contacts
        if one.outcome == STOP
        and one.pk not in registered
        and not (one.party in (DEBTOR, "") and any(day >= one.at.date() for day in lifted))
    ]
