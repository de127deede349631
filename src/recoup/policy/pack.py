"""Packs: law as data. Loads one, and answers what applied on a day, with the citation.

A pack is a folder: ``pack.yaml``, ``sources.yaml``, ``parameters/``, ``tables/``, ``calendars/``,
``texts/``, ``cases/``. It is read as a whole or refused as a whole, with every finding told.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from recoup.kernel.calendar import WorkingDays
from recoup.policy import loading
from recoup.policy.bilingual import Bilingual
from recoup.policy.findings import Findings, PackRefused, Place
from recoup.policy.loading_calendars import read_calendar, working_days
from recoup.policy.loading_tables import read_table
from recoup.policy.rules import (
    AnnouncedYear,
    Case,
    CitedValue,
    PackHead,
    PackTable,
    Rule,
    RuleVersion,
    Source,
    Wording,
)
from recoup.policy.yaml_tree import read_tree

__all__ = ["NotInForce", "Pack", "PackRefused", "load_pack"]

FOLDERS = ("parameters", "tables", "calendars", "texts", "cases")
#: Files of texts/ that only those read who write to people: see recoup.policy.texts.
WRITING = frozenset({"forbidden.yaml", "required.yaml", "messages.yaml"})
Read = TypeVar("Read")
Named = TypeVar("Named", PackTable, Wording, Case)


class NotInForce(LookupError):
    """The pack says nothing for that day; ``sentence`` tells what is missing."""

    def __init__(self, *, rule_id: str, sentence: Bilingual) -> None:
        super().__init__(f"{sentence.zh} / {sentence.en}")
        self.rule_id = rule_id
        self.sentence = sentence


@dataclass(frozen=True, kw_only=True)
class Pack:
    """The law of one jurisdiction, as loaded; it cannot be changed."""

    head: PackHead
    folder: Path
    content_hash: str
    sources: Mapping[str, Source]
    rules: Mapping[str, Rule]
    tables: Mapping[str, PackTable]
    calendar: WorkingDays
    calendar_years: Mapping[int, AnnouncedYear]
    wordings: Mapping[str, Wording]
    cases: tuple[Case, ...]

    @property
    def id(self) -> str:
        return self.head.id

    @property
    def name(self) -> Bilingual:
        return self.head.name

    @property
    def version(self) -> str:
        return self.head.version

    @property
    def base_currency(self) -> str:
        return self.head.base_currency

    @property
    def time_zone(self) -> str:
        return self.head.time_zone

    @property
    def languages(self) -> tuple[str, ...]:
        return self.head.languages

    @property
    def due_day_on_rest_day(self) -> str:
        """What a due date on a rest day does: ``keep`` or ``next_working_day``."""
        return self.head.due_day_on_rest_day

    def in_force(self, rule_id: str, *, on: date) -> RuleVersion:
        """Yield the version of a rule that is in force on a day.

        Errors: NotInForce, which says what is missing and when the pack knows the rule.
        """
        rule = self.rules.get(rule_id)
        if rule is None:
            raise NotInForce(rule_id=rule_id, sentence=self._no_rule(rule_id))
        version = rule.version_on(on=on)
        if version is None:
            raise NotInForce(rule_id=rule_id, sentence=self._not_that_day(rule, on))
        return version

    def value(self, rule_id: str, name: str, *, on: date) -> CitedValue:
        """Yield a value in force on a day, with everything needed to cite it.

        Errors: NotInForce, when the pack has no such rule or value on that day.
        """
        version = self.in_force(rule_id, on=on)
        value = version.values.get(name)
        if value is None:
            raise NotInForce(rule_id=rule_id, sentence=self._no_value(version, name))
        return CitedValue(
            value=value.value,
            unit=value.unit,
            comparator=value.comparator,
            rule_id=rule_id,
            name=name,
            source=version.source,
            article=version.article,
            valid_from=version.valid_from,
            valid_until=version.valid_until,
            checked_on=version.checked_on,
            confidence=value.confidence or version.confidence,
            enforced=version.enforced,
            unverified=value.unverified or version.unverified,
            sentence=version.sentence,
        )

    def rules_of(
        self,
        *,
        on: date,
        kind: str | None = None,
        topic: str | None = None,
        include_unenforced: bool = False,
    ) -> tuple[RuleVersion, ...]:
        """Yield the versions in force on a day, by rule id; those never applied are left out."""
        found = []
        for rule in sorted(self.rules.values(), key=lambda one: one.id):
            version = rule.version_on(on=on)
            if version is None or not (version.enforced or include_unenforced):
                continue
            if kind in (None, rule.kind) and topic in (None, rule.topic.id):
                found.append(version)
        return tuple(found)

    def _no_rule(self, rule_id: str) -> Bilingual:
        return Bilingual(
            zh=f"法规包“{self.id}”没有编号为“{rule_id}”的规则。",
            en=f"The pack '{self.id}' has no rule '{rule_id}'.",
        )

    def _not_that_day(self, rule: Rule, on: date) -> Bilingual:
        first = rule.versions[0].valid_from
        last = rule.versions[-1].valid_until
        if on < first:
            return Bilingual(
                zh=f"规则“{rule.id}”在 {on} 尚未生效："
                f"法规包“{self.id}”所知的最早版本自 {first} 起。",
                en=f"Rule '{rule.id}' is not yet in force on {on}: the earliest version that the "
                f"pack '{self.id}' knows begins on {first}.",
            )
        return Bilingual(
            zh=f"规则“{rule.id}”在 {on} 已不再有效："
            f"法规包“{self.id}”所知的最后版本已于 {last} 失效。",
            en=f"Rule '{rule.id}' is no longer in force on {on}: the last version that the pack "
            f"'{self.id}' knows ended on {last}.",
        )

    def _no_value(self, version: RuleVersion, name: str) -> Bilingual:
        known = ", ".join(version.values) or "-"
        return Bilingual(
            zh=f"规则“{version.rule_id}”自 {version.valid_from} 起的版本没有名为“{name}”的数值；"
            f"有：{known}。",
            en=f"The version of rule '{version.rule_id}' from {version.valid_from} has no value "
            f"'{name}'; it has: {known}.",
        )


def load_pack(path: Path | str, *, on: date | None = None, with_cases: bool = True) -> Pack:
    """Yield the pack in a folder.

    Shape: with ``on``, a last-checked day after it is refused too (nobody has checked tomorrow).
    Without ``with_cases`` the cases are not read: they prove the rules and decide nothing.
    Errors: PackRefused, with every finding: code, file, line, path, sentence in zh and en.
    """
    return _Loader(folder=Path(path), on=on, with_cases=with_cases).load()


def content_hash(*, folder: Path) -> str:
    """Yield the sha256 over the names and contents of a pack's files, in the order of names."""
    digest = hashlib.sha256()
    for file in pack_files(folder=folder):
        content = file.read_bytes()
        name = file.relative_to(folder).as_posix().encode()
        digest.update(b"%d:%s%d:" % (len(name), name, len(content)))
        digest.update(content)
    return digest.hexdigest()


def pack_files(*, folder: Path) -> tuple[Path, ...]:
    """Yield every file of a pack, hidden ones left out, in the order of their names."""
    files = [
        file
        for file in folder.rglob("*")
        if file.is_file() and not any(part[0] == "." for part in file.relative_to(folder).parts)
    ]
    return tuple(sorted(files, key=lambda file: file.relative_to(folder).as_posix()))


class _Loader:
    """Loads one pack; lives as long as the loading."""

    def __init__(self, *, folder: Path, on: date | None, with_cases: bool) -> None:
        self._folder = folder
        self._on = on
        self._with_cases = with_cases
        self._findings = Findings()

    def load(self) -> Pack:
        head = self._read_head()
        self._refuse_unknown_files()
        sources = self._read_sources()
        known = loading.Known(sources=sources, rules=MappingProxyType({}), on=self._on)
        rules = self._rules(known)
        known = loading.Known(sources=sources, rules=rules, on=self._on)
        tables = self._unique(self._each("tables", read_table, known))
        years = self._years(self._flat("calendars", read_calendar, known))
        wordings = self._unique(self._flat("texts", loading.read_wordings, known))
        cases: Mapping[str, Case] = MappingProxyType({})
        if self._with_cases:
            cases = self._unique(self._flat("cases", loading.read_cases, known))
        self._check_rules_named(head, rules)
        found = self._findings.sorted()
        if found:
            raise PackRefused(found)
        return Pack(
            head=head,
            folder=self._folder,
            content_hash=content_hash(folder=self._folder),
            sources=sources,
            rules=rules,
            tables=tables,
            calendar=working_days(years=years.values()),
            calendar_years=years,
            wordings=wordings,
            cases=tuple(cases.values()),
        )

    def _read_head(self) -> PackHead:
        file = self._folder / "pack.yaml"
        place = Place(file="pack.yaml", line=1, path="")
        node = None
        if file.is_file():
            node = read_tree(path=file, shown_as="pack.yaml", findings=self._findings)
        else:
            self._findings.add("pack_yaml_missing", place, folder=self._folder.name)
        if node is None:
            # Without a head the other files cannot be judged: whose law are they?
            raise PackRefused(self._findings.sorted())
        head = loading.read_head(node=node, findings=self._findings)
        if head.id and head.id != self._folder.resolve().name:
            self._findings.add(
                "folder_name_differs", place, id=head.id, folder=self._folder.resolve().name
            )
        return head

    def _refuse_unknown_files(self) -> None:
        for file in pack_files(folder=self._folder):
            inside = file.relative_to(self._folder)
            name = inside.as_posix()
            in_folder = inside.parts[0] in FOLDERS and file.suffix == ".yaml"
            at_top = name in ("pack.yaml", "sources.yaml") or name.startswith("README")
            if not (in_folder and len(inside.parts) > 1) and not at_top:
                self._findings.add("unknown_file", Place(file=name, line=1, path=""), name=name)

    def _read_sources(self) -> Mapping[str, Source]:
        file = self._folder / "sources.yaml"
        if not file.is_file():
            place = Place(file="sources.yaml", line=1, path="")
            self._findings.add("sources_yaml_missing", place)
            return MappingProxyType({})
        node = read_tree(path=file, shown_as="sources.yaml", findings=self._findings)
        if node is None:
            return MappingProxyType({})
        return loading.read_sources(node=node, findings=self._findings)

    def _each(self, folder: str, read: Callable[..., Read], known: loading.Known) -> Iterable[Read]:
        for file in sorted((self._folder / folder).rglob("*.yaml")):
            if folder == "texts" and file.name in WRITING:
                continue
            shown_as = file.relative_to(self._folder).as_posix()
            node = read_tree(path=file, shown_as=shown_as, findings=self._findings)
            if node is not None:
                yield read(node=node, known=known, findings=self._findings)

    def _flat(
        self, folder: str, read: Callable[..., tuple[Read, ...]], known: loading.Known
    ) -> tuple[Read, ...]:
        return tuple(one for found in self._each(folder, read, known) for one in found)

    def _rules(self, known: loading.Known) -> Mapping[str, Rule]:
        rules: dict[str, Rule] = {}
        for rule in self._flat("parameters", loading.read_rules, known):
            if rule.id in rules:
                first = rules[rule.id].place
                self._findings.add("rule_duplicate", rule.place, rule=rule.id, first=first)
                continue
            rules[rule.id] = rule
        return MappingProxyType(rules)

    def _unique(self, found: Iterable[Named]) -> Mapping[str, Named]:
        unique: dict[str, Named] = {}
        for one in found:
            if one.id in unique:
                first = unique[one.id].place
                self._findings.add("id_duplicate", one.place, id=one.id, first=first)
                continue
            unique[one.id] = one
        return MappingProxyType(unique)

    def _years(self, found: Iterable[AnnouncedYear]) -> Mapping[int, AnnouncedYear]:
        years: dict[int, AnnouncedYear] = {}
        for year in sorted(found, key=lambda one: (one.year, str(one.place))):
            if year.year in years:
                first = years[year.year].place
                self._findings.add(
                    "calendar_year_duplicate", year.place, year=year.year, first=first
                )
                continue
            years[year.year] = year
        return MappingProxyType(years)

    def _check_rules_named(self, head: PackHead, rules: Mapping[str, Rule]) -> None:
        if head.due_day_rule is not None and head.due_day_rule not in rules:
            self._findings.add("due_day_rule_missing", head.place, rule=head.due_day_rule)
        forbidden = head.forbidden_columns
        if forbidden is not None and forbidden.rule not in rules:
            self._findings.add("forbidden_rule_missing", head.place, rule=forbidden.rule)
        if head.complaint_rule is not None and head.complaint_rule not in rules:
            self._findings.add("complaint_rule_missing", head.place, rule=head.complaint_rule)
        for role, named in head.night.items():
            rule_id, _, name = named.partition(".")
            versions = rules[rule_id].versions if rule_id in rules else ()
            if not any(name in version.values for version in versions):
                self._findings.add("night_role_unknown", head.place, role=role, named=named)
