"""What has changed since a night ran, as sentences in both languages."""

from collections.abc import Iterator, Sequence

from recoup.engine.book.contract import BY_NAME
from recoup.engine.book_changes import TableChange
from recoup.engine.rerun import Since

UNCHANGED = (
    "自上次运行以来输入没有变化，没有重新运行（--again 可强制运行）。\n"
    "Nothing has changed since this result was made, so nothing was run (--again runs it anyway)."
)


def told_since(since: Since, counted: Sequence[TableChange]) -> Iterator[str]:
    """Yield what differs from an earlier result: tables with their rows, files, other inputs."""
    if since.nothing:
        yield UNCHANGED
        return
    yield "自上次运行以来的变化 / what has changed since the last run:"
    by_table = {one.table: one for one in counted}
    for table in since.tables:
        one = by_table.get(table)
        if one is None:
            same = "文件不同，所读各行相同 / another file, equal rows"
            yield f"  {BY_NAME[table].zh} / {table}: {same}"
        else:
            yield f"  {counts_zh(one)} / {counts_en(one)}"
    for name in since.files:
        yield f"  规则文件不同 / rules differ: {name}"
    for name in since.others:
        yield f"  其他输入不同 / another input differs: {name}"
    for name in since.altered:
        yield f"  结果文件被改动过 / the result had been altered: {name}"


def counts_zh(one: TableChange) -> str:
    """Yield how many rows of a table came, went and differ, in Chinese."""
    return (
        f"{BY_NAME[one.table].zh}（{one.table}）：新增 {one.added:,} 行，删除 {one.removed:,} 行，"
        f"更改 {one.changed:,} 行"
    )


def counts_en(one: TableChange) -> str:
    """Yield the same in English."""
    return (
        f"{one.table}: {one.added:,} rows added, {one.removed:,} removed, {one.changed:,} changed"
    )
