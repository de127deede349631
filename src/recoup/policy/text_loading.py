"""Reads the texts of a pack or strategy: ``texts/required.yaml`` and ``texts/messages.yaml``."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

from recoup.kernel.texts.check import TextRules, check_text
from recoup.kernel.texts.filling import (
    AMOUNT,
    COUNT,
    DAY,
    PLACEHOLDERS,
    Part,
    Value,
    filled,
    placeholders_in,
)
from recoup.kernel.texts.segments import sms_segments
from recoup.policy import fields
from recoup.policy.bilingual import LANGUAGES, Bilingual
from recoup.policy.findings import Findings, Place
from recoup.policy.pack import Pack
from recoup.policy.text_parts import (
    CHANNELS,
    CONTACTS,
    Element,
    Message,
    MessageVersion,
    Required,
    joined,
)
from recoup.policy.yaml_tree import Branch, Node, read_tree

#: Values of usual length, with which a text is held to the rules before any debtor is written to.
_SAMPLE_NAMES: Mapping[str, Bilingual] = MappingProxyType(
    {
        "bank": Bilingual(zh="示例银行", en="Example Bank"),
        "bank_phone": Bilingual(zh="95000", en="95000"),
        "complaint_phone": Bilingual(zh="95001", en="95001"),
        "debtor": Bilingual(zh="欧阳先生", en="Mr Robinson"),
        "pay_ways": Bilingual(zh="手机银行、网点或转账", en="the app, a branch or bank transfer"),
        "agency": Bilingual(zh="甲资产管理有限公司", en="Alpha Asset Services Limited"),
        "agent": Bilingual(zh="李老师", en="Ms Li"),
        "handler": Bilingual(zh="王经理", en="Mr Wang"),
        "product": Bilingual(zh="个人消费贷款", en="personal loan"),
        "findings_made": Bilingual(zh="计算有误。", en="The calculation was wrong."),
        "redress": Bilingual(zh="已经更正。", en="It has been corrected."),
    }
)
_SAMPLE_NAME = Bilingual(zh="某某", en="Alpha")
_SAMPLE_DAY = date(2026, 11, 28)
_SAMPLE_MINOR = 1_238_455


@dataclass(frozen=True, kw_only=True)
class Setting:
    """By what the texts of one folder are judged, and where the findings go."""

    pack: Pack
    required: Required
    rules: TextRules
    findings: Findings


def read_required(*, pack: Pack, findings: Findings) -> Required:
    """Yield what the law of a pack asks for in texts; nothing, where the pack is silent."""
    nothing: Mapping[str, str] = MappingProxyType({})
    node = _tree(pack.folder, "required.yaml", findings)
    if node is None:
        return Required(
            elements=MappingProxyType({}), by_purpose=MappingProxyType({}), rules=nothing
        )
    got = fields.fields(node=node, required=("elements", "required"), findings=findings)
    elements = {
        name: _element(name, inner, findings)
        for name, inner in fields.entries(node=got.get("elements"), findings=findings).items()
    }
    by_purpose: dict[str, tuple[str, ...]] = {}
    rules: dict[str, str] = {}
    for item in fields.items(node=got.get("required"), findings=findings):
        one = fields.fields(node=item, required=("purpose", "rule", "elements"), findings=findings)
        purpose = fields.text(node=one.get("purpose"), findings=findings)
        rule = fields.text(node=one.get("rule"), findings=findings)
        if rule and rule not in pack.rules:
            findings.add("rule_unknown", one["rule"].place, rule=rule)
        if purpose in by_purpose:
            findings.add("id_duplicate", item.place, id=purpose, first=node.place)
        by_purpose[purpose] = tuple(
            fields.code(node=inner, known=tuple(elements), findings=findings)
            for inner in fields.items(node=one.get("elements"), findings=findings)
        )
        rules[purpose] = rule
    return Required(
        elements=MappingProxyType(elements),
        by_purpose=MappingProxyType(by_purpose),
        rules=MappingProxyType(rules),
    )


def _element(name: str, node: Node, findings: Findings) -> Element:
    got = fields.fields(node=node, required=LANGUAGES, optional=("needs",), findings=findings)
    return Element(
        id=name,
        name=Bilingual(
            zh=fields.text(node=got.get("zh"), findings=findings),
            en=fields.text(node=got.get("en"), findings=findings),
        ),
        needs=tuple(
            fields.code(node=one, known=tuple(PLACEHOLDERS), findings=findings)
            for one in fields.items(node=got.get("needs"), findings=findings)
        ),
    )


def read_messages(*, folder: Path, setting: Setting) -> tuple[Message, ...]:
    """Yield the texts of ``texts/messages.yaml`` in a folder; none, where there is no such file."""
    findings = setting.findings
    node = _tree(folder, "messages.yaml", findings)
    if node is None:
        return ()
    got = fields.fields(
        node=node, required=("messages",), optional=("most_sms_segments",), findings=findings
    )
    most = got.get("most_sms_segments")
    most_segments = None if most is None else fields.whole(node=most, findings=findings)
    found = []
    for item in fields.items(node=got.get("messages"), findings=findings):
        message = _message(item, setting)
        for version in message.versions:
            _check_version(version, setting, most_segments)
        found.append(message)
    return tuple(found)


def _tree(folder: Path, name: str, findings: Findings) -> Node | None:
    file = folder / "texts" / name
    if not file.is_file():
        return None
    shown_as = f"{folder.resolve().name}/texts/{name}"
    return read_tree(path=file, shown_as=shown_as, findings=findings)


def _message(node: Node, setting: Setting) -> Message:
    findings = setting.findings
    got = fields.fields(
        node=node,
        required=("id", "purpose", "contact", "channels", "versions"),
        findings=findings,
    )
    purpose = fields.text(node=got.get("purpose"), findings=findings)
    if purpose and purpose not in setting.required.by_purpose:
        known = ", ".join(setting.required.by_purpose) or "-"
        findings.add("purpose_silent", node.place, purpose=purpose, known=known)
    message = Message(
        id=fields.text(node=got.get("id"), findings=findings),
        purpose=purpose,
        contact=fields.code(node=got.get("contact"), known=CONTACTS, findings=findings),
        channels=tuple(
            fields.code(node=one, known=CHANNELS, findings=findings)
            for one in fields.items(node=got.get("channels"), findings=findings)
        ),
        versions=(),
        place=node.place,
    )
    items = fields.items(node=got.get("versions"), findings=findings)
    if "versions" in got and not items:
        findings.add("versions_empty", got["versions"].place)
    versions = [
        version for item in items if (version := _version(item, message, findings)) is not None
    ]
    versions.sort(key=lambda one: one.valid_from)
    _check_periods(versions, findings)
    return replace(message, versions=tuple(versions))


def _version(node: Node, message: Message, findings: Findings) -> MessageVersion | None:
    got = fields.fields(
        node=node, required=("version", "from", "until"), optional=LANGUAGES, findings=findings
    )
    valid_from = fields.day(node=got.get("from"), findings=findings)
    valid_until = fields.day_or_none(node=got.get("until"), findings=findings)
    if valid_from is None:
        return None
    if valid_until is not None and valid_until <= valid_from:
        findings.add("until_before_from", node.place, until=valid_until, start=valid_from)
    parts: dict[str, tuple[Part, ...]] = {}
    for language in LANGUAGES:
        inner = got.get(language)
        if not isinstance(inner, Branch) or not inner.entries:
            findings.add("language_missing", node.place, language=language)
            continue
        parts[language] = tuple(
            Part(element=name, text=fields.text(node=one, findings=findings))
            for name, one in inner.entries.items()
        )
    return MessageVersion(
        message_id=message.id,
        version=fields.whole(node=got.get("version"), findings=findings),
        purpose=message.purpose,
        contact=message.contact,
        channels=message.channels,
        valid_from=valid_from,
        valid_until=valid_until,
        parts=MappingProxyType(parts),
        place=node.place,
    )


def _check_periods(versions: list[MessageVersion], findings: Findings) -> None:
    seen: set[int] = set()
    for one in versions:
        if one.version in seen:
            findings.add("version_duplicate", one.place, version=one.version)
        seen.add(one.version)
    for earlier, later in pairwise(versions):
        start, until = later.valid_from, earlier.valid_until
        if until is None or until > start:
            findings.add("version_overlap", later.place, start=start, earlier=earlier.valid_from)
        elif until < start:
            findings.add("version_gap", later.place, until=until, start=start)


def _check_version(version: MessageVersion, setting: Setting, most_segments: int | None) -> None:
    findings = setting.findings
    _check_elements(version, setting)
    if len(version.parts) < len(LANGUAGES):
        return  # Said already; what follows compares the languages.
    named = {
        language: {name for part in parts for name in placeholders_in(part.text)}
        for language, parts in version.parts.items()
    }
    unknown = sorted(set().union(*named.values()) - PLACEHOLDERS.keys())
    for name in unknown:
        known = ", ".join(sorted(PLACEHOLDERS))
        findings.add("placeholder_unknown", version.place, name=name, known=known)
    only_one = sorted(named["zh"] ^ named["en"])
    if only_one:
        findings.add("placeholders_differ", version.place, names=", ".join(only_one))
    if unknown:
        return
    for language in LANGUAGES:
        text = _sample_text(version, language, setting.pack.base_currency)
        _check_said(version, text, language, setting)
        segments = sms_segments(text)
        if most_segments is not None and "sms" in version.channels:
            if segments.count > most_segments:
                fill = {"count": segments.count, "most": most_segments}
                findings.add("sms_too_long", version.place, **fill)


def _check_elements(version: MessageVersion, setting: Setting) -> None:
    elements, findings = setting.required.elements, setting.findings
    said = {language: [part.element for part in parts] for language, parts in version.parts.items()}
    if len(said) == len(LANGUAGES):
        only_one = sorted(set(said["zh"]) ^ set(said["en"]))
        if only_one:
            findings.add("elements_differ", version.place, names=", ".join(only_one))
    for language, parts in version.parts.items():
        for part in parts:
            element = elements.get(part.element)
            if element is None:
                known = ", ".join(elements) or "-"
                fill = {"element": part.element, "known": known}
                findings.add("element_unknown", version.place, **fill)
            elif element.needs and not set(element.needs) & set(placeholders_in(part.text)):
                needs = ", ".join(element.needs)
                findings.add("element_empty", version.place, element=part.element, needs=needs)
        for name in setting.required.by_purpose.get(version.purpose, ()):
            if name not in said[language]:
                findings.add(
                    "element_missing",
                    version.place,
                    element=name,
                    name=elements[name].name if name in elements else name,
                    rule=setting.required.rules.get(version.purpose, ""),
                    purpose=version.purpose,
                )


def sample_values(names: Iterable[str], language: str) -> dict[str, Value]:
    """Yield a value of usual length for each placeholder."""
    values: dict[str, Value] = {}
    for name in names:
        kind = PLACEHOLDERS[name]
        if kind == AMOUNT:
            values[name] = _SAMPLE_MINOR
        elif kind == DAY:
            values[name] = _SAMPLE_DAY
        elif kind == COUNT:
            values[name] = 60
        else:
            values[name] = _SAMPLE_NAMES.get(name, _SAMPLE_NAME).of(language)
    return values


def _sample_text(version: MessageVersion, language: str, currency: str) -> str:
    parts = version.parts[language]
    names = {name for part in parts for name in placeholders_in(part.text)}
    values = sample_values(names, language)
    said = filled(parts=parts, values=values, language=language, currency=currency)
    return joined(parts=said, channels=version.channels, language=language)


def _check_said(version: MessageVersion, text: str, language: str, setting: Setting) -> None:
    for one in check_text(
        text=text,
        rules=setting.rules,
        language=language,
        purpose=version.contact,
        figures=(_SAMPLE_MINOR,),
        currency=setting.pack.base_currency,
    ):
        setting.findings.add(
            "text_forbidden",
            version.place,
            phrase=one.phrase,
            rule=one.rule_id,
            says=Bilingual(zh=one.says.zh, en=one.says.en),
            better=Bilingual(zh=one.better.zh, en=one.better.en),
        )


def first_places(messages: Iterable[Message], findings: Findings) -> None:
    """Note an id used twice, and two texts for one purpose and channel: which would be sent?"""
    ids: dict[str, Place] = {}
    used: dict[tuple[str, str], Place] = {}
    for message in messages:
        if message.id in ids:
            findings.add("id_duplicate", message.place, id=message.id, first=ids[message.id])
        ids.setdefault(message.id, message.place)
        for channel in message.channels:
            key = (message.purpose, channel)
            if key in used:
                fill = {"purpose": message.purpose, "channel": channel, "first": used[key]}
                findings.add("purpose_twice", message.place, **fill)
            used.setdefault(key, message.place)
