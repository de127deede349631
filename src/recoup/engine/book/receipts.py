"""Payments: receipts and waivers of each loan, in order, with those marked that never took place.

A reversal names the payment that never took place. It must belong to the same contract and have the
same amount; it is counted, and left out of the normal form.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recoup.engine.backends.compiled import compiled
from recoup.engine.blocks import Block
from recoup.engine.book.cells import legible
from recoup.engine.book.checking import Checked, TableRun, Verdict
from recoup.engine.book.columns import (
    NONE,
    Bytes,
    Flags,
    Ints,
    Ordinals,
    as_text,
    flags_of,
    plain,
)
from recoup.engine.book.contract import PAYMENT_KINDS
from recoup.engine.book.glance import PlainPayments, glance_at_payments
from recoup.engine.book.ids import Ascent, Groups, repeated_in_stream
from recoup.engine.book.loan_rows import Reading, too_large
from recoup.engine.book.normal_form import booleans, dates, write_whole
from recoup.engine.book.source import Piece
from recoup.engine.loops.loan_rows import IN_ORDER, payments_in_order, sum_payments

SCHEMA = pa.schema(
    [
        pa.field("loan", pa.int32(), nullable=False),
        pa.field("paid_on", pa.date32(), nullable=False),
        pa.field("payment_id", pa.string(), nullable=False),
        pa.field("amount_minor", pa.int64(), nullable=False),
        pa.field("is_waiver", pa.bool_(), nullable=False),
        pa.field("is_reversed", pa.bool_(), nullable=False),
        pa.field("row", pa.int64(), nullable=False),
    ]
)
_CARRIED = pa.schema(
    [
        ("loan", pa.int32()),
        ("row", pa.int64()),
        ("paid", pa.int32()),
        ("amount", pa.int64()),
        ("waiver", pa.uint8()),
        ("payment_id", pa.string()),
        ("reverses", pa.string()),
    ]
)
#: The table of the normal form for payments that are reversed, but only after the business date.
REVERSALS_AHEAD = "reversals_ahead"
#: What the control sums tell apart, in the order in which the loops count it.
SUMMED = ("receipts", "waivers", "reversals")
_WAIVER = PAYMENT_KINDS.index("waiver")
_DAY_BITS = 18
_DAYS_BEFORE_1970 = 62_091


@dataclass(frozen=True)
class RepeatedIds:
    """Source rows whose payment id occurs more than once: row, number of its group, group's size.

    Shape: ``rows`` is ascending.
    """

    rows: Ints
    group: Ints
    size: Ints


def find_repeated_ids(run: TableRun) -> RepeatedIds:
    """Yield the rows of the file whose payment id is not theirs alone."""

    def read() -> Iterator[tuple[Ints, pa.StringArray]]:
        for piece in run.source.pieces(["payment_id"]):
            yield piece.rows, _ids(piece)

    groups = repeated_in_stream(read)
    order = np.argsort(groups.members)
    sizes = np.repeat(groups.sizes, groups.sizes)
    return RepeatedIds(groups.members[order], groups.numbers[order], sizes[order])


class IdsDoNotAscend(Exception):
    """The payments' ids do not ascend, so some may occur twice: what has been read is worthless."""


@dataclass(frozen=True, order=True)
class Ahead:
    """A payment whose reversal is dated after the business date: loan, id, day of the reversal."""

    loan: int
    payment_id: str
    reversed_on: int


def write_ahead(*, path: Path, found: Iterable[Ahead]) -> None:
    """Write the reversals that lie ahead, for days that pass without a night."""
    rows = sorted(found)
    days = np.array([one.reversed_on for one in rows], np.int64)
    columns = [
        pa.array([one.loan for one in rows], pa.int32()),
        pa.array([one.payment_id for one in rows], pa.string()),
        dates(days),
    ]
    names = ["loan", "payment_id", "reversed_on"]
    write_whole(path=path, table=pa.Table.from_arrays(columns, names=names))


class Receipts:
    """Reads the payments; rows whose id occurs again are compared within their block.

    Without ``repeated`` the ids are trusted to ascend in the file, as they do in many exports.
    Errors: IdsDoNotAscend, when they do not.
    """

    def __init__(self, reading: Reading, *, as_of_day: int, repeated: RepeatedIds | None) -> None:
        self._reading = reading
        self._as_of_day = as_of_day
        self._repeated = repeated
        self._ascent = Ascent()
        self.ahead: list[Ahead] = []

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows that passed their own checks."""
        for piece in self._reading.run.pieces():
            if self._repeated is None and not self._ascent.goes_on(_ids(piece)):
                raise IdsDoNotAscend
            plain = glance_at_payments(piece, self._reading.agreements)
            if plain is not None:
                if plain.latest > self._as_of_day:
                    self._remark_later(piece, plain.paid > self._as_of_day)
                yield _plainly_carried(plain, piece)
                continue
            checked = self._reading.run.check(piece)
            loans = self._reading.referred(checked)
            checked.to_minor("amount", self._reading.agreements.exponents(loans))
            verdict = self._reading.judged(checked, loans)
            batch = _carried(checked, loans)
            later = checked.numbers("paid_on") > self._as_of_day
            if verdict is not None:
                self._add_rejected(checked, loans, verdict)
                batch = batch.filter(pa.array(~verdict.bad))
                later &= ~verdict.bad
            if later.any():
                self._remark_later(piece, later)
            yield batch

    def _remark_later(self, piece: Piece, later: Flags) -> None:
        self._reading.run.remark(piece, "paid_on", "payment_after_as_of", later)

    def _add_rejected(self, checked: Checked, loans: Ordinals, verdict: Verdict) -> None:
        rows = np.flatnonzero(verdict.bad & checked.known("amount") & (loans != NONE))
        reversal = checked.known("reverses")[rows]
        waiver = _is_waiver(checked)[rows]
        self._add_rejected_sums(loans[rows], checked.numbers("amount")[rows], waiver, reversal)

    def _add_rejected_sums(
        self, loans: Ordinals, amounts: Ints, waiver: Flags, reversal: Flags
    ) -> None:
        kinds = (~waiver & ~reversal, waiver & ~reversal, reversal)
        for column, flags in zip(SUMMED, kinds, strict=True):
            rows = np.flatnonzero(flags)
            self._reading.add_sums(column, loans[rows], amounts[rows], accepted=False)

    def take(self, block: Block, table: pa.Table) -> None:
        """Check a block's payments against one another and write them."""
        table = self._without_repeated(_sorted(table, block))
        table, is_reversed, is_reversal = self._reversals(table, block)
        loans = table.column("loan").to_numpy()
        large = too_large(loans=loans, amounts=table.column("amount").to_numpy())
        if large is not None:
            self._reject(table, "schedule_too_large", "amount", large)
            rest = ~large
            table = table.filter(pa.array(rest)).combine_chunks()
            is_reversed, is_reversal = is_reversed[rest], is_reversal[rest]
            loans = table.column("loan").to_numpy()
        waiver = table.column("waiver").to_numpy()
        self._sum_up(block, loans, table.column("amount").to_numpy(), waiver, is_reversal)
        columns = [
            table.column("loan"),
            dates(table.column("paid").to_numpy()),
            table.column("payment_id"),
            table.column("amount"),
            booleans(waiver),
            booleans(is_reversed),
            table.column("row"),
        ]
        rows = pa.table(columns, schema=SCHEMA)
        if is_reversal.any():
            rows = rows.filter(pa.array(~is_reversal))
        self._reading.file.write(rows)

    def _sum_up(
        self, block: Block, loans: Ordinals, amounts: Ints, waiver: Bytes, is_reversal: Flags
    ) -> None:
        """Add a block's accepted payments to the control sums, and note their loans as seen."""
        sums, rows = np.zeros((2, len(SUMMED), block.loans), np.int64)
        compiled(sum_payments)(loans, block.loan_from, amounts, waiver, is_reversal, sums, rows)
        for column, of_loans, count in zip(SUMMED, sums, rows, strict=True):
            places = np.flatnonzero(count)
            present = (places + block.loan_from).astype(np.int32)
            self._reading.add_sums(column, present, of_loans[places], accepted=True)
            self._reading.seen[present] = True

    def _without_repeated(self, table: pa.Table) -> pa.Table:
        if self._repeated is None or not len(self._repeated.rows):
            return table
        rows = table.column("row").to_numpy()
        found = np.minimum(np.searchsorted(self._repeated.rows, rows), len(self._repeated.rows) - 1)
        places = np.flatnonzero(self._repeated.rows[found] == rows)
        if not len(places):
            return table
        again, torn = _settle_repeated(
            table, places, self._repeated.group[found[places]], self._repeated.size[found[places]]
        )
        self._reject(table, "duplicate_row", "payment_id", again)
        self._reject(table, "duplicate_key", "payment_id", torn)
        return table.filter(pa.array(~(again | torn))).combine_chunks()

    def _reversals(self, table: pa.Table, block: Block) -> tuple[pa.Table, Flags, Flags]:
        """Yield the block without wrong reversals; which payments are reversed; which reverse."""
        reverses = plain(table.column("reverses"))
        is_reversed = np.zeros(table.num_rows, bool)
        if reverses.null_count == len(reverses):
            return table, is_reversed, is_reversed
        is_reversal = flags_of(pc.is_valid(reverses))
        wrong, ahead = _match(table, block, is_reversal, is_reversed, as_of_day=self._as_of_day)
        self.ahead += ahead
        bad = np.zeros(table.num_rows, bool)
        for code, places in wrong.items():
            flags = np.zeros(table.num_rows, bool)
            flags[places] = True
            self._reject(table, code, "reverses", flags)
            bad |= flags
        if not bad.any():
            return table, is_reversed, is_reversal
        table = table.filter(pa.array(~bad)).combine_chunks()
        return table, is_reversed[~bad], is_reversal[~bad]

    def _reject(self, table: pa.Table, code: str, column: str, flags: Flags) -> None:
        places = np.flatnonzero(flags)
        if not len(places):
            return
        rows = table.take(pa.array(places)).combine_chunks()
        ids = plain(rows.column("payment_id"))
        self._reading.reject(
            code=code,
            table=table,
            places=places,
            keys=ids,
            column=column,
            values=None if column == "amount" else plain(rows.column(column)),
        )
        reversal = flags_of(pc.is_valid(plain(rows.column("reverses"))))
        self._add_rejected_sums(
            rows.column("loan").to_numpy(),
            rows.column("amount").to_numpy(),
            rows.column("waiver").to_numpy() > 0,
            reversal,
        )


def _ids(piece: Piece) -> pa.StringArray:
    return as_text(legible(piece.columns["payment_id"])[0])


def _is_waiver(checked: Checked) -> Flags:
    waiver: Flags = checked.known("kind") & (checked.numbers("kind") == _WAIVER)
    return waiver


def _plainly_carried(plain: PlainPayments, piece: Piece) -> pa.RecordBatch:
    columns = [
        *(pa.array(column) for column in (plain.loan, piece.rows, plain.paid, plain.amount)),
        pa.array(plain.is_waiver),
        as_text(plain.payment_id),
        as_text(plain.reverses),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=_CARRIED)


def _carried(checked: Checked, loans: Ordinals) -> pa.RecordBatch:
    columns = [
        pa.array(loans),
        pa.array(checked.piece.rows),
        pa.array(checked.numbers("paid_on").astype(np.int32, copy=False)),
        pa.array(checked.numbers("amount")),
        pa.array(_is_waiver(checked).astype(np.uint8)),
        as_text(checked.cells["payment_id"].texts),
        as_text(checked.cells["reverses"].texts),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=_CARRIED)


def _sorted(table: pa.Table, block: Block) -> pa.Table:
    """Yield a block's rows by loan, day and payment id in byte order."""
    columns = [table.column(name).to_numpy() for name in ("loan", "paid")]
    if compiled(payments_in_order)(*columns) == IN_ORDER:
        return table
    loan = table.column("loan").to_numpy().astype(np.int64) - block.loan_from
    key = (loan << _DAY_BITS) + table.column("paid").to_numpy() + _DAYS_BEFORE_1970
    step = np.diff(key)
    if (step < 0).any():
        table = table.take(pa.array(np.argsort(key, kind="stable"))).combine_chunks()
        key = np.sort(key)
        step = np.diff(key)
    ties = np.flatnonzero(step == 0)
    if not len(ties):
        return table
    ids = plain(table.column("payment_id"))
    rising = pc.less_equal(ids.take(pa.array(ties)), ids.take(pa.array(ties + 1)))
    if pc.all(rising).as_py():
        return table
    tied = np.union1d(ties, ties + 1)
    within = pa.table({"key": pa.array(key[tied]), "id": ids.take(pa.array(tied))})
    ranked = pc.sort_indices(within, sort_keys=[("key", "ascending"), ("id", "ascending")])
    order = np.arange(len(key))
    order[tied] = tied[ranked.to_numpy()]
    return table.take(pa.array(order)).combine_chunks()


def _settle_repeated(table: pa.Table, places: Ints, group: Ints, size: Ints) -> tuple[Flags, Flags]:
    """Flag the rows that repeat another word for word, and those that contradict one another.

    A group of which some rows are not in this block contradicts itself: the others are of another
    contract, or have been rejected.
    """
    rows = table.column("row").to_numpy()
    order = np.lexsort((rows[places], group))
    places, group, size = places[order], group[order], size[order]
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    groups = Groups(places, starts)
    unlike = _unlike(table, places)
    unlike[starts] = groups.sizes != size[starts]
    torn = groups.where(unlike)
    follows = np.ones(len(places), bool)
    follows[starts] = False
    flags = np.zeros((2, table.num_rows), bool)
    flags[0, places[follows & ~torn]] = True
    flags[1, places[torn]] = True
    return flags[0], flags[1]


def _unlike(table: pa.Table, places: Ints) -> Flags:
    """Flag each place whose row has other content than the place before it in the list."""
    unlike = np.zeros(len(places), bool)
    if len(places) < 2:
        return unlike
    for name in ("loan", "paid", "amount"):
        values = table.column(name).to_numpy()[places]
        unlike[1:] |= values[1:] != values[:-1]
    waiver = table.column("waiver").to_numpy()[places]
    reverses = pc.fill_null(plain(table.column("reverses")).take(pa.array(places)), "")
    unlike[1:] |= waiver[1:] != waiver[:-1]
    unlike[1:] |= flags_of(pc.not_equal(reverses[1:], reverses[:-1]))
    return unlike


def _match(
    table: pa.Table, block: Block, is_reversal: Flags, is_reversed: Flags, *, as_of_day: int
) -> tuple[dict[str, list[int]], list[Ahead]]:
    """Mark the payments that are reversed; yield the places of wrong reversals by finding.

    Of several reversals of one payment the first by day and id stands. One dated after the
    business date is accepted but not in force yet: it is yielded as lying ahead.
    """
    ahead: list[Ahead] = []
    targets = _targets(table, block, is_reversal)
    paid, amounts = table.column("paid").to_numpy(), table.column("amount").to_numpy()
    loans = table.column("loan").to_numpy()
    names = plain(table.column("reverses"))
    wrong: dict[str, list[int]] = {}
    taken_back: set[int] = set()
    for place in np.flatnonzero(is_reversal).tolist():
        target = targets.get((int(loans[place]), names[place].as_py()))
        if target is None:
            wrong.setdefault("reversal_of_unknown_payment", []).append(place)
        elif is_reversal[target]:
            wrong.setdefault("reversal_of_reversal", []).append(place)
        elif amounts[target] != amounts[place]:
            wrong.setdefault("reversal_amount_differs", []).append(place)
        elif target in taken_back:
            wrong.setdefault("already_reversed", []).append(place)
        else:
            taken_back.add(target)
            is_reversed[target] = bool(paid[place] <= as_of_day)
            if not is_reversed[target]:
                ahead.append(Ahead(int(loans[place]), names[place].as_py(), int(paid[place])))
    return wrong, ahead


def _targets(table: pa.Table, block: Block, is_reversal: Flags) -> dict[tuple[int, str], int]:
    """Yield the places of the payments that reversals name, by loan and payment id."""
    loans = table.column("loan").to_numpy()
    concerned = np.zeros(block.loans, bool)
    concerned[loans[is_reversal] - block.loan_from] = True
    places = np.flatnonzero(concerned[loans - block.loan_from])
    ids = plain(table.column("payment_id")).take(pa.array(places))
    named = flags_of(pc.is_in(ids, plain(table.column("reverses")).drop_null()))
    places = places[named]
    return {
        (int(loans[place]), text): place
        for place, text in zip(
            places.tolist(), ids.filter(pa.array(named)).to_pylist(), strict=True
        )
    }
