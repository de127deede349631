"""On which day an instant falls where the debtor lives."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from recoup.engine.book.cells import MICROSECONDS_A_DAY
from recoup.engine.book.columns import Ints
from recoup.engine.book.day_text import MICROSECONDS

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def local_days(instants: Ints, *, zone: str) -> Ints:
    """Yield the local day number of each instant.

    Units: microseconds since 1970 UTC in; days since 1970-01-01 out. The zone's offset is looked
    up once per day, and per instant only on days on which it changes.
    """
    where = ZoneInfo(zone)
    days = instants // MICROSECONDS_A_DAY
    present, which = np.unique(days, return_inverse=True)
    opening = [_offset(where, int(day) * MICROSECONDS_A_DAY) for day in present]
    closing = [_offset(where, int(day + 1) * MICROSECONDS_A_DAY) for day in present]
    offsets = np.array(opening, np.int64)[which]
    for place, (before, after) in enumerate(zip(opening, closing, strict=True)):
        if before != after:
            rows = np.flatnonzero(which == place)
            offsets[rows] = [_offset(where, instant) for instant in instants[rows].tolist()]
    local: Ints = (instants + offsets * MICROSECONDS) // MICROSECONDS_A_DAY
    return local


def _offset(zone: ZoneInfo, instant: int) -> int:
    """Seconds that a zone's clocks are ahead of UTC at an instant."""
    moment = (_EPOCH + timedelta(microseconds=instant)).astimezone(zone)
    offset = moment.utcoffset() or timedelta(0)
    return offset.days * 86_400 + offset.seconds
