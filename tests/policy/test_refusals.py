"""Broken packs, one per kind of refusal, each with the exact sentences that it must produce."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from tests.policy.small_pack import CALENDAR, RULES, SOURCES, with_change, write_pack

from recoup.policy.findings import SENTENCES, Finding
from recoup.policy.kind_names import KINDS
from recoup.policy.pack import PackRefused, load_pack
from recoup.policy.units import known_units

CLASSES = "parameters/classes.yaml"
RULE = "rules[AA-1]"
FIRST = f"{RULE}.versions[1]"
SECOND = f"{RULE}.versions[2]"
CHECKED_ONLY_BY_PACKS_CHECK = {
    "clause_unreadable",
    "recheck_due",
    "stale",
    "calendar_recheck_due",
    "calendar_stale",
    "source_not_yet_in_force",
    "source_no_longer_in_force",
    "source_unused",
    "calendar_year_missing",
    "calendar_year_provisional",
    "case_failed",
    "case_stopped",
}


@dataclass(frozen=True, kw_only=True)
class Broken:
    """One change to the small pack, and what must be said of it."""

    code: str
    changed: dict[str, str | bytes | None]
    at: str
    path: str
    zh: str
    en: str
    on: date | None = None


BROKEN = (
    Broken(
        code="pack_yaml_missing",
        changed={"pack.yaml": None},
        at="pack.yaml:1",
        path="",
        zh="文件夹“aa”中没有 pack.yaml，因此不是法规包。",
        en="The folder 'aa' has no pack.yaml, so it is not a pack.",
    ),
    Broken(
        code="sources_yaml_missing",
        changed={"sources.yaml": None},
        at="sources.yaml:1",
        path="",
        zh="法规包中没有 sources.yaml；没有出处的数值不予载入。",
        en="The pack has no sources.yaml; a value without a source is not loaded.",
    ),
    Broken(
        code="folder_name_differs",
        changed=with_change("pack.yaml", "id: aa", "id: bb"),
        at="pack.yaml:1",
        path="",
        zh="pack.yaml 中的 id 是“bb”，而文件夹名是“aa”；两者须相同。",
        en="pack.yaml says id 'bb' but the folder is named 'aa'; they must be the same.",
    ),
    Broken(
        code="unknown_file",
        changed={"parameters/more.yml": "rules: []\n"},
        at="parameters/more.yml:1",
        path="",
        zh="法规包中不应有文件“parameters/more.yml”；它不会被读取，请改名、移走或删除。",
        en="A pack has no place for the file 'parameters/more.yml'; it would not be read: rename, "
        "move or delete it.",
    ),
    Broken(
        code="file_unreadable",
        changed={CLASSES: "topic: 分类\n".encode("gb18030")},
        at=f"{CLASSES}:1",
        path="",
        zh="文件无法读取：not UTF-8 (byte 7)。",
        en="The file cannot be read: not UTF-8 (byte 7).",
    ),
    Broken(
        code="yaml_unreadable",
        changed=with_change(CLASSES, "source: ACT\n", "source: [ACT\n"),
        at=f"{CLASSES}:11",
        path="",
        zh="不是可读的 YAML：expected ',' or ']', but got ':'。",
        en="This is not readable YAML: expected ',' or ']', but got ':'.",
    ),
    Broken(
        code="yaml_anchor",
        changed=with_change(CLASSES, "source: ACT", "source: &act ACT"),
        at=f"{CLASSES}:10",
        path=f"{FIRST}.source",
        zh="法规包中不得使用 YAML 锚点、别名或标签：每个数值须写在它自己的位置。",
        en="Anchors, aliases and tags of YAML are not used in a pack: every value stands at its "
        "own place.",
    ),
    Broken(
        code="nested_too_deep",
        changed={CLASSES: "[" * 42 + "]" * 42},
        at=f"{CLASSES}:1",
        path="[1]" * 41,
        zh="嵌套过深：一个法规包用不到这么多层。",
        en="Nested too deep: a pack has no use for so many levels.",
    ),
    Broken(
        code="file_empty",
        changed={CLASSES: "# nothing yet\n"},
        at=f"{CLASSES}:1",
        path="",
        zh="文件是空的。",
        en="The file is empty.",
    ),
    Broken(
        code="not_a_mapping",
        changed=with_change(CLASSES, "subject: {zh: 逾期, en: overdue}", "subject: overdue"),
        at=f"{CLASSES}:5",
        path=f"{RULE}.subject",
        zh="此处应为“键: 值”的集合。",
        en="A set of 'key: value' pairs belongs here.",
    ),
    Broken(
        code="not_a_list",
        changed={CLASSES: "topic: {id: t, zh: 题, en: topic}\nrules: {}\n"},
        at=f"{CLASSES}:2",
        path="rules",
        zh="此处应为列表。",
        en="A list belongs here.",
    ),
    Broken(
        code="not_a_text",
        changed=with_change(CLASSES, "article: s. 1", "article: [s. 1]"),
        at=f"{CLASSES}:11",
        path=f"{FIRST}.article",
        zh="此处应为文字。",
        en="A text belongs here.",
    ),
    Broken(
        code="not_a_boolean",
        changed=with_change(CLASSES, "enforced: false", "enforced: no"),
        at=f"{CLASSES}:37",
        path="rules[AA-2].versions[1].enforced",
        zh="此处应为 true 或 false，而不是“no”。",
        en="true or false belongs here, not 'no'.",
    ),
    Broken(
        code="not_a_whole_number",
        changed=with_change("pack.yaml", "recheck_after_days: 100", "recheck_after_days: soon"),
        at="pack.yaml:7",
        path="recheck_after_days",
        zh="此处应为整数，而不是“soon”。",
        en="A whole number belongs here, not 'soon'.",
    ),
    Broken(
        code="unknown_key",
        changed=with_change(CLASSES, "    kind: threshold", "    kind: threshold\n    sort: x"),
        at=f"{CLASSES}:5",
        path=f"{RULE}.sort",
        zh="不认识的键“sort”；可用的键：id, kind, subject, versions, note。",
        en="Unknown key 'sort'; the keys known here are: id, kind, subject, versions, note.",
    ),
    Broken(
        code="duplicate_key",
        changed=with_change(CLASSES, "source: ACT", "source: ACT\n        source: ACT"),
        at=f"{CLASSES}:11",
        path=f"{FIRST}.source",
        zh="键“source”出现了两次（第一次在第 10 行）。",
        en="The key 'source' stands here twice (first on line 10).",
    ),
    Broken(
        code="key_missing",
        changed=with_change(CLASSES, "        checked_on: 2026-06-01\n", ""),
        at=f"{CLASSES}:7",
        path=FIRST,
        zh="缺少必填的键“checked_on”。",
        en="The required key 'checked_on' is missing.",
    ),
    Broken(
        code="language_missing",
        changed=with_change(CLASSES, "{zh: 超过60天, en: more than 60 days}", "{zh: 超过60天}"),
        at=f"{CLASSES}:9",
        path=f"{FIRST}.sentence",
        zh="缺少语言“en”的文字；凡给人看的文字须有中文和英文。",
        en="The text in language 'en' is missing; what a person reads exists in zh and en.",
    ),
    Broken(
        code="float_literal",
        changed=with_change(CLASSES, 'value: "0.0175"', "value: 0.0175"),
        at=f"{CLASSES}:25",
        path=f"{SECOND}.values.rate.value",
        zh='“0.0175”是浮点数；请写成加引号的十进制文字（"0.0175"）或整数。',
        en="'0.0175' is a floating-point literal; write decimal text (\"0.0175\") or a whole "
        "number.",
    ),
    Broken(
        code="bad_date",
        changed=with_change(CLASSES, "from: 2000-01-01", "from: 2000-02-30"),
        at=f"{CLASSES}:7",
        path=f"{FIRST}.from",
        zh="“2000-02-30”不是日期；应写成 年-月-日，例如 2026-11-20。",
        en="'2000-02-30' is not a date; write year-month-day, for example 2026-11-20.",
    ),
    Broken(
        code="bad_code",
        changed=with_change("pack.yaml", "due_day_on_rest_day: keep", "due_day_on_rest_day: move"),
        at="pack.yaml:9",
        path="due_day_on_rest_day",
        zh="“move”不在允许的取值之内：keep, next_working_day。",
        en="'move' is not one of the values allowed here: keep, next_working_day.",
    ),
    Broken(
        code="time_zone_unknown",
        changed=with_change("pack.yaml", "time_zone: UTC", "time_zone: Asia/Atlantis"),
        at="pack.yaml:5",
        path="time_zone",
        zh="“Asia/Atlantis”不是已知的时区；应为 IANA 名称，例如 Asia/Shanghai。",
        en="'Asia/Atlantis' is not a known time zone; write an IANA name such as Asia/Shanghai.",
    ),
    Broken(
        code="currency_unknown",
        changed=with_change("pack.yaml", "base_currency: USD", "base_currency: RMB"),
        at="pack.yaml:4",
        path="base_currency",
        zh="“RMB”不是已知的货币；应为 ISO 4217 代码，例如 CNY。",
        en="'RMB' is not a known currency; write an ISO 4217 code such as CNY.",
    ),
    Broken(
        code="source_missing",
        changed=with_change(CLASSES, "        source: ACT\n", ""),
        at=f"{CLASSES}:7",
        path=FIRST,
        zh="没有出处：每个版本须写明 source。没有出处，不予载入。",
        en="No source: every version names its source. No source, no load.",
    ),
    Broken(
        code="source_undeclared",
        changed=with_change(CLASSES, "source: ACT", "source: HEARSAY"),
        at=f"{CLASSES}:10",
        path=f"{FIRST}.source",
        zh="出处“HEARSAY”未在 sources.yaml 中声明。",
        en="The source 'HEARSAY' is not declared in sources.yaml.",
    ),
    Broken(
        code="source_duplicate",
        changed={"sources.yaml": SOURCES + SOURCES.removeprefix("sources:\n")},
        at="sources.yaml:10",
        path="sources[ACT]",
        zh="出处“ACT”声明了两次（第一次在第 2 行）。",
        en="The source 'ACT' is declared twice (first on line 2).",
    ),
    Broken(
        code="rule_duplicate",
        changed={"parameters/more.yaml": RULES.replace("AA-2", "AA-3")},
        at="parameters/more.yaml:3",
        path=RULE,
        zh="规则“AA-1”已在 parameters/classes.yaml:3 中写过；一条规则只写在一处。",
        en="The rule 'AA-1' stands already at parameters/classes.yaml:3; a rule is written in one "
        "place.",
    ),
    Broken(
        code="kind_unknown",
        changed=with_change(CLASSES, "kind: threshold", "kind: magic"),
        at=f"{CLASSES}:4",
        path=f"{RULE}.kind",
        zh=f"不认识的规则种类“magic”；可用的种类：{', '.join(KINDS)}。",
        en=f"Unknown kind of rule 'magic'; the kinds known are: {', '.join(KINDS)}.",
    ),
    Broken(
        code="versions_empty",
        changed={
            CLASSES: RULES
            + "  - {id: AA-9, kind: statement, subject: {zh: 空, en: empty}, versions: []}\n"
        },
        at=f"{CLASSES}:39",
        path="rules[AA-9].versions",
        zh="规则没有任何版本。",
        en="The rule has no version.",
    ),
    Broken(
        code="until_before_from",
        changed=with_change(CLASSES, "until: 2030-01-01", "until: 2010-01-01"),
        at=f"{CLASSES}:16",
        path=SECOND,
        zh="有效期的终点 2010-01-01 不晚于起点 2010-01-01；until 是失效的第一天。",
        en="The end 2010-01-01 is not after the start 2010-01-01; 'until' is the first day "
        "without force.",
    ),
    Broken(
        code="version_gap",
        changed=with_change(CLASSES, "until: 2010-01-01", "until: 2009-12-31"),
        at=f"{CLASSES}:16",
        path=SECOND,
        zh="版本之间有空档：2009-12-31 到 2010-01-01 之间没有任何版本。",
        en="Gap between versions: nothing is in force from 2009-12-31 until 2010-01-01.",
    ),
    Broken(
        code="version_overlap",
        changed=with_change(CLASSES, "until: 2010-01-01", "until: null"),
        at=f"{CLASSES}:16",
        path=SECOND,
        zh="版本重叠：自 2010-01-01 起的版本开始时，自 2000-01-01 起的版本尚未失效。",
        en="Overlap: the version from 2010-01-01 begins while the one from 2000-01-01 is still "
        "in force.",
    ),
    Broken(
        code="confidence_unknown",
        changed=with_change(CLASSES, "confidence: high", "confidence: certain"),
        at=f"{CLASSES}:13",
        path=f"{FIRST}.confidence",
        zh="“certain”不是可信度；可用：high、medium、low。",
        en="'certain' is not a confidence; use high, medium or low.",
    ),
    Broken(
        code="checked_in_future",
        changed=with_change(CLASSES, "checked_on: 2026-06-01", "checked_on: 2026-06-02"),
        at=f"{CLASSES}:12",
        path=f"{FIRST}.checked_on",
        zh="核对日 2026-06-02 晚于给定的日期 2026-06-01。",
        en="The last-checked day 2026-06-02 is after the given day 2026-06-01.",
        on=date(2026, 6, 1),
    ),
    Broken(
        code="why_not_missing",
        changed=with_change(CLASSES, "        why_not: {zh: 未见原文, en: text not seen}\n", ""),
        at=f"{CLASSES}:30",
        path="rules[AA-2].versions[1]",
        zh="不适用（enforced: false）的版本须写明 why_not：为何不适用。",
        en="A version that is not enforced says why: 'why_not' is missing.",
    ),
    Broken(
        code="unit_missing",
        changed=with_change(CLASSES, "value: 60, unit: days,", "value: 60,"),
        at=f"{CLASSES}:15",
        path=f"{FIRST}.values.dpd_over",
        zh="数值“dpd_over”没有单位（unit）。",
        en="The value 'dpd_over' has no unit.",
    ),
    Broken(
        code="unit_unknown",
        changed=with_change(CLASSES, "value: 60, unit: days", "value: 60, unit: moons"),
        at=f"{CLASSES}:15",
        path=f"{FIRST}.values.dpd_over.unit",
        zh=f"不认识的单位“moons”；可用的单位：{known_units()}。",
        en=f"Unknown unit 'moons'; the units known are: {known_units()}.",
    ),
    Broken(
        code="comparator_missing",
        changed=with_change(CLASSES, 'unit: days, comparator: ">",', "unit: days,"),
        at=f"{CLASSES}:15",
        path=f"{FIRST}.values.dpd_over",
        zh="数值“dpd_over”没有比较符（comparator）。",
        en="The value 'dpd_over' has no comparator.",
    ),
    Broken(
        code="comparator_unknown",
        changed=with_change(CLASSES, 'comparator: ">"', 'comparator: "over"'),
        at=f"{CLASSES}:15",
        path=f"{FIRST}.values.dpd_over.comparator",
        zh="不认识的比较符“over”；可用：> >= < <= = != in not in。",
        en="Unknown comparator 'over'; use one of: > >= < <= = != in not in.",
    ),
    Broken(
        code="value_not_in_unit",
        changed=with_change(CLASSES, "value: 60, unit: days", 'value: "60", unit: days'),
        at=f"{CLASSES}:15",
        path=f"{FIRST}.values.dpd_over.value",
        zh="“60”不能是单位“days”的数值；应为整数。",
        en="'60' is no value in the unit 'days'; it takes a whole number.",
    ),
    Broken(
        code="rule_unknown",
        changed=with_change("tables/classification.yaml", "rule: AA-1", "rule: AA-7"),
        at="tables/classification.yaml:5",
        path="rows[1].rule",
        zh="没有编号为“AA-7”的规则。",
        en="There is no rule with the id 'AA-7'.",
    ),
    Broken(
        code="rule_unknown",
        changed=with_change("cases/classes.yaml", "rule: AA-1", "rule: AA-7"),
        at="cases/classes.yaml:3",
        path="cases[AA-1/91].rule",
        zh="没有编号为“AA-7”的规则。",
        en="There is no rule with the id 'AA-7'.",
    ),
    Broken(
        code="value_unknown",
        changed=with_change("tables/classification.yaml", "{dpd_over}", "{rate}"),
        at="tables/classification.yaml:5",
        path="rows[1].when.dpd",
        zh="规则“AA-1”自 2000-01-01 起的版本没有名为“rate”的数值。",
        en="The version of rule 'AA-1' from 2000-01-01 has no value named 'rate'.",
    ),
    Broken(
        code="column_unknown",
        changed=with_change("tables/classification.yaml", "when: {dpd:", "when: {days:"),
        at="tables/classification.yaml:5",
        path="rows[1].when.days",
        zh="决策表没有名为“days”的输入列；已声明的列：dpd。",
        en="The table has no input column 'days'; declared are: dpd.",
    ),
    Broken(
        code="id_duplicate",
        changed={
            "tables/second.yaml": "id: classification\nhit_policy: COLLECT\ninputs: {}\nrows: []\n"
        },
        at="tables/second.yaml:1",
        path="",
        zh="编号“classification”已在 tables/classification.yaml:1 中用过。",
        en="The id 'classification' is already used at tables/classification.yaml:1.",
    ),
    Broken(
        code="due_day_rule_missing",
        changed=with_change("pack.yaml", "due_day_rule: AA-2", "due_day_rule: AA-7"),
        at="pack.yaml:1",
        path="",
        zh="pack.yaml 的 due_day_rule 指名的规则“AA-7”不存在。",
        en="pack.yaml names 'AA-7' as due_day_rule, but there is no such rule.",
    ),
    Broken(
        code="complaint_rule_missing",
        changed=with_change(
            "pack.yaml", "due_day_rule: AA-2", "due_day_rule: AA-2\ncomplaint_rule: AA-7"
        ),
        at="pack.yaml:1",
        path="",
        zh="pack.yaml 的 complaint_rule 指名的规则“AA-7”不存在。",
        en="pack.yaml names 'AA-7' as complaint_rule, but there is no such rule.",
    ),
    Broken(
        code="forbidden_rule_missing",
        changed=with_change(
            "pack.yaml",
            "due_day_rule: AA-2",
            "due_day_rule: AA-2\nforbidden_columns: {rule: AA-7, traits: []}",
        ),
        at="pack.yaml:1",
        path="",
        zh="pack.yaml 的 forbidden_columns 指名的规则“AA-7”不存在。",
        en="pack.yaml names 'AA-7' for forbidden_columns, but there is no such rule.",
    ),
    Broken(
        code="night_role_unknown",
        changed=with_change("pack.yaml", "AA-1.dpd_over", "AA-1.days_over"),
        at="pack.yaml:1",
        path="",
        zh="pack.yaml 的 night.npl_over_days 指名“AA-1.days_over”，没有这样的“规则.数值”。",
        en="pack.yaml names 'AA-1.days_over' for night.npl_over_days, but there is no such "
        "RULE.value.",
    ),
    Broken(
        code="calendar_year_duplicate",
        changed={"calendars/more.yaml": CALENDAR},
        at="calendars/more.yaml:4",
        path="years.2026",
        zh="日历年份 2026 已在 calendars/days.yaml:4 中写过。",
        en="The calendar year 2026 stands already at calendars/days.yaml:4.",
    ),
    Broken(
        code="calendar_day_outside_year",
        changed=with_change("calendars/days.yaml", "on: 2026-01-01", "on: 2025-01-01"),
        at="calendars/days.yaml:8",
        path="years.2026.off[1]",
        zh="2025-01-01 不在 2026 年内。",
        en="2025-01-01 is not in the year 2026.",
    ),
    Broken(
        code="calendar_day_twice",
        changed=with_change("calendars/days.yaml", "on: 2026-01-01", "on: 2026-05-02"),
        at="calendars/days.yaml:4",
        path="years.2026",
        zh="2026-05-02 在这一年的日历中写了两次。",
        en="2026-05-02 stands twice in the calendar of this year.",
    ),
    Broken(
        code="calendar_not_a_weekend",
        changed=with_change("calendars/days.yaml", "[2026-05-09]", "[2026-05-08]"),
        at="calendars/days.yaml:10",
        path="years.2026.working_weekends[1]",
        zh="2026-05-08 不是周末，不必列为调休上班日。",
        en="2026-05-08 is not on a weekend, so it is no make-up working day.",
    ),
)


def findings_of(broken: Broken, root: Path) -> tuple[Finding, ...]:
    folder = write_pack(root, broken.changed)
    with pytest.raises(PackRefused) as refused:
        load_pack(folder, on=broken.on)
    return refused.value.findings


@pytest.mark.parametrize("broken", BROKEN, ids=lambda one: f"{one.code}-{one.at}")
def test_broken_pack_is_refused_at_its_place_with_its_sentence(
    broken: Broken, tmp_path: Path
) -> None:
    found = findings_of(broken, tmp_path)

    matching = [one for one in found if one.code == broken.code]
    assert matching, [str(one) for one in found]
    first = matching[0]
    assert (str(first.place), first.path) == (broken.at, broken.path)
    assert first.sentence.zh == broken.zh
    assert first.sentence.en == broken.en
    assert first.severity == "error"


def test_unreadable_cell_is_refused_with_the_reader_s_own_words(tmp_path: Path) -> None:
    folder = write_pack(
        tmp_path, with_change("tables/classification.yaml", "> {dpd_over}", ">> {dpd_over}")
    )

    with pytest.raises(PackRefused) as refused:
        load_pack(folder)

    first = refused.value.findings[0]
    assert first.code == "cell_unreadable"
    assert first.line == 5
    assert first.sentence.en.startswith("The cell '>> 60' cannot be read: ")
    assert first.sentence.zh.startswith("单元格“>> 60”无法读懂：")


def test_every_refusal_the_loader_knows_has_a_broken_pack_here() -> None:
    provoked = {broken.code for broken in BROKEN} | {"cell_unreadable"}

    assert provoked == SENTENCES.keys() - CHECKED_ONLY_BY_PACKS_CHECK


def test_the_unbroken_pack_loads(tmp_path: Path) -> None:
    pack = load_pack(write_pack(tmp_path), on=date(2026, 6, 1))

    assert sorted(pack.rules) == ["AA-1", "AA-2"]


def test_all_findings_are_told_at_once_and_in_order_of_place(tmp_path: Path) -> None:
    rules = RULES.replace("source: ACT", "source: X").replace(
        "confidence: high", "confidence: so-so"
    )
    folder = write_pack(tmp_path, {CLASSES: rules, "parameters/odd.txt": "odd"})

    with pytest.raises(PackRefused) as refused:
        load_pack(folder)

    found = refused.value.findings
    own = [(one.line, one.code) for one in found if one.file == CLASSES]
    assert own == [
        (10, "source_undeclared"),
        (13, "confidence_unknown"),
        (19, "source_undeclared"),
        (33, "source_undeclared"),
    ]
    assert "unknown_file" in {one.code for one in found}
    assert [(one.file, one.line) for one in found] == sorted((one.file, one.line) for one in found)
    assert str(refused.value).count("\n") == len(found) - 1
