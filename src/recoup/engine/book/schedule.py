"""Instalments: each loan's schedule, in order of due day and number."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recoup.engine.backends.compiled import compiled
from recoup.engine.blocks import Block
from recoup.engine.book.checking import Checked, Verdict
from recoup.engine.book.columns import Flags, Ints, Ordinals, as_text
from recoup.engine.book.glance import PlainInstalments, glance_at_instalments
from recoup.engine.book.loan_rows import Reading, too_large
from recoup.engine.book.normal_form import dates
from recoup.engine.book.source import Piece
from recoup.engine.loops.loan_rows import instalments_in_order, sum_instalments

PARTS = ("principal", "interest", "fee")
SCHEMA = pa.schema(
    [
        pa.field("loan", pa.int32(), nullable=False),
        pa.field("seq", pa.int32(), nullable=False),
        pa.field("due_on", pa.date32(), nullable=False),
        *(pa.field(f"{part}_minor", pa.int64(), nullable=False) for part in PARTS),
    ]
)
_CARRIED = pa.schema(
    [
        ("loan", pa.int32()),
        ("row", pa.int64()),
        ("seq", pa.int32()),
        ("due", pa.int32()),
        *((part, pa.int64()) for part in PARTS),
    ]
)
#: Bits that a day (counted from 1800) and an instalment's number take up in a sorting key.
_DAY_BITS, _SEQ_BITS = 18, 17
_DAYS_BEFORE_1970 = 62_091


@dataclass(frozen=True)
class _Faulty:
    """Rows of a block that contradict others of their loan."""

    repeated: Flags
    conflicting: Flags
    early: Flags

    @property
    def any(self) -> Flags:
        """All of them."""
        return self.repeated | self.conflicting | self.early


class Schedule:
    """Reads the instalments; ``unequal`` collects loans whose principal does not add up."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._unequal: list[Ordinals] = []
        principal = reading.agreements.table.columns["principal"]
        if principal.numbers is None:
            raise KeyError("principal holds no numbers")
        self._principal = np.where(principal.known, principal.numbers, -1)

    @property
    def unequal(self) -> Ordinals:
        """The loans whose instalments' principal differs from the contract's."""
        return np.concatenate(self._unequal) if self._unequal else np.zeros(0, np.int32)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows that passed their own checks."""
        for piece in self._reading.run.pieces():
            plain = glance_at_instalments(piece, self._reading.agreements)
            if plain is not None:
                yield _plainly_carried(plain, piece)
                continue
            checked = self._reading.run.check(piece)
            loans = self._reading.referred(checked)
            exponents = self._reading.agreements.exponents(loans)
            for part in PARTS:
                checked.to_minor(part, exponents)
            verdict = self._reading.judged(checked, loans)
            batch = _carried(checked, loans)
            if verdict is not None:
                self._add_rejected(checked, loans, verdict)
                batch = batch.filter(pa.array(~verdict.bad))
            yield batch

    def _add_rejected(self, checked: Checked, loans: Ordinals, verdict: Verdict) -> None:
        for part in PARTS:
            rows = np.flatnonzero(verdict.bad & checked.known(part))
            amounts = checked.numbers(part)[rows]
            self._reading.add_sums(part, loans[rows], amounts, accepted=False)

    def take(self, block: Block, table: pa.Table) -> None:
        """Check a block's schedules and write them."""
        if not _in_order(table):
            table = self._without_contradictions(_sorted(table, block), block)
        table = self._without_too_large(table)
        if not table.num_rows:
            return
        sums, rows = np.zeros((len(PARTS), block.loans), np.int64), np.zeros(block.loans, np.int64)
        parts = [table.column(part) for part in PARTS]
        compiled(sum_instalments)(
            table.column("loan").to_numpy(),
            block.loan_from,
            *(part.to_numpy() for part in parts),
            sums,
            rows,
        )
        places = np.flatnonzero(rows)
        present = (places + block.loan_from).astype(np.int32)
        self._reading.seen[present] = True
        wanted = self._principal[present]
        self._unequal.append(present[(sums[0, places] != wanted) & (wanted >= 0)])
        for part, amounts in zip(PARTS, sums, strict=True):
            self._reading.add_sums(part, present, amounts[places], accepted=True)
        due = dates(table.column("due").to_numpy())
        columns = [table.column("loan"), table.column("seq"), due, *parts]
        self._reading.file.write(pa.table(columns, schema=SCHEMA))

    def _without_contradictions(self, table: pa.Table, block: Block) -> pa.Table:
        """Yield a sorted block without the rows that contradict one another."""
        faulty = _contradictions(table, block)
        if faulty is None:
            return table
        self._reject(table, "duplicate_row", "seq", faulty.repeated)
        self._reject(table, "duplicate_seq", "seq", faulty.conflicting)
        self._reject(table, "due_dates_out_of_order", "due_date", faulty.early)
        return table.filter(pa.array(~faulty.any)).combine_chunks()

    def _without_too_large(self, table: pa.Table) -> pa.Table:
        """Yield a block without the schedules that add up to more than can be counted."""
        totals = sum(table.column(part).to_numpy() for part in PARTS)
        large = too_large(loans=table.column("loan").to_numpy(), amounts=np.asarray(totals))
        if large is None:
            return table
        self._reject(table, "schedule_too_large", "principal", large)
        return table.filter(pa.array(~large)).combine_chunks()

    def _reject(self, table: pa.Table, code: str, column: str, flags: Flags) -> None:
        places = np.flatnonzero(flags)
        if not len(places):
            return
        rows = table.take(pa.array(places))
        loans = rows.column("loan").to_numpy()
        ids = self._reading.contract_ids(loans)
        seq = as_text(rows.column("seq").combine_chunks())
        values = seq
        if column == "due_date":
            values = as_text(dates(rows.column("due").to_numpy()))
        keys = pc.binary_join_element_wise(ids, seq, "/")
        self._reading.reject(
            code=code,
            table=table,
            places=places,
            keys=keys,
            column=column,
            values=None if column == "principal" else values,
        )
        for part in PARTS:
            amounts = rows.column(part).to_numpy()
            self._reading.add_sums(part, loans, amounts, accepted=False)


def _in_order(table: pa.Table) -> bool:
    """Whether a block's rows are in the order of the normal form and contradict nothing."""
    columns = [table.column(name).to_numpy() for name in ("loan", "due", "seq")]
    return bool(compiled(instalments_in_order)(*columns))


def _plainly_carried(plain: PlainInstalments, piece: Piece) -> pa.RecordBatch:
    parts = (plain.principal, plain.interest, plain.fee)
    columns = [plain.loan, piece.rows, plain.seq, plain.due, *parts]
    return pa.RecordBatch.from_arrays([pa.array(column) for column in columns], schema=_CARRIED)


def _carried(checked: Checked, loans: Ordinals) -> pa.RecordBatch:
    columns = [
        pa.array(loans),
        pa.array(checked.piece.rows),
        pa.array(checked.numbers("seq").astype(np.int32, copy=False)),
        pa.array(checked.numbers("due_date").astype(np.int32, copy=False)),
        *(pa.array(_or_zero(checked, part)) for part in PARTS),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=_CARRIED)


def _or_zero(checked: Checked, part: str) -> Ints:
    """An instalment without interest or fee owes none."""
    known, amounts = checked.cells[part].known, checked.numbers(part)
    return amounts if known is None else np.where(known, amounts, 0)


def _sorted(table: pa.Table, block: Block) -> pa.Table:
    """Yield a block's rows by loan, due day and number."""
    loan, due, seq = (table.column(name).to_numpy() for name in ("loan", "due", "seq"))
    same_loan, step = loan[1:] == loan[:-1], due[1:] - due[:-1]
    rising = (loan[1:] > loan[:-1]) | (
        same_loan & ((step > 0) | ((step == 0) & (seq[1:] > seq[:-1])))
    )
    if rising.all():
        return table
    key = (loan.astype(np.int64) - block.loan_from) << (_DAY_BITS + _SEQ_BITS)
    key |= (due.astype(np.int64) + _DAYS_BEFORE_1970) << _SEQ_BITS
    key |= seq
    return table.take(pa.array(np.argsort(key))).combine_chunks()


def _contradictions(table: pa.Table, block: Block) -> _Faulty | None:
    """Yield which rows share a number, or are due before an earlier number; None if none do."""
    loan, seq = table.column("loan").to_numpy(), table.column("seq").to_numpy()
    if not ((loan[1:] == loan[:-1]) & (seq[1:] <= seq[:-1])).any():
        return None
    order = np.lexsort((table.column("row").to_numpy(), seq, loan))
    loan, seq = loan[order], seq[order]
    due = table.column("due").to_numpy()[order]
    same = np.concatenate([[False], (loan[1:] == loan[:-1]) & (seq[1:] == seq[:-1])])
    differs = np.zeros(len(order), bool)
    for name in ("due", *PARTS):
        values = table.column(name).to_numpy()[order]
        differs[1:] |= same[1:] & (values[1:] != values[:-1])
    firsts = np.flatnonzero(~same)
    sizes = np.diff(firsts, append=len(order))
    conflicting = np.repeat(np.logical_or.reduceat(differs, firsts), sizes)
    repeated = same & ~conflicting
    kept = ~(conflicting | repeated)
    key = ((loan.astype(np.int64) - block.loan_from) << _DAY_BITS) + due + _DAYS_BEFORE_1970
    early = kept & (key < np.maximum.accumulate(np.where(kept, key, 0)))
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    return _Faulty(repeated[back], conflicting[back], early[back])
