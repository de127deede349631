"""The form with which anybody complains, without signing in. It tells nobody who is known here."""

from datetime import datetime

from axes.helpers import get_client_ip_address
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from recoup.apps.complaints import actions
from recoup.apps.complaints.actions.taking import PORTAL
from recoup.apps.complaints.refusals import BadComplaint, TooMany
from recoup.apps.complaints.web.asked import sent, sentence_of
from recoup.kernel.refusal import Refused
from recoup.web.shown import local, speaks_chinese

FIELDS = ("category", "words", "wants", "complainant", "relation", "reach_at", "names")


class Sent(HttpRequest):
    """A request of anybody; only the instant is known."""

    at: datetime


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def complain(request: Sent) -> HttpResponse:
    """Take a complaint from anybody: a number and the day of the answer is all that is told."""
    if request.method == "GET":
        return _form(request, typed={"relation": "debtor"}, status=200)
    typed = {name: sent(request, name) for name in FIELDS}
    try:
        card = actions.take_in_from_web(
            intake=actions.Intake(
                category=typed["category"],
                words=typed["words"],
                wants=typed["wants"],
                complainant=typed["complainant"],
                relation=typed["relation"],
                reach_at=typed["reach_at"],
                names=typed["names"],
                source=PORTAL,
                received_on=local(request.at).date(),
                language="zh" if speaks_chinese() else "en",
                about_agency=sent(request, "about_agency"),
                about_number=sent(request, "about_number"),
            ),
            sender=get_client_ip_address(request) or "",
            at=request.at,
        )
    except TooMany as refused:
        answer = _form(request, typed=typed, status=429, refused=refused)
        answer["Retry-After"] = "3600"
        return answer
    except BadComplaint as refused:
        return _form(request, typed=typed, status=422, refused=refused)
    context = {"number": card.number, "due_on": card.due_on, "phone": settings.COMPLAINT_PHONE}
    return render(request, "complaints/received.html", context)


def _form(
    request: Sent, *, typed: dict[str, str], status: int, refused: Refused | None = None
) -> HttpResponse:
    context = {
        "typed": typed,
        "more": {name: sent(request, name) for name in ("about_agency", "about_number")},
        "phone": settings.COMPLAINT_PHONE,
        "refusal": sentence_of(refused) if refused else "",
    }
    return render(request, "complaints/complain.html", context, status=status)
