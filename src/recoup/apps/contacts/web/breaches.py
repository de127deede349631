"""Contacts that were made although a rule stood against them: the compliance officer's list."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from recoup.apps.contacts import queries
from recoup.apps.people.permissions import Actor, require
from recoup.apps.people.queries import staff_cards
from recoup.apps.portfolio.queries import debtor_cards


class Asked(HttpRequest):
    """A request of somebody who has signed in."""

    actor: Actor
    at: datetime


@require_safe
def breaches(request: Asked) -> HttpResponse:
    """Show the latest contacts against a rule, with the rule, who made them, and whom they met."""
    require(request.actor, "view", "compliance")
    found = queries.breaches()
    people = debtor_cards(one.debtor_id for one in found)
    staff = staff_cards(one.made_by_id for one in found if one.made_by_id)
    context = {
        "found": found,
        "people": people,
        "staff": {key: one.name for key, one in staff.items()},
    }
    return render(request, "contacts/breaches.html", context)
