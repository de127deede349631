"""A request as this room's pages get it, and what its forms send."""

from datetime import date, datetime

from django.http import HttpRequest

from recoup.apps.ledger.refusals import BadReceipt
from recoup.apps.people.permissions import Actor
from recoup.kernel.refusal import Refused
from recoup.web.shown import speaks_chinese
from recoup.web.typed import typed_amount, typed_day


class Asked(HttpRequest):
    """A request that has passed the gate."""

    actor: Actor
    at: datetime
    htmx: bool


def sent(request: Asked, name: str) -> str:
    """Yield a text that a form sends, without spaces around it."""
    return request.POST.get(name, "").strip().replace("\x00", "")


def amount_of(text: str, *, currency: str) -> int:
    """Yield an amount in minor units. Errors: BadReceipt."""
    return typed_amount(text, currency=currency, refusal=BadReceipt)


def day_of(text: str) -> date:
    """Yield a day. Errors: BadReceipt."""
    return typed_day(text, refusal=BadReceipt)


def sentence_of(refused: Refused) -> str:
    """Yield a refusal in the page's language."""
    return refused.sentence(language="zh" if speaks_chinese() else "en")
