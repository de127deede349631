"""Ids found among many: exact, whatever their length, order or encoding in the file."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recoup.engine.book import ids
from recoup.engine.book.ids import IdIndex, hash_texts, repeated_in_stream, repeated_rows

TEXTS = st.lists(st.one_of(st.none(), st.text(max_size=20)), max_size=40)


def lists(groups):
    """The groups as lists."""
    return [group.tolist() for group in np.split(groups.members, groups.starts)[1:]]


@given(known=st.lists(st.text(max_size=20), unique=True, max_size=30), asked=TEXTS)
def test_every_text_is_found_where_it_stands(known, asked):
    index = IdIndex(pa.array(known, pa.string()))
    column = pa.array(asked, pa.string())

    found = index.find(column).tolist()

    assert found == [known.index(text) if text in known else -1 for text in asked]
    assert index.find(column.dictionary_encode()).tolist() == found


@given(texts=TEXTS)
def test_repeated_texts_are_grouped(texts):
    groups = repeated_rows(pa.array(texts, pa.string()))

    expected = {
        text: [place for place, other in enumerate(texts) if other == text]
        for text in texts
        if text is not None and texts.count(text) > 1
    }
    assert sorted(lists(groups)) == sorted(expected.values())


@given(texts=st.lists(st.text(max_size=30), min_size=1, max_size=20), cut=st.integers(0, 19))
def test_the_hash_depends_on_the_text_alone(texts, cut):
    whole = hash_texts(pa.array(texts, pa.string()))

    part = hash_texts(pa.array(texts, pa.string())[cut:])

    assert part.tolist() == whole[cut:].tolist()
    assert len(set(whole.tolist())) == len(set(texts))


def test_colliding_hashes_cost_time_and_no_answer(monkeypatch):
    monkeypatch.setattr(ids, "hash_texts", lambda texts: np.full(len(texts), 7, np.uint64))
    known = pa.array([f"C{number}" for number in range(50)])

    index = IdIndex(known)

    assert index.find(pa.array(["C49", "x", "C0"])).tolist() == [49, -1, 0]
    assert lists(repeated_rows(pa.array(["a", "b", "a"]))) == [[0, 2]]


@pytest.mark.parametrize("texts", [["a", "b", "c", "d"], ["d", "a", "c", "b"]])
def test_a_stream_without_repeated_texts_has_no_groups(texts):
    batches = [
        (np.array([1, 2]), pa.array(texts[:2])),
        (np.array([3, 4]), pa.array(texts[2:])),
    ]

    assert lists(repeated_in_stream(lambda: batches)) == []


def test_a_stream_is_searched_across_its_batches():
    batches = [
        (np.array([1, 2]), pa.array(["a", "b"])),
        (np.array([5, 6]), pa.array(["b", None])),
        (np.array([7, 8, 9]), pa.array(["c", "b", None])),
    ]

    groups = repeated_in_stream(lambda: batches)

    assert lists(groups) == [[2, 5, 8]]
