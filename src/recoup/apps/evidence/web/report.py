"""The regulator's report: looked at, and taken along as CSV or PDF."""

from datetime import date, timedelta

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from recoup.apps.evidence.actions import take_report
from recoup.apps.evidence.report import Report, report_of, words_in
from recoup.apps.evidence.web.asked import Asked, handed_out
from recoup.apps.people.permissions import require
from recoup.kernel.refusal import Refused
from recoup.web.shown import local, speaks_chinese
from recoup.web.typed import typed_day


class BadDay(Refused):
    """A day cannot be read."""


def _report(request: Asked, given: QueryDict) -> Report:
    yesterday = local(request.at).date() - timedelta(days=1)

    def day(name: str, default: date) -> date:
        text = given.get(name, "").strip()
        return typed_day(text, refusal=BadDay) if text else default

    last = day("last_on", yesterday)
    return report_of(
        first=day("from_on", last.replace(day=1)),
        last=last,
        known_on=day("known_on", max(last, yesterday)),
        at=request.at,
    )


@require_safe
def report(request: Asked) -> HttpResponse:
    """Show the report of a period; by default from the first of the month to yesterday."""
    require(request.actor, "view", "compliance")
    made = _report(request, request.GET)
    tables = [
        {
            "table": table,
            "most": max((figure.count for figure in table.figures), default=0),
            "rows": [(words_in(table, figure), figure.count) for figure in table.figures],
        }
        for table in made.tables
    ]
    return render(request, "evidence/report.html", {"report": made, "tables": tables})


@require_POST
def take(request: Asked) -> HttpResponse:
    """Hand the report out; that it left is on record."""
    require(request.actor, "view", "compliance")
    taken = take_report(
        actor=request.actor,
        report=_report(request, request.POST),
        form="csv" if request.POST.get("form") == "csv" else "pdf",
        language="zh" if speaks_chinese() else "en",
        at=request.at,
    )
    return handed_out(taken)
