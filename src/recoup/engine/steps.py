"""The steps of a night: told when they begin, timed and counted when they end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class StepEnded:
    """One step that has come to its end, or one block of it.

    Units: ``began_ns`` and ``ended_ns`` nanoseconds of the night's clock; ``rows`` those that the
    step was about: rows of the book while it is read, contracts afterwards. ``block`` counts from 1
    and is 0 outside of blocks.
    """

    step: str
    block: int
    blocks: int
    rows: int
    began_ns: int
    ended_ns: int


@dataclass
class Step:
    """A step under way; who carries it out sets the rows."""

    rows: int = 0


@dataclass(kw_only=True)
class Steps:
    """Tells steps to the night's callbacks and adds up nanoseconds and rows by step.

    ``say`` takes a sentence in both languages, ``mark`` the name of a step that begins with its
    part's number and how many parts there are (0 where it has none), ``ended`` what has ended.
    """

    clock_ns: Callable[[], int]
    say: Callable[[str, str], None]
    mark: Callable[[str, int, int], None]
    ended: Callable[[StepEnded], None]
    nanoseconds: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    _part: int = 0
    _parts: int = 0

    def begins(self, name: str, *, zh: str, en: str, part: int = 0, parts: int = 0) -> None:
        """Tell that a step begins, or a part of it."""
        self._part, self._parts = part, parts
        self.mark(name, part, parts)
        self.say(zh, en)

    @contextmanager
    def step(self, name: str, *, rows: int = 0) -> Iterator[Step]:
        """Time and count what is done within the context."""
        step = Step(rows=rows)
        began = self.clock_ns()
        try:
            yield step
        finally:
            ended = self.clock_ns()
            self.nanoseconds[name] = self.nanoseconds.get(name, 0) + ended - began
            self.rows[name] = self.rows.get(name, 0) + step.rows
            self.ended(
                StepEnded(
                    step=name,
                    block=self._part,
                    blocks=self._parts,
                    rows=step.rows,
                    began_ns=began,
                    ended_ns=ended,
                )
            )
