"""Seals over each day's entries, and which document stands for what a court asks for. Append-only.

A seal is a Merkle root over all entries recorded in a day, signed; seals follow each other by hash.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from recoup.records.growing import Growing


class SealKey(Growing):
    """The public half of a key that signs seals; the private half lies in a file elsewhere."""

    algorithm = models.CharField(_("algorithm"), max_length=20)
    public = models.CharField(_("public key"), max_length=200)
    fingerprint = models.CharField(_("fingerprint"), max_length=64, unique=True)
    known_since = models.DateTimeField(_("known since"))

    class Meta:
        ordering = ("pk",)
        verbose_name = _("key of the seals")


class Seal(Growing):
    """One day, sealed. ``statement`` is the very text that was signed; ``own`` is its hash.

    ``before`` is the hash of the seal before. ``branches`` are the roots of 1,024 entries each, one
    after the other, so that a path needs its own branch only. ``reached`` says for each table up to
    which key all rows are sealed.
    """

    day = models.DateField(_("day"), unique=True)
    sealed_at = models.DateTimeField(_("sealed at"))
    key = models.ForeignKey(SealKey, on_delete=models.PROTECT, related_name="+")
    entries = models.PositiveIntegerField(_("entries"))
    counts = models.JSONField(default=dict)
    root = models.CharField(_("root"), max_length=64)
    before = models.CharField(max_length=64)
    own = models.CharField(max_length=64)
    statement = models.TextField()
    signature = models.CharField(_("signature"), max_length=200)
    branches = models.BinaryField()
    reached = models.JSONField(default=dict)

    class Meta:
        ordering = ("-day",)
        verbose_name = _("seal of a day")


class Leaf(Growing):
    """One entry under a seal: which row of which table, at which place, and its hash."""

    seal = models.ForeignKey(Seal, on_delete=models.PROTECT, related_name="+")
    place = models.PositiveIntegerField()
    source = models.CharField(max_length=20)
    record = models.BigIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ("seal", "place")
        constraints = (
            models.UniqueConstraint(fields=("source", "record"), name="leaf_sealed_once"),
            models.UniqueConstraint(fields=("seal", "place"), name="leaf_place_once"),
        )
        verbose_name = _("sealed entry")


class TimeStamp(Growing):
    """What a time-stamping authority said of a seal's signature (RFC 3161)."""

    seal = models.OneToOneField(Seal, on_delete=models.PROTECT, related_name="stamp")
    authority = models.CharField(_("authority"), max_length=300)
    stamped_at = models.DateTimeField(_("stamped at"))
    answer = models.BinaryField()

    class Meta:
        ordering = ("pk",)
        verbose_name = _("time stamp")


class Filing(Growing):
    """A document that stands for an item a court asks for; the latest row of an item counts.

    ``paper`` empty: the document before was put there by mistake and was taken back.
    """

    debtor_id = models.CharField(_("debtor"), max_length=64)
    item = models.CharField(_("item"), max_length=40)
    paper = models.CharField(_("document"), max_length=200, blank=True, default="")
    at = models.DateTimeField(_("when"))
    made_by = models.ForeignKey("people.Staff", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("pk",)
        indexes = (models.Index(fields=("debtor_id",), name="filing_by_debtor"),)
        verbose_name = _("filing of a document")
