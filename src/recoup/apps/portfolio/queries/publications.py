"""Which night is in the records, and where its result lies."""

from pathlib import Path

from django.conf import settings

from recoup.apps.portfolio.models import Publication
from recoup.apps.portfolio.queries.cards import PublicationCard, card_of


def publication_card(row: Publication, *, changed: bool = True) -> PublicationCard:
    """Yield the card of a publication."""
    return card_of(PublicationCard, row, publication_id=row.pk, changed=changed)


def current_publication() -> PublicationCard | None:
    """Yield the night that the records show; None before the first one. One query."""
    row = Publication.objects.filter(is_current=True).first()
    return publication_card(row) if row else None


def publications(limit: int = 60) -> tuple[PublicationCard, ...]:
    """Yield the latest publications, the newest first. One query."""
    return tuple(publication_card(row) for row in Publication.objects.all()[:limit])


def current_result() -> Path | None:
    """Yield the folder with the result of the night that the records show. One query."""
    kept = (
        Publication.objects.filter(is_current=True).values_list("result_folder", flat=True).first()
    )
    return None if kept is None else result_path(kept)


def result_path(kept: str) -> Path:
    """Yield the folder of a publication; a relative one lies in the folder of nights."""
    return Path(settings.NIGHTS) / kept
