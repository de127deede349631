"""Books of several blocks: order, doubles and reversals across them, and the memory they take."""

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from tests.book.books import take

from recoup.engine.book import receipts, schedule
from recoup.engine.book import take_in as taking
from recoup.engine.book.checking import TableRun
from recoup.engine.book.contract import TABLES

LOANS = 5_000
LENGTH = 6
PAID = 3


def ids(prefix, numbers):
    return pa.array([f"{prefix}{number:06d}" for number in numbers])


def days(numbers):
    return pa.array(np.asarray(numbers, np.int32)).cast(pa.date32())


def amounts(major):
    return pa.array(np.asarray(major, np.int32)).cast(pa.decimal128(18, 2))


def tables():
    """A book whose contract ids run against the order of debtors, so that nothing is sorted."""
    chance = np.random.default_rng(5)
    persons = np.arange(LOANS // 2)
    owner = chance.integers(0, len(persons), LOANS)
    loan = np.repeat(np.arange(LOANS), LENGTH)
    seq = np.tile(np.arange(1, LENGTH + 1), LOANS)
    start = chance.integers(20_000, 20_400, LOANS)
    paid = np.repeat(np.arange(LOANS), PAID)
    reversed_ = chance.random(len(paid)) < 0.05
    payment = np.arange(len(paid))
    day = start[paid] + chance.integers(0, 60, len(paid))
    value = chance.integers(1, 500, len(paid))
    back = np.flatnonzero(reversed_)
    book = {
        "debtors": pa.table({"debtor_id": ids("D", persons), "kind": ["retail"] * len(persons)}),
        "contracts": pa.table(
            {
                "contract_id": ids("C", np.arange(LOANS)),
                "debtor_id": ids("D", owner),
                "product": ["consumer_loan"] * LOANS,
                "currency": ["CNY"] * LOANS,
                "principal": amounts(np.full(LOANS, 100 * LENGTH)),
                "start_date": days(start),
            }
        ),
        "instalments": pa.table(
            {
                "contract_id": ids("C", loan),
                "seq": seq,
                "due_date": days(start[loan] + 30 * seq),
                "principal": amounts(np.full(len(loan), 100)),
                "interest": amounts(chance.integers(0, 10, len(loan))),
            }
        ),
        "payments": pa.table(
            {
                "payment_id": pa.concat_arrays([ids("P", payment), ids("R", back)]),
                "contract_id": ids("C", np.concatenate([paid, paid[back]])),
                "paid_on": days(np.concatenate([day, day[back] + 1])),
                "amount": amounts(np.concatenate([value, value[back]])),
                "reverses": pa.concat_arrays([pa.nulls(len(payment), pa.string()), ids("P", back)]),
            }
        ),
    }
    return book, len(back)


def write(book, folder, *, seed=None):
    folder.mkdir()
    for name, table in book.items():
        if seed is not None:
            order = np.random.default_rng(seed).permutation(table.num_rows)
            table = table.take(pa.array(order))
        pq.write_table(table, folder / f"{name}.parquet", row_group_size=7_000)
    return folder


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    monkeypatch.setattr(taking, "BLOCK_LOANS", 300)


FAULTY = {
    "nothing": ("payments", "amount", lambda cell: cell),
    "no amount": ("payments", "amount", lambda cell: None),
    "an amount below zero": ("payments", "amount", lambda cell: -cell),
    "an amount of zero": ("payments", "amount", lambda cell: cell * 0),
    "an amount too large": ("payments", "amount", lambda cell: cell * 0 + 10**14),
    "an unknown contract": ("payments", "contract_id", lambda cell: "nobody"),
    "an empty payment id": ("payments", "payment_id", lambda cell: ""),
    "a payment id too long": ("payments", "payment_id", lambda cell: "P" * 70_000),
    "a day out of range": ("payments", "paid_on", lambda cell: date(1700, 1, 1)),
    "a day to come": ("payments", "paid_on", lambda cell: date(2090, 1, 1)),
    "no seq": ("instalments", "seq", lambda cell: None),
    "a seq of zero": ("instalments", "seq", lambda cell: 0),
    "a seq too large": ("instalments", "seq", lambda cell: 2**40),
    "a seq twice": ("instalments", "seq", lambda cell: 2),
    "no due date": ("instalments", "due_date", lambda cell: None),
    "a due date too late": ("instalments", "due_date", lambda cell: date(2900, 1, 1)),
    "a due date too early": ("instalments", "due_date", lambda cell: date(1999, 1, 1)),
    "principal below zero": ("instalments", "principal", lambda cell: -cell),
    "no contract": ("instalments", "contract_id", lambda cell: None),
}


@pytest.mark.parametrize("fault", FAULTY)
def test_a_glance_sees_whatever_a_close_look_sees(tmp_path, monkeypatch, fault):
    table, column, spoilt = FAULTY[fault]
    book = sorted_book(tables()[0])
    cells = book[table].column(column).to_pylist()
    for place in (7, 9_000):
        cells[place] = spoilt(cells[place])
    field = book[table].schema.field(column)
    place = book[table].column_names.index(column)
    book[table] = book[table].set_column(place, field, pa.array(cells, field.type))
    folder = write(book, tmp_path / "in")
    glanced = take(folder, tmp_path / "out1", max_bad_ppm=1_000_000)

    monkeypatch.setattr(schedule, "glance_at_instalments", lambda piece, agreements: None)
    monkeypatch.setattr(receipts, "glance_at_payments", lambda piece, agreements: None)
    looked = take(folder, tmp_path / "out2", max_bad_ppm=1_000_000)

    assert glanced.rejects == looked.rejects
    assert glanced.intake.tables == looked.intake.tables
    for spec in TABLES:
        files = [run.intake.book / f"{spec.name}.parquet" for run in (glanced, looked)]
        assert files[0].read_bytes() == files[1].read_bytes()


def test_a_sound_book_needs_no_close_look(tmp_path, monkeypatch):
    def too_close(run, piece):
        assert run.spec.name not in ("instalments", "payments")
        return check(run, piece)

    check = TableRun.check
    monkeypatch.setattr(TableRun, "check", too_close)

    take(write(sorted_book(tables()[0]), tmp_path / "in"), tmp_path / "out")


def sorted_book(book):
    """The same rows in the order of the normal form."""
    order = pc.sort_indices(
        book["contracts"], sort_keys=[("debtor_id", "ascending"), ("contract_id", "ascending")]
    )
    contracts = book["contracts"].take(order)
    place = pc.index_in(book["instalments"]["contract_id"], contracts["contract_id"])
    instalments = book["instalments"].take(pc.sort_indices(place))
    place = pc.index_in(book["payments"]["contract_id"], contracts["contract_id"])
    payments = book["payments"].take(pc.sort_indices(place))
    return {**book, "contracts": contracts, "instalments": instalments, "payments": payments}


def without_row(path):
    table = pq.read_table(path)
    return table.drop_columns([name for name in ("row",) if name in table.column_names])


def test_sorted_and_shuffled_books_of_many_blocks_become_the_same(tmp_path):
    book, reversals = tables()
    ordered = take(write(sorted_book(book), tmp_path / "a"), tmp_path / "out1", go_on=False)

    others = [
        take(write(book, tmp_path / "b", seed=seed), tmp_path / f"out-{seed}", go_on=False)
        for seed in (1,)
    ]
    others.append(take(write(book, tmp_path / "c"), tmp_path / "out-c", go_on=False))

    assert ordered.rejects == []
    assert ordered.intake.tables["instalments"].in_order
    assert ordered.intake.tables["payments"].rows_kept == LOANS * PAID
    marked = sum(row["is_reversed"] for row in ordered.normal("payments"))
    assert marked == reversals > 500
    for other in others:
        assert other.rejects == []
        assert not other.intake.tables["instalments"].in_order
        for spec in TABLES:
            one, two = (
                without_row(run.intake.book / f"{spec.name}.parquet") for run in (ordered, other)
            )
            assert one == two, spec.name
        assert [t.control_sums for t in other.intake.tables.values()] == [
            t.control_sums for t in ordered.intake.tables.values()
        ]


def test_the_normal_form_is_sorted_and_points_to_itself(tmp_path):
    book, _ = tables()

    taken = take(write(book, tmp_path / "in", seed=3), tmp_path / "out")

    contracts = pq.read_table(taken.intake.book / "contracts.parquet")
    debtors = pq.read_table(taken.intake.book / "debtors.parquet")
    pairs = list(
        zip(contracts["debtor_id"].to_pylist(), contracts["contract_id"].to_pylist(), strict=True)
    )
    assert pairs == sorted(pairs)
    assert contracts["loan"].to_pylist() == list(range(LOANS))
    assert debtors["debtor_id"].take(contracts["person"]) == contracts["debtor_id"]
    instalments = pq.read_table(taken.intake.book / "instalments.parquet")
    keys = list(zip(*(instalments[n].to_pylist() for n in ("loan", "due_on", "seq")), strict=True))
    assert keys == sorted(keys)
    payments = pq.read_table(taken.intake.book / "payments.parquet")
    keys = list(
        zip(*(payments[n].to_pylist() for n in ("loan", "paid_on", "payment_id")), strict=True)
    )
    assert keys == sorted(keys)
    source = {row["payment_id"]: row for row in book["payments"].to_pylist()}
    ids_of_loans = contracts["contract_id"].to_pylist()
    for row in payments.slice(0, 500).to_pylist():
        assert source[row["payment_id"]]["contract_id"] == ids_of_loans[row["loan"]]
        assert int(source[row["payment_id"]]["amount"] * 100) == row["amount_minor"]


def test_dirt_is_found_alike_whatever_the_order(tmp_path):
    book, _ = tables()
    payments, instalments = book["payments"], book["instalments"]
    book["payments"] = pa.concat_tables(
        [
            payments,
            payments.slice(10, 40),  # the same rows again
            payments.slice(100, 5).set_column(3, "amount", amounts([7_000] * 5)),
            payments.slice(200, 5).set_column(1, "contract_id", ids("C", range(4_000, 4_005))),
        ]
    )
    book["instalments"] = pa.concat_tables(
        [instalments, instalments.slice(600, 3).set_column(2, "due_date", days([1, 2, 3]))]
    )

    runs = [
        take(write(sorted_book(book), tmp_path / "a"), tmp_path / "out1", max_bad_ppm=50_000),
        take(write(book, tmp_path / "b", seed=8), tmp_path / "out2", max_bad_ppm=50_000),
    ]

    found = [
        sorted(
            (e["table"], e["key"], e["column"], e["value"] or "", e["code"]) for e in run.rejects
        )
        for run in runs
    ]
    assert found[0] == found[1]
    codes = [entry[-1] for entry in found[0]]
    assert codes.count("duplicate_row") == 40
    assert codes.count("duplicate_key") == 20
    assert codes.count("duplicate_seq") == 6
    assert runs[0].bad_codes() == runs[1].bad_codes()
    for spec in TABLES:
        one, two = (without_row(run.intake.book / f"{spec.name}.parquet") for run in runs)
        assert one == two, spec.name
