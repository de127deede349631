"""Packs entries of the trail so that somebody outside can verify them without recoup."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from recoup.apps.compliance.models import AuditEntry
from recoup.apps.compliance.proving import SEALED
from recoup.documents.bundle.packing import packed, record_line, records_member
from recoup.documents.bundle.signing import has_key, signing_key
from recoup.kernel.refusal import Refused

#: The most entries that one bundle holds.
MOST_ENTRIES = 200_000
TRAIL = SEALED[0]


class BundleTooLarge(Refused):
    """The filter leaves more entries than one bundle holds."""

    def __init__(self) -> None:
        super().__init__(
            zh=f"一个证据包最多 {MOST_ENTRIES:,} 条记录；请缩小日期范围后分批下载。",
            en=f"One bundle holds {MOST_ENTRIES:,} entries at most; narrow the days and take "
            "several.",
            rule="compliance:bundle",
        )


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """The lines of a bundle with their hash, before they are packed."""

    lines: bytes = field(repr=False)
    rows: int
    sha256: str

    def packed(self, watermark: str, parameters: Mapping[str, object]) -> bytes:
        """Yield the archive; signed, where there is a key of the seals.

        The filter may leave entries of a chain out, so no chain is said to be whole; which day's
        seal an entry lies under stands in the bundle of a case.
        """
        return packed(
            members=[records_member(TRAIL.name, [self.lines])],
            head={
                "about": "留痕 trail of changes",
                "watermark": watermark,
                "filter": dict(parameters),
                "whole_chains": [],
                "unsealed": self.rows,
            },
            key=signing_key() if has_key() else None,
        )


def made_bundle(entries: Iterable[AuditEntry]) -> Bundle:
    """Yield the entries as lines of JSON, each with chain, place, content and both hashes."""
    lines = [
        record_line(
            source=TRAIL.name,
            record=entry.pk,
            content=TRAIL.content(entry),
            shown={"actor_number": entry.actor.staff_number if entry.actor else ""},
        )
        for entry in entries
    ]
    content = b"".join(lines)
    return Bundle(lines=content, rows=len(lines), sha256=hashlib.sha256(content).hexdigest())
