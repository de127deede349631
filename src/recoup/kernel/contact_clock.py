"""The debtor's clock: which local day and hour an instant is, and when a local hour comes next.

Days begin and end where the person lives. Around a change to or from daylight saving time a local
hour may come twice or not at all; every function here yields the first instant that truly fits.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)
SECONDS_PER_DAY = 86_400


def zone_of(name: str) -> ZoneInfo | None:
    """Yield the time zone of an IANA name, or None if there is no such zone."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        return None


def lies_in(wall: time, *, begins: time, ends: time) -> bool:
    """Tell whether a local time lies in [begins, ends); the window may run over midnight.

    Example:
        >>> lies_in(time(7, 59), begins=time(22), ends=time(8))
        True
        >>> lies_in(time(8), begins=time(22), ends=time(8))
        False
    """
    if begins < ends:
        return begins <= wall < ends
    return wall >= begins or wall < ends


def start_of_day(*, day: date, zone: ZoneInfo) -> datetime:
    """Yield the first instant of a local day."""
    first = next_instant(
        at=datetime.combine(day, time(0), tzinfo=UTC) - ONE_DAY,
        zone=zone,
        hours=(time(0),),
        fits=lambda local: local.date() >= day,
    )
    if first is None:
        raise AssertionError(f"no local day {day} in {zone}")
    return first


def next_instant(
    *, at: datetime, zone: ZoneInfo, hours: Iterable[time], fits: Callable[[datetime], bool]
) -> datetime | None:
    """Yield the first instant from ``at`` on whose local time fits.

    ``hours`` are the local times at which ``fits`` may turn true; it may also turn true where the
    clocks are changed. None if nothing within two days fits.
    """
    if fits(at.astimezone(zone)):
        return at
    today = at.astimezone(zone).date()
    wanted = set(hours)
    candidates: list[datetime] = []
    for offset in range(-1, 3):
        day = today + offset * ONE_DAY
        candidates += _clock_changes(day, zone)
        for hour in wanted:
            candidates += _showings(day, hour, zone)
    later = (instant for instant in candidates if instant > at)
    return min((instant for instant in later if fits(instant.astimezone(zone))), default=None)


def _showings(day: date, hour: time, zone: ZoneInfo) -> list[datetime]:
    """The instants at which the local clock shows an hour of a day: one, two or none."""
    wall = datetime.combine(day, hour)
    instants = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return [
        instant for instant in instants if instant.astimezone(zone).replace(tzinfo=None) == wall
    ]


def _clock_changes(day: date, zone: ZoneInfo) -> list[datetime]:
    """The instant of this UTC day at which the local clock is put forward or back, if any."""
    before = datetime.combine(day, time(0), tzinfo=UTC)
    after = before + ONE_DAY
    offset = before.astimezone(zone).utcoffset()
    if after.astimezone(zone).utcoffset() == offset:
        return []
    seconds_before, seconds_after = 0, SECONDS_PER_DAY
    while seconds_after - seconds_before > 1:
        middle = (seconds_before + seconds_after) // 2
        if (before + timedelta(seconds=middle)).astimezone(zone).utcoffset() == offset:
            seconds_before = middle
        else:
            seconds_after = middle
    return [before + timedelta(seconds=seconds_after)]
