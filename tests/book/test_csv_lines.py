"""Broken lines of CSV files: each is named by its number and takes no neighbour with it."""

import pytest
from tests.book.books import a_book, csv_text, take, write_csv

from recoup.engine.book.contract import LINE_LIMIT_BYTES

HEADER = b"payment_id,contract_id,paid_on,amount,kind,reverses\n"
FIRST = b"P1,C1,2026-02-09,103.50,receipt,\n"
LAST = b"P4,C3,2026-04-10,45900,,\n"

LINES = {
    "a quote in the middle of a cell": ("stray_quote", b'P2,C1,2026-03-09,5"0.00,receipt,\n'),
    "a quote that never closes": ("stray_quote", b'P2,C1,2026-03-09,"50.00,receipt,\n'),
    "text after a closing quote": ("stray_quote", b'P2,C1,2026-03-09,"50"00,receipt,\n'),
    "a cell too many": ("wrong_column_count", b"P2,C1,2026-03-09,50.00,receipt,,\n"),
    "a cell too few": ("wrong_column_count", b"P2,C1,2026-03-09,50.00\n"),
    "a byte that is no UTF-8": ("bad_bytes", b"P2,C1,2026-03-09,50.00,rec\xffeipt,\n"),
    "a carriage return inside": ("stray_line_break", b"P2,C1,2026-03-09,50.00,\rreceipt,\n"),
    "ten megabytes in one cell": (
        "line_too_long",
        b"P2,C1,2026-03-09,50.00," + b"x" * 10_000_000 + b",\n",
    ),
}


def a_folder(tmp_path, line, *, last=LAST):
    """The clean book, with these payments only."""
    folder = write_csv(a_book(), tmp_path / "in")
    (folder / "payments.csv").write_bytes(HEADER + FIRST + line + last)
    return folder


@pytest.mark.parametrize("name", LINES)
def test_a_broken_line_is_rejected_alone(tmp_path, name):
    code, line = LINES[name]

    taken = take(a_folder(tmp_path, line), tmp_path / "out")

    (entry,) = taken.rejects
    assert (entry["table"], entry["row"], entry["code"]) == ("payments", 2, code)
    assert entry["value"].startswith("P2,C1,")
    assert [row["payment_id"] for row in taken.normal("payments")] == ["P1", "P4"]
    payments = taken.intake.tables["payments"]
    assert (payments.rows_read, payments.rows_accepted, payments.rows_rejected) == (3, 2, 1)


@pytest.mark.parametrize("name", LINES)
def test_the_contract_that_a_broken_line_speaks_of_becomes_undecidable(tmp_path, name):
    code, line = LINES[name]

    taken = take(a_folder(tmp_path, line), tmp_path / "out")

    assert taken.bad_codes() == {"C1": code, "C2": None, "C3": None, "C4": None}
    assert taken.rejects[0]["key"] == "C1"


def test_two_stray_quotes_do_not_swallow_the_lines_between(tmp_path):
    line = b'P2,C1,2026-03-09,"50,receipt,\n' + FIRST.replace(b"P1", b"P3") + b'P5,C1,"x,1,,\n'

    taken = take(a_folder(tmp_path, line), tmp_path / "out")

    assert [(entry["row"], entry["code"]) for entry in taken.rejects] == [
        (2, "stray_quote"),
        (4, "stray_quote"),
    ]
    assert [row["payment_id"] for row in taken.normal("payments")] == ["P1", "P3", "P4"]


def test_a_long_line_at_the_very_end_is_found_too(tmp_path):
    long = b"P9,C3," + b"y" * (LINE_LIMIT_BYTES + 10)

    taken = take(a_folder(tmp_path, b"", last=LAST + long), tmp_path / "out")

    assert [(entry["row"], entry["code"]) for entry in taken.rejects] == [(3, "line_too_long")]
    assert len(taken.normal("payments")) == 2


def test_a_cell_of_many_kilobytes_in_a_short_line_is_a_fault_of_the_cell(tmp_path):
    long = b"P9,C3,2026-04-11,1," + b"z" * 70_000 + b",\n"

    taken = take(a_folder(tmp_path, long), tmp_path / "out")

    (entry,) = taken.rejects
    assert (entry["column"], entry["code"], len(entry["value"])) == ("kind", "cell_too_long", 200)


def test_a_broken_line_about_a_hold_is_counted_with_the_person(tmp_path):
    folder = write_csv(a_book(), tmp_path / "in")
    with (folder / "holds.csv").open("a") as file:
        file.write("D2,legal\n")

    taken = take(folder, tmp_path / "out")

    assert [row["unread_holds"] for row in taken.normal("debtors")] == [0, 1, 0]
    assert taken.found("wrong_column_count")[0]["key"] == "D2"


def test_one_foreign_line_does_not_turn_a_utf8_file_into_gb18030(tmp_path):
    folder = write_csv(a_book(), tmp_path / "in")
    lines = (folder / "debtors.csv").read_bytes().splitlines(keepends=True)
    lines[2] = lines[2].decode().encode("gb18030")
    lines.append("D5,李雷,retail,,,,,,\n".encode())
    (folder / "debtors.csv").write_bytes(b"".join(lines))

    taken = take(folder, tmp_path / "out")

    assert taken.normal("debtors")[0]["name"] == "张三"
    assert [(entry["row"], entry["code"]) for entry in taken.rejects[:1]] == [(2, "bad_bytes")]


def test_one_foreign_line_does_not_turn_a_gb18030_file_into_utf8(tmp_path):
    folder = write_csv(a_book(), tmp_path / "in", encoding="gb18030")
    with (folder / "debtors.csv").open("ab") as file:
        file.write(b"D5,\xff\xff,retail,,,,,,\n")

    taken = take(folder, tmp_path / "out")

    assert [row["name"] for row in taken.normal("debtors")] == ["张三", "李四", "Wang Wu"]
    assert [(entry["row"], entry["code"]) for entry in taken.rejects] == [(4, "bad_bytes")]


def test_columns_may_stand_in_any_order_and_unknown_ones_are_remarked(tmp_path):
    folder = write_csv(a_book(), tmp_path / "in")
    table = [{"colour": "red", **row} for row in a_book()["payments"]]
    names = sorted(table[0])
    (folder / "payments.csv").write_text(csv_text(table, names))

    taken = take(folder, tmp_path / "out")

    assert taken.rejects == []
    assert len(taken.normal("payments")) == 5
