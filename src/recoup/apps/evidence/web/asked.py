"""A request as the desk's pages get it: with who asks, and when."""

from datetime import datetime
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse

from recoup.apps.evidence.actions import TakenAlong
from recoup.apps.people.permissions import Actor


class Asked(HttpRequest):
    """A request that has passed the gate."""

    actor: Actor
    at: datetime


def handed_out(taken: TakenAlong) -> HttpResponse:
    """Yield a file as a download that no browser keeps."""
    answer = HttpResponse(taken.content, content_type=taken.media)
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(taken.name, safe='')}"
    answer["Cache-Control"] = "private, no-store"
    return answer
