"""Reading of plans and visits, as frozen records."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Count, Q, QuerySet

from recoup.apps.cases.queries import CaseCard, CaseFilter, case_cards, cases_page
from recoup.apps.people.permissions import Actor, require
from recoup.apps.portfolio.queries import DebtorCard, debtor_cards
from recoup.apps.visits.models import Visit, VisitPhoto, VisitPlan, VisitStop
from recoup.kernel.routing import Place

VISIT = "visit"
#: Pages of the list of cases that are looked through for whom to visit.
MOST_PAGES = 2


@dataclass(frozen=True, kw_only=True)
class StopCard:
    """One person of a plan. ``visit_id`` None: not visited on that day yet."""

    stop_id: int
    debtor_id: str
    place: int
    address: str = field(repr=False)
    position: Place | None
    is_permitted: bool
    reasons: tuple[Mapping[str, str], ...]
    next_allowed_at: datetime | None
    open_until: datetime | None
    visit_id: int | None
    photos: int


@dataclass(frozen=True, kw_only=True)
class PlanCard:
    """The visits of one member of staff on one day, in their order."""

    staff_id: int
    on: date
    made_at: datetime
    way_m: int
    stops: tuple[StopCard, ...]

    @property
    def next_stop(self) -> StopCard | None:
        """The first permitted stop that was not visited yet."""
        return next((one for one in self.stops if one.is_permitted and not one.visit_id), None)

    @property
    def done(self) -> int:
        """How many stops were visited."""
        return sum(1 for one in self.stops if one.visit_id)

    @property
    def permitted(self) -> int:
        """How many stops were permitted when the plan was made."""
        return sum(1 for one in self.stops if one.is_permitted)


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """Somebody whom one might visit. ``is_open``: the night found the channel open.

    ``is_wanted``: the treatment is a visit.
    """

    case: CaseCard
    is_open: bool
    is_wanted: bool


@dataclass(frozen=True, kw_only=True)
class VisitCard:
    """A visit that was made; ``again``: its key was known and nothing was done."""

    visit_id: int
    client_key: str
    debtor_id: str
    contact_id: int
    made_by_id: int
    arrived_at: datetime
    witness: str
    position: Place | None
    accuracy_m: int | None
    again: bool = False


@dataclass(frozen=True, kw_only=True)
class TeamLine:
    """What one member of staff planned for a day, and did."""

    staff_id: int
    stops: int
    permitted: int
    visited: int
    photos: int


def position_of(row: VisitStop | Visit | VisitPhoto) -> Place | None:
    """Yield the position that a row has, if any."""
    if row.latitude_e6 is None or row.longitude_e6 is None:
        return None
    return Place(latitude_e6=row.latitude_e6, longitude_e6=row.longitude_e6)


def visit_card(row: Visit, *, again: bool = False) -> VisitCard:
    """Yield the card of a visit."""
    return VisitCard(
        visit_id=row.pk,
        client_key=row.client_key,
        debtor_id=row.debtor_id,
        contact_id=row.contact_id,
        made_by_id=row.made_by_id,
        arrived_at=row.arrived_at,
        witness=row.witness,
        position=position_of(row),
        accuracy_m=row.accuracy_m,
        again=again,
    )


def plan_of(*, actor: Actor, on: date, begins: datetime) -> PlanCard | None:
    """Yield a person's own plan of a day that ``begins`` then; None without one. Four queries."""
    require(actor, "work", "visits")
    plan = VisitPlan.objects.filter(staff_id=actor.staff_id or 0, on=on).first()
    if plan is None:
        return None
    stops = list(plan.stops.all())
    visits = _of_day(begins).filter(
        made_by_id=plan.staff_id, debtor_id__in=[one.debtor_id for one in stops]
    )
    made = {row.debtor_id: row for row in visits.order_by("pk")}
    keys = [row.client_key for row in made.values()]
    photos = _photos(keys)
    return PlanCard(
        staff_id=plan.staff_id,
        on=plan.on,
        made_at=plan.made_at,
        way_m=plan.way_m,
        stops=tuple(_stop(one, made.get(one.debtor_id), photos) for one in stops),
    )


def _of_day(begins: datetime) -> "QuerySet[Visit]":
    return Visit.objects.filter(arrived_at__gte=begins, arrived_at__lt=begins + timedelta(days=1))


def _photos(visit_keys: Iterable[str]) -> dict[str, int]:
    rows = VisitPhoto.objects.filter(visit_key__in=list(visit_keys)).values("visit_key")
    return {row["visit_key"]: row["many"] for row in rows.annotate(many=Count("pk"))}


def _stop(row: VisitStop, visit: Visit | None, photos: Mapping[str, int]) -> StopCard:
    return StopCard(
        stop_id=row.pk,
        debtor_id=row.debtor_id,
        place=row.place,
        address=row.address,
        position=position_of(row),
        is_permitted=row.is_permitted,
        reasons=tuple(row.reasons),
        next_allowed_at=row.next_allowed_at,
        open_until=row.open_until,
        visit_id=visit.pk if visit else None,
        photos=photos.get(visit.client_key, 0) if visit else 0,
    )


def people_of(plan: PlanCard) -> tuple[Mapping[str, DebtorCard], Mapping[str, CaseCard]]:
    """Yield the persons of a plan and their cases. Two queries."""
    ids = [one.debtor_id for one in plan.stops]
    return debtor_cards(ids), case_cards(ids)


def candidates(*, actor: Actor, on: date) -> tuple[Candidate, ...]:
    """Yield whom a person might visit: own open cases, those to be visited first."""
    require(actor, "work", "visits")
    found: list[CaseCard] = []
    for page in range(1, MOST_PAGES + 1):
        listed = cases_page(actor=actor, narrow=CaseFilter(whose="mine"), page=page, today=on)
        found += listed.cases
        if not listed.has_more:
            break
    people = debtor_cards(one.debtor_id for one in found)
    told = [
        Candidate(
            case=one,
            is_open=VISIT in people[one.debtor_id].permitted_channels,
            is_wanted=one.treatment == VISIT,
        )
        for one in found
        if one.debtor_id in people
    ]
    return tuple(sorted(told, key=lambda one: (not one.is_wanted, not one.is_open)))


def team_of_day(*, staff_ids: Iterable[int], on: date, begins: datetime) -> tuple[TeamLine, ...]:
    """Yield what some members of staff planned for a day and did. Three queries."""
    wanted = set(staff_ids)
    plans = VisitPlan.objects.filter(on=on, staff_id__in=wanted).annotate(
        many=Count("stops"), open=Count("stops", filter=Q(stops__is_permitted=True))
    )
    made = list(_of_day(begins).filter(made_by_id__in=wanted))
    photos = _photos([row.client_key for row in made])
    planned = {row.staff_id: row for row in plans}
    lines = []
    for staff_id in sorted({*planned, *(row.made_by_id for row in made)}):
        own = [row for row in made if row.made_by_id == staff_id]
        plan = planned.get(staff_id)
        lines.append(
            TeamLine(
                staff_id=staff_id,
                stops=plan.many if plan else 0,
                permitted=plan.open if plan else 0,
                visited=len(own),
                photos=sum(photos.get(row.client_key, 0) for row in own),
            )
        )
    return tuple(lines)
