"""What of this room is sealed day by day: the entries of the trail."""

from recoup.apps.compliance.chains import content_of
from recoup.apps.compliance.models import AuditEntry
from recoup.events.evidence import SealSource
from recoup.kernel.explain import Words


def _content(entry: AuditEntry) -> dict[str, object]:
    return {
        "chain": entry.chain,
        "place": entry.place,
        "entry": content_of(entry),
        "hash_before": entry.hash_before,
        "hash_own": entry.hash_own,
    }


SEALED = (
    SealSource(
        name="trail",
        words=Words(zh="留痕", en="trail of changes"),
        rows=AuditEntry.objects.all,
        at="at",
        content=_content,
    ),
)
