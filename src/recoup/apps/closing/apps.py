"""Tells Django of the room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClosingConfig(AppConfig):
    """The room of nights, their schedule, and re-decisions by day."""

    name = "recoup.apps.closing"
    label = "closing"
    verbose_name = _("Nights")
    default_auto_field = "django.db.models.BigAutoField"
