"""A result is put into place whole, or not at all."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from recoup.engine.placing import MARK, ResultFolder
from recoup.engine.refusal import NightRefused


def _result(folder: Path, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).write_text(text)


def test_a_finished_run_replaces_the_old_result(tmp_path: Path) -> None:
    out = tmp_path / "out"
    _result(out, "old")

    with ResultFolder(out=out) as place:
        _result(place.scratch, "new")
        place.put_into_place()

    assert (out / MARK).read_text() == "new"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


def test_a_failed_run_keeps_the_old_result(tmp_path: Path) -> None:
    out = tmp_path / "out"
    _result(out, "old")

    def fail_halfway() -> None:
        with ResultFolder(out=out) as place:
            _result(place.scratch, "half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()

    assert (out / MARK).read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


def test_a_folder_that_is_no_result_is_never_overwritten(tmp_path: Path) -> None:
    out = tmp_path / "letters"
    out.mkdir()
    (out / "letter.txt").write_text("dear")

    with pytest.raises(NightRefused, match="not the result of a night"), ResultFolder(out=out):
        pass

    assert (out / "letter.txt").read_text() == "dear"


def test_a_crash_between_the_two_renames_is_repaired_at_the_next_start(tmp_path: Path) -> None:
    _result(tmp_path / ".out.previous", "old")

    with ResultFolder(out=tmp_path / "out"):
        pass

    assert (tmp_path / "out" / MARK).read_text() == "old"


def test_a_second_run_for_the_same_place_is_told_which_process_holds_it(tmp_path: Path) -> None:
    out = tmp_path / "out"

    with ResultFolder(out=out), pytest.raises(NightRefused) as refusal:
        ResultFolder(out=out).__enter__()

    assert str(os.getpid()) in refusal.value.en
    assert str(os.getpid()) in refusal.value.zh


def test_a_killed_run_leaves_the_old_result_and_the_next_one_may_start(tmp_path: Path) -> None:
    out = tmp_path / "out"
    _result(out, "old")
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time; from pathlib import Path; from recoup.engine.placing import *\n"
            "with ResultFolder(out=Path(sys.argv[1])) as place:\n"
            "    (place.scratch / 'half').write_text('x'); print('ready', flush=True)\n"
            "    time.sleep(60)",
            str(out),
        ],
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"ready\n"
    holder.send_signal(signal.SIGKILL)
    holder.wait()

    with ResultFolder(out=out) as place:
        assert list(place.scratch.iterdir()) == []

    assert (out / MARK).read_text() == "old"


def test_a_place_that_cannot_be_written_is_told_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")

    with (
        pytest.raises(NightRefused, match="cannot be written"),
        ResultFolder(out=tmp_path / "file" / "out"),
    ):
        pass
