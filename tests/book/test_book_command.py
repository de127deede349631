"""``recoup book check``: what it prints, what it writes, and its exit status."""

import pyarrow.parquet as pq
import pytest
from tests.book.books import a_book, write_csv

from recoup.site.cli import main


def check(*arguments):
    """The exit status of the command, refusals of the call included."""
    try:
        return main(["book", "check", *map(str, arguments)])
    except SystemExit as end:
        return end.code


def test_a_clean_book_gives_status_0(tmp_path, capsys):
    folder = write_csv(a_book(), tmp_path / "in")

    status = check(folder, "--as-of", "2026-11-20")

    told = capsys.readouterr().out
    assert status == 0
    assert "payments: 6 rows read, 6 accepted, 0 rejected" in told
    assert "读取 6 行" in told


def test_rejected_rows_give_status_1_an_example_and_the_file(tmp_path, capsys):
    book = a_book()
    book["contacts"][0]["channel"] = "pigeon"
    folder = write_csv(book, tmp_path / "in")
    rejects = tmp_path / "rejects.parquet"

    status = check(folder, "--as-of", "2026-11-20", "--out", rejects, "--lang", "en")

    told = capsys.readouterr().out
    assert status == 1
    assert "contacts.csv:1 K1 channel [pigeon]: channel is not one of the agreed codes" in told
    assert "    error unknown_code × 1" in told
    assert "不是" not in told
    assert pq.read_table(rejects)["code"].to_pylist() == ["unknown_code"]


def test_too_many_bad_rows_give_status_3_and_the_file_all_the_same(tmp_path, capsys):
    book = a_book()
    book["payments"][0]["amount"] = "much"
    folder = write_csv(book, tmp_path / "in")
    rejects = tmp_path / "rejects.parquet"

    status = check(folder, "--as-of", "2026-11-20", "--out", rejects)

    assert status == 3
    assert "payments" in capsys.readouterr().err
    assert pq.read_table(rejects).num_rows == 1
    assert check(folder, "--as-of", "2026-11-20", "--max-bad", "20%") == 1


def test_a_missing_table_gives_status_3(tmp_path, capsys):
    book = a_book()
    del book["payments"]
    folder = write_csv(book, tmp_path / "in")

    status = check(folder, "--as-of", "2026-11-20")

    told = capsys.readouterr().err
    assert status == 3
    assert "缺少必需的表 payments" in told
    assert "required table payments is missing" in told


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--as-of", "20261120"],
        ["--as-of", "2026-11-20", "--pack", "atlantis"],
        ["--as-of", "2026-11-20", "--max-bad", "lots"],
        ["--as-of", "2026-11-20", "--out", "/nowhere/at/all/rejects.parquet"],
    ],
)
def test_a_wrong_call_gives_status_2(tmp_path, arguments):
    folder = write_csv(a_book(), tmp_path / "in")

    assert check(folder, *arguments) == 2


def test_the_check_leaves_nothing_in_the_book(tmp_path):
    folder = write_csv(a_book(), tmp_path / "in")
    before = sorted(file.name for file in folder.iterdir())

    check(folder, "--as-of", "2026-11-20")

    assert sorted(file.name for file in folder.iterdir()) == before
