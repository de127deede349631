"""Writes the trail: one entry for every change that a room tells."""

import hashlib
import json
from collections.abc import Mapping

from django.db import connection, transaction

from recoup.apps.compliance.chains import content_of
from recoup.apps.compliance.models import AuditEntry
from recoup.events.changes import Change
from recoup.kernel.chain import GENESIS, canonical, link
from recoup.records.often import add_row


def record_change(change: Change) -> None:
    """Append a change to the trail, in the transaction of the act that made it.

    Two acts on one record at once queue for the end of its chain: PostgreSQL makes the later one
    wait until the earlier one has committed, SQLite has one writer at a time anyway.
    """
    chain = f"{change.room}.{change.record}:{change.record_id}"
    # No savepoint of its own: an act whose entry fails must not stand.
    with transaction.atomic(savepoint=False):
        last = None if change.begins else _last_of(chain)
        before = last.hash_own if last else GENESIS
        entry = AuditEntry(
            chain=chain,
            place=last.place + 1 if last else 1,
            at=change.at,
            actor_id=change.actor_id,
            verb=change.verb,
            room=change.room,
            record=change.record,
            record_id=change.record_id,
            debtor_id=change.debtor_id or "",
            before=_as_stored(change.before),
            after=_as_stored(change.after),
            why=change.why,
            hash_before=before,
        )
        entry.hash_own = link(before=before, content=content_of(entry))
        add_row(entry)


def _last_of(chain: str) -> AuditEntry | None:
    """Yield the end of a chain, once nobody else appends to it."""
    _queue_for(chain)
    return AuditEntry.objects.filter(chain=chain).order_by("-place").first()


def _queue_for(chain: str) -> None:
    """Wait until no other transaction appends to this chain."""
    if connection.vendor == "postgresql":
        key = int.from_bytes(hashlib.sha256(chain.encode()).digest()[:8], "big", signed=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def _as_stored(fields: Mapping[str, object]) -> dict[str, object]:
    """Yield the fields as they come back from the database, so that the hash stays true.

    Fractions become text: PostgreSQL writes them in another form than it was given.
    """
    plain: dict[str, object] = json.loads(canonical(dict(fields)), parse_float=str)
    return plain
