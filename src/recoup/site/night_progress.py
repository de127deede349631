"""How far a night is, for who looks on: a bar on a terminal, one line of JSON a step elsewhere."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from shutil import get_terminal_size
from typing import Protocol, TextIO

from recoup.engine.steps import StepEnded

#: How far a night is, in percent, when a step begins; within it the parts move it on.
BEGINS_AT = {"take_in": 0, "decide": 40, "rank": 90, "report": 95}
WHOLE = 100
BAR_WIDTH = 24
NANOSECONDS = 1_000_000_000
#: Steps whose end is told in a line of its own; those of every block are added up in the last line.
TOLD_STEPS = ("take_in", "rank", "report")


class Progress(Protocol):
    """What a night tells while it runs; see ``engine.night.NightOrder``."""

    def say(self, zh: str, en: str) -> None:
        """Take a sentence about what begins."""

    def mark(self, step: str, part: int, parts: int) -> None:
        """Take the name of a step that begins, or of a part of it."""

    def ended(self, step: StepEnded) -> None:
        """Take a step that has ended."""

    def close(self, **facts: object) -> None:
        """Take what came of the night."""


def progress_of(*, how: str, stream: TextIO, now: Callable[[], datetime], run: str) -> Progress:
    """Yield what shows a night's progress on a stream.

    ``how``: ``bar``, ``json``, ``none``, or ``auto``: a bar on a terminal and JSON elsewhere.
    ``now`` yields aware instants; ``run`` names the night in every line.
    """
    if how == "none":
        return Silence()
    if how == "bar" or (how == "auto" and stream.isatty()):
        return Bar(stream=stream, now=now)
    return Lines(stream=stream, now=now, run=run)


class Silence:
    """Tells nothing."""

    def say(self, zh: str, en: str) -> None:
        """Tell nothing."""

    def mark(self, step: str, part: int, parts: int) -> None:
        """Tell nothing."""

    def ended(self, step: StepEnded) -> None:
        """Tell nothing."""

    def close(self, **facts: object) -> None:
        """Tell nothing."""


@dataclass
class Lines:
    """One JSON object a line: instant, run, event, and what belongs to the event.

    Shape: ``begins`` with ``step``, ``part``, ``parts``, ``zh``, ``en``; ``ended`` with ``step``,
    ``seconds``, ``rows``; last ``night`` with its ``status`` and the seconds and rows of all steps.
    """

    stream: TextIO
    now: Callable[[], datetime]
    run: str
    _begun: Mapping[str, object] = field(default_factory=dict)
    _seconds: dict[str, float] = field(default_factory=dict)
    _rows: dict[str, int] = field(default_factory=dict)

    def say(self, zh: str, en: str) -> None:
        """Write the line of the step that begins."""
        self._write("begins", **self._begun, zh=zh, en=en)

    def mark(self, step: str, part: int, parts: int) -> None:
        """Keep the step for the sentence that follows."""
        self._begun = {"step": step} | ({"part": part, "parts": parts} if parts else {})

    def ended(self, step: StepEnded) -> None:
        """Add up, and write the line of a step that has no blocks."""
        taken = _seconds(step)
        self._seconds[step.step] = self._seconds.get(step.step, 0) + taken
        self._rows[step.step] = self._rows.get(step.step, 0) + step.rows
        if step.step in TOLD_STEPS:
            self._write("ended", step=step.step, seconds=round(taken, 3), rows=step.rows)

    def close(self, **facts: object) -> None:
        """Write the last line."""
        seconds = {step: round(taken, 3) for step, taken in self._seconds.items()}
        self._write("night", **facts, seconds=seconds, rows=self._rows)

    def _write(self, event: str, **facts: object) -> None:
        at = self.now().isoformat(timespec="milliseconds")
        line = {"at": at, "run": self.run, "event": event, **facts}
        # One call: a line is whole or not there when the process is killed.
        self.stream.write(json.dumps(line, ensure_ascii=False) + "\n")
        self.stream.flush()


@dataclass
class Bar:
    """A line that is written over: a bar, percent, seconds since the start, what is being done."""

    stream: TextIO
    now: Callable[[], datetime]
    _percent: int = 0
    _began: datetime | None = None

    def say(self, zh: str, en: str) -> None:
        """Draw the bar with a sentence."""
        at = self.now()
        self._began = self._began or at
        full = BAR_WIDTH * self._percent // WHOLE
        seconds = (at - self._began).seconds
        bar = "█" * full + "░" * (BAR_WIDTH - full)
        text = f"{bar} {self._percent:3d}% {seconds // 60}:{seconds % 60:02d}  {zh} / {en}"
        self._draw(text)

    def mark(self, step: str, part: int, parts: int) -> None:
        """Keep how far the night is."""
        percent = BEGINS_AT[step]
        if parts:
            after = next((later for later in BEGINS_AT.values() if later > percent), WHOLE)
            percent += (after - percent) * (part - 1) // parts
        self._percent = percent

    def ended(self, step: StepEnded) -> None:
        """Wait for the next sentence."""

    def close(self, **facts: object) -> None:
        """Take the bar away; what comes next is the result or the refusal."""
        self._draw("")
        self.stream.write("\r")
        self.stream.flush()

    def _draw(self, text: str) -> None:
        room = get_terminal_size().columns - 1
        self.stream.write(f"\r\x1b[2K{_fitting(text, room)}")
        self.stream.flush()


def _fitting(text: str, columns: int) -> str:
    """Yield as much of a text as fits; most characters beyond the first thousands take two."""
    taken = 0
    for place, character in enumerate(text):
        taken += 2 if ord(character) > 0x2E7F else 1
        if taken > columns:
            return text[:place]
    return text


def _seconds(step: StepEnded) -> float:
    return (step.ended_ns - step.began_ns) / NANOSECONDS


@dataclass
class Together:
    """Several that look on, each told in turn."""

    parts: tuple[Progress, ...]

    def say(self, zh: str, en: str) -> None:
        """Tell all."""
        for part in self.parts:
            part.say(zh, en)

    def mark(self, step: str, part: int, parts: int) -> None:
        """Tell all."""
        for one in self.parts:
            one.mark(step, part, parts)

    def ended(self, step: StepEnded) -> None:
        """Tell all."""
        for part in self.parts:
            part.ended(step)

    def close(self, **facts: object) -> None:
        """Tell all, the last first, so that what was opened last is closed first."""
        for part in reversed(self.parts):
            part.close(**facts)
