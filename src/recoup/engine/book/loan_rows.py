"""Tables whose rows belong to loans and are too many to hold: read once, handed out by block."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
import pyarrow as pa

from recoup.engine.backends.compiled import compiled
from recoup.engine.blocks import Block
from recoup.engine.book.agreements import Agreements
from recoup.engine.book.checking import Checked, Ranks, TableRun, Verdict
from recoup.engine.book.columns import NONE, Flags, Ints, Ordinals, taken
from recoup.engine.book.feeding import OutOfOrder, feed_any_order, feed_in_order
from recoup.engine.book.normal_form import NormalTable
from recoup.engine.book.people import first_known
from recoup.engine.book.sentences import BY_CODE, RANK, Severity
from recoup.engine.loops.loan_rows import greatest_and_most

#: A loan's amounts in one table may add up to this at most, so that no sum leaves 64 bits.
MOST_PER_LOAN = 2**61


@dataclass
class Harm:
    """How badly each loan fares, as far as this reading knows."""

    ranks: Ranks

    def mark(self, loans: Ordinals, ranks: Ranks) -> None:
        """Let each loan have the smallest of its ranks; NONE entries are passed over."""
        real = loans != NONE
        np.minimum.at(self.ranks, loans[real], ranks[real])


@dataclass
class Reading:
    """One attempt at reading a table: what it has recorded counts only if it ends in order.

    ``seen`` flags the loans that have at least one accepted row.
    """

    run: TableRun
    agreements: Agreements
    harm: Harm
    file: NormalTable
    seen: Flags = field(init=False)

    def __post_init__(self) -> None:
        self.seen = np.zeros(self.agreements.size, bool)

    def referred(self, checked: Checked) -> Ordinals:
        """Yield the loans of a piece; rows of a loan whose currency is unknown are rejected."""
        loans = self.agreements.refer(checked)
        exponents = self.agreements.exponents(loans)
        if not isinstance(exponents, int):
            lost = (exponents == NONE) & (loans != NONE)
            checked.fault("contract_id", "contract_rejected", lost)
        return loans

    def judged(self, checked: Checked, loans: Ordinals) -> Verdict | None:
        """Record the faults of a piece and of its broken lines, and whom they harm."""
        lines = checked.piece.bad_lines
        if lines:
            keys, named = first_known(self.agreements.index, lines)
            self.run.reject_lines(lines, keys)
            self.harm.mark(named, np.array([RANK[line.code] for line in lines], np.int16))
        verdict = self.run.judge(checked)
        if verdict is not None:
            self.harm.mark(loans[verdict.bad], verdict.rank[verdict.bad])
        return verdict

    def reject(
        self,
        *,
        code: str,
        table: pa.Table,
        places: Ints,
        keys: pa.Array,
        column: str,
        values: pa.Array | None = None,
    ) -> None:
        """Record rows that a whole block shows to be wrong, and harm their loans."""
        if not len(places):
            return
        rows = table.column("row").to_numpy()[places]
        loans = table.column("loan").to_numpy()[places]
        self.run.rejects.add(
            code=code,
            severity=Severity.ERROR,
            rows=rows,
            keys=keys,
            column=column,
            values=values,
        )
        self.run.tally.rejected += len(places)
        if not BY_CODE[code].spares:
            self.harm.mark(loans, np.full(len(places), RANK[code], np.int16))

    def contract_ids(self, loans: Ordinals) -> pa.Array:
        """Yield the contract ids of some loans."""
        return taken(self.agreements.index.ids, loans)

    def add_sums(self, column: str, loans: Ordinals, amounts: Ints, *, accepted: bool) -> None:
        """Add amounts to the control sums, by the currency of each loan."""
        if len(amounts):
            self.run.tally.add_sums(
                column=column,
                amounts=amounts,
                currencies=self.agreements.currencies(loans),
                accepted=accepted,
            )


class LoanRows(Protocol):
    """What reads one such table: batches of carried rows, then whole blocks of them."""

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows that passed their own checks, with at least ``loan`` and ``row``."""
        ...

    def take(self, block: Block, table: pa.Table) -> None:
        """Check a block's rows against one another and write them."""
        ...


Reader = TypeVar("Reader", bound=LoanRows)


def read_loan_rows(
    *,
    open_run: Callable[[], TableRun],
    agreements: Agreements,
    blocks: Sequence[Block],
    path: Path,
    scratch: Path,
    schema: pa.Schema,
    begin: Callable[[Reading], Reader],
) -> tuple[Reading, Reader]:
    """Read a table into its normal form; yield the reading that ended in order, and its reader.

    The first attempt trusts the file's order. When a row turns out to be late, everything recorded
    is thrown away and the table is dealt out on disk instead.
    """
    for trusting in (True, False):
        run = open_run()
        with NormalTable(path=path, schema=schema) as file:
            reading = Reading(run, agreements, Harm(agreements.rank.copy()), file)
            reader = begin(reading)
            try:
                if trusting:
                    feed_in_order(batches=reader.batches(), blocks=blocks, take=reader.take)
                else:
                    feed_any_order(
                        batches=reader.batches(), blocks=blocks, take=reader.take, scratch=scratch
                    )
            except OutOfOrder:
                run.rejects.close()
                continue
            except BaseException:
                run.rejects.close()
                raise
        run.tally.in_order = trusting
        run.tally.kept = file.rows
        agreements.table.rank = reading.harm.ranks
        return reading, reader
    raise AssertionError("dealing rows out cannot find them out of order")


def too_large(*, loans: Ordinals, amounts: Ints) -> Flags | None:
    """Flag the rows of loans whose amounts add up to more than can be counted; None if none do.

    Shape: rows are ascending by loan; amounts are not negative.
    """
    if not len(loans):
        return None
    greatest = np.zeros(2, np.int64)
    compiled(greatest_and_most)(loans, amounts, greatest)
    amount, rows = greatest.tolist()
    if amount * rows < MOST_PER_LOAN:
        return None
    starts = np.flatnonzero(np.diff(loans, prepend=-1))
    counts = np.diff(starts, append=len(loans))
    large = np.zeros(len(loans), bool)
    for first, count in zip(starts.tolist(), counts.tolist(), strict=True):
        of_loan = amounts[first : first + count]
        if int(of_loan.max()) * count >= MOST_PER_LOAN:
            large[first : first + count] = sum(of_loan.tolist()) >= MOST_PER_LOAN
    return large if large.any() else None
