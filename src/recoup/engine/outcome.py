"""The rows that leave a night: bits and row numbers written out as ids."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from recoup.engine.ids import distinct_rows, lists_of_ids, texts
from recoup.engine.rulings import Rulings
from recoup.kernel.classification import CLASSES, UNKNOWN

_IDS = pa.list_(pa.string())
_NEVER = -(2**62)
MINUTES_PER_DAY = 1_440
EPOCH = datetime.combine(date(1970, 1, 1), time(0))  # by each person's own clock

#: Columns and types of decisions.parquet; meanings stand in the book contract and docs/data.
DECISIONS = pa.schema(
    [
        ("as_of", pa.date32()),
        *((name, pa.string()) for name in ("contract_id", "debtor_id", "product", "branch")),
        *((name, pa.string()) for name in ("team", "currency")),
        *((name, pa.int32()) for name in ("dpd", "dpd_prev", "max_dpd_12m")),
        ("overdue_principal_minor", pa.int64()),
        ("overdue_interest_minor", pa.int64()),
        ("overdue_fee_minor", pa.int64()),
        ("outstanding_principal_minor", pa.int64()),
        ("exposure_minor", pa.int64()),
        ("overdue_instalments", pa.int32()),
        ("bucket", pa.string()),
        ("asset_class", pa.string()),
        ("asset_class_rules", _IDS),
        ("asset_class_unexamined", _IDS),
        ("asset_class_unknown_why", pa.string()),
        ("roll", pa.string()),
        ("paid_ratio_3m_bp", pa.int32()),
        ("paid_ratio_6m_bp", pa.int32()),
        ("paid_ratio_12m_bp", pa.int32()),
        ("broken_promises_6m", pa.int32()),
        ("contacts_7d_call", pa.int32()),
        ("contacts_7d_sms", pa.int32()),
        ("contacts_7d_email", pa.int32()),
        ("contacts_7d_letter", pa.int32()),
        ("contacts_7d_visit", pa.int32()),
        *((name, pa.string()) for name in ("segment", "treatment", "channel")),
        ("priority", pa.int64()),
        ("arm", pa.string()),
        ("arm_probability_ppm", pa.int32()),
        ("blocked_by", _IDS),
        ("reasons", _IDS),
        ("kind", pa.string()),
        ("status", pa.string()),
        ("start_on", pa.date32()),
        ("overdue_base_minor", pa.int64()),
        ("exposure_base_minor", pa.int64()),
        ("first_over_30_on", pa.date32()),
        ("first_over_90_on", pa.date32()),
        ("principal_base_minor", pa.int64()),
        ("experiment", pa.string()),
        ("strategy_hash", pa.string()),
    ]
)

PEOPLE = pa.schema(
    [
        ("as_of", pa.date32()),
        ("debtor_id", pa.string()),
        ("kind", pa.string()),
        ("contracts", pa.int32()),
        ("overdue_contracts", pa.int32()),
        ("undecided_contracts", pa.int32()),
        ("overdue_base_minor", pa.int64()),
        ("exposure_base_minor", pa.int64()),
        ("worst_dpd", pa.int32()),
        ("worst_class", pa.string()),
        ("leading_contract_id", pa.string()),
        ("branch", pa.string()),
        ("team", pa.string()),
        ("treatment", pa.string()),
        ("channel", pa.string()),
        ("priority", pa.int64()),
        ("permitted_channels", _IDS),
        ("blocked_by", _IDS),
        ("next_permitted_at", pa.timestamp("us", tz="UTC")),
        ("time_zone", pa.string()),
        ("reasons", _IDS),
    ]
)

#: What the flow says of a class, before it is written out as rules.
CLASS_BITS = (
    *("own_bits", "own_open", "debtor_bits", "debtor_open"),
    *("own_class", "debtor_class", "asset_class_no", "matrix_row"),
)

#: What the ranking needs of the people who may be worked today.
CANDIDATES = (
    *("debtor_id", "team", "treatment", "channel", "priority", "leading_contract_id"),
    *("segment_row", "treatment_row", "points_bits", "next_permitted_on"),
)


@dataclass
class Outcome:
    """Turns the flow's results into result rows, block by block, and keeps what ranking needs."""

    rulings: Rulings
    candidates: list[pa.Table] = field(default_factory=list)

    def decisions(self, rows: pa.Table, *, loans: pa.Table) -> pa.Table:
        """Yield the rows of decisions.parquet for one block.

        Shape: ``rows`` is what the flow adds, in any order; ``loans`` the contracts with their
        traced figures, in the order of the book.
        """
        rulings = self.rulings
        rows = in_order_of_book(rows)
        codes, combinations = distinct_rows([rows.column(name) for name in CLASS_BITS])
        looked = [
            rulings.class_rules(dict(zip(CLASS_BITS, found, strict=True))) for found in combinations
        ]
        chosen = pa.array(codes)
        added = {
            "asset_class_rules": pa.array([list(one.binding) for one in looked], _IDS).take(chosen),
            "asset_class_unexamined": pa.array([list(one.unexamined) for one in looked], _IDS).take(
                chosen
            ),
            "asset_class_unknown_why": rows.column("unknown_why"),
            "blocked_by": self._blocked_by(rows),
            "reasons": self._reasons(rows),
            "arm_probability_ppm": self._arm_probability(rows),
            "strategy_hash": pa.repeat(self.rulings.strategy.content_hash, rows.num_rows),
            "as_of": self._as_of(rows),
        }
        return _with_columns(DECISIONS, added, rows, loans)

    def people(
        self, rows: pa.Table, *, free_on: pa.Table, persons: pa.Table, loans: pa.Table
    ) -> pa.Table:
        """Yield the rows of people.parquet for one block; keep those who may be worked today."""
        next_minutes = self._next_minutes(rows, free_on)
        next_on = pa.array(next_minutes // MINUTES_PER_DAY, mask=next_minutes == _NEVER)
        next_on = next_on.cast(pa.int32()).cast(pa.date32())
        leading = loans.select(["contract_id", "branch", "team"]).take(
            rows.column("leading_place").combine_chunks()
        )
        added = {
            "worst_class": texts(
                columns=[rows.column("worst_class_no")],
                decode=lambda rank: None if rank is None else (*CLASSES, UNKNOWN)[rank],
            ),
            "permitted_channels": lists_of_ids(
                columns=[rows.column("block_bits")],
                decode=self.rulings.permitted_channels,
            ),
            "blocked_by": self._blocked_by(rows),
            "reasons": self._reasons(rows),
            "next_permitted_at": self._instants(next_minutes, persons.column("time_zone")),
            "leading_contract_id": leading.column("contract_id"),
            "next_permitted_on": next_on,
            "as_of": self._as_of(rows),
        }
        workable = {name: _found(name, added, rows, leading, persons) for name in CANDIDATES}
        self.candidates.append(pa.table(workable).filter(rows.column("is_work")))
        return _with_columns(PEOPLE, added, rows, leading, persons)

    def _as_of(self, rows: pa.Table) -> pa.Array:
        return pa.repeat(pa.scalar(self.rulings.as_of, pa.date32()), rows.num_rows)

    def _blocked_by(self, rows: pa.Table) -> pa.Array:
        return lists_of_ids(
            columns=[rows.column("blocked_bits")],
            decode=self.rulings.sources.ids,
        )

    def _reasons(self, rows: pa.Table) -> pa.Array:
        return lists_of_ids(
            columns=[rows.column("segment_row"), rows.column("treatment_row")],
            decode=self.rulings.reasons,
        )

    def _arm_probability(self, rows: pa.Table) -> pa.Array:
        known = self.rulings.arm_probabilities_ppm
        codes, pairs = distinct_rows([rows.column(name) for name in ("experiment", "arm")])
        pool = pa.array([known.get(pair) for pair in pairs], pa.int32())
        return pool.take(pa.array(codes))

    def _next_minutes(self, rows: pa.Table, free_on: pa.Table) -> npt.NDArray[np.int64]:
        """Yield when a channel of the treatment is first open, in minutes of the person's clock.

        Shape: day number times 1,440 plus the minute of the day; ``_NEVER`` where no end is known.
        """
        asked = [rows.column("treatment"), rows.column("block_bits")]
        codes, combinations = distinct_rows(asked)
        # A missing number has no end; where nothing else closes a channel, all alike share a day.
        pool = [self._next(treatment, bits, {}) for treatment, bits in combinations]
        numbers = np.array(pool, np.int64)
        minutes = numbers[codes] if len(codes) else np.zeros(0, np.int64)
        ends: dict[int, dict[int, date | None]] = {}
        for row in free_on.to_pylist():
            ends.setdefault(row["place"], {})[row["bit"]] = row["free_on"]
        for place, own in ends.items():
            treatment, bits = combinations[int(codes[place])]
            minutes[place] = self._next(treatment, bits, own)
        return minutes

    def _next(
        self, treatment: str | None, bits: int | None, ends: Mapping[int, date | None]
    ) -> int:
        found = self.rulings.next_permitted(treatment=treatment, bits=bits or 0, ends=ends)
        if found is None:
            return _NEVER
        return (found - EPOCH) // timedelta(minutes=1)

    def _instants(self, minutes: npt.NDArray[np.int64], zones: pa.ChunkedArray) -> pa.Array:
        """Yield the instants at which the clocks of persons show these minutes."""
        columns = [pa.chunked_array([pa.array(minutes)]), zones]
        codes, combinations = distinct_rows(columns)
        pool = [self._instant(minute, zone) for minute, zone in combinations]
        return pa.array(pool, pa.timestamp("us", tz="UTC")).take(pa.array(codes))

    def _instant(self, minute: object, zone: object) -> datetime | None:
        if not isinstance(minute, int) or minute == _NEVER:
            return None
        name = str(zone) if zone else self.rulings.pack.time_zone
        return (EPOCH + timedelta(minutes=minute)).replace(tzinfo=ZoneInfo(name))


def in_order_of_book(rows: pa.Table) -> pa.Table:
    """Yield the flow's rows by the number of their contract, which is theirs alone."""
    numbers = rows.column("loan").to_numpy()
    if (numbers[1:] > numbers[:-1]).all():
        return rows
    return rows.take(pa.array(np.argsort(numbers)))


def _with_columns(
    schema: pa.Schema, added: Mapping[str, pa.Array | pa.ChunkedArray], *tables: pa.Table
) -> pa.Table:
    columns = [_found(name, added, *tables) for name in schema.names]
    return pa.table(dict(zip(schema.names, columns, strict=True)))


def _found(
    name: str, added: Mapping[str, pa.Array | pa.ChunkedArray], *tables: pa.Table
) -> pa.Array | pa.ChunkedArray:
    """Yield the first column of that name."""
    if name in added:
        return added[name]
    return next(table.column(name) for table in tables if name in table.column_names)
