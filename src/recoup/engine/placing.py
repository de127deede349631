"""Puts a night's result into place whole: an interrupted run leaves the old result, or the new one.

The run writes into a hidden folder beside the result. At the end two renames put it into place; a
crash between them is repaired at the next start. One run at a time may hold a result folder.
"""

import errno
import fcntl
import os
import shutil
from pathlib import Path
from types import TracebackType
from typing import Self

from recoup.engine.refusal import NightRefused

MARK = "manifest.json"


class ResultFolder:
    """The place of one run's result, held exclusively while the run lasts.

    Use as a context: write into ``scratch``, then call ``put_into_place``. Leaving the context
    without it removes the scratch folder and keeps whatever result was there.
    Errors: NightRefused, when another run holds the folder, or when it holds something that is not
    a night's result and would be lost.
    """

    def __init__(self, *, out: Path) -> None:
        self.out = out.absolute()
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
        except OSError as failure:
            raise NightRefused(
                zh=f"无法在 {self._beside} 写入结果：{failure.strerror}；请另选位置或修正权限。",
                en=f"The result cannot be written in {self._beside}: {failure.strerror}; choose "
                "another place or mend its permissions.",
            ) from failure
        if self.out.exists() and not self._is_result():
            self._let_go()
            raise NightRefused(
                zh=f"输出位置 {self.out} 已存在，且不是一次日终运行的结果；"
                "请另选文件夹，以免覆盖其中内容。",
                en=f"{self.out} exists and is not the result of a night; choose another folder, "
                "so that nothing in it is lost.",
            )
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        shutil.rmtree(self.scratch, ignore_errors=True)
        self._let_go()

    @property
    def left_by_a_dead_run(self) -> tuple[Path, Path]:
        """What a run that ends without leaving the context leaves: its scratch folder, its lock."""
        return self.scratch, self._lock_path

    def put_into_place(self) -> None:
        """Make the scratch folder the result; the previous result is removed afterwards."""
        _flush_folder(self.scratch)
        shutil.rmtree(self._previous, ignore_errors=True)
        if self.out.exists():
            self.out.rename(self._previous)
        self.scratch.rename(self.out)
        _flush_folder(self._beside)
        shutil.rmtree(self._previous, ignore_errors=True)

    def _repair(self) -> None:
        """Bring back the previous result if a run died between the two renames."""
        if self._previous.exists() and not self.out.exists():
            self._previous.rename(self.out)
        shutil.rmtree(self._previous, ignore_errors=True)

    def _is_result(self) -> bool:
        return self.out.is_dir() and ((self.out / MARK).exists() or not any(self.out.iterdir()))

    def _take_lock(self) -> None:
        self._lock = os.open(self._lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as failure:
            holder = os.read(self._lock, 32).decode(errors="replace").strip() or "?"
            os.close(self._lock)
            if failure.errno not in (errno.EAGAIN, errno.EACCES):
                raise
            raise NightRefused(
                zh=f"进程 {holder} 正在写入同一输出位置 {self.out}；请等待其结束。",
                en=f"Process {holder} is writing to the same place {self.out}; wait until it ends.",
            ) from failure
        os.truncate(self._lock, 0)
        os.write(self._lock, str(os.getpid()).encode())

    def _let_go(self) -> None:
        self._lock_path.unlink(missing_ok=True)
        os.close(self._lock)


def _flush_folder(folder: Path) -> None:
    """Ask the disk to keep the names in a folder; file systems that cannot are left as they are."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError:
        return
    finally:
        os.close(handle)
