"""What the engine refuses: a sentence for the person who must act, in Chinese and English."""


class NightRefused(Exception):
    """The night cannot run, or stopped, for a reason that a person can act upon (exit status 3)."""

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


class DayRefused(Exception):
    """What was asked of one person by day cannot be answered, for a reason one can act upon."""

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(f"{en} / {zh}")
        self.zh = zh
        self.en = en
