"""The supervisor's board: look, move cases, take the move back."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from recoup.apps.analytics.queries import board
from recoup.apps.cases.actions import assign, undo_move
from recoup.apps.cases.queries import MoveCard
from recoup.apps.people.permissions import require
from recoup.apps.people.queries import staff_cards
from recoup.kernel.refusal import Refused
from recoup.web.house import pack

UNDO_SECONDS = 10


def _page_number(text: str) -> int:
    return int(text) if text.isdigit() and 0 < int(text) < 10_000 else 1


def _board(request: HttpRequest, *, made: MoveCard | None = None) -> HttpResponse:
    asked = request.POST if request.method == "POST" else request.GET
    whose = asked.get("whose", "")
    shown = board(
        actor=request.actor,  # type: ignore[attr-defined]
        at=request.at,  # type: ignore[attr-defined]
        chosen=whose if whose.isdigit() or not whose else "nobody",
        page=_page_number(asked.get("page", "1")),
    )
    taker = staff_cards([made.collector_id]) if made and made.collector_id else {}
    context = {
        "board": shown,
        "made": made,
        "taker": next(iter(taker.values()), None),
        "undo_seconds": UNDO_SECONDS,
        "currency": pack().base_currency,
    }
    part = getattr(request, "htmx", False)
    template = "analytics/_board.html" if part else "analytics/board.html"
    return render(request, template, context)


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show the board, or the part of it that changes."""
    return _board(request)


@require_POST
def move(request: HttpRequest) -> HttpResponse:
    """Give the chosen cases to a colleague or back to the pool."""
    require(request.actor, "assign", "cases")  # type: ignore[attr-defined]
    debtor_ids = [one for one in request.POST.getlist("debtor") if one]
    to = request.POST.get("to", "")
    if not debtor_ids or not (to == "nobody" or to.isdigit()):
        raise Refused(
            zh="请先选择案件，再选择接手的同事。",
            en="Choose cases first, then the colleague who takes them.",
        )
    made = assign(
        actor=request.actor,  # type: ignore[attr-defined]
        debtor_ids=debtor_ids,
        staff_id=None if to == "nobody" else int(to),
        at=request.at,  # type: ignore[attr-defined]
        why=request.POST.get("why", "")[:200],
    )
    return _board(request, made=made)


@require_POST
def undo(request: HttpRequest, move_id: int) -> HttpResponse:
    """Take a move back."""
    undo_move(
        actor=request.actor,  # type: ignore[attr-defined]
        move_id=move_id,
        at=request.at,  # type: ignore[attr-defined]
    )
    return _board(request)
