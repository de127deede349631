"""Reading of staff, teams, scopes; to other rooms as frozen records."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from recoup.apps.people.models import BorrowedAccess, Duty, Scope, Staff
from recoup.apps.people.permissions import Actor
from recoup.apps.people.roles import BORROWED


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


def actor_of(*, staff_id: int, at: datetime) -> Actor:
    """Yield who acts: duties of all roles, scopes in force at an instant, borrowed access."""
    staff = Staff.objects.prefetch_related("roles").get(pk=staff_id)
    duties = {
        f"{verb} {room}"
        for verb, room in Duty.objects.filter(role__staff=staff).values_list("verb", "room")
    }
    scopes: dict[str, set[str]] = {}
    in_force = Q(until=None) | Q(until__gt=at)
    for kind, value in Scope.objects.filter(in_force, staff=staff).values_list("kind", "value"):
        scopes.setdefault(kind, set()).add(value)
    borrowed = BorrowedAccess.objects.filter(staff=staff, begun_at__lte=at, ends_at__gt=at).exists()
    portfolios = {int(value) for value in scopes.get(Scope.Kind.PORTFOLIO, ()) if value}
    roles = list(staff.roles.all())
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
