"""Similar complaints, and why each is one."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q

from recoup.apps.complaints.models import Complaint
from recoup.apps.complaints.queries.cards import ComplaintCard, complaint_card
from recoup.apps.compliance.permissions import seen
from recoup.apps.people.permissions import Actor
from recoup.web.house import strategy

MOST_SIMILAR = 20


@dataclass(frozen=True, kw_only=True)
class Similar:
    """A complaint that is like another. ``reasons``: person, contract, staff, agency, number."""

    card: ComplaintCard
    reasons: tuple[str, ...]


def similar_to(actor: Actor, card: ComplaintCard) -> tuple[Similar, ...]:
    """Yield complaints like one, of the strategy's days before and after it, the likest first.

    The same person or contract; or the same category about the same collector, agency or number.
    Two queries.
    """
    days = timedelta(days=strategy().complaints.similar_days)
    like = Q(pk__in=())
    if card.debtor_id:
        like |= Q(debtor_id=card.debtor_id)
    if card.contract_id:
        like |= Q(contract_id=card.contract_id)
    for name in ("about_staff_id", "about_agency", "about_number"):
        value = getattr(card, name)
        if value:
            like |= Q(category=card.category, **{name: value})
    rows = Complaint.objects.filter(
        like,
        received_on__gte=card.received_on - days,
        received_on__lte=card.received_on + days,
    ).exclude(number=card.number)
    found = [complaint_card(row) for row in rows.order_by("-received_on", "-pk")[:200]]
    sight = seen(actor, {one.debtor_id for one in found if one.debtor_id})
    similar = [
        Similar(card=one, reasons=reasons_of(card, one))
        for one in found
        if one.debtor_id in sight or (not one.debtor_id and actor.may("assign", "complaints"))
    ]
    similar.sort(key=lambda one: -len(one.reasons))
    return tuple(similar[:MOST_SIMILAR])


def reasons_of(card: ComplaintCard, other: ComplaintCard) -> tuple[str, ...]:
    """Yield why two complaints are alike, by the codes of ``complaint_similar``."""
    same = card.category == other.category
    checks = (
        ("person", card.debtor_id and card.debtor_id == other.debtor_id),
        ("contract", card.contract_id and card.contract_id == other.contract_id),
        ("staff", same and card.about_staff_id and card.about_staff_id == other.about_staff_id),
        ("agency", same and card.about_agency and card.about_agency == other.about_agency),
        ("number", same and card.about_number and card.about_number == other.about_number),
    )
    return tuple(code for code, is_so in checks if is_so)
