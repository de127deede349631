"""What every page of this room asks of its request, and how acts answer."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest
from django.utils.dateparse import parse_date, parse_datetime

from recoup.apps.cases.actions import NotPossible
from recoup.apps.people.permissions import Actor
from recoup.apps.people.queries import staff_cards
from recoup.web.shown import local
from recoup.web.typed import typed_amount, typed_day


class Asked(HttpRequest):
    """A request of somebody who has signed in: the actor and the instant are set."""

    actor: Actor
    at: datetime
    htmx: bool


def today(request: Asked) -> date:
    """Yield the day in the house's zone."""
    return local(request.at).date()


def names_of(staff_ids: Iterable[int | None]) -> Mapping[int, str]:
    """Yield names of members of staff by key. Two queries; none where there is nobody."""
    wanted = {one for one in staff_ids if one is not None}
    if not wanted:
        return {}
    return {key: card.name for key, card in staff_cards(wanted).items()}


def sent_text(request: Asked, name: str) -> str:
    """Yield a text that was sent, without spaces around it."""
    return request.POST.get(name, "").strip()


def sent_number(request: Asked, name: str) -> int | None:
    """Yield a whole number that was sent; None where none was."""
    text = sent_text(request, name)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def sent_day(request: Asked, name: str) -> date:
    """Yield a day that was sent. Errors: NotPossible."""
    return typed_day(sent_text(request, name), refusal=NotPossible)


def sent_instant(request: Asked, name: str) -> datetime:
    """Yield an instant that was sent, in the house's zone. Errors: NotPossible."""
    text = sent_text(request, name)
    try:
        found = parse_datetime(text)
        if found is None:
            on = parse_date(text)
            found = datetime.combine(on, time(18)) if on else None
    except ValueError:
        found = None
    if found is None or not 1970 <= found.year <= 2199:
        raise NotPossible(
            zh="请填写日期和时间，例如 2026-11-20 15:00。",
            en="Write a day and time, such as 2026-11-20 15:00.",
        )
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(settings.TIME_ZONE))


def sent_amount(request: Asked, name: str, *, currency: str) -> int:
    """Yield an amount that was sent, in minor units. Errors: NotPossible."""
    return typed_amount(sent_text(request, name), currency=currency, refusal=NotPossible)


def working_day_after(on: date, *, days: int) -> date:
    """Yield the day so many days ahead; a Saturday or Sunday moves to Monday."""
    found = on + timedelta(days=days)
    return found + timedelta(days=(7 - found.weekday()) % 7 if found.weekday() > 4 else 0)
