"""The figures of a loan by living through its days one after another, with nothing clever in it.

Written from the book contract and the two packs' rules alone; nothing of the product is imported.
Every morning the order of discharge is chosen, then the day's receipts are placed, and every
evening the days past due are written down.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)
PARTS = ("fee", "interest", "principal")
PARTS_OF_LATE_CARDS = ("principal", "interest", "fee")


@dataclass
class Due:
    """One instalment and what is still open of it, in minor units."""

    seq: int
    due_on: date
    principal: int
    interest: int = 0
    fee: int = 0

    def total(self) -> int:
        """What it still asks for."""
        return self.principal + self.interest + self.fee


@dataclass(frozen=True)
class Receipt:
    """Money that came in, or was forgiven; a reversed one never took place."""

    payment_id: str
    paid_on: date
    amount: int
    is_waiver: bool = False
    is_reversed: bool = False


def lived(
    *,
    dues: Sequence[Due],
    receipts: Sequence[Receipt],
    as_of: date,
    is_card: bool,
    card_late_from: int,
    moved: Callable[[date], date],
) -> dict[str, object]:
    """Yield a loan's figures on ``as_of``.

    ``card_late_from``: from so many days past due in the morning a card's receipts go to principal
    first. ``moved`` takes a due day to the day that counts.
    """
    schedule = [
        Due(one.seq, moved(one.due_on), one.principal, one.interest, one.fee) for one in dues
    ]
    schedule.sort(key=lambda one: (one.due_on, one.seq))
    asked = [(one.due_on, one.total()) for one in schedule]
    standing = sorted(
        (one for one in receipts if not one.is_reversed),
        key=lambda one: (one.paid_on, one.payment_id),
    )
    by_day: dict[date, list[Receipt]] = {}
    for one in standing:
        by_day.setdefault(one.paid_on, []).append(one)
    evenings: dict[date, int] = {}
    for day in _days(schedule, standing, as_of):
        parts = PARTS
        if is_card and _dpd(schedule, day) >= card_late_from:
            parts = PARTS_OF_LATE_CARDS
        for receipt in by_day.get(day, ()):
            _place(receipt.amount, schedule, parts)
        evenings[day] = _dpd(schedule, day)
    return _figures(schedule, asked, standing, evenings, as_of)


def _days(schedule: list[Due], standing: list[Receipt], as_of: date) -> Iterator[date]:
    first = min([as_of, *(one.due_on for one in schedule), *(one.paid_on for one in standing)])
    while first <= as_of:
        yield first
        first += ONE_DAY


def _dpd(schedule: list[Due], day: date) -> int:
    """Days from the due day of the oldest instalment that is open and was due before the day."""
    for one in schedule:
        if one.total() > 0:
            return max(0, (day - one.due_on).days)
    return 0


def _place(amount: int, schedule: list[Due], parts: tuple[str, ...]) -> None:
    for one in schedule:
        for part in parts:
            taken = min(amount, getattr(one, part))
            setattr(one, part, getattr(one, part) - taken)
            amount -= taken


def _figures(
    schedule: list[Due],
    asked: list[tuple[date, int]],
    standing: list[Receipt],
    evenings: dict[date, int],
    as_of: date,
) -> dict[str, object]:
    overdue = [one for one in schedule if one.due_on < as_of and one.total() > 0]
    year = [dpd for day, dpd in evenings.items() if day > as_of - timedelta(days=365)]
    return {
        "dpd": evenings[as_of],
        "dpd_prev": evenings.get(as_of - timedelta(days=30), 0),
        "max_dpd_12m": max(year),
        "first_over_30_on": next((day for day, dpd in evenings.items() if dpd > 30), None),
        "first_over_90_on": next((day for day, dpd in evenings.items() if dpd > 90), None),
        "overdue_instalments": len(overdue),
        "overdue_principal_minor": sum(one.principal for one in overdue),
        "overdue_interest_minor": sum(one.interest for one in overdue),
        "overdue_fee_minor": sum(one.fee for one in overdue),
        "outstanding_principal_minor": sum(one.principal for one in schedule),
        "exposure_minor": sum(one.principal for one in schedule)
        + sum(one.interest + one.fee for one in overdue),
        "paid_ratio_3m_bp": _ratio(asked, standing, as_of, 90),
        "paid_ratio_6m_bp": _ratio(asked, standing, as_of, 180),
        "paid_ratio_12m_bp": _ratio(asked, standing, as_of, 365),
    }


def _ratio(
    asked: list[tuple[date, int]], standing: list[Receipt], as_of: date, days: int
) -> int | None:
    after = as_of - timedelta(days=days)
    due = sum(amount for day, amount in asked if after < day <= as_of)
    paid = sum(one.amount for one in standing if after < one.paid_on <= as_of and not one.is_waiver)
    return min(99_999, paid * 10_000 // due) if due else None


def bucket(dpd: int) -> str:
    """The example strategy's bucket."""
    if dpd == 0:
        return "C"
    return "M6+" if dpd > 180 else f"M{(dpd - 1) // 30 + 1}"


def least_class(dpd: int, *, is_card: bool) -> str:
    """The class of a China claim by its days past due alone (cards: the stricter table)."""
    steps = (180, 120, 90, 0) if is_card else (360, 270, 90, 0)
    names = ("loss", "doubtful", "substandard", "special_mention")
    return next((name for name, over in zip(names, steps, strict=True) if dpd > over), "normal")
