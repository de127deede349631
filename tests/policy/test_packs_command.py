"""``recoup packs``: what it prints, and with which exit status."""

import json
from pathlib import Path

import pytest
from tests.policy.small_pack import CASES, with_change, write_pack

from recoup.site.cli import main

ROOT = Path(__file__).resolve().parents[2]
YEARS = "\n".join(
    f"  {year}: {{source: ACT, checked_on: 2026-06-01, confidence: high, off: [], "
    "working_weekends: []}"
    for year in (2023, 2024, 2025, 2026, 2027)
)
WHOLE_CALENDAR = {"calendars/days.yaml": f"weekend: [saturday, sunday]\nyears:\n{YEARS}\n"}


def packs(*arguments: str | Path) -> int:
    return main(["packs", *map(str, arguments)])


def test_clean_pack_exits_zero_with_a_summary(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_pack(tmp_path, WHOLE_CALENDAR)

    status = packs("check", "aa", "--packs", tmp_path, "--on", "2026-06-01")

    said = capsys.readouterr().out
    assert status == 0
    assert "aa 1  小国 Smalland  2026-06-01" in said
    assert "规则 rules: 2\n" in said
    assert "案例 cases: 1 passed, 0 failed\n" in said
    assert "可信度低 low confidence: 1 (AA-2)\n" in said
    assert "只展示不适用 shown, never applied: 1 (AA-2)\n" in said
    assert "问题 findings: 0 errors, 0 warnings\n" in said


def test_warnings_alone_exit_zero(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_pack(tmp_path, WHOLE_CALENDAR)

    status = packs("check", "aa", "--packs", tmp_path, "--on", "2026-10-01")

    said = capsys.readouterr().out
    assert status == 0
    assert "warning recheck_due aa/parameters/classes.yaml:16 rules[AA-1].versions[2]" in said


def test_stale_pack_exits_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_pack(tmp_path, WHOLE_CALENDAR)

    status = packs("check", "aa", "--packs", tmp_path, "--on", "2026-12-31")

    assert status == 1
    assert "error stale aa/parameters/classes.yaml:16" in capsys.readouterr().out


def test_failed_case_exits_one_with_place_and_both_languages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    failing = CASES.replace("{holds: true}", "{holds: false}")
    write_pack(tmp_path, {**WHOLE_CALENDAR, "cases/classes.yaml": failing})

    status = packs("check", "--packs", tmp_path, "--on", "2026-06-01")

    said = capsys.readouterr().out
    assert status == 1
    assert "error case_failed aa/cases/classes.yaml:2 cases[AA-1/91]" in said
    assert "案例“AA-1/91”不符：holds 应为 false，实为 true。" in said
    assert "Case 'AA-1/91' fails: holds should be false and is true." in said


def test_refused_pack_exits_three_and_tells_everything(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = with_change("parameters/classes.yaml", "source: ACT", "source: HEARSAY")
    write_pack(tmp_path, {**changed, "parameters/odd.yml": "x"})

    status = packs("check", "aa", "--packs", tmp_path, "--on", "2026-06-01")

    said = capsys.readouterr().err
    assert status == 3
    assert "The pack 'aa' is refused: 2 findings." in said
    assert "error source_undeclared aa/parameters/classes.yaml:10" in said
    assert "error unknown_file aa/parameters/odd.yml:1" in said


def test_check_of_a_day_before_the_last_check_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_pack(tmp_path, WHOLE_CALENDAR)

    status = packs("check", "aa", "--packs", tmp_path, "--on", "2026-05-31")

    assert status == 3
    assert "checked_in_future" in capsys.readouterr().err


@pytest.mark.parametrize("action", [["check", "xx"], ["show", "xx", "AA-1"]])
def test_pack_that_is_not_there_is_a_wrong_call(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], action: list[str]
) -> None:
    write_pack(tmp_path)

    status = packs(*action, "--packs", tmp_path)

    said = capsys.readouterr().err
    assert status == 2
    assert f"There is no pack 'xx' in '{tmp_path}'; there are: aa." in said
    assert "没有法规包“xx”" in said


def test_folder_of_packs_that_is_not_there_is_a_wrong_call(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = packs("check", "--packs", tmp_path / "none")

    assert status == 2
    assert "No folder with packs was found" in capsys.readouterr().err


def test_day_that_is_none_is_a_wrong_call(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as stopped:
        packs("check", "--packs", tmp_path, "--on", "2026-02-30")

    assert stopped.value.code == 2


def test_rule_is_shown_with_value_source_check_confidence_and_history(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_pack(tmp_path)

    status = packs("show", "aa", "AA-1", "--on", "2026-01-01", "--packs", tmp_path)

    said = capsys.readouterr().out
    assert status == 0
    for line in (
        "AA-1  逾期 / overdue",
        "dpd_over: > 90 日  [days]",
        "rate: <= 0.0175 %（日）  [percent_per_day]",
        "出处 source: 《法案》（1） [L1]",
        "条款 article: s. 2 (低 low)",
        "有效 in force: [2010-01-01, 2030-01-01)",
        "核对 checked on: 2026-06-01",
        "可信度 confidence: 中 medium",
        "* [2010-01-01, 2030-01-01)  超过90天",
        "  [2000-01-01, 2010-01-01)  超过60天",
    ):
        assert line in said


def test_rule_never_applied_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_pack(tmp_path)

    packs("show", "aa", "AA-2", "--on", "2026-01-01", "--packs", tmp_path)

    said = capsys.readouterr().out
    assert "只展示，不适用 shown, never applied: 未见原文" in said
    assert "text not seen" in said


def test_rule_not_in_force_that_day_exits_one_with_the_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_pack(tmp_path)

    status = packs("show", "aa", "AA-1", "--on", "1999-01-01", "--packs", tmp_path)

    said = capsys.readouterr().out
    assert status == 1
    assert "Rule 'AA-1' is not yet in force on 1999-01-01" in said
    assert "[2000-01-01, 2010-01-01)" in said


def test_unknown_rule_is_a_wrong_call_that_names_its_neighbours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_pack(tmp_path)

    status = packs("show", "aa", "AA-7", "--packs", tmp_path)

    assert status == 2
    assert "The pack 'aa' has no rule 'AA-7'; near to it: AA-1, AA-2." in capsys.readouterr().err


def test_json_holds_what_the_text_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_pack(tmp_path)

    status = packs("show", "aa", "AA-1", "--on", "2026-01-01", "--json", "--packs", tmp_path)

    said = json.loads(capsys.readouterr().out)
    assert status == 0
    assert said["in_force"]["values"]["dpd_over"] == {
        "value": 90,
        "unit": "days",
        "comparator": ">",
        "fact": "dpd",
    }
    assert said["in_force"]["sources"][0]["id"] == "ACT"
    assert said["in_force"]["article_confidence"] == "low"
    assert [version["from"] for version in said["versions"]] == ["2000-01-01", "2010-01-01"]


def test_json_of_a_rule_not_in_force_is_still_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_pack(tmp_path)

    status = packs("show", "aa", "AA-1", "--on", "1999-01-01", "--json", "--packs", tmp_path)

    said = json.loads(capsys.readouterr().out)
    assert status == 1
    assert said["in_force"] is None
    assert said["sentence_en"].startswith("Rule 'AA-1' is not yet in force")


def test_pages_are_written_and_then_found_current_until_the_pack_changes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_pack(tmp_path / "packs")
    out = tmp_path / "rules"
    call = ("pages", "--out", out, "--packs", tmp_path / "packs")

    before = packs(*call, "--check")
    written = packs(*call)
    current = packs(*call, "--check")
    write_pack(tmp_path / "packs", with_change("parameters/classes.yaml", "超过90天", "超过九十天"))
    changed = packs(*call, "--check")

    assert (before, written, current, changed) == (1, 0, 0, 1)
    assert sorted(file.name for file in out.iterdir()) == ["README.md", "aa.en.md", "aa.zh.md"]
    assert "aa.zh.md: 不是最新的" in capsys.readouterr().out


def test_page_that_no_pack_yields_is_found(tmp_path: Path) -> None:
    write_pack(tmp_path / "packs")
    out = tmp_path / "rules"
    packs("pages", "--out", out, "--packs", tmp_path / "packs")
    (out / "xx.en.md").write_text("old", encoding="utf-8")

    status = packs("pages", "--out", out, "--packs", tmp_path / "packs", "--check")

    assert status == 1


def test_page_shows_each_rule_with_history_marks_source_rows_and_calendar(tmp_path: Path) -> None:
    write_pack(tmp_path / "packs")
    packs("pages", "--out", tmp_path / "rules", "--packs", tmp_path / "packs")

    zh = (tmp_path / "rules" / "aa.zh.md").read_text(encoding="utf-8")
    en = (tmp_path / "rules" / "aa.en.md").read_text(encoding="utf-8")

    for line in (
        "| [AA-1](#aa-1) | overdue | from 2000-01-01 until 2030-01-01 (that day excluded); "
        "2 versions | ended |",
        "| [AA-2](#aa-2) | statement | from 2000-01-01 | low confidence, never applied |",
        "**from 2010-01-01 until 2030-01-01 (that day excluded)**: more than 90 days",
        "| `dpd_over` | > 90 days |",
        "- Source: [Act (1)](#act), s. 2",
        "- checked on 2026-06-01; confidence: medium",
        "- confidence in the article: low",
        "- **Shown, never applied**: text not seen",
        "| [AA-1](#aa-1) | days |  | `dpd` `> {dpd_over}` | `substandard` |  |",
        "| 2026 | 01-01 New Year<br>05-01..05-04 May | 05-09 |",
    ):
        assert line in en
    assert "**自 2010-01-01 起，至 2030-01-01 止（不含当日）**: 超过90天" in zh
    assert "| `dpd_over` | > 90 日 |" in zh
    assert en.index("more than 90 days") < en.index("more than 60 days")


@pytest.mark.parametrize("pack", ["cn", "us", "zz"])
def test_shipped_packs_are_clean(pack: str, capsys: pytest.CaptureFixture[str]) -> None:
    status = packs("check", pack, "--on", "2026-11-27", "--packs", ROOT / "packs")

    assert (status, capsys.readouterr().err) == (0, "")


def test_committed_rule_pages_are_current(capsys: pytest.CaptureFixture[str]) -> None:
    status = packs("pages", "--out", ROOT / "docs" / "rules", "--check", "--packs", ROOT / "packs")

    assert (status, capsys.readouterr().out) == (0, "")
