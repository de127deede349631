"""Books that are refused whole: one clear sentence in both languages, and nothing left behind."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.book.books import a_book, rows, take, write_csv, write_parquet

from recoup.engine.book.refused import REFUSALS, BookRefused

REQUIRED = ("debtors", "contracts", "instalments", "payments")


def broken(folder: Path) -> None:
    file = folder / "instalments.parquet"
    file.write_bytes(file.read_bytes()[:-100])


def corrupted(folder: Path) -> None:
    file = folder / "instalments.parquet"
    raw = bytearray(file.read_bytes())
    raw[4:200] = bytes(196)
    file.write_bytes(raw)


def without_column(folder: Path) -> None:
    file = folder / "contracts.parquet"
    pq.write_table(pq.read_table(file).drop_columns(["currency", "principal"]), file)


def two_columns_of_one_name(folder: Path) -> None:
    (folder / "rates.parquet").unlink()
    (folder / "rates.csv").write_text("currency,on,to_base,on\nJPY,2026-11-19,0.05,\n")


def two_files(folder: Path) -> None:
    shutil.copy(write_csv(a_book(), folder.parent / "csv") / "contracts.csv", folder)


def second_book(folder: Path) -> None:
    shutil.copytree(folder, folder.parent / "copy")
    shutil.move(folder.parent / "copy", folder / "book")


def folder_for_a_file(folder: Path) -> None:
    (folder / "payments.parquet").unlink()
    (folder / "payments.parquet").mkdir()


def dangling(folder: Path) -> None:
    (folder / "payments.parquet").unlink()
    (folder / "payments.parquet").symlink_to(folder / "nowhere")


def empty_file(folder: Path) -> None:
    (folder / "payments.parquet").unlink()
    (folder / "payments.csv").write_bytes(b"")


def utf_16(folder: Path) -> None:
    (folder / "payments.parquet").unlink()
    (folder / "payments.csv").write_text("payment_id,contract_id\n", encoding="utf-16")


def cut_gzip(folder: Path) -> None:
    (folder / "payments.parquet").unlink()
    packed = write_csv(a_book(), folder.parent / "gz", suffix=".csv.gz") / "payments.csv.gz"
    (folder / "payments.csv.gz").write_bytes(packed.read_bytes()[:-12])


def doubles_as_days(folder: Path) -> None:
    file = folder / "payments.parquet"
    table = pq.read_table(file)
    pq.write_table(table.set_column(2, "paid_on", pa.array([1.5] * 6)), file)


def no_payments_file(folder: Path) -> None:
    (folder / "payments.parquet").unlink()


def broken_page(folder: Path) -> None:
    """Damage one page of amounts; the file's description of itself stays whole."""
    file = folder / "payments.parquet"
    chunk = pq.read_metadata(file).row_group(0).column(3)
    raw = bytearray(file.read_bytes())
    first = chunk.dictionary_page_offset or chunk.data_page_offset
    raw[first : first + chunk.total_compressed_size] = b"\xff" * chunk.total_compressed_size
    file.write_bytes(raw)


BROKEN = {
    "with one page overwritten": ("broken_file", broken_page, "payments.parquet"),
    "cut short": ("broken_file", broken, "instalments.parquet"),
    "overwritten in the middle": ("broken_file", corrupted, "instalments.parquet"),
    "packed and cut short": ("broken_file", cut_gzip, "payments.csv.gz"),
    "without required columns": ("missing_column", without_column, "currency, principal"),
    "a column twice": ("column_twice", two_columns_of_one_name, "on"),
    "two files of one table": ("two_files", two_files, "contracts.csv, contracts.parquet"),
    "a book inside the book": ("nested_book", second_book, "book"),
    "a folder in place of a file": ("not_a_file", folder_for_a_file, "payments.parquet"),
    "a link to nowhere": ("unreadable", dangling, "payments.parquet"),
    "no bytes at all": ("empty_file", empty_file, "payments.csv"),
    "UTF-16": ("unsupported_encoding", utf_16, "UTF-16"),
    "a type that holds no day": ("unreadable_type", doubles_as_days, "paid_on"),
    "a missing table": ("missing_table", no_payments_file, "payments"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_book_is_refused_with_a_sentence_and_leaves_nothing(tmp_path, name):
    code, change, named = BROKEN[name]
    folder = write_parquet(a_book(), tmp_path / "in")
    change(folder)

    with pytest.raises(BookRefused) as refused:
        take(folder, tmp_path / "out")

    assert refused.value.code == code
    assert named in refused.value.zh
    assert named in refused.value.en
    assert refused.value.rejects is None
    assert not (tmp_path / "out").exists() or not any((tmp_path / "out").iterdir())


def test_a_folder_that_is_not_there_or_no_folder_is_refused(tmp_path):
    (tmp_path / "file").write_text("x")

    for place, code in (("nowhere", "no_folder"), ("file", "not_a_folder")):
        with pytest.raises(BookRefused) as refused:
            take(tmp_path / place, tmp_path / "out")
        assert refused.value.code == code


@pytest.mark.parametrize("table", REQUIRED)
@pytest.mark.parametrize("write", [write_csv, write_parquet])
def test_a_required_table_without_rows_is_refused(tmp_path, table, write):
    folder = write(a_book(), tmp_path / "in")
    file = next(folder.glob(f"{table}.*"))
    if file.suffix == ".csv":
        file.write_text(file.read_text().splitlines()[0] + "\n")
    else:
        pq.write_table(pq.read_table(file).slice(0, 0), file)

    with pytest.raises(BookRefused) as refused:
        take(folder, tmp_path / "out", go_on=False)

    assert refused.value.code == "empty_table"
    assert table in refused.value.en


@pytest.mark.parametrize("table", ["contacts", "promises", "holds", "rates", "outside"])
@pytest.mark.parametrize("write", [write_csv, write_parquet])
def test_another_table_may_be_empty(tmp_path, table, write):
    folder = write(a_book(), tmp_path / "in")
    file = next(folder.glob(f"{table}.*"))
    if file.suffix == ".csv":
        file.write_text(file.read_text().splitlines()[0] + "\n")
    else:
        pq.write_table(pq.read_table(file).slice(0, 0), file)

    taken = take(folder, tmp_path / "out", go_on=False)

    assert taken.rejects == []
    assert taken.normal(table) == []
    assert taken.intake.tables[table].rows_read == 0


def test_a_book_without_payments_yet_is_taken_in_when_told_to_go_on(tmp_path):
    book = a_book()
    folder = write_csv(book, tmp_path / "in")
    header = (folder / "payments.csv").read_text().splitlines()[0]
    (folder / "payments.csv").write_text(header)

    taken = take(folder, tmp_path / "out", go_on=True)

    assert taken.normal("payments") == []
    assert set(taken.bad_codes().values()) == {None}


def a_book_with_bad_payments(bad):
    book = a_book()
    book["payments"] = rows(
        "payment_id|contract_id|paid_on|amount",
        *(f"P{n}|C1|{'soon' if n < bad else '2026-02-01'}|0.01" for n in range(200)),
    )
    return book


def test_more_bad_rows_than_tolerated_stop_the_night_and_the_rejects_stay(tmp_path):
    folder = write_csv(a_book_with_bad_payments(3), tmp_path / "in")

    with pytest.raises(BookRefused) as refused:
        take(folder, tmp_path / "out", go_on=False)

    assert refused.value.code == "too_many_bad_rows"
    assert "payments" in refused.value.zh
    assert "1.5%" in refused.value.en
    assert "not_a_date x 3" in refused.value.en
    assert pq.read_table(refused.value.rejects).num_rows == 3
    assert not (tmp_path / "out" / "book").exists()


def test_as_many_bad_rows_as_tolerated_do_not_stop_the_night(tmp_path):
    folder = write_csv(a_book_with_bad_payments(2), tmp_path / "in")

    taken = take(folder, tmp_path / "out", go_on=False)

    assert taken.intake.tables["payments"].rows_rejected == 2
    assert not taken.intake.clean


def test_a_higher_share_may_be_tolerated(tmp_path):
    folder = write_csv(a_book_with_bad_payments(3), tmp_path / "in")

    taken = take(folder, tmp_path / "out", go_on=False, max_bad_ppm=15_000)

    assert taken.intake.tables["payments"].rows_rejected == 3


def test_other_files_in_the_folder_are_remarked(tmp_path):
    folder = write_csv(a_book(), tmp_path / "in")
    (folder / "contarcts.csv").write_text("x")
    (folder / ".hidden").write_text("x")
    (folder / "notes").mkdir()

    remarks = take(folder, tmp_path / "out").intake.remarks

    assert [remark.en.split()[0] for remark in remarks] == ["contarcts.csv", "notes"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_permission_is_refused(tmp_path):
    folder = write_parquet(a_book(), tmp_path / "in")
    (folder / "payments.parquet").chmod(0)

    with pytest.raises(BookRefused) as refused:
        take(folder, tmp_path / "out")

    assert refused.value.code == "unreadable"


FULL_DISK = """
import resource, signal, sys
from datetime import date
from pathlib import Path
from recoup.engine.book.refused import BookRefused
from recoup.engine.book.take_in import take_in
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
try:
    take_in(folder=Path(sys.argv[1]), into=Path(sys.argv[2]), as_of=date(2026, 11, 20),
            pack_currency="CNY", time_zone="Asia/Shanghai")
except BookRefused as refused:
    print(refused.code, refused.zh, refused.en)
"""


@pytest.mark.parametrize("room", [100, 1_000, 3_000])
def test_a_full_disk_gives_one_sentence_and_leaves_nothing_half_written(tmp_path, room):
    folder = write_csv(a_book(), tmp_path / "in")

    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(folder), str(tmp_path / "out"), str(room)],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.startswith("disk_full 写入")
    assert "Writing to" in done.stdout
    assert list((tmp_path / "out").iterdir()) == []


def test_every_refusal_is_shown_by_a_book():
    shown = {code for code, _, _ in BROKEN.values()}

    assert shown | {
        "no_folder",
        "not_a_folder",
        "empty_table",
        "too_many_bad_rows",
        "disk_full",
        "changed_while_read",  # in test_changing_files.py
    } == set(REFUSALS)
