"""A file of the book that is written, replaced or removed while it is read is noticed, always."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.book.books import a_book, take, write_csv, write_parquet

from recoup.engine.book.refused import BookRefused


def appended(file: Path) -> None:
    with file.open("ab") as opened:
        opened.write(file.read_bytes()[-40:])


def rewritten_in_place(file: Path) -> None:
    """Other bytes, the same size, and the old time put back, as some copying programs do."""
    found = file.stat()
    raw = bytearray(file.read_bytes())
    raw[-2] ^= 1
    with file.open("r+b") as opened:
        opened.write(raw)
    os.utime(file, ns=(found.st_atime_ns, found.st_mtime_ns))


def replaced(file: Path) -> None:
    """Another file under the same name."""
    other = file.with_name("_new")
    shutil.copy2(file, other)
    other.rename(file)


def cut_short(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def removed(file: Path) -> None:
    file.unlink()


@pytest.mark.parametrize("write", [write_csv, write_parquet], ids=["CSV", "Parquet"])
@pytest.mark.parametrize("change", [appended, rewritten_in_place, replaced, cut_short, removed])
@pytest.mark.parametrize(
    ("table", "during"), [("debtors", "instalments"), ("payments", "contracts")]
)
def test_a_file_that_changes_while_the_book_is_read_is_refused_by_name(
    tmp_path: Path,
    write: Callable[..., Path],
    change: Callable[[Path], None],
    table: str,
    during: str,
) -> None:
    folder = write(a_book(), tmp_path / "book")
    [file] = folder.glob(f"{table}.*")

    def opens(name: str, number: int, of: int) -> None:
        if name == during:
            change(file)

    with pytest.raises(BookRefused) as refused:
        take(folder, tmp_path / "out", opens=opens)

    assert refused.value.code == "changed_while_read"
    assert file.name in refused.value.en
    assert file.name in refused.value.zh
    assert list((tmp_path / "out").iterdir()) == []


def test_each_table_is_told_once_with_its_number(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []

    take(
        write_csv(a_book(), tmp_path / "book"),
        tmp_path / "out",
        opens=lambda table, number, of: told.append((table, number, of)),
    )

    assert [number for _, number, _ in told] == list(range(1, 12))
    assert {of for _, _, of in told} == {11}
    assert [table for table, _, _ in told][:2] == ["debtors", "contracts"]
    assert {table for table, _, _ in told} == set(a_book())
