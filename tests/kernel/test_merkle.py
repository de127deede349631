"""The Merkle tree, held against the recursive definition of RFC 6962 and its known roots."""

import hashlib

import pytest

from recoup.kernel.merkle import (
    BRANCH,
    branches_of,
    leaf_hash,
    path_of,
    root_by_path,
    root_of,
    sha256,
)

#: Entries and roots of the test data that implementations of RFC 6962 share.
ENTRIES = ["", "00", "10", "2021", "3031", "40414243"]
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
}


def by_the_book(entries: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word."""
    count = len(entries)
    if count == 0:
        return hashlib.sha256(b"").digest()
    if count == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    split = 1
    while split * 2 < count:
        split *= 2
    left, right = by_the_book(entries[:split]), by_the_book(entries[split:])
    return hashlib.sha256(b"\x01" + left + right).digest()


def entries(count: int) -> list[bytes]:
    return [f"entry {number}".encode() for number in range(count)]


@pytest.mark.parametrize("count", ROOTS)
def test_the_roots_are_those_of_others(count: int) -> None:
    leaves = [leaf_hash(bytes.fromhex(one)) for one in ENTRIES[:count]]

    assert root_of(leaves).hex() == ROOTS[count]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 8, 13, 64, 65, 127])
def test_the_root_is_that_of_the_definition(count: int) -> None:
    leaves = [leaf_hash(one) for one in entries(count)]

    assert root_of(leaves) == by_the_book(entries(count))


def test_branches_come_to_the_same_root_and_the_same_paths() -> None:
    leaves = [leaf_hash(one) for one in entries(2 * BRANCH + 5)]
    branches = branches_of(leaves)

    assert len(branches) == 3
    assert root_of(branches) == root_of(leaves) == by_the_book(entries(len(leaves)))
    for place in (0, BRANCH - 1, BRANCH, 2 * BRANCH, len(leaves) - 1):
        number = place // BRANCH
        own = leaves[number * BRANCH : (number + 1) * BRANCH]
        path = (*path_of(own, place % BRANCH), *path_of(branches, number))
        assert path == path_of(leaves, place)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6, 7, 8, 9, 31, 33])
def test_every_entry_leads_to_the_root_and_no_other_does(count: int) -> None:
    leaves = [leaf_hash(one) for one in entries(count)]
    root = root_of(leaves)

    for place, leaf in enumerate(leaves):
        path = path_of(leaves, place)
        other = leaf_hash(b"another entry")
        assert root_by_path(leaf=leaf, place=place, size=count, path=path) == root
        assert root_by_path(leaf=other, place=place, size=count, path=path) != root
        assert root_by_path(leaf=leaf, place=count, size=count, path=path) is None
        assert root_by_path(leaf=leaf, place=place, size=count, path=(*path, root)) is None
        if path:
            assert root_by_path(leaf=leaf, place=place, size=count, path=path[:-1]) != root
            assert root_by_path(leaf=leaf, place=place ^ 1, size=count, path=path) != root


def test_a_pair_cannot_pass_for_an_entry() -> None:
    first, second = leaf_hash(b"a"), leaf_hash(b"b")

    assert leaf_hash(first + second) != root_of([first, second])


def test_a_path_asks_for_a_place_that_is_there() -> None:
    with pytest.raises(IndexError):
        path_of([sha256(b"")], 1)
