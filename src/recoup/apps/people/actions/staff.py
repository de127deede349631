"""Makes and changes members of staff, their roles and scopes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from recoup.apps.people.actions.telling import tell
from recoup.apps.people.events import StaffDeactivated
from recoup.apps.people.models import Branch, Duty, Role, Scope, Staff, Team
from recoup.apps.people.permissions import Actor, NotFound, require
from recoup.apps.people.queries import sees_staff
from recoup.apps.people.roles import WHOLE_BANK
from recoup.events.bus import publish
from recoup.kernel.duties import clashes
from recoup.kernel.refusal import Refused, Stale
from recoup.web.shown import local


class NotOneself(Refused):
    """Nobody changes the own roles, scopes or conflicts."""

    def __init__(self) -> None:
        super().__init__(
            zh="不能修改自己的角色、范围、利益冲突或停用自己；请由另一位系统管理员处理。",
            en="Nobody changes the own roles, scopes or conflicts, or deactivates oneself; "
            "another administrator does it.",
            rule="people:not-oneself",
        )


class DutiesClash(Refused):
    """The roles put duties into one hand that must be apart."""


class LastAdministrator(Refused):
    """The change would leave nobody who can set up people."""

    def __init__(self) -> None:
        super().__init__(
            zh="至少要保留一位在职的系统管理员。",
            en="At least one active member of staff must be able to set up people.",
            rule="people:last-administrator",
        )


class FieldRefused(Refused):
    """A value of the form does not do."""


@dataclass(frozen=True, kw_only=True)
class StaffFields:
    """What the administrator writes about a member of staff; codes for places, keys for roles."""

    username: str
    display_name: str
    staff_number: str
    email: str = ""
    language: str = "zh-hans"
    branch: str = ""
    team: str = ""
    roles: frozenset[str] = frozenset()
    skills: tuple[str, ...] = ()
    spoken: tuple[str, ...] = ()
    case_capacity: int = 150
    conflicts: tuple[str, ...] = ()
    is_active: bool = True


def add_staff(
    *,
    actor: Actor,
    fields: StaffFields,
    password: str,
    scopes: Sequence[tuple[str, str]] = (),
    at: datetime,
) -> int:
    """Make a member of staff with an initial password, to be changed at the first sign-in.

    Yield the key. Errors: NotAllowed, FieldRefused, DutiesClash.
    """
    require(actor, "configure", "people")
    with transaction.atomic():
        staff = Staff(must_change_password=bool(password), changed_by=actor.name, changed_at=at)
        _write(staff, fields)
        if password:
            check_password(password, staff)
            staff.set_password(password)
        else:
            staff.set_unusable_password()
        staff.save()
        _set_roles(staff, fields.roles)
        for kind, value in scopes:
            Scope.objects.create(staff=staff, kind=kind, value=value)
        after = {**_told(staff), "scopes": [f"{kind} {value}".strip() for kind, value in scopes]}
        tell(actor=actor, at=at, verb="add_staff", record="staff", record_id=staff.pk, after=after)
    return staff.pk


def save_staff(
    *, actor: Actor, staff_id: int, version: int, fields: StaffFields, why: str = "", at: datetime
) -> None:
    """Change a member of staff; ``version`` is the one that the form showed.

    Errors: NotAllowed, NotFound, Stale, NotOneself, FieldRefused, DutiesClash, LastAdministrator.
    """
    require(actor, "configure", "people")
    with transaction.atomic():
        staff = locked_staff(actor, staff_id)
        if staff.version != version:
            raise Stale(
                what_zh=f"人员“{staff}”",
                what_en=f"The member of staff {staff}",
                who=staff.changed_by,
                at=local(staff.changed_at) if staff.changed_at else None,
            )
        before, was_active = _told(staff), staff.is_active
        _refuse_own_power(actor, staff, fields)
        _write(staff, fields)
        staff.version += 1
        staff.changed_by, staff.changed_at = actor.name, at
        staff.save()
        _set_roles(staff, fields.roles)
        keep_an_administrator()
        tell(
            actor=actor,
            at=at,
            verb="save_staff",
            record="staff",
            record_id=staff.pk,
            before=before,
            after=_told(staff),
            why=why,
        )
        if was_active and not staff.is_active:
            publish(StaffDeactivated(staff_id=staff.pk, at=at))


def give_scope(
    *, actor: Actor, staff_id: int, kind: str, value: str, until: datetime | None, at: datetime
) -> None:
    """Let a member of staff see more debtors. Errors: NotAllowed, NotFound, FieldRefused."""
    require(actor, "configure", "people")
    with transaction.atomic():
        staff = locked_staff(actor, staff_id)
        if staff.pk == actor.staff_id:
            raise NotOneself
        value = _checked_value(kind, value)
        if until is not None and until <= at:
            raise FieldRefused(zh="截止时间已过。", en="The end lies in the past.")
        Scope.objects.update_or_create(
            staff=staff, kind=kind, value=value, defaults={"until": until, "hand_over": None}
        )
        tell(
            actor=actor,
            at=at,
            verb="give_scope",
            record="staff",
            record_id=staff.pk,
            after={
                "scope": f"{kind} {value}".strip(),
                "until": until.isoformat() if until else None,
            },
        )


def take_scope(*, actor: Actor, staff_id: int, scope_id: int, at: datetime) -> None:
    """Take a scope away. Errors: NotAllowed, NotFound, NotOneself."""
    require(actor, "configure", "people")
    with transaction.atomic():
        staff = locked_staff(actor, staff_id)
        if staff.pk == actor.staff_id:
            raise NotOneself
        scope = Scope.objects.filter(pk=scope_id, staff=staff).first()
        if scope is None:
            raise NotFound(what=f"scope {scope_id}")
        before = {"scope": str(scope).strip()}
        scope.delete()
        tell(
            actor=actor,
            at=at,
            verb="take_scope",
            record="staff",
            record_id=staff.pk,
            before=before,
        )


def set_language(*, actor: Actor, language: str, at: datetime) -> None:
    """Choose the language of one's own pages. Errors: FieldRefused."""
    if language not in ("zh-hans", "en") or actor.staff_id is None:
        raise FieldRefused(zh="没有这种界面语言。", en="There is no such language.")
    with transaction.atomic():
        staff = Staff.objects.select_for_update().get(pk=actor.staff_id)
        before = {"language": staff.language}
        staff.language = language
        staff.save(update_fields=["language"])
        tell(
            actor=actor,
            at=at,
            verb="set_language",
            record="staff",
            record_id=staff.pk,
            before=before,
            after={"language": language},
        )


def locked_staff(actor: Actor, staff_id: int) -> Staff:
    """Yield a member of staff, locked, if the actor sees one. Errors: NotFound."""
    found = Staff.objects.select_for_update(of=("self",)).filter(pk=staff_id).first()
    if found is None or not sees_staff(actor, found):
        raise NotFound(what=f"{staff_id}")
    return found


def keep_an_administrator() -> None:
    """Refuse what would leave nobody to set up people. Errors: LastAdministrator."""
    holders = Duty.objects.filter(verb="configure", room="people", role__staff__is_active=True)
    if not holders.exists():
        raise LastAdministrator


def refuse_clashes(*, roles: Iterable[Role]) -> None:
    """Refuse roles that must not be in one hand. Errors: DutiesClash."""
    chosen = list(roles)
    duties = {
        f"{verb} {room}"
        for verb, room in Duty.objects.filter(role__in=chosen).values_list("verb", "room")
    }
    found = clashes(roles={role.code for role in chosen}, duties=duties)
    if found:
        raise DutiesClash(zh=found[0].zh, en=found[0].en, rule=found[0].rule)


def _set_roles(staff: Staff, codes: frozenset[str]) -> None:
    chosen = list(Role.objects.filter(code__in=codes))
    if len(chosen) != len(codes):
        raise FieldRefused(zh="没有这个角色。", en="There is no such role.")
    refuse_clashes(roles=chosen)
    staff.roles.set(chosen)


def _refuse_own_power(actor: Actor, staff: Staff, fields: StaffFields) -> None:
    if staff.pk != actor.staff_id:
        return
    roles = frozenset(role.code for role in staff.roles.all())
    same = roles == fields.roles and sorted(staff.conflicts) == sorted(fields.conflicts)
    if not same or not fields.is_active:
        raise NotOneself


def _write(staff: Staff, fields: StaffFields) -> None:
    for name in ("username", "display_name", "staff_number"):
        if not getattr(fields, name).strip():
            raise FieldRefused(
                zh="登录名、姓名和工号都要填写。",
                en="Sign-in name, name and staff number are needed.",
            )
    taken = Staff.objects.exclude(pk=staff.pk)
    if taken.filter(username__iexact=fields.username.strip()).exists():
        raise FieldRefused(
            zh=f"登录名“{fields.username}”已被使用。",
            en=f"The sign-in name {fields.username} is taken.",
        )
    if taken.filter(staff_number=fields.staff_number.strip()).exists():
        raise FieldRefused(
            zh=f"工号“{fields.staff_number}”已被使用。",
            en=f"The staff number {fields.staff_number} is taken.",
        )
    staff.username = fields.username.strip()
    staff.display_name = fields.display_name.strip()
    staff.staff_number = fields.staff_number.strip()
    staff.email = fields.email.strip()
    staff.language = fields.language
    staff.branch = Branch.objects.filter(code=fields.branch).first() if fields.branch else None
    staff.team = Team.objects.filter(code=fields.team).first() if fields.team else None
    staff.skills, staff.spoken = list(fields.skills), list(fields.spoken)
    staff.case_capacity = fields.case_capacity
    staff.conflicts = list(fields.conflicts)
    staff.is_active = fields.is_active


def check_password(password: str, staff: Staff) -> None:
    """Pass if the password keeps the rules. Errors: FieldRefused, with the rules it breaks."""
    try:
        validate_password(password, staff)
    except ValidationError as failure:
        told = " ".join(failure.messages)
        raise FieldRefused(zh=told, en=told, rule="people:password") from failure


def _checked_value(kind: str, value: str) -> str:
    """Yield the value of a scope as it is kept. Errors: FieldRefused."""
    value = value.strip()
    known = {
        Scope.Kind.BANK: lambda: value == WHOLE_BANK,
        Scope.Kind.BRANCH: lambda: Branch.objects.filter(code=value).exists(),
        Scope.Kind.TEAM: lambda: Team.objects.filter(code=value).exists(),
        Scope.Kind.PRODUCT: lambda: bool(value),
        Scope.Kind.PORTFOLIO: lambda: (
            value.isdecimal() and Staff.objects.filter(pk=int(value)).exists()
        ),
    }
    if kind not in known or not known[Scope.Kind(kind)]():
        raise FieldRefused(zh="没有这样的范围。", en="There is no such scope.")
    return value


def _told(staff: Staff) -> dict[str, object]:
    return {
        "username": staff.username,
        "name": staff.display_name,
        "staff_number": staff.staff_number,
        "email": staff.email,
        "language": staff.language,
        "branch": staff.branch.code if staff.branch else "",
        "team": staff.team.code if staff.team else "",
        "roles": sorted(staff.roles.values_list("code", flat=True)) if staff.pk else [],
        "skills": list(staff.skills),
        "spoken": list(staff.spoken),
        "case_capacity": staff.case_capacity,
        "conflicts": list(staff.conflicts),
        "is_active": staff.is_active,
    }
