"""What is wrong with a pack: findings with their place, and the refusal that carries them all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

from recoup.policy.bilingual import Bilingual

ERROR = "error"
WARNING = "warning"

SENTENCES: Mapping[str, Bilingual] = MappingProxyType(
    {
        # Files
        "pack_yaml_missing": Bilingual(
            zh="文件夹“{folder}”中没有 pack.yaml，因此不是法规包。",
            en="The folder '{folder}' has no pack.yaml, so it is not a pack.",
        ),
        "sources_yaml_missing": Bilingual(
            zh="法规包中没有 sources.yaml；没有出处的数值不予载入。",
            en="The pack has no sources.yaml; a value without a source is not loaded.",
        ),
        "folder_name_differs": Bilingual(
            zh="pack.yaml 中的 id 是“{id}”，而文件夹名是“{folder}”；两者须相同。",
            en="pack.yaml says id '{id}' but the folder is named '{folder}'; "
            "they must be the same.",
        ),
        "unknown_file": Bilingual(
            zh="法规包中不应有文件“{name}”；它不会被读取，请改名、移走或删除。",
            en="A pack has no place for the file '{name}'; it would not be read: rename, move or "
            "delete it.",
        ),
        "file_unreadable": Bilingual(
            zh="文件无法读取：{problem}。",
            en="The file cannot be read: {problem}.",
        ),
        "yaml_unreadable": Bilingual(
            zh="不是可读的 YAML：{problem}。",
            en="This is not readable YAML: {problem}.",
        ),
        "yaml_anchor": Bilingual(
            zh="法规包中不得使用 YAML 锚点、别名或标签：每个数值须写在它自己的位置。",
            en="Anchors, aliases and tags of YAML are not used in a pack: "
            "every value stands at its own place.",
        ),
        "nested_too_deep": Bilingual(
            zh="嵌套过深：一个法规包用不到这么多层。",
            en="Nested too deep: a pack has no use for so many levels.",
        ),
        "file_empty": Bilingual(
            zh="文件是空的。",
            en="The file is empty.",
        ),
        # Shape
        "not_a_mapping": Bilingual(
            zh="此处应为“键: 值”的集合。",
            en="A set of 'key: value' pairs belongs here.",
        ),
        "not_a_list": Bilingual(
            zh="此处应为列表。",
            en="A list belongs here.",
        ),
        "not_a_text": Bilingual(
            zh="此处应为文字。",
            en="A text belongs here.",
        ),
        "not_a_boolean": Bilingual(
            zh="此处应为 true 或 false，而不是“{text}”。",
            en="true or false belongs here, not '{text}'.",
        ),
        "not_a_whole_number": Bilingual(
            zh="此处应为整数，而不是“{text}”。",
            en="A whole number belongs here, not '{text}'.",
        ),
        "unknown_key": Bilingual(
            zh="不认识的键“{key}”；可用的键：{known}。",
            en="Unknown key '{key}'; the keys known here are: {known}.",
        ),
        "duplicate_key": Bilingual(
            zh="键“{key}”出现了两次（第一次在第 {first} 行）。",
            en="The key '{key}' stands here twice (first on line {first}).",
        ),
        "key_missing": Bilingual(
            zh="缺少必填的键“{key}”。",
            en="The required key '{key}' is missing.",
        ),
        "language_missing": Bilingual(
            zh="缺少语言“{language}”的文字；凡给人看的文字须有中文和英文。",
            en="The text in language '{language}' is missing; "
            "what a person reads exists in zh and en.",
        ),
        "float_literal": Bilingual(
            zh='“{text}”是浮点数；请写成加引号的十进制文字（"{text}"）或整数。',
            en="'{text}' is a floating-point literal; write decimal text (\"{text}\") "
            "or a whole number.",
        ),
        "bad_date": Bilingual(
            zh="“{text}”不是日期；应写成 年-月-日，例如 2026-11-20。",
            en="'{text}' is not a date; write year-month-day, for example 2026-11-20.",
        ),
        "bad_code": Bilingual(
            zh="“{text}”不在允许的取值之内：{known}。",
            en="'{text}' is not one of the values allowed here: {known}.",
        ),
        # Sources
        "source_missing": Bilingual(
            zh="没有出处：每个版本须写明 source。没有出处，不予载入。",
            en="No source: every version names its source. No source, no load.",
        ),
        "source_undeclared": Bilingual(
            zh="出处“{source}”未在 sources.yaml 中声明。",
            en="The source '{source}' is not declared in sources.yaml.",
        ),
        "source_duplicate": Bilingual(
            zh="出处“{source}”声明了两次（第一次在第 {first} 行）。",
            en="The source '{source}' is declared twice (first on line {first}).",
        ),
        # Rules and versions
        "rule_duplicate": Bilingual(
            zh="规则“{rule}”已在 {first} 中写过；一条规则只写在一处。",
            en="The rule '{rule}' stands already at {first}; a rule is written in one place.",
        ),
        "kind_unknown": Bilingual(
            zh="不认识的规则种类“{kind}”；可用的种类：{known}。",
            en="Unknown kind of rule '{kind}'; the kinds known are: {known}.",
        ),
        "versions_empty": Bilingual(
            zh="规则没有任何版本。",
            en="The rule has no version.",
        ),
        "until_before_from": Bilingual(
            zh="有效期的终点 {until} 不晚于起点 {start}；until 是失效的第一天。",
            en="The end {until} is not after the start {start}; "
            "'until' is the first day without force.",
        ),
        "version_gap": Bilingual(
            zh="版本之间有空档：{until} 到 {start} 之间没有任何版本。",
            en="Gap between versions: nothing is in force from {until} until {start}.",
        ),
        "version_overlap": Bilingual(
            zh="版本重叠：自 {start} 起的版本开始时，自 {earlier} 起的版本尚未失效。",
            en="Overlap: the version from {start} begins while the one from {earlier} "
            "is still in force.",
        ),
        "confidence_unknown": Bilingual(
            zh="“{text}”不是可信度；可用：high、medium、low。",
            en="'{text}' is not a confidence; use high, medium or low.",
        ),
        "checked_in_future": Bilingual(
            zh="核对日 {checked} 晚于给定的日期 {on}。",
            en="The last-checked day {checked} is after the given day {on}.",
        ),
        "why_not_missing": Bilingual(
            zh="不适用（enforced: false）的版本须写明 why_not：为何不适用。",
            en="A version that is not enforced says why: 'why_not' is missing.",
        ),
        # Values
        "unit_missing": Bilingual(
            zh="数值“{name}”没有单位（unit）。",
            en="The value '{name}' has no unit.",
        ),
        "unit_unknown": Bilingual(
            zh="不认识的单位“{unit}”；可用的单位：{known}。",
            en="Unknown unit '{unit}'; the units known are: {known}.",
        ),
        "comparator_missing": Bilingual(
            zh="数值“{name}”没有比较符（comparator）。",
            en="The value '{name}' has no comparator.",
        ),
        "comparator_unknown": Bilingual(
            zh="不认识的比较符“{comparator}”；可用：{known}。",
            en="Unknown comparator '{comparator}'; use one of: {known}.",
        ),
        "value_not_in_unit": Bilingual(
            zh="“{text}”不能是单位“{unit}”的数值；应为{expected_zh}。",
            en="'{text}' is no value in the unit '{unit}'; it takes {expected_en}.",
        ),
        # Tables, texts, cases, calendars
        "rule_unknown": Bilingual(
            zh="没有编号为“{rule}”的规则。",
            en="There is no rule with the id '{rule}'.",
        ),
        "value_unknown": Bilingual(
            zh="规则“{rule}”自 {start} 起的版本没有名为“{name}”的数值。",
            en="The version of rule '{rule}' from {start} has no value named '{name}'.",
        ),
        "column_unknown": Bilingual(
            zh="决策表没有名为“{column}”的输入列；已声明的列：{known}。",
            en="The table has no input column '{column}'; declared are: {known}.",
        ),
        "cell_unreadable": Bilingual(
            zh="单元格“{cell}”无法读懂：{problem}",
            en="The cell '{cell}' cannot be read: {problem}",
        ),
        "id_duplicate": Bilingual(
            zh="编号“{id}”已在 {first} 中用过。",
            en="The id '{id}' is already used at {first}.",
        ),
        "due_day_rule_missing": Bilingual(
            zh="pack.yaml 的 due_day_rule 指名的规则“{rule}”不存在。",
            en="pack.yaml names '{rule}' as due_day_rule, but there is no such rule.",
        ),
        "forbidden_rule_missing": Bilingual(
            zh="pack.yaml 的 forbidden_columns 指名的规则“{rule}”不存在。",
            en="pack.yaml names '{rule}' for forbidden_columns, but there is no such rule.",
        ),
        "complaint_rule_missing": Bilingual(
            zh="pack.yaml 的 complaint_rule 指名的规则“{rule}”不存在。",
            en="pack.yaml names '{rule}' as complaint_rule, but there is no such rule.",
        ),
        "night_role_unknown": Bilingual(
            zh="pack.yaml 的 night.{role} 指名“{named}”，没有这样的“规则.数值”。",
            en="pack.yaml names '{named}' for night.{role}, but there is no such RULE.value.",
        ),
        "time_zone_unknown": Bilingual(
            zh="“{text}”不是已知的时区；应为 IANA 名称，例如 Asia/Shanghai。",
            en="'{text}' is not a known time zone; write an IANA name such as Asia/Shanghai.",
        ),
        "currency_unknown": Bilingual(
            zh="“{text}”不是已知的货币；应为 ISO 4217 代码，例如 CNY。",
            en="'{text}' is not a known currency; write an ISO 4217 code such as CNY.",
        ),
        "calendar_year_duplicate": Bilingual(
            zh="日历年份 {year} 已在 {first} 中写过。",
            en="The calendar year {year} stands already at {first}.",
        ),
        "calendar_day_outside_year": Bilingual(
            zh="{day} 不在 {year} 年内。",
            en="{day} is not in the year {year}.",
        ),
        "calendar_day_twice": Bilingual(
            zh="{day} 在这一年的日历中写了两次。",
            en="{day} stands twice in the calendar of this year.",
        ),
        "calendar_not_a_weekend": Bilingual(
            zh="{day} 不是周末，不必列为调休上班日。",
            en="{day} is not on a weekend, so it is no make-up working day.",
        ),
        # Warnings and failures of `recoup packs check`
        "clause_unreadable": Bilingual(
            zh="规则“{rule}”写成这样无法适用：{problem}",
            en="Rule '{rule}' cannot be applied as written: {problem}",
        ),
        "recheck_due": Bilingual(
            zh="规则“{rule}”上次核对于 {checked}，"
            "至 {on} 已过 {days} 天（限 {limit} 天）：请重新核对。",
            en="Rule '{rule}' was last checked on {checked}, {days} days before {on}, "
            "more than {limit}: check it again.",
        ),
        "stale": Bilingual(
            zh="规则“{rule}”上次核对于 {checked}，"
            "至 {on} 已过 {days} 天（限 {limit} 天）：已过期。",
            en="Rule '{rule}' was last checked on {checked}, {days} days before {on}, "
            "more than {limit}: it is stale.",
        ),
        "calendar_recheck_due": Bilingual(
            zh="{year} 年日历上次核对于 {checked}，"
            "至 {on} 已过 {days} 天（限 {limit} 天）：请重新核对。",
            en="The calendar of {year} was last checked on {checked}, {days} days before {on}, "
            "more than {limit}: check it again.",
        ),
        "calendar_stale": Bilingual(
            zh="{year} 年日历上次核对于 {checked}，"
            "至 {on} 已过 {days} 天（限 {limit} 天）：已过期。",
            en="The calendar of {year} was last checked on {checked}, {days} days before {on}, "
            "more than {limit}: it is stale.",
        ),
        "source_not_yet_in_force": Bilingual(
            zh="规则“{rule}”的版本自 {start} 起，而其出处“{source}”自 {source_from} 起才生效。",
            en="Rule '{rule}' has a version from {start}, but its source '{source}' "
            "is in force only from {source_from}.",
        ),
        "source_no_longer_in_force": Bilingual(
            zh="规则“{rule}”在 {on} 有效，而其出处“{source}”已于 {source_until} 失效。",
            en="Rule '{rule}' is in force on {on}, but its source '{source}' "
            "lost force on {source_until}.",
        ),
        "source_unused": Bilingual(
            zh="出处“{source}”没有任何规则或日历引用。",
            en="The source '{source}' is cited by no rule and no calendar.",
        ),
        "calendar_year_missing": Bilingual(
            zh="缺少 {year} 年的工作日历；涉及该年的期限不作推算。",
            en="The working-day calendar of {year} is missing; "
            "no date that falls in it will be computed.",
        ),
        "calendar_year_provisional": Bilingual(
            zh="{year} 年的工作日历是暂定的：{why}",
            en="The working-day calendar of {year} is provisional: {why}",
        ),
        "case_failed": Bilingual(
            zh="案例“{case}”不符：{key} 应为 {expected}，实为 {got}。",
            en="Case '{case}' fails: {key} should be {expected} and is {got}.",
        ),
        "case_stopped": Bilingual(
            zh="案例“{case}”未能算出：{problem}",
            en="Case '{case}' could not be worked out: {problem}",
        ),
    }
)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where in a pack something stands.

    ``path`` is the way down inside the file, for example ``rules[CN-CLS-05].versions[1].until``;
    list items are named by their id, or counted from 1.
    """

    file: str
    line: int
    path: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing wrong with a pack: its stable code, its place, and the sentence in zh and en."""

    code: str
    severity: str
    place: Place
    sentence: Bilingual

    @property
    def file(self) -> str:
        return self.place.file

    @property
    def line(self) -> int:
        return self.place.line

    @property
    def path(self) -> str:
        return self.place.path

    def __str__(self) -> str:
        where = f"{self.place} {self.path}".rstrip()
        return f"{where}: {self.sentence.zh} / {self.sentence.en}"


def finding(
    code: str, place: Place, *, severity: str = ERROR, fill: Mapping[str, object]
) -> Finding:
    """Yield the finding ``code`` at ``place``, its sentence filled in.

    A filling that differs by language is given as a Bilingual.
    """
    template = SENTENCES[code]
    sentence = Bilingual(
        zh=template.zh.format(**{name: _in_zh(value) for name, value in fill.items()}),
        en=template.en.format(**{name: _in_en(value) for name, value in fill.items()}),
    )
    return Finding(code=code, severity=severity, place=place, sentence=sentence)


def _in_zh(value: object) -> object:
    return value.zh if isinstance(value, Bilingual) else value


def _in_en(value: object) -> object:
    return value.en if isinstance(value, Bilingual) else value


class Findings:
    """Collects findings while a pack, or what builds on one, is read: all are told at once.

    ``sentences`` are those that a kind of its own adds to the pack's.
    """

    sentences: ClassVar[Mapping[str, Bilingual]] = MappingProxyType({})

    def __init__(self) -> None:
        self._found: list[Finding] = []

    def add(self, code: str, place: Place, **fill: object) -> None:
        """Note one error."""
        template = self.sentences.get(code)
        if template is None:
            self._found.append(finding(code, place, fill=fill))
            return
        sentence = Bilingual(
            zh=template.zh.format(**{name: _in(value, "zh") for name, value in fill.items()}),
            en=template.en.format(**{name: _in(value, "en") for name, value in fill.items()}),
        )
        self._found.append(Finding(code=code, severity=ERROR, place=place, sentence=sentence))

    def sorted(self) -> tuple[Finding, ...]:
        """Yield everything noted, by file, line, path and code."""
        return in_order(self._found)


def _in(value: object, language: str) -> object:
    return value.of(language) if isinstance(value, Bilingual) else value


def in_order(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Yield the findings by file, line, path and code."""
    return tuple(sorted(found, key=lambda one: (one.file, one.line, one.path, one.code)))


class PackRefused(Exception):
    """A pack is not loaded; ``findings`` says everything that is wrong with it."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("\n".join(str(one) for one in findings))
        self.findings = findings
