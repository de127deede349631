"""Gathers everything that may forbid contact on the day for which the night decides."""

from collections.abc import Iterable, Iterator

from recoup.engine.book_facts import HoldSort
from recoup.engine.contact_sources import (
    CHANNELS,
    NO_EMAIL,
    NO_PHONE,
    SILENT,
    TELEPHONE,
    Source,
    Sources,
)
from recoup.policy.gate import CapInForce, Limits
from recoup.policy.strategy import Strategy

STRATEGY = "strategy"
BOOK = "book"
PACK = "pack"

#: Which recorded outcomes may count, by what a cap counts; a contact without one may always.
OUTCOMES = {
    "unanswered": ("no_answer", "busy"),
    "connected": ("answered", "right_party", "promise", "refused", "asked_to_stop", "delivered"),
    "effective": ("answered", "right_party", "promise", "refused", "asked_to_stop"),
}


def gather_sources(*, strategy: Strategy, limits: Limits, holds: Iterable[HoldSort]) -> Sources:
    """Yield the sources of one night: holds in the book, states of persons, caps, gaps, silence."""
    return Sources(
        (
            *_holds(strategy, holds),
            *_states(strategy),
            *(_cap(place, cap, strategy) for place, cap in enumerate(rolling_caps(limits))),
            *_gaps(),
            *_silence(limits),
        )
    )


def rolling_caps(limits: Limits) -> tuple[CapInForce, ...]:
    """Yield the caps that can be reached before the day begins: per person, over several days.

    Caps of one day start at zero each morning, and caps per number need the number to be dialled:
    the gate counts both at the moment of the contact.
    """
    return tuple(
        cap
        for cap in limits.caps
        if cap.days > 1 and cap.per == "person" and cap.interactive is not False
    )


def counted_sql(cap: CapInForce) -> str:
    """Yield SQL over contacts that is true for those that count towards a cap."""
    conditions = [
        f"channel IN ({_listed(cap.channels)})",
        f"direction IN ({_listed(cap.directions)})",
        "COALESCE(party, 'debtor') = 'debtor'",
    ]
    if cap.counts in OUTCOMES:
        outcomes = OUTCOMES[cap.counts]
        conditions.append(f"COALESCE(outcome, '{outcomes[0]}') IN ({_listed(outcomes)})")
    return " AND ".join(conditions)


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


def _holds(strategy: Strategy, sorts: Iterable[HoldSort]) -> Iterator[Source]:
    own_channel = {kind for kind, hold in strategy.holds.items() if hold.own_channel_only}
    # Elsewhere the channel that a hold names changes nothing, and bits are few.
    told_apart = {(kind, channel if kind in own_channel else None) for kind, channel in sorts}
    for kind, channel in sorted(
        told_apart, key=lambda sort: (sort[0], sort[1] is None, sort[1] or "")
    ):
        hold = strategy.holds[kind]
        own = channel is not None
        yield Source(
            id=hold.id,
            kind="hold",
            channels=frozenset([channel] if own and channel else hold.blocks_channels),
            treatments=frozenset() if own else frozenset(hold.blocks_treatments),
            hold=(kind, channel),
            zh=hold.sentence.zh,
            en=hold.sentence.en,
            origin=STRATEGY,
        )


def _states(strategy: Strategy) -> Iterator[Source]:
    for fact, kind in (("deceased", "deceased"), ("bankrupt", "bankruptcy")):
        hold = strategy.holds[kind]
        yield Source(
            id=hold.id,
            kind="state",
            channels=frozenset(hold.blocks_channels),
            treatments=frozenset(hold.blocks_treatments),
            fact=fact,
            zh=hold.sentence.zh,
            en=hold.sentence.en,
            origin=STRATEGY,
        )


def _cap(place: int, cap: CapInForce, strategy: Strategy) -> Source:
    policy = next((one for one in strategy.caps if one.id == cap.rule), None)
    said = policy.sentence if policy else None
    return Source(
        id=cap.rule,
        kind="cap",
        channels=frozenset(cap.blocks),
        fact=f"COALESCE(c.cap_{place}, 0) >= {cap.at_most}",
        zh=said.zh if said else f"{cap.days} 天内至多 {cap.at_most} 次",
        en=said.en if said else f"at most {cap.at_most} in {cap.days} days",
        origin=cap.source,
    )


def _gaps() -> Iterator[Source]:
    for fact, zh, en in (
        ("unread_holds", "暂停催收", "holds"),
        ("unread_contacts", "触达记录", "contacts"),
    ):
        # A hold or a contact that cannot be read may forbid this contact: unknown refuses.
        yield Source(
            id=f"BOOK:{fact}",
            kind="missing",
            channels=frozenset(CHANNELS),
            fact=fact,
            zh=f"账册中有关此人的{zh}记录被拒收，无法确定可否联系",
            en=f"rows on this person's {en} were refused, so contact cannot be allowed",
            origin=BOOK,
        )
    yield Source(
        id=NO_PHONE,
        kind="missing",
        channels=TELEPHONE,
        fact="has_phone = FALSE",
        zh="账册中没有电话号码",
        en="the book has no telephone number",
        origin=BOOK,
    )
    yield Source(
        id=NO_EMAIL,
        kind="missing",
        channels=frozenset({"email"}),
        fact="has_email = FALSE",
        zh="账册中没有电子邮箱",
        en="the book has no e-mail address",
        origin=BOOK,
    )


def _silence(limits: Limits) -> Iterator[Source]:
    if limits.quiet_from is None:
        yield Source(
            id=SILENT,
            kind="silence",
            channels=frozenset(CHANNELS),
            fact="TRUE",
            zh="法规包在这一天没有关于联系时间的规定，因此不得联系",
            en="the pack says nothing about hours of contact on that day, so contact is refused",
            origin=PACK,
        )
