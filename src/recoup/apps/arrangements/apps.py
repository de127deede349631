"""Tells Django of the room."""

from django.apps import AppConfig


class ArrangementsConfig(AppConfig):
    """The arrangements room."""

    name = "recoup.apps.arrangements"
    label = "arrangements"
