"""Writes the morning page: one self-contained HTML file, from one night's output.

The page asks nothing of any network: style, script, words, figures and the chart library stand in
it. It is aggregated and names no person.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from recoup.engine.report.figures import Bucket, Figures, Queryable, gather_figures
from recoup.engine.report.own_parts import policy_of
from recoup.kernel.money import exponent

RuleNames = Mapping[str, tuple[str, ...]]
"""Rule or hold id -> its sentence in zh, in en, and its source (one text, or zh and en)."""

SCRIPTS = ("format.js", "tables.js", "charts.js", "sections.js", "page.js")
_MARK = re.compile(r"\{\{(\w+)\}\}")


class ReportRefused(ValueError):
    """The manifest lacks something without which the page would mislead."""

    def __init__(self, *, sentence_zh: str, sentence_en: str) -> None:
        super().__init__(f"{sentence_en} / {sentence_zh}")
        self.sentence_zh = sentence_zh
        self.sentence_en = sentence_en


def write_report(
    *,
    duck_or_query: Queryable,
    manifest: Mapping[str, Any],
    names: RuleNames,
    into: Path,
) -> None:
    """Write the morning page to the file ``into``.

    Shape: ``duck_or_query`` knows the views decisions, people, worklist and rejects. Of the
    manifest it needs ``as_of``, ``base_currency`` and ``buckets`` (each with ``name`` and
    ``from_dpd``), and shows, where present, ``capacity`` (team -> worklist lines a day),
    ``tables`` (table -> counts of rows read, accepted, rejected, warnings), ``inputs`` (file ->
    sha256), ``results`` (file -> with its sha256), ``facts_the_book_lacks`` (each with ``column``,
    ``rule`` and ``limb``), ``pack`` and ``strategy`` (id, version, content_hash), ``engine``,
    ``versions`` and ``seconds``.
    Errors: ReportRefused, when one of the needed keys is missing.
    """
    figures = gather_figures(
        engine=duck_or_query,
        as_of=day_of(_needed(manifest, "as_of")),
        buckets=buckets_of(_needed(manifest, "buckets")),
        capacity=manifest.get("capacity") or {},
    )
    into.write_text(page_text(figures=figures, manifest=manifest, names=names), encoding="utf-8")


def page_text(*, figures: Figures, manifest: Mapping[str, Any], names: RuleNames) -> str:
    """Yield the whole page as text."""
    currency = str(_needed(manifest, "base_currency"))
    shown = {
        "currency": currency,
        "exponents": _exponents(currency, (held.code for held in figures.currencies)),
        "figures": asdict(figures),
        "night": _night(manifest),
        "names": _names(figures, manifest, names),
    }
    parts = {
        "style": asset("page.css"),
        "words": for_script(json.loads(asset("words.json"))),
        "data": for_script(shown),
        "charts": vendored("echarts.min.js"),
        "script": "\n".join(asset(name) for name in SCRIPTS),
    }
    page = _MARK.sub(lambda mark: parts.get(mark[1], mark[0]), asset("page.html"))
    return page.replace("{{policy}}", policy_of(page), 1)


def for_script(value: object) -> str:
    """Yield a value as JSON that can stand inside a script element, whatever texts it carries.

    Example:
        >>> for_script({"name": "</script>"})
        '{"name":"\\\\u003c/script\\\\u003e"}'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} does not belong on the page")


def _needed(manifest: Mapping[str, Any], key: str) -> Any:
    if key not in manifest:
        raise ReportRefused(
            sentence_zh=f"运行清单缺少“{key}”，无法生成晨报；请用同一版本重新运行日终。",
            sentence_en=f"The manifest lacks '{key}', without which the morning page cannot be "
            "written; run the night again with this version.",
        )
    return manifest[key]


def day_of(value: str | date) -> date:
    """Yield a day of a manifest, which holds it as ISO text."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def buckets_of(listed: Sequence[Mapping[str, Any]]) -> tuple[Bucket, ...]:
    """Yield a manifest's buckets in rising order."""
    found = [Bucket(name=str(row["name"]), from_dpd=int(row["from_dpd"])) for row in listed]
    return tuple(sorted(found, key=lambda bucket: bucket.from_dpd))


def _exponents(base: str, codes: Iterable[str]) -> dict[str, int]:
    return {code: exponent(code) for code in sorted({base, *codes})}


def _night(manifest: Mapping[str, Any]) -> dict[str, Any]:
    keys = ("engine", "versions", "pack", "strategy", "inputs", "seconds", "facts_the_book_lacks")
    night = {key: manifest[key] for key in keys if key in manifest}
    counts = ("read", "accepted", "rejected", "warnings")
    night["tables"] = {
        name: {count: table[count] for count in counts if count in table}
        for name, table in (manifest.get("tables") or {}).items()
    }
    night["results"] = {
        name: result["sha256"] for name, result in (manifest.get("results") or {}).items()
    }
    return night


def _names(
    figures: Figures, manifest: Mapping[str, Any], names: RuleNames
) -> dict[str, dict[str, str]]:
    """Keep the sentences of the rules that the page mentions."""
    mentioned = {row.id for row in figures.blocked}
    mentioned |= {row.id for row in figures.binding} | {row.id for row in figures.unexamined}
    mentioned |= {row["rule"] for row in manifest.get("facts_the_book_lacks") or ()}
    return {rule: _named(names[rule]) for rule in sorted(mentioned) if rule in names}


def _named(texts: tuple[str, ...]) -> dict[str, str]:
    zh, en, *sources = texts
    return {"zh": zh, "en": en, "source_zh": sources[0], "source_en": sources[-1]}


def _folder() -> Traversable:
    return files("recoup.engine.report")


def vendored(name: str) -> str:
    """Yield a library that set-up fetched."""
    return _read(_folder() / "vendor" / name)


def asset(name: str) -> str:
    """Yield an asset of a page as text."""
    return _read(_folder() / "assets" / name)


def _read(file: Traversable) -> str:
    return file.read_text(encoding="utf-8")
