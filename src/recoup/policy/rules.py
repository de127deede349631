"""What a pack is made of, read and frozen: sources, rules and their dated versions, tables, cases.

A version is in force from ``valid_from`` (included) until ``valid_until`` (excluded; None while it
is still in force). Nothing here can be changed after loading.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import TypeAlias

from recoup.kernel.money import exponent
from recoup.policy.bilingual import Bilingual
from recoup.policy.findings import Place

Frozen: TypeAlias = bool | int | str | date | tuple["Frozen", ...] | Mapping[str, "Frozen"] | None
"""A value that cannot be changed: scalars, tuples, read-only mappings."""

HIGH = "high"
MEDIUM = "medium"
LOW = "low"
CONFIDENCES = (HIGH, MEDIUM, LOW)

#: What parts the words of a column's name.
_WORDS = re.compile(r"[\s_.\-]+")

PPM_PER_UNIT = {"ppm": 1, "bp": 100, "percent": 10_000}


class NotExact(ValueError):
    """A value has more digits than the unit asked for can carry; nothing is rounded here."""


class WrongUnit(ValueError):
    """A value was asked for in a unit that it does not have."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """A text of law, or another text that a rule rests on."""

    id: str
    title: Bilingual
    number: str | None
    issuer: Bilingual
    force: str
    in_force_from: date | None
    in_force_until: date | None
    found_at: str
    note: Bilingual | None
    place: Place = field(compare=False, repr=False)

    def citation(self, *, language: str) -> str:
        """Yield title and number, as a letter would cite them."""
        title = self.title.of(language)
        shown = f"《{title}》" if language == "zh" else title
        if self.number is None:
            return shown
        return f"{shown}（{self.number}）" if language == "zh" else f"{shown} ({self.number})"

    def __str__(self) -> str:
        return self.id


@dataclass(frozen=True, kw_only=True)
class Article:
    """The place inside a source, with its own confidence: numbers are often quoted from memory."""

    text: str
    confidence: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, kw_only=True)
class Value:
    """One value of a version, with its unit and the comparator by which a fact is held to it.

    ``fact`` names the fact that is compared; it is the value's own name unless the pack says
    otherwise. ``confidence`` and ``unverified`` stand here where they differ from the version's.
    """

    name: str
    value: Frozen
    unit: str
    comparator: str
    fact: str
    confidence: str | None = None
    unverified: Bilingual | None = None


@dataclass(frozen=True, kw_only=True)
class RuleVersion:
    """One wording of a rule and the days on which it is in force."""

    rule_id: str
    kind: str
    topic: str
    subject: Bilingual
    valid_from: date
    valid_until: date | None
    sentence: Bilingual
    sources: tuple[Source, ...]
    article: Article
    checked_on: date
    confidence: str
    unverified: Bilingual | None
    enforced: bool
    why_not: Bilingual | None
    note: Bilingual | None
    values: Mapping[str, Value]
    place: Place = field(compare=False, repr=False)

    @property
    def source(self) -> Source:
        """The first source named, on which the version rests."""
        return self.sources[0]

    def in_force(self, *, on: date) -> bool:
        """Say whether the version is in force on a day."""
        return self.valid_from <= on and (self.valid_until is None or on < self.valid_until)


@dataclass(frozen=True, kw_only=True)
class Topic:
    """What a parameter file is about."""

    id: str
    name: Bilingual


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rule through time: its versions follow each other without gap or overlap."""

    id: str
    kind: str
    topic: Topic
    subject: Bilingual
    note: Bilingual | None
    versions: tuple[RuleVersion, ...]
    place: Place = field(compare=False, repr=False)

    def version_on(self, *, on: date) -> RuleVersion | None:
        """Yield the version in force on a day, or None."""
        for version in self.versions:
            if version.in_force(on=on):
                return version
        return None


@dataclass(frozen=True, kw_only=True)
class CitedValue:
    """A value in force on a day, with everything needed to cite it."""

    value: Frozen
    unit: str
    comparator: str
    rule_id: str
    name: str
    source: Source
    article: Article
    valid_from: date
    valid_until: date | None
    checked_on: date
    confidence: str
    enforced: bool
    unverified: Bilingual | None
    sentence: Bilingual

    @property
    def whole(self) -> int:
        """The value of a unit that counts: days, months, hours, times ...

        Errors: WrongUnit, when the value is no whole number.
        """
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            raise WrongUnit(f"{self.rule_id} {self.name} ({self.unit}) is no whole number")
        return self.value

    @property
    def decimal(self) -> Decimal:
        """The value as an exact decimal. Errors: WrongUnit, when it is no number."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | str):
            raise WrongUnit(f"{self.rule_id} {self.name} ({self.unit}) is no number")
        return Decimal(self.value)

    @property
    def fraction(self) -> Fraction:
        """The exact fraction of a value in the unit ``fraction``, or of any number."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | str):
            raise WrongUnit(f"{self.rule_id} {self.name} ({self.unit}) is no number")
        return Fraction(self.value)

    @property
    def ppm(self) -> int:
        """The value in parts per million, whatever its unit of proportion.

        Shape: percent "24" is 240000; percent_per_day and percent_per_year keep their period.
        Errors: WrongUnit, when the unit is no proportion; NotExact, when digits would be lost.
        """
        per_unit = PPM_PER_UNIT.get(self.unit.partition("_")[0])
        if per_unit is None:
            raise WrongUnit(f"{self.rule_id} {self.name} ({self.unit}) is no proportion")
        return self._exact(self.decimal * per_unit)

    @property
    def minor(self) -> int:
        """The amount in minor units of its currency.

        Errors: WrongUnit, when the unit is no currency; NotExact, when digits would be lost.
        """
        if self.unit.startswith("minor_"):
            return self.whole
        if not (len(self.unit) == 3 and self.unit.isupper()):
            raise WrongUnit(f"{self.rule_id} {self.name} ({self.unit}) is no amount of money")
        return self._exact(self.decimal.scaleb(exponent(self.unit)))

    @property
    def minute_of_day(self) -> int:
        """Minutes since midnight of a local time. Errors: WrongUnit, when it is no local time."""
        if self.unit != "local_time":
            raise WrongUnit(f"{self.rule_id} {self.name} ({self.unit}) is no time of day")
        hours, _, minutes = str(self.value).partition(":")
        return int(hours) * 60 + int(minutes)

    def _exact(self, number: Decimal) -> int:
        if number != number.to_integral_value():
            raise NotExact(f"{self.rule_id} {self.name}: {self.value} {self.unit} is not exact")
        return int(number)


@dataclass(frozen=True, kw_only=True)
class TableRow:
    """One row of a decision table of the law: in force exactly when its rule's version is.

    ``applies`` and ``when`` map a column to its unary tests as written: ``{name}`` stands for the
    value of that name, in force on the day, of the row's rule.
    """

    rule: str
    limb: str
    applies: Mapping[str, str]
    when: Mapping[str, str]
    then: str
    needs_column: str | None
    note: Bilingual | None
    place: Place = field(compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class PackTable:
    """A decision table of the law. ``inputs`` maps each column to its type."""

    id: str
    name: Bilingual | None
    hit_policy: str
    inputs: Mapping[str, str]
    rows: tuple[TableRow, ...]
    place: Place = field(compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Wording:
    """A wording that the law, or the pack, supplies for letters and calls."""

    id: str
    rule: str
    text: Bilingual
    place: Place = field(compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A story with facts and the expected answer, that a lawyer can read and dispute."""

    id: str
    rule: str
    says: Bilingual
    on: date
    ask: str
    facts: Mapping[str, Frozen]
    expect: Mapping[str, Frozen]
    place: Place = field(compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class OffDays:
    """Consecutive rest days by decree, first and last day included, with the reason."""

    first: date
    last: date
    name: Bilingual


@dataclass(frozen=True, kw_only=True)
class AnnouncedYear:
    """One year of the working-day calendar, as announced.

    ``provisional`` says why the year is not final, None when it is.
    """

    year: int
    weekend: frozenset[int]
    off: tuple[OffDays, ...]
    working_weekends: tuple[date, ...]
    source: Source
    checked_on: date
    confidence: str
    provisional: Bilingual | None
    place: Place = field(compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Trait:
    """A trait of people that no decision table may ask about, and the names columns for it have."""

    name: Bilingual
    columns: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ForbiddenColumns:
    """The traits that a pack keeps out of decision tables, and the rule on which that rests."""

    rule: str
    traits: tuple[Trait, ...]

    def trait_of(self, column: str) -> Trait | None:
        """Yield the trait that a column tells: by its name, or by a word of its name."""
        words = {column.casefold(), *_WORDS.split(column.casefold())}
        for trait in self.traits:
            for name in trait.columns:
                if name.casefold() in words or (not name.isascii() and name in column):
                    return trait
        return None


@dataclass(frozen=True, kw_only=True)
class PackHead:
    """What pack.yaml says about the pack as a whole.

    ``night`` names, for each part that a rule plays in the night, the rule and its value.
    ``forbidden_columns`` is None where the pack has no text on it.
    ``complaint_rule``: the rule that says by when a complaint is answered; None where none does.
    """

    id: str
    name: Bilingual
    version: str
    base_currency: str
    time_zone: str
    languages: tuple[str, ...]
    recheck_after_days: int
    stale_after_days: int
    due_day_on_rest_day: str
    due_day_rule: str | None
    complaint_rule: str | None
    note: Bilingual | None
    night: Mapping[str, str]
    forbidden_columns: ForbiddenColumns | None
    place: Place = field(compare=False, repr=False)


def read_only(entries: Mapping[str, Frozen]) -> Mapping[str, Frozen]:
    """Yield a read-only copy of a mapping."""
    return MappingProxyType(dict(entries))


def thawed(value: object) -> object:
    """Yield plain dicts and lists, as JSON knows them, from frozen mappings and tuples."""
    if isinstance(value, Mapping):
        return {str(key): thawed(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return [thawed(inner) for inner in value]
    return value
