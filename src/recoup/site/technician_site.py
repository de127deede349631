"""The technicians' admin: machinery, and people's records to read; no debtor's data."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialApp, SocialToken
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from recoup.apps.people.models import Branch, Duty, Role, Scope, Staff, Team
from recoup.events.bus import publish
from recoup.events.changes import Change
from recoup.site.clock import now


class TechnicianSite(admin.AdminSite):
    """Open to staff whom Django calls staff and who may set up people; sign-in is the desk's."""

    site_header = _("recoup for technicians")
    site_title = _("recoup for technicians")
    index_title = _("Machinery")
    site_url = "/"

    def has_permission(self, request: HttpRequest) -> bool:
        """Tell whether this person is a technician."""
        actor = getattr(request, "actor", None)
        return (
            actor is not None
            and bool(getattr(request.user, "is_staff", False))
            and actor.may("configure", "people")
        )

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Send who is no technician to the desk's own pages."""
        return HttpResponseRedirect(reverse("home"))


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    """Records that are changed on the desk's own pages only, where the trail is told."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Tell that nothing is added here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Tell that nothing is changed here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Tell that nothing is deleted here."""
        return False


class StaffAdmin(ReadOnly):
    """Members of staff without their passwords."""

    list_display = ("staff_number", "display_name", "username", "is_active", "last_login")
    exclude = ("password",)


def register_records() -> None:
    """Show the records of people in the admin, read-only."""
    for model in (Branch, Team, Role, Duty, Scope, Staff):
        model._meta.verbose_name_plural = model._meta.verbose_name  # Chinese has no plural
        admin.site.register(model, StaffAdmin if model is Staff else ReadOnly)
    for unused in (Group, EmailAddress, SocialApp, SocialToken):
        admin.site.unregister(unused)


def put_on_record(*, instance: LogEntry, created: bool, **_: object) -> None:
    """Tell the trail what a technician has changed in the admin."""
    if not created:
        return
    verbs = {1: "technician_added", 2: "technician_changed", 3: "technician_deleted"}
    publish(
        Change(
            at=now(),
            actor_id=instance.user_id,
            verb=verbs.get(instance.action_flag, "technician_acted"),
            room="people",
            record="technician",
            record_id=f"{instance.content_type}:{instance.object_id}"[:80],
            after={"record": instance.object_repr, "change": instance.get_change_message()},
        )
    )
