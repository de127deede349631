"""Which of several security rights in one thing is paid first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityRight:
    """A right in a thing: when registered (None = not), and whether it financed the purchase."""

    id: str
    registered_on: date | None
    purchase_money: bool = False
    delivered_on: date | None = None
    lien: bool = False


def rank_rights(
    *, rights: Sequence[SecurityRight], purchase_money_days: int
) -> tuple[tuple[str, ...], ...]:
    """Yield the ids in the order in which they are paid; rights of one group share pro rata.

    Liens first; then purchase money registered within so many days of delivery; then the registered
    ones by day; the unregistered ones last, together.
    """
    groups: dict[tuple[int, date], list[str]] = {}
    for right in rights:
        groups.setdefault(_place(right, purchase_money_days), []).append(right.id)
    return tuple(tuple(sorted(groups[place])) for place in sorted(groups))


def _place(right: SecurityRight, purchase_money_days: int) -> tuple[int, date]:
    if right.lien:
        return 0, date.min
    registered = right.registered_on
    if registered is None:
        return 3, date.min
    delivered = right.delivered_on
    if right.purchase_money and delivered is not None:
        last = delivered + timedelta(days=purchase_money_days)
        if registered <= last:
            return 1, registered
    return 2, registered
