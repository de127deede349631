"""Pages on which the schedule is set and missed dates are caught up."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from recoup.apps.closing import actions, queries
from recoup.apps.closing.web.asked import Asked
from recoup.apps.closing.web.forms import PPM_OF_PERCENT, CatchUpForm, ScheduleForm
from recoup.apps.people.permissions import require
from recoup.kernel.refusal import NotFound, Refused, Stale
from recoup.policy.pack import PackRefused
from recoup.policy.strategy import StrategyRefused
from recoup.web.shown import speaks_chinese


@require_http_methods(["GET", "HEAD", "POST"])
def schedule(request: Asked) -> HttpResponse:
    """Show when the night runs by itself; set it."""
    require(request.actor, "configure", "closing")
    card = queries.schedule(actor=request.actor, at=request.at)
    form = ScheduleForm(request.POST or None, initial=_initial(card))
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            actions.set_schedule(
                actor=request.actor,
                version=given["version"],
                is_on=given["is_on"],
                starts_at=given["starts_at"],
                weekdays=tuple(given["weekdays"]),
                days_back=given["days_back"],
                book=given["book"],
                pack=given["pack"],
                strategy=given["strategy"],
                max_bad_ppm=form.max_bad_ppm(),
                at=request.at,
            )
        except (PackRefused, StrategyRefused) as refused:
            form.add_error(None, "\n".join(str(one) for one in refused.findings))
        except Refused as refused:
            status = _status(refused)
            form.add_error(None, refused.zh if speaks_chinese() else refused.en)
        else:
            messages.success(request, _("The schedule is set."))
            return HttpResponseRedirect(reverse("closing:nights"))
    return render(request, "closing/schedule.html", {"form": form, "card": card}, status=status)


def _initial(card: queries.ScheduleCard) -> dict[str, object]:
    whole, rest = divmod(card.max_bad_ppm, PPM_OF_PERCENT)
    return {
        "version": card.version,
        "is_on": card.is_on,
        "starts_at": card.starts_at,
        "weekdays": list(card.weekdays),
        "days_back": card.days_back,
        "book": card.book,
        "pack": card.pack,
        "strategy": card.strategy,
        "max_bad": f"{whole}.{rest:04d}".rstrip("0").rstrip("."),
    }


def _status(refused: Refused) -> int:
    if isinstance(refused, NotFound):
        raise refused
    return 409 if isinstance(refused, Stale) else 422


@require_http_methods(["GET", "HEAD", "POST"])
def catch_up(request: Asked) -> HttpResponse:
    """Show which dates would be caught up, and order them once that is confirmed."""
    require(request.actor, "work", "closing")
    missed = queries.missed_dates(actor=request.actor)
    given = {"first_on": missed[0], "last_on": missed[-1]} if missed else {}
    form = CatchUpForm(request.POST or None, initial=given)
    if request.method == "POST" and form.is_valid():
        try:
            actions.order_catch_up(
                actor=request.actor,
                first_on=form.cleaned_data["first_on"],
                last_on=form.cleaned_data["last_on"],
                working_days_only=form.cleaned_data["working_days_only"],
                at=request.at,
            )
        except Refused as refused:
            _status(refused)
            form.add_error(None, refused.zh if speaks_chinese() else refused.en)
        else:
            messages.success(
                request, _("The missed dates are being caught up, one after the other.")
            )
            return HttpResponseRedirect(reverse("closing:nights"))
    return render(
        request,
        "closing/catch_up.html",
        {
            "form": form,
            "missed": missed,
            "schedule": queries.schedule(actor=request.actor, at=request.at),
            "last": queries.last_catch_up(actor=request.actor),
        },
        status=422 if request.method == "POST" else 200,
    )
