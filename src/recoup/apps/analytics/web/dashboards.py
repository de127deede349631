"""The manager's dashboard and its workbook."""

from dataclasses import asdict
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recoup.apps.analytics.queries import Dashboard, dashboard
from recoup.apps.analytics.web.workbook import MEDIA_TYPE, workbook
from recoup.apps.compliance.actions import record_export
from recoup.apps.people.permissions import NotFound, require
from recoup.apps.people.queries import branches, collectors, teams
from recoup.apps.portfolio.queries.figures import DIMENSIONS, Slice
from recoup.kernel.money import exponent
from recoup.web.house import contact_law
from recoup.web.shown import speaks_chinese
from recoup.web.words import word_of


def _asked(request: HttpRequest) -> tuple[Slice, str]:
    given = request.GET
    collector = given.get("collector", "")
    narrow = Slice(
        product=given.get("product", "")[:60],
        branch=given.get("branch", "")[:64],
        team=given.get("team", "")[:64],
        collector_id=int(collector) if collector.isdigit() else None,
    )
    by = given.get("by", "product")
    return narrow, by if by in DIMENSIONS else "product"


def _place_word(by: str, code: str) -> str:
    return word_of(kind="product", code=code) if by == "product" else code or _("none named")


def pictures(found: Dashboard) -> dict[str, object]:
    """Yield what the charts draw, as JSON knows it; codes are told in the page's language."""
    return {
        "scale": 10 ** exponent(found.currency),
        "buckets": list(found.buckets),
        "words": {"paid_off": _("paid off"), "before": _("30 days ago"), "now": _("now")},
        "moves": [asdict(move) for move in found.moves],
        "rolls": [
            {**asdict(roll), "cured_bp": roll.cured_bp, "worse_bp": roll.worse_bp}
            for roll in found.rolls
        ],
        "places": [
            {"code": one.place, "name": _place_word(found.by, one.place), **asdict(one)}
            for one in found.places
        ],
        "by": found.by,
        "funnel": [
            {"code": step.code, "name": step_word(step.code), "persons": step.persons}
            for step in found.funnel
        ],
        "treatments": [
            {"name": word_of(kind="treatment", code=one.treatment), **asdict(one)}
            for one in found.treatments
        ],
        "vintages": list(found.vintages),
        "trend": [{**asdict(point), "as_of": point.as_of.isoformat()} for point in found.trend],
    }


def step_word(code: str) -> str:
    """Yield the name of a step of the funnel."""
    return {
        "late": _("late 30 days ago"),
        "tried": _("we tried to reach"),
        "reached": _("right party reached"),
        "promised": _("promised to pay"),
        "paid": _("paid"),
    }[code]


def told_rules(found: Dashboard) -> list[dict[str, object]]:
    """Yield the rules that hold people back with their sentences in the page's language."""
    sentences = {rule.head.id: rule.head.sentence for rule in contact_law().rules}
    told = []
    for rule, persons in found.blocked.items():
        sentence = sentences.get(rule)
        words = "" if sentence is None else sentence.zh if speaks_chinese() else sentence.en
        told.append({"rule": rule, "sentence": words, "persons": persons})
    return told


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show the dashboard of a slice."""
    narrow, by = _asked(request)
    actor = request.actor  # type: ignore[attr-defined]
    found = dashboard(actor=actor, narrow=narrow, by=by)
    context = {
        "found": found,
        "narrow": narrow,
        "by": by,
        "pictures": pictures(found) if found else None,
        "branches": branches(),
        "teams": teams(),
        "collectors": collectors(teams=None if actor.whole_bank else actor.teams),
        "places": [{"figures": one, "name": _place_word(by, one.place)} for one in found.places]
        if found
        else [],
        "blocked": told_rules(found) if found else [],
        "query": request.GET.urlencode(),
    }
    return render(request, "analytics/dashboard.html", context)


@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """Hand the dashboard out as a workbook; the export is recorded and its mark stands in it."""
    actor = request.actor  # type: ignore[attr-defined]
    require(actor, "export", "analytics")
    narrow, by = _asked(request)
    found = dashboard(actor=actor, narrow=narrow, by=by)
    if found is None:
        raise NotFound(what=_("a published night"))
    mark = record_export(
        actor=actor,
        kind="dashboard",
        parameters={**asdict(narrow), "by": by, "as_of": found.as_of.isoformat()},
        rows=len(found.places) + len(found.collectors),
        sha256="",
        at=request.at,  # type: ignore[attr-defined]
    )
    answer = HttpResponse(workbook(found, mark=mark), content_type=MEDIA_TYPE)
    answer["Content-Disposition"] = f'attachment; filename="{file_name(found.as_of)}"'
    return answer


def file_name(as_of: date) -> str:
    """Yield the name of a workbook.

    >>> file_name(date(2026, 11, 20))
    'recoup-dashboard-2026-11-20.xlsx'
    """
    return f"recoup-dashboard-{as_of.isoformat()}.xlsx"
