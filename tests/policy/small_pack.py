"""A small whole pack as texts, to be broken one line at a time."""

from collections.abc import Mapping
from pathlib import Path

PACK = """\
id: aa
name: {zh: 小国, en: Smalland}
version: "1"
base_currency: USD
time_zone: UTC
languages: [zh, en]
recheck_after_days: 100
stale_after_days: 200
due_day_on_rest_day: keep
due_day_rule: AA-2
night: {npl_over_days: AA-1.dpd_over}
"""

SOURCES = """\
sources:
  - id: ACT
    title: {zh: 法案, en: Act}
    number: "1"
    issuer: {zh: 议会, en: Parliament}
    force: L1
    in_force_from: 2000-01-01
    in_force_until: null
    found_at: made up
"""

RULES = """\
topic: {id: classes, zh: 分类, en: classes}
rules:
  - id: AA-1
    kind: threshold
    subject: {zh: 逾期, en: overdue}
    versions:
      - from: 2000-01-01
        until: 2010-01-01
        sentence: {zh: 超过60天, en: more than 60 days}
        source: ACT
        article: s. 1
        checked_on: 2026-06-01
        confidence: high
        values:
          dpd_over: {value: 60, unit: days, comparator: ">", fact: dpd}
      - from: 2010-01-01
        until: 2030-01-01
        sentence: {zh: 超过90天, en: more than 90 days}
        source: ACT
        article: {text: s. 2, confidence: low}
        checked_on: 2026-06-01
        confidence: medium
        values:
          dpd_over: {value: 90, unit: days, comparator: ">", fact: dpd}
          rate: {value: "0.0175", unit: percent_per_day, comparator: "<="}
  - id: AA-2
    kind: statement
    subject: {zh: 条文, en: statement}
    versions:
      - from: 2000-01-01
        until: null
        sentence: {zh: 条文, en: a statement}
        source: ACT
        article: s. 3
        checked_on: 2026-06-01
        confidence: low
        enforced: false
        why_not: {zh: 未见原文, en: text not seen}
"""

TABLE = """\
id: classification
hit_policy: COLLECT
inputs: {dpd: number}
rows:
  - {rule: AA-1, limb: days, when: {dpd: "> {dpd_over}"}, then: substandard}
"""

CALENDAR = """\
weekend: [saturday, sunday]
years:
  2026:
    source: ACT
    checked_on: 2026-06-01
    confidence: high
    off:
      - {on: 2026-01-01, zh: 元旦, en: New Year}
      - {first: 2026-05-01, last: 2026-05-04, zh: 五月, en: May}
    working_weekends: [2026-05-09]
"""

TEXTS = """\
texts:
  - {id: hello, rule: AA-2, zh: 您好, en: Good day}
"""

CASES = """\
cases:
  - id: AA-1/91
    rule: AA-1
    says: {zh: 逾期91天, en: 91 days past due}
    on: 2026-06-01
    facts: {dpd: 91, rate: "0.0175"}
    expect: {holds: true}
"""

FILES: Mapping[str, str] = {
    "pack.yaml": PACK,
    "sources.yaml": SOURCES,
    "parameters/classes.yaml": RULES,
    "tables/classification.yaml": TABLE,
    "calendars/days.yaml": CALENDAR,
    "texts/letters.yaml": TEXTS,
    "cases/classes.yaml": CASES,
}


def write_pack(root: Path, changed: Mapping[str, str | bytes | None] | None = None) -> Path:
    """Write the pack into ``root``/aa, some files changed (None leaves one out)."""
    folder = root / "aa"
    for name, content in {**FILES, **(changed or {})}.items():
        if content is None:
            continue
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def with_change(name: str, old: str, new: str) -> dict[str, str | bytes | None]:
    """The file with one text replaced; the text must be there."""
    if old not in FILES[name]:
        raise AssertionError(f"{name} has no {old!r}")
    return {name: FILES[name].replace(old, new, 1)}
