"""The flow keeps to the subset of SQL that means the same on every engine."""

from pathlib import Path

import pytest

from recoup.engine.backends.dialect import FlowRefused, check, emit, fill, read_statements

FLOW = Path(__file__).parents[2] / "src" / "recoup" / "engine" / "flow"


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("SELECT a / b FROM t", "'/' differs between engines"),
        ("SELECT 0.5 * a FROM t", "0.5 is not an integer"),
        ("SELECT CAST(a AS DOUBLE) FROM t", "is a float"),
        ("SELECT LIST(a) FROM t", "not in the whitelist"),
        ("SELECT RANDOM() FROM t", "not in the whitelist"),
        ("SELECT my_own(a) FROM t", "my_own is not in the whitelist"),
        ("SELECT ROW_NUMBER() OVER (ORDER BY a) FROM t", "NULLS FIRST or NULLS LAST"),
        ("SELECT a FROM t; SELECT b FROM t", "exactly one SELECT"),
        ("DROP TABLE t", "exactly one SELECT"),
        ("SELECT FROM WHERE", "cannot be parsed"),
    ],
)
def test_a_statement_outside_the_subset_is_refused_by_name(sql: str, reason: str) -> None:
    with pytest.raises(FlowRefused, match=f"step.*{reason}"):
        check(name="step", sql=sql)


def test_the_home_dialect_keeps_its_text_and_another_gets_its_own() -> None:
    sql = "SELECT a // b AS c FROM t ORDER BY c NULLS LAST"

    assert emit(name="step", sql=sql) == sql
    assert "DIV" in emit(name="step", sql=sql, dialect="spark").upper()


def test_every_statement_of_the_flow_has_a_name_a_fate_and_a_comment() -> None:
    files = sorted(FLOW.rglob("*.sql"))

    statements = [statement for file in files for statement in read_statements(file)]

    assert len({statement.name for statement in statements}) == len(statements) >= 10
    assert all(len(statement.about) > 20 for statement in statements)


def test_a_place_without_a_filling_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "10_x.sql"
    file.write_text("-- name: x\n-- keep: view\n-- One row per x.\nSELECT {{ what }} FROM t")
    (statement,) = read_statements(file)

    with pytest.raises(FlowRefused, match="nothing fills the place what"):
        fill(statement, {})


def test_a_statement_without_a_word_on_its_rows_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "10_x.sql"
    file.write_text("-- name: x\n-- keep: view\nSELECT 1")

    with pytest.raises(FlowRefused, match="what a row is"):
        read_statements(file)
