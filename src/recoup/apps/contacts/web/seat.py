"""At which extension the exchange rings whoever calls by click."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from recoup.apps.contacts import actions
from recoup.apps.contacts.web.breaches import Asked
from recoup.apps.people.permissions import require


@require_http_methods(["GET", "HEAD", "POST"])
def seat(request: Asked) -> HttpResponse:
    """Show and set the own extension."""
    require(request.actor, "work", "contacts")
    if request.method == "POST":
        extension = request.POST.get("extension", "")
        actions.set_seat(actor=request.actor, extension=extension, at=request.at)
        messages.success(request, _("Your telephone is noted."))
        return redirect("contacts:seat")
    control = actions.call_control()
    context = {
        "extension": actions.seat_of(request.actor),
        "provider": control.provider if control else "",
    }
    return render(request, "contacts/seat.html", context)
