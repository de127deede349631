"""One table, two carriers: generated tables and rows decide alike in Python and on DuckDB."""

from decimal import Decimal

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from recoup.tables.parsing import parse_expression, parse_tests
from recoup.tables.sql import FIRST_HIT, LAST_HIT, NotCompilable, compile_table
from recoup.tables.table import Cell, DecisionTable, InputColumn, OutputCell, OutputColumn, Row
from recoup.tables.unary import unary_of

CELLS = {
    "number": ["-", "> 3", "<= 1", "[2..5]", "(0..4)", "not(2, 3)", "null", "0.5, 7", "not(null)"],
    "text": ["-", '"a"', '"a", "b"', 'not("a")', "null", '"b", null', "not(null)", '> "a"'],
    "boolean": ["-", "true", "false", "not(true)", "null", "true, null"],
    "date": [
        *("-", '>= date("2026-01-02")', '[@"2026-01-01"..@"2026-01-03")', "null"),
        'not(date("2026-01-01"))',
    ],
}
COLUMNS = (("n", "number"), ("t", "text"), ("b", "boolean"), ("d", "date"))
POLICIES = [
    *(("UNIQUE", None), ("FIRST", None), ("ANY", None), ("PRIORITY", None), ("RULE ORDER", None)),
    *(("OUTPUT ORDER", None), ("COLLECT", None), ("COLLECT", "SUM"), ("COLLECT", "COUNT")),
    *(("COLLECT", "MIN"), ("COLLECT", "MAX")),
]
ALLOWED = ("3", "1", "2", "0.5")
VALUES = {
    "n": st.one_of(st.none(), st.integers(-1, 8)),
    "t": st.sampled_from([None, "a", "b", "c"]),
    "b": st.sampled_from([None, True, False]),
    "d": st.sampled_from([None, "2026-01-01", "2026-01-02", "2026-01-03"]),
}


@st.composite
def tables(draw):
    policy, aggregation = draw(st.sampled_from(POLICIES))
    listed = draw(st.booleans()) or policy in ("PRIORITY", "OUTPUT ORDER")
    default = draw(st.sampled_from([None, "9"]))
    rows = draw(
        st.lists(
            st.tuples(
                *(st.sampled_from(CELLS[kind]) for _, kind in COLUMNS),
                st.sampled_from(ALLOWED),
            ),
            min_size=1,
            max_size=7,
        )
    )
    return table_of(rows, policy, aggregation, allowed=ALLOWED if listed else (), default=default)


def table_of(rows, policy, aggregation=None, *, allowed=(), default=None) -> DecisionTable:
    return DecisionTable(
        name="generated",
        hit_policy=policy,
        aggregation=aggregation,
        inputs=tuple(
            InputColumn(name, name, parse_expression(text=name), kind) for name, kind in COLUMNS
        ),
        outputs=(
            OutputColumn(
                "points",
                allowed=tuple(parse_expression(text=one) for one in allowed),
                default=None if default is None else parse_expression(text=default),
            ),
        ),
        rows=tuple(
            Row(f"R{place}", cells(texts[:-1]), (output(texts[-1]),))
            for place, texts in enumerate(rows, start=1)
        ),
    )


def cells(texts) -> tuple[Cell, ...]:
    read = []
    for text, (_, kind) in zip(texts, COLUMNS, strict=True):
        tests = parse_tests(text=text)
        read.append(Cell(text, tests, unary_of(tree=tests, text=text, column_type=kind)))
    return tuple(read)


def output(text) -> OutputCell:
    return OutputCell(text, parse_expression(text=text))


@pytest.fixture(scope="module")
def duck():
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE facts (id INTEGER, n BIGINT, t VARCHAR, b BOOLEAN, d DATE)"
        )
        yield connection


def of_sql(value):
    if isinstance(value, list):
        return [of_sql(one) for one in value]
    return Decimal(value) if isinstance(value, int) else value


def decided_by_sql(duck, table, *facts):
    """Yield what the table decides for each case: as complete SQL, and by way of its hits."""
    compiled = compile_table(table)
    hits = ", ".join(f'{sql} AS "{name}"' for name, sql in compiled.hits.items()) or "1"
    duck.execute("DELETE FROM facts")
    duck.executemany(
        "INSERT INTO facts VALUES (?, ?, ?, ?, ?)",
        [[place, *(case[name] for name, _ in COLUMNS)] for place, case in enumerate(facts)],
    )
    at_once = duck.execute(
        f"SELECT {compiled.outputs['points']}, {compiled.rows_sql} FROM facts ORDER BY id"
    ).fetchall()
    by_hit = duck.execute(
        f"SELECT {compiled.outputs_by_hit['points']}, {compiled.rows_by_hit} "
        f"FROM (SELECT *, {hits} FROM facts) ORDER BY id"
    ).fetchall()
    return [[(of_sql(value), tuple(rows)) for value, rows in way] for way in (at_once, by_hit)]


NOTHING = {"n": None, "t": None, "b": None, "d": None}
TWICE = [("> 3", "-", "-", "-", "1"), ("-", '"a"', "-", "-", "2")]


@settings(max_examples=120, deadline=None)
@given(table=tables(), facts=st.lists(st.fixed_dictionaries(VALUES), min_size=1, max_size=12))
@example(table=table_of(TWICE, "UNIQUE"), facts=[{**NOTHING, "n": 5, "t": "a"}])
@example(table=table_of(TWICE, "ANY"), facts=[{**NOTHING, "n": 5, "t": "a"}])
@example(table=table_of(TWICE, "COLLECT", "COUNT"), facts=[NOTHING])
def test_generated_tables_decide_alike_in_python_and_in_sql(duck, table, facts):
    decided = [table.decide({**case, "d": case["d"] and as_date(case["d"])}) for case in facts]

    found = decided_by_sql(duck, table, *facts)

    assert found == [[(one.outputs["points"], one.rows) for one in decided]] * 2


def as_date(text):
    return parse_expression(text=f'@"{text}"').value


def test_two_hits_in_a_unique_table_give_null_and_both_rows(duck):
    table = table_of(TWICE, "UNIQUE")
    facts = {**NOTHING, "n": 5, "t": "a"}

    decided = table.decide(facts)

    assert decided.outputs == {"points": None}
    assert decided.rows == ("R1", "R2")
    assert decided_by_sql(duck, table, facts) == [[(None, ("R1", "R2"))]] * 2


@pytest.mark.parametrize("policy", ["UNIQUE", "ANY"])
def test_a_table_whose_rows_are_apart_looks_for_one_hit(duck, policy):
    apart = [("<= 1", "-", "-", "-", "1"), ("[2..5]", '"a"', "-", "-", "2")]
    table = table_of([*apart, ("[2..5]", 'not("a")', "-", "-", "3")], policy)
    facts = [{**NOTHING, "n": n, "t": t} for n in (None, 0, 3, 6) for t in (None, "a", "b")]

    assert set(compile_table(table).hits) == {FIRST_HIT}
    assert set(compile_table(table_of(TWICE, policy)).hits) == {FIRST_HIT, LAST_HIT}

    decided = [table.decide(case) for case in facts]
    expected = [(one.outputs["points"], one.rows) for one in decided]
    assert decided_by_sql(duck, table, *facts) == [expected] * 2


def test_two_hits_that_agree_in_an_any_table_are_no_contradiction(duck):
    table = table_of([("> 3", "-", "-", "-", "2"), ("-", '"a"', "-", "-", "2")], "ANY")
    facts = {**NOTHING, "n": 5, "t": "a"}

    decided = table.decide(facts)

    assert decided.outputs == {"points": 2}
    assert decided_by_sql(duck, table, facts) == [[(Decimal(2), ("R1", "R2"))]] * 2


def test_the_hit_of_a_first_table_is_the_number_of_its_row():
    compiled = compile_table(table_of(TWICE, "FIRST"), prefix="segment_")

    assert list(compiled.hits) == [f"segment_{FIRST_HIT}"]
    assert LAST_HIT not in compiled.rows_by_hit


def test_a_cell_that_is_more_than_constants_is_refused_with_its_place():
    table = table_of([("> 3", "-", "-", "-", "1")], "FIRST")
    tests = parse_tests(text="? > other column", names=frozenset({"other column"}))
    row = Row(
        "R1", (Cell("? > other column", tests, None), *table.rows[0].cells[1:]), (output("1"),)
    )

    with pytest.raises(NotCompilable) as refused:
        compile_table(with_row(table, row))

    assert (refused.value.row, refused.value.column) == ("R1", "n")
    assert "? > other column" in refused.value.zh


def test_an_output_that_is_no_constant_is_refused_with_its_place():
    table = table_of([("> 3", "-", "-", "-", "1")], "FIRST")
    row = Row("R1", table.rows[0].cells, (output("n * 2"),))

    with pytest.raises(NotCompilable, match=r"row R1.*n \* 2"):
        compile_table(with_row(table, row))


def with_row(table, row) -> DecisionTable:
    return DecisionTable(
        table.name, table.hit_policy, table.aggregation, table.inputs, table.outputs, (row,)
    )
