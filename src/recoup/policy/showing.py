"""One rule as people and programs read it: the version in force on a day, and its history."""

from collections.abc import Iterable
from datetime import date

from recoup.policy.kind_names import KINDS
from recoup.policy.pack import NotInForce, Pack
from recoup.policy.rules import Frozen, Rule, RuleVersion, Source, Value, thawed
from recoup.policy.units import shown_unit

CONFIDENCE_ZH = {"high": "高", "medium": "中", "low": "低"}


def rule_as_text(*, rule: Rule, version: RuleVersion | None, on: date) -> str:
    """Yield a rule as lines of text, zh and en: the version in force first, then the history."""
    lines = [f"{rule.id}  {rule.subject.zh} / {rule.subject.en}"]
    kind = KINDS[rule.kind]
    lines.append(f"  种类 kind: {rule.kind} ({kind.zh} / {kind.en})")
    if version is not None:
        lines.append(f"  {on}:")
        lines += [f"    {line}" for line in _version_lines(version)]
    lines.append(f"  版本 versions: {len(rule.versions)}")
    for one in rule.versions:
        mark = "*" if one is version else " "
        lines.append(f"   {mark} {period(one)}  {one.sentence.zh}")
        lines.append(f"     {' ' * len(period(one))} {one.sentence.en}")
    return "\n".join(lines)


def _version_lines(version: RuleVersion) -> Iterable[str]:
    yield version.sentence.zh
    yield version.sentence.en
    for value in version.values.values():
        yield f"{value.name}: {value_text(value, language='zh')}  [{value.unit}]"
    for source in version.sources:
        yield f"出处 source: {source.citation(language='zh')} [{source.force}]"
        yield f"             {source.citation(language='en')}"
    yield f"条款 article: {version.article} ({confidence_text(version.article.confidence)})"
    yield f"有效 in force: {period(version)}"
    yield f"核对 checked on: {version.checked_on}"
    yield f"可信度 confidence: {confidence_text(version.confidence)}"
    if version.unverified is not None:
        yield f"未核实 unverified: {version.unverified.zh}"
        yield f"                  {version.unverified.en}"
    if version.why_not is not None:
        yield f"只展示，不适用 shown, never applied: {version.why_not.zh}"
        yield f"                  {version.why_not.en}"


def confidence_text(confidence: str) -> str:
    """Yield a confidence in both languages."""
    return f"{CONFIDENCE_ZH[confidence]} {confidence}"


def period(version: RuleVersion) -> str:
    """Yield the days of a version, ``until`` excluded."""
    until = version.valid_until.isoformat() if version.valid_until is not None else "..."
    return f"[{version.valid_from.isoformat()}, {until})"


def value_text(value: Value, *, language: str) -> str:
    """Yield a value with its comparator and its unit in words."""
    shown = plain_text(value.value)
    unit = shown_unit(value.unit).of(language)
    sign = "" if value.comparator in ("=", "in") else f"{value.comparator} "
    return f"{sign}{shown} {unit}".strip()


def plain_text(value: Frozen) -> str:
    """Yield a value in one line, as the pack writes it."""
    plain = thawed(value)
    if isinstance(plain, bool):
        return "true" if plain else "false"
    if isinstance(plain, date):
        return plain.isoformat()
    if isinstance(plain, list):
        return ", ".join(plain_text(one) for one in plain)
    if isinstance(plain, dict):
        return "{" + "; ".join(f"{key}: {plain_text(one)}" for key, one in plain.items()) + "}"
    return "null" if plain is None else str(plain)


def rule_as_json(*, pack: Pack, rule: Rule, on: date) -> dict[str, object]:
    """Yield a rule as plain JSON values: what is in force on a day, and every version."""
    said: dict[str, object] = {
        "pack": pack.id,
        "pack_version": pack.version,
        "rule": rule.id,
        "kind": rule.kind,
        "topic": rule.topic.id,
        "subject_zh": rule.subject.zh,
        "subject_en": rule.subject.en,
        "on": on.isoformat(),
    }
    try:
        said["in_force"] = version_as_json(pack.in_force(rule.id, on=on))
    except NotInForce as silent:
        said["in_force"] = None
        said["sentence_zh"] = silent.sentence.zh
        said["sentence_en"] = silent.sentence.en
    said["versions"] = [version_as_json(version) for version in rule.versions]
    return said


def version_as_json(version: RuleVersion) -> dict[str, object]:
    """Yield one version as plain JSON values."""
    until = version.valid_until
    return {
        "from": version.valid_from.isoformat(),
        "until": until.isoformat() if until is not None else None,
        "sentence_zh": version.sentence.zh,
        "sentence_en": version.sentence.en,
        "values": {value.name: _value_as_json(value) for value in version.values.values()},
        "sources": [_source_as_json(source) for source in version.sources],
        "article": version.article.text,
        "article_confidence": version.article.confidence,
        "checked_on": version.checked_on.isoformat(),
        "confidence": version.confidence,
        "unverified_zh": version.unverified.zh if version.unverified is not None else None,
        "unverified_en": version.unverified.en if version.unverified is not None else None,
        "enforced": version.enforced,
        "why_not_zh": version.why_not.zh if version.why_not is not None else None,
        "why_not_en": version.why_not.en if version.why_not is not None else None,
    }


def _value_as_json(value: Value) -> dict[str, object]:
    return {
        "value": _json_value(value.value),
        "unit": value.unit,
        "comparator": value.comparator,
        "fact": value.fact,
    }


def _json_value(value: Frozen) -> object:
    plain = thawed(value)
    return _dates_as_text(plain)


def _dates_as_text(plain: object) -> object:
    if isinstance(plain, date):
        return plain.isoformat()
    if isinstance(plain, list):
        return [_dates_as_text(one) for one in plain]
    if isinstance(plain, dict):
        return {key: _dates_as_text(one) for key, one in plain.items()}
    return plain


def _source_as_json(source: Source) -> dict[str, object]:
    return {
        "id": source.id,
        "title_zh": source.title.zh,
        "title_en": source.title.en,
        "number": source.number,
        "issuer_zh": source.issuer.zh,
        "issuer_en": source.issuer.en,
        "force": source.force,
        "found_at": source.found_at,
    }
