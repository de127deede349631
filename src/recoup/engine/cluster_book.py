"""A book as a cluster reads it: one Parquet file or folder per table, looked at before any row is.

What the night refuses of a whole book is refused here: missing tables, missing columns, types that
cannot hold what the contract says. The rows are checked where they are decided.
"""

import hashlib
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from recoup.engine.backends.spark_storage import Storage, Stored
from recoup.engine.book.agreements import possible_flags, unused_column
from recoup.engine.book.cells import WrongType, read_cells
from recoup.engine.book.checking import KIND_WORDS
from recoup.engine.book.contract import BY_NAME, CONTRACTS, TABLES, TableSpec
from recoup.engine.book.files import ignored_file
from recoup.engine.book.refused import Sentences, refuse
from recoup.engine.book.source import check_header
from recoup.engine.refusal import NightRefused

#: Files whose digests are taken at once.
HASHED_AT_ONCE = 4


@dataclass(frozen=True)
class ClusterFiles:
    """The files of a book, by table: where Spark reads a table, and the files in that place."""

    folder: str
    paths: Mapping[str, str]
    files: Mapping[str, Sequence[Stored]]
    remarks: tuple[Sentences, ...]

    def name(self, table: str) -> str:
        """Yield the name of a table's file or folder."""
        return self.paths[table].rpartition("/")[2]


def find_cluster_files(*, storage: Storage, folder: str) -> ClusterFiles:
    """Yield where the tables of a book are.

    Errors: BookRefused, when a required table is missing; NightRefused, for a table that is no
    Parquet: a cluster cannot cut other files into parts.
    """
    if not storage.exists(folder):
        raise refuse("no_folder", folder=folder)
    base = folder.rstrip("/")
    paths, remarks = {}, []
    for name in storage.entries(folder):
        stem, _, suffix = name.partition(".")
        if stem in BY_NAME and suffix == "parquet":
            paths[stem] = f"{base}/{name}"
        elif stem in BY_NAME and suffix.startswith("csv"):
            raise _no_parquet(name)
        elif not name.startswith((".", "_")):
            remarks.append(ignored_file(name))
    for spec in TABLES:
        if spec.required and spec.name not in paths:
            raise refuse("missing_table", table=spec.name)
    ordered = {spec.name: paths[spec.name] for spec in TABLES if spec.name in paths}
    files = {table: storage.files(path) for table, path in ordered.items()}
    return ClusterFiles(folder, ordered, files, tuple(remarks))


def _no_parquet(name: str) -> NightRefused:
    return NightRefused(
        zh=f"{name} 不是 Parquet；在 Spark 上运行时，账册的每张表须为 Parquet 文件或文件夹。"
        "请另行导出，或改用 --engine duckdb。",
        en=f"{name} is no Parquet; on Spark every table of the book must be a Parquet file or "
        "folder. Export it so, or use --engine duckdb.",
    )


def check_columns(*, spec: TableSpec, file: str, schema: pa.Schema) -> None:
    """Refuse a table that lacks a required column, or has one of a type that cannot be read.

    Errors: BookRefused.
    """
    check_header(spec=spec, path=Path(file), names=schema.names)
    for column in spec.columns:
        if column.name not in schema.names:
            continue
        kind = schema.field(column.name).type
        try:
            read_cells(column, pa.array([], kind))
        except WrongType as wrong:
            zh, en = KIND_WORDS.get(column.kind, ("文本", "text"))
            raise refuse(
                "unreadable_type", file=file, column=column.name, type=kind, zh=zh, en=en
            ) from wrong


@dataclass(frozen=True)
class Flags:
    """Columns of contracts beyond the book contract: those to keep as booleans, and the others."""

    kept: tuple[str, ...]
    remarks: tuple[Sentences, ...]


def flag_columns(*, schema: pa.Schema, file: str, are_words: Mapping[str, bool]) -> Flags:
    """Yield which columns of contracts hold booleans.

    Shape: ``are_words`` says of each text column of ``text_flags`` whether it has a value, and no
    value but true and false.
    """
    strangers = [name for name in schema.names if name not in CONTRACTS.names]
    kept = [
        name
        for name in possible_flags(names=schema.names, type_of=lambda one: schema.field(one).type)
        if pa.types.is_boolean(schema.field(name).type) or are_words.get(name, False)
    ]
    remarks = (unused_column(file=file, column=name) for name in strangers if name not in kept)
    return Flags(tuple(sorted(kept)), tuple(remarks))


def text_flags(schema: pa.Schema) -> tuple[str, ...]:
    """Yield the text columns of contracts that may turn out to hold booleans."""
    possible = possible_flags(names=schema.names, type_of=lambda one: schema.field(one).type)
    return tuple(name for name in possible if not pa.types.is_boolean(schema.field(name).type))


class Digests:
    """The SHA-256 of every file of a book, taken by the driver while the cluster works."""

    def __init__(self, *, storage: Storage, files: ClusterFiles) -> None:
        self._storage = storage
        self._files = files
        self._pool = ThreadPoolExecutor(max_workers=HASHED_AT_ONCE, thread_name_prefix="digest")
        self._found: dict[str, list[Future[str]]] = {
            table: [self._pool.submit(storage.sha256, one.path) for one in listed]
            for table, listed in files.files.items()
        }

    def of(self, table: str) -> str:
        """Yield a file's digest; for a folder that of its files' names and digests, by name."""
        found = [digest.result() for digest in self._found[table]]
        if len(found) == 1:
            return found[0]
        listed = zip(self._files.files[table], found, strict=True)
        lines = "".join(f"{digest}  {one.name}\n" for one, digest in listed)
        return hashlib.sha256(lines.encode()).hexdigest()

    def refuse_changed(self) -> None:
        """Refuse a book of which a file is not as it was when the night began.

        Errors: NightRefused.
        """
        for table, path in self._files.paths.items():
            if list(self._storage.files(path)) != list(self._files.files[table]):
                raise NightRefused(
                    zh=f"{path} 在读取期间发生了变化；请待其写完后重新运行，原有结果未动。",
                    en=f"{path} changed while it was read; wait until it is written whole and run "
                    "again. The previous result is untouched.",
                )

    def close(self) -> None:
        """Take no further digests."""
        self._pool.shutdown(cancel_futures=True)
