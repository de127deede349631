"""Tells Django of the room, and everybody of its words."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from recoup.apps.ledger.words import WORDS
from recoup.web.words import tell_words


class LedgerConfig(AppConfig):
    """The room of receipts and statements."""

    name = "recoup.apps.ledger"
    label = "ledger"
    verbose_name = _("Ledger")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the words of the room's codes."""
        for kind, words in WORDS.items():
            tell_words(kind=kind, words=words)
