"""Nights that ran or run, their schedule, catch-ups of missed dates, and re-decisions wanted."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class NightSchedule(models.Model):
    """When the night runs by itself, over which book. There is one row, with the key 1."""

    is_on = models.BooleanField(_("runs by itself"), default=False)
    #: In the house's zone (RECOUP_TIME_ZONE).
    starts_at = models.TimeField(_("time of day"))
    #: Days of the week on which it starts, Monday 1 to Sunday 7.
    weekdays = models.JSONField(_("days of the week"), default=list)
    #: How many days before the day of the start the business date lies: 0 or 1.
    days_back = models.PositiveSmallIntegerField(_("business date"), default=1)
    #: Below RECOUP_BOOK; ``{as_of}`` stands for the business date. Empty: RECOUP_BOOK itself.
    book = models.CharField(_("book folder"), max_length=200, blank=True)
    pack = models.CharField(_("pack"), max_length=60)
    strategy = models.CharField(_("strategy"), max_length=60)
    max_bad_ppm = models.PositiveIntegerField(_("most refused rows"), default=10_000)
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(
        "people.Staff", null=True, on_delete=models.PROTECT, related_name="+"
    )
    #: Starts up to this instant have been looked at: ordered, or noticed as missed.
    looked_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("schedule of the night")


class CatchUp(models.Model):
    """Missed business dates run one after the other; it stops at the first that fails."""

    class Status(models.TextChoices):
        """Where a catch-up stands."""

        RUNNING = "running", _("running")
        DONE = "done", _("done")
        STOPPED = "stopped", _("stopped")

    first_on = models.DateField(_("first business date"))
    last_on = models.DateField(_("last business date"))
    working_days_only = models.BooleanField(_("working days only"), default=False)
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default="running")
    ordered_at = models.DateTimeField()
    ordered_by = models.ForeignKey(
        "people.Staff", null=True, on_delete=models.PROTECT, related_name="+"
    )
    finished_at = models.DateTimeField(null=True)
    stopped_on = models.DateField(null=True)
    why_zh = models.TextField(blank=True)
    why_en = models.TextField(blank=True)

    class Meta:
        ordering = ("-ordered_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("status",), condition=Q(status="running"), name="one_catch_up_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(last_on__gte=F("first_on")), name="catch_up_in_order"
            ),
        )
        verbose_name = _("catch-up of missed dates")


class Night(models.Model):
    """One night: what it was ordered over, how far it is, what came of it."""

    class Status(models.TextChoices):
        """Where a night stands. WAITING and RUNNING hold the one turn there is."""

        WAITING = "waiting", _("waiting to run")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")
        FAILED = "failed", _("failed")
        INTERRUPTED = "interrupted", _("interrupted")

    class Trigger(models.TextChoices):
        """What set a night off."""

        BUTTON = "button", _("by hand")
        SCHEDULE = "schedule", _("by schedule")
        CATCH_UP = "catch_up", _("catching up")
        COMMAND = "command", _("by command")

    as_of = models.DateField(_("business date"))
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default="waiting")
    trigger = models.CharField(_("set off"), max_length=12, choices=Trigger.choices)
    catch_up = models.ForeignKey(
        CatchUp, null=True, on_delete=models.PROTECT, related_name="nights"
    )
    ordered_at = models.DateTimeField()
    ordered_by = models.ForeignKey(
        "people.Staff", null=True, on_delete=models.PROTECT, related_name="+"
    )
    book = models.CharField(_("book folder"), max_length=500)
    pack = models.CharField(_("pack"), max_length=60)
    strategy = models.CharField(_("strategy"), max_length=60)
    max_bad_ppm = models.PositiveIntegerField(_("most refused rows"), default=10_000)
    #: There is one turn: at most one night waits or runs.
    turn = models.PositiveSmallIntegerField(default=1)
    job_id = models.CharField(max_length=64, blank=True)
    worker = models.CharField(max_length=64, blank=True)
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    step = models.CharField(max_length=20, blank=True)
    said_zh = models.TextField(blank=True)
    said_en = models.TextField(blank=True)
    block = models.PositiveIntegerField(default=0)
    blocks = models.PositiveIntegerField(default=0)
    percent = models.PositiveSmallIntegerField(default=0)
    #: Milliseconds by step, as far as it has come.
    milliseconds = models.JSONField(default=dict)
    result_folder = models.CharField(max_length=500, blank=True)
    rejects_file = models.CharField(max_length=500, blank=True)
    rejected_rows = models.BigIntegerField(null=True)
    warnings = models.BigIntegerField(null=True)
    manifest = models.JSONField(default=dict)
    #: The publication in the portfolio room; None where the result was not brought to the desk.
    publication_id = models.BigIntegerField(null=True)
    publication_counts = models.JSONField(default=dict)
    why_zh = models.TextField(blank=True)
    why_en = models.TextField(blank=True)
    #: For technicians: where a surprise came from.
    trace = models.TextField(blank=True)

    class Meta:
        ordering = ("-ordered_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("turn",),
                condition=Q(status__in=("waiting", "running")),
                name="one_night_at_a_time",
            ),
        )
        indexes = (models.Index(fields=("as_of", "status"), name="night_by_date"),)
        verbose_name = _("night")


class MissedStart(models.Model):
    """A scheduled start that could not be made, because the desk was down; not yet caught up."""

    as_of = models.DateField(_("business date"), unique=True)
    due_at = models.DateTimeField(_("was due"))
    noticed_at = models.DateTimeField(_("noticed"))

    class Meta:
        ordering = ("as_of",)
        verbose_name = _("missed start")


class Worker(models.Model):
    """A process that works jobs off, and when it was last heard of."""

    name = models.CharField(max_length=64, primary_key=True)
    queue = models.CharField(max_length=32)
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("worker")


class Redecision(models.Model):
    """How often a person's re-decision was wanted, and up to which of these it was made.

    A ticket is drawn in the transaction of the act; the decision that was computed for a ticket is
    published only while no later one has been. ``wanted`` above ``made``: one is outstanding.
    """

    debtor_id = models.CharField(max_length=64, primary_key=True)
    wanted = models.BigIntegerField(default=0)
    made = models.BigIntegerField(default=0)
    wanted_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True)
    #: Wanted by a new night, not by an act of today; fresh acts go first.
    after_night = models.BooleanField(default=False)
    attempts = models.PositiveIntegerField(default=0)
    #: After a failure: not before this instant.
    try_at = models.DateTimeField(null=True)
    why_zh = models.TextField(blank=True)
    why_en = models.TextField(blank=True)

    class Meta:
        indexes = (
            models.Index(
                fields=("wanted_at",),
                condition=Q(wanted__gt=F("made")),
                name="redecision_outstanding",
            ),
        )
        verbose_name = _("re-decision")

    @classmethod
    def outstanding(cls) -> "models.QuerySet[Redecision]":
        """Yield the re-decisions that are wanted and not made."""
        return cls.objects.filter(wanted__gt=F("made"))
