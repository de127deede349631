"""Tells Django of the room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from recoup.apps.portfolio.circumstances import (
    CIRCUMSTANCES,
    CONTACT_KINDS,
    EXPENSE,
    INCOME,
    MATCHED,
    MEDIA,
    REVEAL_REASONS,
    SOURCES,
)
from recoup.web.words import tell_words


class PortfolioConfig(AppConfig):
    """The room of debtors, contracts, and debtors' profiles."""

    name = "recoup.apps.portfolio"
    label = "portfolio"
    verbose_name = _("Portfolio")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the words of this room's codes."""
        for kind, words in (
            ("circumstance", CIRCUMSTANCES),
            ("income", INCOME),
            ("expense", EXPENSE),
            ("source", SOURCES),
            ("contact_kind", CONTACT_KINDS),
            ("matched", MATCHED),
            ("media", MEDIA),
            ("reveal_reason", REVEAL_REASONS),
        ):
            tell_words(kind=kind, words=words)
