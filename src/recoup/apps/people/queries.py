"""Reading of staff, teams, scopes; to other rooms as frozen records."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from recoup.apps.people.models import (
    Absence,
    BorrowedAccess,
    Branch,
    Duty,
    Scope,
    Staff,
    Team,
)
from recoup.apps.people.permissions import Actor
from recoup.apps.people.roles import BORROWED
from recoup.web.shown import local


@dataclass(frozen=True, kw_only=True)
class StaffCard:
    """A member of staff as other rooms show one."""

    staff_id: int
    name: str
    staff_number: str
    team: str
    branch: str
    roles: tuple[str, ...]
    language: str
    spoken: tuple[str, ...]
    skills: tuple[str, ...]
    case_capacity: int
    conflicts: frozenset[str]
    is_active: bool


@dataclass(frozen=True, kw_only=True)
class PlaceCard:
    """A team or a branch; ``branch`` is a team's branch code."""

    place_id: int
    code: str
    name: str
    branch: str = ""


@dataclass(frozen=True, kw_only=True)
class AbsenceCard:
    """Somebody is away from ``from_on`` until before ``until_on``."""

    staff_id: int
    from_on: date
    until_on: date
    stand_in_id: int | None


def actor_of(*, staff_id: int, at: datetime) -> Actor:
    """Yield who acts: duties of all roles, scopes in force at an instant, borrowed access.

    Who stands in for an absent colleague sees that portfolio on those days. Six queries.
    """
    staff = Staff.objects.prefetch_related("roles").get(pk=staff_id)
    roles = list(staff.roles.all())
    duties = {
        f"{verb} {room}"
        for verb, room in Duty.objects.filter(role__in=roles).values_list("verb", "room")
    }
    scopes: dict[str, set[str]] = {}
    in_force = Q(until=None) | Q(until__gt=at)
    for kind, value in Scope.objects.filter(in_force, staff=staff).values_list("kind", "value"):
        scopes.setdefault(kind, set()).add(value)
    borrowed = BorrowedAccess.objects.filter(staff=staff, begun_at__lte=at, ends_at__gt=at).exists()
    portfolios = {int(value) for value in scopes.get(Scope.Kind.PORTFOLIO, ()) if value}
    today = local(at).date()
    absent = Absence.objects.filter(stand_in=staff, from_on__lte=today, until_on__gt=today)
    portfolios.update(absent.values_list("staff_id", flat=True))
    return Actor(
        staff_id=staff.pk,
        name=str(staff),
        language=staff.language,
        roles=frozenset(role.code for role in roles),
        duties=frozenset(duties | set(BORROWED if borrowed else ())),
        whole_bank=borrowed or Scope.Kind.BANK in scopes,
        branches=frozenset(scopes.get(Scope.Kind.BRANCH, ())),
        teams=frozenset(scopes.get(Scope.Kind.TEAM, ())),
        products=frozenset(scopes.get(Scope.Kind.PRODUCT, ())),
        portfolios=frozenset({staff.pk} | portfolios),
        approves_up_to_minor=max((role.approves_up_to_minor for role in roles), default=0),
        conflicts=frozenset(staff.conflicts),
        borrowed=borrowed,
    )


def staff_in_sight(actor: Actor) -> Q:
    """Yield the condition on ``Staff`` rows that keeps colleagues whom the actor may look up."""
    if actor.is_machine or actor.may("configure", "people") or actor.whole_bank:
        return Q()
    condition = Q(pk=actor.staff_id)
    if actor.teams:
        condition |= Q(team__code__in=sorted(actor.teams))
    if actor.branches:
        condition |= Q(branch__code__in=sorted(actor.branches))
    return condition


def colleagues_in_sight(actor: Actor) -> Mapping[int, StaffCard]:
    """Yield active colleagues whom the actor may look up, by key. Two queries."""
    found = Staff.objects.filter(staff_in_sight(actor), is_active=True).distinct()
    rows = found.select_related("team", "branch").prefetch_related("roles")
    return {staff.pk: _card(staff) for staff in rows}


def sees_staff(actor: Actor, staff: Staff) -> bool:
    """Tell for one member of staff what ``staff_in_sight`` asks of rows."""
    return Staff.objects.filter(staff_in_sight(actor), pk=staff.pk).exists()


def takes_cases(staff: Staff) -> bool:
    """Tell whether somebody's roles include working cases."""
    return Duty.objects.filter(verb="work", room="cases", role__staff=staff).exists()


def _card(staff: Staff) -> StaffCard:
    return StaffCard(
        staff_id=staff.pk,
        name=str(staff),
        staff_number=staff.staff_number,
        team=staff.team.code if staff.team else "",
        branch=staff.branch.code if staff.branch else "",
        roles=tuple(sorted(role.code for role in staff.roles.all())),
        language=staff.language,
        spoken=tuple(staff.spoken),
        skills=tuple(staff.skills),
        case_capacity=staff.case_capacity,
        conflicts=frozenset(staff.conflicts),
        is_active=staff.is_active,
    )


def staff_cards(staff_ids: Iterable[int]) -> Mapping[int, StaffCard]:
    """Yield members of staff by key; keys that do not exist are left out. Two queries."""
    found = Staff.objects.filter(pk__in=set(staff_ids)).select_related("team", "branch")
    return {staff.pk: _card(staff) for staff in found.prefetch_related("roles")}


def collectors(*, teams: Iterable[str] | None = None) -> tuple[StaffCard, ...]:
    """Yield active staff who work cases, by staff number; of some teams, or of all."""
    found = Staff.objects.filter(
        is_active=True, roles__duties__verb="work", roles__duties__room="cases"
    )
    if teams is not None:
        found = found.filter(team__code__in=set(teams))
    found = found.distinct().select_related("team", "branch").prefetch_related("roles")
    return tuple(_card(staff) for staff in found)


def teams() -> tuple[PlaceCard, ...]:
    """Yield all teams by code. One query."""
    return tuple(
        PlaceCard(
            place_id=team.pk,
            code=team.code,
            name=str(team),
            branch=team.branch.code if team.branch else "",
        )
        for team in Team.objects.select_related("branch")
    )


def branches() -> tuple[PlaceCard, ...]:
    """Yield all branches by code. One query."""
    return tuple(
        PlaceCard(place_id=branch.pk, code=branch.code, name=str(branch))
        for branch in Branch.objects.all()
    )


def absent_on(staff_ids: Iterable[int], on: date) -> Mapping[int, AbsenceCard]:
    """Yield who of these is away on a day, by key, with the stand-in. One query."""
    found = Absence.objects.filter(staff_id__in=set(staff_ids), from_on__lte=on, until_on__gt=on)
    return {
        absence.staff_id: AbsenceCard(
            staff_id=absence.staff_id,
            from_on=absence.from_on,
            until_on=absence.until_on,
            stand_in_id=absence.stand_in_id,
        )
        for absence in found
    }
