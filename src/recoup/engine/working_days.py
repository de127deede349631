"""Moves due days off rest days, for the whole book at once, where the pack says so."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from recoup.engine.refusal import NightRefused
from recoup.kernel.calendar import CalendarSilent, date_of, day_number
from recoup.policy.pack import Pack


@dataclass(frozen=True)
class MovedDays:
    """Rest days to working days; ``pack`` None moves nothing.

    Days after the business date are not overdue yet and stay where the contract has them when the
    calendar does not know their year.
    """

    pack: Pack | None
    as_of: date

    def days(self, numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Yield day numbers moved to working days.

        Errors: NightRefused, when the calendar lacks a year up to the business date.
        """
        if self.pack is None or not len(numbers):
            return numbers
        known = np.unique(numbers)
        working = np.array([self.day(int(number)) for number in known], np.int64)
        moved: npt.NDArray[np.int64] = working[np.searchsorted(known, numbers)]
        return moved

    def day(self, number: int) -> int:
        """Yield one day number moved to a working day."""
        on = date_of(number)
        if self.pack is None or on is None:
            return number
        try:
            return day_number(self.pack.calendar.next_working(on))
        except CalendarSilent as silent:
            if on > self.as_of:
                return number
            raise NightRefused(
                zh=f"法规包“{self.pack.id}”的工作日历没有 {on.year} 年，"
                f"无法确定 {on} 到期的分期何时逾期。",
                en=f"The working-day calendar of the pack '{self.pack.id}' does not know "
                f"{on.year}: when the instalment due on {on} is overdue cannot be said.",
            ) from silent

    def table(self, *, rows: pa.Table, column: str) -> pa.Table:
        """Yield rows with one date column moved; empty cells stay empty."""
        if self.pack is None or not rows.num_rows:
            return rows
        given = rows.column(column).combine_chunks()
        numbers = pc.fill_null(given.cast(pa.int32()), 0).to_numpy().astype(np.int64)
        moved = pa.array(self.days(numbers).astype(np.int32), mask=given.is_null().to_numpy(False))
        place = rows.column_names.index(column)
        return rows.set_column(place, column, moved.cast(pa.date32()))


def moved_days(*, pack: Pack, on: date) -> MovedDays:
    """Yield how the pack moves due days."""
    moves = pack.due_day_on_rest_day == "next_working_day"
    return MovedDays(pack=pack if moves else None, as_of=on)
