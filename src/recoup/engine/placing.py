"""Puts a night's result into place whole: an interrupted run leaves the old result, or the new one.

The run writes into a hidden folder beside the result. At the end two renames put it into place; a
crash between them is repaired at the next start. One run at a time may hold a result folder.
"""

import errno
import fcntl
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

from recoup.engine.refusal import NightRefused

MARK = "manifest.json"
#: So often a lock is sought anew whose file was removed by the run that ended just then.
MOST_TRIES = 100


@dataclass(frozen=True)
class LeftBehind:
    """What a run that ends without leaving the context leaves: its scratch folder, its lock.

    ``previous`` is where the old result lies for a moment while the new one takes its place.
    """

    scratch: Path
    lock: Path
    previous: Path
    out: Path


class ResultFolder:
    """The place of one run's result, held exclusively while the run lasts.

    Use as a context: write into ``scratch``, then call ``put_into_place``. Leaving the context
    without it removes the scratch folder and keeps whatever result was there. ``as_of`` and
    ``time_zone`` say to others which business date is being decided, and since when.
    Errors: NightRefused, when another run holds the folder, or when it holds something that is not
    a night's result and would be lost.
    """

    def __init__(
        self, *, out: Path, as_of: date | None = None, time_zone: str | None = None
    ) -> None:
        self.out = out.absolute()
        self._as_of = as_of
        self._zone = ZoneInfo(time_zone) if time_zone else UTC
        self._beside = self.out.parent
        self.scratch = self._beside / f".{self.out.name}.partial"
        self._previous = self._beside / f".{self.out.name}.previous"
        self._lock_path = self._beside / f".{self.out.name}.lock"
        self._lock = -1

    def __enter__(self) -> Self:
        try:
            self._beside.mkdir(parents=True, exist_ok=True)
            self._take_lock()
            self._repair()
            self._refuse_others_folder()
            shutil.rmtree(self.scratch, ignore_errors=True)
            self.scratch.mkdir()
        except OSError as failure:
            self._let_go()
            raise NightRefused(
                zh=f"无法在 {self._beside} 写入结果：{failure.strerror}；请另选位置或修正权限。",
                en=f"The result cannot be written in {self._beside}: {failure.strerror}; choose "
                "another place or mend its permissions.",
            ) from failure
        except BaseException:
            self._let_go()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(OSError):
            self._repair()
        shutil.rmtree(self.scratch, ignore_errors=True)
        self._let_go()

    def leave_to_successor(self) -> LeftBehind:
        """Yield what is left to clear away by the program that takes this process over.

        The lock goes over to it with the process: until it ends, no other run begins here.
        """
        os.set_inheritable(self._lock, True)
        return LeftBehind(self.scratch, self._lock_path, self._previous, self.out)

    def put_into_place(self) -> None:
        """Make the scratch folder the result; the previous result is removed afterwards."""
        flush_tree(self.scratch)
        shutil.rmtree(self._previous, ignore_errors=True)
        if self.out.exists():
            self.out.rename(self._previous)
        self.scratch.rename(self.out)
        _flush(self._beside)
        shutil.rmtree(self._previous, ignore_errors=True)

    def _repair(self) -> None:
        """Bring back the previous result if a run died between the two renames."""
        if self._previous.exists() and not self.out.exists():
            self._previous.rename(self.out)
        shutil.rmtree(self._previous, ignore_errors=True)

    def _refuse_others_folder(self) -> None:
        if not self.out.exists() or self._is_result():
            return
        raise NightRefused(
            zh=f"输出位置 {self.out} 已存在，且不是一次日终运行的结果；"
            "请另选文件夹，以免覆盖其中内容。",
            en=f"{self.out} exists and is not the result of a night; choose another folder, "
            "so that nothing in it is lost.",
        )

    def _is_result(self) -> bool:
        return self.out.is_dir() and ((self.out / MARK).exists() or not any(self.out.iterdir()))

    def _take_lock(self) -> None:
        for _ in range(MOST_TRIES):
            found = os.open(self._lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            try:
                fcntl.flock(found, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as failure:
                running = self._running(found)
                os.close(found)
                if failure.errno not in (errno.EAGAIN, errno.EACCES):
                    raise
                raise running from failure
            if self._is_at_its_place(found):
                self._lock = found
                os.truncate(found, 0)
                os.write(found, f"{os.getpid()} {self._as_of or ''}".encode())
                return
            os.close(found)
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    def _is_at_its_place(self, lock: int) -> bool:
        """Whether the locked file is still the one of that name; its last holder removes it."""
        try:
            return os.path.samestat(os.fstat(lock), self._lock_path.stat())
        except FileNotFoundError:
            return False

    def _running(self, lock: int) -> NightRefused:
        """Yield the refusal that says which run holds the folder, and since when."""
        pid, _, as_of = os.read(lock, 64).decode(errors="replace").partition(" ")
        begun = datetime.fromtimestamp(int(os.fstat(lock).st_mtime), self._zone)
        since = begun.isoformat(sep=" ")
        return NightRefused(
            zh=f"进程 {pid.strip() or '?'} 正在写入同一输出位置 {self.out}"
            f"（{f'营业日期 {as_of}，' if as_of else ''}{since} 起）；请等待其结束。",
            en=f"Process {pid.strip() or '?'} is writing to the same place {self.out} "
            f"({f'business date {as_of}, ' if as_of else ''}since {since}); wait until it ends.",
        )

    def _let_go(self) -> None:
        if self._lock < 0:
            return
        with suppress(OSError):
            self._lock_path.unlink(missing_ok=True)
        os.close(self._lock)
        self._lock = -1


def flush_tree(folder: Path) -> None:
    """Ask the disk to keep every file below a folder, and their names, through a loss of power."""
    for inner in sorted(folder.rglob("*")):
        _flush(inner)
    _flush(folder)


def _flush(path: Path) -> None:
    """Flush a file or the names in a folder; file systems that cannot are left as they are."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as failure:
        if failure.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EROFS):
            raise
    finally:
        os.close(handle)
