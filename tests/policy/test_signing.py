"""A strategy is signed as it stands: changed afterwards, it runs only to be looked at."""

import json
import shutil
from datetime import date

import pytest

from recoup.apps.people.permissions import MACHINE
from recoup.apps.portfolio.actions import publish_night
from recoup.apps.portfolio.actions.publish import OnlyToLookAt
from recoup.demo.bank import build_bank
from recoup.policy.locate import packs_folder, strategies_folder
from recoup.policy.pack import load_pack
from recoup.policy.signing import signed_content
from recoup.policy.strategy import StrategyRefused, load_strategy
from recoup.site.cli import main

AS_OF = date(2026, 11, 20)


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(strategies_folder() / "example", tmp_path / "strategies" / "example")
    return tmp_path / "strategies" / "example"


def approve(folder, role, name) -> int:
    place = ["--strategies", str(folder.parent), "--on", "2026-11-20"]
    return main(["strategy", "approve", folder.name, "--role", role, "--by", name, *place])


def change(folder) -> None:
    file = folder / "capacity.yaml"
    file.write_text(file.read_text().replace("lines_per_day: 400", "lines_per_day: 40"))


def test_a_signature_changes_nothing_that_is_signed(folder):
    before = signed_content(folder)
    text = (folder / "strategy.yaml").read_text()

    assert approve(folder, "maker", "周敏") == 0
    assert approve(folder, "checker", "韩立") == 0

    strategy = load_strategy(folder)
    assert [(one.role, one.name, one.content) for one in strategy.approvals] == [
        ("maker", "周敏", before),
        ("checker", "韩立", before),
    ]
    assert signed_content(folder) == before
    left, right = (
        [line for line in part.splitlines() if "role:" not in line]
        for part in (text, (folder / "strategy.yaml").read_text())
    )
    assert left == right


def test_what_is_changed_after_signing_is_refused_until_it_is_signed_again(folder):
    approve(folder, "maker", "周敏")
    approve(folder, "checker", "韩立")
    change(folder)

    with pytest.raises(StrategyRefused) as refused:
        load_strategy(folder)
    assert [one.code for one in refused.value.findings] == ["approval_of_other_content"] * 2
    assert "签署之后策略又被修改" in refused.value.findings[0].sentence.zh

    approve(folder, "maker", "周敏")  # the checker's signature is of the content before: it goes
    with pytest.raises(StrategyRefused) as refused:
        load_strategy(folder)
    assert [one.code for one in refused.value.findings] == ["approval_missing"]

    approve(folder, "checker", "韩立")
    assert load_strategy(folder).capacity.default.lines_per_day == 40


def test_maker_and_checker_are_two_people(folder, capsys):
    approve(folder, "maker", "周敏")

    assert approve(folder, "checker", "周敏") == 2
    assert "maker and checker are two people" in capsys.readouterr().err


def loosen(folder) -> None:
    caps = folder / "caps.yaml"
    caps.write_text(caps.read_text().replace("at_most: 7", "at_most: 22"))


def test_what_is_looser_than_the_law_cannot_be_signed(folder, capsys):
    loosen(folder)

    assert approve(folder, "maker", "周敏") == 3
    assert "looser" in capsys.readouterr().err


@pytest.mark.parametrize("spoil", [change, loosen])
def test_a_night_runs_it_only_as_a_dry_run_that_is_never_published(
    folder, tmp_path, capsys, spoil, settings, db
):
    approve(folder, "maker", "周敏")
    approve(folder, "checker", "韩立")
    spoil(folder)
    build_bank(folder=tmp_path / "bank", seed=7, loans=60, as_of=AS_OF)
    night = [
        *("night", "--book", str(tmp_path / "bank" / "book"), "--as-of", "2026-11-20"),
        *("--strategies", str(folder.parent), "--out", str(tmp_path / "out"), "--go-on", "--quiet"),
    ]

    assert main(night) == 3
    assert not (tmp_path / "out").exists()
    assert main([*night, "--dry-run"]) in (0, 1)

    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["dry_run"]["tolerated"]
    with pytest.raises(OnlyToLookAt):
        publish_night(actor=MACHINE, result=tmp_path / "out", at=None)


def test_the_example_is_signed_by_two_and_stricter_than_the_law():
    pack = load_pack(packs_folder() / "cn", with_cases=False)
    strategy = load_strategy(strategies_folder() / "example", pack=pack)

    assert strategy.tolerated == ()
    assert {one.role for one in strategy.approvals} == {"maker", "checker"}


def test_a_version_that_would_move_people_out_of_an_arm_is_not_signed(folder, capsys):
    old = folder.parent / "old" / "example"
    shutil.copytree(folder, old)
    tried = folder / "experiments.yaml"
    text = tried.read_text(encoding="utf-8")
    words = ["strategy", "approve", "example", "--strategies", str(folder.parent)]
    words += ["--role", "maker", "--by", "周敏", "--on", "2026-11-20", "--replaces", str(old)]

    tried.write_text(text.replace("share_ppm: 100000", "share_ppm: 60000"), encoding="utf-8")
    before = (folder / "strategy.yaml").read_bytes()
    assert main(words) == 3
    told = capsys.readouterr().err
    assert "实验“first-slip-2026”中 40000 ppm 的人由“challenger”换到“champion”" in told
    assert "40000 ppm of the people would go from 'challenger' to 'champion'" in told
    assert (folder / "strategy.yaml").read_bytes() == before

    step = "- {from: 2026-01-01, share_ppm: 100000}"
    grown = f"{step}\n          - {{from: 2026-11-20, share_ppm: 300000}}"
    tried.write_text(text.replace(step, grown), encoding="utf-8")
    assert main(words) == 0
