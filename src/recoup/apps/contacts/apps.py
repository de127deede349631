"""Tells Django of the room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from recoup.apps.contacts.words import PLACEHOLDERS, TEXTS
from recoup.web.words import tell_words


class ContactsConfig(AppConfig):
    """The room of contacts made and contacts permitted."""

    name = "recoup.apps.contacts"
    label = "contacts"
    verbose_name = _("Contacts")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the words of this room's codes."""
        tell_words(kind="text", words=TEXTS)
        tell_words(kind="placeholder", words=PLACEHOLDERS)
