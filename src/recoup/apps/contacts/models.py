"""Contacts as they happened, what the gate decided of each, and what waits to leave the house.

The register beside them says who agreed to what: consents, agreed hours, requests to stop.
"""

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
    #: Where the recording of a call or a visit lies: the reference of the bank's own system.
    recording = models.CharField(_("recording"), max_length=300, blank=True, default="")
    book_contact_id = models.CharField(max_length=64, null=True, unique=True)
    client_key = models.CharField(max_length=80, null=True, unique=True)
    #: Rules of the gate that stood against an outbound contact: [{rule, source, zh, en, origin}].
    breaches = models.JSONField(_("rules broken"), default=list)
    #: The gate's permit under which it was made; none where nobody asked, or the person began it.
    decision = models.OneToOneField(
        "contacts.GateDecision", null=True, on_delete=models.PROTECT, related_name="contact"
    )
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


class GateLock(models.Model):
    """One row a person: whoever asks the gate about the person holds it until the answer stands."""

    debtor_id = models.CharField(max_length=64, primary_key=True)


class GateDecision(models.Model):
    """What the gate was asked and what it answered: never changed, never removed.

    ``facts`` is all that was known, in the form that ``recoup gate check`` reads; ``basis`` the
    pack and strategy by their versions. ``reasons`` has every rule that forbade it.
    """

    debtor_id = models.CharField(_("debtor"), max_length=64)
    at = models.DateTimeField(_("when"))
    asked_by = models.ForeignKey(
        "people.Staff", null=True, on_delete=models.PROTECT, related_name="+"
    )
    channel = models.CharField(_("channel"), max_length=10, choices=Contact.Channel.choices)
    party = models.CharField(_("who is to be reached"), max_length=20)
    number = models.CharField(_("number or address"), max_length=300, blank=True, default="")
    purpose = models.CharField(_("purpose"), max_length=20)
    contract_id = models.CharField(_("contract"), max_length=64, blank=True, default="")
    #: Which wording it was asked for, ``id@version``, and the hash of exactly what would be said.
    text_version = models.CharField(_("text"), max_length=120, blank=True, default="")
    text_hash = models.CharField(max_length=64, blank=True, default="")
    permitted = models.BooleanField(_("permitted"))
    reasons = models.JSONField(_("rules against it"), default=list)
    next_allowed_at = models.DateTimeField(_("permitted from"), null=True)
    duties = models.JSONField(_("duties that go with it"), default=list)
    warnings = models.JSONField(default=list)
    basis = models.JSONField(default=list)
    looked_at = models.JSONField(_("rules looked at"), default=list)
    facts = models.JSONField(_("facts"))

    class Meta:
        ordering = ("-at", "-pk")
        indexes = (
            models.Index(fields=("debtor_id", "at"), name="decision_by_debtor"),
            models.Index(fields=("at",), name="decision_by_instant"),
        )
        verbose_name = _("decision of the gate")


class PermitState(models.Model):
    """The life of one permit: it is used once, or it dies."""

    class Why(models.TextChoices):
        """What let it die unused."""

        PAYMENT = "payment", _("a payment arrived")
        HOLD = "hold", _("a hold or a complaint arrived")
        STOP = "stop", _("the person asked to stop")
        RENEWED = "renewed", _("it was asked for again at the moment of sending")
        GIVEN_BACK = "given_back", _("it was given back")

    decision = models.OneToOneField(
        GateDecision, primary_key=True, on_delete=models.PROTECT, related_name="state"
    )
    debtor_id = models.CharField(max_length=64)
    expires_at = models.DateTimeField(_("good until"))
    used_at = models.DateTimeField(_("used at"), null=True)
    void_at = models.DateTimeField(_("dead since"), null=True)
    void_why = models.CharField(_("why dead"), max_length=12, choices=Why.choices, blank=True)

    class Meta:
        indexes = (
            models.Index(
                fields=("debtor_id",),
                name="permit_live",
                condition=Q(used_at=None, void_at=None),
            ),
        )
        verbose_name = _("permit")


class Message(models.Model):
    """Something written that waits to leave, or has left: written with the gate's permit.

    ``message_id`` is what the provider knows it by, the same at every try. ``decision`` is the
    gate's latest. ``UNSURE``: the process died while it was handed over and the provider's protocol
    cannot tell whether it arrived; it is not sent again by itself.
    """

    class State(models.TextChoices):
        """Where a message stands."""

        QUEUED = "queued", _("waits to leave")
        SENDING = "sending", _("being handed over")
        SENT = "sent", _("handed over")
        DELIVERED = "delivered", _("arrived")
        FAILED = "failed", _("did not arrive")
        STOPPED = "stopped", _("stopped by the gate")
        UNSURE = "unsure", _("not known whether it left")

    message_id = models.CharField(max_length=80, unique=True)
    debtor_id = models.CharField(_("debtor"), max_length=64)
    decision = models.ForeignKey(GateDecision, on_delete=models.PROTECT, related_name="+")
    contact = models.ForeignKey(Contact, null=True, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(_("channel"), max_length=10, choices=Contact.Channel.choices)
    language = models.CharField(_("language"), max_length=20)
    subject = models.CharField(_("subject"), max_length=300, blank=True, default="")
    body = models.TextField(_("text"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default="queued")
    tries = models.IntegerField(_("tries"), default=0)
    next_try_at = models.DateTimeField(_("next try"))
    provider = models.CharField(_("provider"), max_length=60, blank=True, default="")
    provider_reference = models.CharField(max_length=1000, blank=True, default="")
    cost_minor = models.BigIntegerField(_("cost (minor units)"), null=True)
    queued_at = models.DateTimeField(_("queued at"))
    taken_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(_("left at"), null=True)
    receipt_at = models.DateTimeField(_("receipt at"), null=True)
    said = models.CharField(_("what the provider said"), max_length=300, blank=True, default="")
    made_by = models.ForeignKey(
        "people.Staff", null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ("-queued_at", "-pk")
        indexes = (
            models.Index(fields=("debtor_id", "queued_at"), name="message_by_debtor"),
            models.Index(
                fields=("next_try_at",),
                name="message_due",
                condition=Q(state__in=("queued", "sending")),
            ),
            models.Index(
                fields=("provider", "provider_reference"),
                name="message_by_reference",
                condition=~Q(provider_reference=""),
            ),
        )
        verbose_name = _("message")


class DeliveryReceipt(models.Model):
    """What a provider told of a message, once; kept also while no message is known by that name."""

    #: Hash of provider, name and outcome: told twice, it counts once.
    key = models.CharField(max_length=64, unique=True)
    message = models.ForeignKey(
        Message, null=True, on_delete=models.PROTECT, related_name="receipts"
    )
    channel = models.CharField(_("channel"), max_length=10, choices=Contact.Channel.choices)
    provider = models.CharField(_("provider"), max_length=60)
    reference = models.CharField(max_length=1000, blank=True, default="")
    #: Our own id of the message, where the provider tells it.
    own_id = models.CharField(max_length=80, blank=True, default="")
    outcome = models.CharField(_("outcome"), max_length=20)
    at = models.DateTimeField(_("when"))
    said = models.CharField(_("what the provider said"), max_length=300, blank=True, default="")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ("-at", "-pk")
        indexes = (
            models.Index(
                fields=("recorded_at",), name="receipt_unmatched", condition=Q(message=None)
            ),
        )
        verbose_name = _("delivery receipt")


class ReplyReceived(models.Model):
    """What somebody wrote back, once. ``debtor_id`` empty: nobody or several have the number.

    ``stop_word``: what in it asks us to stop; empty where nothing does.
    """

    key = models.CharField(max_length=64, unique=True)
    channel = models.CharField(_("channel"), max_length=10, choices=Contact.Channel.choices)
    provider = models.CharField(_("provider"), max_length=60)
    address = models.CharField(_("number or address"), max_length=300)
    text = models.TextField(_("text"))
    at = models.DateTimeField(_("when"))
    stop_word = models.CharField(_("asks to stop"), max_length=60, blank=True, default="")
    debtor_id = models.CharField(_("debtor"), max_length=64, blank=True, default="")
    party = models.CharField(_("who wrote"), max_length=20, blank=True, default="")
    message = models.ForeignKey(Message, null=True, on_delete=models.PROTECT, related_name="+")
    contact = models.ForeignKey(Contact, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ("-at", "-pk")
        indexes = (
            models.Index(fields=("address", "recorded_at"), name="reply_by_address"),
            models.Index(
                fields=("recorded_at",), name="reply_unassigned", condition=Q(debtor_id="")
            ),
        )
        verbose_name = _("reply")


class Consent(models.Model):
    """Leave that a person gave for one channel, for one contract or for all, with its proof.

    ``purpose`` empty: whatever the contact is for.
    """

    debtor_id = models.CharField(_("debtor"), max_length=64)
    channel = models.CharField(_("channel"), max_length=10, choices=Contact.Channel.choices)
    contract_id = models.CharField(_("contract"), max_length=64, blank=True, default="")
    purpose = models.CharField(_("purpose"), max_length=20, blank=True, default="")
    given_at = models.DateTimeField(_("given at"))
    proof = models.CharField(_("proof"), max_length=300)
    proof_file = models.ForeignKey(
        "portfolio.Proof", null=True, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True)
    withdrawn_why = models.CharField(_("withdrawn in these words"), max_length=300, blank=True)
    recorded_by = models.ForeignKey(
        "people.Staff", null=True, on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ("-given_at", "-pk")
        indexes = (models.Index(fields=("debtor_id",), name="consent_by_debtor"),)
        verbose_name = _("consent")


class AgreedHours(models.Model):
    """Local hours at which a person agreed to be reached; those before it stay on record."""

    debtor_id = models.CharField(_("debtor"), max_length=64)
    begins = models.TimeField(_("from"))
    ends = models.TimeField(_("until"))
    proof = models.CharField(_("proof"), max_length=300)
    proof_file = models.ForeignKey(
        "portfolio.Proof", null=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField(_("ended at"), null=True)
    recorded_by = models.ForeignKey(
        "people.Staff", null=True, on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ("begins", "pk")
        indexes = (models.Index(fields=("debtor_id",), name="hours_by_debtor"),)
        verbose_name = _("agreed hours")


class StopRequest(models.Model):
    """Somebody asked not to be contacted: the debtor, or another person over a number."""

    debtor_id = models.CharField(_("debtor"), max_length=64)
    party = models.CharField(_("who asked"), max_length=20)
    number = models.CharField(_("number or address"), max_length=300, blank=True, default="")
    #: Empty: on every channel.
    channel = models.CharField(_("channel"), max_length=10, blank=True, default="")
    asked_at = models.DateTimeField(_("asked at"))
    #: How we heard of it: the channel, or empty.
    heard_over = models.CharField(_("heard over"), max_length=10, blank=True, default="")
    words = models.CharField(_("in these words"), max_length=300, blank=True, default="")
    #: The person wanted to be reached again, in these words.
    lifted_at = models.DateTimeField(_("taken back at"), null=True)
    lifted_why = models.CharField(_("why taken back"), max_length=300, blank=True, default="")
    lifted_by = models.ForeignKey(
        "people.Staff", null=True, on_delete=models.PROTECT, related_name="+"
    )
    #: The contact in which it was said, and the debtor's hold that came with it.
    contact = models.ForeignKey(Contact, null=True, on_delete=models.PROTECT, related_name="+")
    hold_id = models.BigIntegerField(null=True)
    recorded_by = models.ForeignKey(
        "people.Staff", null=True, on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ("-asked_at", "-pk")
        indexes = (models.Index(fields=("debtor_id",), name="stop_by_debtor"),)
        verbose_name = _("request to stop")


class LetterSeries(models.Model):
    """The last file number of a year; whoever takes the next one holds the row."""

    year = models.IntegerField(primary_key=True)
    last = models.IntegerField(default=0)


class PrintBatch(models.Model):
    """Letters that went to print together. Without ``pdf_sha256`` it was not finished."""

    made_at = models.DateTimeField(_("made at"))
    made_by = models.ForeignKey("people.Staff", on_delete=models.PROTECT, related_name="+")
    letters = models.IntegerField(_("letters"), default=0)
    pages = models.IntegerField(_("pages"), default=0)
    pdf_sha256 = models.CharField(max_length=64, blank=True, default="")
    list_sha256 = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("print batch")


class PostalLetter(models.Model):
    """The paper of one message of the channel ``letter``: what it says, and where it is.

    ``content`` is what the form shows, ``sha256`` the hash of the PDF that is kept. What the post
    says: ``tracking_number`` and ``fate``; the receipts of the message say the same in time.
    """

    class Fate(models.TextChoices):
        """What became of a letter at its address."""

        DELIVERED = "delivered", _("delivered")
        UNCLAIMED = "unclaimed", _("not collected")
        REFUSED = "refused", _("acceptance refused")
        UNKNOWN_ADDRESS = "unknown_address", _("not known at this address")

    message = models.OneToOneField(Message, on_delete=models.PROTECT, related_name="paper")
    debtor_id = models.CharField(_("debtor"), max_length=64)
    file_number = models.CharField(_("file number"), max_length=80, unique=True)
    recipient = models.CharField(_("recipient"), max_length=200)
    address = models.CharField(_("address"), max_length=300)
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)
    pages = models.IntegerField(_("pages"))
    made_at = models.DateTimeField(_("made at"))
    batch = models.ForeignKey(
        PrintBatch, null=True, on_delete=models.PROTECT, related_name="papers"
    )
    place = models.IntegerField(_("place in the batch"), null=True)
    first_page = models.IntegerField(null=True)
    tracking_number = models.CharField(_("tracking number"), max_length=60, blank=True, default="")
    fate = models.CharField(
        _("what became of it"), max_length=20, choices=Fate.choices, blank=True, default=""
    )
    fate_on = models.DateField(_("on"), null=True)
    remark = models.CharField(_("remark"), max_length=200, blank=True, default="")
    told_by = models.ForeignKey(
        "people.Staff", null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=("debtor_id",), name="letter_by_debtor"),
            models.Index(fields=("made_at",), name="letter_under_way", condition=Q(fate="")),
        )
        verbose_name = _("letter")


class Preference(models.Model):
    """How and when a person would rather be reached. It permits nothing: the gate decides."""

    debtor_id = models.CharField(_("debtor"), max_length=64, primary_key=True)
    channel = models.CharField(
        _("channel"), max_length=10, choices=Contact.Channel.choices, blank=True, default=""
    )
    language = models.CharField(_("language"), max_length=20, blank=True, default="")
    #: Local hours; both or none.
    begins = models.TimeField(_("from"), null=True)
    ends = models.TimeField(_("until"), null=True)
    note = models.CharField(_("note"), max_length=300, blank=True, default="")
    version = models.PositiveIntegerField(default=1)
    recorded_by = models.ForeignKey(
        "people.Staff", null=True, on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name = _("preference")


class CallSeat(models.Model):
    """The extension at which a member of staff is rung before a call goes out."""

    staff = models.OneToOneField("people.Staff", on_delete=models.CASCADE, related_name="+")
    extension = models.CharField(_("extension"), max_length=40)
    set_at = models.DateTimeField()

    class Meta:
        verbose_name = _("telephone seat")


class PhoneCall(models.Model):
    """A call that an exchange was asked for, under a permit of that moment.

    ``call_id`` names it at the exchange. ``contact`` is there once its outcome was logged.
    """

    class State(models.TextChoices):
        """What is known of it."""

        ASKED = "asked", _("the exchange was asked")
        NOT_BEGUN = "not_begun", _("not begun")
        RINGING = "ringing", _("ringing")
        TALKING = "talking", _("talking")
        ENDED = "ended", _("over")
        UNSURE = "unsure", _("not known")

    call_id = models.CharField(max_length=60, unique=True)
    debtor_id = models.CharField(_("debtor"), max_length=64)
    decision = models.OneToOneField(
        GateDecision, on_delete=models.PROTECT, related_name="phone_call"
    )
    contact = models.OneToOneField(
        Contact, null=True, on_delete=models.PROTECT, related_name="phone_call"
    )
    staff = models.ForeignKey("people.Staff", on_delete=models.PROTECT, related_name="+")
    seat = models.CharField(_("extension"), max_length=40)
    provider = models.CharField(_("provider"), max_length=60)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default="asked")
    recording = models.CharField(_("recording"), max_length=200, blank=True, default="")
    begun_at = models.DateTimeField(_("begun at"))
    ended_at = models.DateTimeField(_("over at"), null=True)

    class Meta:
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=("begun_at",), name="call_under_way", condition=Q(ended_at=None)),
        )
        verbose_name = _("telephone call")
