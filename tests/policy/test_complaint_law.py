"""What packs say of complaints, and what the strategy adds."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from recoup.policy.complaint_law import complaint_law
from recoup.policy.pack import Pack, PackRefused, load_pack
from recoup.policy.strategy import StrategyRefused, load_strategy

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def china() -> Pack:
    return load_pack(ROOT / "packs" / "cn", with_cases=False)


def test_the_chinese_rule_has_three_periods_and_only_the_last_needs_approval(china: Pack) -> None:
    law = complaint_law(pack=china, on=date(2026, 3, 1))

    assert law is not None
    assert law.rule_id == "CN-CON-32"
    assert [(one.name, one.count, one.needs_approval) for one in law.periods] == [
        ("simple", 15, False),
        ("complex", 30, False),
        ("extended", 60, True),
    ]
    assert (law.rolls, law.new_facts_restart, law.appraisal_left_out) == (False, True, True)
    assert "投诉" in law.citation(language="zh")


def test_before_the_rule_was_in_force_the_pack_is_silent(china: Pack) -> None:
    assert complaint_law(pack=china, on=date(2020, 2, 29)) is None


def test_a_pack_that_names_no_rule_gives_no_day() -> None:
    pack = load_pack(ROOT / "packs" / "us", with_cases=False)

    assert complaint_law(pack=pack, on=date(2026, 3, 1)) is None


def test_another_countrys_rule_has_its_own_period_and_moves_off_rest_days() -> None:
    law = complaint_law(
        pack=load_pack(ROOT / "packs" / "zz", with_cases=False), on=date(2026, 3, 1)
    )

    assert law is not None
    assert [(one.name, one.count) for one in law.periods] == [("answer", 20)]
    assert law.rolls
    assert not law.appraisal_left_out


def test_a_pack_that_names_a_rule_it_has_not_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "cn"
    shutil.copytree(ROOT / "packs" / "cn", folder)
    head = folder / "pack.yaml"
    head.write_text(
        head.read_text(encoding="utf-8").replace("CN-CON-32", "CN-CON-99"), encoding="utf-8"
    )

    with pytest.raises(PackRefused) as refused:
        load_pack(folder, with_cases=False)

    assert [one.code for one in refused.value.findings] == ["complaint_rule_missing"]


def test_the_strategy_says_which_holds_a_complaint_sets() -> None:
    policy = load_strategy(ROOT / "strategies" / "example").complaints

    assert policy.holds_for("words") == ("complaint",)
    assert policy.holds_for("not_owed") == ("complaint", "dispute")
    assert (policy.warn_days, policy.similar_days, policy.contact_days) == (3, 180, 30)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [("not_owed:", "not_mine:", "not_mine"), ("holds: [complaint]", "holds: [pause]", "pause")],
)
def test_a_strategy_with_an_unknown_category_or_hold_is_refused(
    tmp_path: Path, old: str, new: str, named: str
) -> None:
    folder = tmp_path / "example"
    shutil.copytree(ROOT / "strategies" / "example", folder)
    file = folder / "strategy.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")

    with pytest.raises(StrategyRefused) as refused:
        load_strategy(folder)

    assert any(
        one.code == "bad_code" and named in one.sentence.en for one in refused.value.findings
    )
