"""Who has a case: assignment with its reasons, hand-over, and the review of the account."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from recoup.apps.cases.actions import (
    NotPossible,
    assign,
    offer_hand_over,
    record_review,
    settle_hand_over,
    suggest,
    withdraw_hand_over,
)
from recoup.apps.cases.actions.handing_over import ROLES
from recoup.apps.cases.actions.reviewing import CHECKED, RESULTS
from recoup.apps.cases.queries import CaseCard, MoveCard, case_of
from recoup.apps.cases.web.asked import Asked, sent_instant, sent_number, sent_text, today
from recoup.apps.cases.web.undoing import UNDO_SESSION
from recoup.apps.people.permissions import require
from recoup.apps.people.queries import StaffCard, collectors
from recoup.apps.portfolio.queries import collateral_of, contact_points_of, guarantors_of, income_of
from recoup.web.shown import local, speaks_chinese
from recoup.web.words import word_of


@require_http_methods(["GET", "HEAD", "POST"])
def assignment(request: Asked, debtor_id: str) -> HttpResponse:
    """Show who should have a case and why; give it to whom is chosen."""
    case = case_of(request.actor, debtor_id)
    if request.method == "POST":
        version = sent_number(request, "version")
        move = assign(
            actor=request.actor,
            debtor_ids=[debtor_id],
            staff_id=sent_number(request, "staff"),
            versions={debtor_id: version} if version is not None else None,
            at=request.at,
        )
        offer_undo(request, move)
        return redirect(reverse("cases:case", args=[debtor_id]))
    choice = suggest(actor=request.actor, debtor_id=debtor_id, at=request.at)
    return render(request, "cases/assign.html", {"case": case, "choice": choice})


def offer_undo(request: Asked, move: MoveCard) -> None:
    """Let the next page offer to take a move back."""
    request.session[UNDO_SESSION] = {
        "said": ngettext("%(n)d case assigned.", "%(n)d cases assigned.", len(move.debtor_ids))
        % {"n": len(move.debtor_ids)},
        "address": reverse("cases:undo-assignment", args=[move.move_id]),
        "at": request.at.isoformat(),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: Asked, debtor_id: str) -> HttpResponse:
    """Offer a case to a colleague."""
    case = case_of(request.actor, debtor_id)
    require(request.actor, "work", "cases")
    refused = ""
    if request.method == "POST":
        try:
            offer_hand_over(
                actor=request.actor,
                debtor_id=debtor_id,
                taker_id=sent_number(request, "taker") or 0,
                note=sent_text(request, "note"),
                accept_by=sent_instant(request, "accept_by"),
                version=sent_number(request, "version"),
                at=request.at,
            )
        except NotPossible as wrong:
            refused = wrong.sentence(language="zh" if speaks_chinese() else "en")
        else:
            messages.success(request, _("The case is offered; it stays with you until then."))
            return redirect(reverse("cases:case", args=[debtor_id]))
    by = local(request.at + timedelta(days=1)).strftime("%Y-%m-%dT18:00")
    context = {
        "case": case,
        "refused": refused,
        "takers": _by_role(collectors(), but=(request.actor.staff_id, case.collector_id)),
        "sent": {"taker": sent_text(request, "taker"), "note": sent_text(request, "note")},
        "accept_by": sent_text(request, "accept_by") or by,
    }
    return render(request, "cases/hand_over.html", context, status=422 if refused else 200)


def _by_role(
    people: Iterable[StaffCard], *, but: tuple[int | None, ...]
) -> list[tuple[str, list[Mapping[str, Any]]]]:
    found: dict[str, list[Mapping[str, Any]]] = {role: [] for role in ROLES}
    for one in people:
        role = next((role for role in ROLES if role in one.roles), "")
        if role and one.staff_id not in but:
            found[role].append({**asdict(one), "key": str(one.staff_id)})
    return [(role, own) for role, own in found.items() if own]


@require_POST
def settle(request: Asked, hand_over_id: int) -> HttpResponse:
    """Accept or decline an offer."""
    accept = request.POST.get("answer") == "accept"
    settled = settle_hand_over(
        actor=request.actor,
        hand_over_id=hand_over_id,
        accept=accept,
        remark=sent_text(request, "remark"),
        at=request.at,
    )
    if accept:
        messages.success(request, _("The case is yours now."))
        return redirect(reverse("cases:case", args=[settled.debtor_id]))
    messages.success(request, _("You declined; your colleague sees why."))
    return redirect(reverse("cases:my-day"))


@require_POST
def withdraw(request: Asked, hand_over_id: int) -> HttpResponse:
    """Take an offer back."""
    gone = withdraw_hand_over(actor=request.actor, hand_over_id=hand_over_id, at=request.at)
    messages.success(request, _("The offer was taken back."))
    return redirect(reverse("cases:case", args=[gone.debtor_id]))


@dataclass(frozen=True, kw_only=True)
class Point:
    """One point of a review's list, with what is known of it today, and what was answered."""

    name: str
    known: str
    result: str
    remark: str


@require_http_methods(["GET", "HEAD", "POST"])
def review(request: Asked, debtor_id: str) -> HttpResponse:
    """Record a review of the account: every point of the list, and what changes."""
    case = case_of(request.actor, debtor_id)
    require(request.actor, "work", "cases")
    refused = ""
    if request.method == "POST":
        try:
            record_review(
                actor=request.actor,
                debtor_id=debtor_id,
                checked={
                    name: {
                        "result": sent_text(request, name),
                        "remark": sent_text(request, f"{name}-remark"),
                    }
                    for name in CHECKED
                },
                changes=sent_text(request, "changes"),
                version=sent_number(request, "version"),
                at=request.at,
            )
        except NotPossible as wrong:
            refused = wrong.sentence(language="zh" if speaks_chinese() else "en")
        else:
            messages.success(request, _("The review is recorded."))
            return redirect(reverse("cases:case", args=[debtor_id]))
    known = _known(case)
    context = {
        "case": case,
        "refused": refused,
        "items": [
            Point(
                name=name,
                known=known[name],
                result=sent_text(request, name),
                remark=sent_text(request, f"{name}-remark"),
            )
            for name in CHECKED
        ],
        "results": RESULTS,
        "changes": sent_text(request, "changes"),
        "today": today(request),
    }
    return render(request, "cases/review.html", context, status=422 if refused else 200)


def _known(case: CaseCard) -> Mapping[str, str]:
    """Yield for each point of the list what the records say today."""
    points = contact_points_of(case.debtor_id)
    statements = income_of(case.debtor_id)
    things, guarantors = collateral_of(case.debtor_id), guarantors_of(case.debtor_id)
    serve = sum(1 for one in points if one.is_valid is not False)
    ends = [one.guaranteed_until for one in guarantors if one.guaranteed_until]
    return {
        "contact_points": _("%(serve)d of %(all)d contact points in use")
        % {"serve": serve, "all": len(points)},
        "ability": _("latest statement of %(on)s") % {"on": statements[0].stated_on}
        if statements
        else _("no income and expense statement yet"),
        "collateral": _("%(things)d things, %(registered)d registered; %(guarantors)d guarantors")
        % {
            "things": len(things),
            "registered": sum(1 for one in things if one.registered_on),
            "guarantors": len(guarantors),
        },
        "legal_dates": _("first guarantee period ends on %(on)s") % {"on": min(ends)}
        if ends
        else _("no guarantee period on record"),
        "strategy": _("next step by the strategy: %(step)s")
        % {"step": word_of(kind="treatment", code=case.treatment)},
    }
