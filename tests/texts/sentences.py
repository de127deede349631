"""The labelled sentences, the figures they are held to, and which part is kept aside."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

HERE = Path(__file__).parent
OK = "ok"
#: Labels of sentences said to a listed contact, and what they are labelled otherwise.
TO_CONTACT = {"disclosure_to_contact": "disclosure", "ok_to_contact": OK}
#: What the ledger says, in minor units: the only amounts that a sentence may name.
FIGURES = (1_200_000, 35_640, 2_815, 1_238_455, 124_000, 62_000, 50_000, 950_000)
KEPT_ASIDE_OF_TEN = 3


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """One sentence; ``purpose`` is what the contact is for."""

    language: str
    label: str
    purpose: str
    text: str

    @property
    def kept_aside(self) -> bool:
        """Whether no rule was changed because of it: by MD5, about three in ten."""
        digest = hashlib.md5(self.text.encode(), usedforsecurity=False).hexdigest()
        return int(digest[:8], 16) % 10 < KEPT_ASIDE_OF_TEN


def sentences() -> tuple[Sentence, ...]:
    """Yield every sentence of both files, in their order."""
    found = []
    for language in ("zh", "en"):
        content = YAML(typ="safe").load((HERE / f"sentences_{language}.yaml").read_text("utf-8"))
        for label, texts in content.items():
            if label == "language":
                continue
            found += [
                Sentence(
                    language=language,
                    label=TO_CONTACT.get(label, label),
                    purpose="restore_contact" if label in TO_CONTACT else "collect",
                    text=text,
                )
                for text in texts
            ]
    return tuple(found)


def later(part: str) -> tuple[Sentence, ...]:
    """Yield the sentences of one part (first to fifth) that was written after the rules."""
    found = []
    for language in ("zh", "en"):
        content = YAML(typ="safe").load((HERE / f"later_{language}.yaml").read_text("utf-8"))
        for label in ("forbidden", OK):
            found += [
                Sentence(language=language, label=label, purpose="collect", text=text)
                for text in content.get(f"{part}_{label}", ())
            ]
    return tuple(found)
