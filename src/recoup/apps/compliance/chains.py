"""What the hash of an entry of the trail is taken over."""

from datetime import UTC

from recoup.apps.compliance.models import AuditEntry
from recoup.kernel.chain import Linked


def content_of(entry: AuditEntry) -> dict[str, object]:
    """Yield the content of an entry as the chain knows it: instants in UTC, keys as text."""
    return {
        "at": entry.at.astimezone(UTC).isoformat(),
        "actor": entry.actor_id,
        "verb": entry.verb,
        "room": entry.room,
        "record": entry.record,
        "record_id": entry.record_id,
        "debtor_id": entry.debtor_id,
        "before": entry.before,
        "after": entry.after,
        "why": entry.why,
    }


def linked(entry: AuditEntry) -> Linked:
    """Yield an entry in the form in which the kernel verifies chains."""
    return Linked(content=content_of(entry), before=entry.hash_before, own=entry.hash_own)
