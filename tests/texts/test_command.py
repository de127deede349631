"""``recoup text check`` and the texts in ``recoup packs check``."""

import shutil
from pathlib import Path

import pytest

from recoup.site.cli import main

ROOT = Path(__file__).resolve().parents[2]


def check(*arguments: str | Path) -> int:
    return main(["text", "check", *map(str, arguments)])


def test_a_kind_text_with_the_ledgers_figure_exits_zero(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "text.txt"
    file.write_text("您好，您本期应还620.00元，谢谢。\n", encoding="utf-8")

    status = check(file, "--figure", "620.00")

    assert status == 0
    assert "Nothing found" in capsys.readouterr().out


def test_findings_exit_one_with_line_column_phrase_and_a_better_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "text.txt"
    file.write_text("您好，\n不然坐 牢，欠620.00元。\n", encoding="utf-8")

    status = check(file)

    said = capsys.readouterr().out
    assert status == 1
    assert f"{file}:2:3 false_legal_claim CN-TXT-CRIME “坐 牢”\n" in said
    assert f"{file}:2:8 wrong_amount AMOUNT “620.00元”\n" in said
    assert "建议：" in said
    assert "Better: " in said
    assert "CN-CON-14" in said


def test_the_banks_own_rules_come_on_top(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "text.txt"
    file.write_text("We demand that you answer our letter.", encoding="utf-8")

    status = check(file, "--language", "en")

    assert status == 1
    assert "EX-TXT-TONE" in capsys.readouterr().out


def test_a_pack_without_rules_lets_nothing_through(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packs = tmp_path / "packs"
    shutil.copytree(ROOT / "packs" / "cn", packs / "cn")
    for name in ("forbidden.yaml", "required.yaml"):
        (packs / "cn" / "texts" / name).unlink()
    strategies = tmp_path / "strategies"
    shutil.copytree(ROOT / "strategies" / "example", strategies / "example")
    shutil.rmtree(strategies / "example" / "texts")
    file = tmp_path / "text.txt"
    file.write_text("您好", encoding="utf-8")

    status = check(file, "--packs", packs, "--strategies", strategies)

    assert status == 1
    assert "not_checked" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments", [("missing.txt",), ("text.txt", "--figure", "x"), ("text.txt", "--pack", "nn")]
)
def test_a_wrong_call_exits_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("text.txt").write_text("您好", encoding="utf-8")

    assert check(*arguments) == 2


def test_packs_check_counts_the_texts_of_a_strategy(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["packs", "check", "cn", "--strategy", "example", "--on", "2026-11-24"])

    assert status == 0
    assert "文字 texts: 15 (15 条禁用规则 rules)\n" in capsys.readouterr().out


def test_packs_check_refuses_a_strategy_with_a_text_that_threatens(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(ROOT / "strategies" / "example", tmp_path / "example")
    file = tmp_path / "example" / "texts" / "messages.yaml"
    written = file.read_text("utf-8").replace("已还款请忽略，谢谢。", "否则后果自负。", 1)
    file.write_text(written, encoding="utf-8")

    status = main(
        [
            *("packs", "check", "cn", "--strategy", "example", "--on", "2026-11-24"),
            *("--strategies", str(tmp_path)),
        ]
    )

    assert status == 3
    assert "后果" in capsys.readouterr().err
