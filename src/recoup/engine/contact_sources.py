"""What may forbid contact in the night, each with a bit: holds, caps, missing numbers, silence.

A source closes a set of channels. A treatment takes the first of its channels that no source in
force closes; if none is left, the sources that closed them are what ``blocked_by`` says.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property

from recoup.engine.ids import MOST_BITS, set_bits
from recoup.engine.refusal import NightRefused

#: Every channel of the book contract, in its order.
CHANNELS = ("call", "ai_call", "sms", "email", "letter", "visit", "im", "portal")
TELEPHONE = frozenset({"call", "ai_call", "sms"})

NO_PHONE = "DATA:no_phone"
NO_EMAIL = "DATA:no_email"
SILENT = "PACK:silent"


@dataclass(frozen=True, kw_only=True)
class Source:
    """One thing that may forbid contact.

    Shape: ``kind`` is hold, state (death, bankruptcy), cap, missing or silence; ``fact`` is SQL
    over the facts (holds have
    none: their bits come with the rows). ``hold`` is (kind, channel or
    None) of a hold; ``treatments`` are closed whatever the channel; ``origin`` says whose rule it
    is.
    """

    id: str
    kind: str
    channels: frozenset[str]
    zh: str
    en: str
    origin: str
    fact: str = ""
    hold: tuple[str, str | None] | None = None
    treatments: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Sources:
    """All sources of one night; a source's place is its bit."""

    all: tuple[Source, ...]

    def __post_init__(self) -> None:
        if len(self.all) > MOST_BITS:
            raise NightRefused(
                zh=f"暂停催收、频次上限等限制共 {len(self.all)} 种，最多允许 {MOST_BITS} 种。",
                en=f"{len(self.all)} kinds of holds and caps are in force; "
                f"at most {MOST_BITS} are possible.",
            )

    def bits(self, sources: Iterable[Source]) -> int:
        """Yield the bits of some of the sources."""
        wanted = {id(source) for source in sources}
        return sum(1 << place for place, one in enumerate(self.all) if id(one) in wanted)

    def closing(self, channel: str) -> int:
        """Yield the bits of all sources that close a channel."""
        return self._closing.get(channel, 0)

    @cached_property
    def channels(self) -> tuple[str, ...]:
        """Every channel that some source closes, in order of name."""
        return tuple(sorted({channel for one in self.all for channel in one.channels}))

    @cached_property
    def _closing(self) -> Mapping[str, int]:
        return {
            channel: self.bits(one for one in self.all if channel in one.channels)
            for channel in CHANNELS
        }

    def stopping(self, treatment: str, channel: str | None = None) -> int:
        """Yield the bits of all sources that close a treatment, or a channel for it."""
        return self.bits(
            source
            for source in self.all
            if treatment in source.treatments or (channel or "") in source.channels
        )

    def names(self) -> Mapping[str, tuple[str, str, str]]:
        """Yield id -> (sentence zh, sentence en, whose rule it is)."""
        return {source.id: (source.zh, source.en, source.origin) for source in self.all}

    def ids(self, bits: int | None) -> tuple[str, ...]:
        """Yield the ids of the sources whose bits are set, each once."""
        return tuple(dict.fromkeys(self.all[bit].id for bit in set_bits(bits)))

    def of_kind(self, kind: str) -> tuple[tuple[int, Source], ...]:
        """Yield the sources of a kind with their bit's place."""
        return tuple((place, one) for place, one in enumerate(self.all) if one.kind == kind)

    def permitted(self, bits: int | None) -> tuple[str, ...]:
        """Yield the channels that no source in force closes; none where the bits are unknown."""
        if bits is None:
            return ()
        return tuple(channel for channel in CHANNELS if not self.closing(channel) & bits)

    def first_opening(
        self,
        *,
        hours: Mapping[str, time],
        bits: int,
        ends: Mapping[int, date | None],
        contact_day: date,
    ) -> datetime | None:
        """Yield the first local time at which one channel is open; None while an end is unknown.

        Shape: ``hours`` maps each channel to the hour at which it opens in the morning; ``ends``
        the bit (its value, not its place) of a source to the day from which it no longer forbids
        contact.
        """
        openings = [
            datetime.combine(day, hour)
            for channel, hour in hours.items()
            if (day := self._opens(channel=channel, bits=bits, ends=ends, contact_day=contact_day))
        ]
        return min(openings, default=None)

    def _opens(
        self, *, channel: str, bits: int, ends: Mapping[int, date | None], contact_day: date
    ) -> date | None:
        opens = contact_day
        for place in set_bits(self.closing(channel) & bits):
            end = ends.get(1 << place)
            if end is None:
                return None
            opens = max(opens, end)
        return opens

    def hold_bit_sql(self) -> str:
        """Yield SQL for the bit of a hold row, by its kind and, where one is told apart, channel.

        Of one kind, sources with a channel stand before the one without.
        """
        cases = []
        for place, one in self.of_kind("hold"):
            if one.hold is not None:
                kind, channel = one.hold
                where = "" if channel is None else f" AND channel = '{channel}'"
                cases.append(f"WHEN kind = '{kind}'{where} THEN {1 << place}")
        return (
            f"CAST(CASE {' '.join(cases)} ELSE 0 END AS BIGINT)" if cases else "CAST(0 AS BIGINT)"
        )

    def fact_bits_sql(self, kinds: Iterable[str]) -> str:
        """Yield SQL for the bits of the sources of some kinds that their fact puts in force."""
        terms = [
            f"CASE WHEN {one.fact} THEN {1 << place} ELSE 0 END"
            for kind in kinds
            for place, one in self.of_kind(kind)
        ]
        return f"CAST({' + '.join(terms) or '0'} AS BIGINT)"

    def channel_sql(self, *, treatment: str, orders: Mapping[str, Sequence[str]]) -> str:
        """Yield SQL for the first open channel of each treatment, NULL where all are closed."""
        cases = []
        for name, channels in orders.items():
            steps = " ".join(
                f"WHEN (block_bits & {self.stopping(name, channel)}) = 0 THEN '{channel}'"
                for channel in channels
            )
            if steps:
                cases.append(f"WHEN {treatment} = '{name}' THEN CASE {steps} END")
        return f"CASE {' '.join(cases)} END" if cases else "CAST(NULL AS VARCHAR)"

    def stopped_sql(self, *, treatment: str, orders: Mapping[str, Sequence[str]]) -> str:
        """Yield SQL that is true where a source forbids the treatment itself."""
        cases = [
            f"WHEN {treatment} = '{name}' THEN (block_bits & {self.stopping(name)}) <> 0"
            for name in orders
            if self.stopping(name)
        ]
        return f"CASE {' '.join(cases)} ELSE FALSE END" if cases else "FALSE"

    def blocked_sql(self, *, treatment: str, orders: Mapping[str, Sequence[str]]) -> str:
        """Yield SQL for the bits that closed the treatment's channels; 0 where one is open.

        A treatment without contact shows the holds in force, so that nobody calls all the same.
        """
        cases = []
        for name, channels in orders.items():
            if channels:
                closed = " AND ".join(
                    f"(block_bits & {self.stopping(name, channel)}) <> 0" for channel in channels
                )
                every = 0
                for channel in channels:
                    every |= self.stopping(name, channel)
                cases.append(f"WHEN {treatment} = '{name}' AND {closed} THEN block_bits & {every}")
        quiet = [name for name, channels in orders.items() if not channels]
        if quiet:
            names = ", ".join(f"'{name}'" for name in quiet)
            holds = self.bits(one for one in self.all if one.kind in ("hold", "state"))
            cases.append(f"WHEN {treatment} IN ({names}) THEN block_bits & {holds}")
        return f"CASE {' '.join(cases)} ELSE 0 END" if cases else "0"
