"""The first page: the first of the pages in the bar that this person's duties open."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from recoup.site.navigation import open_entries


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Send the person to the own work: my day, the trail, the list of people ..."""
    actor = request.actor  # type: ignore[attr-defined]
    entries = open_entries(actor)
    return HttpResponseRedirect(entries[0][1] if entries else reverse("people:me"))
