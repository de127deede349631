"""A night is killed, told to stop, starved of memory and disk at any moment; the next run mends it.

By default a few moments; ``RECOUP_UNBROKEN_MOMENTS`` asks for more (``make unbroken``), and
``RECOUP_UNBROKEN_SEED`` for others. Each time the old result or the new one must be there, whole,
and the run after it must give the bytes of an undisturbed night.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.unbroken.nights import (
    AS_OF,
    DONE_WITH_REJECTS,
    REFUSED,
    THE_DAY_BEFORE,
    Moment,
    Nights,
    beside,
    contents,
    sends,
)

from recoup.demo.bank import build_bank
from recoup.site.cli import main

MOMENTS = int(os.environ.get("RECOUP_UNBROKEN_MOMENTS", "4"))
SEED = int(os.environ.get("RECOUP_UNBROKEN_SEED", "1"))
#: Of the other disturbances so many, one at least.
FEWER = max(1, MOMENTS // 5)
#: From so many moments on every step must have been hit.
ALL_STEPS = 50
LOANS = 300
PAGE = 4_096

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("unbroken_nights")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small bank with rows spoilt on purpose, and two undisturbed results over its book."""
    folder = tmp_path_factory.mktemp("nights")
    build_bank(folder=folder / "bank", seed=11, loans=LOANS, as_of=AS_OF)
    return folder


@pytest.fixture(scope="module")
def nights(folder: Path) -> Nights:
    """Nights over the bank's book, measured once; ``new`` lies in the folder then."""
    nights = Nights(book=folder / "bank" / "book")
    assert nights.measure(folder / "new").status == DONE_WITH_REJECTS
    return nights


@pytest.fixture(scope="module")
def new(folder: Path, nights: Nights) -> dict[str, str]:
    """What an undisturbed night gives."""
    return contents(folder / "new")


@pytest.fixture(scope="module")
def old(folder: Path, nights: Nights) -> Path:
    """The result of the day before."""
    out = folder / "old"
    assert nights.run(out, as_of=THE_DAY_BEFORE).status == DONE_WITH_REJECTS
    return out


def _place(old: Path, tmp_path: Path, name: str = "out") -> Path:
    """A place where the result of the day before lies."""
    out = tmp_path / "place" / name
    shutil.copytree(old, out)
    return out


def _is_whole(out: Path, old: Path, new: dict[str, str]) -> bool:
    """Whether a result is the old one or the new one; between two renames it lies beside."""
    if not out.exists():
        out = out.parent / f".{out.name}.previous"
    return contents(out) in (contents(old), new)


def _mended(nights: Nights, out: Path, new: dict[str, str]) -> bool:
    """Run again; tell whether the result is that of an undisturbed night, and nothing else left."""
    status = nights.run(out).status
    return status == DONE_WITH_REJECTS and contents(out) == new and beside(out) == {out.name}


def test_a_night_killed_at_any_moment_is_whole_and_the_next_run_gives_the_same_bytes(
    nights: Nights, old: Path, new: dict[str, str], tmp_path: Path
) -> None:
    out = _place(old, tmp_path)
    steps = []
    for number, moment in enumerate(nights.moments(MOMENTS, seed=SEED)):
        night = nights.disturb(out, at=moment, how=sends(signal.SIGKILL))

        if night.status == -signal.SIGKILL:
            steps.append(night.step)
        assert night.status in (-signal.SIGKILL, DONE_WITH_REJECTS), night.said
        assert _is_whole(out, old, new), moment
        if number % 4 == 3 or number == MOMENTS - 1:
            assert _mended(nights, out, new), moment
            shutil.rmtree(out)
            shutil.copytree(old, out)

    assert len(steps) > MOMENTS // 2, "most moments lie before the end of the night"
    if MOMENTS >= ALL_STEPS:
        assert set(steps) == {"", "take_in", "decide", "rank", "report"}


def test_a_night_told_to_stop_says_so_and_leaves_nothing(
    nights: Nights, old: Path, new: dict[str, str], tmp_path: Path
) -> None:
    out = _place(old, tmp_path)
    for moment in nights.moments(FEWER, seed=SEED + 1):
        night = nights.disturb(
            out, at=Moment(max(1, moment.lines), moment.share), how=sends(signal.SIGTERM)
        )

        assert _is_whole(out, old, new)
        assert beside(out) == {out.name}
        if night.status == REFUSED:
            assert "SIGTERM" in night.said[-1]
            assert len(night.said) == 2
            assert night.log[-1]["status"] == REFUSED
        else:
            assert night.status in (DONE_WITH_REJECTS, -signal.SIGTERM), night.said
    if MOMENTS >= ALL_STEPS:
        assert _mended(nights, out, new)


def test_of_two_nights_for_one_place_the_second_is_refused_and_told_which_runs(
    nights: Nights,
    old: Path,
    new: dict[str, str],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    out = _place(old, tmp_path)
    call = ["night", "--book", str(nights.book), "--as-of", AS_OF.isoformat(), "--out", str(out)]
    told = []

    def start_another(night: "subprocess.Popen[str]") -> None:
        os.waitid(os.P_PID, night.pid, os.WSTOPPED | os.WNOWAIT)
        told.append((main([*call, "--quiet"]), night.pid))
        night.send_signal(signal.SIGCONT)

    night = nights.disturb(out, at=Moment(1, 0), how=start_another, before=_STOPPED_AT_FIRST_TABLE)

    said = capfd.readouterr().err
    [(status, pid)] = told
    assert status == REFUSED
    assert f"Process {pid} is writing to the same place" in said
    assert f"business date {AS_OF}, since 20" in said
    assert f"营业日期 {AS_OF}" in said
    assert night.status == DONE_WITH_REJECTS
    assert contents(out) == new


#: The night halts itself when it has told the first table, until it is told to go on.
_STOPPED_AT_FIRST_TABLE = """
import os, signal
from recoup.site.night_progress import Lines
told, halted = Lines.say, []
def say(self, zh, en):
    told(self, zh, en)
    if not halted:
        halted.append(True)
        os.kill(os.getpid(), signal.SIGSTOP)
Lines.say = say
"""


def test_a_night_that_runs_out_of_memory_leaves_the_old_result(
    nights: Nights, old: Path, new: dict[str, str], tmp_path: Path
) -> None:
    out = _place(old, tmp_path)
    for number in range(FEWER):
        share = (number + 1) / (FEWER + 1)
        careless = "from recoup.engine import memory\nmemory.LEAST_MIB = 0"
        limit = f"{int(220 + 160 * share)}MiB"
        night = nights.run(out, before=careless, options=("--memory", limit))
        assert night.status in (REFUSED, DONE_WITH_REJECTS), night.said
        assert night.status != REFUSED or "memory limit" in night.said[-1]
        assert _is_whole(out, old, new)

        bytes_ = int((1 + share) * (1 << 30))
        before = f"import resource\nresource.setrlimit(resource.RLIMIT_AS, ({bytes_},) * 2)"
        night = nights.run(out, before=before)
        # A library may end the process on its own account; it must not look like success.
        assert night.status in (REFUSED, DONE_WITH_REJECTS) or night.status < 0, night.said
        assert _is_whole(out, old, new)
        assert night.status != DONE_WITH_REJECTS or contents(out) == new
    assert _mended(nights, out, new)


@contextmanager
def _small_disk(at: Path, *, kib: int) -> Iterator[Path]:
    """A disk in memory of so many KiB."""
    at.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", str(at)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk needs root")
    try:
        yield at
    finally:
        subprocess.run(["umount", str(at)], check=True)


def test_a_full_disk_stops_the_night_with_a_sentence_and_leaves_the_old_result(
    nights: Nights, old: Path, new: dict[str, str], tmp_path: Path
) -> None:
    taken = sum(path.stat().st_size // PAGE + 1 for path in old.rglob("*")) * PAGE // 1_024
    for number in range(FEWER):
        # Room for the old result and a share of a new one.
        kib = int(taken * (1.02 + 0.9 * (number + 0.5) / FEWER))
        with _small_disk(tmp_path / f"disk{number}", kib=kib) as disk:
            out = disk / "out"
            shutil.copytree(old, out)

            night = nights.run(out)

            assert night.status == REFUSED, night.said
            assert len(night.said) == 2, night.said
            assert "No space left" in night.said[-1] or "disk is full" in night.said[-1]
            assert contents(out) == contents(old)
            assert beside(out) == {"out"}
            remount = ["mount", "-o", "remount,size=500m", str(disk)]
            subprocess.run(remount, check=True)
            assert _mended(nights, out, new)
