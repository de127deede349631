"""Postings of the desk between two nights, and what the book later said of them. Append-only.

A posting is never changed and never removed: a mistake is corrected by a reversal, which is a
posting of its own. The database refuses an update; so do the managers here. Contracts and debtors
are named by their ids, not by foreign keys: the postings outlive the published rows.
"""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class NeverChanged(TypeError):
    """Somebody tried to change or remove an entry of the ledger: a fault of the program."""


class AppendOnly(models.QuerySet[Any]):
    """Rows that can be added and read, and nothing else."""

    def update(self, **kwargs: Any) -> int:
        """Refuse."""
        raise NeverChanged("entries of the ledger are not changed; post a reversal")

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refuse."""
        raise NeverChanged("entries of the ledger are not removed; post a reversal")


class Entry(models.Model):
    """A row that is written once."""

    objects = AppendOnly.as_manager()

    class Meta:
        abstract = True

    def save(
        self,
        *,
        force_insert: bool | tuple[models.base.ModelBase, ...] = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        """Write the row for the first time. Errors: NeverChanged, for a second time."""
        if self.pk is not None or force_update or update_fields is not None:
            raise NeverChanged("an entry of the ledger is written once")
        super().save(force_insert=True, using=using)

    def delete(
        self, using: str | None = None, keep_parents: bool = False
    ) -> tuple[int, dict[str, int]]:
        """Refuse."""
        raise NeverChanged("entries of the ledger are not removed; post a reversal")


class Posting(Entry):
    """A receipt posted at the desk, or the reversal of a receipt of the desk or of the book.

    ``paid_on`` is the day from which the entry counts; a reversal counts from the day of the
    receipt that it takes back. ``amount_minor`` is positive for both.
    """

    class Kind(models.TextChoices):
        """What sort of entry."""

        RECEIPT = "receipt", _("receipt")
        REVERSAL = "reversal", _("reversal")

    payment_id = models.CharField(_("receipt number"), max_length=64, unique=True)
    kind = models.CharField(_("kind of entry"), max_length=10, choices=Kind.choices)
    contract_id = models.CharField(_("contract"), max_length=64)
    debtor_id = models.CharField(_("debtor"), max_length=64)
    currency = models.CharField(_("currency"), max_length=3)
    paid_on = models.DateField(_("counts from"))
    amount_minor = models.BigIntegerField(_("amount"))
    channel = models.CharField(_("paid by"), max_length=20, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    #: The receipt that a reversal takes back; each is taken back once.
    reverses = models.CharField(_("takes back"), max_length=64, null=True, unique=True)
    #: Whether the receipt that is taken back stands in the bank's book.
    reverses_book = models.BooleanField(default=False)
    idempotency_key = models.CharField(max_length=200, null=True, unique=True)
    approval_id = models.BigIntegerField(null=True)
    made_by = models.ForeignKey(
        "people.Staff", null=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField(_("posted at"))

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="posting_amount_positive"),
            models.CheckConstraint(
                condition=Q(kind="receipt", reverses=None)
                | Q(kind="reversal", reverses__isnull=False),
                name="posting_reverses_if_reversal",
            ),
            models.CheckConstraint(
                condition=~Q(payment_id="") & ~Q(contract_id="") & ~Q(debtor_id=""),
                name="posting_names_its_records",
            ),
        )
        indexes = (
            models.Index(fields=("debtor_id",), name="posting_by_debtor"),
            models.Index(fields=("contract_id",), name="posting_by_contract"),
            models.Index(fields=("made_at",), name="posting_by_instant"),
        )
        verbose_name = _("posting")

    def __str__(self) -> str:
        return self.payment_id


class Confirmation(Entry):
    """The bank's book has a posting: from which night on, and what the book says it is.

    From then on the book's row counts and the posting does not. ``agrees`` is false where the book
    says another amount, day or contract; somebody must look at that.
    """

    posting = models.OneToOneField(Posting, on_delete=models.PROTECT, related_name="confirmation")
    as_of = models.DateField(_("business date"))
    agrees = models.BooleanField(_("agrees"))
    book_contract_id = models.CharField(max_length=64)
    book_amount_minor = models.BigIntegerField()
    book_paid_on = models.DateField()
    confirmed_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        indexes = (models.Index(fields=("agrees",), name="confirmation_by_agreement"),)
        verbose_name = _("confirmation")


class Missing(models.Model):
    """A receipt that the bank's book had and has no more: it counts nowhere, so somebody must look.

    Each night renews what is missing; ``since`` is the business date of the first book without it.
    """

    posting = models.OneToOneField(Posting, on_delete=models.PROTECT, related_name="missing")
    since = models.DateField(_("missing since"))

    class Meta:
        ordering = ("since", "pk")
        verbose_name = _("receipt missing from the book")
