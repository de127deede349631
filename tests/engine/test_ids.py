"""Bits and row numbers become lists of ids, once per distinct combination."""

import pyarrow as pa

from recoup.engine.ids import lists_of_ids, set_bits, texts


def test_lists_are_decoded_once_for_each_combination() -> None:
    asked: list[tuple[int | None, int | None]] = []

    def decode(bits: int | None, row: int | None) -> tuple[str, ...]:
        asked.append((bits, row))
        return tuple(f"R{bit}" for bit in set_bits(bits)) + (() if row is None else (f"S{row}",))

    columns = [pa.chunked_array([[5, 0], [5, None]]), pa.chunked_array([[1, 2, 1, None]])]

    lists = lists_of_ids(columns=columns, decode=decode)

    assert lists.to_pylist() == [["R0", "R2", "S1"], ["S2"], ["R0", "R2", "S1"], []]
    assert sorted(asked, key=str) == sorted(set(asked), key=str)


def test_texts_may_be_missing() -> None:
    column = pa.chunked_array([[1, 2, 1]])

    found = texts(columns=[column], decode=lambda row: "one" if row == 1 else None)

    assert found.to_pylist() == ["one", None, "one"]


def test_no_rows_give_no_lists() -> None:
    assert lists_of_ids(columns=[pa.chunked_array([], pa.int64())], decode=lambda _: ()) == (
        pa.array([], pa.list_(pa.string()))
    )


def test_the_highest_bit_is_seen() -> None:
    assert set_bits(1 << 61 | 1) == (0, 61)
    assert set_bits(None) == ()
