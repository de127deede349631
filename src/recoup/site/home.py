"""The first page: the one of the person's own work, by duty."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from recoup.site.navigation import open_entries

#: Whose day begins elsewhere than at the first page that the duties open.
FIRST_PAGES = (
    ("supervisor", "analytics:board"),
    ("strategy_analyst", "analytics:dashboard"),
    ("compliance_officer", "compliance:trail"),
    ("auditor", "compliance:trail"),
    ("administrator", "people:staff"),
)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Send the person to the own work: my day, the team's board, the dashboard, the trail ..."""
    actor = request.actor  # type: ignore[attr-defined]
    opened = {entry.name: address for entry, address in open_entries(actor)}
    for role, name in FIRST_PAGES:
        if role in actor.roles and name in opened:
            return HttpResponseRedirect(opened[name])
    return HttpResponseRedirect(next(iter(opened.values()), reverse("people:me")))
