"""Which past contacts a new version of the law forbids and the old one did not.

Every outgoing contact of a book is judged as it stood: at its own instant, with only the contacts,
requests to stop and holds before it. Nothing is taken for known that the book does not say; of
hours agreed and consents the book has no table, so none are taken to have been given.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq

from recoup.kernel.contact_case import Case, ContactRule, RuleHead, judge
from recoup.kernel.contact_clock import zone_of
from recoup.kernel.contact_facts import (
    Attempt,
    ContactFacts,
    Contract,
    Hold,
    Number,
    Person,
    StopRequest,
)
from recoup.kernel.contact_known import Sentence
from recoup.kernel.contact_rules import ContactRules

#: How far back contacts are looked at; no cap and no rule of reach counts further.
DAYS_BACK = 92
#: Channels over which one speaks with the other.
CONVERSATIONS = frozenset({"call", "ai_call", "visit", "im"})
_SPOKEN = (True, True, True)
#: What an outcome proves: somebody answered, a conversation took place, the number is in service.
_PROVES: Mapping[str, tuple[bool | None, bool | None, bool | None]] = {
    **dict.fromkeys(("right_party", "promise", "refused", "asked_to_stop"), _SPOKEN),
    "answered": (True, False, True),
    "no_answer": (False, False, True),
    "busy": (False, False, True),
    "invalid": (False, False, False),
    "failed": (False, False, None),
}
_UNKNOWN = (None, None, None)


@dataclass(frozen=True, kw_only=True)
class Broken:
    """One past contact that only the new version forbids, and by which of its rules.

    ``at`` is told by the person's own clock; ``on`` is the day there.
    """

    contact_id: str
    debtor_id: str
    at: datetime
    on: date
    channel: str
    rules: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """What a change of the law would have meant for past contacts.

    ``judged`` outgoing contacts of the span. ``already``: those that the new version forbids by
    something it says otherwise, and that the old version forbade as well. ``by_rule``: newly
    forbidden contacts by rule of the new version; one may break several.
    ``open_by_rule``: contacts of which the new rule, but not the old, cannot be told for want of a
    fact. ``sentences`` and ``sources`` of the rules named.
    """

    judged: int
    already: int
    broken: tuple[Broken, ...]
    by_rule: Mapping[str, int]
    open_by_rule: Mapping[str, int]
    sentences: Mapping[str, tuple[str, str]]
    sources: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Span:
    """Local days [first, last] of the contacts judged, and what holds for the whole book.

    ``institution``: who collects, by the codes of the gate; ``time_zone`` where a debtor has none.
    ``new_law_on``: the new version is taken as it stands in force on that day, for every contact;
    None: as in force on the day of each contact.
    """

    first: date
    last: date
    time_zone: str
    institution: str
    new_law_on: date | None = None


def replay_contacts(*, book: Path, old: ContactRules, new: ContactRules, span: Span) -> Replayed:
    """Yield what the new rules would have forbidden of a book in normal form."""
    if span.new_law_on is not None:
        new = _as_in_force(new, span.new_law_on)
    changed = _changed(old=old, new=new)
    judged = already = 0
    broken: list[Broken] = []
    by_rule: dict[str, int] = {}
    opened: dict[str, int] = {}
    for contact, facts in _contacts(book, span):
        judged += 1
        after = _looked([rule for rule in changed if not rule.stood(contact.on)], facts)
        if not after.forbidden and not after.open:
            continue
        before = _looked([_Rule(rule, ()) for rule in old.rules], facts)
        if before.forbidden:
            already += bool(after.forbidden)
            continue
        for rule in after.forbidden:
            by_rule[rule] = by_rule.get(rule, 0) + 1
        for rule in after.open - before.open - after.forbidden:
            opened[rule] = opened.get(rule, 0) + 1
        if after.forbidden:
            broken.append(replace(contact, rules=tuple(sorted(after.forbidden))))
    named = {*by_rule, *opened}
    heads = {
        rule.head.id: rule.head
        for rule in sorted(new.rules, key=lambda one: one.head.valid_from or date.min)
        if rule.head.id in named
    }
    return Replayed(
        judged=judged,
        already=already,
        broken=tuple(broken),
        by_rule=dict(sorted(by_rule.items())),
        open_by_rule=dict(sorted(opened.items())),
        sentences={one.id: (one.sentence.zh, one.sentence.en) for one in heads.values()},
        sources={one.id: one.source for one in heads.values()},
    )


def _as_in_force(rules: ContactRules, on: date) -> ContactRules:
    """Yield the rules of one day as if they had always been in force."""
    found: list[ContactRule] = []
    for rule in rules.in_force(on=on):
        head = replace(rule.head, valid_from=None, valid_until=None)
        found.append(_with_head(rule, head))
    return ContactRules(basis=rules.basis, rules=tuple(found))


def _with_head(rule: Any, head: RuleHead) -> Any:
    """Yield a rule, which is a frozen dataclass of one kind or another, with another head."""
    return replace(rule, head=head)


@dataclass(frozen=True)
class _Rule:
    """A rule, and the heads of rules of the old version that forbid exactly the same."""

    rule: ContactRule
    same: tuple[RuleHead, ...]

    def stood(self, on: date) -> bool:
        """Whether the old version said the same on a day: then nothing new can come of it."""
        return any(head.in_force(on=on) for head in self.same)


def _changed(*, old: ContactRules, new: ContactRules) -> list[_Rule]:
    """Yield the new rules; what both versions say on a day need not be asked of that day."""
    before = [(_substance(rule), rule.head) for rule in old.rules]
    return [
        _Rule(rule, tuple(head for substance, head in before if substance == own))
        for rule in new.rules
        for own in [_substance(rule)]
    ]


def _substance(rule: ContactRule) -> object:
    """Yield a rule without its dates, wording and source."""
    bare = Sentence(zh="", en="")
    head = RuleHead(id=rule.head.id, origin=rule.head.origin, source="", sentence=bare)
    return _with_head(rule, head)


@dataclass(frozen=True)
class _Looked:
    """Rules that forbid a contact, and rules that may."""

    forbidden: frozenset[str]
    open: frozenset[str]


def _looked(rules: Sequence[_Rule], facts: ContactFacts) -> _Looked:
    zone = zone_of(facts.person.time_zone or "")
    assert facts.at is not None
    if zone is None:
        return _Looked(frozenset(), frozenset())
    case = Case(facts=facts, at=facts.at, zone=zone)
    forbidden, opened = set(), set()
    for one in rules:
        head = one.rule.head
        if not head.in_force(on=case.today):
            continue
        value = judge(one.rule, case).forbids.value
        if value is None:
            opened.add(head.id)
        elif value:
            forbidden.add(head.id)
    return _Looked(frozenset(forbidden), frozenset(opened))


def _contacts(book: Path, span: Span) -> Iterator[tuple[Broken, ContactFacts]]:
    """Yield every outgoing contact of the span with what was known then, person by person."""
    persons = pq.read_table(book / "debtors.parquet").to_pylist()
    contracts = _by_person(book, "contracts")
    holds = _by_person(book, "holds")
    for number, contacts in _by_person(book, "contacts").items():
        person = persons[number]
        own = contracts.get(number, ())
        known = _Known(
            person=person,
            contracts={row["loan"]: row for row in own},
            holds=tuple(_hold(row, own) for row in holds.get(number, ())),
            span=span,
        )
        yield from _of_person(known, sorted(contacts, key=_order))


def _order(row: Mapping[str, Any]) -> tuple[datetime, str]:
    return _instant(row), row["contact_id"]


def _instant(row: Mapping[str, Any]) -> datetime:
    at: datetime = row["at"]
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _by_person(book: Path, table: str) -> Mapping[int, Sequence[Mapping[str, Any]]]:
    found: dict[int, list[Mapping[str, Any]]] = {}
    for row in pq.read_table(book / f"{table}.parquet").to_pylist():
        if row["person"] is not None:
            found.setdefault(row["person"], []).append(row)
    return found


@dataclass(frozen=True, kw_only=True)
class _Known:
    """A person as the book has it."""

    person: Mapping[str, Any]
    contracts: Mapping[int, Mapping[str, Any]]
    holds: tuple[Hold, ...]
    span: Span

    def facts(
        self,
        row: Mapping[str, Any],
        attempts: Sequence[Attempt],
        stops: Sequence[StopRequest],
    ) -> ContactFacts:
        """Yield what was known when a contact was made."""
        at, on = _instant(row), row["local_on"]
        named = [row["loan"]] if row["loan"] in self.contracts else list(self.contracts)
        return ContactFacts(
            at=at,
            person=self._person_on(on),
            party=row["party"],
            number=Number(value=row["number"]),
            channel=row["channel"],
            interactive=row["channel"] in CONVERSATIONS,
            robot=row["channel"] == "ai_call",
            purpose=row["purpose"],
            contracts=tuple(self._contract(loan) for loan in named),
            agreed_hours=(),
            consents=(),
            refusals=tuple(stops),
            holds=tuple(hold for hold in self.holds if hold.from_on and hold.from_on <= on),
            attempts=tuple(attempts),
        )

    @cached_property
    def zone(self) -> ZoneInfo | None:
        """The person's own time zone, where it can be told."""
        return zone_of(self.person["time_zone"] or self.span.time_zone)

    def _person_on(self, on: date) -> Person:
        def happened(column: str) -> bool:
            day = self.person[column]
            return day is not None and day <= on

        return Person(
            id=self.person["debtor_id"],
            kind=self.person["kind"],
            time_zone=self.person["time_zone"] or self.span.time_zone,
            language=self.person["language"],
            deceased=happened("deceased_on"),
            bankrupt=happened("bankrupt_on"),
        )

    def _contract(self, loan: int) -> Contract:
        row = self.contracts[loan]
        return Contract(
            contract_id=row["contract_id"],
            product=row["product"],
            institution=self.span.institution,
        )


def _of_person(
    known: _Known, contacts: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[Broken, ContactFacts]]:
    contract_id: Callable[[Any], str | None] = lambda loan: (  # noqa: E731
        known.contracts[loan]["contract_id"] if loan in known.contracts else None
    )
    attempts: list[Attempt] = []
    stops: list[StopRequest] = []
    reach = timedelta(days=DAYS_BACK)
    for row in contacts:
        at, on = _instant(row), row["local_on"]
        while attempts and attempts[0].at is not None and attempts[0].at < at - reach:
            del attempts[0]
        if row["direction"] == "out" and known.span.first <= on <= known.span.last:
            yield (
                Broken(
                    contact_id=row["contact_id"],
                    debtor_id=known.person["debtor_id"],
                    at=at.astimezone(known.zone),
                    on=on,
                    channel=row["channel"],
                    rules=(),
                ),
                known.facts(row, attempts, stops),
            )
        attempts.append(_attempt(row, contract_id(row["loan"])))
        if row["outcome"] == "asked_to_stop":
            stops.append(StopRequest(party=row["party"], number=row["number"], at=at))


def _attempt(row: Mapping[str, Any], contract_id: str | None) -> Attempt:
    connected, effective, in_service = _PROVES.get(row["outcome"] or "", _UNKNOWN)
    if row["direction"] == "in":
        connected, effective = True, True
    return Attempt(
        at=_instant(row),
        channel=row["channel"],
        direction=row["direction"],
        number=row["number"],
        party=row["party"],
        contract_id=contract_id,
        connected=connected,
        effective=effective,
        in_service=in_service,
    )


def _hold(row: Mapping[str, Any], contracts: Sequence[Mapping[str, Any]]) -> Hold:
    own = next((one["contract_id"] for one in contracts if one["loan"] == row["loan"]), None)
    return Hold(
        kind=row["kind"],
        from_on=row["from_on"],
        until_on=row["until_on"],
        contract_id=own,
        channel=row["channel"],
    )
