"""The page on which an administrator borrows access to debtors' data."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from recoup.apps.people import actions
from recoup.apps.people.models import BorrowedAccess
from recoup.apps.people.permissions import require
from recoup.apps.people.web.asked import Asked, own_key
from recoup.apps.people.web.telling import status_of
from recoup.kernel.refusal import Refused
from recoup.web.shown import speaks_chinese


@require_http_methods(["GET", "HEAD", "POST"])
def borrow(request: Asked) -> HttpResponse:
    """Show what borrowing means and who borrowed; lend, when a reason is given."""
    require(request.actor, "configure", "people")
    refusal, status, reason = "", 200, request.POST.get("reason", "")
    if request.method == "POST":
        try:
            actions.borrow_access(actor=request.actor, reason=reason, at=request.at)
        except actions.BorrowingRefused as refused:
            refusal, status = _sentence(refused), status_of(refused)
        else:
            messages.success(request, _("You can read debtors' data for one hour."))
            return HttpResponseRedirect(reverse("people:borrow"))
    loans = BorrowedAccess.objects.select_related("staff")
    return render(
        request,
        "people/borrow.html",
        {
            "refusal": refusal,
            "reason": reason,
            "running": loans.filter(staff_id=own_key(request), ends_at__gt=request.at).first(),
            "loans": loans[:20],
        },
        status=status,
    )


@require_POST
def give_back(request: Asked) -> HttpResponse:
    """End the borrowed access."""
    require(request.actor, "configure", "people")
    actions.return_access(actor=request.actor, at=request.at)
    messages.success(request, _("The access has ended."))
    return HttpResponseRedirect(reverse("people:borrow"))


def _sentence(refused: Refused) -> str:
    return refused.zh if speaks_chinese() else refused.en
