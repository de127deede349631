"""Days, instants and amounts read from text, beside Python's own reading of them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recoup.engine.book.amounts import minor_units, read_units
from recoup.engine.book.day_text import days_of_texts, instants_of_texts
from recoup.engine.book.encoding import tell_encoding
from recoup.engine.book.local_days import local_days
from recoup.kernel.money import NotAnAmount, minor_from_text

EPOCH = date(1970, 1, 1)


@given(days=st.lists(st.dates(), min_size=1, max_size=20))
def test_every_day_of_the_calendar_is_read(days):
    numbers, right = days_of_texts(pa.array([day.isoformat() for day in days]))

    assert right.all()
    assert numbers.tolist() == [(day - EPOCH).days for day in days]


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-29",
        "2026-13-01",
        "2026-00-01",
        "2026-01-00",
        "2026-1-01",
        "2026-04-31",
        "20260101",
        " 2026-01-01",
        "2026-01-01 ",
        "2026-01-0１",
        "0000-01-01",
        "2026-01-01T00",
    ],
)
def test_what_is_no_day_is_not_read(text):
    assert days_of_texts(pa.array([text, "2026-01-01"]))[1].tolist() == [False, True]


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20T21:59:00+08:00",
        "2026-11-20 21:59:00+08:00",
        "2026-11-20T13:59Z",
        "2026-11-20T13:59:00.000Z",
        "2026-11-20T21:59:00.000000+0800",
        "2026-11-20T08:29-05:30",
    ],
)
def test_every_form_of_an_instant_is_read(text):
    instants, right = instants_of_texts(pa.array([text]))

    assert right.all()
    told = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(instants[0]))
    assert told == datetime(2026, 11, 20, 13, 59, tzinfo=UTC)


def test_fractions_of_a_second_are_kept():
    instants, _ = instants_of_texts(
        pa.array(["1970-01-01T00:00:01.5Z", "1970-01-01T00:00:01.000001Z"])
    )

    assert instants.tolist() == [1_500_000, 1_000_001]


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20T21:59:00",
        "2026-11-20T24:00:00Z",
        "2026-11-20T21:60Z",
        "2026-11-20",
        "2026-02-30T10:00Z",
        "2026-11-20T21:59:61Z",
        "2026-11-20T21:59:00+8",
        "",
    ],
)
def test_what_is_no_instant_is_not_read(text):
    assert instants_of_texts(pa.array([text]))[1].tolist() == [False]


def reading(text, currency, exponent):
    """Minor units of one text as the book reads them, None where it refuses."""
    units = read_units(pa.array([text]))
    minor, fine, _ = minor_units(units, exponents=exponent)
    masks = (units.unreadable, units.too_fine, units.too_large, fine)
    if any(mask is not None and mask[0] for mask in masks):
        return None
    return int(minor[0])


@given(
    text=st.one_of(
        st.from_regex(r"-?[0-9]{1,14}(\.[0-9]{1,8})?", fullmatch=True),
        st.text("0123456789.-+eE ,", max_size=12),
    ),
    currency=st.sampled_from([("CNY", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4)]),
)
def test_amounts_are_read_as_the_kernel_reads_them(text, currency):
    code, exponent = currency
    try:
        expected = minor_from_text(text=text, currency=code)
    except NotAnAmount:
        expected = None

    assert reading(text, code, exponent) == expected


@given(minor=st.integers(-(10**15) + 1, 10**15 - 1))
def test_doubles_count_as_the_decimal_they_show(minor):
    value = Decimal(minor).scaleb(-2)

    units = read_units(pa.array([float(value)]))

    assert units.too_fine is None
    assert minor_units(units, exponents=2)[0].tolist() == [minor]


@pytest.mark.parametrize("value", [0.1 + 0.2, 1 / 3, 1e-9, 123456789012345.67])
def test_doubles_that_are_no_short_decimal_are_refused(value):
    units = read_units(pa.array([value]))

    refused = [mask for mask in (units.too_fine, units.too_large) if mask is not None]
    assert [mask.tolist() for mask in refused] == [[True]]


def test_rows_of_different_currencies_keep_their_own_digits():
    units = read_units(pa.array(["1.5", "2", "3.001", "4.5"]))

    minor, fine, _ = minor_units(units, exponents=np.array([2, 0, 3, 0]))

    assert minor.tolist()[:3] == [150, 2, 3001]
    assert fine.tolist() == [False, False, False, True]


@pytest.mark.parametrize(
    ("lines", "encoding"),
    [
        (["plain"], "utf-8"),
        (["张三", "李四"], "utf-8"),
        ([], "utf-8"),
    ],
)
def test_utf8_is_told_by_its_lines(lines, encoding):
    assert tell_encoding(["\n".join(lines).encode()]) == encoding


def test_gb18030_is_told_by_the_majority_of_its_lines():
    # The last line in GB18030 is valid UTF-8 by chance.
    block = "张三\n李四\n王五\n模\n".encode("gb18030")

    assert "模".encode("gb18030").decode("utf-8")
    assert tell_encoding([b"plain\n", block]) == "gb18030"
    assert tell_encoding([b"\xef\xbb\xbfid\n", block]) == "utf-8"


def test_local_days_follow_the_zones_clock_changes():
    # New York put its clocks back on 1 November 2026 at 06:00 UTC, from UTC-4 to UTC-5.
    texts = ["2026-11-01T03:59:59Z", "2026-11-01T04:00:00Z", "2026-11-02T04:59:59Z"]
    texts.append("2026-11-02T05:00:00Z")
    instants, _ = instants_of_texts(pa.array(texts))

    days = local_days(instants, zone="America/New_York")

    first = (date(2026, 10, 31) - EPOCH).days
    assert days.tolist() == [first, first + 1, first + 1, first + 2]
