"""Every hand-made story, every fault of a row and a drawn book, put together into one book.

Each small book's ids get a prefix of its own, so that its people stay among themselves; what they
share, such as rates, contradicts itself now and then, and must do so alike on every engine.
"""

import copy
import itertools
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import MagicMock

import pyarrow.parquet as pq
import pytest
from tests.book import test_row_checks
from tests.book.books import AS_OF, Book, Row, a_book
from tests.engine import test_classes_of_a_book, test_night, test_night_and_gate

from recoup.demo.bench_book import bench_book

IDS = (
    *("debtor_id", "contract_id", "payment_id", "reverses", "contact_id", "promise_id"),
    *("collateral_id", "guarantor_id"),
)


def hand_made_books(folder: Path) -> dict[str, Book]:
    """The book of every story and of every fault, by name."""
    books = {"classes": test_classes_of_a_book.book_of_stories(), "clean": a_book()}
    books |= {f"gate {seed}": test_night_and_gate.a_book(seed) for seed in (1, 2, 3)}
    for module in (test_night, test_night_and_gate):
        books |= dict(_told_by_tests(module, folder))
    books["drawn"] = _drawn(folder / "drawn")
    for name, fault in test_row_checks.FAULTS.items():
        books[name] = a_book()
        fault.change(books[name])
    return books


def _drawn(folder: Path) -> Book:
    """A lean book of a few hundred loans drawn by luck, as text."""
    bench_book(folder=folder, loans=300, seed=9, as_of=AS_OF)
    return {
        file.stem: [
            {name: _text(cell) for name, cell in row.items()}
            for row in pq.read_table(file).to_pylist()
        ]
        for file in sorted(folder.glob("*.parquet"))
    }


def _text(cell: object) -> str | None:
    if cell is None or isinstance(cell, bool):
        return None if cell is None else str(cell).lower()
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _told_by_tests(module: ModuleType, folder: Path) -> Iterator[tuple[str, Book]]:
    """The books that a module's tests have decided, whatever the tests then say of the result."""
    books: list[Book] = []

    def noted(book: Book, place: Path, *options: str, **more: Any) -> MagicMock:
        books.append(copy.deepcopy(book))
        return MagicMock()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "decided", noted)
        for name, test in vars(module).items():
            if not name.startswith("test_"):
                continue
            for given in _parameters(test):
                books.clear()
                with suppress(Exception):  # without a night there is nothing to be asserted
                    test(folder, **given)
                yield from ((f"{name} {given} {n}", book) for n, book in enumerate(books))


def _parameters(test: Any) -> Iterator[dict[str, Any]]:
    """What a parametrised test is called with, beside its folder."""
    marks = [one for one in getattr(test, "pytestmark", []) if one.name == "parametrize"]
    names, values = [], []
    for mark in marks:
        named = mark.args[0]
        names.append(named.split(",") if isinstance(named, str) else list(named))
        values.append(mark.args[1])
    for chosen in itertools.product(*values):
        given: dict[str, Any] = {}
        for own, value in zip(names, chosen, strict=True):
            given |= dict(zip(own, [value] if len(own) == 1 else value, strict=True))
        yield given


def together(books: dict[str, Book]) -> Book:
    """All books as one."""
    whole: Book = {}
    for number, book in enumerate(books.values()):
        for table, rows in book.items():
            whole.setdefault(table, []).extend(_prefixed(row, f"S{number:03d}-") for row in rows)
    for table, rows in whole.items():
        names = list(dict.fromkeys(name for row in rows for name in row))
        whole[table] = [{name: row.get(name) for name in names} for row in rows]
    return whole


def _prefixed(row: Row, prefix: str) -> Row:
    return {name: prefix + cell if name in IDS and cell else cell for name, cell in row.items()}
