"""A request as the desk's pages get it: with who asks, and when."""

from datetime import datetime

from django.http import HttpRequest

from recoup.apps.people.permissions import Actor


class Asked(HttpRequest):
    """A request that has passed the gate."""

    actor: Actor
    at: datetime
