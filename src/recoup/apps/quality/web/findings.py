"""Findings: told to the person, answered, corrected, confirmed; and everybody's own page."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from recoup.apps.portfolio.queries import debtor_cards
from recoup.apps.quality import actions, queries
from recoup.apps.quality.actions import NotReviewed
from recoup.apps.quality.web.asked import (
    Asked,
    item_names,
    names_of,
    sent_day,
    sent_number,
    today,
)


@require_safe
def listed(request: Asked) -> HttpResponse:
    """Show findings that are open, or those that were closed."""
    is_open = request.GET.get("closed") != "1"
    found = queries.findings(request.actor, is_open=is_open)
    context = {
        "rows": [{"one": one, "late": one.is_late(today(request))} for one in found],
        "staff": names_of(one.staff_id for one in found),
        "is_open": is_open,
        "tab": "findings",
    }
    return render(request, "quality/findings.html", context)


@require_safe
def mine(request: Asked) -> HttpResponse:
    """Show somebody's own reviews, and what they were told."""
    scored = queries.own_samples(request.actor)
    context = {
        "rows": scored,
        "findings": [
            {"one": one, "late": one.is_late(today(request))}
            for one in queries.own_findings(request.actor)
        ],
        "people": debtor_cards(one.debtor_id for one in scored),
        "names": item_names(),
        "tab": "mine",
    }
    return render(request, "quality/mine.html", context)


@require_safe
def one(request: Asked, finding_id: int) -> HttpResponse:
    """Show one finding, how it went, and what comes next for whoever looks."""
    found = queries.finding(request.actor, finding_id)
    own = found.staff_id == request.actor.staff_id
    context = {
        "finding": found,
        "late": found.is_late(today(request)),
        "person": debtor_cards((found.debtor_id,)).get(found.debtor_id),
        "staff": names_of({found.staff_id, found.made_by_id, *(one.by_id for one in found.steps)}),
        "names": item_names(),
        "is_own": own,
        "may_work": not own and request.actor.may("work", "quality"),
        "today": today(request),
        "tab": "mine" if own else "findings",
    }
    return render(request, "quality/finding.html", context)


@require_POST
def open_one(request: Asked, sample_id: int) -> HttpResponseRedirect:
    """Tell the person what the review found."""
    correction = request.POST.get("correction", "")
    made = actions.open_finding(
        actor=request.actor,
        sample_id=sample_id,
        feedback=request.POST.get("feedback", ""),
        correction=correction,
        due_on=sent_day(request, "due_on") if correction.strip() else None,
        at=request.at,
    )
    messages.success(request, _("The feedback was given; the person sees it."))
    return redirect("quality:finding", made.pk)


@require_POST
def move(request: Asked, finding_id: int) -> HttpResponseRedirect:
    """Take the next step of a finding: answer, correction, sending back, closing."""
    found = queries.finding(request.actor, finding_id)
    step, text = request.POST.get("step", ""), request.POST.get("text", "")
    given = {
        "actor": request.actor,
        "finding_id": found.finding_id,
        "text": text,
        "version": sent_number(request, "version"),
        "at": request.at,
    }
    if step == "answer":
        actions.answer_finding(**given)  # type: ignore[arg-type]
    elif step == "correct":
        actions.report_correction(**given)  # type: ignore[arg-type]
    elif step == "close":
        actions.close_finding(**given)  # type: ignore[arg-type]
    elif step == "send_back":
        due_on = sent_day(request, "due_on")
        if due_on is None:
            raise NotReviewed(zh="请填写新的期限。", en="Write the new day.")
        actions.send_back(due_on=due_on, **given)  # type: ignore[arg-type]
    else:
        raise NotReviewed(zh="请选择下一步。", en="Choose the next step.")
    messages.success(request, _("Noted."))
    return redirect("quality:finding", finding_id)
