"""What monitoring wants to know of a night, as a text file that Prometheus' node exporter reads."""

import resource
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

from recoup.engine.steps import StepEnded

NANOSECONDS = 1_000_000_000
KIBIBYTE = 1_024


@dataclass
class MetricsFile:
    """Writes the figures of one night when it ends, however it ends, whole or not at all.

    Units: seconds, rows, bytes; instants as seconds since 1970, as Prometheus has them.
    """

    path: Path
    as_of: date
    now: Callable[[], datetime]
    _seconds: dict[str, float] = field(default_factory=dict)
    _rows: dict[str, int] = field(default_factory=dict)

    def say(self, zh: str, en: str) -> None:
        """Have no use for sentences."""

    def mark(self, step: str, part: int, parts: int) -> None:
        """Have no use for beginnings."""

    def ended(self, step: StepEnded) -> None:
        """Add a step, or a block of one."""
        taken = (step.ended_ns - step.began_ns) / NANOSECONDS
        self._seconds[step.step] = self._seconds.get(step.step, 0) + taken
        self._rows[step.step] = self._rows.get(step.step, 0) + step.rows

    def close(self, **facts: object) -> None:
        """Write the file; ``status`` is the exit status, the other facts are counts of rows."""
        registry = CollectorRegistry()

        def gauge(name: str, text: str, value: float) -> None:
            Gauge(f"recoup_night_{name}", text, registry=registry).set(value)

        gauge("exit_status", "0 done, 1 done with rejects, 2 wrong call, 3 refused", _of(facts))
        gauge("ended_timestamp_seconds", "when the night ended", self.now().timestamp())
        day = datetime(self.as_of.year, self.as_of.month, self.as_of.day, tzinfo=UTC)
        gauge("business_date_timestamp_seconds", "its business date, at 0:00 UTC", day.timestamp())
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIBIBYTE
        gauge("peak_memory_bytes", "most that was resident at once", peak)
        for name in ("contracts", "debtors", "worklist_lines", "rejected_rows", "warnings"):
            if isinstance(count := facts.get(name), int):
                gauge(name, f"{name.replace('_', ' ')} of the night", count)
        for name, text, values in (
            ("step_seconds", "seconds that a step took", self._seconds),
            ("step_rows", "rows that a step was about", self._rows),
        ):
            steps = Gauge(f"recoup_night_{name}", text, ["step"], registry=registry)
            for step, value in values.items():
                steps.labels(step).set(value)
        try:
            write_to_textfile(str(self.path), registry)
        except OSError as failure:  # the night itself stands as it is
            print(
                f"无法写入指标文件 {self.path}：{failure.strerror}。\n"
                f"The file of metrics {self.path} cannot be written: {failure.strerror}.",
                file=sys.stderr,
            )


def _of(facts: dict[str, object]) -> int:
    status = facts["status"]
    assert isinstance(status, int)
    return status
