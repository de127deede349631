"""Turns an expected refusal into an answer that helps: a page, a part of a page, or a status."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from recoup.kernel.refusal import Refused
from recoup.web.shown import speaks_chinese

Respond = Callable[[HttpRequest], HttpResponse]
#: Status by the name of the refusal's class; every other refusal is a conflict with a rule.
STATUS = {"NotFound": 404, "NotAllowed": 403, "Stale": 409, "SignInNeeded": 401}
OTHER_STATUS = 422


def status_of(refusal: Refused) -> int:
    """Yield the status of HTTP with which a refusal is answered."""
    kinds = (kind.__name__ for kind in type(refusal).__mro__)
    return next((STATUS[name] for name in kinds if name in STATUS), OTHER_STATUS)


class RefusalMiddleware:
    """Answers a ``Refused`` from any view with its sentence, in the page's language."""

    def __init__(self, get_response: Respond) -> None:
        self._respond = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self._respond(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a refusal; leave every other exception to Django."""
        if not isinstance(exception, Refused):
            return None
        status = status_of(exception)
        sentence = exception.zh if speaks_chinese() else exception.en
        part = getattr(request, "htmx", False)
        return render(
            request,
            "web/refusal_part.html" if part else "web/refusal.html",
            {"sentence": sentence, "rule": exception.rule, "status": status},
            status=status,
        )
