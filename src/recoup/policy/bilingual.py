"""A text in both languages of the product."""

from dataclasses import dataclass

LANGUAGES = ("zh", "en")


@dataclass(frozen=True, kw_only=True)
class Bilingual:
    """What a person reads, in Simplified Chinese and English."""

    zh: str
    en: str

    def of(self, language: str) -> str:
        """Yield the text in ``zh`` or ``en``."""
        return {"zh": self.zh, "en": self.en}[language]
