"""An expected refusal: what was refused and what to do next, in Chinese and English."""


class Refused(Exception):
    """An act that may not or cannot be done; a person reads the sentence.

    Shape: ``zh`` and ``en`` say what was refused, for which record, by which rule, and what to do
    next; ``rule`` is the id of the rule, where there is one.
    """

    def __init__(self, *, zh: str, en: str, rule: str = "") -> None:
        super().__init__(f"{en} / {zh}")
        self.zh = zh
        self.en = en
        self.rule = rule

    def sentence(self, *, language: str) -> str:
        """Yield the sentence in a language; English where it is neither."""
        return self.zh if language.startswith("zh") else self.en
