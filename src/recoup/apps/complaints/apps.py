"""Tells Django of the room, and everybody of its words."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from recoup.apps.complaints.words import WORDS
from recoup.web.words import tell_words


class ComplaintsConfig(AppConfig):
    """The room of complaints."""

    name = "recoup.apps.complaints"
    label = "complaints"
    verbose_name = _("Complaints")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the words of the room's codes."""
        for kind, words in WORDS.items():
            tell_words(kind=kind, words=words)
