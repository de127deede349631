"""The bank's own limits on contact, as the kernel judges them: a strategy in, kernel rules out.

A strategy only ever adds rules beside the law's: it can forbid more and permit nothing.
"""

from collections.abc import Collection
from typing import Protocol

from recoup.kernel.contact_case import STRATEGY, ContactRule, RuleHead, Scope
from recoup.kernel.contact_known import Sentence
from recoup.kernel.contact_limits import ATTEMPTS, PER_PERSON, Cap
from recoup.policy.bilingual import Bilingual

DUNNING = frozenset({"collect", "restore_contact"})


class CapPolicy(Protocol):
    """A cap of the bank: at most so many contacts over these channels in so many days."""

    @property
    def id(self) -> str: ...
    @property
    def channels(self) -> Collection[str]: ...
    @property
    def at_most(self) -> int: ...
    @property
    def days(self) -> int: ...
    @property
    def sentence(self) -> Bilingual: ...


class ContactPolicy(Protocol):
    """What the gate needs of a strategy."""

    @property
    def id(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def caps(self) -> Collection[CapPolicy]: ...


def strategy_rules(*, strategy: ContactPolicy) -> tuple[ContactRule, ...]:
    """Yield the kernel rules of a strategy."""
    return tuple(_cap(strategy, cap) for cap in strategy.caps)


def _cap(strategy: ContactPolicy, cap: CapPolicy) -> ContactRule:
    """A cap over several channels counts them together; notices and service pass it."""
    channels = frozenset(cap.channels)
    return Cap(
        head=_head(strategy, cap.id, cap.sentence),
        scope=Scope(purposes=DUNNING, channels=channels),
        channels=channels,
        counts=ATTEMPTS,
        per=PER_PERSON,
        at_most=cap.at_most,
        days=cap.days,
    )


def _head(strategy: ContactPolicy, rule_id: str, sentence: Bilingual) -> RuleHead:
    return RuleHead(
        id=rule_id,
        origin=STRATEGY,
        source=f"strategy {strategy.id} {strategy.version}",
        sentence=Sentence(zh=sentence.zh, en=sentence.en),
    )
