"""Where messages stand by channel, and replies that nobody could be found for."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from recoup.apps.contacts import queries
from recoup.apps.contacts.models import Message
from recoup.apps.contacts.web.breaches import Asked
from recoup.apps.people.permissions import require

SHOWN_DAYS = 7


@require_safe
def messages(request: Asked) -> HttpResponse:
    """Show which channels send, what waits, what came of the last days, and unassigned replies."""
    require(request.actor, "view", "compliance")
    standing = queries.channels_standing(since=request.at - timedelta(days=SHOWN_DAYS))
    context = {
        "rows": [
            {
                "standing": one,
                "counts": [one.counts.get(state, 0) for state in Message.State.values],
            }
            for one in standing
        ],
        "states": Message.State.labels,
        "days": SHOWN_DAYS,
        "replies": queries.unassigned_replies(),
    }
    return render(request, "contacts/messages.html", context)
