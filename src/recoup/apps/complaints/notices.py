"""Says on a person's page that a complaint is open: why nothing is collected, and until when."""

from datetime import date

from django.urls import reverse

from recoup.apps.complaints.queries import ComplaintCard, open_of
from recoup.apps.complaints.words import CATEGORIES
from recoup.kernel.explain import Words
from recoup.web.house import strategy
from recoup.web.notices import Notice


def notices(debtor_id: str, on: date) -> tuple[Notice, ...]:
    """Yield a notice for each open complaint of a person. One query."""
    return tuple(_notice(one, on) for one in open_of(debtor_ids=(debtor_id,)).get(debtor_id, ()))


def _notice(card: ComplaintCard, on: date) -> Notice:
    word = CATEGORIES[card.category]
    stops = strategy().complaints.holds_for(card.category)
    held_zh, held_en = ("；期间不催收", "; nothing is collected meanwhile") if stops else ("", "")
    until_zh, until_en = "没有法定期限", "no day is set by law"
    if card.due_on is not None:
        until_zh, until_en = f"最迟 {card.due_on} 答复", f"to be answered by {card.due_on}"
    return Notice(
        title=Words(zh=f"投诉 {card.number}", en=f"Complaint {card.number}"),
        words=Words(
            zh=f"{word.zh}，{card.received_on} 收到，{until_zh}{held_zh}",
            en=f"{word.en}, received {card.received_on}, {until_en}{held_en}",
        ),
        address=reverse("complaints:one", args=[card.number]),
        is_late=card.due_on is not None and card.due_on < on,
    )
