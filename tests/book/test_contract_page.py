"""The generated page of the book contract."""

from recoup.engine.book.contract import TABLES
from recoup.engine.book.contract_page import contract_page
from recoup.engine.book.sentences import CATALOGUE


def test_the_page_names_every_column_code_and_check():
    page = contract_page()

    for table in TABLES:
        section = page.split(f"{table.name} — ")[1].split("\n## ")[0]
        for column in table.columns:
            assert f"{column.name} |" in section
            assert all(f"`{code}`" in section for code in column.codes)
    assert all(f"| {finding.code} |" in page for finding in CATALOGUE)


def test_required_tables_and_columns_are_marked():
    page = contract_page()

    assert "## ★ debtors" in page
    assert "## contacts" in page
    assert "| ★ principal |" in page
    assert "| ◆ status |" in page
    assert "| branch |" in page


def test_no_table_has_a_column_twice_or_a_key_that_it_lacks():
    for table in TABLES:
        stored = [column.stored_as for column in table.columns]
        assert len(set(table.names)) == len(table.names)
        assert len(set(stored)) == len(stored)
        assert set(table.key) <= set(table.names)
