"""How long ago the law was last read: what is due to be checked again, and what is stale.

Only what can still change is asked about: a version that has ended by the day is history.
"""

from collections.abc import Iterable
from datetime import date

from recoup.policy.findings import ERROR, WARNING, Finding, Place, finding
from recoup.policy.pack import Pack


def stale_findings(*, pack: Pack, on: date) -> tuple[Finding, ...]:
    """Yield a warning for what is due to be checked again on a day, an error for what is stale."""
    return (*_of_rules(pack, on), *_of_calendar(pack, on))


def _of_rules(pack: Pack, on: date) -> Iterable[Finding]:
    for rule in pack.rules.values():
        for version in rule.versions:
            if version.valid_until is not None and version.valid_until <= on:
                continue
            told = {"rule": rule.id}
            names = ("recheck_due", "stale")
            yield from _aged(pack, on, version.checked_on, version.place, names, told)


def _of_calendar(pack: Pack, on: date) -> Iterable[Finding]:
    for year in pack.calendar_years.values():
        if year.year < on.year:
            continue
        names = ("calendar_recheck_due", "calendar_stale")
        told = {"year": str(year.year)}
        yield from _aged(pack, on, year.checked_on, year.place, names, told)


def _aged(
    pack: Pack, on: date, checked: date, place: Place, names: tuple[str, str], told: dict[str, str]
) -> Iterable[Finding]:
    due, stale = names
    days = (on - checked).days
    fill = {**told, "checked": checked, "on": on, "days": days}
    if days > pack.head.stale_after_days:
        limit = pack.head.stale_after_days
        yield finding(stale, place, severity=ERROR, fill={**fill, "limit": limit})
    elif days > pack.head.recheck_after_days:
        limit = pack.head.recheck_after_days
        yield finding(due, place, severity=WARNING, fill={**fill, "limit": limit})
