"""What applied on a day, with its citation, or a refusal that says what is missing."""

import dataclasses
from datetime import date
from pathlib import Path

import pytest
from tests.policy.small_pack import CALENDAR, CASES, RULES, with_change, write_pack

from recoup.policy.pack import NotInForce, Pack, load_pack
from recoup.policy.rules import NotExact, WrongUnit


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    return load_pack(write_pack(tmp_path))


def pack_with_value(root: Path, written: str) -> Pack:
    """The small pack with the value ``rate`` of rule AA-1 written another way."""
    changed = with_change(
        "parameters/classes.yaml",
        'rate: {value: "0.0175", unit: percent_per_day, comparator: "<="}',
        f"rate: {written}",
    )
    return load_pack(write_pack(root, changed))


def test_value_comes_with_everything_needed_to_cite_it(pack: Pack) -> None:
    cited = pack.value("AA-1", "dpd_over", on=date(2026, 1, 1))

    assert (cited.value, cited.unit, cited.comparator) == (90, "days", ">")
    assert (cited.rule_id, cited.name) == ("AA-1", "dpd_over")
    assert cited.source.citation(language="zh") == "《法案》（1）"
    assert cited.source.citation(language="en") == "Act (1)"
    assert (cited.article.text, cited.article.confidence) == ("s. 2", "low")
    assert (cited.valid_from, cited.valid_until) == (date(2010, 1, 1), date(2030, 1, 1))
    assert cited.checked_on == date(2026, 6, 1)
    assert (cited.confidence, cited.enforced) == ("medium", True)


def test_version_ends_on_the_day_before_the_next_begins(pack: Pack) -> None:
    before = pack.value("AA-1", "dpd_over", on=date(2009, 12, 31))
    after = pack.value("AA-1", "dpd_over", on=date(2010, 1, 1))

    assert (before.value, after.value) == (60, 90)


@pytest.mark.parametrize(
    ("rule", "name", "on", "zh", "en"),
    [
        (
            "AA-8",
            "x",
            date(2026, 1, 1),
            "法规包“aa”没有编号为“AA-8”的规则。",
            "The pack 'aa' has no rule 'AA-8'.",
        ),
        (
            "AA-1",
            "dpd_over",
            date(1999, 12, 31),
            "规则“AA-1”在 1999-12-31 尚未生效：法规包“aa”所知的最早版本自 2000-01-01 起。",
            "Rule 'AA-1' is not yet in force on 1999-12-31: the earliest version that the pack "
            "'aa' knows begins on 2000-01-01.",
        ),
        (
            "AA-1",
            "dpd_over",
            date(2030, 1, 1),
            "规则“AA-1”在 2030-01-01 已不再有效：法规包“aa”所知的最后版本已于 2030-01-01 失效。",
            "Rule 'AA-1' is no longer in force on 2030-01-01: the last version that the pack "
            "'aa' knows ended on 2030-01-01.",
        ),
        (
            "AA-1",
            "rate",
            date(2005, 1, 1),
            "规则“AA-1”自 2000-01-01 起的版本没有名为“rate”的数值；有：dpd_over。",
            "The version of rule 'AA-1' from 2000-01-01 has no value 'rate'; it has: dpd_over.",
        ),
    ],
)
def test_what_is_not_in_force_is_refused_with_what_is_missing(
    pack: Pack, rule: str, name: str, on: date, zh: str, en: str
) -> None:
    with pytest.raises(NotInForce) as silent:
        pack.value(rule, name, on=on)

    assert silent.value.sentence.zh == zh
    assert silent.value.sentence.en == en


def test_rules_never_applied_are_listed_only_when_asked_for(pack: Pack) -> None:
    on = date(2026, 1, 1)

    applied = [version.rule_id for version in pack.rules_of(on=on)]
    shown = [version.rule_id for version in pack.rules_of(on=on, include_unenforced=True)]

    assert applied == ["AA-1"]
    assert shown == ["AA-1", "AA-2"]


def test_rules_are_found_by_kind_and_topic_on_a_day(pack: Pack) -> None:
    assert len(pack.rules_of(on=date(2026, 1, 1), kind="threshold", topic="classes")) == 1
    assert pack.rules_of(on=date(2026, 1, 1), kind="deadline") == ()
    assert pack.rules_of(on=date(2026, 1, 1), topic="other") == ()
    assert pack.rules_of(on=date(1999, 1, 1)) == ()


def test_loaded_pack_cannot_be_changed(pack: Pack) -> None:
    rule = pack.rules["AA-1"]

    with pytest.raises(TypeError):
        pack.rules["AA-9"] = rule  # type: ignore[index]
    with pytest.raises(TypeError):
        rule.versions[0].values["dpd_over"] = None  # type: ignore[index,assignment]
    with pytest.raises(dataclasses.FrozenInstanceError):
        rule.versions[0].valid_from = date(1990, 1, 1)  # type: ignore[misc]
    with pytest.raises(TypeError):
        pack.cases[0].facts["dpd"] = 0  # type: ignore[index]
    with pytest.raises(TypeError):
        pack.tables["classification"].rows[0].when["dpd"] = "-"  # type: ignore[index]


def test_content_hash_changes_with_any_file_and_with_nothing_else(tmp_path: Path) -> None:
    one = load_pack(write_pack(tmp_path / "one"))
    same = load_pack(write_pack(tmp_path / "same"))
    other = load_pack(write_pack(tmp_path / "other", {"cases/classes.yaml": CASES + "# more\n"}))
    renamed = load_pack(
        write_pack(tmp_path / "renamed", {"cases/classes.yaml": None, "cases/renamed.yaml": CASES})
    )

    hashes = [pack.content_hash for pack in (one, other, renamed)]

    assert one.content_hash == same.content_hash
    assert len(set(hashes)) == len(hashes)
    assert len(one.content_hash) == 64


def test_hidden_files_of_an_editor_neither_count_nor_disturb(tmp_path: Path) -> None:
    plain = load_pack(write_pack(tmp_path / "plain"))
    hidden = load_pack(write_pack(tmp_path / "hidden", {"parameters/.classes.yaml.swp": "x"}))

    assert hidden.content_hash == plain.content_hash


def test_calendar_knows_rest_days_worked_weekends_and_its_own_limits(pack: Pack) -> None:
    assert not pack.calendar.is_working(date(2026, 5, 4))
    assert pack.calendar.is_working(date(2026, 5, 9))
    assert not pack.calendar.is_working(date(2026, 5, 10))
    with pytest.raises(LookupError):
        pack.calendar.is_working(date(2027, 5, 10))


def test_provisional_year_is_loaded_with_its_mark(tmp_path: Path) -> None:
    marked = CALENDAR.replace(
        "    confidence: high\n",
        "    confidence: low\n    provisional: {zh: 未公布, en: not announced}\n",
    )

    pack = load_pack(write_pack(tmp_path, {"calendars/days.yaml": marked}))

    year = pack.calendar_years[2026]
    assert year.provisional is not None
    assert (year.provisional.zh, year.confidence) == ("未公布", "low")


@pytest.mark.parametrize(
    ("written", "ppm"),
    [
        ('{value: "0.0175", unit: percent_per_day, comparator: "="}', 175),
        ('{value: 24, unit: percent, comparator: "="}', 240_000),
        ("{value: 24, unit: percent_per_year, comparator: '='}", 240_000),
        ("{value: 30, unit: bp, comparator: '='}", 3_000),
        ("{value: 7, unit: ppm, comparator: '='}", 7),
    ],
)
def test_proportions_are_exact_parts_per_million(tmp_path: Path, written: str, ppm: int) -> None:
    cited = pack_with_value(tmp_path, written).value("AA-1", "rate", on=date(2026, 1, 1))

    assert cited.ppm == ppm


@pytest.mark.parametrize(
    ("written", "minor"),
    [
        ("{value: '5000.5', unit: CNY, comparator: '<='}", 500_050),
        ("{value: 5000, unit: JPY, comparator: '<='}", 5_000),
        ("{value: '1.234', unit: KWD, comparator: '<='}", 1_234),
        ("{value: 99, unit: minor_CNY, comparator: '<='}", 99),
    ],
)
def test_amounts_are_exact_minor_units(tmp_path: Path, written: str, minor: int) -> None:
    cited = pack_with_value(tmp_path, written).value("AA-1", "rate", on=date(2026, 1, 1))

    assert cited.minor == minor


def test_nothing_is_rounded_and_no_unit_is_taken_for_another(tmp_path: Path) -> None:
    on = date(2026, 1, 1)
    fine = pack_with_value(tmp_path / "1", "{value: '0.00001', unit: percent, comparator: '='}")
    cents = pack_with_value(tmp_path / "2", "{value: '1.234', unit: CNY, comparator: '='}")
    days = fine.value("AA-1", "dpd_over", on=on)

    with pytest.raises(NotExact):
        _ = fine.value("AA-1", "rate", on=on).ppm
    with pytest.raises(NotExact):
        _ = cents.value("AA-1", "rate", on=on).minor
    for wrong in ("ppm", "minor", "minute_of_day"):
        with pytest.raises(WrongUnit):
            getattr(days, wrong)
    with pytest.raises(WrongUnit):
        _ = cents.value("AA-1", "rate", on=on).whole


def test_local_time_is_minutes_since_midnight(tmp_path: Path) -> None:
    pack = pack_with_value(tmp_path, "{value: 22:30, unit: local_time, comparator: '>='}")

    assert pack.value("AA-1", "rate", on=date(2026, 1, 1)).minute_of_day == 22 * 60 + 30


def test_fractions_stay_exact(tmp_path: Path) -> None:
    pack = pack_with_value(tmp_path, "{value: 1/3, unit: fraction, comparator: '='}")

    assert pack.value("AA-1", "rate", on=date(2026, 1, 1)).fraction * 3 == 1


@pytest.mark.parametrize(
    "written",
    [
        "{value: 25:00, unit: local_time, comparator: '='}",
        "{value: '1,000', unit: CNY, comparator: '='}",
        "{value: '1e3', unit: percent, comparator: '='}",
        "{value: '007', unit: percent, comparator: '='}",
        "{value: 0/3, unit: fraction, comparator: '='}",
        "{value: 'two words', unit: code}",
        "{value: [], unit: list}",
        "{value: {a: 1}, unit: rows}",
        "{value: maybe, unit: boolean}",
        "{value: tomorrow, unit: date, comparator: '='}",
        "{value: {zh: 甲}, unit: text}",
    ],
)
def test_value_that_its_unit_does_not_know_is_refused(tmp_path: Path, written: str) -> None:
    with pytest.raises(Exception, match="is no value in the unit"):
        pack_with_value(tmp_path, written)


def test_floats_are_refused_at_any_depth(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="floating-point literal"):
        pack_with_value(tmp_path, "{value: [{when: {a: 1.5}}], unit: rows}")


def test_several_sources_may_be_cited_and_the_first_counts(tmp_path: Path) -> None:
    sources = write_pack(
        tmp_path, {"parameters/classes.yaml": RULES.replace("source: ACT", "source: [ACT, ACT]", 1)}
    )

    version = load_pack(sources).rules["AA-1"].versions[0]

    assert [source.id for source in version.sources] == ["ACT", "ACT"]
    assert version.source.id == "ACT"
