"""Equal inputs are not run twice; what has changed is said; missed dates come in order."""

import json
import shutil
from copy import deepcopy
from pathlib import Path

import pytest
from tests.book.books import a_book, write_csv
from tests.engine.stories import AS_OF

from recoup.policy.locate import strategies_folder
from recoup.site.cli import main

RESULTS = ("decisions.parquet", "people.parquet", "worklist.parquet", "rejects.parquet")


def _night(book: Path, out: Path, *options: str) -> int:
    return main(
        [
            *("night", "--book", str(book), "--as-of", AS_OF.isoformat(), "--out", str(out)),
            *("--progress", "none", *options),
        ]
    )


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A clean book with every table."""
    return write_csv(a_book(), tmp_path / "book")


@pytest.fixture
def out(book: Path, tmp_path: Path) -> Path:
    """The night on it."""
    assert _night(book, tmp_path / "out") == 0
    return tmp_path / "out"


def test_the_same_night_twice_does_nothing_and_says_so(
    book: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = (out / "manifest.json").stat().st_mtime_ns
    capsys.readouterr()

    status = _night(book, out)

    said = capsys.readouterr().out
    assert status == 0
    assert (out / "manifest.json").stat().st_mtime_ns == made
    assert "Nothing has changed since this result was made" in said
    assert "输入没有变化" in said
    assert "4 contracts, 3 debtors" in said


def test_asked_for_again_it_runs_and_gives_the_same_bytes(book: Path, out: Path) -> None:
    before = [(out / name).read_bytes() for name in RESULTS]
    made = (out / "manifest.json").stat().st_ino

    assert _night(book, out, "--again") == 0

    assert (out / "manifest.json").stat().st_ino != made
    assert [(out / name).read_bytes() for name in RESULTS] == before


def test_changed_tables_are_named_with_the_rows_that_came_went_and_differ(
    book: Path, out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = deepcopy(a_book())
    changed["payments"].append({**changed["payments"][0], "payment_id": "P77"})
    del changed["contacts"][1]
    changed["promises"][0]["amount"] = "101"
    changed["rates"][0]["to_base"] = "0.04820"  # written otherwise, the same value
    write_csv(changed, book)
    write_csv(changed, tmp_path / "beside")
    capsys.readouterr()

    status = _night(book, out)

    said = capsys.readouterr().out
    assert status == 0
    assert "payments: 1 rows added, 0 removed, 0 changed" in said
    assert "contacts: 0 rows added, 1 removed, 0 changed" in said
    assert "promises: 0 rows added, 0 removed, 1 changed" in said
    assert "还款流水（payments）：新增 1 行，删除 0 行，更改 0 行" in said
    assert "rates: 文件不同，所读各行相同 / another file, equal rows" in said
    assert "holds" not in said
    assert _night(tmp_path / "beside", tmp_path / "fresh") == 0
    for name in RESULTS:
        assert (out / name).read_bytes() == (tmp_path / "fresh" / name).read_bytes()


def test_a_changed_strategy_is_named_by_its_file(
    book: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "own" / "example"
    shutil.copytree(strategies_folder() / "example", own)
    options = ("--strategies", str(own.parent))
    assert _night(book, tmp_path / "out", *options, "--dry-run") == 0
    text = (own / "capacity.yaml").read_text()
    (own / "capacity.yaml").write_text(f"{text}\n# another thought\n")
    capsys.readouterr()

    _night(book, tmp_path / "out", *options, "--dry-run")

    said = capsys.readouterr().out
    assert "规则文件不同 / rules differ: strategy/capacity.yaml" in said
    assert "payments" not in said


def test_a_stricter_limit_is_a_change(
    book: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()

    assert _night(book, out, "--max-bad", "0.5%") == 0

    assert "max_bad_ppm 10000 → 5000" in capsys.readouterr().out


def test_a_result_that_was_altered_is_made_anew(
    book: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = (out / "people.parquet").read_bytes()
    (out / "people.parquet").write_bytes(whole[:-9])
    capsys.readouterr()

    assert _night(book, out) == 0

    assert "the result had been altered: people.parquet" in capsys.readouterr().out
    assert (out / "people.parquet").read_bytes() == whole


def _catch_up(folder: Path, first: str, last: str, *options: str) -> int:
    return main(
        [
            *("catch-up", "--from", first, "--to", last, "--progress", "none"),
            *("--book", f"{folder}/in/{{as_of}}", "--out", f"{folder}/out/{{as_of}}", *options),
        ]
    )


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """Books of three days."""
    for day in (18, 19, 20):
        write_csv(a_book(), tmp_path / "in" / f"2026-11-{day}")
    return tmp_path


def test_missed_dates_are_caught_up_in_order_and_done_ones_run_again_only_if_changed(
    house: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _catch_up(house, "2026-11-19", "2026-11-19") == 0
    made = (house / "out" / "2026-11-19" / "manifest.json").stat().st_ino
    capsys.readouterr()

    status = _catch_up(house, "2026-11-18", "2026-11-20")

    said = capsys.readouterr().out
    assert status == 0
    assert [line for line in said.splitlines() if line.startswith("==")] == [
        *("== 2026-11-18", "== 2026-11-19", "== 2026-11-20")
    ]
    assert said.count("Nothing has changed") == 1
    assert (house / "out" / "2026-11-19" / "manifest.json").stat().st_ino == made
    for day in (18, 20):
        manifest = json.loads((house / "out" / f"2026-11-{day}" / "manifest.json").read_text())
        assert manifest["as_of"] == f"2026-11-{day}"

    changed = a_book()
    changed["payments"].append({**changed["payments"][0], "payment_id": "P77"})
    write_csv(changed, house / "in" / "2026-11-19")
    status = _catch_up(house, "2026-11-18", "2026-11-20")

    said = capsys.readouterr().out
    assert status == 0
    assert said.count("Nothing has changed") == 2
    assert "payments: 1 rows added, 0 removed, 0 changed" in said


def test_catching_up_stops_at_the_first_date_that_cannot_be_run(
    house: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (house / "in" / "2026-11-19" / "payments.csv").unlink()

    status = _catch_up(house, "2026-11-18", "2026-11-20")

    assert status == 3
    assert "It stopped at 2026-11-19" in capsys.readouterr().err
    assert (house / "out" / "2026-11-18").is_dir()
    assert not (house / "out" / "2026-11-20").exists()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (["--book", "in", "--out", "out/{as_of}"], "--book needs {as_of}"),
        (["--out", "out/{as_of}"], "--book needs {as_of}"),
        (["--go-on", "--pack", "zz"], "--pack, --go-on go with --book and --out only"),
        (["--book", "in/{as_of}", "--out", "out/{as_of}", "--to", "2026-11-01"], "must not lie"),
    ],
)
def test_a_wrong_call_is_told(
    call: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["catch-up", "--from", "2026-11-18", "--to", "2026-11-20", *call]) == 2

    assert said in capsys.readouterr().err


def test_only_working_days_are_caught_up_where_that_is_asked_for(
    house: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_csv(a_book(), house / "in" / "2026-11-21")

    assert _catch_up(house, "2026-11-20", "2026-11-22", "--working-days") == 0

    assert "2026-11-21" not in capsys.readouterr().out
