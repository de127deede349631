"""Reads the files of a pack: sources, rules, wordings, cases. Tables and calendars: see beside.

Every function takes a tree and the collector of findings, and yields frozen objects. What is wrong
is noted, never repaired.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from types import MappingProxyType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from recoup.kernel.money import EXPONENTS
from recoup.policy import fields
from recoup.policy.findings import Findings
from recoup.policy.kind_names import KINDS
from recoup.policy.rules import (
    CONFIDENCES,
    Article,
    Case,
    ForbiddenColumns,
    Frozen,
    PackHead,
    Rule,
    RuleVersion,
    Source,
    Topic,
    Trait,
    Value,
    Wording,
)
from recoup.policy.units import COMPARATORS, known_units, read_value, unit_named
from recoup.policy.yaml_tree import Branch, Listing, Node

DUE_DAYS = ("keep", "next_working_day")
NIGHT_ROLES = (
    "npl_over_days",
    "upgrade_months",
    "upgrade_periods",
    "observe_months",
    "observe_periods",
    "transition",
)


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the files read so far have declared, for those that refer to it."""

    sources: Mapping[str, Source]
    rules: Mapping[str, Rule]
    on: date | None


def read_head(*, node: Node, findings: Findings) -> PackHead:
    """Yield what pack.yaml says."""
    got = fields.fields(
        node=node,
        required=(
            "id",
            "name",
            "version",
            "base_currency",
            "time_zone",
            "languages",
            "recheck_after_days",
            "stale_after_days",
            "due_day_on_rest_day",
        ),
        optional=("due_day_rule", "complaint_rule", "note", "night", "forbidden_columns"),
        findings=findings,
    )
    languages = fields.items(node=got.get("languages"), findings=findings)
    _check_zone_and_currency(got=got, findings=findings)
    return PackHead(
        id=fields.text(node=got.get("id"), findings=findings),
        name=fields.bilingual(node=got.get("name"), findings=findings),
        version=fields.text(node=got.get("version"), findings=findings),
        base_currency=fields.text(node=got.get("base_currency"), findings=findings),
        time_zone=fields.text(node=got.get("time_zone"), findings=findings),
        languages=tuple(fields.text(node=one, findings=findings) for one in languages),
        recheck_after_days=fields.whole(node=got.get("recheck_after_days"), findings=findings),
        stale_after_days=fields.whole(node=got.get("stale_after_days"), findings=findings),
        due_day_on_rest_day=fields.code(
            node=got.get("due_day_on_rest_day"), known=DUE_DAYS, findings=findings
        ),
        due_day_rule=fields.text_or_none(node=got.get("due_day_rule"), findings=findings),
        complaint_rule=fields.text_or_none(node=got.get("complaint_rule"), findings=findings),
        note=fields.bilingual_or_none(node=got.get("note"), findings=findings),
        night=_read_roles(node=got.get("night"), findings=findings),
        forbidden_columns=_read_forbidden(node=got.get("forbidden_columns"), findings=findings),
        place=node.place,
    )


def _check_zone_and_currency(*, got: Mapping[str, Node], findings: Findings) -> None:
    zone = fields.text(node=got.get("time_zone"), findings=Findings())
    if zone:
        try:
            ZoneInfo(zone)
        except (ValueError, OSError, ZoneInfoNotFoundError):
            findings.add("time_zone_unknown", got["time_zone"].place, text=zone)
    currency = fields.text(node=got.get("base_currency"), findings=Findings())
    if currency and currency not in EXPONENTS:
        findings.add("currency_unknown", got["base_currency"].place, text=currency)


def _read_roles(*, node: Node | None, findings: Findings) -> Mapping[str, str]:
    """Yield which rule's value plays which part in the night: role -> "RULE.value"."""
    got = (
        fields.fields(node=node, required=(), optional=NIGHT_ROLES, findings=findings)
        if node
        else {}
    )
    return MappingProxyType(
        {role: fields.text(node=named, findings=findings) for role, named in got.items()}
    )


def _read_forbidden(*, node: Node | None, findings: Findings) -> ForbiddenColumns | None:
    """Yield the traits that no decision table may ask about."""
    if node is None:
        return None
    got = fields.fields(node=node, required=("rule", "traits"), findings=findings)
    traits = []
    for item in fields.items(node=got.get("traits"), findings=findings):
        one = fields.fields(node=item, required=("name", "columns"), findings=findings)
        columns = fields.items(node=one.get("columns"), findings=findings)
        traits.append(
            Trait(
                name=fields.bilingual(node=one.get("name"), findings=findings),
                columns=tuple(fields.text(node=name, findings=findings) for name in columns),
            )
        )
    rule = fields.text(node=got.get("rule"), findings=findings)
    return ForbiddenColumns(rule=rule, traits=tuple(traits))


def read_sources(*, node: Node, findings: Findings) -> Mapping[str, Source]:
    """Yield the sources of sources.yaml by id."""
    got = fields.fields(node=node, required=("sources",), findings=findings)
    sources: dict[str, Source] = {}
    for item in fields.items(node=got.get("sources"), findings=findings):
        source = _read_source(node=item, findings=findings)
        if source.id in sources:
            first = sources[source.id].place.line
            findings.add("source_duplicate", item.place, source=source.id, first=first)
            continue
        sources[source.id] = source
    return MappingProxyType(sources)


def _read_source(*, node: Node, findings: Findings) -> Source:
    got = fields.fields(
        node=node,
        required=("id", "title", "issuer", "force", "in_force_from", "in_force_until", "found_at"),
        optional=("number", "note"),
        findings=findings,
    )
    return Source(
        id=fields.text(node=got.get("id"), findings=findings),
        title=fields.bilingual(node=got.get("title"), findings=findings),
        number=fields.text_or_none(node=got.get("number"), findings=findings),
        issuer=fields.label(node=got.get("issuer"), findings=findings),
        force=fields.text(node=got.get("force"), findings=findings),
        in_force_from=fields.day_or_none(node=got.get("in_force_from"), findings=findings),
        in_force_until=fields.day_or_none(node=got.get("in_force_until"), findings=findings),
        found_at=fields.text(node=got.get("found_at"), findings=findings),
        note=fields.label_or_none(node=got.get("note"), findings=findings),
        place=node.place,
    )


def read_rules(*, node: Node, known: Known, findings: Findings) -> tuple[Rule, ...]:
    """Yield the rules of one parameter file."""
    got = fields.fields(node=node, required=("topic", "rules"), findings=findings)
    topic = _read_topic(node=got.get("topic"), findings=findings)
    return tuple(
        _read_rule(node=item, topic=topic, known=known, findings=findings)
        for item in fields.items(node=got.get("rules"), findings=findings)
    )


def _read_topic(*, node: Node | None, findings: Findings) -> Topic:
    if node is None:
        return Topic(id="", name=fields.NO_TEXT)
    got = fields.fields(node=node, required=("id", "zh", "en"), findings=findings)
    zh = fields.text(node=got.get("zh"), findings=findings)
    en = fields.text(node=got.get("en"), findings=findings)
    return Topic(
        id=fields.text(node=got.get("id"), findings=findings),
        name=replace(fields.NO_TEXT, zh=zh, en=en),
    )


def _read_rule(*, node: Node, topic: Topic, known: Known, findings: Findings) -> Rule:
    got = fields.fields(
        node=node,
        required=("id", "kind", "subject", "versions"),
        optional=("note",),
        findings=findings,
    )
    kind = fields.text(node=got.get("kind"), findings=findings)
    if kind and kind not in KINDS:
        findings.add("kind_unknown", got["kind"].place, kind=kind, known=", ".join(KINDS))
    head = Rule(
        id=fields.text(node=got.get("id"), findings=findings),
        kind=kind,
        topic=topic,
        subject=fields.bilingual(node=got.get("subject"), findings=findings),
        note=fields.label_or_none(node=got.get("note"), findings=findings),
        versions=(),
        place=node.place,
    )
    items = fields.items(node=got.get("versions"), findings=findings)
    if "versions" in got and not items:
        findings.add("versions_empty", got["versions"].place)
    versions = [
        version
        for item in items
        if (version := _read_version(node=item, rule=head, known=known, findings=findings))
    ]
    ordered = tuple(sorted(versions, key=lambda version: version.valid_from))
    _check_periods(versions=ordered, findings=findings)
    return replace(head, versions=ordered)


def _check_periods(*, versions: Sequence[RuleVersion], findings: Findings) -> None:
    for earlier, later in pairwise(versions):
        if earlier.valid_until is None or earlier.valid_until > later.valid_from:
            findings.add(
                "version_overlap",
                later.place,
                start=later.valid_from,
                earlier=earlier.valid_from,
            )
        elif earlier.valid_until < later.valid_from:
            findings.add(
                "version_gap", later.place, until=earlier.valid_until, start=later.valid_from
            )


def _read_version(
    *, node: Node, rule: Rule, known: Known, findings: Findings
) -> RuleVersion | None:
    got = fields.fields(
        node=node,
        required=("from", "until", "sentence", "article", "checked_on", "confidence"),
        optional=("source", "unverified", "enforced", "why_not", "values", "note"),
        findings=findings,
    )
    valid_from = fields.day(node=got.get("from"), findings=findings)
    valid_until = fields.day_or_none(node=got.get("until"), findings=findings)
    if valid_from and valid_until and valid_until <= valid_from:
        findings.add("until_before_from", node.place, until=valid_until, start=valid_from)
    sources = read_source_names(
        node=got.get("source"), owner=node, known=known.sources, findings=findings
    )
    checked_on = read_checked_on(node=got.get("checked_on"), on=known.on, findings=findings)
    enforced = fields.boolean(node=got.get("enforced"), default=True, findings=findings)
    why_not = fields.bilingual_or_none(node=got.get("why_not"), findings=findings)
    if not enforced and why_not is None:
        findings.add("why_not_missing", node.place)
    confidence = read_confidence(node=got.get("confidence"), findings=findings)
    sentence = fields.bilingual(node=got.get("sentence"), findings=findings)
    article = _read_article(node=got.get("article"), confidence=confidence, findings=findings)
    unverified = fields.bilingual_or_none(node=got.get("unverified"), findings=findings)
    note = fields.label_or_none(node=got.get("note"), findings=findings)
    values = _read_values(node=got.get("values"), findings=findings)
    if valid_from is None or checked_on is None or not sources:
        return None
    return RuleVersion(
        rule_id=rule.id,
        kind=rule.kind,
        topic=rule.topic.id,
        subject=rule.subject,
        valid_from=valid_from,
        valid_until=valid_until,
        sentence=sentence,
        sources=sources,
        article=article,
        checked_on=checked_on,
        confidence=confidence,
        unverified=unverified,
        enforced=enforced,
        why_not=why_not,
        note=note,
        values=values,
        place=node.place,
    )


def read_source_names(
    *, node: Node | None, owner: Node, known: Mapping[str, Source], findings: Findings
) -> tuple[Source, ...]:
    """Yield the declared source, or sources, that a version names."""
    if fields.is_null(node) or (isinstance(node, Listing) and not node.items):
        findings.add("source_missing", owner.place)
        return ()
    named = node.items if isinstance(node, Listing) else (node,)
    found = []
    for one in named:
        name = fields.text(node=one, findings=findings)
        if name in known:
            found.append(known[name])
        elif name and one is not None:
            findings.add("source_undeclared", one.place, source=name)
    return tuple(found)


def read_checked_on(*, node: Node | None, on: date | None, findings: Findings) -> date | None:
    """Yield the last-checked day, which cannot lie after the given day."""
    checked = fields.day(node=node, findings=findings)
    if node is not None and checked is not None and on is not None and checked > on:
        findings.add("checked_in_future", node.place, checked=checked, on=on)
    return checked


def read_confidence(*, node: Node | None, findings: Findings) -> str:
    """Yield high, medium or low."""
    confidence = fields.text(node=node, findings=findings)
    if node is not None and confidence and confidence not in CONFIDENCES:
        findings.add("confidence_unknown", node.place, text=confidence)
    return confidence


def _read_article(*, node: Node | None, confidence: str, findings: Findings) -> Article:
    if not isinstance(node, Branch):
        return Article(text=fields.text(node=node, findings=findings), confidence=confidence)
    got = fields.fields(node=node, required=("text", "confidence"), findings=findings)
    return Article(
        text=fields.text(node=got.get("text"), findings=findings),
        confidence=read_confidence(node=got.get("confidence"), findings=findings),
    )


def _read_values(*, node: Node | None, findings: Findings) -> Mapping[str, Value]:
    values = {
        name: _read_one_value(name=name, node=inner, findings=findings)
        for name, inner in fields.entries(node=node, findings=findings).items()
    }
    return MappingProxyType(values)


def _read_one_value(*, name: str, node: Node, findings: Findings) -> Value:
    got = fields.fields(
        node=node,
        required=("value",),
        optional=("unit", "comparator", "fact", "confidence", "unverified"),
        findings=findings,
    )
    unit_name = _unit_name(name=name, node=node, got=got, findings=findings)
    unit = unit_named(unit_name)
    value = None
    if unit is not None and "value" in got:
        value = read_value(node=got["value"], unit_name=unit_name, unit=unit, findings=findings)
    usual = unit.comparator if unit is not None else None
    return Value(
        name=name,
        value=value,
        unit=unit_name,
        comparator=_comparator(name=name, node=node, got=got, usual=usual, findings=findings),
        fact=fields.text(node=got["fact"], findings=findings) if "fact" in got else name,
        confidence=(
            read_confidence(node=got["confidence"], findings=findings)
            if "confidence" in got
            else None
        ),
        unverified=fields.bilingual_or_none(node=got.get("unverified"), findings=findings),
    )


def _unit_name(*, name: str, node: Node, got: Mapping[str, Node], findings: Findings) -> str:
    if fields.is_null(got.get("unit")):
        findings.add("unit_missing", node.place, name=name)
        return ""
    unit_name = fields.text(node=got["unit"], findings=findings)
    if unit_name and unit_named(unit_name) is None:
        findings.add("unit_unknown", got["unit"].place, unit=unit_name, known=known_units())
    return unit_name


def _comparator(
    *, name: str, node: Node, got: Mapping[str, Node], usual: str | None, findings: Findings
) -> str:
    if fields.is_null(got.get("comparator")):
        if usual is None:
            findings.add("comparator_missing", node.place, name=name)
        return usual or ""
    comparator = fields.text(node=got["comparator"], findings=findings)
    if comparator and comparator not in COMPARATORS:
        findings.add(
            "comparator_unknown",
            got["comparator"].place,
            comparator=comparator,
            known=" ".join(COMPARATORS),
        )
    return comparator


def read_wordings(*, node: Node, known: Known, findings: Findings) -> tuple[Wording, ...]:
    """Yield the wordings of one file under texts/."""
    got = fields.fields(node=node, required=("texts",), findings=findings)
    wordings = []
    for item in fields.items(node=got.get("texts"), findings=findings):
        one = fields.fields(node=item, required=("id", "rule", "zh", "en"), findings=findings)
        rule = read_rule_name(node=one.get("rule"), known=known, findings=findings)
        zh = fields.text(node=one.get("zh"), findings=findings)
        en = fields.text(node=one.get("en"), findings=findings)
        wordings.append(
            Wording(
                id=fields.text(node=one.get("id"), findings=findings),
                rule=rule,
                text=replace(fields.NO_TEXT, zh=zh, en=en),
                place=item.place,
            )
        )
    return tuple(wordings)


def read_rule_name(*, node: Node | None, known: Known, findings: Findings) -> str:
    """Yield the id of a rule that the pack has."""
    name = fields.text(node=node, findings=findings)
    if node is not None and name and name not in known.rules:
        findings.add("rule_unknown", node.place, rule=name)
    return name


def read_cases(*, node: Node, known: Known, findings: Findings) -> tuple[Case, ...]:
    """Yield the cases of one file."""
    got = fields.fields(node=node, required=("cases",), findings=findings)
    return tuple(
        case
        for item in fields.items(node=got.get("cases"), findings=findings)
        if (case := _read_case(node=item, known=known, findings=findings))
    )


def _read_case(*, node: Node, known: Known, findings: Findings) -> Case | None:
    got = fields.fields(
        node=node,
        required=("id", "rule", "says", "on", "facts", "expect"),
        optional=("ask",),
        findings=findings,
    )
    rule_id = read_rule_name(node=got.get("rule"), known=known, findings=findings)
    ask = fields.text(node=got["ask"], findings=findings) if "ask" in got else ""
    if ask and ask not in KINDS:
        findings.add("kind_unknown", got["ask"].place, kind=ask, known=", ".join(KINDS))
    rule = known.rules.get(rule_id)
    on = fields.day(node=got.get("on"), findings=findings)
    case_id = fields.text(node=got.get("id"), findings=findings)
    says = fields.bilingual(node=got.get("says"), findings=findings)
    facts = _frozen_entries(node=got.get("facts"), findings=findings)
    expect = _frozen_entries(node=got.get("expect"), findings=findings)
    if rule is None or on is None:
        return None
    return Case(
        id=case_id,
        rule=rule_id,
        says=says,
        on=on,
        ask=ask or rule.kind,
        facts=facts,
        expect=expect,
        place=node.place,
    )


def _frozen_entries(*, node: Node | None, findings: Findings) -> Mapping[str, Frozen]:
    read = fields.entries(node=node, findings=findings)
    return MappingProxyType(
        {key: fields.frozen(node=inner, findings=findings) for key, inner in read.items()}
    )
