"""The list of complaints, taking one in, and one complaint with all that belongs to it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from recoup.apps.complaints import actions, queries
from recoup.apps.complaints.actions.telling import ROOM
from recoup.apps.complaints.web.asked import (
    Asked,
    sent,
    sent_day,
    sent_number,
    sentence_of,
    today,
)
from recoup.apps.compliance.queries import approvals_of
from recoup.apps.people.permissions import Actor, NotAllowed, NotFound, require
from recoup.apps.people.queries import StaffCard, collectors, staff_cards
from recoup.apps.portfolio.queries import contracts_of, debtor, debtor_cards, search
from recoup.kernel.refusal import Refused
from recoup.web.house import pack, strategy
from recoup.web.shown import speaks_chinese

#: Debtors that one search for the person of a complaint shows.
MOST_FOUND = 8
STATES = ("open", "mine", "over", "unmatched", "closed")
#: Sources that staff choose from; the form on the web is its own.
DESK_SOURCES = (
    *("call", "branch", "letter", "email", "im", "visit", "regulator", "mediation", "other"),
)


@require_safe
def complaints(request: Asked) -> HttpResponse:
    """List complaints, those due first on top."""
    state = request.GET.get("state", "open")
    wanted = queries.Wanted(
        state=state if state in STATES else "open",
        category=request.GET.get("category", ""),
        text=request.GET.get("q", "").replace("\x00", ""),
    )
    on = today(request)
    found = queries.complaints(request.actor, wanted, as_of=on)
    counts = queries.counts(request.actor, as_of=on)
    warn = strategy().complaints.warn_days
    context = {
        "lines": [(one, one.standing(as_of=on, warn_days=warn)) for one in found],
        "wanted": wanted,
        "parts": [(code, getattr(counts, code, None)) for code in STATES],
        "counts": counts,
        "today": on,
        "people": debtor_cards(one.debtor_id for one in found if one.debtor_id),
        "staff": _names(*(one.owner_id for one in found)),
        "may_work": request.actor.may("work", ROOM),
        "may_count": request.actor.may("view", "compliance"),
    }
    return render(request, "complaints/list.html", context)


@require_http_methods(["GET", "POST"])
def new(request: Asked) -> HttpResponse:
    """Take a complaint in; with ``?debtor=`` the person is known."""
    require(request.actor, "work", ROOM)
    if request.method == "GET":
        return _form(request, typed={"debtor": request.GET.get("debtor", "")})
    try:
        made = actions.take_in(
            actor=request.actor,
            intake=actions.Intake(
                category=sent(request, "category"),
                words=sent(request, "words"),
                wants=sent(request, "wants"),
                source=sent(request, "source"),
                received_on=sent_day(request, "received_on"),
                debtor_id=sent(request, "debtor"),
                contract_id=sent(request, "contract"),
                complainant=sent(request, "complainant"),
                relation=sent(request, "relation"),
                reach_at=sent(request, "reach_at"),
                language=sent(request, "language"),
                names=sent(request, "names"),
                about_staff_id=sent_number(request, "about_staff"),
                about_agency=sent(request, "about_agency"),
                about_number=sent(request, "about_number"),
            ),
            client_key=_key(request),
            at=request.at,
        )
    except (NotAllowed, NotFound):
        raise
    except Refused as refused:
        return _form(request, typed=request.POST.dict(), refused=refused)
    messages.success(request, _("The complaint is taken in: %(number)s.") % {"number": made.number})
    return HttpResponseRedirect(reverse("complaints:one", args=[made.number]))


def _key(request: Asked) -> str:
    """Yield the key of a wish, one's own: the form sent twice means one complaint."""
    key = sent(request, "key")
    return f"{request.actor.staff_id}-{key}"[:80] if key else ""


def _form(request: Asked, *, typed: dict[str, str], refused: Refused | None = None) -> HttpResponse:
    debtor_id = typed.get("debtor", "").strip()
    person = debtor(request.actor, debtor_id) if debtor_id else None
    usual = {
        "source": "call",
        "relation": "debtor",
        "received_on": today(request).isoformat(),
        "language": (person.language if person and person.language == "en" else "zh"),
        "complainant": person.name if person else "",
        # Whoever sends the form twice means one complaint.
        "key": request.at.isoformat(),
    }
    context = {
        "typed": usual | typed,
        "person": person,
        "contracts": contracts_of((debtor_id,)).get(debtor_id, ()) if person else (),
        "sources": DESK_SOURCES,
        "collectors": collectors(
            teams=None if request.actor.whole_bank else request.actor.teams or None
        ),
        "refusal": sentence_of(refused) if refused else "",
        "holds": strategy().complaints.holds,
        "today": today(request),
    }
    return render(request, "complaints/new.html", context, status=422 if refused else 200)


@require_safe
def one(request: Asked, number: str) -> HttpResponse:
    """Show one complaint with its clock, its history, its contacts and those like it."""
    return shown(request, number)


def shown(
    request: Asked, number: str, *, refused: Refused | None = None, status: int = 200
) -> HttpResponse:
    """Yield the page of a complaint; with what was refused on top, if anything."""
    on = today(request)
    whole = queries.whole_complaint(request.actor, number, as_of=on)
    card = whole.card
    may_assign = request.actor.may("assign", ROOM)
    is_own = card.owner_id is not None and card.owner_id == request.actor.staff_id
    similar = queries.similar_to(request.actor, card)
    context: dict[str, Any] = {
        "whole": whole,
        "card": card,
        "standing": card.standing(as_of=on, warn_days=strategy().complaints.warn_days),
        "similar": similar,
        "person": debtor_cards((card.debtor_id,)).get(card.debtor_id) if card.debtor_id else None,
        "staff": _names(
            *(card.owner_id, card.taken_by_id, card.answered_by_id, card.about_staff_id),
            *(entry.actor_id for entry in whole.entries),
            *(contact.made_by_id for contact in (*whole.linked, *whole.offered)),
        ),
        "waiting": [
            each
            for each in approvals_of(room=ROOM, record_id=card.number)
            if each.status == "pending"
        ],
        "may_assign": may_assign and card.is_open,
        "may_handle": card.is_open and request.actor.may("work", ROOM) and (is_own or may_assign),
        "may_reopen": not card.is_open
        and request.actor.may("work", ROOM)
        and (is_own or may_assign),
        "sees_whole": is_own or may_assign,
        "handlers": _handlers(request.actor, card) if may_assign and card.is_open else (),
        "today": on,
        "holds": [strategy().holds[kind] for kind in strategy().complaints.holds_for(card.category)]
        if card.is_open
        else [],
        "citation": whole.law.citation(language="zh" if speaks_chinese() else "en")
        if whole.law
        else "",
        "confident": whole.law is not None and whole.law.version.confidence == "high",
        "currency": pack().base_currency,
        "refusal": sentence_of(refused) if refused else "",
    }
    if may_assign and card.is_open and not card.debtor_id:
        context |= _matching(request, card)
    return render(request, "complaints/one.html", context, status=status)


def _matching(request: Asked, card: queries.ComplaintCard) -> dict[str, Any]:
    """Yield who may be meant, and what the search of the page found."""
    query = request.GET.get("find", "").strip()
    offered = [(each.hit, each.looked_for) for each in queries.candidates(request.actor, card)]
    if query:
        offered = [(hit, query) for hit in search(request.actor, query, MOST_FOUND)]
    return {"candidates": offered, "find": query}


def _handlers(actor: Actor, card: queries.ComplaintCard) -> list[StaffCard]:
    """Yield who may be named to handle a complaint: whoever names first, never whom it is about."""
    own = staff_cards((actor.staff_id,)).values() if actor.staff_id else ()
    found = {
        each.staff_id: each
        for each in (*own, *collectors(teams=None if actor.whole_bank else actor.teams or None))
    }
    return [each for key, each in found.items() if key != card.about_staff_id]


def _names(*staff_ids: int | None) -> dict[int, str]:
    wanted = {key for key in staff_ids if key is not None}
    return {key: each.name for key, each in staff_cards(wanted).items()} if wanted else {}


def back(request: Asked, number: str, said: str) -> HttpResponse:
    """Yield the way back to a complaint's page, with a word on what was done."""
    messages.success(request, said)
    return HttpResponseRedirect(reverse("complaints:one", args=[number]))
