"""A Merkle tree: one root stands for many entries, and each can be proved to be under it alone.

The shape is that of RFC 6962 (section 2.1): an entry is hashed after the byte 0, a pair of hashes
after the byte 1, so that no pair can be passed off as an entry; a hash without a neighbour moves up
as it is. Which hash is used (SHA-256, SM3) is an argument. A path is checked as RFC 9162, section
2.1.3.2, says.
"""

import hashlib
from collections.abc import Callable, Sequence

Hashing = Callable[[bytes], bytes]

_LEAF, _NODE = b"\x00", b"\x01"
#: Hashes of entries under one branch. The branches of a large tree are kept, so that the path of
#: one entry needs its own branch only. A power of two, or branches would be no nodes of the tree.
BRANCH = 1024


def sha256(content: bytes) -> bytes:
    """Yield the SHA-256 of a content."""
    return hashlib.sha256(content).digest()


def leaf_hash(content: bytes, *, hashing: Hashing = sha256) -> bytes:
    """Yield the hash of an entry."""
    return hashing(_LEAF + content)


def _pair(left: bytes, right: bytes, hashing: Hashing) -> bytes:
    return hashing(_NODE + left + right)


def _row_above(nodes: Sequence[bytes], hashing: Hashing) -> list[bytes]:
    above = [
        _pair(nodes[place], nodes[place + 1], hashing) for place in range(0, len(nodes) - 1, 2)
    ]
    if len(nodes) % 2:
        above.append(nodes[-1])
    return above


def root_of(nodes: Sequence[bytes], *, hashing: Hashing = sha256) -> bytes:
    """Yield the root over hashes of entries, or over branches, in their order.

    Of nothing it is the hash of nothing, as RFC 6962 defines it.

    >>> root_of([]).hex()[:16], root_of([leaf_hash(b"")]).hex()[:16]
    ('e3b0c44298fc1c14', '6e340b9cffb37a98')
    """
    row = list(nodes)
    if not row:
        return hashing(b"")
    while len(row) > 1:
        row = _row_above(row, hashing)
    return row[0]


def branches_of(leaves: Sequence[bytes], *, hashing: Hashing = sha256) -> tuple[bytes, ...]:
    """Yield the roots of BRANCH hashes each; ``root_of`` them is the root of the whole tree."""
    return tuple(
        root_of(leaves[begin : begin + BRANCH], hashing=hashing)
        for begin in range(0, len(leaves), BRANCH)
    )


def path_of(nodes: Sequence[bytes], place: int, *, hashing: Hashing = sha256) -> tuple[bytes, ...]:
    """Yield the hashes that lead from the node at a place (from 0) up to the root, lowest first.

    Errors: IndexError, for a place that is not there.
    """
    if not 0 <= place < len(nodes):
        raise IndexError(f"there is no node {place} among {len(nodes)}")
    row, path = list(nodes), []
    while len(row) > 1:
        beside = place ^ 1
        if beside < len(row):
            path.append(row[beside])
        row, place = _row_above(row, hashing), place // 2
    return tuple(path)


def root_by_path(
    *, leaf: bytes, place: int, size: int, path: Sequence[bytes], hashing: Hashing = sha256
) -> bytes | None:
    """Yield the root to which a path leads from an entry's hash; None where it cannot be a path.

    Shape: ``place`` counts from 0 among ``size`` entries.
    """
    if not 0 <= place < size:
        return None
    node, at, last = leaf, place, size - 1
    for beside in path:
        if last == 0:
            return None
        if at % 2 or at == last:
            node = _pair(beside, node, hashing)
            while at and not at % 2:  # it moved up without a neighbour
                at, last = at // 2, last // 2
        else:
            node = _pair(node, beside, hashing)
        at, last = at // 2, last // 2
    return node if last == 0 else None
