"""Packs entries of the trail so that somebody outside can verify them without recoup."""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files

from recoup.apps.compliance.chains import content_of
from recoup.apps.compliance.models import AuditEntry
from recoup.kernel.refusal import Refused

#: The most entries that one bundle holds.
MOST_ENTRIES = 200_000
#: The instant that all members of the archive carry: the same entries give the same bytes.
MEMBER_AT = (2000, 1, 1, 0, 0, 0)


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

    lines: bytes
    rows: int
    sha256: str

    def packed(self, watermark: str, parameters: Mapping[str, object]) -> bytes:
        """Yield the archive: entries, manifest with the watermark, script, and how to use it."""
        manifest = {
            "format": "recoup-trail-bundle/1",
            "watermark": watermark,
            "filter": dict(parameters),
            "entries": self.rows,
            "sha256_of_entries": self.sha256,
        }
        here = files("recoup.apps.compliance.bundle")
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in (
                ("entries.jsonl", self.lines),
                ("manifest.json", json.dumps(manifest, ensure_ascii=False, indent=2).encode()),
                ("verify.py", (here / "verify_bundle.py").read_bytes()),
                ("README.txt", (here / "README.txt").read_bytes()),
            ):
                member = zipfile.ZipInfo(name, MEMBER_AT)
                member.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(member, content)
        return packed.getvalue()


def made_bundle(entries: Iterable[AuditEntry]) -> Bundle:
    """Yield the entries as lines of JSON, each with chain, place, content and both hashes."""
    lines, rows = io.BytesIO(), 0
    for entry in entries:
        written = {
            "chain": entry.chain,
            "place": entry.place,
            "content": content_of(entry),
            "actor_number": entry.actor.staff_number if entry.actor else "",
            "hash_before": entry.hash_before,
            "hash_own": entry.hash_own,
        }
        lines.write(json.dumps(written, ensure_ascii=False, sort_keys=True).encode() + b"\n")
        rows += 1
    content = lines.getvalue()
    return Bundle(lines=content, rows=rows, sha256=hashlib.sha256(content).hexdigest())
