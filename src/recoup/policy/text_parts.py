"""What the texts of packs and strategies are made of."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from recoup.kernel.texts.filling import Part
from recoup.policy.bilingual import Bilingual
from recoup.policy.findings import Place

CHANNELS = ("call", "ai_call", "sms", "email", "letter", "visit", "im", "portal")
CONTACTS = ("collect", "notice", "service", "restore_contact")


@dataclass(frozen=True, kw_only=True)
class Element:
    """Something that a person must be told; it says nothing without one of ``needs``."""

    id: str
    name: Bilingual
    needs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Required:
    """What the law asks for in texts: its elements, and which ones by purpose and rule."""

    elements: Mapping[str, Element]
    by_purpose: Mapping[str, tuple[str, ...]]
    rules: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class MessageVersion:
    """One version of a text and the days on which it is used; ``parts`` by language."""

    message_id: str
    version: int
    purpose: str
    contact: str
    channels: tuple[str, ...]
    valid_from: date
    valid_until: date | None
    parts: Mapping[str, tuple[Part, ...]]
    place: Place = field(compare=False, repr=False)

    def in_force(self, *, on: date) -> bool:
        """Say whether the version is used on a day."""
        return self.valid_from <= on and (self.valid_until is None or on < self.valid_until)

    @cached_property
    def digest(self) -> str:
        """The sha256 over everything that this version says, to which a permit is bound."""
        said = {
            "id": self.message_id,
            "version": self.version,
            "purpose": self.purpose,
            "contact": self.contact,
            "channels": list(self.channels),
            "parts": {
                language: [[part.element, part.text] for part in parts]
                for language, parts in sorted(self.parts.items())
            },
        }
        written = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(written.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Message:
    """A text with all its versions, oldest first. ``contact`` is what the gate is asked for."""

    id: str
    purpose: str
    contact: str
    channels: tuple[str, ...]
    versions: tuple[MessageVersion, ...]
    place: Place = field(compare=False, repr=False)


def joined(*, parts: tuple[Part, ...], channels: tuple[str, ...], language: str) -> str:
    """Yield the parts as one text: a letter has a line for each, a message none."""
    if "letter" in channels:
        return "\n".join(part.text for part in parts)
    return ("" if language == "zh" else " ").join(part.text for part in parts)
