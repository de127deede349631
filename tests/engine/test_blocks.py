"""The book is cut between persons, and its rows are handed out once, in order."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from recoup.engine.blocks import Block, SortedRows, cut_blocks, offsets


@given(loans_of_persons=st.lists(st.integers(0, 7), max_size=40), size=st.integers(1, 12))
def test_blocks_hold_whole_persons_and_miss_nobody(loans_of_persons: list[int], size: int) -> None:
    owners = np.repeat(np.arange(len(loans_of_persons), dtype=np.int32), loans_of_persons)

    blocks = cut_blocks(person_of_loan=owners, persons=len(loans_of_persons), size=size)

    assert [loan for b in blocks for loan in range(b.loan_from, b.loan_until)] == list(
        range(len(owners))
    )
    persons = [person for b in blocks for person in range(b.person_from, b.person_until)]
    assert persons == list(range(len(loans_of_persons)))
    for block in blocks:
        inside = owners[block.loan_from : block.loan_until]
        assert all(block.person_from <= owner < block.person_until for owner in inside)


def test_a_person_with_more_loans_than_a_block_makes_one_larger_block() -> None:
    owners = np.array([0, 1, 1, 1, 1, 1, 2], np.int32)

    blocks = cut_blocks(person_of_loan=owners, persons=3, size=2)

    assert blocks == [Block(0, 1, 0, 1), Block(1, 6, 1, 2), Block(6, 7, 2, 3)]


def test_rows_are_handed_out_once_across_batches_and_blocks(tmp_path: Path) -> None:
    loans = np.repeat(np.arange(100, dtype=np.int32), np.arange(100) % 4)
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"loan": loans, "n": np.arange(len(loans))}), path, row_group_size=7)
    rows = SortedRows(path=path, by="loan", columns=["n"])

    parts = [rows.until(until) for until in (0, 1, 10, 11, 60, 100)]

    assert pa.concat_tables(parts).column("n").to_pylist() == list(range(len(loans)))
    assert [max(part["loan"].to_pylist(), default=None) for part in parts] == [
        None, None, 9, 10, 59, 99,
    ]  # fmt: skip


def test_offsets_mark_loans_without_rows_too() -> None:
    ordinals = np.array([3, 3, 5], np.int32)

    found = offsets(ordinals=ordinals, first=2, until=7)

    assert found.tolist() == [0, 0, 2, 2, 3, 3]
