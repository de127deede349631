"""Expected refusals: what was refused and what to do next, in Chinese and English."""

from datetime import datetime


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


class NotFound(Refused):
    """No such record, or none within this person's scope; which of the two is not told."""

    def __init__(self, *, what: str = "") -> None:
        super().__init__(
            zh=f"没有找到{what}，或不在您的管理范围内。",
            en=f"There is no such record{' (' + what + ')' if what else ''} within your scope.",
        )


class Stale(Refused):
    """Somebody else changed the record after this person had opened it.

    Shape: ``what_zh`` and ``what_en`` name the record; ``who`` changed it last, at ``at`` (an
    instant in the zone in which it is to be read).
    """

    def __init__(self, *, what_zh: str, what_en: str, who: str, at: datetime | None) -> None:
        day = f"{at:%Y-%m-%d %H:%M}" if at else ""
        super().__init__(
            zh=f"{what_zh}已被{who or '他人'}{f'于 {day} ' if day else ''}修改，您的修改没有保存。"
            "请重新打开后再改。",
            en=f"{what_en} was changed by {who or 'somebody else'}{f' on {day}' if day else ''}; "
            "your change was not saved. Open it again and repeat it.",
        )
