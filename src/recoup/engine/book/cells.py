"""Reads one column of a table: from whatever type the file has to numbers and text, with faults.

Empty text counts as no value, in every kind of file. A faulty cell has no value either.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recoup.engine.book import amounts, day_text
from recoup.engine.book.amounts import Units
from recoup.engine.book.columns import (
    NONE,
    Flags,
    Ints,
    as_text,
    flags_of,
    is_text,
    plain,
    present,
    text_bytes,
)
from recoup.engine.book.contract import (
    CELL_LIMIT_BYTES,
    COUNT_LIMIT,
    FIRST_YEAR,
    LAST_YEAR,
    RATE_LIMIT_PPM,
    Column,
    Kind,
)
from recoup.kernel.money import EXPONENTS

#: Percent with four digits after the point is parts per million.
PPM_DIGITS = 4
MICROSECONDS_A_DAY = 86_400 * day_text.MICROSECONDS
#: Currencies are numbered by their place in this tuple.
CURRENCIES = tuple(sorted(EXPONENTS))

#: The first and the last day that a book may speak of, as day numbers.
FIRST_DAY, LAST_DAY = (
    int(days[0])
    for days in (
        day_text.days_from_civil(np.array([FIRST_YEAR]), np.array([1]), np.array([1])),
        day_text.days_from_civil(np.array([LAST_YEAR]), np.array([12]), np.array([31])),
    )
)
_TRUE = ("true", "t", "yes", "y", "1", "是")
_FALSE = ("false", "f", "no", "n", "0", "否")


class WrongType(TypeError):
    """A column's type cannot hold what the contract says; ``args[0]`` is the type."""


@dataclass(frozen=True)
class Cells:
    """One column, read. Exactly one of ``numbers``, ``texts`` and ``units`` is set.

    Shape: ``numbers`` holds day numbers, ordinals of codes, counts, ppm, 0/1 or microseconds;
    ``known`` tells which rows have a value (None: all); ``faults`` names each kind of fault and
    flags its rows. Rows without a value hold anything.
    """

    column: Column
    numbers: Ints | None = None
    texts: pa.Array | None = None
    units: Units | None = None
    known: Flags | None = None
    faults: Mapping[str, Flags] = field(default_factory=dict)


def read_cells(column: Column, array: pa.Array) -> Cells:
    """Yield a column as the contract wants it.

    Errors: WrongType.
    """
    array, broken = legible(_without_views(array))
    if pa.types.is_string(array.type) or pa.types.is_dictionary(array.type):
        array = _without_empty_text(array)
    long = _too_long(array)
    cells = _READERS[column.kind](column, array)
    if long is not None:
        cells = with_fault(cells, code="cell_too_long", rows=long, first=True)
    if broken is not None:
        cells = with_fault(cells, code="bad_bytes", rows=broken, first=True)
    if column.required:
        cells = _with_missing(cells)
    return cells


def absent(column: Column, rows: int) -> Cells:
    """Yield the cells of a column that the file does not have: no value in any row."""
    return read_cells(column, pa.nulls(rows, pa.string()))


def with_fault(cells: Cells, *, code: str, rows: Flags, first: bool = False) -> Cells:
    """Yield cells with one more fault; its rows lose their value.

    A row has one fault per cell: with ``first`` the new one replaces others, else it yields.
    """
    faults = dict(cells.faults)
    if first:
        faults = {name: flags & ~rows for name, flags in faults.items()}
    else:
        for flags in faults.values():
            rows = rows & ~flags
    if not rows.any():
        return cells
    known = ~rows if cells.known is None else cells.known & ~rows
    faults[code] = rows | faults[code] if code in faults else rows
    return Cells(cells.column, cells.numbers, cells.texts, cells.units, known, faults)


def _built(
    column: Column,
    known: Flags | None,
    faults: Mapping[str, Flags | None],
    *,
    numbers: Ints | None = None,
    texts: pa.Array | None = None,
    units: Units | None = None,
) -> Cells:
    """Put cells together: a fault counts only where there was a value, the first one wins."""
    cells = Cells(column, numbers, texts, units, known)
    for code, flags in faults.items():
        if flags is not None and flags.any():
            cells = with_fault(cells, code=code, rows=flags if known is None else flags & known)
    return cells


def _with_missing(cells: Cells) -> Cells:
    if cells.known is None:
        return cells
    missing = ~cells.known
    for flags in cells.faults.values():
        missing &= ~flags
    return with_fault(cells, code="missing_value", rows=missing)


def _without_views(array: pa.Array) -> pa.Array:
    kind = array.type
    if pa.types.is_dictionary(kind) and not pa.types.is_string(kind.value_type):
        array = array.dictionary_decode()
        kind = array.type
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return plain(array.cast(pa.string()))
    if pa.types.is_floating(kind):
        # Table programs write "no value" of a numeric column as not-a-number.
        return plain(pc.if_else(pc.is_nan(array), pa.scalar(None, kind), array))
    return array


def _without_empty_text(array: pa.Array) -> pa.Array:
    texts = array.dictionary if pa.types.is_dictionary(array.type) else array
    lengths = pc.binary_length(texts)
    if not len(texts) or pc.min(lengths).as_py() != 0:
        return array
    emptied = plain(pc.if_else(pc.equal(lengths, 0), pa.scalar(None, pa.string()), texts))
    if pa.types.is_dictionary(array.type):
        return plain(pc.take(emptied, array.indices))
    return emptied


def _too_long(array: pa.Array) -> Flags | None:
    if pa.types.is_dictionary(array.type):
        if not len(array.dictionary) or _greatest_length(array.dictionary) <= CELL_LIMIT_BYTES:
            return None
        array = array.dictionary_decode()
    if not pa.types.is_string(array.type) or _greatest_length(array) <= CELL_LIMIT_BYTES:
        return None
    return text_bytes(array).lengths > CELL_LIMIT_BYTES


def _greatest_length(texts: pa.Array) -> int:
    return pc.max(pc.binary_length(texts)).as_py() or 0


def _read_text(column: Column, array: pa.Array) -> Cells:
    if pa.types.is_nested(array.type) or pa.types.is_floating(array.type):
        raise WrongType(array.type)
    if not is_text(array.type):
        array = as_text(array)
    return _built(column, present(array), {}, texts=array)


def legible(array: pa.Array) -> tuple[pa.Array, Flags | None]:
    """Yield bytes and text as text that is UTF-8, and which rows were not; None if all were."""
    kind = array.type
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        array = plain(array.cast(pa.binary())).view(pa.string())
    elif not is_text(kind):
        return array, None
    texts = array.dictionary if pa.types.is_dictionary(array.type) else array
    if _is_utf8(texts):
        return array, None
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    return _decoded(array.view(pa.binary()))


def _is_utf8(texts: pa.StringArray) -> bool:
    data = text_bytes(texts).data
    if not len(data) or int(data.max()) < 128:
        return True
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _decoded(array: pa.Array) -> tuple[pa.StringArray, Flags]:
    """Yield bytes as text, and which rows are no UTF-8 (these come back with marks in them)."""
    texts, wrong = [], np.zeros(len(array), bool)
    for place, raw in enumerate(array.to_pylist()):
        text = None if raw is None else raw.decode("utf-8", errors="replace")
        wrong[place] = text is not None and text.encode() != raw
        texts.append(text)
    return pa.array(texts, pa.string()), wrong


def _read_code(column: Column, array: pa.Array) -> Cells:
    return _read_listed(column, array, column.codes, "unknown_code")


def _read_currency(column: Column, array: pa.Array) -> Cells:
    return _read_listed(column, array, CURRENCIES, "unknown_currency")


def _read_listed(column: Column, array: pa.Array, allowed: tuple[str, ...], fault: str) -> Cells:
    """Yield each text's place in a list; texts outside the list are faults."""
    if not is_text(array.type) and not pa.types.is_null(array.type):
        raise WrongType(array.type)
    encoded, known = _encoded(array)
    places = {text: place for place, text in enumerate(allowed)}
    found = np.array(
        [places.get(text, NONE) for text in encoded.dictionary.to_pylist()] + [NONE], np.int64
    )
    numbers = found[_indices(encoded)]
    wrong = numbers == NONE if (found[:-1] == NONE).any() else None
    return _built(column, known, {fault: wrong}, numbers=numbers)


def _encoded(array: pa.Array) -> tuple[pa.DictionaryArray, Flags | None]:
    if not pa.types.is_dictionary(array.type):
        array = plain(as_text(array).dictionary_encode())
    return array, present(array)


def _indices(encoded: pa.DictionaryArray) -> Ints:
    """The index of each row into the dictionary; -1 (the last place) where there is no value."""
    indices = encoded.indices
    if indices.null_count:
        indices = pc.fill_null(indices, -1)
    numbers: Ints = indices.to_numpy(zero_copy_only=False)
    return numbers


def _read_zone(column: Column, array: pa.Array) -> Cells:
    cells = _read_text(column, array)
    encoded, known = _encoded(cells.texts)
    wrong = np.array([not _is_zone(name) for name in encoded.dictionary.to_pylist()] + [False])
    if known is None:
        known = np.ones(len(array), bool)
    flags = wrong[_indices(encoded)] & known
    return with_fault(cells, code="unknown_time_zone", rows=flags)


def _is_zone(name: str | None) -> bool:
    if name is None:
        return True
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _read_boolean(column: Column, array: pa.Array) -> Cells:
    if pa.types.is_boolean(array.type):
        known = present(array)
        filled = pc.fill_null(array, False) if known is not None else array
        return _built(column, known, {}, numbers=flags_of(filled).astype(np.int64))
    if pa.types.is_integer(array.type):
        array = array.cast(pa.string())
    if not is_text(array.type) and not pa.types.is_null(array.type):
        raise WrongType(array.type)
    encoded, known = _encoded(array)
    words = [(text or "").lower() for text in encoded.dictionary.to_pylist()] + [""]
    value = np.array([1 if word in _TRUE else 0 for word in words], np.int64)
    right = np.array([word in _TRUE or word in _FALSE for word in words])
    indices = _indices(encoded)
    return _built(column, known, {"not_a_boolean": ~right[indices]}, numbers=value[indices])


def _read_date(column: Column, array: pa.Array) -> Cells:
    kind, known = array.type, present(array)
    wrong: Flags | None = None
    if pa.types.is_date32(kind):
        days = _filled(array.cast(pa.int32()))
    elif pa.types.is_date64(kind):
        milliseconds = _filled(array.cast(pa.int64()))
        days, wrong = milliseconds // 86_400_000, milliseconds % 86_400_000 != 0
    elif pa.types.is_timestamp(kind):
        days, wrong = _midnights(array)
    elif is_text(kind) or pa.types.is_null(kind):
        encoded = plain(as_text(array).dictionary_encode())
        found, right = day_text.days_of_texts(encoded.dictionary)
        indices = _indices(encoded)
        days, wrong = np.append(found, 0)[indices], ~np.append(right, True)[indices]
    else:
        raise WrongType(kind)
    outside = None
    if len(days) and (int(days.min()) < FIRST_DAY or int(days.max()) > LAST_DAY):
        outside = (days < FIRST_DAY) | (days > LAST_DAY)
    return _built(column, known, {"not_a_date": wrong, "date_out_of_range": outside}, numbers=days)


def _midnights(array: pa.Array) -> tuple[Ints, Flags]:
    """Days of instants at midnight, in the column's own zone if it has one."""
    if array.type.tz is not None:
        array = pc.local_timestamp(array)
    per_day = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[array.type.unit] * 86_400
    ticks = _filled(array.cast(pa.int64()))
    return ticks // per_day, ticks % per_day != 0


def _filled(array: pa.Array) -> Ints:
    if array.null_count:
        array = pc.fill_null(array, 0)
    numbers: Ints = array.to_numpy(zero_copy_only=False)
    return numbers


def _read_instant(column: Column, array: pa.Array) -> Cells:
    kind, known = array.type, present(array)
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        instants = _filled(array.cast(pa.timestamp("us", "UTC"), safe=False).cast(pa.int64()))
        wrong = np.zeros(len(array), bool)
    elif is_text(kind) or pa.types.is_null(kind):
        instants, right = day_text.instants_of_texts(as_text(array))
        wrong = ~right
    elif pa.types.is_timestamp(kind):
        # A wall clock without its offset is no instant, whatever it shows.
        instants, wrong = np.zeros(len(array), np.int64), np.ones(len(array), bool)
    else:
        raise WrongType(kind)
    days = instants // MICROSECONDS_A_DAY
    outside = (days < FIRST_DAY) | (days > LAST_DAY)
    return _built(
        column, known, {"not_an_instant": wrong, "date_out_of_range": outside}, numbers=instants
    )


def _read_amount(column: Column, array: pa.Array) -> Cells:
    units, known = _units_of(array)
    low = None
    if units.least is None or units.least < column.least:
        low = units.values < column.least
    return _built(
        column,
        known,
        {
            "not_an_amount": units.unreadable,
            "too_many_digits": units.too_fine,
            "amount_too_large": units.too_large,
            "amount_not_positive" if column.least else "negative_amount": low,
        },
        units=units,
    )


def _units_of(array: pa.Array) -> tuple[Units, Flags | None]:
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    units = amounts.read_units(array)
    if units is None:
        raise WrongType(array.type)
    return units, present(array)


def _read_rate(column: Column, array: pa.Array) -> Cells:
    units, known = _units_of(array)
    ppm = units.values * 10 ** (PPM_DIGITS - units.scale)
    return _built(
        column,
        known,
        {
            "not_a_rate": units.unreadable,
            "rate_too_fine": units.too_fine,
            "rate_out_of_range": _either(units.too_large, (ppm < 0) | (ppm > RATE_LIMIT_PPM)),
        },
        numbers=ppm,
    )


def _either(one: Flags | None, other: Flags) -> Flags:
    return other if one is None else one | other


def _read_whole(column: Column, array: pa.Array) -> Cells:
    if pa.types.is_integer(array.type) and not pa.types.is_uint64(array.type):
        return _read_small_integers(column, array)
    units, known = _units_of(array)
    if units.scale:
        factor = 10**units.scale
        fine = _either(units.too_fine, units.values % factor != 0)
        numbers = units.values // factor
    else:
        fine, numbers = _either(units.too_fine, np.zeros(len(array), bool)), units.values
    outside = _either(units.too_large, (numbers < column.least) | (numbers > COUNT_LIMIT))
    return _built(
        column,
        known,
        {"not_a_whole_number": _either(units.unreadable, fine), "number_out_of_range": outside},
        numbers=numbers,
    )


def _read_small_integers(column: Column, array: pa.Array) -> Cells:
    numbers = _filled(array)
    outside = None
    if len(numbers) and (int(numbers.min()) < column.least or int(numbers.max()) > COUNT_LIMIT):
        outside = (numbers < column.least) | (numbers > COUNT_LIMIT)
    return _built(column, present(array), {"number_out_of_range": outside}, numbers=numbers)


def _read_fraction(column: Column, array: pa.Array) -> Cells:
    """Kept as text: the exact fraction is taken from its digits when the table is written."""
    if pa.types.is_floating(array.type):
        raise WrongType(array.type)
    texts = as_text(array)
    known = present(texts)
    right = pc.match_substring_regex(texts, r"\A[0-9]{1,12}(\.[0-9]{1,12})?\z")
    positive = pc.match_substring_regex(texts, r"[1-9]")
    return _built(
        column,
        known,
        {
            "not_an_amount": ~flags_of(pc.fill_null(right, False)),
            "amount_not_positive": ~flags_of(pc.fill_null(positive, False)),
        },
        texts=texts,
    )


_READERS: Mapping[Kind, Callable[[Column, pa.Array], Cells]] = {
    Kind.ID: _read_text,
    Kind.TEXT: _read_text,
    Kind.CODE: _read_code,
    Kind.CURRENCY: _read_currency,
    Kind.ZONE: _read_zone,
    Kind.BOOLEAN: _read_boolean,
    Kind.DATE: _read_date,
    Kind.INSTANT: _read_instant,
    Kind.AMOUNT: _read_amount,
    Kind.RATE: _read_rate,
    Kind.WHOLE: _read_whole,
    Kind.FRACTION: _read_fraction,
}
