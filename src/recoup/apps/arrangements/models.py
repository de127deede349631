"""Promises to pay: those recorded at the desk and those that the bank's book has.

Status and matched amount are what the kernel found on a day (``matched_on``); nobody types them.
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Promise(models.Model):
    """A promise to pay an amount by a day, and what became of it.

    ``contract_id`` empty: money on any contract of the person. A desk promise that the book has
    meanwhile (same ``promise_id``) is one row with ``in_book`` set.
    """

    class Status(models.TextChoices):
        """What the kernel found; ``withdrawn`` is the one status that a person gives."""

        OPEN = "open", _("open")
        KEPT = "kept", _("kept")
        PARTLY_KEPT = "partly_kept", _("partly kept")
        BROKEN = "broken", _("broken")
        WITHDRAWN = "withdrawn", _("withdrawn")

    promise_id = models.CharField(_("promise"), max_length=64, unique=True)
    debtor_id = models.CharField(_("debtor"), max_length=64)
    contract_id = models.CharField(_("contract"), max_length=64, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    amount_minor = models.BigIntegerField(_("amount"))
    made_on = models.DateField(_("made on"))
    due_on = models.DateField(_("due on"))
    channel = models.CharField(_("channel"), max_length=20, blank=True)
    party = models.CharField(_("promised by"), max_length=20, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    in_book = models.BooleanField(_("in the book"), default=False)
    made_by = models.ForeignKey(
        "people.Staff", null=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField(null=True)
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default="open")
    matched_minor = models.BigIntegerField(_("paid of it"), default=0)
    matched_on = models.DateField(null=True)
    #: The first day on which its time, with the strategy's tolerance, is over.
    lapses_on = models.DateField(_("lapses on"))
    withdrawn_why = models.CharField(_("reason"), max_length=300, blank=True)
    withdrawn_by = models.ForeignKey(
        "people.Staff", null=True, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("-made_on", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="promise_amount_positive"),
            models.CheckConstraint(
                condition=Q(due_on__gte=F("made_on")), name="promise_due_after_made"
            ),
            models.CheckConstraint(
                condition=Q(matched_minor__gte=0) & Q(matched_minor__lte=F("amount_minor")),
                name="promise_matched_within",
            ),
            models.CheckConstraint(
                condition=Q(status="withdrawn", withdrawn_at__isnull=False)
                | (~Q(status="withdrawn") & Q(withdrawn_at=None)),
                name="promise_withdrawn_by_act",
            ),
        )
        indexes = (
            models.Index(fields=("debtor_id", "made_on"), name="promise_by_debtor"),
            models.Index(fields=("status", "due_on"), name="promise_by_status"),
            models.Index(fields=("status", "lapses_on"), name="promise_by_lapse"),
        )
        verbose_name = _("promise to pay")

    def __str__(self) -> str:
        return self.promise_id
