"""Looks at a piece of instalments or payments in one pass: does any row need a closer look?

Most pieces of a bank's book hold no fault at all. For those one compiled loop does the work of
reading every cell, naming faults and turning amounts into minor units. The slow way remains the
only one that finds a fault, names it and writes it down.
"""

from dataclasses import dataclass
from itertools import chain

import numpy as np
import pyarrow as pa

from recoup.engine.backends.compiled import compiled
from recoup.engine.book.agreements import Agreements
from recoup.engine.book.amounts import decimal_words
from recoup.engine.book.cells import FIRST_DAY, LAST_DAY, legible, read_cells
from recoup.engine.book.columns import NONE, Bytes, Days, Ints, Ordinals
from recoup.engine.book.contract import AMOUNT_LIMIT_MAJOR, COUNT_LIMIT, PAYMENT_KINDS, PAYMENTS
from recoup.engine.book.source import Piece
from recoup.engine.loops.plain_rows import NOT_PLAIN, plain_instalments, plain_payments

#: Which kinds of payments are waivers; the last cell is for payments that name no kind.
_IS_WAIVER = {kind: int(kind == "waiver") for kind in PAYMENT_KINDS} | {None: 0}


@dataclass(frozen=True)
class PlainInstalments:
    """A piece of instalments without fault: columns in row order, amounts in minor units."""

    loan: Ordinals
    seq: Ordinals
    due: Days
    principal: Ints
    interest: Ints
    fee: Ints


@dataclass(frozen=True)
class PlainPayments:
    """A piece of payments without fault; ``latest`` is the day number of the latest one."""

    payment_id: pa.Array
    reverses: pa.Array
    loan: Ordinals
    paid: Days
    amount: Ints
    is_waiver: Bytes
    latest: int


def glance_at_instalments(piece: Piece, agreements: Agreements) -> PlainInstalments | None:
    """Yield a piece of which every row is plainly right; None if it needs a closer look."""
    exponent = _one_exponent(piece, agreements)
    places = _places(piece.columns.get("contract_id"))
    seq, due = _whole(piece.columns.get("seq")), _days(piece.columns.get("due_date"))
    if places is None or seq is None or due is None or exponent is None:
        return None
    parts = [_words(piece, name, exponent) for name in ("principal", "interest", "fee")]
    if any(part is None for part in parts):
        return None
    rows = len(places)
    loan, minor = np.empty(rows, np.int32), np.empty((3, rows), np.int64)
    found = compiled(plain_instalments)(
        places,
        agreements.index.find_each(piece.columns["contract_id"].dictionary),
        seq,
        due,
        *parts,
        COUNT_LIMIT,
        FIRST_DAY,
        LAST_DAY,
        AMOUNT_LIMIT_MAJOR * 10**exponent,
        loan,
        *minor,
    )
    if found == NOT_PLAIN:
        return None
    return PlainInstalments(loan, seq.astype(np.int32, copy=False), due, *minor)


def glance_at_payments(piece: Piece, agreements: Agreements) -> PlainPayments | None:
    """Yield a piece of which every row is plainly right; None if it needs a closer look."""
    exponent = _one_exponent(piece, agreements)
    places = _places(piece.columns.get("contract_id"))
    paid, kinds = _days(piece.columns.get("paid_on")), _kinds(piece)
    if places is None or paid is None or kinds is None or exponent is None:
        return None
    amount = _words(piece, "amount", exponent)
    texts = _texts(piece)
    if amount is None or texts is None:
        return None
    rows = len(places)
    loan, minor = np.empty(rows, np.int32), np.empty(rows, np.int64)
    is_waiver = np.empty(rows, np.uint8)
    latest = compiled(plain_payments)(
        places,
        agreements.index.find_each(piece.columns["contract_id"].dictionary),
        paid,
        amount,
        *kinds,
        FIRST_DAY,
        LAST_DAY,
        AMOUNT_LIMIT_MAJOR * 10**exponent,
        loan,
        minor,
        is_waiver,
    )
    if latest == NOT_PLAIN:
        return None
    return PlainPayments(*texts, loan, paid, minor, is_waiver, int(latest))


def _one_exponent(piece: Piece, agreements: Agreements) -> int | None:
    """Yield the digits of the book's currency; None if it has several, or the piece bad lines."""
    exponents = agreements.exponents(np.zeros(0, np.int32))
    return exponents if isinstance(exponents, int) and not piece.bad_lines else None


def _places(ids: pa.Array | None) -> Ordinals | None:
    """Yield where in its dictionary each row's id stands; None unless every row has one."""
    if ids is None or not pa.types.is_dictionary(ids.type) or ids.null_count:
        return None
    if not pa.types.is_string(ids.type.value_type) or ids.indices.type != pa.int32():
        return None
    places: Ordinals = ids.indices.to_numpy()
    return places


def _whole(column: pa.Array | None) -> Ints | Ordinals | None:
    if column is None or column.null_count or column.type not in (pa.int32(), pa.int64()):
        return None
    numbers: Ints = column.to_numpy()
    return numbers


def _days(column: pa.Array | None) -> Days | None:
    if column is None or column.null_count or not pa.types.is_date32(column.type):
        return None
    days: Days = column.view(pa.int32()).to_numpy()
    return days


def _words(piece: Piece, name: str, exponent: int) -> np.ndarray | None:
    """Yield a column of amounts as words of 64 bits; None unless it is in minor units already."""
    column = piece.columns.get(name)
    if column is None:
        nothing = np.zeros((len(piece.rows), 2), np.int64)
        nothing.setflags(write=False)
        return nothing
    if column.null_count or not pa.types.is_decimal128(column.type):
        return None
    return decimal_words(column) if column.type.scale == exponent else None


def _kinds(piece: Piece) -> tuple[Ordinals, Ordinals] | None:
    """Yield the place of each row's kind in a list, and for each place 1 for a waiver, else 0."""
    column = piece.columns.get("kind")
    if column is None:
        nowhere = np.zeros(len(piece.rows), np.int32)
        nowhere.setflags(write=False)
        return nowhere, np.zeros(1, np.int32)
    if not pa.types.is_dictionary(column.type) or column.indices.type != pa.int32():
        return None
    if legible(column)[1] is not None:
        return None
    kinds = [*column.dictionary.to_pylist(), None]
    indices = column.indices
    if indices.null_count:
        indices = indices.fill_null(len(kinds) - 1)
    waivers = np.array([_IS_WAIVER.get(kind, NONE) for kind in kinds], np.int32)
    return indices.to_numpy(), waivers


def _texts(piece: Piece) -> tuple[pa.Array, pa.Array] | None:
    """Yield the payments' ids and what they reverse; None if any of these cells has a fault."""
    cells = []
    for name in ("payment_id", "reverses"):
        column = PAYMENTS.column(name)
        array = piece.columns.get(name, pa.nulls(len(piece.rows), pa.string()))
        cells.append(read_cells(column, array))
    if any(chain.from_iterable(one.faults for one in cells)):
        return None
    return cells[0].texts, cells[1].texts
