"""Reads the register of how a person may be reached, and whose an unassigned reply may be."""

from dataclasses import dataclass, field
from datetime import datetime, time

from recoup.apps.contacts.facts import OBLIGORS
from recoup.apps.contacts.models import AgreedHours, Consent, ReplyReceived, StopRequest
from recoup.apps.contacts.queries import ReplyCard, reply_card
from recoup.apps.people.permissions import Actor, NotFound
from recoup.apps.portfolio.queries import DebtorCard, debtors_in_scope, people_at

#: So many candidates of a reply are offered.
MOST = 20


@dataclass(frozen=True, kw_only=True)
class ConsentCard:
    """Leave for a channel. ``purpose`` and ``contract_id`` empty: for all of them."""

    consent_id: int
    channel: str
    purpose: str
    contract_id: str
    given_at: datetime
    proof: str
    proof_file_id: int | None
    withdrawn_at: datetime | None
    withdrawn_why: str
    recorded_by_id: int | None
    recorded_at: datetime


@dataclass(frozen=True, kw_only=True)
class HoursCard:
    """Local hours at which the person agreed to be reached."""

    hours_id: int
    begins: time
    ends: time
    proof: str
    proof_file_id: int | None
    ended_at: datetime | None
    recorded_by_id: int | None
    recorded_at: datetime


@dataclass(frozen=True, kw_only=True)
class StopCard:
    """A request to stop; ``channel`` empty: over none at all. ``may_return``: it can be lifted."""

    stop_id: int
    party: str
    number: str = field(repr=False)
    channel: str
    asked_at: datetime
    heard_over: str
    words: str = field(repr=False)
    lifted_at: datetime | None
    lifted_why: str
    lifted_by_id: int | None
    recorded_by_id: int | None
    may_return: bool


@dataclass(frozen=True, kw_only=True)
class Register:
    """What is on record of how a person may be reached, what binds now before what did once."""

    consents: tuple[ConsentCard, ...]
    hours: tuple[HoursCard, ...]
    stops: tuple[StopCard, ...]

    @property
    def staff_ids(self) -> tuple[int, ...]:
        """Everybody of ours whom the entries mention."""
        found = {one.recorded_by_id for one in self.consents}
        found |= {one.recorded_by_id for one in self.hours}
        found |= {key for one in self.stops for key in (one.recorded_by_id, one.lifted_by_id)}
        return tuple(sorted(one for one in found if one is not None))


def register_of(debtor_id: str) -> Register:
    """Yield the register of a person. Three queries."""
    consents = Consent.objects.filter(debtor_id=debtor_id)
    hours = AgreedHours.objects.filter(debtor_id=debtor_id)
    stops = StopRequest.objects.filter(debtor_id=debtor_id)
    return Register(
        consents=tuple(
            ConsentCard(
                consent_id=one.pk,
                channel=one.channel,
                purpose=one.purpose,
                contract_id=one.contract_id,
                given_at=one.given_at,
                proof=one.proof,
                proof_file_id=one.proof_file_id,
                withdrawn_at=one.withdrawn_at,
                withdrawn_why=one.withdrawn_why,
                recorded_by_id=one.recorded_by_id,
                recorded_at=one.recorded_at,
            )
            for one in sorted(consents, key=lambda one: one.withdrawn_at is not None)
        ),
        hours=tuple(
            HoursCard(
                hours_id=one.pk,
                begins=one.begins,
                ends=one.ends,
                proof=one.proof,
                proof_file_id=one.proof_file_id,
                ended_at=one.ended_at,
                recorded_by_id=one.recorded_by_id,
                recorded_at=one.recorded_at,
            )
            for one in sorted(hours, key=lambda one: one.ended_at is not None)
        ),
        stops=tuple(_stop(one) for one in sorted(stops, key=lambda one: one.lifted_at is not None)),
    )


def _stop(one: StopRequest) -> StopCard:
    return StopCard(
        stop_id=one.pk,
        party=one.party,
        number=one.number,
        channel=one.channel,
        asked_at=one.asked_at,
        heard_over=one.heard_over,
        words=one.words,
        lifted_at=one.lifted_at,
        lifted_why=one.lifted_why,
        lifted_by_id=one.lifted_by_id,
        recorded_by_id=one.recorded_by_id,
        may_return=one.party in OBLIGORS,
    )


def person_of(model: type[Consent] | type[AgreedHours] | type[StopRequest], key: int) -> str:
    """Yield whose an entry of the register is. Errors: NotFound."""
    found = model._default_manager.filter(pk=key).values_list("debtor_id", flat=True).first()
    if found is None:
        raise NotFound(what=str(key))
    return str(found)


def unassigned_reply(reply_id: int) -> ReplyCard:
    """Yield a reply that is nobody's yet. Errors: NotFound, also where somebody has it."""
    row = ReplyReceived.objects.filter(pk=reply_id, debtor_id="").first()
    if row is None:
        raise NotFound(what=str(reply_id))
    return reply_card(row)


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """Somebody who may have written: the person, and as whom the number is on record."""

    person: DebtorCard
    party: str


def candidates_of(actor: Actor, reply: ReplyCard) -> tuple[Candidate, ...]:
    """Yield who may have written a reply, of those whom the actor may see. Three queries."""
    found = people_at(reply.address)
    seen = debtors_in_scope(actor, (one.debtor_id for one in found))
    return tuple(
        Candidate(person=seen[one.debtor_id], party=one.party)
        for one in found
        if one.debtor_id in seen
    )[:MOST]
