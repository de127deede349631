"""What each kind of hold stops, by the bank's policy and by the law in force."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from recoup.kernel.contact_case import STRATEGY, ContactRule
from recoup.kernel.contact_states import HoldStops, StateStops
from recoup.kernel.explain import Words
from recoup.policy.strategy_parts import CHANNELS
from recoup.web.house import contact_law, strategy

#: States of a person that a hold of a kind puts on record.
STATES = {"deceased": "deceased", "bankruptcy": "bankrupt", "attorney": "represented_by_attorney"}


@dataclass(frozen=True, kw_only=True)
class EffectRule:
    """A rule that a hold brings into force. ``origin``: law, or the bank's strategy."""

    rule: str
    origin: str
    source: str
    words: Words


@dataclass(frozen=True, kw_only=True)
class HoldEffect:
    """What a kind of hold stops.

    ``channels``: none of these is used; ``lets_pass``: but for these purposes.
    ``stops_collection``: nothing is collected over any channel. ``treatments``: these rest.
    """

    kind: str
    channels: tuple[str, ...]
    every_channel: bool
    lets_pass: tuple[str, ...]
    stops_collection: bool
    treatments: tuple[str, ...]
    rules: tuple[EffectRule, ...]


def effects_of_holds(on: date) -> Mapping[str, HoldEffect]:
    """Yield what each kind of hold stops on a day, the bank's own rule first, then the law's."""
    in_force = contact_law().in_force(on=on)
    found = {}
    for kind, hold in strategy().holds.items():
        own = EffectRule(
            rule=hold.id,
            origin=STRATEGY,
            source=f"{strategy().id} {strategy().version}",
            words=Words(zh=hold.sentence.zh, en=hold.sentence.en),
        )
        found[kind] = HoldEffect(
            kind=kind,
            channels=hold.blocks_channels,
            every_channel=set(hold.blocks_channels) == set(CHANNELS),
            lets_pass=hold.lets_pass,
            stops_collection=hold.stops_collection,
            treatments=hold.blocks_treatments,
            rules=(own, *_laws(rule for rule in in_force if _is_of(rule, kind))),
        )
    return found


def _is_of(rule: ContactRule, kind: str) -> bool:
    if rule.head.origin == STRATEGY:
        return False
    if isinstance(rule, HoldStops):
        return kind in rule.kinds
    return isinstance(rule, StateStops) and rule.state == STATES.get(kind)


def _laws(rules: Iterable[ContactRule]) -> tuple[EffectRule, ...]:
    """Yield each rule once, however many scopes it is split into."""
    found = {
        rule.head.id: EffectRule(
            rule=rule.head.id,
            origin=rule.head.origin,
            source=rule.head.source,
            words=Words(zh=rule.head.sentence.zh, en=rule.head.sentence.en),
        )
        for rule in rules
    }
    return tuple(found.values())
