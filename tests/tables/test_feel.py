"""FEEL in short: one expression a line, and what it is worth."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recoup.tables.facts import BadFacts, facts_from_json, json_of
from recoup.tables.feel import evaluate
from recoup.tables.lexer import UnreadableFeel
from recoup.tables.model import Model
from recoup.tables.parsing import parse_expression

WORTH = [
    ("0.1 + 0.2", Decimal("0.3")),
    ("10 / 4", Decimal("2.5")),
    ("1 / 0", None),
    ("2 ** 10 - 24", Decimal(1000)),
    ("-2 ** 2", Decimal(4)),
    ('"a" + "b"', "ab"),
    ('1 + "b"', None),
    ("null + 1", None),
    ("null = null", True),
    ("1 = null", False),
    ("1 < null", None),
    ("true and null", None),
    ("false and null", False),
    ("true or null", True),
    ("not(null)", None),
    ("5 between 1 and 5", True),
    ("5 in (1, > 4)", True),
    ("5 in [1..5)", False),
    ('if null then "a" else "b"', "b"),
    ("[1, 2, 3][item > 1]", [Decimal(2), Decimal(3)]),
    ("[1, 2, 3][-1]", Decimal(3)),
    ("for x in 1..3 return x * 2", [Decimal(2), Decimal(4), Decimal(6)]),
    ("some x in [1, 2] satisfies x > 1", True),
    ("every x in [1, 2] satisfies x > 1", False),
    ("{rate per year: 12, per month: rate per year / 12}.per month", Decimal(1)),
    ('date("2026-01-31") + duration("P1M")', dt.date(2026, 2, 28)),
    ('date("2026-03-01") - date("2026-02-01")', dt.timedelta(days=28)),
    ('date("2026-02-30")', None),
    ('date("2026-01-31").month', Decimal(1)),
    ('years and months duration(date("2025-01-31"), date("2026-03-30")).months', Decimal(1)),
    ("sum([1, 2, 3])", Decimal(6)),
    ("sum(1, null)", None),
    ("min([])", None),
    ("modulo(-5, 3)", Decimal(1)),
    ("decimal(2.5, 0)", Decimal(2)),
    ("round half up(2.5, 0)", Decimal(3)),
    ('substring("回款系统", 3)', "系统"),
    ('contains("overdue", "due")', True),
    ('string length(string: "abc")', Decimal(3)),
    ("sort([3, 1, 2], function(x, y) x < y)", [Decimal(1), Decimal(2), Decimal(3)]),
    ("nowhere", None),
    ("nowhere(1)", None),
    ("loan.balance", Decimal("99.5")),
    ("days past due + 1", Decimal(31)),
    ("today()", None),
]
SCOPE = {"loan": {"balance": Decimal("99.5")}, "days past due": Decimal(30)}


@pytest.mark.parametrize(("text", "worth"), WORTH)
def test_an_expression_is_worth_what_the_standard_says(text, worth):
    found = evaluate(parse_expression(text=text, names=frozenset(SCOPE)), SCOPE)

    assert found == worth
    assert type(found) is type(worth)


@given(st.text(alphabet='0123456789+-*/()[]{}<>=.,:"@ abx_', max_size=30))
def test_any_text_has_a_value_or_is_refused_with_its_place(text):
    try:
        tree = parse_expression(text=text)
    except UnreadableFeel as refused:
        place = (refused.line, refused.column)
    else:
        evaluate(tree, {})
        place = (1, 1)

    assert place >= (1, 1)


NO_MODEL = Model(name="m", decisions={}, knowledge={}, inputs={})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "not readable JSON"),
        ("[]", "must be a JSON object"),
        ('{"a": NaN}', "not a JSON number"),
        ('{"a": 1, "a": 2}', "given twice"),
        ('{"a": 1}', "no input 'a'"),
        ("[" * 100_000, "not readable JSON"),
    ],
)
def test_facts_that_cannot_be_taken_are_refused_with_a_sentence(text, sentence):
    with pytest.raises(BadFacts, match=sentence):
        facts_from_json(text=text, model=NO_MODEL)


def test_values_become_json_with_exact_numbers():
    value = {"a": Decimal("0.10"), "b": [None, True, Decimal(10) ** 20], "c": dt.date(2026, 1, 2)}

    assert json_of(value) == (
        '{"a": 0.10, "b": [null, true, 100000000000000000000], "c": "2026-01-02"}'
    )
