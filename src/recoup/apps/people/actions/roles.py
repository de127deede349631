"""Sets up roles: their names, duties and limits of approval."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from recoup.apps.people.actions.staff import (
    DutiesClash,
    FieldRefused,
    keep_an_administrator,
    refuse_clashes,
)
from recoup.apps.people.actions.telling import tell
from recoup.apps.people.models import Duty, Role
from recoup.apps.people.permissions import MACHINE, Actor, NotFound, require
from recoup.apps.people.roles import ROOMS, STANDARD_ROLES, VERBS
from recoup.kernel.duties import clashes
from recoup.kernel.refusal import Stale


def give_standard_roles(*, at: datetime) -> int:
    """Give a new installation the standard roles; yield how many. Does nothing where there is any.

    Roles that the administrator has changed or taken away are left as they are.
    """
    if Role.objects.exists():
        return 0
    with transaction.atomic():
        for standard in STANDARD_ROLES:
            role = Role.objects.create(
                code=standard.code,
                name_zh=standard.zh,
                name_en=standard.en,
                approves_up_to_minor=standard.approves_up_to_minor,
            )
            for duty in standard.duties:
                verb, room = duty.split()
                Duty.objects.create(role=role, verb=verb, room=room)
            after = {"code": role.code, "duties": sorted(standard.duties)}
            tell(
                actor=MACHINE,
                at=at,
                verb="give_role",
                record="role",
                record_id=role.pk,
                after=after,
            )
    return len(STANDARD_ROLES)


def save_role(
    *,
    actor: Actor,
    role_id: int | None,
    version: int,
    code: str,
    name_zh: str,
    name_en: str,
    approves_up_to_minor: int,
    at: datetime,
) -> int:
    """Make a role (``role_id`` None) or change its names and limit; yield its key.

    Errors: NotAllowed, NotFound, Stale, FieldRefused.
    """
    require(actor, "configure", "people")
    if not (code.strip() and name_zh.strip() and name_en.strip()):
        raise FieldRefused(
            zh="代码、中文名和英文名都要填写。",
            en="A code and a name in both languages are needed.",
        )
    if approves_up_to_minor < 0:
        raise FieldRefused(zh="授权额度不能为负。", en="An authority is not negative.")
    with transaction.atomic():
        role = _locked(role_id, version) if role_id is not None else Role(version=0)
        if Role.objects.exclude(pk=role.pk).filter(code=code.strip()).exists():
            raise FieldRefused(zh=f"代码“{code}”已被使用。", en=f"The code {code} is taken.")
        before = _told(role) if role.pk else {}
        role.code, role.name_zh, role.name_en = code.strip(), name_zh.strip(), name_en.strip()
        role.approves_up_to_minor = approves_up_to_minor
        role.version += 1
        role.save()
        tell(
            actor=actor,
            at=at,
            verb="save_role",
            record="role",
            record_id=role.pk,
            before=before,
            after=_told(role),
        )
    return role.pk


def set_duties(
    *, actor: Actor, role_id: int, version: int, duties: Collection[str], at: datetime
) -> None:
    """Say what a role may do: ``duties`` (``verb room``) replace those it had.

    Nobody holds duties that must be apart, whoever has the role. Errors: NotAllowed, NotFound,
    Stale, FieldRefused, DutiesClash, LastAdministrator.
    """
    require(actor, "configure", "people")
    wanted = frozenset(duties)
    if not wanted <= {f"{verb} {room}" for verb in VERBS for room in ROOMS}:
        raise FieldRefused(zh="没有这样的职责。", en="There is no such duty.")
    with transaction.atomic():
        role = _locked(role_id, version)
        had = {f"{duty.verb} {duty.room}" for duty in role.duties.all()}
        if wanted == had:
            return
        found = clashes(roles={role.code}, duties=wanted)
        if found:
            raise DutiesClash(zh=found[0].zh, en=found[0].en, rule=found[0].rule)
        role.duties.all().delete()
        Duty.objects.bulk_create(
            Duty(role=role, verb=duty.split()[0], room=duty.split()[1]) for duty in sorted(wanted)
        )
        role.version += 1
        role.save(update_fields=["version"])
        for staff in role.staff.prefetch_related("roles"):
            refuse_clashes(roles=staff.roles.all())
        keep_an_administrator()
        tell(
            actor=actor,
            at=at,
            verb="set_duties",
            record="role",
            record_id=role.pk,
            before={"taken": sorted(had - wanted)},
            after={"given": sorted(wanted - had)},
        )


def _locked(role_id: int, version: int) -> Role:
    """Yield a role, locked. Errors: NotFound, Stale."""
    role = Role.objects.select_for_update().filter(pk=role_id).first()
    if role is None:
        raise NotFound(what=f"{role_id}")
    if role.version != version:
        raise Stale(
            what_zh=f"角色“{role.name_zh}”", what_en=f"The role {role.name_en}", who="", at=None
        )
    return role


def _told(role: Role) -> dict[str, object]:
    return {
        "code": role.code,
        "name_zh": role.name_zh,
        "name_en": role.name_en,
        "approves_up_to_minor": role.approves_up_to_minor,
    }
