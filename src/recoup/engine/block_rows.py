"""What the flow sees of a block: contracts with traced figures, persons, promises kept or not.

A block is traced piece by piece: the book's largest tables pass through a few megabytes of memory
that is used again and again, and only the figures of the block's contracts stay.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from recoup.engine.blocks import Block, SortedRows, cut_blocks
from recoup.engine.memory import Sizes
from recoup.engine.promising import PromiseRows, match_promises
from recoup.engine.rulings import Rulings
from recoup.engine.tracing import LoanRows, loan_parameters, trace
from recoup.kernel.calendar import day_number

#: Columns of contracts that neither the flow nor the decisions ask for.
NOT_ASKED = frozenset(
    {
        *("row", "annual_rate_ppm", "penalty_rate_ppm", "maturity_on"),
        *("officer", "written_off_on"),
    }
)
PERSON_COLUMNS = (
    *("debtor_id", "kind", "phone", "email", "language", "time_zone"),
    *("deceased_on", "bankrupt_on", "vulnerable", "unread_holds", "unread_contacts"),
)


@dataclass(frozen=True, kw_only=True)
class BlockRows:
    """The Arrow tables of one block, in the order of the book."""

    block: Block
    loans: pa.Table
    persons: pa.Table
    promises: pa.Table


def read_blocks(*, book: Path, rulings: Rulings, threads: int, sizes: Sizes) -> Iterator[BlockRows]:
    """Yield the blocks of a book, traced, one after another.

    Shape: every person is in exactly one block, with all loans. A block has at least
    ``sizes.block_loans`` loans, as that is when the block begins; the last may be smaller.
    """
    reader = _Reader(book=book, rulings=rulings, threads=threads, rows_read=sizes.rows_read)
    try:
        for pieces in _grouped(reader.pieces(min(sizes.piece_loans, sizes.block_loans)), sizes):
            yield reader.block(pieces)
    finally:
        reader.close()


class _Reader:
    """The book's files, read once, in ascending order."""

    def __init__(self, *, book: Path, rulings: Rulings, threads: int, rows_read: int) -> None:
        asked = asked_columns(pq.read_schema(book / "contracts.parquet").names)
        self._book = book
        self._rulings = rulings
        self._threads = threads
        self._contracts = SortedRows(
            path=book / "contracts.parquet", by="loan", columns=asked, rows_read=rows_read
        )
        self._persons = SortedRows(
            path=book / "debtors.parquet", by="person", columns=PERSON_COLUMNS, rows_read=rows_read
        )
        self._rows = LoanRows(book=book, rows_read=rows_read)
        self._promises = PromiseRows(book=book, rows_read=rows_read)

    def pieces(self, size: int) -> list[Block]:
        """Yield the whole book cut between persons."""
        owners = pq.read_table(self._book / "contracts.parquet", columns=["person"])
        persons = pq.read_metadata(self._book / "debtors.parquet").num_rows
        return cut_blocks(
            person_of_loan=owners.column("person").to_numpy(), persons=persons, size=size
        )

    def block(self, pieces: Sequence[Block]) -> BlockRows:
        """Yield one block, traced piece by piece."""
        traced = [self._piece(piece) for piece in pieces]
        first, last = pieces[0], pieces[-1]
        return BlockRows(
            block=Block(first.loan_from, last.loan_until, first.person_from, last.person_until),
            loans=pa.concat_tables([loans for loans, _ in traced]).combine_chunks(),
            persons=self._persons.until(last.person_until).combine_chunks(),
            promises=pa.concat_tables([promises for _, promises in traced]).combine_chunks(),
        )

    def _piece(self, piece: Block) -> tuple[pa.Table, pa.Table]:
        contracts = self._contracts.until(piece.loan_until)
        instalments, payments = self._rows.of(piece)
        return traced_piece(
            piece=piece,
            contracts=contracts,
            instalments=instalments,
            payments=payments,
            promises=self._promises.of(piece),
            rulings=self._rulings,
            threads=self._threads,
        )

    def close(self) -> None:
        """Let go of the files."""
        for rows in (self._contracts, self._persons, self._rows, self._promises):
            rows.close()


def asked_columns(contracts: Sequence[str]) -> list[str]:
    """Yield those columns of contracts, beside ``loan``, that flow or decisions ask for."""
    return [name for name in contracts if name not in NOT_ASKED and name != "loan"]


def traced_piece(
    *,
    piece: Block,
    contracts: pa.Table,
    instalments: pa.Table,
    payments: pa.Table,
    promises: pa.Table,
    rulings: Rulings,
    threads: int,
) -> tuple[pa.Table, pa.Table]:
    """Yield the contracts of a piece with traced figures, and its promises, kept or not.

    Shape: rows of the normal form, of exactly the piece's persons and loans; ``payments`` are
    those that count.
    """
    as_of_day = day_number(rulings.as_of)
    traced = trace(
        block=piece,
        instalments=rulings.moved(instalments),
        payments=payments,
        parameters=loan_parameters(
            contracts=contracts, rules=rulings.trace, moved=rulings.moved_day
        ),
        rules=rulings.trace,
        as_of_day=as_of_day,
        threads=threads,
    )
    matched = match_promises(
        promises=promises,
        payments=payments,
        person_of_loan=contracts.column("person"),
        block=piece,
        as_of_day=as_of_day,
        tolerance=rulings.tolerance,
    )
    return rulings.blanked(contracts=contracts, traced=traced), matched


def _grouped(pieces: Sequence[Block], sizes: Sizes) -> Iterator[Sequence[Block]]:
    held: list[Block] = []
    for piece in pieces:
        held.append(piece)
        if sum(one.loans for one in held) >= sizes.block_loans:
            yield held
            held = []
    if held:
        yield held
