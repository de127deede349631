"""The book contract as data agrees with itself."""

from recoup.engine.book.contract import TABLES


def test_no_table_has_a_column_twice_or_a_key_that_it_lacks():
    for table in TABLES:
        stored = [column.stored_as for column in table.columns]
        assert len(set(table.names)) == len(table.names)
        assert len(set(stored)) == len(stored)
        assert set(table.key) <= set(table.names)
