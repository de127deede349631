"""The trail (append-only, chained), approvals with maker and checker, reveals, exports."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from recoup.records.growing import Growing


class AuditEntry(Growing):
    """One change of one record. Append-only: neither Python nor SQL updates or deletes a row.

    Entries of one record form a chain by hash; ``place`` counts from 1 within the chain.
    """

    chain = models.CharField(max_length=150)
    place = models.PositiveIntegerField()
    at = models.DateTimeField(_("when"))
    actor = models.ForeignKey(
        "people.Staff", null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("who")
    )
    verb = models.CharField(_("act"), max_length=60)
    room = models.CharField(_("room"), max_length=20)
    record = models.CharField(_("record"), max_length=40)
    record_id = models.CharField(_("key"), max_length=80)
    debtor_id = models.CharField(_("debtor"), max_length=64, blank=True, default="")
    before = models.JSONField(_("before"), default=dict)
    after = models.JSONField(_("after"), default=dict)
    why = models.TextField(_("why"), blank=True)
    hash_before = models.CharField(max_length=64)
    hash_own = models.CharField(max_length=64)

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(fields=("chain", "place"), name="audit_chain_place_once"),
        )
        indexes = (
            models.Index(fields=("debtor_id", "id"), name="audit_by_debtor"),
            models.Index(fields=("actor", "id"), name="audit_by_actor"),
            models.Index(fields=("verb", "id"), name="audit_by_verb"),
            models.Index(fields=("room", "id"), name="audit_by_room"),
            models.Index(fields=("at",), name="audit_by_instant"),
        )
        verbose_name = _("audit entry")


class Approval(models.Model):
    """An act that waits for a second pair of eyes; the maker is never the checker."""

    class Status(models.TextChoices):
        """Where an approval stands."""

        PENDING = "pending", _("waiting")
        APPROVED = "approved", _("approved")
        REJECTED = "rejected", _("rejected")
        WITHDRAWN = "withdrawn", _("withdrawn")

    kind = models.CharField(_("act"), max_length=60)
    room = models.CharField(_("room"), max_length=20)
    record_id = models.CharField(_("key"), max_length=80)
    debtor_id = models.CharField(_("debtor"), max_length=64, blank=True, default="")
    payload = models.JSONField(default=dict)
    amount_minor = models.BigIntegerField(_("amount (minor units)"), default=0)
    why = models.TextField(_("reason"))
    maker = models.ForeignKey("people.Staff", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default="pending")
    checker = models.ForeignKey(
        "people.Staff", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    checked_at = models.DateTimeField(null=True, blank=True)
    remark = models.TextField(_("remark"), blank=True)

    class Meta:
        ordering = ("-made_at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(checker=None) | ~Q(checker=F("maker")), name="maker_is_never_checker"
            ),
            models.CheckConstraint(
                condition=Q(status__in=("pending", "withdrawn"))
                | Q(checker__isnull=False, checked_at__isnull=False),
                name="a_decision_has_a_checker",
            ),
        )
        indexes = (models.Index(fields=("status", "room", "made_at"), name="approval_waiting"),)
        verbose_name = _("approval")


class Reveal(Growing):
    """A masked number that was shown to somebody, and why."""

    at = models.DateTimeField()
    actor = models.ForeignKey("people.Staff", on_delete=models.PROTECT, related_name="+")
    debtor_id = models.CharField(max_length=64)
    field = models.CharField(max_length=80)
    reason = models.TextField()

    class Meta:
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=("debtor_id", "id"), name="reveal_by_debtor"),
            models.Index(fields=("actor", "id"), name="reveal_by_actor"),
        )
        verbose_name = _("reveal")


class Export(Growing):
    """Data that left the house as a file: who, what, how many rows, under which watermark."""

    at = models.DateTimeField()
    actor = models.ForeignKey("people.Staff", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=60)
    parameters = models.JSONField(default=dict)
    rows = models.PositiveIntegerField()
    #: Name, staff number and instant, as they were then; the watermark adds the export's number.
    stamp = models.CharField(max_length=160)
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("export")

    @property
    def watermark(self) -> str:
        """The text that stands in the file itself."""
        return f"{self.stamp} · #{self.pk}"
