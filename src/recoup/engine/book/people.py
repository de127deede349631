"""Debtors: every one that can be identified becomes a person, numbered in byte order of its id."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recoup.engine.book.checking import Checked, Ranks, TableRun, named_in
from recoup.engine.book.columns import NONE, Flags, Ordinals
from recoup.engine.book.held import HeldTable, hold, rest_of, settle_keys
from recoup.engine.book.ids import IdIndex, ascending
from recoup.engine.book.source import BadLine


@dataclass
class People:
    """The persons of the book. ``unread`` counts, per table, the rejected rows of each person."""

    table: HeldTable
    index: IdIndex
    unread: dict[str, Ordinals]

    @property
    def size(self) -> int:
        """How many persons there are."""
        return self.table.size

    @property
    def rank(self) -> Ranks:
        """How badly each person's own row fares."""
        return self.table.rank

    def find(self, checked: Checked) -> Ordinals:
        """Yield the person of each row of a piece, from its column debtor_id."""
        return self.index.find(checked.cells["debtor_id"].texts)

    def count_unread(self, *, table: str, persons: Ordinals) -> None:
        """Count rejected rows that speak of these persons; NONE entries are passed over."""
        counts = self.unread.setdefault(table, np.zeros(self.size, np.int32))
        np.add.at(counts, persons[persons != NONE], 1)


def read_people(run: TableRun) -> People:
    """Yield the persons of table debtors.

    A row with faults keeps its place, without the faulty values and with a rank; rows without an
    id have none. Conflicting rows of one id leave a person of whom only the id is known.
    """
    table = hold(run, refine=_nothing_more)
    run.reject_lines(table.bad_lines, [""] * len(table.bad_lines))
    table = with_known_ids(table, "debtor_id")
    table = without_doubles(run, table, identity=("debtor_id",))
    ids = table.texts("debtor_id")
    if not ascending(ids):
        table = table.at(pc.sort_indices(ids).to_numpy().astype(np.int64))
    run.tally.kept = table.size
    return People(table, IdIndex(table.texts("debtor_id")), {})


def _nothing_more(checked: Checked) -> None:
    """Debtors have no rules across columns."""


def with_known_ids(table: HeldTable, *columns: str) -> HeldTable:
    """Yield the rows whose identifying columns all have a value."""
    known: Flags = np.ones(table.size, bool)
    for column in columns:
        known &= table.columns[column].known
    return table if known.all() else table.at(np.flatnonzero(known))


def without_doubles(run: TableRun, table: HeldTable, *, identity: tuple[str, ...]) -> HeldTable:
    """Yield the table with one row per key: of conflicting rows, the bare identity.

    Where conflicting rows disagree even in a further column of ``identity``, none is left.
    """
    doubles = settle_keys(run, table, table.texts(identity[0]))
    groups = doubles.conflicting
    apart = table.differs(groups.members, names=identity)
    apart[groups.starts] = False
    agreed = groups.only(~groups.where(apart))
    firsts = agreed.members[agreed.starts]
    table.forget(firsts, but=identity)
    return table.at(rest_of(table.size, np.setdiff1d(doubles.dropped, firsts)))


def first_known(index: IdIndex, lines: Iterable[BadLine]) -> tuple[list[str], Ordinals]:
    """Yield, per broken line, the first of its cells that is a known id, and its ordinal."""
    keys, ordinals = [], []
    for line in lines:
        found = index.find(pa.array(named_in(line), pa.string()))
        hit = np.flatnonzero(found != NONE)
        ordinals.append(int(found[hit[0]]) if len(hit) else NONE)
        keys.append(index.ids[ordinals[-1]].as_py() if len(hit) else "")
    return keys, np.array(ordinals, np.int32)
