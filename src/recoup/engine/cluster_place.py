"""Where a night on a cluster leaves its result: on a disk of the driver, or in a store of its own.

On a disk (also one that is mounted everywhere) the result is what the embedded night leaves: single
files, put into place whole. In a store such as HDFS or S3 each table is a folder of parts, as Spark
writes it, and the folder is renamed when it is whole.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from recoup.engine.backends.spark_storage import Storage
from recoup.engine.book.rejects import REJECT_SCHEMA
from recoup.engine.outcome import DECISIONS, PEOPLE
from recoup.engine.placing import MARK, ResultFolder
from recoup.engine.ranking import WORKLIST
from recoup.engine.refusal import NightRefused
from recoup.engine.writing import SteadyParquet

#: The tables of a result, with what each row holds.
RESULT_SCHEMAS = {
    "decisions": DECISIONS,
    "people": PEOPLE,
    "worklist": WORKLIST,
    "rejects": REJECT_SCHEMA,
}
_STAGING = ".staging"
_READ_AT_ONCE = 131_072


class ClusterPlace(Protocol):
    """The place of one run's result. ``staging`` is where the cluster writes what it passes on."""

    where: str
    staging: str
    folder: Path | None

    def parts(self, table: str) -> str:
        """Yield where the cluster writes the parts of a result table."""
        ...

    def gather(self, table: str) -> None:
        """Take over a result table that the cluster has written."""
        ...

    def keep(self, name: str, content: bytes) -> None:
        """Write a small file of the result."""
        ...

    def put_into_place(self) -> None:
        """Make what was written the result; the previous one is removed."""
        ...


@contextmanager
def cluster_place(*, storage: Storage, out: str) -> Iterator[ClusterPlace]:
    """Yield the place of a result, held exclusively; whatever goes wrong, leave the old result.

    Errors: NightRefused, as ``ResultFolder``.
    """
    if storage.is_local(out):
        with ResultFolder(out=Path(storage.local(out))) as folder:
            yield _OnDisk(folder)
    else:
        with _in_store(storage, out.rstrip("/")) as place:
            yield place


class _OnDisk:
    """A result on a disk that the driver and all machines of the cluster share."""

    def __init__(self, folder: ResultFolder) -> None:
        self._result = folder
        self.folder: Path | None = folder.scratch
        self.where = str(folder.out)
        self._staging = folder.scratch / _STAGING
        self.staging = self._staging.as_uri()

    def parts(self, table: str) -> str:
        return f"{self.staging}/result/{table}"

    def gather(self, table: str) -> None:
        """Write the parts of a table, in their order, as one file with the same bytes always."""
        schema = RESULT_SCHEMAS[table]
        parts = sorted((self._staging / "result" / table).glob("part-*.parquet"))
        target = self._result.scratch / f"{table}.parquet"
        with SteadyParquet(path=target, schema=schema) as file:
            for part in parts:
                with pq.ParquetFile(part) as opened:
                    for batch in opened.iter_batches(batch_size=_READ_AT_ONCE):
                        file.add(pa.Table.from_batches([batch]))

    def keep(self, name: str, content: bytes) -> None:
        path = self._result.scratch / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def put_into_place(self) -> None:
        shutil.rmtree(self._staging, ignore_errors=True)
        self._result.put_into_place()


class _InStore:
    """A result in a store that is not a disk of this machine."""

    folder: Path | None = None

    def __init__(self, storage: Storage, out: str) -> None:
        self._storage = storage
        self.where = out
        self.scratch = f"{out}.partial"
        self._previous = f"{out}.previous"
        self.staging = f"{self.scratch}/{_STAGING}"

    def parts(self, table: str) -> str:
        return f"{self.scratch}/{table}.parquet"

    def gather(self, table: str) -> None:
        """Parts stay as the cluster has written them."""

    def keep(self, name: str, content: bytes) -> None:
        self._storage.write(f"{self.scratch}/{name}", content)

    def put_into_place(self) -> None:
        storage = self._storage
        storage.remove(self.staging)
        storage.remove(self._previous)
        if storage.exists(self.where):
            self._moved(self.where, self._previous)
        self._moved(self.scratch, self.where)
        storage.remove(self._previous)

    def _moved(self, source: str, target: str) -> None:
        if not self._storage.move(source, target):
            raise NightRefused(
                zh=f"存储系统无法把 {source} 改名为 {target}；结果未放到位。",
                en=f"The store does not rename {source} to {target}; the result is not in place.",
            )

    def repair(self) -> None:
        """Bring back the previous result if a run died between the two renames."""
        if self._storage.exists(self._previous) and not self._storage.exists(self.where):
            self._moved(self._previous, self.where)


@contextmanager
def _in_store(storage: Storage, out: str) -> Iterator[_InStore]:
    place, lock = _InStore(storage, out), f"{out}.lock"
    if not storage.claim(lock, text=out):
        raise NightRefused(
            zh=f"另一次运行正在写入 {out}（{lock} 存在）；请等待其结束。"
            f"若确知它已中断，请删除 {lock} 后重新运行。",
            en=f"Another run is writing to {out} ({lock} is there); wait until it ends. If it is "
            f"known to be dead, remove {lock} and run again.",
        )
    try:
        place.repair()
        if storage.exists(out) and not storage.exists(f"{out}/{MARK}") and storage.entries(out):
            raise NightRefused(
                zh=f"输出位置 {out} 已存在，且不是一次日终运行的结果；"
                "请另选位置，以免覆盖其中内容。",
                en=f"{out} exists and is not the result of a night; choose another place, so that "
                "nothing in it is lost.",
            )
        storage.remove(place.scratch)
        yield place
    finally:
        storage.remove(place.scratch)
        storage.remove(lock)


def keep_folder(*, place: ClusterPlace, folder: Path, under: str) -> None:
    """Copy a folder of small files into a result."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            place.keep(f"{under}/{folder.name}/{path.relative_to(folder)}", path.read_bytes())
