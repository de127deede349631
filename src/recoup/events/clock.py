"""The clock of jobs, told by the site at start-up; acts of people take their instant as argument.

A request's acts carry ``request.at``. A job has nobody who could hand it an instant, and a long one
(the night) needs several, so it asks here for the clock that ``recoup.site`` has told.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


class NoClock(RuntimeError):
    """A job ran before the site had told its clock."""


@dataclass(frozen=True, kw_only=True)
class Clock:
    """Yields instants in UTC, and nanoseconds that only grow, for durations."""

    instant: Callable[[], datetime]
    nanoseconds: Callable[[], int]


_told: list[Clock] = []


def tell_clock(clock: Clock) -> None:
    """Let jobs use this clock from now on."""
    _told[:] = [clock]


def clock_of_jobs() -> Clock:
    """Yield the clock that was told. Errors: NoClock."""
    if not _told:
        raise NoClock("no clock was told; recoup.site.wiring does it at start-up")
    return _told[0]
