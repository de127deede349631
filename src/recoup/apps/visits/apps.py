"""Tells Django of the room, and everybody of its words."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from recoup.apps.visits.words import WORDS
from recoup.web.words import tell_words


class VisitsConfig(AppConfig):
    """The room of visits."""

    name = "recoup.apps.visits"
    label = "visits"
    verbose_name = _("Visits")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the words of the room's codes."""
        for kind, words in WORDS.items():
            tell_words(kind=kind, words=words)
