"""How far a night is, for who looks on: a bar, JSON lines, Prometheus' text file, spans."""

import io
import json
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.book.books import a_book, write_csv
from tests.engine.stories import AS_OF

from recoup.engine.steps import StepEnded
from recoup.site import night_progress
from recoup.site.cli import main
from recoup.site.night_metrics import MetricsFile
from recoup.site.night_progress import Bar, Lines, Silence, progress_of

STEPS = {"take_in", "trace", "flow", "write", "rank", "report"}
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def _progress(stream: io.StringIO, how: str = "auto") -> object:
    return progress_of(how=how, stream=stream, now=lambda: NOON, run="r")


def test_a_terminal_gets_a_bar_and_anything_else_lines() -> None:
    assert isinstance(_progress(Terminal()), Bar)
    assert isinstance(_progress(io.StringIO()), Lines)
    assert isinstance(_progress(Terminal(), "json"), Lines)
    assert isinstance(_progress(io.StringIO(), "bar"), Bar)
    assert isinstance(_progress(Terminal(), "none"), Silence)


def test_the_bar_grows_stays_within_the_line_and_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(night_progress, "get_terminal_size", lambda: type("S", (), {"columns": 60}))
    screen, times = Terminal(), iter([NOON, NOON + timedelta(seconds=75)])
    bar = Bar(stream=screen, now=lambda: next(times))

    bar.mark("take_in", 1, 11)
    bar.say("读取并检查账册：debtors", "Reading and checking the book: debtors")
    bar.mark("decide", 6, 11)
    bar.say("正在判定第 6/11 批", "Deciding block 6 of 11")
    drawn = [part.removeprefix("\x1b[2K") for part in screen.getvalue().split("\r")[1:]]
    bar.close(status=0)

    assert drawn[0].startswith("░" * 24 + "   0% 0:00")
    assert drawn[1].startswith("█" * 14 + "░" * 10 + "  62% 1:15  正在判定第 6/11 批 /")
    assert all(sum(2 if ord(one) > 0x2E7F else 1 for one in line) < 60 for line in drawn)
    assert screen.getvalue().endswith("\r\x1b[2K\r")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A night that wrote metrics and spans, with its log and its result beside."""
    folder = tmp_path_factory.mktemp("told")
    book = write_csv(a_book(), folder / "book")
    call = ["night", "--book", str(book), "--as-of", str(AS_OF), "--out", str(folder / "out")]
    with pytest.MonkeyPatch.context() as patch:
        stream = io.StringIO()
        patch.setattr("sys.stderr", stream)
        spans = ("--spans", str(folder / "spans.jsonl"))
        assert main([*call, "--metrics", str(folder / "recoup.prom"), *spans]) == 0
        (folder / "log").write_text(stream.getvalue(), encoding="utf-8")
    return folder


def _lines(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_each_step_has_its_lines_and_the_last_one_tells_the_outcome(told: Path) -> None:
    log = _lines(told / "log")

    begun = [line["step"] for line in log if line["event"] == "begins"]
    ended = [line for line in log if line["event"] == "ended"]
    assert list(dict.fromkeys(begun)) == ["take_in", "decide", "rank", "report"]
    assert [line["step"] for line in ended] == ["take_in", "rank", "report"]
    assert all(line["seconds"] >= 0 and line["rows"] > 0 for line in ended)  # type: ignore[operator]
    assert {line["run"] for line in log} == {log[0]["run"]}
    assert all(datetime.fromisoformat(str(line["at"])).tzinfo for line in log)
    assert all(line["zh"] and line["en"] for line in log if line["event"] == "begins")
    assert (log[-1]["event"], log[-1]["status"], log[-1]["contracts"]) == ("night", 0, 4)


def test_the_manifest_keeps_seconds_and_rows_of_every_step_outside_what_is_hashed(
    told: Path,
) -> None:
    manifest = json.loads((told / "out" / "manifest.json").read_text())

    assert set(manifest["rows"]) == set(manifest["seconds"]) == STEPS
    read = sum(table["read"] for table in manifest["tables"].values())
    assert manifest["rows"]["take_in"] == read
    assert manifest["rows"]["flow"] == manifest["rows"]["trace"] == 4
    assert not any("seconds" in name or "rows" in name for name in manifest["results"])


def test_prometheus_reads_the_metrics(told: Path) -> None:
    text = (told / "recoup.prom").read_text()
    found = {
        (sample.name, sample.labels.get("step")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }

    assert found["recoup_night_exit_status", None] == 0
    assert found["recoup_night_contracts", None] == 4
    assert found["recoup_night_peak_memory_bytes", None] > 1 << 26
    day = datetime.fromtimestamp(found["recoup_night_business_date_timestamp_seconds", None], UTC)
    assert day.date() == AS_OF
    assert {step for name, step in found if name == "recoup_night_step_seconds"} == STEPS
    assert found["recoup_night_step_rows", "flow"] == 4


def test_a_refused_night_writes_its_metrics_too(tmp_path: Path) -> None:
    call = ["night", "--book", str(tmp_path / "none"), "--as-of", str(AS_OF), "--quiet"]

    status = main([*call, "--out", str(tmp_path / "out"), "--metrics", str(tmp_path / "m.prom")])

    assert status == 3
    assert "recoup_night_exit_status 3.0" in (tmp_path / "m.prom").read_text()


def test_metrics_that_cannot_be_written_are_told_and_harm_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "folder").mkdir()
    metrics = MetricsFile(path=tmp_path / "folder", as_of=date(2026, 11, 20), now=lambda: NOON)

    metrics.close(status=0)

    assert "cannot be written" in capsys.readouterr().err
    call = ["night", "--book", "b", "--as-of", str(AS_OF), "--out", str(tmp_path / "out")]
    assert main([*call, "--metrics", str(tmp_path / "nowhere" / "m.prom")]) == 2


def test_the_night_and_its_steps_are_spans_of_one_trace(told: Path) -> None:
    spans = _lines(told / "spans.jsonl")
    by_name = {str(span["name"]): span for span in spans}

    assert set(by_name) == {"night", *STEPS}
    night = by_name["night"]
    assert night["attributes"]["status"] == 0  # type: ignore[index]
    ids = {span["context"]["trace_id"] for span in spans}  # type: ignore[index]
    assert len(ids) == 1
    for name in STEPS:
        step = by_name[name]
        assert step["parent_id"] == night["context"]["span_id"]  # type: ignore[index]
        assert night["start_time"] <= step["start_time"] <= step["end_time"] <= night["end_time"]  # type: ignore[operator]
    assert by_name["flow"]["attributes"] == {"rows": 4, "block": 1, "blocks": 1}


def test_spans_without_the_extra_are_a_wrong_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    monkeypatch.delitem(sys.modules, "recoup.site.night_spans", raising=False)
    call = ["night", "--book", "b", "--as-of", str(AS_OF), "--out", str(tmp_path / "out")]

    assert main([*call, "--spans", str(tmp_path / "spans")]) == 2

    assert "install recoup[telemetry]" in capsys.readouterr().err


def test_the_blocks_of_a_step_are_added_up_in_the_last_line() -> None:
    stream = io.StringIO()
    lines = Lines(stream=stream, now=lambda: NOON, run="r")
    for block in (1, 2):
        lines.ended(
            StepEnded(step="flow", block=block, blocks=2, rows=5, began_ns=0, ended_ns=500_000_000)
        )

    lines.close(status=1)

    [line] = [json.loads(one) for one in stream.getvalue().splitlines()]
    assert (line["seconds"], line["rows"]) == ({"flow": 1.0}, {"flow": 10})
