"""The page that tells a bank's engineer which files to deliver, made from the contract itself."""

from collections.abc import Iterator

from recoup.engine.book import contract
from recoup.engine.book.contract import TABLES, Column, Kind, TableSpec
from recoup.engine.book.sentences import CATALOGUE

_KINDS = {
    Kind.ID: ("标识（原样保留）", "id, kept as it is"),
    Kind.TEXT: ("文本", "text"),
    Kind.CODE: ("代码", "code"),
    Kind.CURRENCY: ("ISO 4217 币种", "currency of ISO 4217"),
    Kind.ZONE: ("时区名称", "name of a time zone"),
    Kind.BOOLEAN: ("true / false", "true / false"),
    Kind.DATE: ("日期 YYYY-MM-DD", "date YYYY-MM-DD"),
    Kind.INSTANT: ("带偏移的时刻", "instant with offset"),
    Kind.AMOUNT: ("金额（主币单位）", "amount in major units"),
    Kind.RATE: ("年百分数", "percent a year"),
    Kind.WHOLE: ("整数", "whole number"),
    Kind.FRACTION: ("小数", "decimal"),
}


def contract_page() -> str:
    """Yield the page as Markdown, Chinese and English side by side."""
    lines = [
        "# 账册数据接口 / The book contract",
        "",
        "★ 必需的表或列。损坏后合同无法判断的列标 ◆；其余列的错误只提示。",
        "",
        "★ required table or column. ◆ a faulty value makes the contract undecidable; elsewhere a "
        "faulty value is left out with a warning.",
        "",
        f"- 金额小于 {contract.AMOUNT_LIMIT_MAJOR:,}（主币单位） / amounts stay below that many "
        "major units",
        f"- 日期在 {contract.FIRST_YEAR} 至 {contract.LAST_YEAR} 年之间 / days lie in these years",
        f"- 单元格不超过 {contract.CELL_LIMIT_BYTES:,} 字节，CSV 一行不超过 "
        f"{contract.LINE_LIMIT_BYTES:,} 字节 / no cell and no CSV line is longer, in bytes",
        "- CSV 一行一条记录，单元格内不允许换行 / a CSV line is a row; cells hold no line breaks",
        "",
    ]
    for table in TABLES:
        lines.extend(_table(table))
    lines.extend(_findings())
    return "\n".join(lines) + "\n"


def _table(table: TableSpec) -> Iterator[str]:
    mark = "★ " if table.required else ""
    yield f"## {mark}{table.name} — {table.zh} / {table.en}"
    yield ""
    yield f"主键 / key: {', '.join(table.key)}"
    yield ""
    yield "| 列 / column | 含义 / meaning | 类型 / type |"
    yield "| --- | --- | --- |"
    for column in table.columns:
        mark = "★ " if column.required else "◆ " if column.decides else ""
        yield f"| {mark}{column.name} | {column.zh} / {column.en} | {_type(column)} |"
    yield ""


def _type(column: Column) -> str:
    zh, en = _KINDS[column.kind]
    if column.codes:
        return ", ".join(f"`{code}`" for code in column.codes)
    return zh if zh == en else f"{zh} / {en}"


def _findings() -> Iterator[str]:
    yield "## 检查 / Checks"
    yield ""
    yield "| 代码 / code | 级别 / severity | 说明 / sentence |"
    yield "| --- | --- | --- |"
    for finding in CATALOGUE:
        sentence = f"{finding.zh} / {finding.en}".format(column="…")
        yield f"| {finding.code} | {finding.severity.word} | {sentence} |"
