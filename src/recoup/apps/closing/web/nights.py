"""Pages of nights: the history, one night with its progress, its morning page, its rejects."""

from datetime import timedelta

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from recoup.apps.closing import actions, queries
from recoup.apps.closing.jobs import NIGHTS
from recoup.apps.closing.redecision import is_pending
from recoup.apps.closing.rejects import PAGE, RejectFilter
from recoup.apps.closing.web.asked import Asked
from recoup.apps.closing.web.forms import RunForm, suggested_date
from recoup.apps.people.permissions import require
from recoup.apps.portfolio.queries import current_publication, debtor
from recoup.kernel.refusal import NotFound, Refused
from recoup.web.shown import local, speaks_chinese


@require_safe
def history(request: Asked) -> HttpResponse:
    """Show the nights, newest first: what runs, what comes next, what was missed."""
    page = _number(request.GET.get("page"))
    found = queries.nights(actor=request.actor, page=page)
    card = queries.schedule(actor=request.actor, at=request.at)
    missed = queries.missed_dates(actor=request.actor)
    return render(
        request,
        "closing/nights.html",
        {
            "nights": found[: queries.PAGE],
            "page": page,
            "has_more": len(found) > queries.PAGE,
            "running": queries.open_night(),
            "schedule": card,
            "missed": missed,
            "catch_up": queries.last_catch_up(actor=request.actor),
            "shown": current_publication(),
            "works": queries.worker_works(queue=NIGHTS, at=request.at),
            "outstanding": queries.redecisions_outstanding(),
            **_may(request),
        },
    )


def _may(request: Asked) -> dict[str, bool]:
    return {
        "may_run": request.actor.may("work", "closing"),
        "may_configure": request.actor.may("configure", "closing"),
        "may_export": request.actor.may("export", "closing"),
    }


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() and len(text) < 7 else 1


@require_http_methods(["GET", "HEAD", "POST"])
def run(request: Asked) -> HttpResponse:
    """Show what a night would be run over, and run it once that is confirmed."""
    require(request.actor, "work", "closing")
    current = current_publication()
    yesterday = local(request.at).date() - timedelta(days=1)
    first = suggested_date(done=current.as_of if current else None, yesterday=yesterday)
    form = RunForm(request.POST or None, initial={"as_of": first})
    if request.method == "POST" and form.is_valid():
        try:
            as_of = form.cleaned_data["as_of"]
            made = actions.order_night(actor=request.actor, as_of=as_of, at=request.at)
        except Refused as refused:
            form.add_error(None, refused.zh if speaks_chinese() else refused.en)
        else:
            return HttpResponseRedirect(reverse("closing:one-night", args=[made.night_id]))
    return render(
        request,
        "closing/run.html",
        {
            "form": form,
            "schedule": queries.schedule(actor=request.actor, at=request.at),
            "shown": current,
            "today": local(request.at).date(),
        },
        status=422 if request.method == "POST" else 200,
    )


@require_safe
def one_night(request: Asked, night_id: int) -> HttpResponse:
    """Show one night: how far it is, or what it was made from and what came of it."""
    card = queries.night(actor=request.actor, night_id=night_id)
    return render(
        request,
        "closing/night.html",
        {
            "night": card,
            "shown": current_publication(),
            "works": queries.worker_works(queue=NIGHTS, at=request.at),
            "at_language": "zh" if speaks_chinese() else "en",
            **_may(request),
        },
    )


@require_safe
def progress(request: Asked, night_id: int) -> HttpResponse:
    """Show how far a night is, as a part of its page; have the page anew once its status is."""
    card = queries.night(actor=request.actor, night_id=night_id)
    works = queries.worker_works(queue=NIGHTS, at=request.at)
    answer = render(request, "closing/progress.html", {"night": card, "works": works})
    if not card.is_open or request.GET.get("seen", card.status) != card.status:
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
def again(request: Asked, night_id: int) -> HttpResponse:
    """Order a night once more for the same business date."""
    made = actions.run_again(actor=request.actor, night_id=night_id, at=request.at)
    return HttpResponseRedirect(reverse("closing:one-night", args=[made.night_id]))


@require_safe
def report(request: Asked, night_id: int) -> HttpResponse:
    """Show the morning page as a document of its own, under a policy of its own."""
    page = queries.morning_page(actor=request.actor, night_id=night_id)
    answer = HttpResponse(page.content, content_type="text/html; charset=utf-8")
    answer._csp_exempt = True  # type: ignore[attr-defined] # it has its own policy
    answer["Content-Security-Policy"] = page.policy
    return answer


def _wanted(given: QueryDict) -> RejectFilter:
    return RejectFilter(
        table=given.get("table", "")[:60],
        code=given.get("code", "")[:60],
        severity=given.get("severity", "")[:20],
        text=given.get("q", "").strip()[:100],
    )


@require_safe
def rejects(request: Asked, night_id: int) -> HttpResponse:
    """Show what a night refused: by table, kind and text, page by page."""
    wanted = _wanted(request.GET)
    found = queries.rejects(
        actor=request.actor,
        night_id=night_id,
        wanted=wanted,
        page=_number(request.GET.get("page")),
    )
    pages = Paginator(range(found.found), PAGE)
    return render(
        request,
        "closing/rejects.html",
        {
            "night": queries.night(actor=request.actor, night_id=night_id),
            "rejects": found,
            "wanted": wanted,
            "tables": sorted({kind.table for kind in found.kinds}),
            "codes": sorted({kind.code for kind in found.kinds}),
            "severities": sorted({kind.severity for kind in found.kinds}),
            "page": pages.page(found.page),
            **_may(request),
        },
    )


@require_POST
def rejects_file(request: Asked, night_id: int) -> HttpResponse:
    """Hand out what a night refused as a file; recorded as an export."""
    form = request.POST.get("form", "csv")
    if form not in ("csv", "xlsx"):
        raise NotFound(what=form[:20])
    taken = actions.take_rejects_away(
        actor=request.actor,
        night_id=night_id,
        wanted=_wanted(request.POST),
        form=form,
        head=(
            *(_("Table"), _("File"), _("Row"), _("Key"), _("Column"), _("Value")),
            *(_("Kind of finding"), _("Weight"), _("What is wrong")),
        ),
        at=request.at,
    )
    answer = HttpResponse(taken.content, content_type=taken.media_type)
    answer["Content-Disposition"] = f'attachment; filename="{taken.file_name}"'
    answer["Cache-Control"] = "no-store"
    return answer


@require_safe
def pending(request: Asked, debtor_id: str) -> HttpResponse:
    """Tell a page whether a person's figures are still being refreshed; once not, have it anew."""
    debtor(request.actor, debtor_id)
    answer = render(request, "closing/pending.html", {"debtor_id": debtor_id})
    if not is_pending(debtor_id):
        answer["HX-Refresh"] = "true"
    return answer
