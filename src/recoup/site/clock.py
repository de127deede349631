"""The desk's clock: the only reading of the wall clock; a demonstration may start it elsewhere."""

from datetime import UTC, datetime, timedelta
from functools import cache

from django.conf import settings


@cache
def _shift(starts_at: str) -> timedelta:
    """Yield how far the desk's clock is from the wall clock; fixed at its first reading."""
    if not starts_at:
        return timedelta(0)
    return datetime.fromisoformat(starts_at).astimezone(UTC) - datetime.now(tz=UTC)


def now() -> datetime:
    """Yield the instant of an act, in UTC."""
    return datetime.now(tz=UTC) + _shift(settings.CLOCK_STARTS_AT)
