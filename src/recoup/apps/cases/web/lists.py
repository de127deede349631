"""The list of cases, narrowed and paged."""

from dataclasses import asdict, fields
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from recoup.apps.cases.queries import CaseFilter, cases_page
from recoup.apps.cases.web.asked import Asked, names_of, today
from recoup.apps.people.queries import collectors, teams
from recoup.kernel.case_status import STATUS_WORDS
from recoup.web.house import strategy
from recoup.web.words import word_of

STATES = (
    ("open", _("all open")),
    ("now", _("to be worked now")),
    ("later", _("waiting for a channel")),
    ("resting", _("resting")),
    ("closed", _("closed")),
)
ORDERS = (
    ("rank", _("by rank")),
    ("overdue", _("by amount")),
    ("dpd", _("by days past due")),
    ("opened", _("by opening")),
    ("contact", _("by last contact")),
)


@require_safe
def cases(request: Asked) -> HttpResponse:
    """Show the cases within scope, narrowed by the query, fifty a page."""
    asked = {
        one.name: request.GET[one.name] for one in fields(CaseFilter) if request.GET.get(one.name)
    }
    narrow = CaseFilter(**asked)
    number = request.GET.get("page", "")
    page = cases_page(
        actor=request.actor,
        narrow=narrow,
        page=int(number) if number.isdigit() and len(number) < 7 else 1,
        today=today(request),
    )
    people = collectors(teams=None if request.actor.whole_bank else request.actor.teams)
    context = {
        "page": page,
        "narrow": narrow,
        "is_narrowed": bool({name for name in asked if name != "sort"}),
        "before": urlencode({**asked, "page": page.page - 1}),
        "after": urlencode({**asked, "page": page.page + 1}),
        "staff": names_of(one.collector_id for one in page.cases),
        "collectors": [{**asdict(one), "key": str(one.staff_id)} for one in people],
        "states": (
            *STATES,
            *(
                (code, word_of(kind="case_status", code=code))
                for code in STATUS_WORDS
                if code != "closed"
            ),
        ),
        "orders": ORDERS,
        "buckets": [one.name for one in strategy().buckets],
        "treatments": strategy().cases.treatments,
        "teams": teams(),
        "today": today(request),
    }
    return render(request, "cases/list.html", context)
