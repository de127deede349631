"""The pack that teaches, and the page that teaches with it, keep their promises."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from recoup.policy.contact_clauses import BUILDERS
from recoup.policy.kind_names import KINDS
from recoup.policy.pack import Pack, PackRefused, load_pack
from recoup.policy.units import UNITS

ROOT = Path(__file__).resolve().parents[2]
ZEDLAND = ROOT / "packs" / "zz"
HOWTO = (ROOT / "docs" / "howto" / "write-a-pack.md").read_text(encoding="utf-8")
HOWTO_ZH = (ROOT / "docs" / "howto" / "write-a-pack.zh-CN.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(ZEDLAND)


def test_zedland_has_a_rule_of_every_kind_but_transition(pack: Pack) -> None:
    assert KINDS.keys() - {rule.kind for rule in pack.rules.values()} == {"transition"}


def test_every_rule_of_zedland_has_a_case(pack: Pack) -> None:
    assert {case.rule for case in pack.cases} == pack.rules.keys()


def test_zedland_shows_versions_an_end_a_doubt_and_a_rule_never_applied(pack: Pack) -> None:
    versions = [version for rule in pack.rules.values() for version in rule.versions]

    assert any(len(rule.versions) == 2 for rule in pack.rules.values())
    assert any(rule.versions[-1].valid_until is not None for rule in pack.rules.values())
    assert any(version.confidence == "low" and version.enforced for version in versions)
    assert any(not version.enforced for version in versions)
    assert any(version.unverified is not None for version in versions)


def test_any_book_date_since_2000_has_rows_that_classify(pack: Pack) -> None:
    for row in pack.tables["classification"].rows:
        assert pack.in_force(row.rule, on=date(2000, 1, 1)).enforced
        assert pack.in_force(row.rule, on=date(2030, 1, 1)).enforced


def test_zedland_knows_the_working_days_of_2015_to_2027(pack: Pack) -> None:
    assert sorted(pack.calendar_years) == list(range(2015, 2028))
    assert pack.due_day_on_rest_day == "next_working_day"
    assert pack.calendar.next_working(date(2016, 10, 15)) == date(2016, 10, 17)


def test_howto_names_every_clause_of_a_contact_rule() -> None:
    for name in BUILDERS:
        assert f"`{name}`" in HOWTO
        assert f"`{name}`" in HOWTO_ZH


def test_howto_names_every_kind_and_every_unit() -> None:
    for name in KINDS:
        assert f"| `{name}` |" in HOWTO
        assert f"`{name}`" in HOWTO_ZH
    units = HOWTO[HOWTO.index("### Units") : HOWTO.index("### Kinds")]
    for name in UNITS:
        assert name in units.replace("`", " ").split()


def test_howto_shows_the_refusal_that_a_gap_really_gets(tmp_path: Path) -> None:
    broken = tmp_path / "zz"
    shutil.copytree(ZEDLAND, broken)
    file = broken / "parameters" / "classification.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("until: 2019-01-01", "until: 2018-12-31"), encoding="utf-8")

    with pytest.raises(PackRefused) as refused:
        load_pack(broken)

    (found,) = refused.value.findings
    assert f"error {found.code} zz/{found.place} {found.path}\n" in HOWTO
    assert f"        {found.sentence.zh}\n        {found.sentence.en}\n" in HOWTO


def test_howto_s_question_from_python_has_the_answer_it_shows(pack: Pack) -> None:
    cited = pack.value("ZZ-CLS-02", "dpd_over", on=date(2018, 11, 20))

    shown = (cited.value, cited.comparator, cited.source.title.en)
    assert f"# {', '.join(map(repr, shown))}" in HOWTO
    assert f"# 15, '>', '{cited.source.title.zh}'" in HOWTO_ZH
