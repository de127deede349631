"""The cells of a table: what they accept, in Python and as SQL."""

import datetime as dt
from decimal import Decimal

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recoup.tables.unary import UnreadableCell, parse_unary

TRUE, FALSE, UNKNOWN = True, False, None
JAN_1 = dt.date(2026, 1, 1)

HOLDS = [
    ("> 90", "number", 91, TRUE),
    ("> 90", "number", 90, FALSE),
    ("> 90", "number", None, UNKNOWN),
    (">= 90", "number", 90, TRUE),
    ("< 0.5", "number", 0, TRUE),
    ("< 0.5", "number", Decimal("0.5"), FALSE),
    ("<= -3", "number", -3, TRUE),
    ("= 5", "number", 5, TRUE),
    ("!= 5", "number", 5, FALSE),
    ("!= 5", "number", None, UNKNOWN),
    ("5", "number", Decimal("5.00"), TRUE),
    ("-5", "number", -5, TRUE),
    ("1e3", "number", 1000, TRUE),
    ("[31..60]", "number", 31, TRUE),
    ("[31..60]", "number", 60, TRUE),
    ("[31..60)", "number", 60, FALSE),
    ("(31..60]", "number", 31, FALSE),
    ("]31..60]", "number", 31, FALSE),
    ("[31..60[", "number", 60, FALSE),
    ("[31..60]", "number", None, UNKNOWN),
    ("[-5..-1]", "number", -1, TRUE),
    ("1, 2, > 10", "number", 11, TRUE),
    ("1, 2, > 10", "number", 3, FALSE),
    ("1, 2, > 10", "number", None, UNKNOWN),
    ("not(1, 2)", "number", 3, TRUE),
    ("not(1, 2)", "number", 2, FALSE),
    ("not(1, 2)", "number", None, UNKNOWN),
    ("not([1..9], > 20)", "number", 15, TRUE),
    ("not([1..9], > 20)", "number", 5, FALSE),
    ("-", "number", None, TRUE),
    ("-", "text", "anything", TRUE),
    ("null", "number", None, TRUE),
    ("null", "number", 0, FALSE),
    ("not(null)", "number", None, FALSE),
    ("not(null)", "number", 0, TRUE),
    ("null, > 5", "number", None, TRUE),
    ("null, > 5", "number", 6, TRUE),
    ("null, > 5", "number", 4, FALSE),
    ('"a"', "text", "a", TRUE),
    ('"a"', "text", "A", FALSE),
    ('"a", "b"', "text", "b", TRUE),
    ('not("a")', "text", "b", TRUE),
    ('"it\'s"', "text", "it's", TRUE),
    ('"信用卡"', "text", "信用卡", TRUE),
    (r'"say \"hi\""', "text", 'say "hi"', TRUE),
    ('< "b"', "text", "a", TRUE),
    ("true", "boolean", True, TRUE),
    ("true", "boolean", False, FALSE),
    ("true", "boolean", None, UNKNOWN),
    ("false", "boolean", False, TRUE),
    ("not(true)", "boolean", False, TRUE),
    ("true, false", "boolean", False, TRUE),
    ("true, false", "boolean", None, UNKNOWN),
    ('>= date("2026-01-01")', "date", JAN_1, TRUE),
    ('< date("2026-01-01")', "date", JAN_1, FALSE),
    ('[@"2025-12-01"..@"2026-01-01")', "date", JAN_1, FALSE),
    ('date("2026-01-01")', "date", None, UNKNOWN),
]
SQL_TYPES = {"number": "DECIMAL(38, 10)", "text": "VARCHAR", "boolean": "BOOLEAN", "date": "DATE"}


@pytest.fixture(scope="module")
def duck():
    with duckdb.connect() as connection:
        yield connection


@pytest.mark.parametrize(("cell", "column_type", "value", "wanted"), HOLDS)
def test_a_cell_answers_alike_in_python_and_in_sql(duck, cell, column_type, value, wanted):
    tests = parse_unary(cell, column_type=column_type)

    found = duck.execute(
        f"SELECT {tests.sql('x')} FROM (SELECT CAST(? AS {SQL_TYPES[column_type]}) AS x)", [value]
    ).fetchone()[0]

    assert tests.holds(value) is wanted
    assert found is wanted


def test_a_value_of_another_type_is_unknown_to_a_cell():
    tests = parse_unary("> 5")

    assert tests.holds("6") is None
    assert tests.holds(True) is None
    assert tests.holds(dt.date(2026, 1, 1)) is None


def test_numbers_stay_exact_in_sql():
    assert parse_unary("> 0.10").sql("x") == "(x > 0.1)"
    assert parse_unary("> 9007199254740993").sql("x") == "(x > 9007199254740993)"
    assert parse_unary("1, 2.50").sql("x") == "(x IN (1, 2.5))"


def test_quotes_in_a_text_stay_inside_the_sql_text():
    assert parse_unary('"\'; DROP TABLE x; --"', column_type="text").sql("x") == (
        "(x = '''; DROP TABLE x; --')"
    )


REFUSED = [
    ("> ", "number", "stops too early"),
    ("", "number", "is empty"),
    ("5 6", "number", '"6" cannot stand here'),
    ("[1..", "number", "stops too early"),
    ("[1..2", "number", "stops too early"),
    ("[null..5]", "number", "null can only stand alone"),
    ("> null", "number", "null can only stand alone"),
    ('"a', "text", "A quote is not closed"),
    ("$", "number", "has no meaning"),
    ("abc", "text", "only constants"),
    ("foo(1)", "number", "only constants"),
    ("1 + 1", "number", "only constants"),
    ('date("2026-02-30")', "date", "is no date"),
    ('@"2026-02-30"', "date", "only constants"),
    ('> "a"', "number", "the column holds number"),
    ("5", "text", "compares it with number"),
    ("> true", "boolean", "have no order"),
    ("(" * 300 + "1", "number", "stops too early"),
    ("9" * 50, "number", "more than 38 digits"),
    ("1e999999", "number", "more than 38 digits"),
    ("1e-999999", "number", "more than 38 digits"),
]


@pytest.mark.parametrize(("cell", "column_type", "sentence"), REFUSED)
def test_a_cell_that_cannot_be_read_says_why_in_both_languages(cell, column_type, sentence):
    with pytest.raises(UnreadableCell) as refused:
        parse_unary(cell, column_type=column_type)

    assert sentence in refused.value.en
    assert refused.value.zh.startswith("单元格")


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_and_nothing_else(text):
    try:
        answer = parse_unary(text).holds(1)
    except UnreadableCell:
        answer = None

    assert answer in (True, False, None)


@given(
    st.lists(
        st.sampled_from(["> 3", "< -2", "[1..4]", "(0..9)", "5", "0.5", "null", "!= 2"]),
        min_size=1,
        max_size=4,
    ),
    st.booleans(),
    st.lists(st.one_of(st.none(), st.integers(-4, 10)), min_size=1, max_size=8),
)
def test_lists_and_negations_agree_in_python_and_in_sql(duck, parts, negated, values):
    cell = ", ".join(parts)
    tests = parse_unary(f"not({cell})" if negated else cell)

    found = duck.execute(
        f"SELECT {tests.sql('x')} FROM (SELECT UNNEST(?::BIGINT[]) AS x)", [values]
    ).fetchall()

    assert [row[0] for row in found] == [tests.holds(value) for value in values]
