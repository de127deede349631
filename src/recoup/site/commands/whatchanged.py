"""``recoup whatchanged``: which contracts' past figures moved between two results, and why."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from recoup.engine.book.contract import BY_NAME
from recoup.engine.book.take_in import percent
from recoup.engine.book_changes import ADDED, CHANGED, REMOVED, RowChange
from recoup.engine.refusal import NightRefused
from recoup.engine.what_changed import Moved, WhatChanged, what_changed
from recoup.engine.wording import CLASS_WORDS, FACT_WORDS
from recoup.kernel.explain import Words, same
from recoup.kernel.money import text_from_minor
from recoup.site.changes_told import counts_en, counts_zh

NOTHING, SOMETHING, _, REFUSED = range(4)
CHANGES = {
    ADDED: Words(zh="新增", en="added"),
    REMOVED: Words(zh="删除", en="removed"),
    CHANGED: Words(zh="更改", en="changed"),
}
#: Columns that the intake has made, and figures that have no words elsewhere.
MORE_WORDS = {
    "is_reversed": Words(zh="已冲正", en="reversed"),
    "is_waiver": Words(zh="减免", en="waiver"),
    "bad_code": Words(zh="拒收原因", en="refused because"),
    "contract_id": Words(zh="合同", en="contract"),
    "debtor_id": Words(zh="债务人", en="debtor"),
    "bucket": Words(zh="账龄段", en="bucket"),
    "asset_class": Words(zh="风险分类", en="class"),
    "roll": Words(zh="迁徙", en="roll"),
    "contacts_7d_email": Words(zh="7 天内邮件次数", en="e-mails in 7 days, per person"),
    "contacts_7d_letter": Words(zh="7 天内信函次数", en="letters in 7 days, per person"),
    "contacts_7d_visit": Words(zh="7 天内上门次数", en="visits in 7 days, per person"),
}


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``whatchanged`` to the command line."""
    parser = subparsers.add_parser(
        "whatchanged",
        help="whose past figures moved, and why / 哪些合同的历史数字变了，为什么",
        description="Compares two results. Of one business date they are compared as they stand; "
        "where the second is of a later date, the first one's date is decided anew from the second "
        "one's book. Names every contract whose figures of that date moved, and the rows of the "
        "book that moved them. Exit status: 0 nothing moved, 1 something did, 2 wrong call, "
        "3 refused.",
    )
    parser.add_argument("before", type=Path, metavar="OUT1", help="folder of a night's result")
    parser.add_argument("after", type=Path, metavar="OUT2", help="the result that knows more")
    parser.add_argument(
        "--lang", choices=("zh", "en", "both"), default="both", help="default: both"
    )
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="everything, contract by contract"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print what moved; yield the exit status."""
    try:
        found = what_changed(before=args.before, after=args.after)
    except NightRefused as refused:
        print(f"{refused.zh}\n{refused.en}", file=sys.stderr)
        return REFUSED
    if args.json is not None:
        text = json.dumps(found.tree(), ensure_ascii=False, indent=2, default=str)
        args.json.write_text(text + "\n", encoding="utf-8")
    for language in ("zh", "en") if args.lang == "both" else (args.lang,):
        print("\n".join(lines(found, language)))
    return SOMETHING if found.moved else NOTHING


def lines(found: WhatChanged, language: str) -> Iterator[str]:
    """Yield what moved as lines of text, in zh or en."""
    zh = language == "zh"
    yield (
        f"营业日期 {found.as_of}：{len(found.moved):,} 份合同的数字变了。"
        if zh
        else f"Business date {found.as_of}: the figures of {len(found.moved):,} contracts moved."
    )
    yield from (counts_zh(one) if zh else counts_en(one) for one in found.tables)
    for name in found.files:
        yield f"{'规则或程序不同：' if zh else 'law, policy or program differs: '}{name}"
    for moved in found.moved:
        yield from _contract(moved, language, files=bool(found.files))


def _contract(moved: Moved, language: str, *, files: bool) -> Iterator[str]:
    zh = language == "zh"
    head = (
        f"合同 {moved.contract_id}（债务人 {moved.debtor_id}）"
        if zh
        else (f"contract {moved.contract_id} (debtor {moved.debtor_id})")
    )
    if moved.change != CHANGED:
        head += ("：" if zh else ": ") + getattr(CHANGES[moved.change], language)
    yield head
    for name, (before, after) in moved.figures.items():
        shown = [_figure(name, value, moved.currency, language) for value in (before, after)]
        yield f"    {_words(name, language)}: {shown[0]} → {shown[1]}"
    because = "因为" if zh else "because"
    for row in moved.rows:
        yield f"    {because} {row_line(row, language)}"
    if moved.through:
        others = ", ".join(moved.through)
        yield (
            f"    {because}同一债务人的合同 {others} 有变化"
            if zh
            else f"    {because} rows of the debtor's other contracts changed: {others}"
        )
    if moved.rates:
        yield f"    {because}{'汇率有变化' if zh else ' exchange rates changed'}"
    if files and not (moved.rows or moved.through or moved.rates):
        yield (
            f"    {because}规则或程序不同（见上）"
            if zh
            else f"    {because} law, policy or program differs (see above)"
        )


def row_line(row: RowChange, language: str) -> str:
    """Yield one row that differs, in zh or en: its table, its id, what of it differs."""
    table = BY_NAME[row.table]
    name = table.zh if language == "zh" else row.table
    key = " ".join(str(value) for value in row.key.values() if value is not None)
    told = [
        _cell(row, column, language)
        for column in {**row.before, **row.after}
        if row.before.get(column) is not None or row.after.get(column) is not None
    ]
    rest = "，".join(told) if language == "zh" else ", ".join(told)
    head = " ".join(part for part in (name, key, getattr(CHANGES[row.change], language)) if part)
    return f"{head}（{rest}）" if language == "zh" else f"{head} ({rest})"


def _cell(row: RowChange, column: str, language: str) -> str:
    values = [
        _value(column, side.get(column), row.currency, language) for side in (row.before, row.after)
    ]
    words = _column(row.table, column, language)
    if row.change == CHANGED:
        return f"{words} {values[0]} → {values[1]}"
    return f"{words} {values[0] if row.change == REMOVED else values[1]}"


def _column(table: str, name: str, language: str) -> str:
    """Yield what a column of the normal form is called."""
    for column in BY_NAME[table].columns:
        if column.stored_as == name:
            return column.zh if language == "zh" else column.en
    return _words(name, language)


def _words(name: str, language: str) -> str:
    words = FACT_WORDS.get(name) or MORE_WORDS.get(name) or same(name)
    return str(getattr(words, language))


def _figure(name: str, value: object, currency: str, language: str) -> str:
    if name == "asset_class" and isinstance(value, str):
        return str(getattr(CLASS_WORDS[value], language))
    if name.endswith("_bp") and isinstance(value, int):
        return f"{value // 100}.{value % 100:02d} %"
    return _value(name, value, currency, language)


def _value(name: str, value: object, currency: str | None, language: str) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return ("是" if value else "否") if language == "zh" else ("yes" if value else "no")
    if name.endswith("_minor") and isinstance(value, int) and currency is not None:
        return text_from_minor(minor=value, currency=currency, grouped=True)
    if name.endswith("_ppm") and isinstance(value, int):
        return percent(value)
    return str(value)
