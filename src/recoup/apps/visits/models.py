"""Visits as planned and as made. What was said and came of a visit is the contact's."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AddressPlace(models.Model):
    """Where an address lies, as a visit found it. Units: millionths of a degree, WGS 84."""

    debtor_id = models.CharField(_("debtor"), max_length=64)
    address = models.CharField(_("address"), max_length=300)
    latitude_e6 = models.IntegerField()
    longitude_e6 = models.IntegerField()
    noted_by = models.ForeignKey(
        "people.Staff", null=True, on_delete=models.PROTECT, related_name="+"
    )
    noted_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("debtor_id", "address"), name="place_of_address"),
        )
        verbose_name = _("place of an address")


class VisitPlan(models.Model):
    """The visits of one member of staff on one day. ``way_m``: metres between known places."""

    staff = models.ForeignKey("people.Staff", on_delete=models.PROTECT, related_name="+")
    on = models.DateField(_("on"))
    made_at = models.DateTimeField(_("made at"))
    way_m = models.IntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("staff", "on"), name="plan_of_a_day"),)
        verbose_name = _("visit plan")


class VisitStop(models.Model):
    """One person of a plan, with the gate's answer of that moment: why not, and from when."""

    plan = models.ForeignKey(VisitPlan, on_delete=models.CASCADE, related_name="stops")
    debtor_id = models.CharField(_("debtor"), max_length=64)
    place = models.IntegerField(_("place on the way"))
    address = models.CharField(_("address"), max_length=300, blank=True, default="")
    latitude_e6 = models.IntegerField(null=True)
    longitude_e6 = models.IntegerField(null=True)
    is_permitted = models.BooleanField()
    reasons = models.JSONField(default=list)
    next_allowed_at = models.DateTimeField(null=True)
    open_until = models.DateTimeField(null=True)

    class Meta:
        ordering = ("place",)
        constraints = (
            models.UniqueConstraint(fields=("plan", "debtor_id"), name="person_once_a_plan"),
        )
        verbose_name = _("stop")


class Visit(models.Model):
    """A visit that was made. ``client_key`` is the telephone's: sent again, it counts once.

    ``arrived_at`` by the desk's clock; the position only where whoever visited let it be told.
    """

    client_key = models.CharField(max_length=60, unique=True)
    debtor_id = models.CharField(_("debtor"), max_length=64)
    contact_id = models.BigIntegerField(unique=True)
    made_by = models.ForeignKey("people.Staff", on_delete=models.PROTECT, related_name="+")
    arrived_at = models.DateTimeField(_("arrived at"))
    recorded_at = models.DateTimeField()
    witness = models.CharField(_("witness"), max_length=120, blank=True, default="")
    latitude_e6 = models.IntegerField(null=True)
    longitude_e6 = models.IntegerField(null=True)
    accuracy_m = models.IntegerField(null=True)

    class Meta:
        ordering = ("-arrived_at", "-pk")
        indexes = (
            models.Index(fields=("debtor_id", "arrived_at"), name="visit_by_debtor"),
            models.Index(fields=("made_by", "arrived_at"), name="visit_by_staff"),
        )
        verbose_name = _("visit")


class VisitPhoto(models.Model):
    """A photograph of a visit; its file is the proof. ``taken_at`` is the camera's own text."""

    client_key = models.CharField(max_length=60, unique=True)
    visit_key = models.CharField(max_length=60)
    debtor_id = models.CharField(_("debtor"), max_length=64)
    proof_id = models.BigIntegerField(unique=True)
    sha256 = models.CharField(max_length=64)
    taken_at = models.CharField(_("taken at"), max_length=30, blank=True, default="")
    latitude_e6 = models.IntegerField(null=True)
    longitude_e6 = models.IntegerField(null=True)
    made_by = models.ForeignKey("people.Staff", on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("visit_key",), name="photo_by_visit"),)
        verbose_name = _("photograph")
