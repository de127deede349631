"""Tells Django of the toolkit's templates, tags and static files."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The shared face of all rooms."""

    name = "recoup.web"
    label = "web"
