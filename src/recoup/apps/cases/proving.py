"""What of this room is sealed day by day: the entries of the timelines."""

from recoup.apps.cases.models import Entry
from recoup.apps.cases.recording import content_of
from recoup.events.evidence import SealSource
from recoup.kernel.explain import Words


def _content(entry: Entry) -> dict[str, object]:
    return {
        "chain": f"case:{entry.case_id}",
        "place": entry.place,
        "entry": content_of(entry),
        "hash_before": entry.hash_before,
        "hash_own": entry.hash_own,
    }


SEALED = (
    SealSource(
        name="timeline",
        words=Words(zh="案件时间线", en="timeline of the case"),
        rows=Entry.objects.all,
        at="at",
        content=_content,
        person="case_id",
    ),
)
