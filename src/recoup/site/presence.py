"""Gives every request its instant and its actor, and shows pages in the person's language."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from recoup.apps.people.queries import actor_of
from recoup.site.clock import now

Respond = Callable[[HttpRequest], HttpResponse]


class PresenceMiddleware:
    """Sets ``request.at`` and, once somebody has signed in, ``request.actor``."""

    def __init__(self, get_response: Respond) -> None:
        self._respond = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request with the instant and the actor set."""
        request.at = now()  # type: ignore[attr-defined]
        request.actor = None  # type: ignore[attr-defined]
        staff = request.user
        if staff.is_authenticated and staff.pk is not None:
            request.actor = actor_of(staff_id=staff.pk, at=request.at)  # type: ignore[attr-defined]
            if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
                translation.activate(request.actor.language)  # type: ignore[attr-defined]
                request.LANGUAGE_CODE = request.actor.language  # type: ignore[attr-defined]
        return self._respond(request)
