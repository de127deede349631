"""How long a record must be kept: the longest of all rules that apply to it.

A rule keeps a record for some months from the day it was made, or until something has ended (a debt
settled, a dispute decided). What has not ended keeps the record without a last day; what is unknown
keeps it too.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from recoup.kernel.calendar import add_months, date_of, day_number


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Until when a record is kept.

    ``until_on`` is the first day on which it may be deleted, as far as that is known; None where
    no rule keeps it, or where something is still open. ``missing`` names the facts without which
    deletion cannot be allowed.
    """

    until_on: date | None
    still_open: bool
    missing: tuple[str, ...]

    def may_delete(self, *, on: date) -> bool | None:
        """Tell whether the record may be deleted on a day; None while facts are missing."""
        if self.still_open or (self.until_on is not None and on < self.until_on):
            return False
        return None if self.missing else True


def keep_until(
    *,
    recorded_on: date,
    months: Iterable[int],
    ended_on: Iterable[date],
    still_open: bool,
    missing: Iterable[str],
) -> Kept:
    """Yield until when a record is kept.

    Shape: ``months`` one entry per rule that counts from the day of the record; ``ended_on`` one
    day per matter that has ended.

    Example:
        >>> keep_until(recorded_on=date(2024, 2, 29), months=[24], ended_on=[], still_open=False,
        ...            missing=[]).until_on
        datetime.date(2026, 2, 28)
    """
    start = day_number(recorded_on)
    counted = (date_of(add_months(start, count)) for count in months)
    days = [day for day in (*counted, *ended_on) if day is not None]
    return Kept(
        until_on=None if still_open else max(days, default=None),
        still_open=still_open,
        missing=tuple(missing),
    )
