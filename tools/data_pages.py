"""Writes docs/data: what goes into a night and what comes out, column by column, zh and en.

The book's pages come from the book contract in code and the catalogue of findings; the results'
pages from the schemas that the night writes and the meanings in docs/data/columns.yaml. Where the
two disagree nothing is written. ``--check`` only compares; it ends with status 1 if a page is old.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from recoup.engine.book import contract, sentences
from recoup.engine.book.contract import Column, Kind, TableSpec
from recoup.engine.book.rejects import REJECT_SCHEMA
from recoup.engine.outcome import DECISIONS, PEOPLE
from recoup.engine.ranking import WORKLIST
from recoup.policy.pack import load_pack

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "docs" / "data"
MEANINGS = DATA / "columns.yaml"
SCHEMAS = {
    "decisions": DECISIONS,
    "people": PEOPLE,
    "worklist": WORKLIST,
    "rejects": REJECT_SCHEMA,
}
LANGUAGES = {"en": "", "zh": ".zh-CN"}
#: Packs whose wishes for further columns of contracts are listed.
PACKS = ("cn",)

Words = Mapping[str, str]


class MeaningsDisagree(ValueError):
    """columns.yaml names other columns than the night writes."""


@dataclass(frozen=True)
class Form:
    """How a kind of cell is written in a book, and how the night keeps it."""

    zh: str
    en: str
    kept: str


FORMS = {
    Kind.ID: Form("文本，原样比较", "text, compared as it stands", "text"),
    Kind.TEXT: Form("文本", "text", "text"),
    Kind.CODE: Form("代码", "code", "text"),
    Kind.CURRENCY: Form("ISO 4217 代码", "code of ISO 4217", "text"),
    Kind.ZONE: Form(
        "时区名称，如 Asia/Shanghai", "name of a time zone, such as Asia/Shanghai", "text"
    ),
    Kind.BOOLEAN: Form("true 或 false", "true or false", "boolean"),
    Kind.DATE: Form("YYYY-MM-DD", "YYYY-MM-DD", "date32"),
    Kind.INSTANT: Form("带时区偏移的 ISO 8601 时刻", "ISO 8601 with its offset", "timestamp, UTC"),
    Kind.AMOUNT: Form("十进制，主币单位", "decimal, major units", "int64, minor units"),
    Kind.RATE: Form("年百分数，如 4.35", "percent a year, as in 4.35", "int64, ppm a year"),
    Kind.WHOLE: Form("整数", "whole number", "int32"),
    Kind.FRACTION: Form("十进制", "decimal", "num/den, int64"),
}

TITLES: Mapping[str, Words] = {
    "book": {
        "zh": "# 账册：交给日终的数据\n\n"
        "一个文件夹，每张表一个文件：`<表>.parquet`，或 `<表>.csv`（可为 `.csv.gz`、`.csv.zst`）。"
        "★ 为必需的表或列，其余可缺。“整行”标明的列一旦读不懂，"
        "整行不采用（错误）；其他列读不懂，只丢该值（警告）。debtors、contracts、instalments、"
        "payments 中不采用的行，使相关合同无法判断，分类为 `unknown`。"
        "怎样导出见[运行日终](../howto/run-a-night.zh-CN.md)。\n\n"
        "本页由 `make docs` 从代码生成。",
        "en": "# The book: what goes into the night\n\n"
        "A folder with one file per table: `<table>.parquet`, or `<table>.csv` (also `.csv.gz`, "
        "`.csv.zst`). ★ marks required tables and columns; the others may be absent. In columns "
        "marked *whole row* a value that cannot be read takes its row out (error); elsewhere only "
        "that value is left out (warning). A row taken out of debtors, contracts, instalments or "
        "payments makes its contracts undecidable (`unknown`). How to export: "
        "[run a night](../howto/run-a-night.md).\n\n"
        "This page is made by `make docs` from the code.",
    },
    "results": {
        "zh": "# 结果：日终写出的数据\n\n"
        "`--out` 指定的文件夹。金额为最小单位的整数（人民币为分），空值表示不明，不表示零。"
        "怎样使用见[运行日终](../howto/run-a-night.zh-CN.md)。\n\n本页由 `make docs` 从代码生成。",
        "en": "# The results: what a night writes\n\n"
        "The folder given as `--out`. Amounts are whole numbers of minor units (CNY: fen); a null "
        "means not known, never zero. How to use them: [run a night](../howto/run-a-night.md).\n\n"
        "This page is made by `make docs` from the code.",
    },
}
#: Arrow types that are named in plainer words.
TYPES = {"string": "text", "list<item: string>": "list of text", "date32[day]": "date"}
SEVERITIES: Mapping[str, Words] = {
    "error": {"zh": "错误", "en": "error"},
    "warning": {"zh": "警告", "en": "warning"},
    "note": {"zh": "提示", "en": "note"},
}
HEADS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "book": {
        "zh": ("列", "含义", "写法", "内部形式", "整行"),
        "en": ("column", "meaning", "written", "kept as", "whole row"),
    },
    "results": {
        "zh": ("列", "类型", "单位", "含义", "出处"),
        "en": ("column", "type", "unit", "meaning", "defined in"),
    },
    "findings": {
        "zh": ("代码", "程度", "说明"),
        "en": ("code", "severity", "sentence"),
    },
    "manifest": {"zh": ("键", "含义"), "en": ("key", "meaning")},
    "further": {"zh": ("列", "规则"), "en": ("column", "rule")},
}


def pages() -> Mapping[str, str]:
    """Yield every page by its name in docs/data."""
    meanings = read_meanings()
    made = {}
    for language, ending in LANGUAGES.items():
        made[f"book{ending}.md"] = _page(book_page(language))
        made[f"results{ending}.md"] = _page(results_page(language, meanings))
    return made


def read_meanings() -> Mapping[str, Any]:
    """Yield the meanings of all result columns.

    Errors: MeaningsDisagree, when they are not those of the schemas, in the same order.
    """
    meanings: Mapping[str, Any] = YAML(typ="safe").load(MEANINGS)
    for name, schema in SCHEMAS.items():
        told = list(meanings["tables"][name]["columns"])
        if told != schema.names:
            odd = sorted(set(told) ^ set(schema.names)) or "another order"
            raise MeaningsDisagree(f"columns.yaml and the schema of {name} disagree: {odd}")
        for column, words in meanings["tables"][name]["columns"].items():
            if not {"zh", "en"} <= set(words) <= {"zh", "en", "unit", "from"}:
                raise MeaningsDisagree(f"columns.yaml, {name}.{column}: {sorted(words)}")
    return meanings


def book_page(language: str) -> Iterator[str]:
    """Yield the page of the book contract, part by part."""
    yield TITLES["book"][language]
    yield _limits(language)
    for table in contract.TABLES:
        star = " ★" if table.required else ""
        title = _in(table, language)
        more = "" if title == table.name else f"{_colon(language)}{title}"
        yield f"## {table.name}{star}{more}"
        yield _key_line(table, language)
        rows = [_book_row(column, language) for column in table.columns]
        yield _table(HEADS["book"][language], rows)
    yield from _further(language)
    yield {"zh": "## 逐行检查发现的问题", "en": "## Findings of the row checks"}[language]
    rows = [
        (
            f"`{one.code}`",
            SEVERITIES[one.severity.word][language],
            _in(one, language).replace("{column}", "…"),
        )
        for one in sentences.CATALOGUE
    ]
    yield _table(HEADS["findings"][language], rows)


def _limits(language: str) -> str:
    amount, cell = f"{contract.AMOUNT_LIMIT_MAJOR:,}", f"{contract.CELL_LIMIT_BYTES:,}"
    line, years = f"{contract.LINE_LIMIT_BYTES:,}", (contract.FIRST_YEAR, contract.LAST_YEAR)
    return {
        "zh": f"限度：金额小于 {amount}（主币单位）；日期在 {years[0]} 至 {years[1]} 年之间；"
        f"单元格不超过 {cell} 字节，CSV 一行不超过 {line} 字节；单元格内不允许换行。",
        "en": f"Limits: amounts below {amount} major units; days in the years {years[0]} to "
        f"{years[1]}; cells of at most {cell} bytes and CSV lines of at most {line}; no line "
        "breaks inside cells.",
    }[language]


def _further(language: str) -> Iterator[str]:
    yield {"zh": "## contracts 的更多列", "en": "## Further columns of contracts"}[language]
    yield {
        "zh": "约定之外的是非列也会读入，供法规包中指名需要它的规则使用；没有该列时，规则照列于"
        "清单 `facts_the_book_lacks`，不对任何合同审查。约定之外的其他列不采用，并有说明。",
        "en": "Boolean columns beyond the contract are read too, for rules of the pack that name "
        "them. Where such a column is absent, the manifest lists the rule under "
        "`facts_the_book_lacks` and no contract is held against it. Other further columns are not "
        "used, and a remark says so.",
    }[language]
    rows = []
    for name in PACKS:
        pack = load_pack(ROOT / "packs" / name)
        for table in pack.tables.values():
            rows += [
                (f"`{row.needs_column}`", f"{row.rule} ({row.limb})")
                for row in table.rows
                if row.needs_column is not None
            ]
    yield _table(HEADS["further"][language], rows)


def results_page(language: str, meanings: Mapping[str, Any]) -> Iterator[str]:
    """Yield the page of the results, part by part."""
    yield TITLES["results"][language]
    for name, schema in SCHEMAS.items():
        told = meanings["tables"][name]
        yield f"## {name}.parquet"
        yield told[language]
        rows = [
            _result_row(field, told["columns"][field.name], meanings["units"], language)
            for field in schema
        ]
        yield _table(HEADS["results"][language], rows)
    yield "## manifest.json"
    rows = [(f"`{key}`", words[language]) for key, words in meanings["manifest"].items()]
    yield _table(HEADS["manifest"][language], rows)


def _key_line(table: TableSpec, language: str) -> str:
    keys = ", ".join(f"`{name}`" for name in table.key)
    return f"主键：{keys}" if language == "zh" else f"Key: {keys}"


def _book_row(column: Column, language: str) -> tuple[str, ...]:
    form = FORMS[column.kind]
    written = " ".join(f"`{code}`" for code in column.codes) or _in(form, language)
    kept = form.kept if column.stored_as == column.name else f"`{column.stored_as}`, {form.kept}"
    star = " ★" if column.required else ""
    decides = {"zh": "是", "en": "yes"}[language] if column.matters else ""
    return (f"`{column.name}`{star}", _in(column, language), written, kept, decides)


def _result_row(field: Any, told: Words, units: Any, language: str) -> tuple[str, ...]:
    unit = units[told["unit"]][language] if "unit" in told else ""
    kind = TYPES.get(str(field.type), str(field.type))
    if language == "zh":
        kind = (
            kind.replace("list of text", "文本列表").replace("text", "文本").replace("date", "日期")
        )
    origin = told.get("from", "")
    if language == "zh":
        origin = origin.replace("[allocation]", "[分配]").replace("[delinquency]", "[逾期]")
        origin = origin.replace("[promises]", "[承诺]").replace("[decision 4]", "[决定 4]")
    return (f"`{field.name}`", kind, unit, told[language], origin)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _in(thing: object, language: str) -> str:
    words: str = getattr(thing, language)
    return words


def _colon(language: str) -> str:
    return "：" if language == "zh" else ": "


def _page(parts: Iterator[str]) -> str:
    return "\n\n".join(parts) + "\n"


def main() -> int:
    """Write the pages, or compare; yield the exit status."""
    parser = argparse.ArgumentParser(description="Writes docs/data/book and results, zh and en.")
    parser.add_argument("--check", action="store_true", help="write nothing; compare")
    check = parser.parse_args().check
    stale = []
    for name, text in pages().items():
        path = DATA / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if not check:
                path.write_text(text, encoding="utf-8")
    if stale and check:
        print(f"not current: {', '.join(stale)}; run make docs")
    return 1 if stale and check else 0


if __name__ == "__main__":
    sys.exit(main())
