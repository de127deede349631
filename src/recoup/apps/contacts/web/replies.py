"""Replies that are nobody's yet: the list, one with those who may have written it, whose it is."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from recoup.apps.contacts import queries
from recoup.apps.contacts.actions import PARTIES, BadEntry, assign_reply
from recoup.apps.contacts.register import candidates_of, unassigned_reply
from recoup.apps.contacts.web.breaches import Asked
from recoup.apps.people.permissions import require


@require_safe
def replies(request: Asked) -> HttpResponse:
    """List the replies that nobody could be found for, the latest first."""
    require(request.actor, "assign", "contacts")
    return render(request, "contacts/replies.html", {"found": queries.unassigned_replies()})


@require_safe
def reply(request: Asked, reply_id: int) -> HttpResponse:
    """Show one reply with those who may have written it."""
    require(request.actor, "assign", "contacts")
    one = unassigned_reply(reply_id)
    context = {
        "one": one,
        "candidates": candidates_of(request.actor, one),
        "parties": PARTIES,
    }
    return render(request, "contacts/reply.html", context)


@require_POST
def assign(request: Asked, reply_id: int) -> HttpResponse:
    """Say whose a reply is, and go to how that person may be reached now."""
    require(request.actor, "assign", "contacts")
    debtor_id = request.POST.get("debtor", "").replace("\x00", "").strip()
    if not debtor_id:
        raise BadEntry(zh="请选择或填写借款人。", en="Choose or write whose it is.")
    done = assign_reply(
        actor=request.actor,
        reply_id=reply_id,
        debtor_id=debtor_id,
        party=request.POST.get("party", "debtor"),
        at=request.at,
    )
    said = _("The reply is in the person's history.")
    if done.stop_word:
        said += " " + _("It asks to stop: that channel is closed for the person.")
    messages.success(request, said)
    return redirect(reverse("contacts:reaching", args=[done.debtor_id]))
