"""Writes the trail; every other act of the room comes through here too."""

from django.db import transaction

from recoup.apps.compliance.models import AuditEntry
from recoup.events.changes import Change
from recoup.kernel.chain import GENESIS, link


def chain_content(change: Change) -> dict[str, object]:
    """Yield what the hash of an entry is taken over."""
    return {
        "at": change.at.isoformat(),
        "actor": change.actor_id,
        "verb": change.verb,
        "room": change.room,
        "record": change.record,
        "record_id": change.record_id,
        "debtor_id": change.debtor_id or "",
        "before": dict(change.before),
        "after": dict(change.after),
        "why": change.why,
    }


def record_change(change: Change) -> None:
    """Append a change to the trail, in the transaction of the act that made it.

    Two acts on one record at once meet at the unique place in its chain; the later one fails with
    IntegrityError and its act is undone, so that nothing stays unrecorded.
    """
    chain = f"{change.room}.{change.record}:{change.record_id}"
    with transaction.atomic():
        last = AuditEntry.objects.filter(chain=chain).order_by("-place").first()
        before = last.hash_own if last else GENESIS
        AuditEntry.objects.create(
            chain=chain,
            place=last.place + 1 if last else 1,
            at=change.at,
            actor_id=change.actor_id,
            verb=change.verb,
            room=change.room,
            record=change.record,
            record_id=change.record_id,
            debtor_id=change.debtor_id or "",
            before=dict(change.before),
            after=dict(change.after),
            why=change.why,
            hash_before=before,
            hash_own=link(before=before, content=chain_content(change)),
        )
