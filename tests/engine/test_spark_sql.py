"""What a statement of the flow becomes on Spark: only what means something else there is mended."""

import pytest

from recoup.engine.backends.dialect import FlowRefused
from recoup.engine.backends.spark_sql import spark_text


def told(sql: str, **options: object) -> str:
    return spark_text(name="step", sql=sql, **options)  # type: ignore[arg-type]


def test_whole_division_stays_whole() -> None:
    assert told("SELECT a // b AS c FROM t") == "SELECT a DIV b AS c FROM t"


def test_the_days_between_two_days_are_a_number() -> None:
    assert "DATEDIFF(due_on, CAST('2026-11-20' AS DATE))" in told(
        "SELECT due_on - DATE '2026-11-20' AS days FROM t"
    )
    assert "CAST('2026-11-20' AS DATE) - 7" in told(
        "SELECT a FROM t WHERE a > DATE '2026-11-20' - 7"
    )


def test_sums_have_room_for_more_than_64_bits() -> None:
    assert "SUM(CAST(amount AS DECIMAL(38, 0)))" in told("SELECT SUM(amount) AS s FROM t")
    counted = "SELECT SUM(CASE WHEN a THEN 1 ELSE 0 END) AS s FROM t"
    assert "DECIMAL" not in told(counted)


def test_wide_integers_are_decimals() -> None:
    assert "DECIMAL(38, 0)" in told("SELECT CAST(a AS HUGEINT) * 100 // b AS c FROM t")


def test_further_columns_are_handed_on_and_an_order_may_be_left_out() -> None:
    text = told("SELECT a FROM t ORDER BY a NULLS LAST", carry=("t.b AS b",), in_order=False)

    assert text == "SELECT a, t.b AS b FROM t"


def test_a_statement_outside_the_subset_is_refused() -> None:
    with pytest.raises(FlowRefused, match="not in the whitelist"):
        told("SELECT my_own(a) FROM t")
