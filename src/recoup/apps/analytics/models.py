"""What each published night counted, kept for trends and for curves that do not move by day."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class NightFigures(models.Model):
    """The morning page's figures of one published night, as JSON knows them."""

    as_of = models.DateField(_("business date"), unique=True)
    publication_id = models.BigIntegerField()
    figures = models.JSONField()
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("-as_of",)
        verbose_name = _("figures of a night")
