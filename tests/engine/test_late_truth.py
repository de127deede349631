"""What becomes known late: the next night is one that always knew, and says whose figures moved."""

import json
import shutil
from datetime import date, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.book.books import Book, a_book, write_csv
from tests.engine.stories import AS_OF, run

from recoup.demo.bank import build_bank
from recoup.engine.book.contract import TABLES
from recoup.engine.what_changed import what_changed
from recoup.site.cli import main

RESULTS = ("decisions.parquet", "people.parquet", "worklist.parquet", "rejects.parquet")
YESTERDAY = AS_OF - timedelta(days=1)


def three_loans() -> Book:
    """One debtor with two loans, another with one; each in arrears, and paying."""
    debtors = [
        {"debtor_id": "D1", "kind": "non_retail", "phone": "19900000001"},
        {"debtor_id": "D2", "kind": "retail", "phone": "19900000002"},
    ]
    contracts = [
        {
            "contract_id": name,
            "debtor_id": owner,
            "product": "working_capital",
            "currency": "CNY",
            "principal": "3000.00",
            "start_date": "2026-06-10",
            "restructured_on": None,
            "first_due_after_restructuring": None,
            "financial_difficulty": None,
        }
        for name, owner in (("C1", "D1"), ("C2", "D1"), ("C3", "D2"))
    ]
    instalments = [
        {
            "contract_id": name,
            "seq": str(seq),
            "due_date": f"2026-{6 + seq:02d}-10",
            "principal": "1000.00",
            "interest": "10.00",
        }
        for name in ("C1", "C2", "C3")
        for seq in (1, 2, 3)
    ]
    payments = [
        {
            "payment_id": f"P{number}",
            "contract_id": name,
            "paid_on": paid_on,
            "amount": "1010.00",
            "reverses": None,
        }
        for number, (name, paid_on) in enumerate(
            [("C1", "2026-07-10"), ("C1", "2026-08-12"), ("C2", "2026-07-10"), ("C3", "2026-07-10")]
        )
    ]
    return {
        "debtors": debtors,
        "contracts": contracts,
        "instalments": instalments,
        "payments": payments,
    }


def _backdated_receipt(book: Book) -> None:
    paid = {"payment_id": "P9", "contract_id": "C3", "paid_on": "2026-08-11", "amount": "1010.00"}
    book["payments"].append({**paid, "reverses": None})


def _reversal_after_a_month(book: Book) -> None:
    undone = {"payment_id": "P8", "contract_id": "C1", "paid_on": "2026-09-12", "reverses": "P1"}
    book["payments"].append({**undone, "amount": "1010.00"})


def _restructuring_entered_late(book: Book) -> None:
    book["contracts"][1] |= {
        "restructured_on": "2026-09-01",
        "first_due_after_restructuring": "2026-12-10",
        "financial_difficulty": "true",
    }
    for row in book["instalments"]:
        if row["contract_id"] == "C2" and row["seq"] != "1":
            row["due_date"] = {"2": "2026-12-10", "3": "2027-01-10"}[str(row["seq"])]


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``yesterday`` knew nothing of it; ``today`` learnt it; ``always`` knew it from the start."""
    folder = tmp_path_factory.mktemp("late")
    first, second = three_loans(), three_loans()
    for learn in (_backdated_receipt, _reversal_after_a_month, _restructuring_entered_late):
        learn(second)
    old, new = write_csv(first, folder / "old"), write_csv(second, folder / "new")
    run(old, folder / "yesterday", as_of=YESTERDAY, status=0)
    shutil.copytree(folder / "yesterday", folder / "today")
    run(new, folder / "today", status=0)
    run(new, folder / "always", status=0)
    return folder


def test_the_next_night_is_that_of_one_that_had_known_from_the_start(nights: Path) -> None:
    for name in RESULTS:
        today, always = (nights / which / name for which in ("today", "always"))
        assert today.read_bytes() == always.read_bytes(), name


def test_every_contract_whose_past_figures_moved_is_named(nights: Path) -> None:
    found = what_changed(before=nights / "yesterday", after=nights / "today")

    moved = {one.contract_id: one for one in found.moved}
    assert found.as_of == YESTERDAY
    assert set(moved) == {"C1", "C2", "C3"}
    assert moved["C3"].figures["dpd"] == (101, 70)
    assert moved["C1"].figures["dpd"] == (70, 101)
    assert moved["C2"].figures["dpd"] == (101, 0)
    assert [row.table for row in moved["C3"].rows] == ["payments"]


def test_the_rows_that_moved_the_figures_are_named_by_the_banks_own_ids(nights: Path) -> None:
    found = what_changed(before=nights / "yesterday", after=nights / "today")

    rows = {
        (row.table, row.change, *row.key.values()): row for one in found.moved for row in one.rows
    }
    assert rows["payments", "added", "P9"].after["paid_on"] == date(2026, 8, 11)
    assert rows["payments", "changed", "P1"].after == {"is_reversed": True}
    assert rows["instalments", "changed", 2].before["due_on"] == date(2026, 8, 10)
    assert rows["instalments", "changed", 2].after["due_on"] == date(2026, 12, 10)
    assert rows["contracts", "changed"].after["restructured_on"] == date(2026, 9, 1)
    assert {(one.table, one.added, one.changed) for one in found.tables} == {
        ("contracts", 0, 1),
        ("instalments", 0, 2),
        ("payments", 1, 1),
    }


def test_a_contract_whose_class_moved_with_another_one_names_that_one(tmp_path: Path) -> None:
    first, second = three_loans(), three_loans()
    for book, month in ((first, 8), (second, 1)):
        for row in book["instalments"]:
            if row["contract_id"] == "C2":
                row["due_date"] = f"2026-{month + int(str(row['seq'])):02d}-10"
    run(write_csv(first, tmp_path / "old"), tmp_path / "yesterday", as_of=YESTERDAY, status=0)
    run(write_csv(second, tmp_path / "new"), tmp_path / "today", status=0)

    moved = {
        one.contract_id: one
        for one in what_changed(before=tmp_path / "yesterday", after=tmp_path / "today").moved
    }

    assert set(moved) == {"C1", "C2"}
    assert set(moved["C1"].figures) == {"asset_class"}
    assert (moved["C1"].rows, moved["C1"].through) == ((), ("C2",))
    assert moved["C2"].rows


def _known_by(book: Book, day: date) -> Book:
    """The rows of a book that speak of a day or an earlier one."""
    speaks = {"payments": "paid_on", "contacts": "at", "promises": "made_on", "holds": "from"}
    return {
        table: [row for row in rows if str(row.get(speaks.get(table, ""), ""))[:10] <= str(day)]
        for table, rows in book.items()
    }


def test_what_is_new_since_yesterday_moves_no_figure_of_yesterday(tmp_path: Path) -> None:
    build_bank(folder=tmp_path / "bank", seed=4, loans=300, as_of=AS_OF)
    whole = _read(tmp_path / "bank" / "book")
    earlier = AS_OF - timedelta(days=40)
    before = write_csv(_known_by(whole, earlier), tmp_path / "before")
    run(before, tmp_path / "out1", "--go-on", as_of=earlier)
    run(tmp_path / "bank" / "book", tmp_path / "out2", "--go-on")

    found = what_changed(before=tmp_path / "out1", after=tmp_path / "out2")

    later = {one.table: one for one in found.tables}
    refused = [one for one in found.moved if any("bad_code" in row.after for row in one.rows)]
    assert later["payments"].added > 100
    assert list(found.moved) == refused, "only a row that spoilt its contract may move figures"


def _read(folder: Path) -> Book:
    return {
        spec.name: pq.read_table(folder / f"{spec.name}.parquet").to_pylist() for spec in TABLES
    }


def test_the_command_tells_it_in_both_languages_and_as_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = three_loans(), three_loans()
    _backdated_receipt(second)
    run(write_csv(first, tmp_path / "old"), tmp_path / "out1", status=0)
    run(write_csv(second, tmp_path / "new"), tmp_path / "out2", status=0)
    capsys.readouterr()
    call = ["whatchanged", str(tmp_path / "out1"), str(tmp_path / "out2")]

    same = main(["whatchanged", str(tmp_path / "out1"), str(tmp_path / "out1"), "--lang", "en"])
    nothing = capsys.readouterr().out
    status = main([*call, "--json", str(tmp_path / "all.json")])

    said = capsys.readouterr().out
    tree = json.loads((tmp_path / "all.json").read_text())
    assert (same, status) == (0, 1)
    assert nothing == "Business date 2026-11-20: the figures of 0 contracts moved.\n"
    assert "contract C3 (debtor D2)" in said
    assert "because payments P9 added (day paid 2026-08-11, amount 1,010.00" in said
    assert "因为 还款流水 P9 新增（入账日 2026-08-11，金额 1,010.00" in said
    assert [one["contract_id"] for one in tree["moved"]] == ["C3"]
    assert tree["moved"][0]["rows"][0]["key"] == {"payment_id": "P9"}


def test_a_later_result_cannot_come_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = write_csv(three_loans(), tmp_path / "book")
    run(book, tmp_path / "out1", status=0)
    run(book, tmp_path / "out2", as_of=YESTERDAY, status=0)

    status = main(["whatchanged", str(tmp_path / "out1"), str(tmp_path / "out2")])

    assert status == 3
    assert "name the earlier one first" in capsys.readouterr().err
    assert main(["whatchanged", str(tmp_path / "book"), str(tmp_path / "out2")]) == 3


def test_a_book_with_every_table_is_compared_in_every_table(tmp_path: Path) -> None:
    first, second = a_book(), a_book()
    for rows in second.values():
        rows.append({**rows[0]})  # the same row twice: the intake keeps one
    for table, column, value in (
        ("debtors", "region", "north"),
        ("contacts", "outcome", "busy"),
        ("promises", "amount", "101"),
        ("holds", "until", "2026-12-01"),
        ("collateral", "value", "499999.00"),
        ("guarantors", "name", "钱七"),
        ("rates", "to_base", "0.05"),
        ("outside", "claims_all_banks", "999999"),
    ):
        second[table] = [{**row} for row in first[table]]
        for row in second[table]:
            row.setdefault(column, None)
        second[table][0][column] = value
    run(write_csv(first, tmp_path / "old"), tmp_path / "out1", "--go-on")
    run(write_csv(second, tmp_path / "new"), tmp_path / "out2", "--go-on")

    found = what_changed(before=tmp_path / "out1", after=tmp_path / "out2")

    assert {(one.table, one.added, one.removed, one.changed) for one in found.tables} == {
        (table, 0, 0, 1)
        for table in (
            *("debtors", "contacts", "promises", "holds"),
            *("collateral", "guarantors", "rates", "outside"),
        )
    }
