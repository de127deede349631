"""Today's visits on a telephone, choosing whom to visit, and the team's day."""

from datetime import datetime
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from recoup.apps.contacts.actions import PARTIES
from recoup.apps.people.permissions import Actor, require
from recoup.apps.people.queries import colleagues_in_sight
from recoup.apps.visits import actions, queries
from recoup.kernel.routing import MILLION, Place
from recoup.web.shown import local


class Asked(HttpRequest):
    """A request of somebody who has signed in."""

    actor: Actor
    at: datetime


@require_safe
def day(request: Asked) -> HttpResponse:
    """Show today's visits in their order, each with what is needed at the door."""
    on = local(request.at).date()
    begins = actions.day_begins(on, request.at)
    plan = queries.plan_of(actor=request.actor, on=on, begins=begins)
    people, cases = queries.people_of(plan) if plan else ({}, {})
    context = {
        "plan": plan,
        "rows": [
            {
                "stop": one,
                "person": people.get(one.debtor_id),
                "case": cases.get(one.debtor_id),
                "map": map_link(one.position, one.address),
            }
            for one in (plan.stops if plan else ())
        ],
        "outcomes": actions.OUTCOMES,
        "parties": PARTIES,
        "most_photos": actions.MOST_PHOTOS,
        "may_call": request.actor.may("work", "contacts"),
        "staff_id": request.actor.staff_id,
        "way_km": f"{plan.way_m // 1000}.{plan.way_m % 1000 // 100}" if plan else "",
    }
    return render(request, "visits/day.html", context)


def map_link(place: Place | None, address: str) -> str:
    """Yield a link that a telephone opens in its map (RFC 5870); empty where nothing is known.

    >>> map_link(Place(latitude_e6=31_240_050, longitude_e6=-121_490_000), "")
    'geo:31.240050,-121.490000'
    """
    if place is None:
        return f"geo:0,0?q={quote(address)}" if address else ""
    return f"geo:{_degrees(place.latitude_e6)},{_degrees(place.longitude_e6)}"


def _degrees(millionths: int) -> str:
    whole, rest = divmod(abs(millionths), MILLION)
    return f"{'-' if millionths < 0 else ''}{whole}.{rest:06d}"


@require_safe
def choose(request: Asked) -> HttpResponse:
    """Show whom one might visit today, those to be visited first."""
    on = local(request.at).date()
    begins = actions.day_begins(on, request.at)
    found = queries.candidates(actor=request.actor, on=on)
    plan = queries.plan_of(actor=request.actor, on=on, begins=begins)
    planned = {one.debtor_id for one in plan.stops} if plan else set()
    chosen = planned or {one.case.debtor_id for one in found if one.is_wanted and one.is_open}
    context = {
        "rows": [{"one": one, "chosen": one.case.debtor_id in chosen} for one in found],
        "most": actions.MOST_STOPS,
        "has_plan": plan is not None,
    }
    return render(request, "visits/choose.html", context)


@require_POST
def plan(request: Asked) -> HttpResponseRedirect:
    """Ask the gate for those who were chosen, and put them in order."""
    made = actions.plan_visits(
        actor=request.actor, debtor_ids=request.POST.getlist("debtor"), at=request.at
    )
    said = _("Planned: %(open)s permitted, %(shut)s not.") % {
        "open": made.permitted,
        "shut": made.refused,
    }
    messages.success(request, said)
    return redirect("visits:day")


@require_safe
def team(request: Asked) -> HttpResponse:
    """Show what the team planned for today and did."""
    require(request.actor, "view", "visits")
    on = local(request.at).date()
    people = colleagues_in_sight(request.actor)
    lines = queries.team_of_day(staff_ids=people, on=on, begins=actions.day_begins(on, request.at))
    context = {"lines": lines, "staff": people, "on": on}
    return render(request, "visits/team.html", context)
