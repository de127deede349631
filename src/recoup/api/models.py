"""Tokens that programs call with, answers kept for repeats, web hooks and their deliveries."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Token(models.Model):
    """A secret by which a program acts for a member of staff, with some of that person's duties.

    The secret itself is shown once and never kept; ``secret_sha256`` recognises it.
    """

    staff = models.ForeignKey("people.Staff", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=80)
    secret_sha256 = models.CharField(max_length=64, unique=True)
    #: Duties as ``verb room``; the token may do what both it and the person may.
    scopes = models.JSONField(_("scopes"), default=list)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(_("expires"))
    last_used_at = models.DateTimeField(_("last used"), null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-made_at", "-pk")
        verbose_name = _("API token")


class KeptAnswer(models.Model):
    """The answer to a request with an idempotency key; the same request gets it again."""

    token = models.ForeignKey(Token, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    request_sha256 = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("token", "key"), name="answer_once"),)


class WebHook(models.Model):
    """An address of the bank's that is told of changes, signed by the standard of web hooks."""

    staff = models.ForeignKey("people.Staff", on_delete=models.CASCADE, related_name="+")
    url = models.URLField(_("address"), max_length=500)
    secret = models.CharField(max_length=200)
    #: Kinds of event, for example ``receipt.posted``; all where the list is empty.
    kinds = models.JSONField(_("events"), default=list)
    is_active = models.BooleanField(default=True)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        verbose_name = _("web hook")


class Delivery(models.Model):
    """One event for one web hook: waiting, delivered, or dead after the last try."""

    class Status(models.TextChoices):
        """Where a delivery stands."""

        WAITING = "waiting", _("to be sent")
        DELIVERED = "delivered", _("delivered")
        DEAD = "dead", _("dead letter")

    hook = models.ForeignKey(WebHook, on_delete=models.CASCADE, related_name="deliveries")
    kind = models.CharField(max_length=60)
    payload = models.JSONField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    last_answer = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("pk",)
        indexes = (models.Index(fields=("status", "next_try_at"), name="delivery_by_due"),)
        verbose_name = _("delivery")
