"""Finds the files of a book: one per table, none twice, all readable, the same to the end."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from recoup.engine.book.contract import BY_NAME, TABLES
from recoup.engine.book.refused import Sentences, refuse

SUFFIXES = (".parquet", ".csv", ".csv.gz", ".csv.zst")


@dataclass(frozen=True)
class BookFiles:
    """The files of a book, by table, and remarks on what else lies in the folder.

    ``as_found`` holds how each file was when it was found.
    """

    folder: Path
    by_table: Mapping[str, Path]
    remarks: tuple[Sentences, ...]
    as_found: Mapping[str, tuple[int, ...]]

    def changed(self) -> tuple[str, ...]:
        """Yield the names of files that were written, replaced or removed since they were found."""
        return tuple(
            path.name
            for table, path in self.by_table.items()
            if _state(path) != self.as_found[table]
        )


def find_files(folder: Path) -> BookFiles:
    """Yield the file of each table.

    Errors: BookRefused, when a required table is missing, a table has two files, a table is a
    folder, or a second book lies inside the first.
    """
    if not folder.exists():
        raise refuse("no_folder", folder=folder)
    if not folder.is_dir():
        raise refuse("not_a_folder", folder=folder)
    try:
        entries = sorted(folder.iterdir())
    except OSError as failure:
        raise refuse("unreadable", file=folder, why=reason(failure)) from failure
    tables: dict[str, list[Path]] = {}
    others: list[Path] = []
    for entry in entries:
        table = table_of(entry.name)
        if table is not None:
            tables.setdefault(table, []).append(entry)
        elif not entry.name.startswith((".", "_")):
            others.append(entry)
    _refuse_second_book(others)
    by_table = {table: _only(table, files) for table, files in tables.items()}
    for spec in TABLES:
        if spec.required and spec.name not in by_table:
            raise refuse("missing_table", table=spec.name)
    ordered = {spec.name: by_table[spec.name] for spec in TABLES if spec.name in by_table}
    return BookFiles(
        folder,
        ordered,
        tuple(ignored_file(other.name) for other in others),
        {table: _state(path) for table, path in ordered.items()},
    )


def _state(path: Path) -> tuple[int, ...]:
    """Yield what cannot stay the same while a file is written: which it is, its size, its times.

    The time of the last change of its entry is among them, which no program can set back.
    """
    try:
        found = path.stat()
    except OSError:
        return ()
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def table_of(name: str) -> str | None:
    """Yield the table that a file name stands for, if any."""
    stem, _, suffix = name.partition(".")
    return stem if stem in BY_NAME and f".{suffix}" in SUFFIXES else None


def _only(table: str, files: list[Path]) -> Path:
    if len(files) > 1:
        raise refuse("two_files", table=table, files=", ".join(file.name for file in files))
    if files[0].is_dir():
        raise refuse("not_a_file", file=files[0])
    return files[0]


def _refuse_second_book(others: list[Path]) -> None:
    for other in others:
        if not other.is_dir():
            continue
        try:
            names = [inner.name for inner in other.iterdir()]
        except OSError:
            continue  # not part of the book, hence none of its errors
        if any(table_of(name) is not None for name in names):
            raise refuse("nested_book", inner=other)


def ignored_file(name: str) -> Sentences:
    """Yield the remark on a file that is no table."""
    return Sentences(
        f"{name} 不是账册的表，未读取。",
        f"{name} is no table of the book and was not read.",
    )


def reason(failure: Exception) -> str:
    """Yield the first line of what the system said."""
    told = getattr(failure, "strerror", None) or str(failure) or type(failure).__name__
    return str(told).splitlines()[0]


def file_sha256(path: Path) -> str:
    """Yield the SHA-256 of a file, as hex.

    Errors: BookRefused, when it cannot be read.
    """
    try:
        with path.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as failure:
        raise refuse("unreadable", file=path, why=reason(failure)) from failure
