"""Reading of debtors, their holds and contact points."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from recoup.apps.people.permissions import Actor, NotFound, in_scope, require
from recoup.apps.portfolio.models import ContactPoint, Debtor, Hold
from recoup.apps.portfolio.queries.cards import ContactPointCard, DebtorCard, HoldCard, card_of

#: Debtors fetched at once when all of a sort are walked through.
CHUNK = 2000


def products_of(bars: str) -> tuple[str, ...]:
    """Yield the product codes of a text such as ``|credit_card|mortgage|``."""
    return tuple(code for code in bars.split("|") if code)


def debtor_card(row: Debtor) -> DebtorCard:
    """Yield the card of a debtor."""
    return card_of(DebtorCard, row, products=products_of(row.products))


def visible(actor: Actor) -> Q:
    """Yield the condition on debtors that keeps those whom a person may see.

    Those with whom the person has a conflict of interest are not among them.
    """
    condition = in_scope(actor)
    if actor.conflicts:
        condition &= ~Q(pk__in=sorted(actor.conflicts))
    return condition


def debtor_in_scope(actor: Actor, debtor_id: str, *, lock: bool = False) -> Debtor:
    """Yield a debtor's row, locked if asked. Errors: NotFound, out of scope too. One query."""
    rows = Debtor.objects.select_for_update() if lock else Debtor.objects.all()
    row = rows.filter(visible(actor), pk=debtor_id).first()
    if row is None:
        raise NotFound(what=debtor_id)
    return row


def debtor(actor: Actor, debtor_id: str) -> DebtorCard:
    """Yield a debtor whom the actor may see. Errors: NotFound, NotAllowed. One query."""
    card = debtor_card(debtor_in_scope(actor, debtor_id))
    require(actor, "view", "portfolio")
    return card


def debtor_cards(debtor_ids: Iterable[str]) -> Mapping[str, DebtorCard]:
    """Yield debtors by id, whatever the scope; ids that are not there are left out. One query."""
    rows = Debtor.objects.filter(pk__in=set(debtor_ids))
    return {row.pk: debtor_card(row) for row in rows}


def debtors_in_scope(actor: Actor, debtor_ids: Iterable[str]) -> Mapping[str, DebtorCard]:
    """Yield debtors by id whom the actor may see; others are left out. One query."""
    rows = Debtor.objects.filter(visible(actor), pk__in=set(debtor_ids))
    return {row.pk: debtor_card(row) for row in rows}


def debtors_in_arrears(min_dpd: int = 1) -> Iterator[DebtorCard]:
    """Yield every debtor of the book at least so many days past due, by id, in chunks."""
    columns = [one.name for one in fields(DebtorCard)]
    rows = _in_arrears(min_dpd).values_list(*columns)
    products = columns.index("products")
    # A hundred thousand rows of a model would take three times as long as their values.
    for row in rows.iterator(chunk_size=CHUNK):
        cells: list[Any] = [tuple(cell) if type(cell) is list else cell for cell in row]
        cells[products] = products_of(row[products])
        yield DebtorCard(**dict(zip(columns, cells, strict=True)))


def ids_in_arrears(min_dpd: int = 1) -> frozenset[str]:
    """Yield who of the book is at least so many days past due. One query."""
    return frozenset(_in_arrears(min_dpd).values_list("pk", flat=True))


def _in_arrears(min_dpd: int) -> QuerySet[Debtor]:
    return Debtor.objects.filter(worst_dpd__gte=min_dpd, gone_on=None).order_by("pk")


def collectors_debtors(staff_id: int) -> tuple[DebtorCard, ...]:
    """Yield the debtors in a collector's portfolio, by id. One query."""
    rows = Debtor.objects.filter(collector_id=staff_id).order_by("pk")
    return tuple(debtor_card(row) for row in rows)


def hold_card(row: Hold) -> HoldCard:
    """Yield the card of a hold."""
    return card_of(HoldCard, row, hold_id=row.pk)


def holds_of(debtor_id: str, on: date | None = None) -> tuple[HoldCard, ...]:
    """Yield a person's holds in order of their first day; ``on``: those in force then only."""
    cards = (hold_card(row) for row in Hold.objects.filter(debtor_id=debtor_id))
    return tuple(card for card in cards if on is None or card.in_force(on))


def people_with_complaint(
    *, debtor_ids: Iterable[str], since: date, until: date
) -> Mapping[str, tuple[date, ...]]:
    """Yield on which days in [since, until) some persons complained, by person. One query."""
    rows = Hold.objects.filter(
        debtor_id__in=set(debtor_ids), kind="complaint", from_on__gte=since, from_on__lt=until
    )
    found: dict[str, list[date]] = {}
    for debtor_id, day in rows.order_by("from_on").values_list("debtor_id", "from_on"):
        found.setdefault(debtor_id, []).append(day)
    return {debtor_id: tuple(days) for debtor_id, days in found.items()}


@dataclass(frozen=True, kw_only=True)
class DayHolds:
    """What the desk did to a person's holds that the published book does not show yet."""

    set: tuple[HoldCard, ...]
    lifted: tuple[HoldCard, ...]


def day_holds(debtor_id: str) -> DayHolds:
    """Yield holds set at the desk (and not lifted), and holds of the book lifted at the desk."""
    cards = [hold_card(row) for row in Hold.objects.filter(debtor_id=debtor_id)]
    return DayHolds(
        set=tuple(one for one in cards if not one.from_night and one.lifted_on is None),
        lifted=tuple(one for one in cards if one.from_night and one.lifted_on is not None),
    )


def hidden_value(actor: Actor, debtor_id: str, field: str) -> str:
    """Yield what a mask hides: ``phone``, ``id_number``, ``email``, ``name``, ``contact_point:12``.

    The caller has recorded the reason. Errors: NotFound, for an unknown field too.
    """
    row = debtor_in_scope(actor, debtor_id)
    if field in HIDDEN:
        value: str = getattr(row, field)
        return value
    sort, _, key = field.partition(":")
    if sort == "contact_point" and key.isascii() and key.isdigit():
        point = ContactPoint.objects.filter(pk=int(key[:18]), debtor_id=debtor_id).first()
        if point is not None:
            return point.value
    raise NotFound(what=field)


#: Columns of a debtor that pages show masked.
HIDDEN = ("name", "phone", "id_number", "email")


def contact_point_card(row: ContactPoint) -> ContactPointCard:
    """Yield the card of a contact point."""
    return card_of(ContactPointCard, row, contact_point_id=row.pk)


def contact_points_of(debtor_id: str) -> tuple[ContactPointCard, ...]:
    """Yield where a debtor may be met, the bank's own first. Two queries."""
    own = Debtor.objects.only("phone", "email", "is_detailed").filter(pk=debtor_id).first()
    return contact_points(own, ContactPoint.objects.filter(debtor_id=debtor_id))


def contact_points(
    own: Debtor | None, rows: Iterable[ContactPoint]
) -> tuple[ContactPointCard, ...]:
    """Yield the cards of contact points, the bank's own first.

    Of persons whose details are not in the records, the number and address of their own row.
    """
    found = [contact_point_card(row) for row in rows]
    if own is not None and not own.is_detailed:
        held = {(point.kind, point.value) for point in found}
        for kind, value in (("phone", own.phone), ("email", own.email)):
            if value and (kind, value) not in held:
                found.append(_from_night(own.pk, kind, value))
    return tuple(sorted(found, key=lambda point: (not point.from_night, point.kind != "phone")))


def _from_night(debtor_id: str, kind: str, value: str) -> ContactPointCard:
    return ContactPointCard(
        contact_point_id=None,
        debtor_id=debtor_id,
        kind=kind,
        value=value,
        source=BOOK_SOURCE,
        party="debtor",
        is_valid=None,
        checked_at=None,
        checked_by_id=None,
        note="",
        from_night=True,
        added_by_id=None,
        added_at=None,
        version=1,
    )


#: The source of numbers in the bank's own table of debtors: agreed with the contract.
BOOK_SOURCE = "contract"
