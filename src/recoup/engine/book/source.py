"""What a table's file yields, whatever its format: pieces of rows that can be read repeatedly."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from recoup.engine.book.columns import Ints
from recoup.engine.book.contract import TableSpec
from recoup.engine.book.refused import refuse


@dataclass(frozen=True)
class BadLine:
    """A line that is no row: its row number, what is wrong, and its text (shortened)."""

    row: int
    code: str
    text: str


@dataclass(frozen=True)
class Piece:
    """Some rows of a table: source row numbers (1 = first data row) and the columns asked for."""

    rows: Ints
    columns: Mapping[str, pa.Array]
    bad_lines: tuple[BadLine, ...] = ()


class Source(Protocol):
    """One table's file. Every call of ``pieces`` reads it from the beginning."""

    path: Path
    names: tuple[str, ...]

    def pieces(self, columns: Sequence[str]) -> Iterator[Piece]:
        """Yield the rows in the file's order, with those of the named columns that it has."""
        ...

    def type_of(self, column: str) -> pa.DataType:
        """Yield the type in which a column arrives."""
        ...


def check_header(*, spec: TableSpec, path: Path, names: Sequence[str]) -> None:
    """Refuse a file that lacks a required column or has one twice.

    Errors: BookRefused.
    """
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise refuse("column_twice", file=path.name, column=name)
        seen.add(name)
    missing = [name for name in spec.required_names if name not in seen]
    if missing:
        found = ", ".join(names) or "–"
        raise refuse(
            "missing_column", file=path.name, columns=", ".join(missing), found=found[:500]
        )
