"""Tells Django of the room."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """The ledger room."""

    name = "recoup.apps.ledger"
    label = "ledger"
