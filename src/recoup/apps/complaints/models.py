"""Complaints, what happened to each, and what moved the day of the answer.

A complaint without ``debtor_id`` is of somebody whom nobody has found in the records yet.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Complaint(models.Model):
    """What somebody complains of, who handles it, by when it is answered, and what came of it.

    ``due_on`` is the last day for the answer by the pack's rule, kept up as facts come in; None
    where the pack names none. ``period`` is one of the rule's. While it is open its holds stand
    (``Hold.kept_by`` = ``complaints:<number>``).
    """

    class Status(models.TextChoices):
        """Whether it has been answered."""

        OPEN = "open", _("open")
        CLOSED = "closed", _("answered")

    number = models.CharField(_("number"), max_length=24, unique=True, null=True)
    #: Sent twice, it is one complaint.
    client_key = models.CharField(max_length=80, unique=True, null=True)
    debtor_id = models.CharField(_("debtor"), max_length=64, blank=True)
    contract_id = models.CharField(_("contract"), max_length=64, blank=True)
    source = models.CharField(_("how it came"), max_length=20)
    category = models.CharField(_("category"), max_length=20)
    received_on = models.DateField(_("received on"))
    words = models.TextField(_("what is complained of"))
    wants = models.TextField(_("what is asked for"), blank=True)
    complainant = models.CharField(_("complainant"), max_length=200, blank=True)
    relation = models.CharField(_("relation"), max_length=20, default="debtor")
    reach_at = models.CharField(_("to be reached at"), max_length=300, blank=True)
    language = models.CharField(_("language"), max_length=10, default="zh")
    #: What the complainant names to be found by: a contract, a card, a number.
    names = models.CharField(_("contract or number named"), max_length=100, blank=True)
    about_staff = models.ForeignKey(
        "people.Staff", null=True, on_delete=models.PROTECT, related_name="+"
    )
    about_agency = models.CharField(_("agency"), max_length=200, blank=True)
    about_number = models.CharField(_("number that called"), max_length=60, blank=True)
    taken_by = models.ForeignKey(
        "people.Staff", null=True, on_delete=models.PROTECT, related_name="+"
    )
    taken_at = models.DateTimeField()
    #: Whence the form was sent, as a hash of the day's: counted, and nothing else.
    sender_hash = models.CharField(max_length=64, blank=True)
    owner = models.ForeignKey("people.Staff", null=True, on_delete=models.PROTECT, related_name="+")
    #: The task of the case in which the handler finds the answer among the day's work.
    task_id = models.BigIntegerField(null=True)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default="open")
    period = models.CharField(_("period"), max_length=20, blank=True)
    #: The extension was told to the complainant on this day.
    told_on = models.DateField(_("told on"), null=True)
    starts_on = models.DateField(_("counted from"))
    due_on = models.DateField(_("answer by"), null=True)
    #: How far up it has gone because it is late: 0 nowhere, 1 supervisor, 2 senior management.
    step = models.PositiveSmallIntegerField(default=0)

    answered_at = models.DateTimeField(_("answered"), null=True)
    answered_on = models.DateField(null=True)
    answered_by = models.ForeignKey(
        "people.Staff", null=True, on_delete=models.PROTECT, related_name="+"
    )
    finding = models.CharField(_("finding"), max_length=20, blank=True)
    answer = models.TextField(_("what we found"), blank=True)
    redress = models.CharField(_("redress"), max_length=20, blank=True)
    redress_words = models.TextField(_("what we do about it"), blank=True)
    redress_minor = models.BigIntegerField(_("amount given back"), null=True)
    redress_currency = models.CharField(max_length=3, blank=True)
    root_cause = models.CharField(_("root cause"), max_length=20, blank=True)
    root_cause_words = models.TextField(blank=True)
    #: The letter of answer: a PDF kept by its hash.
    letter_sha256 = models.CharField(max_length=64, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("-received_on", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(status="open", answered_at=None)
                | Q(status="closed", answered_at__isnull=False),
                name="complaint_closed_by_answer",
            ),
        )
        indexes = (
            models.Index(fields=("debtor_id", "received_on"), name="complaint_by_debtor"),
            models.Index(
                fields=("due_on",), name="complaint_open_by_due", condition=Q(status="open")
            ),
            models.Index(fields=("received_on",), name="complaint_by_day"),
            models.Index(fields=("category", "received_on"), name="complaint_by_category"),
            models.Index(
                fields=("sender_hash", "taken_at"),
                name="complaint_by_sender",
                condition=~Q(sender_hash=""),
            ),
        )
        verbose_name = _("complaint")

    def __str__(self) -> str:
        return self.number or ""


class NewFacts(models.Model):
    """Something new that the complainant brought; by the rule the period may begin again."""

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="new_facts")
    on = models.DateField(_("on"))
    words = models.TextField(_("what is new"))
    made_by = models.ForeignKey(
        "people.Staff", null=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("on", "pk")
        verbose_name = _("new facts")


class Appraisal(models.Model):
    """An appraisal outside the house: days ``[from_on, until_on)``, left out where it was told."""

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="appraisals")
    by_whom = models.CharField(_("by whom"), max_length=200)
    from_on = models.DateField(_("from"))
    until_on = models.DateField(_("until"), null=True)
    told_on = models.DateField(_("told on"), null=True)
    made_by = models.ForeignKey(
        "people.Staff", null=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("from_on", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("complaint",), condition=Q(until_on=None), name="one_appraisal_at_a_time"
            ),
        )
        verbose_name = _("appraisal outside the house")


class LinkedContact(models.Model):
    """A contact that a complaint is about, or that belongs to it."""

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="contacts")
    contact_id = models.BigIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("complaint", "contact_id"), name="contact_linked_once"),
        )
        verbose_name = _("linked contact")


class ComplaintEntry(models.Model):
    """What happened to a complaint, in order; nothing of it is changed or removed."""

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="entries")
    at = models.DateTimeField()
    actor = models.ForeignKey("people.Staff", null=True, on_delete=models.PROTECT, related_name="+")
    #: A code of ``complaint_entry``.
    kind = models.CharField(max_length=20)
    text = models.TextField(blank=True)
    facts = models.JSONField(default=dict)

    class Meta:
        ordering = ("at", "pk")
        verbose_name = _("entry of a complaint")
