"""A request as this room's pages get it, and what its forms send."""

from datetime import date, datetime

from django.http import HttpRequest

from recoup.apps.ledger.refusals import BadReceipt
from recoup.apps.people.permissions import Actor
from recoup.kernel.money import NotAnAmount, minor_from_text
from recoup.kernel.refusal import Refused
from recoup.web.shown import speaks_chinese


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
    plain = text.replace(",", "").replace("，", "").replace("¥", "").strip()
    try:
        return minor_from_text(text=plain, currency=currency)
    except NotAnAmount as wrong:
        raise BadReceipt(
            zh=f"“{text[:40]}”不是 {currency} 金额，请填写数字，例如 3500 或 3500.50。",
            en=f"'{text[:40]}' is no amount in {currency}; write a number such as 3500 or 3500.50.",
        ) from wrong


def day_of(text: str) -> date:
    """Yield a day. Errors: BadReceipt."""
    try:
        found = date.fromisoformat(text)
    except ValueError as wrong:
        raise BadReceipt(
            zh=f"“{text[:40]}”不是日期，请按 2026-11-20 的格式填写。",
            en=f"'{text[:40]}' is no date; write it as 2026-11-20.",
        ) from wrong
    if not 1970 <= found.year <= 2199:
        raise BadReceipt(
            zh="日期的年份有误，请核对。", en="The year of the date is wrong; check it."
        )
    return found


def sentence_of(refused: Refused) -> str:
    """Yield a refusal in the page's language."""
    return refused.sentence(language="zh" if speaks_chinese() else "en")
