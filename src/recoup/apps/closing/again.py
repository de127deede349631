"""Which business dates have to be run again, because what their night was made of has changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from recoup.apps.closing.models import Night
from recoup.apps.closing.orders import book_folder, schedule_in_force
from recoup.apps.closing.policies import load_policies
from recoup.engine.rerun import Since, policy_since, tables_since, versions_since


@dataclass(frozen=True, kw_only=True)
class ChangedSince:
    """A date whose night was done, with what has changed since, and where its result lay."""

    as_of: date
    result_folder: str
    since: Since


def changed_since(*, first_on: date, last_on: date) -> Iterator[ChangedSince]:
    """Yield the dates of a span that are done, but of other inputs than there are now, in order.

    Every file of every date's book is read; a book that is no longer there has not changed.
    Errors: BadBook, NoSuchPolicy, and what refuses a pack, a strategy or a book.
    """
    schedule = schedule_in_force()
    policies = load_policies(pack=schedule.pack, strategy=schedule.strategy)
    done = Night.objects.filter(status=Night.Status.DONE, as_of__range=(first_on, last_on))
    newest = {night.as_of: night for night in done.order_by("finished_at", "pk")}
    for as_of, night in sorted(newest.items()):
        book = book_folder(book=schedule.book, as_of=as_of)
        if not book.is_dir():
            continue
        since = Since(
            tables=tables_since(manifest=night.manifest, book=book),
            files=policy_since(
                manifest=night.manifest,
                result=Path(night.result_folder),
                pack=policies.pack,
                strategy=policies.strategy,
            ),
            others=versions_since(manifest=night.manifest),
            altered=(),
        )
        if not since.nothing:
            yield ChangedSince(as_of=as_of, result_folder=night.result_folder, since=since)
