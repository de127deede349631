"""What every page of this room asks of its request, and the names that it shows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.http import HttpRequest

from recoup.apps.people.permissions import Actor
from recoup.apps.people.queries import staff_cards
from recoup.apps.quality.actions import NotReviewed
from recoup.policy.quality import ScoreItem
from recoup.web.house import quality
from recoup.web.shown import local, speaks_chinese
from recoup.web.typed import typed_day


class Asked(HttpRequest):
    """A request of somebody who has signed in."""

    actor: Actor
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Named:
    """An item of the sheet in the page's language."""

    id: str
    name: str
    weight: int
    fatal: bool


def today(request: Asked) -> date:
    """Yield the day in the house's zone."""
    return local(request.at).date()


def names_of(staff_ids: Iterable[int | None]) -> Mapping[int, str]:
    """Yield names of staff by key. Two queries; none for nobody."""
    wanted = {one for one in staff_ids if one is not None}
    return {key: one.name for key, one in staff_cards(wanted).items()} if wanted else {}


def named(item: ScoreItem) -> Named:
    """Yield an item in the page's language."""
    name = item.name.zh if speaks_chinese() else item.name.en
    return Named(id=item.id, name=name, weight=item.weight, fatal=item.fatal)


def item_names() -> Mapping[str, str]:
    """Yield the names of all items of the sheet in force, by id."""
    policy = quality()
    return {one.id: named(one).name for one in policy.sheet.items} if policy else {}


def sent_day(request: Asked, name: str) -> date | None:
    """Yield a day that was sent; None where none was. Errors: NotReviewed."""
    text = request.POST.get(name, "").strip()
    return typed_day(text, refusal=NotReviewed) if text else None


def sent_number(request: Asked, name: str) -> int:
    """Yield a whole number that was sent; 0 where none was."""
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
