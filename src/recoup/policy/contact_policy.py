"""The bank's own limits on contact, as the kernel judges them: a strategy in, kernel rules out.

A strategy only ever adds rules beside the law's: it can forbid more and permit nothing.
"""

from collections.abc import Iterable, Mapping
from datetime import time
from types import MappingProxyType
from typing import Protocol

from recoup.kernel.contact_case import STRATEGY, ContactRule, RuleHead, Scope
from recoup.kernel.contact_facts import DEBTOR, PURPOSES
from recoup.kernel.contact_known import Sentence
from recoup.kernel.contact_limits import ATTEMPTS, PER_PERSON, Cap, QuietHours
from recoup.kernel.contact_people import NumberSource, Stop
from recoup.kernel.contact_states import HoldStops, StateStops
from recoup.policy.bilingual import Bilingual

CEASE = "do_not_contact"
DECEASED = "deceased"
DUNNING = frozenset({"collect", "restore_contact"})
DUNNING_AND_NOTICES = DUNNING | {"notice"}
OBLIGORS = frozenset({DEBTOR, "co_obligor", "guarantor"})
STATES_OF_HOLDS = MappingProxyType({DECEASED: "deceased", "bankruptcy": "bankrupt"})


class CapPolicy(Protocol):
    """At most so many contacts with a person over these channels in so many days."""

    @property
    def id(self) -> str: ...
    @property
    def channels(self) -> Iterable[str]: ...
    @property
    def at_most(self) -> int: ...
    @property
    def days(self) -> int: ...
    @property
    def sentence(self) -> Bilingual: ...


class QuietPolicy(Protocol):
    """Local hours [begins, ends) in which these channels are not used."""

    @property
    def id(self) -> str: ...
    @property
    def channels(self) -> Iterable[str]: ...
    @property
    def begins(self) -> time: ...
    @property
    def ends(self) -> time: ...
    @property
    def sentence(self) -> Bilingual: ...


class SourcePolicy(Protocol):
    """The ways in which numbers and addresses used over these channels came to the bank."""

    @property
    def id(self) -> str: ...
    @property
    def channels(self) -> Iterable[str]: ...
    @property
    def allowed(self) -> Iterable[str]: ...
    @property
    def sentence(self) -> Bilingual: ...


class HoldPolicy(Protocol):
    """The channels that a hold of one kind blocks."""

    @property
    def id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def blocks_channels(self) -> Iterable[str]: ...
    @property
    def own_channel_only(self) -> bool: ...
    @property
    def lets_pass(self) -> Iterable[str]: ...
    @property
    def stops_collection(self) -> bool: ...
    @property
    def sentence(self) -> Bilingual: ...


class ContactPolicy(Protocol):
    """What the gate needs of a strategy."""

    @property
    def id(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def caps(self) -> Iterable[CapPolicy]: ...
    @property
    def quiet_hours(self) -> Iterable[QuietPolicy]: ...
    @property
    def number_sources(self) -> Iterable[SourcePolicy]: ...
    @property
    def holds(self) -> Mapping[str, HoldPolicy]: ...


def strategy_rules(*, strategy: ContactPolicy) -> tuple[ContactRule, ...]:
    """Yield the rules of a strategy: caps, hours, number sources, holds, what equals a hold."""
    source = f"strategy {strategy.id} {strategy.version}"
    rules: list[ContactRule] = [_cap(cap, source) for cap in strategy.caps]
    rules += [_quiet(quiet, source) for quiet in strategy.quiet_hours]
    rules += [_number_sources(one, source) for one in strategy.number_sources]
    for _, hold in sorted(strategy.holds.items()):
        rules += _hold(hold, source)
    return tuple(rules)


def _cap(cap: CapPolicy, source: str) -> ContactRule:
    """A cap over several channels counts them together; notices and service pass it."""
    channels = frozenset(cap.channels)
    return Cap(
        head=_head(cap.id, cap.sentence, source),
        scope=Scope(purposes=DUNNING, channels=channels),
        channels=channels,
        counts=ATTEMPTS,
        per=PER_PERSON,
        at_most=cap.at_most,
        days=cap.days,
    )


def _quiet(quiet: QuietPolicy, source: str) -> ContactRule:
    """The bank's hours yield to hours that the debtor agreed to, as the law's do."""
    return QuietHours(
        head=_head(quiet.id, quiet.sentence, source),
        scope=Scope(purposes=DUNNING_AND_NOTICES, channels=frozenset(quiet.channels)),
        begins=quiet.begins,
        ends=quiet.ends,
        agreement_lifts=True,
        consent_lifts=True,
    )


def _number_sources(own: SourcePolicy, source: str) -> ContactRule:
    """Whatever the purpose: a number that may not be used may not be used to help either."""
    return NumberSource(
        head=_head(own.id, own.sentence, source),
        scope=Scope(channels=frozenset(own.channels)),
        allowed=frozenset(own.allowed),
    )


def _hold(hold: HoldPolicy, source: str) -> list[ContactRule]:
    """What a hold stops; death, bankruptcy and a request to stop count like the hold they equal."""
    head = _head(hold.id, hold.sentence, source)
    channels = frozenset(hold.blocks_channels)
    scopes = [Scope(purposes=PURPOSES - frozenset(hold.lets_pass), channels=channels)]
    if hold.stops_collection:
        scopes.append(Scope(purposes=DUNNING))
    rules: list[ContactRule] = [
        HoldStops(
            head=head,
            scope=scope,
            kinds=frozenset({hold.kind}),
            by_channel=hold.own_channel_only,
        )
        for scope in scopes
    ]
    if hold.kind == DECEASED:
        # Nothing is sent to the dead themselves, whatever the purpose.
        scopes.append(Scope(channels=channels, parties=frozenset({DEBTOR})))
    if hold.kind in STATES_OF_HOLDS:
        state = STATES_OF_HOLDS[hold.kind]
        rules += [StateStops(head=head, scope=scope, state=state) for scope in scopes]
    if hold.kind == CEASE:
        obligors = Scope(channels=channels, parties=OBLIGORS)
        rules.append(Stop(head=head, scope=obligors, by_channel=hold.own_channel_only))
    return rules


def _head(rule_id: str, sentence: Bilingual, source: str) -> RuleHead:
    return RuleHead(
        id=rule_id,
        origin=STRATEGY,
        source=source,
        sentence=Sentence(zh=sentence.zh, en=sentence.en),
    )
