"""The rows of the China classification mean the same in Python and in SQL, nulls included."""

from datetime import date

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recoup.policy.classify import FIRST_PASS, SECOND_PASS, classification_rows
from recoup.policy.locate import packs_folder
from recoup.policy.pack import load_pack
from recoup.tables.unary import both

PACK = load_pack(packs_folder() / "cn")
TYPES = {"number": "BIGINT", "text": "VARCHAR", "boolean": "BOOLEAN", "date": "DATE"}
TEXTS = {
    "kind": ["retail", "small_business", "non_retail"],
    "product": ["credit_card", "consumer_loan", "working_capital"],
}
NUMBERS = [0, 1, 2, 7, 8, 90, 91, 120, 121, 180, 181, 270, 271, 360, 361]
SHARES = [0, 100_000, 100_001, 200_000, 200_001, 499_999, 500_000, 899_999, 900_000, 1_000_000]


def facts_for(inputs):
    def of(name, kind):
        if kind == "boolean":
            return st.sampled_from([True, False, None])
        if kind == "text":
            return st.sampled_from([*TEXTS[name], None])
        return st.sampled_from([*(SHARES if name.endswith("_ppm") else NUMBERS), None])

    return st.fixed_dictionaries({name: of(name, kind) for name, kind in inputs.items()})


@pytest.mark.parametrize("table", [FIRST_PASS, SECOND_PASS])
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_each_row_gives_one_answer_in_both_carriers(table, data):
    inputs = PACK.tables[table].inputs
    facts = data.draw(facts_for(inputs))
    rows = classification_rows(pack=PACK, on=date(2026, 11, 20), table=table)
    columns = ", ".join(f'CAST(? AS {TYPES[kind]}) AS "{name}"' for name, kind in inputs.items())
    tests = [[*row.applies.items(), *row.when.items()] for row in rows]
    looked = ", ".join(
        " AND ".join(f"({test.sql(chr(34) + name + chr(34))})" for name, test in row) or "TRUE"
        for row in tests
    )

    by_sql = duckdb.execute(
        f"SELECT {looked} FROM (SELECT {columns})", [facts[name] for name in inputs]
    ).fetchone()

    by_python = []
    for row in tests:
        found = True
        for name, test in row:
            found = both(found, test.holds(facts[name]))
        by_python.append(found)
    assert list(by_sql) == by_python
