"""The limits of signing in, for the pages that tell them."""

from dataclasses import dataclass

from django import template
from django.conf import settings

register = template.Library()


@dataclass(frozen=True, kw_only=True)
class Limits:
    """After how many wrong passwords, for how long; and how long one may be idle."""

    failures: int
    locked_minutes: int
    idle_minutes: int


@register.simple_tag
def sign_in_limits() -> Limits:
    """Yield the limits that are set."""
    return Limits(
        failures=settings.AXES_FAILURE_LIMIT,
        locked_minutes=int(settings.AXES_COOLOFF_TIME.total_seconds()) // 60,
        idle_minutes=settings.SESSION_IDLE_SECONDS // 60,
    )
