"""Gives every request its instant and its actor, ends idle sessions, speaks the person's language.

A session ends after ``SESSION_IDLE_SECONDS`` without a request of the person. Requests that a page
makes by itself (a board that looks every minute) carry the header ``Recoup-Background`` and do not
count.
"""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from recoup.apps.people.queries import actor_of
from recoup.site.clock import now

Respond = Callable[[HttpRequest], HttpResponse]
#: When the person was last here, as seconds; kept in the session.
SEEN = "seen_at"
#: How exactly that is kept: not every request writes the session.
EXACT_SECONDS = 60


class PresenceMiddleware:
    """Sets ``request.at`` and, once somebody has signed in, ``request.actor``."""

    def __init__(self, get_response: Respond) -> None:
        self._respond = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request with the instant and the actor set."""
        at = now()
        request.at = at  # type: ignore[attr-defined]
        request.actor = None  # type: ignore[attr-defined]
        request.was_idle = request.user.is_authenticated and was_idle(request, at)  # type: ignore[attr-defined]
        if request.was_idle:  # type: ignore[attr-defined]
            logout(request)
        staff = request.user
        if staff.is_authenticated and staff.pk is not None:
            request.actor = actor_of(staff_id=staff.pk, at=at)  # type: ignore[attr-defined]
            if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
                translation.activate(request.actor.language)  # type: ignore[attr-defined]
                request.LANGUAGE_CODE = request.actor.language  # type: ignore[attr-defined]
        return self._respond(request)


def was_idle(request: HttpRequest, at: datetime) -> bool:
    """Tell whether the person was away too long; note otherwise that the person is here."""
    here, seen = int(at.timestamp()), request.session.get(SEEN)
    if seen is not None and here - seen > settings.SESSION_IDLE_SECONDS:
        return True
    background = "Recoup-Background" in request.headers
    if seen is None or (not background and abs(here - seen) >= EXACT_SECONDS):
        request.session[SEEN] = here
    return False
