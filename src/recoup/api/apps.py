"""Tells Django of the toolkit's tables."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApiConfig(AppConfig):
    """Tokens, answers kept for repeated requests, web hooks and their deliveries."""

    name = "recoup.api"
    label = "api"
    verbose_name = _("API")
    default_auto_field = "django.db.models.BigAutoField"
