"""One intended contact under judgement: the case, what a rule says of itself, what it answers."""

from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from typing import Protocol
from zoneinfo import ZoneInfo

from recoup.kernel.contact_clock import start_of_day
from recoup.kernel.contact_facts import DEBTOR, Attempt, ContactFacts, Contract, same_number
from recoup.kernel.contact_known import (
    NO,
    YES,
    Known,
    Sentence,
    all_of,
    any_of,
    known,
    member,
    unknown,
)

LAW = "law"
STRATEGY = "strategy"
NOTHING_MORE = Sentence()


@dataclass(frozen=True, kw_only=True)
class RuleHead:
    """What every rule says of itself: id, where it comes from, wording, days of validity."""

    id: str
    origin: str
    source: str
    sentence: Sentence
    valid_from: date | None = None
    valid_until: date | None = None
    confidence: str = "high"

    def in_force(self, *, on: date) -> bool:
        """Tell whether the rule is in force on a local day."""
        begun = self.valid_from is None or self.valid_from <= on
        return begun and (self.valid_until is None or on < self.valid_until)


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Which contacts a rule is about; None = all of them.

    ``places``: only contacts known to be at one of these; one that names no place is at none.
    """

    purposes: frozenset[str] | None = None
    channels: frozenset[str] | None = None
    parties: frozenset[str] | None = None
    products: frozenset[str] | None = None
    institutions: frozenset[str] | None = None
    kinds: frozenset[str] | None = None
    interactive: bool | None = None
    places: frozenset[str] | None = None

    def covers(self, facts: ContactFacts) -> Known:
        """Tell whether the rule is about this contact at all."""
        if self.interactive is None:
            manner = YES
        else:
            manner = known(
                None if facts.interactive is None else facts.interactive is self.interactive,
                fact="interactive",
            )
        placed = Known(value=self.places is None or facts.place in self.places)
        return all_of(
            (
                placed,
                member(facts.purpose, self.purposes, fact="purpose"),
                member(facts.channel, self.channels, fact="channel"),
                member(facts.party, self.parties, fact="party"),
                manner,
                self.covers_claim(facts),
            )
        )

    def covers_claim(self, facts: ContactFacts) -> Known:
        """Tell whether the rule is about this debtor and any of these contracts."""
        kind = member(facts.person.kind, self.kinds, fact="person.kind")
        if self.products is None and self.institutions is None:
            return kind
        if not facts.contracts:
            return all_of((kind, unknown("contracts")))
        return all_of(
            (
                kind,
                any_of(
                    self.covers_contract(contract, place=place)
                    for place, contract in enumerate(facts.contracts)
                ),
            )
        )

    def covers_contract(self, contract: Contract, *, place: int) -> Known:
        """Tell whether the rule is about one contract."""
        where = f"contracts[{place}]"
        return all_of(
            (
                member(contract.product, self.products, fact=f"{where}.product"),
                member(contract.institution, self.institutions, fact=f"{where}.institution"),
            )
        )


@dataclass(frozen=True, kw_only=True)
class Case:
    """One intended contact at one instant on the debtor's clock.

    ``at`` may lie after the facts' own instant, when the next allowed instant is sought; the
    history always ends with the facts' instant.
    """

    facts: ContactFacts
    at: datetime
    zone: ZoneInfo

    @cached_property
    def wall(self) -> time:
        """The local time of day."""
        return self.at.astimezone(self.zone).time()

    @cached_property
    def today(self) -> date:
        """The local day."""
        return self.at.astimezone(self.zone).date()

    @cached_property
    def asked_at(self) -> datetime:
        """The instant of the facts."""
        return self.facts.at if self.facts.at is not None else self.at

    @cached_property
    def history(self) -> tuple["DatedAttempt", ...]:
        """The earlier attempts up to the facts' instant, with their local days."""
        return tuple(
            DatedAttempt(
                attempt=attempt,
                place=f"attempts[{place}]",
                on=None if attempt.at is None else attempt.at.astimezone(self.zone).date(),
            )
            for place, attempt in enumerate(self.facts.attempts or ())
            if attempt.at is None or attempt.at <= self.asked_at
        )


@dataclass(frozen=True, kw_only=True)
class DatedAttempt:
    """An earlier attempt, its place in the facts, and its local day (None = unknown)."""

    attempt: Attempt
    place: str
    on: date | None


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """Whether one rule forbids one contact; why; and when time or counts alone would lift it."""

    forbids: Known
    detail: Sentence = NOTHING_MORE
    next_at: datetime | None = None


ALLOWED = Judgement(forbids=NO)


class ContactRule(Protocol):
    """A rule that may forbid a contact."""

    @property
    def head(self) -> RuleHead:
        """Id, source, wording, validity."""

    @property
    def scope(self) -> Scope:
        """Which contacts the rule is about."""

    def condition(self, case: Case) -> Judgement:
        """Judge a case that the rule is about."""


def judge(rule: ContactRule, case: Case) -> Judgement:
    """Yield what one rule says of one case: not its business, allowed, forbidden, or unknown."""
    covered = rule.scope.covers(case.facts)
    if covered.value is False:
        return ALLOWED
    judged = rule.condition(case)
    forbids = all_of((covered, judged.forbids))
    if forbids.value is False:
        return ALLOWED
    ends = rule.head.valid_until
    next_at = judged.next_at
    if next_at is not None and ends is not None:
        next_at = min(next_at, start_of_day(day=ends, zone=case.zone))
    return Judgement(forbids=forbids, detail=judged.detail, next_at=next_at)


def consent_given(case: Case) -> Known:
    """Tell whether the debtor consented to the channel for every contract at hand."""
    facts = case.facts
    if facts.consents is None:
        return unknown("consents")
    given = [one for one in facts.consents if one.at is not None and one.at <= case.asked_at]
    given = [one for one in given if one.channel is not None and one.channel == facts.channel]
    if any(one.all_contracts for one in given):
        return YES
    if not facts.contracts:
        return NO
    covered = {one.contract_id for one in given if one.contract_id is not None}
    return Known(value=all(contract.contract_id in covered for contract in facts.contracts))


def speaks_to_debtor(facts: ContactFacts) -> Known:
    return member(facts.party, frozenset({DEBTOR}), fact="party")


def offer_made(case: Case, lifts: bool) -> Known:
    """An offer to pay must be shown: silence is no offer."""
    return Known(value=lifts and case.facts.offers_to_pay is True)


def same_code(theirs: str | None, ours_value: str | None, *, fact: str, ours: str) -> Known:
    if theirs is None:
        return unknown(fact)
    if ours_value is None:
        return unknown(ours)
    return Known(value=theirs == ours_value)


def number_matches(number: str | None, facts: ContactFacts, *, fact: str) -> Known:
    if number is None:
        return unknown(fact)
    if facts.number.value is None:
        return unknown("number.value")
    return Known(value=same_number(number, facts.number.value))
