"""A request as this room's views get it, the business day of it, and what forms send."""

from collections.abc import Callable
from datetime import date, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from recoup.apps.people.permissions import Actor
from recoup.apps.portfolio import queries
from recoup.apps.portfolio.actions import WrongEntry
from recoup.kernel.refusal import NotFound, Refused, Stale
from recoup.web.shown import local, speaks_chinese
from recoup.web.typed import typed_amount, typed_day


class Asked(HttpRequest):
    """A request that has passed the gate."""

    actor: Actor
    at: datetime


def today(request: Asked) -> date:
    """Yield the day in the house's zone on which the request is made."""
    return local(request.at).date()


def part(
    request: Asked, name: str, debtor_id: str, *, refused: Refused | None = None
) -> HttpResponse:
    """Yield a part of a debtor's page as it stands now, with what was refused on top if anything.

    What was typed stays in the form when the entry was refused.
    """
    sentence = refused.sentence(language="zh" if speaks_chinese() else "en") if refused else ""
    status = 200 if refused is None else 409 if isinstance(refused, Stale) else 422
    context = {
        "person": queries.debtor_page(request.actor, debtor_id, today(request)),
        "refused": sentence,
        "typed": request.POST if refused else {},
        "is_open": refused is not None,
    }
    return render(request, f"portfolio/_{name}.html", context, status=status)


def entered(request: Asked, name: str, debtor_id: str, act: Callable[[], object]) -> HttpResponse:
    """Do an act and answer with the part; a refusal of the entry stands in it.

    Errors: NotFound and NotAllowed are left to the whole page.
    """
    try:
        act()
    except (WrongEntry, Stale) as refused:
        return part(request, name, debtor_id, refused=refused)
    return part(request, name, debtor_id)


def day(request: Asked, name: str) -> date | None:
    """Yield a day that a form sends; None for an empty field. Errors: WrongEntry."""
    text = request.POST.get(name, "").strip()
    if not text:
        return None
    return typed_day(text, refusal=WrongEntry, first_year=1900)


def amount(text: str, currency: str) -> int:
    """Yield an amount of money that a form sends, in minor units. Errors: WrongEntry."""
    return typed_amount(text, currency=currency, refusal=WrongEntry)


def number(request: Asked, name: str) -> int:
    """Yield a whole number that a form carries. Errors: NotFound, for anything else."""
    text = request.POST.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise NotFound(what=name)
    return int(text)
