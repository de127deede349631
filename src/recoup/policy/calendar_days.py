"""What the working-day calendar of a pack answers about one day."""

from collections.abc import Mapping
from datetime import date

from recoup.kernel.calendar import CalendarSilent
from recoup.policy.asking import RuleAsked


def calendar_answer(asked: RuleAsked) -> Mapping[str, object]:
    """Yield what the calendar knows of the fact ``day``.

    Shape: ``working`` (None in a year that the calendar lacks), ``next_working_day``, and, with the
    fact ``working_days``, ``after_working_days``: the day so many working days later.
    """
    asked.in_force()
    day = asked.facts.get("day")
    if not isinstance(day, date):
        return {"working": None, "next_working_day": None}
    count = asked.facts.get("working_days")
    calendar = asked.pack.calendar
    try:
        answer: dict[str, object] = {
            "working": calendar.is_working(day),
            "next_working_day": calendar.next_working(day),
        }
        if isinstance(count, int) and not isinstance(count, bool):
            answer["after_working_days"] = calendar.add_working_days(day, count)
    except CalendarSilent as silent:
        return {"working": None, "next_working_day": None, "silent_year": silent.year}
    return answer
