"""A request as this room's views get it, and what forms send."""

from datetime import date, datetime

from django.http import HttpRequest

from recoup.apps.complaints.refusals import BadComplaint
from recoup.apps.people.permissions import Actor
from recoup.kernel.refusal import Refused
from recoup.web.shown import local, speaks_chinese
from recoup.web.typed import typed_day


class Asked(HttpRequest):
    """A request that has passed the gate."""

    actor: Actor
    at: datetime


def today(request: Asked) -> date:
    """Yield the day in the house's zone on which the request is made."""
    return local(request.at).date()


def sent(request: HttpRequest, name: str) -> str:
    """Yield a text that a form sends, without spaces around it."""
    return request.POST.get(name, "").replace("\x00", "").strip()


def sent_number(request: HttpRequest, name: str) -> int | None:
    """Yield a whole number that a form sends; None for anything else."""
    text = sent(request, name)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def sent_day(request: Asked, name: str) -> date:
    """Yield a day that a form sends; today, for an empty field. Errors: BadComplaint."""
    text = sent(request, name)
    return typed_day(text, refusal=BadComplaint) if text else today(request)


def sentence_of(refused: Refused) -> str:
    """Yield the sentence of a refusal in the page's language."""
    return refused.sentence(language="zh" if speaks_chinese() else "en")
