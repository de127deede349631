"""Instalments and receipts of the loans whose persons the desk may meet, block by block.

A night's book has tens of instalments to a loan. Of each loan one hash is kept for its schedule and
one for its receipts; only loans whose hash changed are read again and written.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from recoup.apps.portfolio.publishing import fitting
from recoup.apps.portfolio.publishing.hashing import (
    Hashes,
    group_hashes,
    number_hashes,
    text_hashes,
)
from recoup.apps.portfolio.publishing.night import Flags, Night

_SCHEDULE = ("seq", "due_on", "principal_minor", "interest_minor", "fee_minor")
_RECEIPT = ("paid_on", "amount_minor", "is_waiver", "is_reversed", "row")


@dataclass(frozen=True, kw_only=True)
class Detail:
    """A table of the normal form that is cut into blocks of loans; its columns, its id if any."""

    table: str
    columns: tuple[str, ...]
    id_column: str = ""


SCHEDULES = Detail(table="instalments", columns=_SCHEDULE)
RECEIPTS = Detail(table="payments", columns=_RECEIPT, id_column="payment_id")


def detail_hashes(night: Night, detail: Detail, wanted: Flags) -> Hashes:
    """Yield a hash per loan over its rows of a table; 0 for loans not wanted or without rows."""
    found: Hashes = np.zeros(len(wanted), np.int64)
    for rows, _ in _wanted_rows(night, detail, wanted):
        loans = rows.column("loan").to_numpy()
        # The row of the bank's file says nothing of the receipt: another export, another row.
        told = [name for name in detail.columns if name != "row"]
        columns = [_numbers(rows.column(name)) for name in told]
        if detail.id_column:
            columns.append(text_hashes(rows.column(detail.id_column)))
        # Blocks hold whole loans, so that no loan's sum is cut in two.
        found += group_hashes(loans, number_hashes(columns), groups=len(wanted))
    return found


def detail_rows(night: Night, detail: Detail, wanted: Flags) -> Iterator[pa.Table]:
    """Yield the rows of loans as the records hold them, block by block."""
    for rows, places in _wanted_rows(night, detail, wanted):
        if not rows.num_rows:
            continue
        columns = {"contract_id": night.loan_ids.take(rows.column("loan"))}
        if detail.id_column:
            columns["payment_id"] = fitting.ids(
                rows.column("payment_id"), column="payment_id", most=64
            )
        columns |= {name: rows.column(name) for name in detail.columns if name != "row"}
        columns["as_of"] = pa.repeat(pa.scalar(night.as_of, pa.date32()), rows.num_rows)
        columns["source_row"] = rows.column("row") if "row" in detail.columns else places
        yield pa.table(columns)


def _wanted_rows(
    night: Night, detail: Detail, wanted: Flags
) -> Iterator[tuple[pa.Table, pa.Array]]:
    """Yield the rows of wanted loans of each block, with their places in the table, from 1."""
    names = ["loan", *detail.columns, *([detail.id_column] if detail.id_column else [])]
    before = 0
    with pq.ParquetFile(night.book_file(detail.table)) as file:
        for number in range(file.num_row_groups):
            size = file.metadata.row_group(number).num_rows
            loans = file.read_row_group(number, columns=["loan"]).column("loan").to_numpy()
            places = np.flatnonzero(wanted[loans])
            if len(places):
                rows = file.read_row_group(number, columns=names).take(pa.array(places))
                yield rows, pa.array(places + before + 1)
            before += size


def _numbers(column: pa.ChunkedArray) -> npt.NDArray[np.generic]:
    if pa.types.is_date(column.type):
        column = column.cast(pa.int32())
    found: npt.NDArray[np.generic] = pc.fill_null(column.cast(pa.int64()), -1).to_numpy()
    return found
