"""A chain of entries: each carries the hash of the one before, so that none can be changed alone.

The content of an entry is written as canonical JSON (keys sorted, no spaces, UTF-8), the hash is
SHA-256 over the hash before and that text. A short script that needs nothing of ours can verify it.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

#: The hash before the first entry of a chain.
GENESIS = "0" * 64


def canonical(content: Mapping[str, object]) -> str:
    """Yield the one text that stands for a content.

    Errors: TypeError, for a value that JSON does not know (dates and amounts come as text and
    integers).

    >>> canonical({"b": 1, "a": "欠"})
    '{"a":"欠","b":1}'
    """
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def link(*, before: str, content: Mapping[str, object]) -> str:
    """Yield the hash of an entry that follows the entry with the hash ``before``."""
    return hashlib.sha256(f"{before}\n{canonical(content)}".encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Linked:
    """An entry as it was stored: its content, the hash before and its own."""

    content: Mapping[str, object]
    before: str
    own: str


def first_break(entries: Iterable[Linked]) -> int | None:
    """Yield the place (from 0) of the first entry that does not follow the one before it.

    None: the chain is whole. Entries come in the order in which they were made.
    """
    before = GENESIS
    for place, entry in enumerate(entries):
        expected = link(before=before, content=entry.content)
        if entry.before != before or entry.own != expected:
            return place
        before = entry.own
    return None
