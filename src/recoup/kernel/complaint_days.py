"""When a complaint must be answered: the period of law, what starts it anew, what is left out.

The day of receipt is not counted. New facts start the whole period again. Days of an appraisal
outside the house are left out where the complainant was told of it; one that begins after the
period is over saves nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from recoup.kernel.calendar import CalendarSilent, WorkingDays
from recoup.kernel.deadlines import end_of_period


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """An appraisal outside the house: days ``[from_on, until_on)``; None while it lasts."""

    from_on: date
    until_on: date | None
    is_told: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerBy:
    """The last day for the answer, and how it came about.

    ``starts_on``: the day of receipt, or of the latest new facts. ``left_out_days``: days of
    appraisals that do not count. ``moved``: a rest day moved the last day; None where the calendar
    lacks the year and the day was kept.
    """

    due_on: date
    starts_on: date
    left_out_days: int
    moved: bool | None

    def days_left(self, *, as_of: date) -> int:
        """Yield the days until the last day; below 0 once it is over."""
        return (self.due_on - as_of).days


def answer_by(
    *,
    received_on: date,
    new_facts_on: Iterable[date],
    outside: Sequence[Outside],
    count: int,
    unit: str,
    rolls: bool,
    calendar: WorkingDays,
    as_of: date,
) -> AnswerBy:
    """Yield the last day for the answer to a complaint, as it stands on a day.

    Shape: an appraisal that still lasts is left out up to ``as_of``. ``rolls``: a last day that is
    a rest day moves to the next working day.
    Errors: NoSuchUnit; BeyondCalendar; CalendarSilent for working days.
    Source: CN-CON-32 and its like in other packs.
    Example:
    >>> from recoup.kernel.calendar import WorkingDays
    >>> plain = dict(new_facts_on=(), outside=(), unit="days", rolls=False,
    ...              calendar=WorkingDays(years={}), as_of=date(2026, 3, 1))
    >>> for days in (15, 30, 60):
    ...     print(answer_by(received_on=date(2026, 3, 1), count=days, **plain).due_on)
    2026-03-16
    2026-03-31
    2026-04-30
    """
    starts_on = max([received_on, *(day for day in new_facts_on if day <= as_of)])
    plain = end_of_period(start=starts_on, count=count, unit=unit, calendar=calendar)
    due_on, counted_until = plain, starts_on
    told = sorted((one for one in outside if one.is_told), key=lambda one: one.from_on)
    for one in told:
        begins = max(one.from_on, counted_until)
        if begins > due_on:
            break
        ends = one.until_on if one.until_on is not None else as_of
        if ends > begins:
            due_on += ends - begins
            counted_until = ends
    left_out_days = (due_on - plain) // timedelta(days=1)
    if not rolls:
        return AnswerBy(
            due_on=due_on, starts_on=starts_on, left_out_days=left_out_days, moved=False
        )
    try:
        moved_to = calendar.next_working(due_on)
    except CalendarSilent:
        return AnswerBy(due_on=due_on, starts_on=starts_on, left_out_days=left_out_days, moved=None)
    return AnswerBy(
        due_on=moved_to,
        starts_on=starts_on,
        left_out_days=left_out_days,
        moved=moved_to != due_on,
    )
