"""Contacts as they happened: those of the bank's book and those logged at the desk."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Contact(models.Model):
    """One contact with a person or somebody around the person, whoever of ours made it.

    ``book_contact_id`` is the book's key; a contact logged at the desk has none until the bank's
    book has it too. ``client_key`` makes logging twice count once. A contact that the gate would
    have refused is kept all the same, with the rules it broke.
    """

    class Channel(models.TextChoices):
        """Ways to reach a person, as the book contract names them."""

        CALL = "call", _("call")
        AI_CALL = "ai_call", _("robot call")
        SMS = "sms", _("text message")
        EMAIL = "email", _("e-mail")
        LETTER = "letter", _("letter")
        VISIT = "visit", _("visit")
        IM = "im", _("instant message")
        PORTAL = "portal", _("portal")

    class Direction(models.TextChoices):
        """Who began it."""

        OUT = "out", _("from us")
        IN = "in", _("to us")

    debtor_id = models.CharField(_("debtor"), max_length=64)
    contract_id = models.CharField(_("contract"), max_length=64, blank=True, default="")
    at = models.DateTimeField(_("when"))
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    direction = models.CharField(_("direction"), max_length=3, choices=Direction.choices)
    party = models.CharField(_("who was reached"), max_length=20, blank=True, default="")
    number = models.CharField(_("number or address"), max_length=300, blank=True, default="")
    purpose = models.CharField(_("purpose"), max_length=20, blank=True, default="")
    outcome = models.CharField(_("outcome"), max_length=20, blank=True, default="")
    note = models.TextField(_("note"), blank=True, default="")
    book_contact_id = models.CharField(max_length=64, null=True, unique=True)
    client_key = models.CharField(max_length=80, null=True, unique=True)
    #: Rules of the gate that stood against an outbound contact: [{rule, source, zh, en, origin}].
    breaches = models.JSONField(_("rules broken"), default=list)
    made_by = models.ForeignKey(
        "people.Staff", null=True, on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField()
    #: Logged by mistake and taken back: kept, but it counts for nothing.
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-at", "-pk")
        indexes = (
            models.Index(fields=("debtor_id", "at"), name="contact_by_debtor"),
            models.Index(fields=("made_by", "at"), name="contact_by_staff"),
            models.Index(
                fields=("at",),
                name="contact_at_desk",
                condition=Q(book_contact_id=None),
            ),
        )
        verbose_name = _("contact")

    @property
    def is_breach(self) -> bool:
        """Whether a rule stood against it."""
        return bool(self.breaches)
