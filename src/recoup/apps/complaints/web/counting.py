"""The figures of a quarter, on a page and as a file with a watermark."""

import csv
import hashlib
import io

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from recoup.apps.complaints import queries
from recoup.apps.complaints.web.asked import Asked, today
from recoup.apps.compliance.actions import record_export
from recoup.apps.people.permissions import require

#: The parts of the page: which figures, and of which kind their codes are.
PARTS = (
    ("categories", "complaint_category"),
    ("sources", "complaint_source"),
    ("findings", "complaint_finding"),
    ("causes", "complaint_cause"),
    ("redress", "complaint_redress"),
    ("agencies", ""),
)
SUMS = (
    *("received", "answered", "in_time", "late", "open_at_end", "extended", "escalated"),
    "median_days",
)


@require_safe
def figures(request: Asked) -> HttpResponse:
    """Count the complaints of a quarter, beside the quarter before."""
    asked = request.GET.get("quarter", "")
    quarter = queries.quarter_named(asked) if asked else queries.quarter_of(today(request))
    found = queries.figures(request.actor, quarter)
    if request.GET.get("as") == "csv":
        return _csv(request, found)
    context = {
        "found": found,
        "before": queries.figures(request.actor, quarter.before),
        "quarter": quarter,
        "parts": [(name, kind, getattr(found, name)) for name, kind in PARTS],
        "may_export": request.actor.may("export", "complaints"),
    }
    return render(request, "complaints/figures.html", context)


def _csv(request: Asked, found: queries.Figures) -> HttpResponse:
    """Hand the figures out as a file; that they left is on record."""
    require(request.actor, "export", "complaints")
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(("quarter", "figure", "of", "count"))
    name = found.quarter.name
    for figure in SUMS:
        table.writerow((name, figure, "", getattr(found, figure)))
    for currency, minor in found.redress_minor:
        table.writerow((name, "redress_minor", currency, minor))
    for part, _kind in PARTS:
        table.writerows((name, part, _plain(one.of), one.count) for one in getattr(found, part))
    content = written.getvalue()
    watermark = record_export(
        actor=request.actor,
        kind="complaint_figures",
        parameters={"quarter": name},
        rows=content.count("\n") - 1,
        sha256=hashlib.sha256(content.encode()).hexdigest(),
        at=request.at,
    )
    content += f"{watermark}\r\n"
    return HttpResponse(
        content.encode("utf-8-sig"),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="complaints-{name}.csv"'},
    )


def _plain(text: str) -> str:
    """Yield a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text
