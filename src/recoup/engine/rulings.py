"""What the pack and the strategy say on the business date, made ready for the whole book.

One object per night: the kernel's parameters, the SQL that fills the flow's places, and the way
back from bits and row numbers to the ids of rules, rows, holds and caps.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from recoup.engine.book_facts import BookFacts
from recoup.engine.contact_sources import CHANNELS, Sources
from recoup.engine.ids import set_bits
from recoup.engine.places import fill_places
from recoup.engine.policy_tables import PolicyTables, compile_policy
from recoup.engine.promising import Tolerance
from recoup.engine.report.page import RuleNames
from recoup.engine.row_bits import LawBits, law_bits
from recoup.engine.sources_of_night import gather_sources
from recoup.engine.trace_rules import trace_rules
from recoup.engine.tracing import TraceRules
from recoup.engine.working_days import MovedDays, moved_days
from recoup.policy.classify import (
    FIRST_PASS,
    SECOND_PASS,
    ClassRow,
    classification_rows,
    old_rule_before,
)
from recoup.policy.gate import Limits, limits_in_force
from recoup.policy.pack import Pack
from recoup.policy.strategy import Strategy
from recoup.tables.unary import quoted_column


@dataclass(frozen=True)
class ClassRules:
    """The rules that bind a class and those that could not be examined."""

    binding: tuple[str, ...]
    unexamined: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Rulings:
    """Law and policy of one day, for the flow and back.

    ``contact_day`` is the day for which is decided who may be contacted: by night the morning after
    the business date.
    """

    pack: Pack
    strategy: Strategy
    as_of: date
    contact_day: date
    trace: TraceRules
    own: LawBits
    debtor: LawBits
    tables: PolicyTables
    sources: Sources
    limits: Limits
    places: Mapping[str, str]
    moved_days: MovedDays
    law_rows: tuple[ClassRow, ...]

    @property
    def tolerance(self) -> Tolerance:
        """What the strategy forgives a promise."""
        forgiven = self.strategy.promise_tolerance
        return Tolerance(days=forgiven.days, ppm=forgiven.ppm)

    @cached_property
    def arm_probabilities_ppm(self) -> Mapping[tuple[str, str], int]:
        """By experiment and arm: the probability with which it is chosen, in parts per million."""
        experiments = self.strategy.experiments
        return {
            (one.id, arm): ppm
            for one in experiments.in_force(on=self.as_of)
            for arm, ppm in experiments.probabilities_ppm(experiment=one.id, on=self.as_of).items()
        }

    def moved_day(self, numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Yield day numbers moved off rest days, where the pack says so."""
        return self.moved_days.days(numbers)

    def moved(self, instalments: pa.Table) -> pa.Table:
        """Yield the instalments with due days moved off rest days, where the pack says so."""
        return self.moved_days.table(rows=instalments, column="due_on")

    def blanked(self, *, contracts: pa.Table, traced: pa.Table) -> pa.Table:
        """Yield contracts with their traced figures; NULL for those that cannot be decided."""
        bad = contracts.column("bad_code").is_valid()
        any_bad = bool(pc.any(bad).as_py())
        joined = contracts
        for name in traced.column_names:
            column = traced.column(name)
            if any_bad:
                column = pc.if_else(bad, pa.scalar(None, column.type), column)
            joined = joined.append_column(name, column)
        return joined

    def class_rules(self, found: Mapping[str, int | None]) -> ClassRules:
        """Yield which rules made a class, and which were left open, in order of id, from bits."""
        rank = found["asset_class_no"]
        if rank is None or rank < 0:
            return ClassRules(binding=(), unexamined=())
        binding: list[str] = []
        if rank > 0:
            binding += self.own.binding(bits=found["own_bits"], rank=rank)
            if (found["debtor_class"] or 0) > (found["own_class"] or 0):
                binding += self.debtor.binding(bits=found["debtor_bits"], rank=rank)
            if not binding and found["matrix_row"]:
                binding.append(self.tables.matrix.row_id(found["matrix_row"]))
        opened = (*self.own.rules(found["own_open"]), *self.debtor.rules(found["debtor_open"]))
        return ClassRules(
            binding=tuple(sorted(set(binding))), unexamined=tuple(sorted({*opened} - {*binding}))
        )

    def reasons(self, segment_row: int | None, treatment_row: int | None) -> tuple[str, ...]:
        """Yield which rows chose segment and treatment."""
        chosen = (
            self.tables.segment.row_id(segment_row or 0),
            self.tables.treatment.row_id(treatment_row or 0),
        )
        return tuple(row for row in chosen if row)

    def reasons_with_points(
        self, segment_row: int | None, treatment_row: int | None, points_bits: int | None
    ) -> tuple[str, ...]:
        """Yield the rows behind a rank: segment, treatment, and each row that gave points."""
        points = tuple(self.tables.points.row_id(bit + 1) for bit in set_bits(points_bits))
        return (*self.reasons(segment_row, treatment_row), *points)

    def sentence(self, ids: Sequence[str], language: str) -> str:
        """Yield what rows say, in zh or en, as one line."""
        said = [self.tables.row_text(row, language) for row in ids]
        return ("；" if language == "zh" else "; ").join(said)

    def permitted_channels(self, bits: int | None) -> tuple[str, ...]:
        """Yield the channels open to a person whose sources of refusal are these bits."""
        return self.sources.permitted(bits)

    def next_permitted(
        self, *, treatment: str | None, bits: int, ends: Mapping[int, date | None]
    ) -> datetime | None:
        """Yield when the treatment first has an open channel, by the person's clock."""
        channels = self.strategy.channel_order.get(treatment or "", ()) or self.sources.channels
        return self.sources.first_opening(
            hours={channel: self._hours[channel] for channel in channels},
            bits=bits,
            ends=ends,
            contact_day=self.contact_day,
        )

    @cached_property
    def _hours(self) -> Mapping[str, time]:
        return {channel: self.limits.opens_at(channel) for channel in CHANNELS}

    def names(self) -> RuleNames:
        """Yield id -> sentences and source, in zh and en, of every rule, hold and cap."""
        named: dict[str, tuple[str, ...]] = dict(self.sources.names())
        for version in self.pack.rules_of(on=self.as_of, include_unenforced=True):
            source = version.sources[0]
            named[version.rule_id] = (
                version.sentence.zh,
                version.sentence.en,
                f"{source.title.zh}，{version.article.text}",
                f"{source.title.en}, {version.article.text}",
            )
        named.update(self.tables.names())
        return named


def day_rulings(
    *,
    pack: Pack,
    strategy: Strategy,
    on: date,
    book: BookFacts,
    contact_day: date | None = None,
) -> Rulings:
    """Yield what law and policy say on a day, for one book; contacts are for the day after it.

    Errors: NightRefused, when the pack is silent where the night cannot go on.
    """
    rows = {
        table: classification_rows(
            pack=pack,
            on=on,
            table=table,
            reclassify_legacy_from=strategy.reclassify_legacy_from,
        )
        for table in (FIRST_PASS, SECOND_PASS)
    }
    bits = {
        table: law_bits(
            rows=found, has_column=book.contract_columns.__contains__, quoted=quoted_column
        )
        for table, found in rows.items()
    }
    contact_day = contact_day or on + timedelta(days=1)
    limits = limits_in_force(pack=pack, strategy=strategy, on=contact_day)
    sources = gather_sources(strategy=strategy, limits=limits, holds=book.holds)
    tables = compile_policy(strategy)
    trace = trace_rules(pack=pack, strategy=strategy, on=on)
    places = fill_places(
        pack=pack,
        strategy=strategy,
        on=on,
        contact_day=contact_day,
        law=bits,
        tables=tables,
        sources=sources,
        limits=limits,
        trace=trace,
        book=book,
        old_rule_before=old_rule_before(
            pack=pack, on=on, reclassify_legacy_from=strategy.reclassify_legacy_from
        ),
    )
    return Rulings(
        pack=pack,
        strategy=strategy,
        as_of=on,
        contact_day=contact_day,
        trace=trace,
        own=bits[FIRST_PASS],
        debtor=bits[SECOND_PASS],
        tables=tables,
        sources=sources,
        limits=limits,
        places=places,
        moved_days=moved_days(pack=pack, on=on),
        law_rows=tuple(row for found in rows.values() for row in found),
    )
