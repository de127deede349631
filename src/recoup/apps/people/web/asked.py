"""A request as the desk's pages get it: with who asks, and when."""

from datetime import datetime

from django.http import HttpRequest

from recoup.apps.people.permissions import Actor, NotFound


class Asked(HttpRequest):
    """A request that has passed the gate."""

    actor: Actor
    at: datetime


def own_key(request: Asked) -> int:
    """Yield the key of the member of staff who asks. Errors: NotFound, for the machine."""
    if request.actor.staff_id is None:
        raise NotFound
    return request.actor.staff_id
