"""The figures of a measured working day: a table, and a picture over time."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

BUDGET_MS = 300
#: The kinds that have the budget; the others are measured beside them.
BUDGETED = ("worklist", "case page", "log an outcome")
OTHERS = (
    *("person in the day", "book a promise", "write a note", "claim next", "search"),
    *("list of cases", "sign in", "sign-in page"),
)
WINDOW_SECONDS = 30
_COLOURS = ("#0f766e", "#b45309", "#4338ca")
_WIDE, _HIGH, _LEFT, _TOP = 900, 360, 60, 50


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One request: when it began (seconds), what it took (milliseconds), what was wrong."""

    kind: str
    at: float
    milliseconds: float
    fault: str


def read_samples(path: Path) -> list[Sample]:
    """Yield the requests that the collectors kept."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    return [
        Sample(kind=kind, at=at, milliseconds=milliseconds, fault=fault)
        for kind, at, milliseconds, fault in rows
    ]


def percentile(values: Sequence[float], part: int) -> float:
    """Yield the smallest value that ``part`` per cent of the values do not exceed.

    >>> percentile([10, 20, 30, 40], 50), percentile([10, 20, 30, 40], 95)
    (20, 40)
    """
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * part // 100) - 1)]


def table_of(samples: Sequence[Sample]) -> str:
    """Yield requests, faults and percentiles by kind, as a table in Markdown."""
    lines = [
        "| request | count | errors | p50 ms | p95 ms | p99 ms | max ms |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for kind in (*BUDGETED, *OTHERS, ""):
        own = [one for one in samples if not kind or one.kind == kind]
        if not own:
            continue
        took = [one.milliseconds for one in own]
        name = f"**{kind}**" if kind in BUDGETED else kind or "all"
        figures = [percentile(took, part) for part in (50, 95, 99)]
        cells = [len(own), sum(1 for one in own if one.fault), *(f"{ms:.0f}" for ms in figures)]
        lines.append(f"| {name} | {' | '.join(map(str, cells))} | {max(took):.0f} |")
    return "\n".join(lines)


def missed(samples: Sequence[Sample]) -> tuple[str, ...]:
    """Yield what is not as it must be: a kind over the budget or never asked for, or an error."""
    found = []
    for kind in BUDGETED:
        took = [one.milliseconds for one in samples if one.kind == kind]
        if not took:
            found.append(f"{kind}: never asked for")
        elif percentile(took, 95) >= BUDGET_MS:
            found.append(f"{kind}: p95 is {percentile(took, 95):.0f} ms")
    faults: dict[str, int] = {}
    for one in samples:
        if one.fault:
            faults[f"{one.kind}: {one.fault}"] = faults.get(f"{one.kind}: {one.fault}", 0) + 1
    return (*found, *(f"{times} x {what}" for what, times in sorted(faults.items())[:20]))


def picture_of(samples: Sequence[Sample], *, title: str) -> str:
    """Yield the p95 of the budgeted kinds over the minutes of the run, as an SVG."""
    began = min(one.at for one in samples)
    whole = max(one.at for one in samples) - began
    lines = {kind: _over_time(samples, kind=kind, began=began) for kind in BUDGETED}
    highest = max([BUDGET_MS * 1.2, *(ms for line in lines.values() for ms in line.values())])
    wide, high = _WIDE - _LEFT - 20, _HIGH - _TOP - 40

    def place(seconds: float, milliseconds: float) -> str:
        x = _LEFT + wide * seconds / max(whole, WINDOW_SECONDS)
        return f"{x:.1f},{_TOP + high - high * milliseconds / highest:.1f}"

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {_HIGH}" '
        'font-family="system-ui, sans-serif" font-size="12" fill="#334155" role="img">',
        f"<title>{title}</title>",
        f'<rect width="{_WIDE}" height="{_HIGH}" fill="#ffffff"/>',
        f'<text x="{_LEFT}" y="20" font-size="14" fill="#0f172a">{title}</text>',
        *_axes(whole=whole, highest=highest, place=place),
    ]
    for number, (kind, line) in enumerate(lines.items()):
        colour = _COLOURS[number]
        points = " ".join(place(seconds, ms) for seconds, ms in sorted(line.items()))
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
        x = _LEFT + number * 150
        parts.append(f'<rect x="{x}" y="32" width="14" height="4" fill="{colour}"/>')
        parts.append(f'<text x="{x + 20}" y="38">{kind}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _over_time(samples: Sequence[Sample], *, kind: str, began: float) -> Mapping[float, float]:
    """Yield the p95 of each window by its middle, in seconds after the beginning."""
    windows: dict[int, list[float]] = {}
    for one in samples:
        if one.kind == kind:
            window = int((one.at - began) // WINDOW_SECONDS)
            windows.setdefault(window, []).append(one.milliseconds)
    return {
        (window + 0.5) * WINDOW_SECONDS: percentile(took, 95) for window, took in windows.items()
    }


def _axes(*, whole: float, highest: float, place: Callable[[float, float], str]) -> list[str]:
    step = 100 if highest <= 1_000 else 500
    found = []
    for ms in range(0, int(highest) + 1, step):
        x, y = place(0, ms).split(",")
        found.append(
            f'<line x1="{x}" y1="{y}" x2="{_WIDE - 20}" y2="{y}" stroke="#e2e8f0"/>'
            f'<text x="{_LEFT - 8}" y="{float(y) + 4:.1f}" text-anchor="end">{ms}</text>'
        )
    for minute in range(int(whole // 60) + 1):
        x, y = place(minute * 60, 0).split(",")
        found.append(
            f'<text x="{x}" y="{float(y) + 18:.1f}" text-anchor="middle">{minute} min</text>'
        )
    x, y = place(0, BUDGET_MS).split(",")
    return [
        *found,
        f'<line x1="{x}" y1="{y}" x2="{_WIDE - 20}" y2="{y}" stroke="#b91c1c" '
        'stroke-dasharray="6 4"/>',
        f'<text x="{_WIDE - 24}" y="{float(y) - 5:.1f}" text-anchor="end" fill="#b91c1c">'
        f"budget {BUDGET_MS} ms</text>",
    ]
