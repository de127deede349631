"""Tells a load balancer whether the desk can work."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from recoup import __version__
from recoup.site.ways_out import channels_there


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 with the version and the state of the database; 503 when it does not answer.

    ``channels``: those that send messages; the messages of others wait in the outbox.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"version": __version__, "database": "unreachable"}, status=503)
    return JsonResponse(
        {
            "version": __version__,
            "database": f"ok ({connection.vendor})",
            "channels": list(channels_there()),
        }
    )
