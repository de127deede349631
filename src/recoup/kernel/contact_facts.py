"""The facts of one intended contact, as the gate reads them from one JSON object.

``None`` means *unknown* everywhere. Where the object says ``null`` and means something by it (not
dead, all channels, all contracts), a field of its own says so.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TypeVar

Element = TypeVar("Element")

CHANNELS = frozenset({"call", "ai_call", "sms", "email", "letter", "visit", "im", "portal"})
VOICE = frozenset({"call", "ai_call"})
DEBTOR = "debtor"
PARTIES = frozenset(
    {DEBTOR, "co_obligor", "guarantor", "spouse_joint_debt", "listed_contact", "other"}
)
PURPOSES = frozenset({"collect", "notice", "service", "restore_contact"})
PLACES = frozenset({"home", "work", "other"})
KINDS = frozenset({"retail", "small_business", "non_retail"})
INSTITUTIONS = frozenset({"bank", "consumer_finance", "small_loan", "agency", "debt_buyer"})
NUMBER_SOURCES = frozenset(
    {
        "contract",
        "debtor",
        "authorised",
        "public",
        "told_by_contact",
        "bureau_authorised",
        "purchased",
        "unknown",
    }
)
HOLD_KINDS = frozenset(
    {
        "dispute",
        "complaint",
        "hardship",
        "vulnerable",
        "legal",
        "attorney",
        "deceased",
        "bankruptcy",
        "do_not_contact",
        "plan_active",
    }
)
DIRECTIONS = frozenset({"out", "in"})
SHORTEST_COMPARABLE_NUMBER = 7
EARLIEST_YEAR = 1970
LATEST_YEAR = 2199


class BadFacts(ValueError):
    """The facts cannot be read: an unknown key, an unknown code, a value of the wrong shape."""

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(f"{zh} {en}")
        self.zh = zh
        self.en = en


@dataclass(frozen=True, kw_only=True)
class Person:
    """The debtor; ``deceased`` and ``bankrupt`` are False only where the facts say ``null``."""

    id: str | None = None
    kind: str | None = None
    time_zone: str | None = None
    language: str | None = None
    deceased: bool | None = None
    bankrupt: bool | None = None
    represented_by_attorney: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Number:
    """The number or address that the contact would use."""

    value: str | None = None
    source: str | None = None
    valid: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Contract:
    """A contract that the contact is about."""

    contract_id: str | None = None
    product: str | None = None
    dpd: int | None = None
    institution: str | None = None


@dataclass(frozen=True, kw_only=True)
class AgreedHours:
    """Local hours that the debtor agreed to; ``until`` is the first minute outside.

    An agreement that ends at or before its start runs over midnight.
    """

    begins: time
    ends: time


@dataclass(frozen=True, kw_only=True)
class Consent:
    """A consent of the debtor to one channel, for one contract or for all."""

    channel: str | None = None
    at: datetime | None = None
    contract_id: str | None = None
    all_contracts: bool = False


@dataclass(frozen=True, kw_only=True)
class StopRequest:
    """Someone asked not to be contacted; ``channel`` None = on every channel."""

    party: str | None = None
    number: str | None = None
    channel: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Hold:
    """A hold on the person (``contract_id`` None) or on one contract, from a day until a day."""

    kind: str | None = None
    from_on: date | None = None
    until_on: date | None = None
    contract_id: str | None = None
    channel: str | None = None


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """An earlier contact. ``connected``: someone answered; ``effective``: a conversation."""

    at: datetime | None = None
    channel: str | None = None
    direction: str | None = None
    number: str | None = None
    party: str | None = None
    contract_id: str | None = None
    connected: bool | None = None
    effective: bool | None = None
    in_service: bool | None = None

    @property
    def answered(self) -> bool | None:
        """Whether someone answered: a conversation proves it, a dead number refutes it."""
        if self.effective or self.connected:
            return True
        if self.connected is False or self.in_service is False:
            return False
        return None

    @property
    def conversed(self) -> bool | None:
        """Whether there was an effective conversation."""
        if self.effective is None and self.answered is False:
            return False
        return self.effective


@dataclass(frozen=True, kw_only=True)
class ContactFacts:
    """Everything the gate may know about one intended contact.

    Shape: lists are None where the facts do not give them, and empty where they say "none".
    ``naive_at`` is True where ``at`` was given without an offset, so that the instant is unknown.
    """

    at: datetime | None = None
    naive_at: bool = False
    person: Person = Person()
    party: str | None = None
    number: Number = Number()
    channel: str | None = None
    interactive: bool | None = None
    robot: bool | None = None
    purpose: str | None = None
    place: str | None = None
    reveals_debt: bool | None = None
    offers_to_pay: bool | None = None
    contracts: tuple[Contract, ...] | None = None
    agreed_hours: tuple[AgreedHours, ...] | None = None
    consents: tuple[Consent, ...] | None = None
    refusals: tuple[StopRequest, ...] | None = None
    holds: tuple[Hold, ...] | None = None
    attempts: tuple[Attempt, ...] | None = None


def same_number(one: str, other: str) -> bool:
    """Tell whether two numbers or addresses are the same, whatever the way they are written.

    A number with its country code equals the same number without it: where in doubt the numbers
    count together, which only ever forbids more.

    Example:
        >>> same_number("+86 138-0000-0000", "13800000000")
        True
        >>> same_number("上海市示例路8号", "北京市样本街8号")
        False
    """
    if "@" in one or "@" in other:
        return one.strip().casefold() == other.strip().casefold()
    first, second = _digits(one), _digits(other)
    if not first or not second:
        return one.strip().casefold() == other.strip().casefold()
    shorter, longer = sorted((first, second), key=len)
    if len(shorter) < SHORTEST_COMPARABLE_NUMBER:
        # A house number is not the whole of a postal address.
        if any(letter.isalpha() for letter in one + other):
            return one.strip().casefold() == other.strip().casefold()
        return shorter == longer
    return longer.endswith(shorter)


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def read_facts(facts: object) -> ContactFacts:
    """Yield the facts of one JSON object (already parsed).

    Errors: ``BadFacts`` for an unknown key, an unknown code or a value of the wrong shape.
    A key that is missing is a fact that is unknown; it is no error here.
    """
    tree = _Tree(facts, "facts")
    at, naive = tree.instant("at")
    found = ContactFacts(
        at=at,
        naive_at=naive,
        person=_person(tree.child("person")),
        party=tree.code("party", PARTIES),
        number=_number(tree.child("number")),
        channel=tree.code("channel", CHANNELS),
        interactive=tree.boolean("interactive"),
        robot=tree.boolean("robot"),
        purpose=tree.code("purpose", PURPOSES),
        place=tree.code("place", PLACES),
        reveals_debt=tree.boolean("reveals_debt"),
        offers_to_pay=tree.boolean("offers_to_pay"),
        contracts=tree.elements("contracts", _contract),
        agreed_hours=tree.elements("agreed_hours", _agreed_hours),
        consents=tree.elements("consents", _consent),
        refusals=tree.elements("refusals", _stop_request),
        holds=tree.elements("holds", _hold),
        attempts=tree.elements("attempts", _attempt),
    )
    tree.finish()
    return found


def _person(tree: "_Tree") -> Person:
    person = Person(
        id=tree.text("id"),
        kind=tree.code("kind", KINDS),
        time_zone=tree.text("time_zone"),
        language=tree.text("language"),
        deceased=tree.happened("deceased_on"),
        bankrupt=tree.happened("bankrupt_on"),
        represented_by_attorney=tree.boolean("represented_by_attorney"),
    )
    tree.finish()
    return person


def _number(tree: "_Tree") -> Number:
    number = Number(
        value=tree.text("value"),
        source=tree.code("source", NUMBER_SOURCES),
        valid=tree.boolean("valid"),
    )
    tree.finish()
    return number


def _contract(tree: "_Tree") -> Contract:
    return Contract(
        contract_id=tree.text("contract_id"),
        product=tree.text("product"),
        dpd=tree.whole_number("dpd"),
        institution=tree.code("institution", INSTITUTIONS),
    )


def _agreed_hours(tree: "_Tree") -> AgreedHours:
    hours = AgreedHours(begins=tree.local_time("from"), ends=tree.local_time("until"))
    if hours.begins == hours.ends:
        raise BadFacts(
            zh=f"{tree.place}：约定时段的起点与终点相同。",
            en=f"{tree.place}: the agreed hours end where they begin.",
        )
    return hours


def _consent(tree: "_Tree") -> Consent:
    return Consent(
        all_contracts=tree.says_null("contract_id"),
        channel=tree.code("channel", CHANNELS),
        at=tree.instant("at")[0],
        contract_id=tree.text("contract_id"),
    )


def _stop_request(tree: "_Tree") -> StopRequest:
    return StopRequest(
        party=tree.code("party", PARTIES),
        number=tree.text("number"),
        channel=tree.code("channel", CHANNELS),
        at=tree.instant("at")[0],
    )


def _hold(tree: "_Tree") -> Hold:
    hold = Hold(
        kind=tree.code("kind", HOLD_KINDS),
        from_on=tree.day("from"),
        until_on=tree.day("until"),
        contract_id=tree.text("contract_id"),
        channel=tree.code("channel", CHANNELS),
    )
    if hold.from_on and hold.until_on and hold.until_on < hold.from_on:
        raise BadFacts(
            zh=f"{tree.place}：冻结的终点 {hold.until_on} 早于起点 {hold.from_on}。",
            en=f"{tree.place}: the hold ends on {hold.until_on}, before it starts "
            f"on {hold.from_on}.",
        )
    return hold


def _attempt(tree: "_Tree") -> Attempt:
    return Attempt(
        at=tree.instant("at")[0],
        channel=tree.code("channel", CHANNELS),
        direction=tree.code("direction", DIRECTIONS),
        number=tree.text("number"),
        party=tree.code("party", PARTIES),
        contract_id=tree.text("contract_id"),
        connected=tree.boolean("connected"),
        effective=tree.boolean("effective"),
        in_service=tree.boolean("in_service"),
    )


class _Tree:
    """One JSON object; remembers which keys were asked for, so that the rest is refused."""

    def __init__(self, node: object, place: str) -> None:
        if not isinstance(node, Mapping):
            raise BadFacts(
                zh=f"{place} 应为一个 JSON 对象。", en=f"{place} must be one JSON object."
            )
        self.node: Mapping[str, object] = node
        self.place = place
        self.asked: set[str] = set()

    def get(self, key: str) -> object:
        self.asked.add(key)
        return self.node.get(key)

    def says_null(self, key: str) -> bool:
        self.asked.add(key)
        return key in self.node and self.node[key] is None

    def finish(self) -> None:
        unknown = sorted(set(self.node) - self.asked)
        if unknown:
            known = ", ".join(sorted(self.asked))
            raise BadFacts(
                zh=f"{self.place} 中有不认识的键“{unknown[0]}”；可用的键：{known}。",
                en=f"{self.place} has the unknown key '{unknown[0]}'; the keys known are: {known}.",
            )

    def wrong(self, key: str, *, zh: str, en: str) -> BadFacts:
        shown = repr(self.node[key])[:80]
        return BadFacts(
            zh=f"{self.place}.{key} 应为{zh}，而不是 {shown}。",
            en=f"{self.place}.{key} must be {en}, not {shown}.",
        )

    def child(self, key: str) -> "_Tree":
        node = self.get(key)
        return _Tree({} if node is None else node, f"{self.place}.{key}")

    def elements(self, key: str, read: Callable[["_Tree"], Element]) -> tuple[Element, ...] | None:
        node = self.get(key)
        if node is None:
            return None
        if not isinstance(node, Sequence) or isinstance(node, str):
            raise self.wrong(key, zh="列表", en="a list")
        found = []
        for place, element in enumerate(node):
            tree = _Tree(element, f"{self.place}.{key}[{place}]")
            found.append(read(tree))
            tree.finish()
        return tuple(found)

    def text(self, key: str) -> str | None:
        value = self.get(key)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self.wrong(key, zh="文字", en="a text")
        return value or None

    def code(self, key: str, known: frozenset[str]) -> str | None:
        value = self.text(key)
        if value is not None and value not in known:
            listed = ", ".join(sorted(known))
            raise self.wrong(key, zh=f"下列之一：{listed}", en=f"one of: {listed}")
        return value

    def boolean(self, key: str) -> bool | None:
        value = self.get(key)
        if value is not None and not isinstance(value, bool):
            raise self.wrong(key, zh=" true 或 false", en="true or false")
        return value

    def whole_number(self, key: str) -> int | None:
        value = self.get(key)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self.wrong(key, zh="非负整数", en="a whole number, zero or more")
        return value

    def day(self, key: str) -> date | None:
        value = self.text(key)
        if value is None:
            return None
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise self.wrong(key, zh="日期（年-月-日）", en="a date (year-month-day)") from None

    def happened(self, key: str) -> bool | None:
        """True with a day, False where the facts say null, None where they are silent."""
        if self.says_null(key):
            return False
        return None if self.day(key) is None else True

    def instant(self, key: str) -> tuple[datetime | None, bool]:
        """The aware instant, and whether one was given without its offset."""
        value = self.text(key)
        if value is None:
            return None, False
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            raise self.wrong(
                key,
                zh="时刻（ISO 8601，带时差）",
                en="an instant (ISO 8601, with its offset)",
            ) from None
        if not EARLIEST_YEAR <= found.year <= LATEST_YEAR:
            years = f"{EARLIEST_YEAR}-{LATEST_YEAR}"
            raise self.wrong(key, zh=f" {years} 年间的时刻", en=f"an instant in {years}")
        if found.utcoffset() is None:
            return None, True
        return found, False

    def local_time(self, key: str) -> time:
        value = self.get(key)
        if isinstance(value, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?", value):
            return time.fromisoformat(value)
        if key not in self.node:
            raise BadFacts(zh=f"{self.place} 缺少 {key}。", en=f"{self.place} lacks {key}.")
        raise self.wrong(key, zh="当地时间（时:分）", en="a local time (HH:MM)")
