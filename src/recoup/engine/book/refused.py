"""Refusals: why a whole book is not taken in, as sentences for the person who must act."""

from dataclasses import dataclass
from pathlib import Path

from recoup.engine.refusal import NightRefused


@dataclass(frozen=True)
class Sentences:
    """One statement in both languages."""

    zh: str
    en: str


class BookRefused(NightRefused):
    """The book cannot be taken in (exit status 3).

    ``code`` names the kind of refusal; ``rejects`` is where the rejected rows lie, if any were
    written before the refusal.
    """

    def __init__(self, *, code: str, zh: str, en: str, rejects: Path | None = None) -> None:
        super().__init__(zh=zh, en=en)
        self.code = code
        self.rejects = rejects


def refuse(code: str, **facts: object) -> BookRefused:
    """Yield the refusal of a kind, its sentences filled with the facts."""
    wording = REFUSALS[code]
    return BookRefused(code=code, zh=wording.zh.format(**facts), en=wording.en.format(**facts))


REFUSALS: dict[str, Sentences] = {
    "no_folder": Sentences(
        "找不到账册文件夹 {folder}；请核对路径。",
        "There is no book folder {folder}; check the path.",
    ),
    "not_a_folder": Sentences(
        "{folder} 不是文件夹；请给出装有各表文件的文件夹。",
        "{folder} is not a folder; name the folder that holds the tables' files.",
    ),
    "missing_table": Sentences(
        "缺少必需的表 {table}（{table}.parquet 或 {table}.csv，可为 .gz、.zst）；请补齐后重跑。",
        "The required table {table} is missing ({table}.parquet or {table}.csv, .gz, .zst); add it "
        "and run again.",
    ),
    "nested_book": Sentences(
        "文件夹里还有一套表文件：{inner}；请只留一套账册。",
        "The folder holds a second set of tables in {inner}; keep one book only.",
    ),
    "two_files": Sentences(
        "表 {table} 有多个文件：{files}；请只留一个，以免重复计算。",
        "Table {table} has several files: {files}; keep one, so that nothing counts twice.",
    ),
    "not_a_file": Sentences(
        "{file} 是文件夹，不是文件；请把该表导出为一个文件。",
        "{file} is a folder, not a file; export this table as one file.",
    ),
    "unreadable": Sentences(
        "无法读取 {file}：{why}；请检查权限和存储后重跑。",
        "{file} cannot be read: {why}; check its permissions and the disk, and run again.",
    ),
    "broken_file": Sentences(
        "{file} 已损坏或不完整：{why}；请重新导出。",
        "{file} is broken or cut short: {why}; export it again.",
    ),
    "changed_while_read": Sentences(
        "读取期间 {files} 被改写，读到的内容不完整；请等交付完成后重跑。",
        "{files} was written to while it was being read, so what was read is no whole; run again "
        "when the delivery is complete.",
    ),
    "unsupported_encoding": Sentences(
        "{file} 的编码是 {encoding}；请用 UTF-8 或 GB18030 导出。",
        "{file} is encoded as {encoding}; export it as UTF-8 or GB18030.",
    ),
    "empty_file": Sentences(
        "{file} 是空文件，连表头也没有；请重新导出。",
        "{file} is empty, without even a header; export it again.",
    ),
    "empty_table": Sentences(
        "必需的表 {table} 一行数据也没有（{file}）；多半是导出失败，请检查。",
        "The required table {table} has no rows at all ({file}); most likely its export failed.",
    ),
    "column_twice": Sentences(
        "{file} 的表头里列 {column} 出现两次；请只留一列。",
        "{file} names column {column} twice in its header; keep one.",
    ),
    "missing_column": Sentences(
        "{file} 缺少必需的列 {columns}；现有列：{found}。",
        "{file} lacks the required columns {columns}; it has {found}.",
    ),
    "unreadable_type": Sentences(
        "{file} 的列 {column} 是 {type} 类型，无法读作{zh}；请改用文本或约定类型。",
        "Column {column} of {file} has type {type}, which cannot be read as {en}; use text or the "
        "agreed type.",
    ),
    "too_many_bad_rows": Sentences(
        "表 {table} 的 {rows:,} 行中有 {bad:,} 行有错（{share}），超过上限 {limit}，夜间作业停止。"
        "最多的原因：{reasons_zh}。详见拒收文件；确认后可提高 --max-bad 继续。",
        "Of the {rows:,} rows of table {table}, {bad:,} are bad ({share}), more than the limit of "
        "{limit}: the night stops. Most frequent: {reasons_en}. See the reject file; to go on all "
        "the same, raise --max-bad.",
    ),
    "disk_full": Sentences(
        "写入 {folder} 失败：{why}；请腾出空间后重跑，未留下任何半成品。",
        "Writing to {folder} failed: {why}; make room and run again, nothing half written is left.",
    ),
}
