"""Strategies: what is loaded, and every way in which one is refused."""

import dataclasses
import random
import shutil
from datetime import date, time
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from recoup.policy.pack import load_pack
from recoup.policy.strategy import StrategyRefused, load_strategy
from recoup.policy.strategy_parts import HOLD_KINDS, TREATMENTS
from recoup.tables.sql import compile_table
from recoup.tables.unary import Compare, Within

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "strategies" / "example"


@pytest.fixture(scope="module")
def pack():
    return load_pack(ROOT / "packs" / "cn")


@pytest.fixture(scope="module")
def strategy(pack):
    return load_strategy(EXAMPLE, pack=pack)


@pytest.fixture
def copy(tmp_path):
    folder = tmp_path / "example"
    shutil.copytree(EXAMPLE, folder)
    return folder


def changed(folder: Path, name: str, old: str, new: str) -> None:
    file = folder / name
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def refusals(folder: Path, pack=None):
    with pytest.raises(StrategyRefused) as refused:
        load_strategy(folder, pack=pack)
    return refused.value.findings


def test_the_example_loads_and_only_tightens_the_law(strategy):
    assert (strategy.id, strategy.version, strategy.valid_from) == (
        "example",
        "2026.11",
        date(2026, 1, 1),
    )
    assert set(strategy.tables) == {
        *("segment", "treatment", "points", "retail_class"),
        *("eligibility", "treatment_hold_out"),
    }
    assert set(strategy.holds) == set(HOLD_KINDS)
    assert set(strategy.channel_order) == set(TREATMENTS)
    assert strategy.quiet_hours[0].begins == time(20)
    assert len(strategy.content_hash) == 64


def test_a_strategy_cannot_be_changed_once_loaded(strategy):
    with pytest.raises(dataclasses.FrozenInstanceError):
        strategy.version = "2"
    with pytest.raises(TypeError):
        strategy.tables["segment"] = None


@pytest.mark.parametrize(
    ("dpd", "bucket"),
    [(0, "C"), (1, "M1"), (30, "M1"), (31, "M2"), (150, "M5"), (180, "M6"), (181, "M6+")],
)
def test_buckets_hold_both_their_ends(strategy, dpd, bucket):
    assert strategy.bucket_of(dpd=dpd) == bucket


def test_a_team_without_its_own_capacity_has_the_default(strategy):
    assert strategy.capacity.of(team="unheard of") == strategy.capacity.default
    assert strategy.capacity.of(team="房贷组").lines_per_day == 200


FACTS = {"asset_class": "special_mention", "status": "active", "kind": "retail"}


@pytest.mark.parametrize(
    ("facts", "segment", "row"),
    [
        ({"asset_class": "unknown"}, "data_gap", "S01"),
        ({"dpd": 0, "days_to_due": 3}, "due_soon", "S09"),
        ({"dpd": 2, "max_dpd_12m": 2, "broken_promises_6m": 0}, "first_slip", "S13"),
        ({"dpd": 2, "max_dpd_12m": 40, "broken_promises_6m": 0}, "strained", "S17"),
        ({"dpd": 40, "hold_hardship": True}, "care", "S08"),
        ({"dpd": 95, "kind": "non_retail"}, "company_npl", "S12"),
        ({"dpd": 400, "security": "unsecured"}, "charge_off_stage", "S21"),
        ({}, "data_gap", "S22"),
    ],
)
def test_the_example_puts_a_contract_into_its_segment(strategy, facts, segment, row):
    decided = strategy.tables["segment"].decide({**FACTS, **facts})

    assert decided.outputs == {"segment": segment}
    assert decided.rows == (row,)


@pytest.mark.parametrize(
    ("facts", "treatment"),
    [
        ({"segment": "first_slip", "arm": "champion"}, "no_action"),
        ({"segment": "first_slip", "arm": "challenger"}, "soft_message"),
        ({"segment": "due_soon", "max_dpd_12m": 4}, "pre_due_reminder"),
        ({"segment": "due_soon", "max_dpd_12m": 0}, "no_action"),
        ({"segment": "slipping", "dpd": 40, "open_promise": True}, "no_action"),
        ({"segment": "slipping", "dpd": 40, "exposure_minor": 5_000_000}, "senior_call"),
        ({"segment": "avoiding", "dpd": 70, "exposure_minor": 10_000_000}, "visit"),
        ({"segment": "late_stage", "dpd": 100}, "demand_letter"),
        ({"segment": "charge_off_stage", "exposure_minor": 1}, "agency"),
        ({"segment": "secured_npl"}, "legal_review"),
        ({"segment": "care"}, "hardship_care"),
        ({"segment": "strained", "hold_plan_active": True}, "no_action"),
    ],
)
def test_the_example_chooses_a_treatment(strategy, facts, treatment):
    assert strategy.tables["treatment"].decide(facts).outputs == {"treatment": treatment}


def test_every_row_of_the_example_says_what_it_means_in_both_languages(strategy):
    for table in strategy.tables.values():
        for row in table.rows:
            assert table.row_text(row.row_id, "zh") not in ("", row.row_id)
            assert table.row_text(row.row_id, "en") not in ("", row.row_id)


def test_an_unknown_number_of_days_has_no_class(strategy):
    assert strategy.tables["retail_class"].decide({"dpd": None}).rows == ()


BROKEN = [
    ("strategy.yaml", "owner:", "experiment: {}\nowner:", "experiment_moved", "experiments.yaml"),
    ("strategy.yaml", "owner:", "ownr:", "unknown_key", "ownr"),
    ("strategy.yaml", "owner:", "ownr:", "key_missing", "owner"),
    ("strategy.yaml", "valid_from:", "id: x\nvalid_from:", "duplicate_key", "id"),
    ("strategy.yaml", "id: example", "id: other", "strategy_folder_differs", "other"),
    ("strategy.yaml", "韩立 Han Li", "周敏 Zhou Min", "same_person_twice", "周敏 Zhou Min"),
    ("strategy.yaml", "role: checker", "role: maker", "approval_missing", "checker"),
    ("strategy.yaml", "from_dpd: 0, to_dpd: 0", "from_dpd: 1, to_dpd: 0", "bucket_first", "1"),
    ("strategy.yaml", "from_dpd: 31", "from_dpd: 33", "bucket_gap", "M2"),
    ("strategy.yaml", "from_dpd: 31", "from_dpd: 30", "bucket_overlap", "M2"),
    ("strategy.yaml", "to_dpd: null", "to_dpd: 999", "bucket_last", "to_dpd: null"),
    ("strategy.yaml", "visit: [visit, call]", "visit: [drone]", "bad_code", "drone"),
    ("strategy.yaml", "  check_data: []\n", "", "treatment_without_channels", "check_data"),
    ("strategy.yaml", "[fee, interest, principal]", "[fee, fee]", "order_incomplete", "fee"),
    ("strategy.yaml", "days: 2, ppm", "days: 2.5, ppm", "float_literal", "2.5"),
    ("caps.yaml", "days: 7", "days: 0", "not_positive", "days"),
    ("caps.yaml", "EX-CAP-MESSAGE", "EX-CAP-CALL", "name_twice", "EX-CAP-CALL"),
    ("caps.yaml", '"20:00"', '"25:00"', "bad_code", "25:00"),
    ("holds.yaml", "kind: dispute", "kind: mood", "bad_code", "mood"),
    ("holds.yaml", "kind: dispute", "kind: complaint", "hold_missing", "dispute"),
    ("capacity.yaml", "visit: 20", "walk: 20", "bad_code", "walk"),
    ("segment.dmn", "<text>deceased<", "<text>moonphase<", "table_column_unknown", "moonphase"),
    ("segment.dmn", "<text>dpd<", "<text>dpd +<", "table_unreadable", "inputExpression"),
    ("segment.dmn", 'hitPolicy="FIRST"', 'hitPolicy="UNIQUE"', "table_hit_policy", "UNIQUE"),
    ("segment.dmn", 'name="segment"', 'name="segments"', "table_missing_decision", "segments"),
    ("segment.dmn", "zh: 合同已结清或已转让 | ", "", "table_row_silent", "S02"),
    ("treatment.dmn", '"legal_review"</text>\n        </outputEntry>',
     '"jail"</text>\n        </outputEntry>', "table_output_not_allowed", "jail"),
    ("treatment.dmn", '<text>"data_gap"<', '<text>"data_gasp"<', "segment_unknown", "data_gasp"),
    ("points.dmn", "<text>25</text>", "<text>2.5</text>", "table_output_not_allowed", "2.5"),
    ("points.dmn", "<text>25</text>", "<text>dpd</text>", "table_not_compilable", "dpd"),
    ("points.dmn", "<text>[1..30]</text>", "<text>&gt; exposure_minor</text>",
     "table_not_compilable", "> exposure_minor"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "code", "named"), BROKEN)
def test_a_broken_strategy_is_refused_with_place_and_sentence(copy, file, old, new, code, named):
    changed(copy, file, old, new)

    findings = refusals(copy)

    found = next(one for one in findings if one.code == code)
    assert found.file == file
    assert found.line >= 1
    assert named in f"{found.path} {found.sentence.en}"
    assert any("\u4e00" <= character <= "\u9fff" for character in found.sentence.zh)


def test_everything_wrong_is_told_at_once(copy):
    changed(copy, "strategy.yaml", "from_dpd: 31", "from_dpd: 33")
    changed(copy, "holds.yaml", "kind: dispute", "kind: mood")
    changed(copy, "segment.dmn", "<text>deceased<", "<text>moonphase<")

    codes = {finding.code for finding in refusals(copy)}

    assert {"bucket_gap", "bad_code", "hold_missing", "table_column_unknown"} <= codes


def test_a_missing_catch_all_row_is_refused(copy):
    text = (copy / "segment.dmn").read_text(encoding="utf-8")
    start = text.index('<rule id="S22">')
    end = text.index("</rule>", start) + len("</rule>")
    (copy / "segment.dmn").write_text(text[:start] + text[end:], encoding="utf-8")

    assert [finding.code for finding in refusals(copy)] == ["table_open_end"]


@pytest.mark.parametrize("name", ["segment.dmn", "caps.yaml", "holds.yaml", "capacity.yaml"])
def test_a_missing_file_is_refused_by_name(copy, name):
    (copy / name).unlink()

    assert any(
        finding.code == "strategy_file_missing" and finding.file == name
        for finding in refusals(copy)
    )


def test_a_folder_without_strategy_yaml_is_no_strategy(tmp_path):
    assert [finding.code for finding in refusals(tmp_path)] == ["strategy_yaml_missing"]


def test_a_file_that_would_not_be_read_is_refused(copy):
    (copy / "treatment-old.dmn").write_text("", encoding="utf-8")

    assert [finding.code for finding in refusals(copy)] == ["strategy_unknown_file"]


LOOSER = [
    ("caps.yaml", "at_most: 7\n    days: 7", "at_most: 22\n    days: 7", "looser_cap", "CN-CON-03"),
    ("caps.yaml", 'from: "20:00"', 'from: "23:00"', "looser_quiet", "CN-CON-0"),
    ("caps.yaml", 'until: "09:00"', 'until: "07:30"', "looser_quiet", "CN-CON-0"),
    ("retail_class.dmn", "[91..180]", "[92..180]", "class_gives_nothing", "91"),
    ("retail_class.dmn", "<text>[1..90]<", "<text>[1..91]<", "looser_class", "CN-CLS-05"),
    ("retail_class.dmn", "<text>&lt;= 0<", "<text>&lt;= 1<", "looser_class", "CN-CLS-03"),
    ("retail_class.dmn", '<text>"loss"</text>\n        </outputEntry>',
     '<text>"doubtful"</text>\n        </outputEntry>', "looser_class", "CN-CLS-24"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "code", "rule"), LOOSER)
def test_a_strategy_looser_than_the_law_is_refused_naming_the_rule(
    copy, pack, file, old, new, code, rule
):
    changed(copy, file, old, new)

    findings = refusals(copy, pack)

    assert any(finding.code == code and rule in finding.sentence.zh for finding in findings)


SOURCES = """
number_sources:
  - id: EX-SOURCE
    channels: [call, sms]
    allowed: [{allowed}]
    sentence: {{zh: 只用合同号码。, en: Numbers of the contract only.}}
"""


def test_fewer_sources_of_numbers_pass_and_more_than_the_law_allows_are_refused(copy, pack):
    caps = copy / "caps.yaml"
    plain = caps.read_text(encoding="utf-8")

    caps.write_text(plain + SOURCES.format(allowed="contract, debtor"), encoding="utf-8")
    own = load_strategy(copy, pack=pack).number_sources
    caps.write_text(plain + SOURCES.format(allowed="contract, purchased"), encoding="utf-8")
    [finding] = refusals(copy, pack)

    assert [(one.id, one.allowed) for one in own] == [("EX-SOURCE", ("contract", "debtor"))]
    assert finding.code == "looser_source"
    assert "purchased" in finding.sentence.en
    assert "CN-CON-13" in finding.sentence.en
    assert load_strategy(copy).number_sources[0].allowed == ("contract", "purchased")


def test_a_strategy_stricter_than_the_law_passes(copy, pack):
    changed(copy, "retail_class.dmn", "[121..180]", "[120..180]")
    changed(copy, "retail_class.dmn", "[91..120]", "[91..119]")
    changed(copy, "caps.yaml", "at_most: 7", "at_most: 0")

    assert load_strategy(copy, pack=pack).caps[0].at_most == 0


def test_the_hash_follows_the_content(copy, strategy):
    changed(copy, "caps.yaml", "at_most: 7", "at_most: 6")

    assert load_strategy(copy).content_hash != strategy.content_hash
    assert load_strategy(EXAMPLE).content_hash == strategy.content_hash


@pytest.mark.parametrize(
    ("dpd", "overdue_minor", "rows", "points"),
    [
        (85, 6_000_000, ("P01", "P04", "P08", "P09"), 111),
        (61, 4_999_999, ("P01", "P03", "P08"), 61),
        (None, 6_000_000, ("P01", "P04"), 46),
    ],
)
def test_points_of_all_rows_that_fit_are_added_up(strategy, dpd, overdue_minor, rows, points):
    decided = strategy.tables["points"].decide({"dpd": dpd, "overdue_minor": overdue_minor})

    assert (decided.rows, decided.outputs) == (rows, {"points": points})


SQL_TYPES = {"text": "VARCHAR", "number": "BIGINT", "boolean": "BOOLEAN"}


def likely_values(table, place) -> list:
    """Yield the values that a column's cells name, their neighbours, and null."""
    found = [None]
    for row in table.rows:
        for test in row.cells[place].unary.tests:
            ends = (test,) if isinstance(test, Compare) else ()
            ends = (test.low, test.high) if isinstance(test, Within) else ends
            for end in ends:
                number = not isinstance(end.constant, bool | str)
                found += (
                    [int(end.constant) + step for step in (-1, 0, 1)] if number else [end.constant]
                )
    return sorted(set(found), key=repr)


@pytest.mark.parametrize("name", ["segment", "treatment", "points", "retail_class"])
def test_the_tables_of_the_example_decide_alike_in_python_and_in_sql(strategy, name):
    table = strategy.tables[name]
    chance = random.Random(name)
    columns = {one.column: likely_values(table, place) for place, one in enumerate(table.inputs)}
    facts = [
        {column: chance.choice([chance.choice(values), None]) for column, values in columns.items()}
        for _ in range(1000)
    ]
    compiled = compile_table(table)
    typed = ", ".join(
        f'CAST(f."{one.column}" AS {SQL_TYPES[one.column_type]}) AS "{one.column}"'
        for one in table.inputs
    )

    with duckdb.connect() as duck:
        duck.register("given", pa.Table.from_pylist(facts))
        (output,) = compiled.outputs.values()
        found = duck.execute(
            f"SELECT {output}, {compiled.rows_sql} FROM (SELECT {typed} FROM given f)"
        ).fetchall()

    decided = [table.decide(case) for case in facts]
    assert found == [(*one.outputs.values(), list(one.rows)) for one in decided]
    assert len({one.rows for one in decided}) > len(table.rows) * 2 // 3


def test_a_strategy_says_when_cases_open_and_how_often_they_are_reviewed(strategy):
    assert strategy.cases.open_from_dpd == 1
    assert "call" in strategy.cases.treatments
    assert "soft_message" not in strategy.cases.treatments
    assert strategy.reviews["M2"] == 14


def test_a_strategy_without_clauses_for_cases_takes_the_usual_ones(copy):
    file = copy / "strategy.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.split("# A person's case is opened")[0], encoding="utf-8")

    usual = load_strategy(copy)

    assert (usual.cases.open_from_dpd, usual.cases.close_after_clear_days) == (1, 1)
    assert usual.reviews == {}


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("treatments: [call, senior_call,", "treatments: [call, singing,", "bad_code"),
        ("close_after_clear_days: 1", "close_after_clear_days: -1", "not_positive"),
        ("reviews: {M1: 30", "reviews: {M9: 30", "bad_code"),
        ("reviews: {M1: 30", "reviews: {M1: 0", "not_positive"),
        ("\n  spread: true", "\n  spreads: true", "unknown_key"),
    ],
)
def test_a_clause_of_cases_that_cannot_be_read_is_refused(copy, old, new, code):
    changed(copy, "strategy.yaml", old, new)

    assert code in {one.code for one in refusals(copy)}
