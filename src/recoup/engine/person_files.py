"""One person's rows out of a large result, without reading whole tables.

The normal form is sorted by person and loan, so the least and greatest ordinal of every row group
tell which group to read; ids are found the same way in the tables that are sorted by id. Only these
bounds stay in memory; a person costs one row group of each table.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from recoup.engine.blocks import Ints

#: The tables of the normal form by the ordinal that they are sorted by.
SORTED_BY: Mapping[str, str] = {
    "debtors": "person",
    "contracts": "person",
    "instalments": "loan",
    "payments": "loan",
    "contacts": "person",
    "promises": "person",
    "holds": "person",
    "collateral": "loan",
    "guarantors": "loan",
    "outside": "person",
}


class SortedFile:
    """A Parquet file sorted by an ordinal, read by runs of it.

    Shape: not for several threads at once.
    """

    def __init__(self, *, path: Path, by: str) -> None:
        self._file = pq.ParquetFile(path, memory_map=True)
        self._by = by
        self.schema: pa.Schema = self._file.schema_arrow
        bounds = _bounds(self._file.metadata, by)
        self._least: Ints = np.array([least for least, _ in bounds], np.int64)
        self._greatest: Ints = np.array([greatest for _, greatest in bounds], np.int64)

    def rows(self, first: int, until: int, columns: Sequence[str] | None = None) -> pa.Table:
        """Yield the rows whose ordinal is ``first`` to ``until`` - 1."""
        begin = int(np.searchsorted(self._greatest, first, side="left"))
        end = int(np.searchsorted(self._least, until, side="left"))
        names = self.schema.names if columns is None else [self._by, *columns]
        if begin >= end:
            return pa.schema([self.schema.field(name) for name in names]).empty_table()
        found = self._file.read_row_groups(range(begin, end), columns=names, use_threads=False)
        ordinals: npt.NDArray[np.int32] = found.column(self._by).to_numpy()
        start, stop = np.searchsorted(ordinals, [first, until], side="left").tolist()
        return found.slice(start, stop - start)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


class IdFile:
    """A Parquet file sorted by an id, in which one id is found.

    Shape: not for several threads at once.
    """

    def __init__(self, *, path: Path, by: str, gives: str) -> None:
        self._file = pq.ParquetFile(path, memory_map=True)
        self._by = by
        self._gives = gives
        self._bounds = _bounds(self._file.metadata, by)

    @property
    def first(self) -> str | None:
        """The first id of all; None in an empty file."""
        if not self._bounds:
            return None
        found = self._file.read_row_group(0, columns=[self._by], use_threads=False)
        return str(found.column(0)[0].as_py())

    def find(self, wanted: str) -> object:
        """Yield the value that stands beside an id; None where the id is not there."""
        for group, (least, greatest) in enumerate(self._bounds):
            # An id of many kilobytes leaves its group without bounds.
            if least is not None and not least <= wanted <= greatest:
                continue
            found = self._file.read_row_group(
                group, columns=[self._by, self._gives], use_threads=False
            )
            place = pc.index(found.column(self._by), wanted).as_py()
            if place >= 0:
                value: object = found.column(self._gives)[place].as_py()
                return value
        return None

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def _bounds(metadata: pq.FileMetaData, column: str) -> list[tuple[Any, Any]]:
    """Yield the least and the greatest value of a column in every row group."""
    leaves = [metadata.schema.column(place).path for place in range(metadata.num_columns)]
    place = leaves.index(column)
    found = []
    for group in range(metadata.num_row_groups):
        statistics = metadata.row_group(group).column(place).statistics
        known = statistics is not None and statistics.has_min_max
        found.append((statistics.min, statistics.max) if known else (None, None))
    return found


class PersonFiles:
    """The tables of one result folder, opened, by person."""

    def __init__(self, *, result: Path) -> None:
        book = result / "book"
        self._tables = {
            name: SortedFile(path=book / f"{name}.parquet", by=by) for name, by in SORTED_BY.items()
        }
        self._debtors = IdFile(path=book / "debtors.parquet", by="debtor_id", gives="person")
        self._contracts = IdFile(
            path=result / "decisions.parquet", by="contract_id", gives="debtor_id"
        )

    def person(self, debtor_id: str) -> int | None:
        """Yield a debtor's ordinal; None where there is no such debtor."""
        found = self._debtors.find(debtor_id)
        return found if isinstance(found, int) else None

    @property
    def first_debtor(self) -> str | None:
        """The id of the first debtor."""
        return self._debtors.first

    def debtor_of(self, contract_id: str) -> str | None:
        """Yield whose contract it is; None where there is no such contract."""
        found = self._contracts.find(contract_id)
        return found if isinstance(found, str) else None

    def columns(self, table: str) -> Sequence[str]:
        """Yield the names of a table's columns."""
        names: Sequence[str] = self._tables[table].schema.names
        return names

    def of_person(self, table: str, person: int, columns: Sequence[str] | None = None) -> pa.Table:
        """Yield a person's rows of a table that is sorted by person."""
        return self._tables[table].rows(person, person + 1, columns)

    def of_loans(
        self, table: str, first: int, until: int, columns: Sequence[str] | None = None
    ) -> pa.Table:
        """Yield the rows of a run of loans, of a table that is sorted by loan."""
        return self._tables[table].rows(first, until, columns)

    def close(self) -> None:
        """Let go of the files."""
        for table in self._tables.values():
            table.close()
        self._debtors.close()
        self._contracts.close()
