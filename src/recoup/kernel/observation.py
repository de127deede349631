"""Stretches of good payment: how long one must last, and when a default begins it anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from recoup.kernel.deadlines import MONTHS, end_of_period


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A stretch of good payment: its first day, and its end (None: not to be seen in the plan)."""

    begins_on: date
    ends_on: date | None


def stretch(
    *,
    begins_on: date,
    due_days: Sequence[date],
    missed_on: Sequence[date],
    months: int,
    periods: int,
) -> Stretch:
    """Yield the stretch that holds at least so many months and so many due days paid on time.

    Shape: it begins anew on the last day missed. A period counts when its due day comes after the
    first day of the stretch and is not missed. The later of the two tests ends the stretch.
    Example: monthly, arrears cleared on 10 January, two periods and six months.
    >>> due = [date(2026, month, 20) for month in range(1, 9)]
    >>> stretch(begins_on=date(2026, 1, 10), due_days=due, missed_on=(), months=6, periods=2)
    Stretch(begins_on=datetime.date(2026, 1, 10), ends_on=datetime.date(2026, 7, 10))
    """
    begins = max((begins_on, *(day for day in missed_on if day >= begins_on)))
    by_months = end_of_period(start=begins, count=months, unit=MONTHS)
    after = sorted(day for day in due_days if day > begins)
    if periods <= 0:
        return Stretch(begins_on=begins, ends_on=by_months)
    if len(after) < periods:
        return Stretch(begins_on=begins, ends_on=None)
    return Stretch(begins_on=begins, ends_on=max(by_months, after[periods - 1]))
