"""A person's evidence: what is there, what a court would miss, and the bundle."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from recoup.apps.evidence import actions, queries
from recoup.apps.evidence.web.asked import Asked, handed_out
from recoup.apps.portfolio.queries import debtor
from recoup.documents.bundle.signing import has_key
from recoup.web.shown import speaks_chinese


def _context(request: Asked, debtor_id: str) -> dict[str, object]:
    person = debtor(request.actor, debtor_id)
    return {
        "person": person,
        "evidence": queries.case_evidence(request.actor, debtor_id=debtor_id, at=request.at),
        "may_file": request.actor.may("work", "cases"),
        "has_key": has_key(),
    }


@require_safe
def panel(request: Asked, debtor_id: str) -> HttpResponse:
    """Show on the case's and the person's page what a court would miss, with the bundle."""
    return render(request, "evidence/_panel.html", _context(request, debtor_id))


@require_safe
def evidence(request: Asked, debtor_id: str) -> HttpResponse:
    """Show all papers of a person and what a court asks for."""
    return render(request, "evidence/case.html", _context(request, debtor_id))


@require_POST
def bundle(request: Asked, debtor_id: str) -> HttpResponse:
    """Hand the person's bundle out; who took it, and why, is on record."""
    chosen = request.POST.get("language", "")
    taken = actions.take_bundle(
        actor=request.actor,
        debtor_id=debtor_id,
        language=chosen if chosen in ("zh", "en") else "zh" if speaks_chinese() else "en",
        why=request.POST.get("why", ""),
        at=request.at,
    )
    return handed_out(taken)


@require_POST
def file_paper(request: Asked, debtor_id: str) -> HttpResponse:
    """Let a document stand for what a court asks for, or take that back."""
    actions.file_paper(
        actor=request.actor,
        debtor_id=debtor_id,
        item=request.POST.get("item", ""),
        paper=request.POST.get("paper", ""),
        at=request.at,
    )
    messages.success(request, _("Filed.") if request.POST.get("paper") else _("Taken back."))
    return HttpResponseRedirect(reverse("evidence:case", args=(debtor_id,)))
