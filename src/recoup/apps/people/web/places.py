"""Branches and teams."""

from typing import TypeVar

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from recoup.apps.people import actions
from recoup.apps.people.models import Branch, Team
from recoup.apps.people.permissions import NotFound, require
from recoup.apps.people.web.asked import Asked
from recoup.apps.people.web.forms import BranchForm, TeamForm
from recoup.apps.people.web.telling import refuse_in
from recoup.kernel.refusal import Refused

Place = TypeVar("Place", Branch, Team)


@require_safe
def places(request: Asked) -> HttpResponse:
    """Show all branches and teams with how many work there."""
    require(request.actor, "view", "people")
    active = Count("staff", filter=Q(staff__is_active=True))
    return render(
        request,
        "people/places.html",
        {
            "branches": Branch.objects.annotate(people=active),
            "teams": Team.objects.select_related("branch").annotate(people=active),
            "may_configure": request.actor.may("configure", "people"),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def one_branch(request: Asked, branch_id: int | None = None) -> HttpResponse:
    """Make a branch or change one."""
    require(request.actor, "configure", "people")
    branch = None if branch_id is None else _found(Branch.objects.filter(pk=branch_id).first())
    initial = (
        {"version": branch.version, "code": branch.code, "name": branch.name} if branch else {}
    )
    form = BranchForm(request.POST or None, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                actions.save_branch(
                    actor=request.actor,
                    branch_id=branch_id,
                    version=form.cleaned_data["version"],
                    code=form.cleaned_data["code"],
                    name=form.cleaned_data["name"],
                    at=request.at,
                )
            except Refused as refused:
                status = refuse_in(form, refused)
            else:
                return _saved(request)
    return render(request, "people/place.html", {"form": form, "place": branch}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def one_team(request: Asked, team_id: int | None = None) -> HttpResponse:
    """Make a team or change one."""
    require(request.actor, "configure", "people")
    teams = Team.objects.select_related("branch")
    team = None if team_id is None else _found(teams.filter(pk=team_id).first())
    initial = {}
    if team:
        initial = {"version": team.version, "code": team.code, "name": team.name}
        initial["branch"] = team.branch.code if team.branch else ""
    form = TeamForm(request.POST or None, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                actions.save_team(
                    actor=request.actor,
                    team_id=team_id,
                    version=form.cleaned_data["version"],
                    code=form.cleaned_data["code"],
                    name=form.cleaned_data["name"],
                    branch=form.cleaned_data["branch"],
                    at=request.at,
                )
            except Refused as refused:
                status = refuse_in(form, refused)
            else:
                return _saved(request)
    context = {"form": form, "place": team, "is_team": True}
    return render(request, "people/place.html", context, status=status)


def _found(place: Place | None) -> Place:
    if place is None:
        raise NotFound
    return place


def _saved(request: Asked) -> HttpResponse:
    messages.success(request, _("Saved."))
    return HttpResponseRedirect(reverse("people:places"))
