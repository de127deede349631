"""Nights as processes of their own that are disturbed at a chosen moment, and what they leave.

The moment is learnt from the night's own log: a line of JSON is written when a step begins, and
when it ends. An undisturbed night tells how long it takes from each line to the next.
"""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from recoup.engine.placing import MARK

AS_OF = date(2026, 11, 20)
THE_DAY_BEFORE = AS_OF - timedelta(days=1)
DONE_WITH_REJECTS, _, REFUSED = 1, 2, 3
#: A night of a few hundred loans takes seconds; nothing here waits longer.
LONGEST = 120
#: Files that tell how long the night took: they are never the same twice.
TIMED = (MARK, "report.html")


@dataclass(frozen=True)
class Moment:
    """When to disturb: after so many lines of the log, at a share of the time to the next line."""

    lines: int
    share: float


@dataclass(frozen=True)
class Ended:
    """How a night ended, and what it said: its log, and the plain lines among it."""

    status: int
    log: Sequence[Mapping[str, Any]]
    said: Sequence[str]

    @property
    def step(self) -> str:
        """The step that had begun last; empty before the first."""
        begun = [line["step"] for line in self.log if line["event"] == "begins"]
        return str(begun[-1]) if begun else ""


@dataclass
class Nights:
    """Nights over one book; ``gaps`` are the seconds from line to line of an undisturbed one.

    ``during`` says of every gap what the line before it told.
    """

    book: Path
    gaps: Sequence[float] = ()
    during: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    def start(
        self, out: Path, *, as_of: date = AS_OF, before: str = "", options: Sequence[str] = ()
    ) -> "subprocess.Popen[str]":
        """Start a night; ``before`` is run in its process first."""
        call = [
            *("night", "--book", str(self.book), "--as-of", as_of.isoformat(), "--out", str(out)),
            *("--go-on", "--progress", "json", *options),
        ]
        code = f"import sys\n{before}\nsys.argv[1:] = {call!r}\n"
        code += "from recoup.site.cli import main\nsys.exit(main())"
        return subprocess.Popen(
            [sys.executable, "-c", code],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment,
        )

    def run(self, out: Path, **how: Any) -> Ended:
        """Run a night undisturbed to its end."""
        return _ended(self.start(out, **how), [])

    def disturb(
        self,
        out: Path,
        *,
        at: Moment,
        how: Callable[["subprocess.Popen[str]"], None],
        **more: Any,
    ) -> Ended:
        """Start a night and disturb it at a moment; yield how it ended."""
        night = self.start(out, **more)
        assert night.stderr is not None
        lines = [line for line in (night.stderr.readline() for _ in range(at.lines)) if line]
        with suppress(subprocess.TimeoutExpired):
            night.wait(self.gaps[at.lines] * at.share)
        how(night)
        return _ended(night, lines)

    def measure(self, out: Path) -> Ended:
        """Run a night undisturbed and keep the seconds from line to line."""
        night = self.start(out)
        assert night.stderr is not None
        began, lines, gaps = monotonic(), [], []
        for line in night.stderr:
            lines.append(line)
            gaps.append(monotonic() - began)
            began = monotonic()
        ended = _ended(night, lines)
        self.gaps = gaps
        told = [f"{line['event']} {line.get('step', '')}" for line in ended.log]
        self.during = ["nothing", *told][: len(gaps)]
        return ended

    def moments(self, count: int, *, seed: int) -> list[Moment]:
        """Yield moments spread evenly over the steps, at random shares of the time of a line."""
        chance = random.Random(seed)
        steps = sorted(set(self.during))
        chance.shuffle(steps)
        found = []
        for number in range(count):
            step = steps[number % len(steps)]
            lines = [place for place, during in enumerate(self.during) if during == step]
            found.append(Moment(chance.choice(lines), chance.random()))
        return found


def _ended(night: "subprocess.Popen[str]", lines: Sequence[str]) -> Ended:
    _, rest = night.communicate(timeout=LONGEST)
    whole = [line for line in [*lines, *rest.splitlines(keepends=True)] if line.endswith("\n")]
    log = [json.loads(line) for line in whole if line.startswith("{")]
    said = [line.rstrip("\n") for line in whole if not line.startswith("{")]
    return Ended(night.returncode, log, said)


def sends(number: signal.Signals) -> Callable[["subprocess.Popen[str]"], None]:
    """Yield what sends a signal to a night."""
    return lambda night: night.send_signal(number)


def contents(out: Path) -> dict[str, str]:
    """Yield the hash of every file of a result; the manifest without its seconds."""
    found = {
        str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.name not in TIMED
    }
    manifest = json.loads((out / MARK).read_text(encoding="utf-8"))
    del manifest["seconds"]
    return found | {MARK: json.dumps(manifest, sort_keys=True)}


def beside(out: Path) -> set[str]:
    """Yield the names in the folder of a result."""
    return {path.name for path in out.parent.iterdir()}
