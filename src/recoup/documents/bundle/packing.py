"""Packs files so that somebody outside can verify every byte of them without recoup.

One format for all bundles, ``recoup-bundle/2``: ``manifest.json`` names each file with its length,
its SHA-256 and the short hashes of its blocks, which tell where a file was altered;
``manifest.sig`` signs the manifest; ``verify.py`` checks all of it with Python alone. The same
files give the same bytes.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources import files

from recoup.documents.bundle.signing import SigningKey
from recoup.kernel.chain import canonical

FORM = "recoup-bundle/2"
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
#: The instant that all members of the archive carry: the same files give the same bytes.
MEMBER_AT = (2000, 1, 1, 0, 0, 0)
#: Bytes of a block, and hexadecimal digits kept of its hash: they show a place, they prove nothing.
BLOCK, DIGITS = 4096, 12


@dataclass(frozen=True, kw_only=True)
class Member:
    """A file of a bundle."""

    name: str
    content: bytes = field(repr=False)

    def listed(self) -> dict[str, object]:
        """Yield what the manifest says of it."""
        blocks = range(0, len(self.content), BLOCK)
        return {
            "name": self.name,
            "bytes": len(self.content),
            "sha256": hashlib.sha256(self.content).hexdigest(),
            "blocks": "".join(
                hashlib.sha256(self.content[at : at + BLOCK]).hexdigest()[:DIGITS] for at in blocks
            ),
        }


def record_line(
    *,
    source: str,
    record: int,
    content: Mapping[str, object],
    shown: Mapping[str, object] | None = None,
) -> bytes:
    """Yield one entry as a line of ``records/SOURCE.jsonl``.

    Shape: ``content`` is what its seal and its chain are taken over; ``shown`` helps whoever reads.
    """
    line: dict[str, object] = {"source": source, "record": record, "content": dict(content)}
    if shown:
        line["shown"] = dict(shown)
    return canonical(line).encode() + b"\n"


def records_member(source: str, lines: Iterable[bytes]) -> Member:
    """Yield the file of one table's entries."""
    return Member(name=f"records/{source}.jsonl", content=b"".join(lines))


def plain_member(name: str, value: object) -> Member:
    """Yield a file of JSON that people can read too."""
    text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, default=_plain)
    return Member(name=name, content=text.encode() + b"\n")


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


def packed(
    *, members: Sequence[Member], head: Mapping[str, object], key: SigningKey | None
) -> bytes:
    """Yield the archive: the files, how to verify them, the manifest and its signature.

    Shape: ``head`` goes into the manifest beside the list of files. Errors: ValueError, where two
    files have one name.
    """
    here = files("recoup.documents.bundle")
    own = [
        Member(name=name, content=(here / name).read_bytes())
        for name in ("README.txt", "verify.py")
    ]
    listed = sorted([*own, *members], key=lambda one: one.name)
    if len({one.name for one in listed}) < len(listed):
        raise ValueError("two files of a bundle have one name")
    manifest = json.dumps(
        {
            **head,
            "format": FORM,
            "block": BLOCK,
            "signed": key is not None,
            "files": [one.listed() for one in listed],
        },
        ensure_ascii=False,
        indent=1,
        sort_keys=True,
    ).encode()
    last = [Member(name=MANIFEST, content=manifest)]
    if key is not None:
        last.append(Member(name=SIGNATURE, content=_signature(manifest, key)))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in [*listed, *last]:
            member = zipfile.ZipInfo(one.name, MEMBER_AT)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            archive.writestr(member, one.content)
    return made.getvalue()


def _signature(manifest: bytes, key: SigningKey) -> bytes:
    said = {
        "algorithm": key.suite.name,
        "public": key.public.hex(),
        "key": key.fingerprint,
        "signature": key.sign(manifest).hex(),
    }
    return json.dumps(said, indent=1, sort_keys=True).encode()
