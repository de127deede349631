"""What of this room is evidence: the files that staff have attached to a person."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from django.conf import settings

from recoup.apps.portfolio.queries import proofs_of
from recoup.events.evidence import Paper, PaperAsked
from recoup.web.kept_files import kept_path


def proof_papers(asked: PaperAsked) -> Iterator[Paper]:
    """Yield the proofs of a person, the oldest first."""
    for one in sorted(proofs_of(asked.debtor_id), key=lambda found: found.proof_id):
        path = kept_path(sha256=one.sha256, folder=Path(settings.KEPT_FILES))
        read: Callable[[], bytes] = partial(Path.read_bytes, path)
        yield Paper(
            key=f"portfolio.proof:{one.proof_id}",
            title=one.title,
            file=one.file_name,
            at=one.made_at,
            content=read,
            sha256=one.sha256,
        )
