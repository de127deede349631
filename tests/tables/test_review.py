"""What a reviewer finds in a table: held against all values tried one by one, and worked cases."""

import datetime as dt
import itertools
import random
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tables.test_agreement import CELLS, COLUMNS, output, table_of

from recoup.tables.domains import domain_of
from recoup.tables.parsing import parse_expression, parse_tests
from recoup.tables.review import MOST, review
from recoup.tables.table import Cell, DecisionTable, InputColumn, OutputColumn, Row
from recoup.tables.unary import parse_unary, unary_of

#: Every value that a cell of CELLS can tell from its neighbours.
TRIED = {
    "n": [None, *(Decimal(quarter) / 4 for quarter in range(-5, 34))],
    "t": [None, "", "a", "aa", "b", "c"],
    "b": [None, True, False],
    "d": [None, *(dt.date(2025, 12, 31) + dt.timedelta(days=day) for day in range(5))],
}
CASES = [dict(zip(TRIED, values, strict=True)) for values in itertools.product(*TRIED.values())]
ROWS = st.lists(
    st.tuples(
        *(st.sampled_from(["-", *CELLS[kind]]) for _, kind in COLUMNS), st.sampled_from("12")
    ),
    min_size=1,
    max_size=6,
)


def hits(table, case) -> list[int]:
    """Yield the places of the rows that one case reaches, cell by cell."""
    values = list(case.values())
    return [
        place
        for place, row in enumerate(table.rows)
        if all(
            cell.unary.holds(value) is True for cell, value in zip(row.cells, values, strict=True)
        )
    ]


@given(rows=ROWS, policy=st.sampled_from(["UNIQUE", "ANY", "FIRST", "PRIORITY"]))
@settings(max_examples=60)
def test_it_finds_what_trying_every_value_finds(rows, policy):
    table = table_of(rows, policy, allowed=("2", "1"))
    found = review(table)
    tried = [(case, hits(table, case)) for case in CASES]

    complete = any(not hit and None not in case.values() for case, hit in tried)
    missing = any(not hit and None in case.values() for case, hit in tried)
    assert any(not gap.missing for gap in found.gaps) == complete
    if missing and not complete:
        assert any(gap.missing for gap in found.gaps)
    assert not found.unfinished
    assert not found.unchecked
    for gap in found.gaps:
        assert hits(table, gap.example) == []
        assert all(gap.example[name] is None for name in gap.missing)

    pairs = {pair for _, hit in tried for pair in itertools.combinations(hit, 2)}
    if policy == "ANY":
        pairs = {(a, b) for a, b in pairs if rows[a][-1] != rows[b][-1]}
    told = {tuple(table.rows.index(row) for row in one.rows) for one in found.overlaps}
    if policy in ("UNIQUE", "ANY"):
        assert told == pairs if len(pairs) <= MOST else told <= pairs
        for one in found.overlaps:
            assert {table.rows.index(row) for row in one.rows} <= set(hits(table, one.example))
    else:
        assert told == set()

    firing = {place for _, hit in tried for place in winners(rows, hit, policy)}
    assert {table.rows.index(one.row) for one in found.never} == set(range(len(rows))) - firing


def winners(rows, hit, policy) -> list[int]:
    """Yield the rows whose answer counts: the first, the first of the best output, or all."""
    if policy == "FIRST":
        return hit[:1]
    if policy == "PRIORITY":
        return sorted(hit, key=lambda place: "21".index(rows[place][-1]))[:1]
    return hit


def unique(*cells, policy="UNIQUE"):
    return table_of([(cell, "-", "-", "-", "1") for cell in cells], policy)


def test_the_day_between_two_buckets_is_a_gap_with_its_range_and_a_value():
    found = review(unique("<= 30", "[32..60]", "> 60"), whole=lambda name: name == "n")

    assert [gap.ranges for gap in found.gaps] == [{"n": "31"}, {"n": "null"}]
    assert found.gaps[0].example["n"] == 31
    assert found.gaps[1].missing == ("n",)


def test_between_whole_numbers_there_is_nothing_to_miss():
    table = unique("<= 30", "[31..60]", "> 60", "null")

    assert review(table, whole=lambda name: True).gaps == ()
    assert [gap.ranges for gap in review(table).gaps] == [{"n": "(30..31)"}]


def test_two_rows_that_share_a_day_are_named_with_it():
    (one,) = review(unique("<= 30", ">= 30", "null")).overlaps

    assert [row.row_id for row in one.rows] == ["R1", "R2"]
    assert one.example["n"] == 30


def test_a_row_that_earlier_rows_take_together_never_fires():
    (one,) = review(unique("< 10", ">= 10", "[5..15]", "-", policy="FIRST")).never

    assert one.row.row_id == "R3"
    assert [row.row_id for row in one.rows] == ["R1", "R2"]


def test_a_cell_that_no_value_fulfils_is_named():
    (one,) = review(unique("[9..3]", "-", policy="FIRST")).never

    assert (one.row.row_id, one.column) == ("R1", "n")


def test_the_domain_tells_pieces_as_feel_reads_them_back():
    cells = [parse_unary(text) for text in ("[31..60]", "> 90", "null", "0.5")]
    domain = domain_of(name="dpd", column_type="number", cells=cells)

    for cell in cells:
        pieces = domain.pieces(cell)
        assert domain.pieces(parse_unary(domain.told(pieces))) == pieces
    assert domain.told(domain.full) == "-, null"
    assert domain.told(domain.pieces(parse_unary("not(0.5)"))) == "< 0.5, > 0.5"


@pytest.mark.parametrize("policy", ["UNIQUE", "FIRST"])
def test_a_table_of_forty_rows_and_eight_inputs_is_searched_to_the_end(policy):
    chance = random.Random(7)
    names = [f"x{place}" for place in range(8)]
    rows = [Row(f"R{place}", wide_cells(chance), (output("1"),)) for place in range(40)]
    inputs = tuple(InputColumn(name, name, parse_expression(text=name), "number") for name in names)
    table = DecisionTable("wide", policy, None, inputs, (OutputColumn("points"),), tuple(rows))

    found = review(table)

    assert not found.unfinished
    for gap in found.gaps:
        assert not table.decide(gap.example).rows
    for one in found.overlaps:
        first, other = (row.row_id for row in one.rows)
        assert {first, other} <= set(table.decide(one.example).rows)


def wide_cells(chance):
    texts = []
    for _ in range(8):
        low, width = chance.randrange(0, 90), chance.randrange(10, 80)
        texts.append(chance.choice(["-", f"[{low}..{low + width})", f"not({low}, {width})"]))
    return tuple(number_cell(text) for text in texts)


def number_cell(text) -> Cell:
    tests = parse_tests(text=text)
    return Cell(text, tests, unary_of(tree=tests, text=text, column_type="number"))
