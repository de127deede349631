"""Reads what must not be said: ``texts/forbidden.yaml`` of a pack or of a strategy.

A pack's rules serve a rule of its law, whose source every finding cites; a strategy's rules are
the bank's own and only come on top. What threatens in one country threatens in the next: a pack may
take the phrases of another one (``phrases_from``) for a rule of its own law (``like``), in the
languages that it is written in.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType

from recoup.kernel.explain import Words
from recoup.kernel.texts.check import BEFORE, DENIALS, KINDS, TextRule, TextRules
from recoup.kernel.texts.patterns import UnreadablePattern, compiled
from recoup.policy import fields
from recoup.policy.bilingual import LANGUAGES, Bilingual
from recoup.policy.findings import Findings, Place
from recoup.policy.pack import Pack
from recoup.policy.yaml_tree import Node, read_tree

FILE = "forbidden.yaml"
PURPOSES = ("collect", "notice", "service", "restore_contact")

Lists = Mapping[str, Mapping[str, tuple[str, ...]]]
Entries = Mapping[str, Node]


@dataclass(frozen=True, kw_only=True)
class Borrowed:
    """The rules of another pack, by id, whose phrases may be taken, and the lists they name."""

    rules: Mapping[str, Entries]
    lists: Lists
    languages: tuple[str, ...]

    def entries(self, name: str) -> Entries:
        """Yield what the rule of a name says; nothing where there is none."""
        return self.rules.get(name, MappingProxyType({}))


NOTHING_BORROWED = Borrowed(rules=MappingProxyType({}), lists=MappingProxyType({}), languages=())


@dataclass(frozen=True, kw_only=True)
class Law:
    """Whose rules are read: a pack's, which cite its law, or (``pack`` None) a strategy's own."""

    pack: Pack | None
    owner: Bilingual


def read_text_rules(*, folder: Path, law: Law, findings: Findings) -> TextRules:
    """Yield the rules of ``texts/forbidden.yaml`` in a folder; none without that file."""
    file = folder / "texts" / FILE
    nothing = TextRules(rules=(), pinyin=MappingProxyType({}))
    if not file.is_file():
        return nothing
    node = read_tree(path=file, shown_as=f"texts/{FILE}", findings=findings)
    if node is None:
        return nothing
    got = fields.fields(
        node=node,
        required=("forbidden",),
        optional=("lists", "pinyin", *(("phrases_from",) if law.pack else ())),
        findings=findings,
    )
    lists = _lists(got.get("lists"), findings)
    borrowed = _borrowed(got.get("phrases_from"), folder=folder, law=law, findings=findings)
    rules: dict[str, TextRule] = {}
    places: dict[str, Place] = {}
    for item in fields.items(node=got.get("forbidden"), findings=findings):
        rule = _rule(item, lists=lists, borrowed=borrowed, law=law, findings=findings)
        if rule.id in rules:
            findings.add("id_duplicate", item.place, id=rule.id, first=places[rule.id])
        rules.setdefault(rule.id, rule)
        places.setdefault(rule.id, item.place)
    return TextRules(rules=tuple(rules.values()), pinyin=_pinyin(got.get("pinyin"), findings))


def joined(*, first: TextRules, second: TextRules) -> TextRules:
    """Yield the rules of both: whatever one of them forbids is forbidden."""
    return TextRules(
        rules=first.rules + second.rules,
        pinyin=MappingProxyType({**first.pinyin, **second.pinyin}),
    )


def _borrowed(node: Node | None, *, folder: Path, law: Law, findings: Findings) -> Borrowed:
    """Yield the phrases of the pack beside that is named; nothing where none is."""
    if node is None or law.pack is None:
        return NOTHING_BORROWED
    name = fields.text(node=node, findings=findings)
    file = folder.parent / name / "texts" / FILE
    if not name.isidentifier() or not file.is_file():
        findings.add("phrases_missing", node.place, pack=name)
        return NOTHING_BORROWED
    tree = read_tree(path=file, shown_as=f"{name}/texts/{FILE}", findings=findings)
    top = fields.entries(node=tree, findings=findings)
    rules = {}
    for item in fields.items(node=top.get("forbidden"), findings=findings):
        entries = fields.entries(node=item, findings=findings)
        rules[fields.text(node=entries.get("id"), findings=findings)] = entries
    return Borrowed(
        rules=MappingProxyType(rules),
        lists=_lists(top.get("lists"), findings),
        languages=tuple(one for one in LANGUAGES if one in law.pack.languages),
    )


@dataclass(frozen=True, kw_only=True)
class _Phrases:
    """Reads a rule's own phrases and, in the languages of the pack, those that it has taken."""

    lists: Lists
    borrowed: Borrowed
    findings: Findings

    def read(
        self, own: Node | None, theirs: Node | None, *, language: str
    ) -> tuple[re.Pattern[str], ...]:
        found = _patterns(own, self.lists, language, self.findings)
        if language in self.borrowed.languages:
            found += _patterns(theirs, self.borrowed.lists, language, self.findings)
        return found


def _rule(
    node: Node, *, lists: Lists, borrowed: Borrowed, law: Law, findings: Findings
) -> TextRule:
    got = fields.fields(
        node=node,
        required=("id", "kind", "says", "better", *(("rule",) if law.pack else ())),
        optional=("denial", "purposes", "unless", "like", *LANGUAGES),
        findings=findings,
    )
    named = fields.text(node=got["like"], findings=findings) if "like" in got else ""
    theirs = borrowed.entries(named)
    if named and not theirs:
        findings.add("phrases_unknown", got["like"].place, rule=named)
    both = _Phrases(lists=lists, borrowed=borrowed, findings=findings)
    unless = fields.entries(node=got.get("unless"), findings=findings)
    their_unless = fields.entries(node=theirs.get("unless"), findings=findings)
    purposes = got.get("purposes", theirs.get("purposes"))
    denial = got.get("denial", theirs.get("denial"))
    phrases = {one: both.read(got.get(one), theirs.get(one), language=one) for one in LANGUAGES}
    if not any(phrases.values()):
        findings.add("text_rule_empty", node.place)
    return TextRule(
        id=fields.text(node=got.get("id"), findings=findings),
        kind=fields.code(node=got.get("kind"), known=KINDS, findings=findings),
        says=_words(fields.bilingual(node=got.get("says"), findings=findings)),
        better=_words(fields.bilingual(node=got.get("better"), findings=findings)),
        source=_source(got.get("rule"), law=law, findings=findings),
        phrases=MappingProxyType(phrases),
        unless=MappingProxyType(
            {
                one: both.read(unless.get(one), their_unless.get(one), language=one)
                for one in LANGUAGES
            }
        ),
        denial=(
            BEFORE if denial is None else fields.code(node=denial, known=DENIALS, findings=findings)
        ),
        purposes=None if purposes is None else _purposes(purposes, findings),
    )


def _purposes(node: Node, findings: Findings) -> tuple[str, ...]:
    return tuple(
        fields.code(node=one, known=PURPOSES, findings=findings)
        for one in fields.items(node=node, findings=findings)
    )


def _source(node: Node | None, *, law: Law, findings: Findings) -> Words:
    """What a finding cites: the rule of law with its source, or the bank's policy."""
    if law.pack is None:
        return _words(law.owner)
    rule_id = fields.text(node=node, findings=findings)
    rule = law.pack.rules.get(rule_id)
    if rule is None or not rule.versions:
        if node is not None and rule_id:
            findings.add("rule_unknown", node.place, rule=rule_id)
        return _words(law.owner)
    version = rule.version_on(on=date.max) or rule.versions[-1]
    title, article = version.source.title, version.article.text
    return Words(
        zh=f"{rule_id}，{title.zh} {article}".strip(), en=f"{rule_id}, {title.en} {article}".strip()
    )


def _patterns(
    node: Node | None, lists: Lists, language: str, findings: Findings
) -> tuple[re.Pattern[str], ...]:
    found = []
    for one in fields.items(node=node, findings=findings):
        for pattern in filter(None, fields.text(node=one, findings=findings).split(" / ")):
            try:
                made = compiled(pattern=pattern, lists=lists.get(language, {}), language=language)
                found.append(made)
            except UnreadablePattern as problem:
                findings.add("pattern_unreadable", one.place, pattern=pattern, problem=problem)
    return tuple(found)


def _lists(node: Node | None, findings: Findings) -> Lists:
    lists: dict[str, Mapping[str, tuple[str, ...]]] = {}
    for language, inner in fields.entries(node=node, findings=findings).items():
        if language not in LANGUAGES:
            findings.add("unknown_key", inner.place, key=language, known=", ".join(LANGUAGES))
        lists[language] = MappingProxyType(
            {
                name: _texts(one, findings)
                for name, one in fields.entries(node=inner, findings=findings).items()
            }
        )
    return lists


def _texts(node: Node, findings: Findings) -> tuple[str, ...]:
    items: Sequence[Node] = fields.items(node=node, findings=findings)
    return tuple(fields.text(node=one, findings=findings) for one in items)


def _pinyin(node: Node | None, findings: Findings) -> Mapping[str, str]:
    found = {}
    for word, inner in fields.entries(node=node, findings=findings).items():
        syllables = fields.text(node=inner, findings=findings)
        if len(syllables.split()) != len(word):
            findings.add("pinyin_differs", inner.place, word=word, syllables=syllables)
            continue
        found[word] = syllables
    return MappingProxyType(found)


def _words(text: Bilingual) -> Words:
    return Words(zh=text.zh, en=text.en)
