"""Tells Django of the site; the rooms are wired once all of them are loaded."""

from importlib import import_module

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate, post_save


class SiteConfig(AppConfig):
    """The site itself: wiring, sign-in, navigation."""

    name = "recoup.site"
    label = "site"

    def ready(self) -> None:
        """Connect the rooms; the module reads their models and so is loaded only now."""
        import_module("recoup.site.wiring").wire()
        import_module("recoup.site.accounts").put_sign_in_on_record()
        technicians = import_module("recoup.site.technician_site")
        technicians.register_records()
        post_save.connect(
            technicians.put_on_record, sender="admin.LogEntry", dispatch_uid="recoup-technician"
        )
        post_migrate.connect(give_first_roles, sender=apps.get_app_config("people"))


def give_first_roles(**_: object) -> None:
    """Give a new database the standard roles, once the tables of all rooms are there."""
    actions = import_module("recoup.apps.people.actions")
    actions.give_standard_roles(at=import_module("recoup.site.clock").now())
