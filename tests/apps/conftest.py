"""Staff with roles and scopes, an instant, and a small published book, for tests of the rooms."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from recoup.apps.people.models import Branch, Duty, Role, Scope, Staff, Team
from recoup.apps.people.permissions import Actor
from recoup.apps.people.queries import actor_of
from recoup.apps.people.roles import STANDARD_ROLES

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
AS_OF = date(2026, 11, 20)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of the rooms: those run on both databases."""
    for item in items:
        if "/tests/apps/" in str(item.path):
            item.add_marker("rooms")
            item.add_marker("django_db")


@pytest.fixture
def at() -> datetime:
    """Ten in the morning in Shanghai on the business date."""
    return AT


@pytest.fixture
def roles(db: None) -> dict[str, Role]:
    """The standard roles by code."""
    made = {}
    for standard in STANDARD_ROLES:
        role, _ = Role.objects.get_or_create(
            code=standard.code,
            defaults={
                "name_zh": standard.zh,
                "name_en": standard.en,
                "approves_up_to_minor": standard.approves_up_to_minor,
            },
        )
        for duty in standard.duties:
            verb, room = duty.split()
            Duty.objects.get_or_create(role=role, verb=verb, room=room)
        made[standard.code] = role
    return made


MakeStaff = Callable[..., Staff]


@pytest.fixture
def make_staff(roles: dict[str, Role]) -> MakeStaff:
    """Make a member of staff with a role, in a team, with a scope (default: the team's)."""

    def make(
        role: str, *, name: str = "", team: str = "T1", scope: tuple[str, str] | None = None
    ) -> Staff:
        branch, _ = Branch.objects.get_or_create(code="B1", defaults={"name": "B1"})
        place, _ = Team.objects.get_or_create(code=team, defaults={"name": team, "branch": branch})
        number = f"{role}-{Staff.objects.count() + 1}"
        staff = Staff.objects.create_user(
            username=name or number,
            password="a long enough pass phrase",
            display_name=name or number,
            staff_number=number,
            team=place,
            branch=branch,
        )
        staff.roles.add(roles[role])
        kind, value = scope or ("team", team)
        Scope.objects.create(staff=staff, kind=kind, value=value)
        return staff

    return make


@pytest.fixture
def act_as(make_staff: MakeStaff) -> Callable[..., Actor]:
    """Make a member of staff and yield the actor of this instant."""

    def act(role: str, **more: object) -> Actor:
        return actor_of(staff_id=make_staff(role, **more).pk, at=AT)

    return act
