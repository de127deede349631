"""Makes and changes branches and teams."""

from datetime import datetime
from typing import TypeVar

from django.db import transaction

from recoup.apps.people.actions.staff import FieldRefused
from recoup.apps.people.actions.telling import tell
from recoup.apps.people.models import Branch, Team
from recoup.apps.people.permissions import Actor, NotFound, require
from recoup.kernel.refusal import Stale

Place = TypeVar("Place", Branch, Team)


def save_branch(
    *, actor: Actor, branch_id: int | None, version: int, code: str, name: str, at: datetime
) -> int:
    """Make a branch (``branch_id`` None) or change one; yield its key.

    Errors: NotAllowed, NotFound, Stale, FieldRefused.
    """
    require(actor, "configure", "people")
    with transaction.atomic():
        branch = _locked(Branch, branch_id, version)
        before = {"code": branch.code, "name": branch.name} if branch.pk else {}
        _write(branch, code=code, name=name)
        branch.save()
        tell(
            actor=actor,
            at=at,
            verb="save_branch",
            record="branch",
            record_id=branch.pk,
            before=before,
            after={"code": branch.code, "name": branch.name},
        )
    return branch.pk


def save_team(
    *,
    actor: Actor,
    team_id: int | None,
    version: int,
    code: str,
    name: str,
    branch: str,
    at: datetime,
) -> int:
    """Make a team (``team_id`` None) or change one; yield its key.

    Errors: NotAllowed, NotFound, Stale, FieldRefused.
    """
    require(actor, "configure", "people")
    with transaction.atomic():
        team = _locked(Team, team_id, version)
        before = _told(team) if team.pk else {}
        _write(team, code=code, name=name)
        team.branch = Branch.objects.filter(code=branch).first() if branch else None
        team.save()
        tell(
            actor=actor,
            at=at,
            verb="save_team",
            record="team",
            record_id=team.pk,
            before=before,
            after=_told(team),
        )
    return team.pk


def _locked(kind: type[Place], key: int | None, version: int) -> Place:
    """Yield the record to change, locked, or a new one. Errors: NotFound, Stale."""
    if key is None:
        return kind(version=0)
    found = kind._default_manager.select_for_update(of=("self",)).filter(pk=key).first()
    if found is None:
        raise NotFound(what=f"{key}")
    if found.version != version:
        raise Stale(what_zh=f"“{found}”", what_en=f"{found}", who="", at=None)
    return found


def _write(place: Branch | Team, *, code: str, name: str) -> None:
    if not code.strip():
        raise FieldRefused(zh="请填写代码。", en="A code is needed.")
    taken = type(place)._default_manager.exclude(pk=place.pk).filter(code=code.strip())
    if taken.exists():
        raise FieldRefused(zh=f"代码“{code}”已被使用。", en=f"The code {code} is taken.")
    place.code, place.name = code.strip(), name.strip()
    place.version += 1


def _told(team: Team) -> dict[str, object]:
    branch = team.branch.code if team.branch else ""
    return {"code": team.code, "name": team.name, "branch": branch}
