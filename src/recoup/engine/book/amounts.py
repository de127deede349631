"""Reads amounts and rates exactly: from decimals, whole numbers, text, and doubles that are exact.

Everything is first counted in units of one scale for the column (digits after the point, at most
``MOST_AMOUNT_DIGITS``), then in the minor units of each row's own currency. Nothing is rounded.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recoup.engine.book.columns import Flags, Ints, as_text, flags_of, plain, taken, text_bytes
from recoup.engine.book.contract import AMOUNT_LIMIT_MAJOR, MOST_AMOUNT_DIGITS

_POINT, _MINUS, _ZERO, _NINE = (ord(mark) for mark in ".-09")
#: Texts with more whole digits than this cannot be read into 64 bits, nor be meant.
_MOST_WHOLE_DIGITS = 18 - MOST_AMOUNT_DIGITS
_TRAILING_ZEROS = r"(\.[0-9]*?)0+$"


@dataclass(frozen=True)
class Units:
    """Amounts as whole numbers of 10**-scale major units, and which rows could not be read.

    Where any of the masks is set, the number means nothing, but for ``negative_zero``. ``least`` is
    the smallest number, where that was found on the way.
    """

    values: Ints
    scale: int
    unreadable: Flags | None = None
    too_fine: Flags | None = None
    too_large: Flags | None = None
    negative_zero: Flags | None = None
    least: int | None = None


def read_units(column: pa.Array) -> Units | None:
    """Yield a column of amounts (or percentages) as units; None if its type cannot hold any."""
    kind = column.type
    if pa.types.is_decimal128(kind) and 0 <= kind.scale <= MOST_AMOUNT_DIGITS:
        words = decimal_words(column)
        return _limited(np.ascontiguousarray(words[:, 0]), words[:, 1], kind.scale)
    if pa.types.is_decimal64(kind) and 0 <= kind.scale <= MOST_AMOUNT_DIGITS:
        return _limited(_numbers(column), None, kind.scale)
    if pa.types.is_integer(kind):
        return _from_integers(column)
    if pa.types.is_floating(kind):
        return _from_doubles(column)
    if pa.types.is_decimal(kind) or pa.types.is_string(kind) or pa.types.is_null(kind):
        return _from_texts(as_text(column))
    return None


def minor_units(
    units: Units, *, exponents: int | np.ndarray
) -> tuple[Ints, Flags | None, Flags | None]:
    """Yield minor units, which rows have more digits than their currency, which are too large.

    Shape: ``exponents`` is one number for all rows, or one per row.
    """
    if isinstance(exponents, int):
        return _to_exponent(units.values, units.scale, exponents)
    minor = np.zeros(len(units.values), np.int64)
    fine = np.zeros(len(minor), bool)
    for exponent in np.unique(exponents):
        rows = np.flatnonzero(exponents == exponent)
        minor[rows], finer, _ = _to_exponent(units.values[rows], units.scale, int(exponent))
        if finer is not None:
            fine[rows] = finer
    return minor, (fine if fine.any() else None), None


def _to_exponent(values: Ints, scale: int, exponent: int) -> tuple[Ints, Flags | None, None]:
    if scale <= exponent:
        return values * 10 ** (exponent - scale) if scale < exponent else values, None, None
    factor = 10 ** (scale - exponent)
    fine = values % factor != 0
    return values // factor, (fine if fine.any() else None), None


def decimal_words(column: pa.Array) -> np.ndarray:
    """The low and high 64-bit words of each decimal, as an (n, 2) view."""
    buffer = column.buffers()[1]
    words = np.frombuffer(buffer, np.int64).reshape(-1, 2)
    return words[column.offset : column.offset + len(column)]


def _numbers(column: pa.Array) -> Ints:
    """The 64-bit numbers of a column of narrow decimals."""
    numbers: Ints = np.frombuffer(column.buffers()[1], np.int64)
    return numbers[column.offset : column.offset + len(column)]


def _limited(values: Ints, high_words: Ints | None, scale: int) -> Units:
    """Yield numbers of a scale as units; with high words they are the low words of 128 bits."""
    limit = AMOUNT_LIMIT_MAJOR * 10**scale
    if not len(values):
        return Units(values, scale)
    least, most = int(values.min()), int(values.max())
    narrow = high_words is None or (least >= 0 and not high_words.any())
    if narrow and -limit < least and most < limit:
        return Units(values, scale, least=least)
    large = (values >= limit) | (values <= -limit)
    if high_words is not None:
        large |= high_words != values >> 63
    return Units(np.where(large, 0, values), scale, too_large=large)


def _from_integers(column: pa.Array) -> Units:
    if pa.types.is_uint64(column.type):
        return _from_texts(as_text(column))
    values = pc.fill_null(column.cast(pa.int64()), 0).to_numpy(zero_copy_only=False)
    large = (values >= AMOUNT_LIMIT_MAJOR) | (values <= -AMOUNT_LIMIT_MAJOR)
    return Units(np.where(large, 0, values), 0, too_large=large if large.any() else None)


def _from_doubles(column: pa.Array) -> Units:
    """A double counts as the decimal of at most four digits whose nearest double it is.

    That decimal is unique below the limit of amounts only as far as a double can tell neighbours
    apart: beyond 15 significant digits the amount is refused as not exact.
    """
    values = pc.fill_null(column.cast(pa.float64()), 0).to_numpy(zero_copy_only=False)
    finite = np.isfinite(values)
    large = finite & (np.abs(values) >= AMOUNT_LIMIT_MAJOR)
    usable = np.where(finite & ~large, values, 0)
    units = np.zeros(len(values), np.int64)
    fine = np.ones(len(values), bool)
    for digits in range(MOST_AMOUNT_DIGITS + 1):
        nearest = np.rint(usable * 10**digits)
        exact = fine & (np.true_divide(nearest, 10**digits) == usable) & (np.abs(nearest) < 10**15)
        units[exact] = nearest[exact].astype(np.int64) * 10 ** (MOST_AMOUNT_DIGITS - digits)
        fine &= ~exact
    negative_zero = (values == 0) & np.signbit(values)
    return Units(
        units,
        MOST_AMOUNT_DIGITS,
        unreadable=_any(~finite),
        too_fine=_any(fine),
        too_large=_any(large),
        negative_zero=_any(negative_zero),
    )


def _any(flags: Flags) -> Flags | None:
    return flags if flags.any() else None


def _from_texts(texts: pa.StringArray) -> Units:
    empty = flags_of(pc.is_null(texts))
    form = _Form(texts)
    wrong = ~form.right & ~empty
    if form.right.any() and int(form.fraction[form.right].max()) > MOST_AMOUNT_DIGITS:
        texts = plain(pc.replace_substring_regex(texts, _TRAILING_ZEROS, r"\1"))
        texts = plain(pc.utf8_rtrim(texts, "."))
        form = _Form(texts)
    fine = form.right & (form.fraction > MOST_AMOUNT_DIGITS)
    large = form.right & ~fine & (form.whole > _MOST_WHOLE_DIGITS)
    rows = np.flatnonzero(form.right & ~fine & ~large)
    scale = int(form.fraction[rows].max(initial=0))
    values = np.zeros(len(texts), np.int64)
    readable = texts if len(rows) == len(texts) else taken(texts, rows)
    values[rows] = decimal_words(readable.cast(pa.decimal128(38, scale)))[:, 0]
    limit = AMOUNT_LIMIT_MAJOR * 10**scale
    large |= (values >= limit) | (values <= -limit)
    negative_zero = form.negative & (values == 0) & form.right & ~fine & ~large
    return Units(
        values,
        scale,
        unreadable=_any(wrong),
        too_fine=_any(fine),
        too_large=_any(large),
        negative_zero=_any(negative_zero),
    )


class _Form:
    """How each text is built: sign, whole digits, digits after the point; ``right``: a decimal."""

    def __init__(self, texts: pa.StringArray) -> None:
        raw = text_bytes(texts)
        lengths = raw.lengths
        filled = lengths > 0
        first = raw.data[np.where(filled, raw.starts, 0)] if len(raw.data) else lengths
        self.negative: Flags = filled & (first == _MINUS)
        found = pc.fill_null(pc.find_substring(texts, "."), -1)
        point = found.to_numpy(zero_copy_only=False).astype(np.int64)
        has_point = point >= 0
        sign = self.negative.astype(np.int64)
        self.fraction: Ints = np.where(has_point, lengths - point - 1, 0)
        self.whole: Ints = np.where(has_point, point, lengths) - sign
        is_digit = (raw.data >= _ZERO) & (raw.data <= _NINE)
        before = np.concatenate([[0], np.cumsum(is_digit, dtype=np.int64)])
        digits = before[raw.ends] - before[raw.starts]
        self.right: Flags = (
            (digits == lengths - sign - has_point)
            & (self.whole > 0)
            & (~has_point | (self.fraction > 0))
        )
        if int(self.whole.max(initial=0)) > _MOST_WHOLE_DIGITS:
            self._without_leading_zeros(texts)

    def _without_leading_zeros(self, texts: pa.StringArray) -> None:
        stripped = pc.utf8_ltrim(pc.utf8_ltrim(texts, "-"), "0")
        lengths = pc.fill_null(pc.utf8_length(stripped), 0).to_numpy(zero_copy_only=False)
        after = np.where(self.fraction > 0, self.fraction + 1, 0)
        self.whole = np.where(self.right, lengths - after, self.whole)
