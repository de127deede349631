"""Tells Django of the room, and everybody of its words."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from recoup.apps.quality.words import WORDS
from recoup.web.words import tell_words


class QualityConfig(AppConfig):
    """The room of quality reviews."""

    name = "recoup.apps.quality"
    label = "quality"
    verbose_name = _("Quality reviews")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the words of the room's codes."""
        for kind, words in WORDS.items():
            tell_words(kind=kind, words=words)
