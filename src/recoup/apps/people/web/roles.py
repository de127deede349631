"""Roles: the matrix of what each may do, and one role's names and authority."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from recoup.apps.people import actions
from recoup.apps.people.models import Role
from recoup.apps.people.permissions import NotFound, require
from recoup.apps.people.roles import ROOMS, STANDARD_ROLES, VERBS
from recoup.apps.people.web.asked import Asked
from recoup.apps.people.web.forms import RoleForm
from recoup.apps.people.web.telling import refuse_in, status_of
from recoup.kernel.duties import clashes
from recoup.kernel.refusal import Refused
from recoup.web.shown import speaks_chinese


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One duty of one role: held or not, and whether it may be given at all."""

    value: str
    role: Role
    is_held: bool
    is_barred: bool


@dataclass(frozen=True, kw_only=True)
class Row:
    """One duty, over all roles; ``opens_room`` where a new room begins."""

    verb: str
    room: str
    opens_room: int
    cells: tuple[Cell, ...]


@require_http_methods(["GET", "HEAD", "POST"])
def matrix(request: Asked) -> HttpResponse:
    """Show what each role may do; change it, for who sets up people."""
    require(request.actor, "view", "people")
    refusal, status = "", 200
    if request.method == "POST":
        require(request.actor, "configure", "people")
        try:
            changed = _save(request)
        except Refused as refused:
            status = status_of(refused)
            refusal = refused.zh if speaks_chinese() else refused.en
        else:
            messages.success(request, _("Saved.") if changed else _("Nothing was changed."))
            return HttpResponseRedirect(reverse("people:roles"))
    counted = Count("staff", filter=Q(staff__is_active=True))
    roles = list(Role.objects.prefetch_related("duties").annotate(people=counted))
    return render(
        request,
        "people/roles.html",
        {
            "roles": roles,
            "rows": list(_rows(roles)),
            "refusal": refusal,
            "may_configure": request.actor.may("configure", "people"),
        },
        status=status,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def one_role(request: Asked, role_id: int | None = None) -> HttpResponse:
    """Make a role or change its names and authority."""
    require(request.actor, "configure", "people")
    role = Role.objects.filter(pk=role_id).first() if role_id is not None else None
    if role_id is not None and role is None:
        raise NotFound(what=f"{role_id}")
    initial = {}
    if role:
        initial = {name: getattr(role, name) for name in ("version", "code", "name_zh", "name_en")}
        initial["approves_up_to"] = Decimal(role.approves_up_to_minor) / 100
    form = RoleForm(request.POST or None, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            try:
                actions.save_role(
                    actor=request.actor,
                    role_id=role_id,
                    version=data["version"],
                    code=data["code"],
                    name_zh=data["name_zh"],
                    name_en=data["name_en"],
                    approves_up_to_minor=int(data["approves_up_to"] * 100),
                    at=request.at,
                )
            except Refused as refused:
                status = refuse_in(form, refused)
            else:
                messages.success(request, _("Saved."))
                return HttpResponseRedirect(reverse("people:roles"))
    return render(request, "people/role.html", {"form": form, "role": role}, status=status)


def _save(request: Asked) -> int:
    """Give every role the duties that were ticked; yield how many roles changed."""
    ticked = [value.partition(":") for value in request.POST.getlist("duty")]
    changed = 0
    with transaction.atomic():
        for role in Role.objects.prefetch_related("duties"):
            version = request.POST.get(f"version-{role.pk}", "")
            if not version.isdecimal():
                continue  # the role was made meanwhile and is not on the page
            wanted = {duty for key, _colon, duty in ticked if key == str(role.pk)}
            held = {f"{duty.verb} {duty.room}" for duty in role.duties.all()}
            if wanted == held and int(version) == role.version:
                continue
            actions.set_duties(
                actor=request.actor,
                role_id=role.pk,
                version=int(version),
                duties=wanted,
                at=request.at,
            )
            changed += 1
    return changed


def _rows(roles: Sequence[Role]) -> Iterator[Row]:
    """Yield the duties that some role has or was made for, by room and verb."""
    held = {role.pk: {f"{duty.verb} {duty.room}" for duty in role.duties.all()} for role in roles}
    known = {duty for standard in STANDARD_ROLES for duty in standard.duties}
    known.update(duty for duties in held.values() for duty in duties)
    for room in ROOMS:
        verbs = [verb for verb in VERBS if f"{verb} {room}" in known]
        for place, verb in enumerate(verbs):
            yield Row(
                verb=verb,
                room=room,
                opens_room=0 if place else len(verbs),
                cells=tuple(_cell(role, f"{verb} {room}", held[role.pk]) for role in roles),
            )


def _cell(role: Role, duty: str, held: set[str]) -> Cell:
    is_held = duty in held
    barred = not is_held and bool(clashes(roles={role.code}, duties={*held, duty}))
    return Cell(value=f"{role.pk}:{duty}", role=role, is_held=is_held, is_barred=barred)
