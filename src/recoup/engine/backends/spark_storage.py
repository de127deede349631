"""Files wherever Spark reads and writes them, through the file systems that it is set up for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import SparkSession


@dataclass(frozen=True, order=True)
class Stored:
    """One file: its path, its size in bytes, when it was last changed (milliseconds)."""

    path: str
    size: int
    changed: int

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


class Storage:
    """The file systems of a Spark session; a path without a scheme is on its default one."""

    def __init__(self, spark: SparkSession) -> None:
        self._jvm: Any = spark._jvm
        self._settings: Any = spark._jsc.hadoopConfiguration()

    def is_local(self, path: str) -> bool:
        """Whether a path is on a disk, or a mounted share, of this machine."""
        return str(self._system(path).getScheme()) == "file"

    def local(self, path: str) -> str:
        """Yield a path on a disk of this machine without its scheme."""
        return str(self._path(path).toUri().getPath())

    def exists(self, path: str) -> bool:
        """Whether there is anything at a path."""
        return bool(self._system(path).exists(self._path(path)))

    def entries(self, folder: str) -> Sequence[str]:
        """Yield the names in a folder, in their order; none if it is none."""
        if not self.exists(folder) or not self._status(folder).isDirectory():
            return ()
        found = self._system(folder).listStatus(self._path(folder))
        return sorted(str(one.getPath().getName()) for one in found)

    def files(self, path: str) -> Sequence[Stored]:
        """Yield a file, or the files in a folder that Spark would read, by name."""
        status = self._status(path)
        if not status.isDirectory():
            return (_stored(status),)
        inside = self._system(path).listStatus(self._path(path))
        found = (_stored(one) for one in inside if not one.isDirectory())
        return sorted(one for one in found if not one.name.startswith(("_", ".")))

    def sha256(self, path: str) -> str:
        """Yield the SHA-256 of a file, as hex."""
        stream = self._system(path).open(self._path(path))
        try:
            return str(self._jvm.org.apache.commons.codec.digest.DigestUtils.sha256Hex(stream))
        finally:
            stream.close()

    def claim(self, path: str, *, text: str) -> bool:
        """Write a file that must not exist yet; yield whether it did not."""
        if self.exists(path):
            return False
        self._write(path, text.encode(), again=False)
        return True

    def read_text(self, path: str) -> str:
        """Yield a small file's text."""
        stream = self._system(path).open(self._path(path))
        try:
            text = self._jvm.org.apache.commons.io.IOUtils.toString(stream, "UTF-8")
        finally:
            stream.close()
        return str(text)

    def write(self, path: str, content: bytes) -> None:
        """Write a small file whole, over whatever was there."""
        self._write(path, content, again=True)

    def _write(self, path: str, content: bytes, *, again: bool) -> None:
        stream = self._system(path).create(self._path(path), again)
        try:
            stream.write(bytearray(content))
        finally:
            stream.close()

    def move(self, source: str, target: str) -> bool:
        """Rename a file or folder; yield whether the file system did so."""
        return bool(self._system(source).rename(self._path(source), self._path(target)))

    def remove(self, path: str) -> None:
        """Remove a file, or a folder with all that is in it, if it is there."""
        self._system(path).delete(self._path(path), True)

    def _path(self, path: str) -> Any:
        return self._jvm.org.apache.hadoop.fs.Path(path)

    def _system(self, path: str) -> Any:
        return self._path(path).getFileSystem(self._settings)

    def _status(self, path: str) -> Any:
        return self._system(path).getFileStatus(self._path(path))


def _stored(status: Any) -> Stored:
    return Stored(
        str(status.getPath().toString()), int(status.getLen()), int(status.getModificationTime())
    )
