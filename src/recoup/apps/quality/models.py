"""What was drawn for review, how it was scored, and what came of it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class SampleWeek(models.Model):
    """A week of which the sample was drawn; ``plan`` is what the strategy said then."""

    begins = models.DateField(_("week from"), unique=True)
    drawn_at = models.DateTimeField(_("drawn at"))
    drawn_by = models.ForeignKey(
        "people.Staff", null=True, on_delete=models.PROTECT, related_name="+"
    )
    plan = models.JSONField()
    contacts = models.IntegerField(_("contacts"), default=0)
    people = models.IntegerField(_("people"), default=0)

    class Meta:
        ordering = ("-begins",)
        verbose_name = _("week of the sample")


class Sample(models.Model):
    """One contact that is to be reviewed. ``digest`` is what it was drawn by."""

    class Why(models.TextChoices):
        """Why it is reviewed."""

        SHARE = "share", _("drawn")
        BREACH = "breach", _("broke a rule")
        COMPLAINT = "complaint", _("before a complaint")

    week = models.ForeignKey(SampleWeek, on_delete=models.PROTECT, related_name="samples")
    contact_id = models.BigIntegerField(unique=True)
    debtor_id = models.CharField(_("debtor"), max_length=64)
    staff = models.ForeignKey("people.Staff", on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(_("channel"), max_length=10)
    contact_at = models.DateTimeField(_("when"))
    why = models.CharField(_("why"), max_length=10, choices=Why.choices)
    digest = models.CharField(max_length=32)
    is_calibrated = models.BooleanField(_("scored twice"), default=False)
    due_on = models.DateField(_("to be reviewed by"))
    #: Reviews that are still missing: one, or two where it is scored twice.
    missing = models.IntegerField()

    class Meta:
        ordering = ("due_on", "pk")
        indexes = (
            models.Index(fields=("due_on",), name="sample_open", condition=Q(missing__gt=0)),
            models.Index(fields=("staff", "contact_at"), name="sample_by_staff"),
        )
        verbose_name = _("sample")


class ScoredReview(models.Model):
    """One reviewer's score of a sample; it is not changed afterwards.

    ``answers`` by item of the sheet's version; ``points`` None where nothing applied.
    """

    sample = models.ForeignKey(Sample, on_delete=models.PROTECT, related_name="reviews")
    reviewer = models.ForeignKey("people.Staff", on_delete=models.PROTECT, related_name="+")
    is_second = models.BooleanField(default=False)
    sheet_version = models.IntegerField()
    answers = models.JSONField()
    points = models.IntegerField(_("points scored"), null=True)
    not_done = models.JSONField(default=list)
    fatal = models.JSONField(default=list)
    passed = models.BooleanField(_("good enough"))
    remark = models.TextField(_("remark"), blank=True, default="")
    made_at = models.DateTimeField(_("reviewed at"))

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("sample", "is_second"), name="review_of_each_kind"),
            models.UniqueConstraint(fields=("sample", "reviewer"), name="reviewer_once"),
        )
        verbose_name = _("review")


class Finding(models.Model):
    """What a review found, told to the person, and followed until it is closed."""

    class State(models.TextChoices):
        """Where it stands."""

        TOLD = "told", _("told")
        ANSWERED = "answered", _("answered")
        TO_CORRECT = "to_correct", _("to be corrected")
        CORRECTED = "corrected", _("corrected")
        CLOSED = "closed", _("finding closed")

    sample = models.OneToOneField(Sample, on_delete=models.PROTECT, related_name="finding")
    staff = models.ForeignKey("people.Staff", on_delete=models.PROTECT, related_name="+")
    items = models.JSONField(default=list)
    feedback = models.TextField(_("feedback"))
    correction = models.TextField(_("correction"), blank=True, default="")
    due_on = models.DateField(_("to be corrected by"), null=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default="told")
    made_by = models.ForeignKey("people.Staff", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("told at"))
    closed_at = models.DateTimeField(_("closed at"), null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("due_on", "pk")
        indexes = (models.Index(fields=("staff", "state"), name="finding_by_staff"),)
        verbose_name = _("finding")


class FindingStep(models.Model):
    """What somebody said or did about a finding; never changed."""

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(_("step"), max_length=10)
    by = models.ForeignKey("people.Staff", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("when"))
    text = models.TextField(_("what was said"))

    class Meta:
        ordering = ("pk",)
        verbose_name = _("step")
