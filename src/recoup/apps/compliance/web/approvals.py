"""What waits for a second pair of eyes, and the decision."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from recoup.apps.compliance import actions
from recoup.apps.compliance.queries import approval, made_by, settled, waiting_for
from recoup.apps.compliance.web.asked import Asked
from recoup.kernel.duties import NotAllowed
from recoup.kernel.refusal import NotFound, Refused
from recoup.web.shown import speaks_chinese


@require_safe
def approvals(request: Asked) -> HttpResponse:
    """Show what waits for me, what I asked for, and what is settled."""
    return render(
        request,
        "compliance/approvals.html",
        {
            "waiting": waiting_for(request.actor),
            "made": made_by(request.actor),
            "settled": settled(request.actor),
            "may_see_trail": request.actor.may("view", "compliance"),
        },
    )


@require_safe
def one_approval(request: Asked, approval_id: int) -> HttpResponse:
    """Show one act that waits or waited."""
    return _shown(request, approval_id)


@require_POST
def decide(request: Asked, approval_id: int) -> HttpResponse:
    """Approve or reject."""
    approve = request.POST.get("decision") == "approve"
    try:
        actions.decide_approval(
            actor=request.actor,
            approval_id=approval_id,
            approve=approve,
            remark=request.POST.get("remark", ""),
            at=request.at,
        )
    except (NotAllowed, NotFound):
        raise
    except Refused as refused:
        return _shown(request, approval_id, refused=refused)
    messages.success(request, _("Approved and done.") if approve else _("Rejected."))
    return HttpResponseRedirect(reverse("compliance:approvals"))


@require_POST
def withdraw(request: Asked, approval_id: int) -> HttpResponse:
    """Take back what one has asked for."""
    actions.withdraw_approval(
        actor=request.actor,
        approval_id=approval_id,
        remark=request.POST.get("remark", ""),
        at=request.at,
    )
    messages.success(request, _("Withdrawn."))
    return HttpResponseRedirect(reverse("compliance:approvals"))


def _shown(request: Asked, approval_id: int, *, refused: Refused | None = None) -> HttpResponse:
    card, actor = approval(request.actor, approval_id), request.actor
    refusal = ""
    if refused is not None:
        refusal = refused.zh if speaks_chinese() else refused.en
    return render(
        request,
        "compliance/one_approval.html",
        {
            "card": card,
            "refusal": refusal,
            "remark": request.POST.get("remark", ""),
            "is_own": card.maker_id == actor.staff_id,
            "may_decide": actor.may("approve", card.room) and card.maker_id != actor.staff_id,
            "is_beyond": card.amount_minor > actor.approves_up_to_minor,
            "limit_minor": actor.approves_up_to_minor,
            "may_see_trail": actor.may("view", "compliance"),
        },
        status=422 if refused else 200,
    )
