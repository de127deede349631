"""Plans visits, and records them as they come from a telephone: each once, however often sent."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from recoup.apps.cases.queries import case_of
from recoup.apps.contacts.actions import (
    Intended,
    PermitIsDead,
    ask_gate,
    record_contact,
)
from recoup.apps.contacts.queries import GateAnswer, may_contact
from recoup.apps.people.actions import tell_change
from recoup.apps.people.permissions import Actor, NotAllowed, require
from recoup.apps.portfolio.actions import attach_proof, lock_persons
from recoup.apps.portfolio.queries import contact_points_of
from recoup.apps.visits.models import AddressPlace, Visit, VisitPhoto, VisitPlan, VisitStop
from recoup.apps.visits.queries import VISIT, VisitCard, visit_card
from recoup.kernel.refusal import Refused
from recoup.kernel.routing import Place, shortest_order, way_length
from recoup.web.kept_files import UnknownContent, media_type_of
from recoup.web.photo_facts import photo_facts
from recoup.web.shown import local

#: Nobody makes more visits in a day.
MOST_STOPS = 40
PHOTOS = ("image/jpeg", "image/png", "image/webp")
MOST_PHOTOS = 12
#: Outcomes of a visit, in the order of the page.
OUTCOMES = (
    *("right_party", "promise", "answered", "no_answer", "refused", "asked_to_stop", "invalid"),
)
_KEY = re.compile(r"[0-9A-Za-z-]{16,60}")


class BadVisit(Refused):
    """What was sent of a visit cannot be recorded; the sentence says why."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """Where whoever visits stands, as the telephone says. Units: metres."""

    place: Place
    accuracy_m: int | None = None


@dataclass(frozen=True, kw_only=True)
class Planned:
    """What came of a plan: how many may be visited, how many may not."""

    permitted: int
    refused: int


@dataclass(frozen=True, kw_only=True)
class _Wanted:
    """Somebody to visit, the gate's answer, and where the address lies, as far as known."""

    debtor_id: str
    address: str
    answer: GateAnswer
    place: Place | None


def plan_visits(*, actor: Actor, debtor_ids: Sequence[str], at: datetime) -> Planned:
    """Plan today's visits anew: the gate is asked for each, the permitted ones are put in order.

    Shape: known places by the shortest way, then the others by their address; persons whom the
    gate refuses stand last, with its reasons. Asking for a plan takes no permit: the permit is
    asked for at the door.
    Errors: NotAllowed; NotFound; BadVisit, for nobody or too many.
    """
    require(actor, "work", "visits")
    if actor.staff_id is None:
        raise NotAllowed(verb="work", room="visits")
    wanted = tuple(dict.fromkeys(debtor_ids))
    if not 0 < len(wanted) <= MOST_STOPS:
        raise BadVisit(
            zh=f"请选择 1 至 {MOST_STOPS} 位要拜访的人。",
            en=f"Choose between 1 and {MOST_STOPS} people to visit.",
        )
    for debtor_id in wanted:
        case_of(actor, debtor_id)
    known = _known_places(wanted)
    people = [_wanted(debtor_id, known, at=at) for debtor_id in wanted]
    ordered, way_m = _ordered([one for one in people if one.answer.allowed])
    refused = sorted(
        (one for one in people if not one.answer.allowed), key=lambda one: one.debtor_id
    )
    on = local(at).date()
    with transaction.atomic():
        plan, _made = VisitPlan.objects.update_or_create(
            staff_id=actor.staff_id, on=on, defaults={"made_at": at, "way_m": way_m}
        )
        plan.stops.all().delete()
        VisitStop.objects.bulk_create(
            _stop(plan, number, one) for number, one in enumerate((*ordered, *refused), start=1)
        )
        for one in people:
            tell_change(
                actor,
                room="visits",
                verb="plan_visit",
                record="visit_plan",
                record_id=plan.pk,
                debtor_id=one.debtor_id,
                after={"on": on.isoformat(), "permitted": one.answer.allowed},
                at=at,
            )
    return Planned(permitted=len(ordered), refused=len(refused))


def _known_places(debtor_ids: Sequence[str]) -> Mapping[tuple[str, str], Place]:
    rows = AddressPlace.objects.filter(debtor_id__in=debtor_ids)
    return {
        (row.debtor_id, row.address): Place(
            latitude_e6=row.latitude_e6, longitude_e6=row.longitude_e6
        )
        for row in rows
    }


def _wanted(debtor_id: str, known: Mapping[tuple[str, str], Place], *, at: datetime) -> _Wanted:
    address = _address_of(debtor_id)
    return _Wanted(
        debtor_id=debtor_id,
        address=address,
        answer=may_contact(debtor_id=debtor_id, channel=VISIT, number=address, at=at),
        place=known.get((debtor_id, address)),
    )


def _address_of(debtor_id: str) -> str:
    """Yield the first address in use; empty where the desk holds none: the loan file has it."""
    points = [
        one.value
        for one in contact_points_of(debtor_id)
        if one.kind == "address" and one.party == "debtor" and one.is_valid is not False
    ]
    return points[0] if points else ""


def _ordered(people: Sequence[_Wanted]) -> tuple[list[_Wanted], int]:
    """Yield who is visited in which order, and the metres between places that are known."""
    known = sorted((one for one in people if one.place), key=lambda one: one.debtor_id)
    places = [one.place for one in known if one.place is not None]
    order = shortest_order(places)
    others = sorted(
        (one for one in people if not one.place), key=lambda one: (one.address, one.debtor_id)
    )
    return [*(known[number] for number in order), *others], way_length(places, order)


def _stop(plan: VisitPlan, number: int, one: _Wanted) -> VisitStop:
    answer = one.answer
    return VisitStop(
        plan=plan,
        debtor_id=one.debtor_id,
        place=number,
        address=one.address,
        latitude_e6=one.place.latitude_e6 if one.place else None,
        longitude_e6=one.place.longitude_e6 if one.place else None,
        is_permitted=answer.allowed,
        reasons=[
            {"rule": reason.rule, "source": reason.source, "zh": reason.zh, "en": reason.en}
            for reason in answer.reasons
        ],
        next_allowed_at=answer.next_allowed_at,
        open_until=answer.open_until,
    )


@dataclass(frozen=True, kw_only=True)
class AtTheDoor:
    """The gate's answer at the door; ``decision_id`` names the permit where there is one."""

    decision_id: int
    permitted: bool
    until: datetime | None
    reasons: tuple[Mapping[str, str], ...]
    duties: tuple[Mapping[str, str], ...]


def arrive(*, actor: Actor, debtor_id: str, at: datetime) -> AtTheDoor:
    """Ask the gate at the door. Errors: NotAllowed; NotFound."""
    require(actor, "work", "visits")
    case_of(actor, debtor_id)
    address = _address_of(debtor_id)
    intended = Intended(debtor_id=debtor_id, channel=VISIT, number=address)
    found = ask_gate(actor=actor, intended=intended, at=at)
    return AtTheDoor(
        decision_id=found.pk,
        permitted=found.permitted,
        until=found.next_allowed_at,
        reasons=tuple(found.reasons),
        duties=tuple(found.duties),
    )


def record_visit(
    *,
    actor: Actor,
    client_key: str,
    debtor_id: str,
    outcome: str,
    arrived_at: datetime,
    at: datetime,
    party: str = "debtor",
    note: str = "",
    witness: str = "",
    found: Found | None = None,
    decision_id: int | None = None,
) -> VisitCard:
    """Record a visit as the telephone sends it, perhaps hours later: it counts once.

    Shape: the contact has the instant of arrival. Under a permit that was still good then, it uses
    it; otherwise it is recorded all the same, with every rule that stood against it.
    Errors: NotAllowed; NotFound; BadVisit; BadContact, for an instant that cannot be.
    """
    require(actor, "work", "visits")
    case_of(actor, debtor_id)
    if actor.staff_id is None:
        raise NotAllowed(verb="work", room="visits")
    _check_visit(client_key, outcome=outcome, found=found)
    with transaction.atomic():
        # The person first: the same visit, sent twice at once, is found by whoever comes second.
        lock_persons((debtor_id,))
        known = Visit.objects.filter(client_key=client_key).first()
        if known is not None:
            return _same(known, debtor_id)
        logged = _logged(
            actor=actor,
            debtor_id=debtor_id,
            at=arrived_at,
            recorded_at=at,
            channel=VISIT,
            party=party,
            number=_address_of(debtor_id),
            outcome=outcome,
            note=_told(note, witness),
            contact_id=f"visit:{client_key}",
            decision_id=decision_id,
        )
        row = Visit.objects.create(
            client_key=client_key,
            debtor_id=debtor_id,
            contact_id=logged,
            made_by_id=actor.staff_id,
            arrived_at=arrived_at,
            recorded_at=at,
            witness=witness.strip()[:120],
            latitude_e6=found.place.latitude_e6 if found else None,
            longitude_e6=found.place.longitude_e6 if found else None,
            accuracy_m=found.accuracy_m if found else None,
        )
        if found is not None and outcome != "invalid":
            _learn(actor, debtor_id, found.place, at=at)
        tell_change(
            actor,
            room="visits",
            verb="record_visit",
            record="visit",
            record_id=row.pk,
            debtor_id=debtor_id,
            after={"outcome": outcome, "contact": logged, "positioned": found is not None},
            at=at,
        )
    return visit_card(row)


def _check_visit(client_key: str, *, outcome: str, found: Found | None) -> None:
    _check_key(client_key)
    if outcome not in OUTCOMES:
        raise BadVisit(zh="请选择拜访结果。", en="Choose what came of the visit.")
    if found is not None and not found.place.is_on_earth:
        raise BadVisit(zh="位置不可读。", en="There is no such place.")


def _logged(*, decision_id: int | None, **contact: object) -> int:
    """Log the contact, under the permit where that was good; yield its key."""
    try:
        with transaction.atomic():
            logged = record_contact(decision_id=decision_id, **contact)  # type: ignore[arg-type]
    except PermitIsDead:
        logged = record_contact(**contact)  # type: ignore[arg-type]
    return logged.contact.contact_id


def _same(row: Visit, debtor_id: str) -> VisitCard:
    """Errors: BadVisit, when the key is another person's visit."""
    if row.debtor_id != debtor_id:
        raise BadVisit(zh="该编号属于另一次拜访。", en="This key belongs to another visit.")
    return visit_card(row, again=True)


def _check_key(key: str) -> None:
    if _KEY.fullmatch(key) is None:
        raise BadVisit(zh="记录编号不可用。", en="The record's key cannot be used.")


def _told(note: str, witness: str) -> str:
    """Yield the note as the timeline tells it, with who was a witness."""
    seen = _("Witness: %(name)s") % {"name": witness.strip()} if witness.strip() else ""
    return "\n".join(filter(None, (note.strip(), seen)))


def _learn(actor: Actor, debtor_id: str, place: Place, *, at: datetime) -> None:
    """Note where the address lies, if that was not known: the next plan's way is shorter by it."""
    address = _address_of(debtor_id)
    if not address:
        return
    AddressPlace.objects.get_or_create(
        debtor_id=debtor_id,
        address=address,
        defaults={
            "latitude_e6": place.latitude_e6,
            "longitude_e6": place.longitude_e6,
            "noted_by_id": actor.staff_id,
            "noted_at": at,
        },
    )


def add_photo(
    *,
    actor: Actor,
    client_key: str,
    visit_key: str,
    debtor_id: str,
    file_name: str,
    content: bytes,
    at: datetime,
) -> bool:
    """Keep a photograph of a visit as a proof, once; False when it was there already.

    Shape: the file stays as it is, with whatever the camera wrote into it; when and where it was
    taken is noted beside it. It may come before its visit.
    Errors: NotAllowed; NotFound; BadVisit, for what is no photograph, or too many of a visit;
    WrongEntry, when it is too large.
    """
    require(actor, "work", "visits")
    case_of(actor, debtor_id)
    _check_key(client_key)
    _check_key(visit_key)
    if actor.staff_id is None:
        raise NotAllowed(verb="work", room="visits")
    if VisitPhoto.objects.filter(client_key=client_key).exists():
        return False
    _check_photo(content, visit_key)
    facts = photo_facts(content)
    taken = facts.taken_at.isoformat(sep=" ") if facts.taken_at else ""
    with transaction.atomic():
        proof = attach_proof(
            actor=actor,
            debtor_id=debtor_id,
            title=_("Visit on %(day)s") % {"day": taken or local(at).date().isoformat()},
            file_name=file_name,
            content=content,
            at=at,
        )
        # Attaching holds the person: whoever sends the same at the same time finds it here.
        if VisitPhoto.objects.filter(client_key=client_key).exists():
            transaction.set_rollback(True)
            return False
        VisitPhoto.objects.create(
            client_key=client_key,
            visit_key=visit_key,
            debtor_id=debtor_id,
            proof_id=proof.proof_id,
            sha256=proof.sha256,
            taken_at=taken,
            latitude_e6=facts.place.latitude_e6 if facts.place else None,
            longitude_e6=facts.place.longitude_e6 if facts.place else None,
            made_by_id=actor.staff_id,
            received_at=at,
        )
    return True


def _check_photo(content: bytes, visit_key: str) -> None:
    try:
        is_photo = media_type_of(content) in PHOTOS
    except UnknownContent:
        is_photo = False
    if not is_photo:
        raise BadVisit(
            zh="只接受 JPEG、PNG、WebP 照片；系统按内容判断。",
            en="Only photographs are taken: JPEG, PNG, WebP; the content decides.",
        )
    if VisitPhoto.objects.filter(visit_key=visit_key).count() >= MOST_PHOTOS:
        raise BadVisit(
            zh=f"一次拜访最多 {MOST_PHOTOS} 张照片。",
            en=f"A visit has at most {MOST_PHOTOS} photographs.",
        )


def day_begins(on: date, at: datetime) -> datetime:
    """Yield the instant at which a day begins in the house's zone."""
    return local(at).replace(
        year=on.year, month=on.month, day=on.day, hour=0, minute=0, second=0, microsecond=0
    )
