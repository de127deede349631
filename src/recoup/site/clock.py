"""The desk's clock: the only reading of the wall clock; a demonstration may start it elsewhere."""

from datetime import UTC, datetime, timedelta
from functools import cache

from django.conf import settings


@cache
def _shift(starts_at: str, since: str) -> timedelta:
    """Yield how far the desk's clock is from the wall clock.

    ``since`` is the instant of the wall clock at which the desk's clock showed ``starts_at``; web
    server and workers are told the same one. Without it the first reading in a process counts.
    """
    if not starts_at:
        return timedelta(0)
    began = datetime.fromisoformat(since) if since else datetime.now(tz=UTC)
    return datetime.fromisoformat(starts_at).astimezone(UTC) - began


def now() -> datetime:
    """Yield the instant of an act, in UTC."""
    return datetime.now(tz=UTC) + _shift(settings.CLOCK_STARTS_AT, settings.CLOCK_SINCE)
