"""Tells Django of the site; the rooms are wired once all of them are loaded."""

from importlib import import_module

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """The site itself: wiring, sign-in, navigation."""

    name = "recoup.site"
    label = "site"

    def ready(self) -> None:
        """Connect the rooms; the module reads their models and so is loaded only now."""
        import_module("recoup.site.wiring").wire()
