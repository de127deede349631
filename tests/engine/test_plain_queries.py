"""The flow's SQL in plain Python says what the embedded engine says, NULL by NULL."""

import random
from collections.abc import Iterator

import pyarrow as pa
import pytest

from recoup.engine.backends.dialect import FlowRefused
from recoup.engine.backends.duck import Duck
from recoup.engine.backends.plain_queries import plain_query
from recoup.engine.backends.plain_values import OutOfRange
from recoup.engine.person_flow import rows_of, table_of

EXPRESSIONS = (
    *("a + b", "a - b", "a * 3", "a // b", "-a // 2", "a // 0", "-b", "a & 6", "a | b"),
    *("a = b", "a <> b", "a < b", "a <= 3", "a > b", "a >= 3", "NOT a = b"),
    *("flag", "NOT flag", "flag AND a > 2", "flag OR a > 2", "a > 2 AND b > 2 AND flag"),
    *("a > 2 OR b > 2 OR flag", "(flag OR a = 1) AND NOT (b = 2 AND flag)"),
    *("a IS NULL", "b IS NOT NULL", "a IN (1, 3, 5)", "NOT word IN ('x', '字')"),
    *("a BETWEEN 2 AND 4", "NOT (a BETWEEN 2 AND 4)", "a BETWEEN -1 AND 1"),
    "CASE WHEN a > 3 THEN 'large' WHEN a > 1 THEN word END",
    "CASE WHEN flag THEN a WHEN flag IS NULL THEN -1 ELSE b END",
    "CASE a WHEN 1 THEN 'one' WHEN 2 THEN 'two' ELSE 'many' END",
    *("COALESCE(a, b, 0)", "LEAST(a, b)", "GREATEST(a, b, 2)", "LEAST(a, NULL)"),
    *("CAST(a AS BIGINT)", "CAST(CAST(a AS HUGEINT) * 1000000 // 7 AS BIGINT)"),
    *("day - DATE '2026-11-20'", "CAST(day - 7 AS DATE)", "day < DATE '2026-02-28'"),
    *("CAST(day + INTERVAL '1' MONTH AS DATE)", "CAST(day + INTERVAL '13' MONTH AS DATE)"),
    *("word || '!'", "MD5('salt:' || word)", "SUBSTRING(MD5(word), 1, 8)", "word < 'y'"),
    "SUBSTRING(MD5(word), 1, 8) < 'a0'",
)
QUERIES = (
    "SELECT * FROM t ORDER BY n ASC NULLS LAST",
    "SELECT x.n, y.* FROM t AS x JOIN u AS y ON y.a = x.a ORDER BY x.n NULLS LAST, y.m NULLS LAST",
    "SELECT t.*, y.m FROM t LEFT JOIN u AS y ON y.a = t.a AND y.m > 2 "
    "ORDER BY n NULLS LAST, m NULLS FIRST",
    "SELECT a, COUNT(*) AS rows, COUNT(b) AS known, SUM(b) AS total, MIN(b) AS least, "
    "MAX(day) AS last, BIT_OR(b) AS bits, BOOL_OR(flag) AS any_flag "
    "FROM t WHERE n < 50 GROUP BY a ORDER BY a ASC NULLS FIRST",
    "SELECT a, CASE WHEN COUNT(b) = COUNT(*) THEN MAX(b) END AS whole FROM t GROUP BY a "
    "ORDER BY a DESC NULLS LAST",
    "SELECT n, place FROM (SELECT n, ROW_NUMBER() OVER (PARTITION BY a ORDER BY b DESC NULLS LAST, "
    "n ASC NULLS LAST) AS place FROM t) AS placed WHERE place <= 2 ORDER BY n NULLS LAST",
    "SELECT n AS other FROM t WHERE flag UNION ALL SELECT m FROM u ORDER BY other NULLS LAST",
)


@pytest.fixture
def tables() -> dict[str, pa.Table]:
    """Two tables full of NULLs."""
    chance = random.Random(3)

    def column(kind: pa.DataType, *values: object, rows: int = 60) -> pa.Array:
        return pa.array([chance.choice((None, *values)) for _ in range(rows)], kind)

    return {
        "t": pa.table(
            {
                "n": pa.array(range(60), pa.int64()),
                "a": column(pa.int64(), 1, 2, 3, 4, 5),
                "b": column(pa.int64(), 0, 1, 2, 3, -4, 900_000_000_000),
                "flag": column(pa.bool_(), True, False),
                "word": column(pa.string(), "", "x", "y", "字", "é"),
                "day": column(pa.int32(), 20400, 20512, 20787, 0).cast(pa.date32()),
            }
        ),
        "u": pa.table(
            {"m": pa.array(range(9), pa.int64()), "a": column(pa.int64(), 1, 2, 3, rows=9)}
        ),
    }


@pytest.fixture
def duck(tables: dict[str, pa.Table]) -> Iterator[Duck]:
    """The embedded engine with both tables."""
    with Duck(scratch=None) as engine:
        for name, table in tables.items():
            engine.register(name, table)
        yield engine


def _plain(sql: str, tables: dict[str, pa.Table], schema: pa.Schema) -> pa.Table:
    columns = {name: table.column_names for name, table in tables.items()}
    query = plain_query(name="asked", sql=sql, tables=columns)
    rows = query.rows({name: rows_of(table) for name, table in tables.items()})
    return table_of(rows=rows, names=query.names, schema=schema)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_means_the_same(
    expression: str, tables: dict[str, pa.Table], duck: Duck
) -> None:
    sql = f"SELECT n, {expression} AS found FROM t ORDER BY n NULLS LAST"

    asked = duck.query(sql)

    assert _plain(sql, tables, asked.schema).to_pylist() == asked.to_pylist()


@pytest.mark.parametrize("sql", QUERIES)
def test_a_query_means_the_same(sql: str, tables: dict[str, pa.Table], duck: Duck) -> None:
    if "UNION" in sql:
        sql = f"SELECT * FROM ({sql.split(' ORDER')[0]}) AS all_rows ORDER BY other NULLS LAST"

    asked = duck.query(sql)

    assert asked.num_rows > 3
    assert _plain(sql, tables, asked.schema).to_pylist() == asked.to_pylist()


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT DISTINCT a FROM t",
        "SELECT a FROM t LIMIT 1",
        "SELECT LENGTH(word) AS n FROM t",
        "SELECT SUM(a) AS total FROM t",
        "SELECT SUM(a) OVER (PARTITION BY b) AS total FROM t",
        "SELECT a FROM t UNION SELECT a FROM u",
        "SELECT t.a FROM t RIGHT JOIN u ON u.a = t.a",
        "SELECT a FROM t, u",
        "SELECT a FROM t JOIN u ON u.a = t.a",
        "SELECT nothing FROM t",
        "SELECT a FROM nowhere",
        "SELECT a IN (1, NULL) AS among FROM t",
    ],
)
def test_what_has_no_plain_form_is_refused(sql: str, tables: dict[str, pa.Table]) -> None:
    columns = {name: table.column_names for name, table in tables.items()}

    with pytest.raises(FlowRefused):
        plain_query(name="asked", sql=sql, tables=columns)


def test_a_number_that_does_not_fit_its_type_is_no_number(tables: dict[str, pa.Table]) -> None:
    sql = "SELECT CAST(b * 9000000000 AS BIGINT) AS large FROM t"
    columns = {name: table.column_names for name, table in tables.items()}
    query = plain_query(name="asked", sql=sql, tables=columns)

    with pytest.raises(OutOfRange):
        query.rows({name: rows_of(table) for name, table in tables.items()})
