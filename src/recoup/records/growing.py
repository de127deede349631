"""Tables that only grow: rows are added and read, never changed or deleted.

The database's own triggers refuse the rest too: see ``recoup.apps.compliance.append_only``.
"""

from typing import Any, NoReturn

from django.db import models


class AppendOnly(Exception):
    """Somebody tried to change or delete an entry that only grows; write a new entry instead."""

    def __init__(self) -> None:
        super().__init__("entries of this table are never changed or deleted; append a new one")


class GrowingQuerySet(models.QuerySet[Any]):
    """Rows that are read and added, never changed or deleted."""

    def update(self, **changed: Any) -> NoReturn:
        """Errors: AppendOnly, always."""
        raise AppendOnly

    def delete(self) -> NoReturn:
        """Errors: AppendOnly, always."""
        raise AppendOnly

    def bulk_update(self, *rows: Any, **more: Any) -> NoReturn:
        """Errors: AppendOnly, always."""
        raise AppendOnly


class Growing(models.Model):
    """A table that only grows."""

    objects = GrowingQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *words: Any, **more: Any) -> None:
        """Add the row. Errors: AppendOnly, for a row that is there already."""
        if not self._state.adding:
            raise AppendOnly
        super().save(*words, **more)

    def delete(self, *words: Any, **more: Any) -> NoReturn:
        """Errors: AppendOnly, always."""
        raise AppendOnly
