"""A decision table before a reviewer: all that is wrong with it, as sentences with their place.

``tables.review`` reasons about the rows; here stand the columns: whether the book has them and with
which type, and whether the law keeps them out.
"""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from recoup.policy.bilingual import Bilingual
from recoup.policy.findings import ERROR, WARNING, Finding, Place
from recoup.policy.pack import Pack
from recoup.policy.strategy_tables import ENROLLED_FACTS, FACTS, TABLES
from recoup.tables import syntax
from recoup.tables.domains import feel_text
from recoup.tables.review import Gap, NeverFires, Overlap, Review, Unchecked, WrongOutput, review
from recoup.tables.sql import NotCompilable, compile_table
from recoup.tables.table import DecisionTable, Row
from recoup.tables.unary import ColumnType

#: Columns that a table of a strategy may ask for: the facts of the night, and what tables decide.
BOOK_COLUMNS: Mapping[str, ColumnType] = {
    **FACTS,
    **ENROLLED_FACTS,
    "segment": "text",
    "treatment": "text",
}

_ROWS_TOLD = 5
_WARNINGS = ("column_not_in_book", "gap_missing", "unchecked", "unfinished")
_TYPES = {
    "number": Bilingual(zh="数字", en="numbers"),
    "text": Bilingual(zh="文本", en="texts"),
    "boolean": Bilingual(zh="是非", en="true or false"),
    "date": Bilingual(zh="日期", en="dates"),
}


@dataclass(frozen=True, kw_only=True)
class TableFinding(Finding):
    """A finding in one table, with the rows it is about and an input that shows it."""

    table: str
    rows: tuple[str, ...] = ()
    example: Mapping[str, object] | None = None


def review_tables(
    *, tables: Mapping[str, DecisionTable], file: str, pack: Pack
) -> tuple[TableFinding, ...]:
    """Yield what a reviewer finds in the decision tables of one file, by line.

    Errors are what makes a table wrong; warnings what a reviewer should know: an input that may be
    missing, a cell that cannot be checked, a column the book does not have.
    """
    found = [
        one
        for table in tables.values()
        for one in _Reviewer(table=table, file=file, pack=pack).findings()
    ]
    return tuple(sorted(found, key=lambda one: (one.line, one.code)))


@dataclass(frozen=True, kw_only=True)
class _Reviewer:
    """One table in its file, under one pack."""

    table: DecisionTable
    file: str
    pack: Pack

    #: Of the night's own tables every number is whole; of others what the book knows.
    WHOLE: ClassVar[frozenset[str]] = frozenset(
        name for name, kind in BOOK_COLUMNS.items() if kind == "number"
    )

    def findings(self) -> Iterator[TableFinding]:
        """Yield the findings, columns first."""
        yield from self._columns()
        yield from self._forbidden()
        found = review(self.table, whole=self.WHOLE.__contains__)
        for gap in found.gaps:
            yield self._gap(gap)
        for overlap in found.overlaps:
            yield self._overlap(overlap)
        for never in found.never:
            yield self._never(never)
        for wrong in found.outputs:
            yield self._output(wrong)
        yield from self._limits(found)

    def _columns(self) -> Iterator[TableFinding]:
        """Hold the inputs against the book, if the table asks anything of the book at all."""
        known = TABLES[self.table.name].facts if self.table.name in TABLES else BOOK_COLUMNS
        of_book = any(column.column in BOOK_COLUMNS for column in self.table.inputs)
        for column in self.table.inputs if of_book or self.table.name in TABLES else ():
            name = column.column or column.text
            if name not in known:
                yield self._finding(
                    "column_not_in_book",
                    column.line,
                    zh=f"列“{name}”不是账册或日终运行给出的列。",
                    en=f"The column '{name}' is none that the book or the night gives.",
                )
            elif column.column_type not in (known[name], None):
                found, wanted = _TYPES[column.column_type or ""], _TYPES[known[name]]
                yield self._finding(
                    "column_type",
                    column.line,
                    zh=f"列“{name}”按{found.zh}比较，而账册中它是{wanted.zh}。",
                    en=f"The column '{name}' is compared as {found.en}, but in the book it holds "
                    f"{wanted.en}.",
                )

    def _forbidden(self) -> Iterator[TableFinding]:
        forbidden = self.pack.head.forbidden_columns
        if forbidden is None:
            return
        for name, line in _names(self.table):
            trait = forbidden.trait_of(name)
            if trait is not None:
                yield self._finding(
                    "column_forbidden",
                    line,
                    zh=f"决策表不得使用“{name}”：它涉及{trait.name.zh}（法规包“{self.pack.id}”，"
                    f"{forbidden.rule}）。",
                    en=f"No decision table may use '{name}': it tells of {trait.name.en} (pack "
                    f"'{self.pack.id}', {forbidden.rule}).",
                )

    def _gap(self, gap: Gap) -> TableFinding:
        where = "; ".join(f"{name}: {told}" for name, told in gap.ranges.items()) or "-"
        example = _told(gap.example)
        if gap.missing:
            names = ", ".join(gap.missing)
            return self._finding(
                "gap_missing",
                self.table.line,
                zh=f"“{names}”缺失（null）时没有一行作答，例如 {example}。",
                en=f"Where '{names}' is missing (null), no row answers, as for {example}.",
                example=gap.example,
            )
        return self._finding(
            "gap",
            self.table.line,
            zh=f"没有一行回答 {where}，例如 {example}。",
            en=f"No row answers {where}, as for {example}.",
            example=gap.example,
        )

    def _overlap(self, overlap: Overlap) -> TableFinding:
        one, other = overlap.rows
        example = _told(overlap.example)
        answers = [", ".join(cell.text for cell in row.outputs) for row in overlap.rows]
        return self._finding(
            "overlap",
            other.line or self.table.line,
            zh=f"{self.table.hit_policy} 表中第 {one.row_id} 行（得 {answers[0]}）与第 "
            f"{other.row_id} 行（得 {answers[1]}）同时命中 {example}。",
            en=f"Rows {one.row_id} (giving {answers[0]}) and {other.row_id} (giving {answers[1]}) "
            f"of a {self.table.hit_policy} table both answer {example}.",
            rows=overlap.rows,
            example=overlap.example,
        )

    def _never(self, never: NeverFires) -> TableFinding:
        row = never.row
        if never.column is not None:
            return self._finding(
                "row_impossible",
                row.line,
                zh=f"第 {row.row_id} 行永不命中：列“{never.column}”没有任何取值能满足它。",
                en=f"Row {row.row_id} never fires: no value of the column '{never.column}' "
                "fulfils it.",
                rows=(row,),
            )
        names = ", ".join(one.row_id for one in never.rows[:_ROWS_TOLD])
        more = len(never.rows) - _ROWS_TOLD
        names_zh = names + (f" 等 {len(never.rows)} 行" if more > 0 else "")
        names_en = names + (f" and {more} more" if more > 0 else "")
        return self._finding(
            "row_shadowed",
            row.line,
            zh=f"第 {row.row_id} 行永不命中：在它之前的行已取走它的全部情形（{names_zh}）。",
            en=f"Row {row.row_id} never fires: rows before it take all its cases ({names_en}).",
            rows=(row, *never.rows),
        )

    def _output(self, wrong: WrongOutput) -> TableFinding:
        allowed = ", ".join(wrong.allowed)
        row = wrong.row
        return self._finding(
            "output_not_allowed",
            self.table.line if row is None else row.line,
            zh=("默认输出" if row is None else f"第 {row.row_id} 行的输出“{wrong.column}”")
            + f"为 {wrong.text}，不在声明的取值之内：{allowed}。",
            en=(
                "The default output"
                if row is None
                else f"The output '{wrong.column}' of row {row.row_id}"
            )
            + f" is {wrong.text}, outside the declared values: {allowed}.",
            rows=() if row is None else (row,),
        )

    def _limits(self, found: Review) -> Iterator[TableFinding]:
        for cell in found.unchecked:
            yield self._unchecked(cell)
        if found.unfinished:
            yield self._finding(
                "unfinished",
                self.table.line,
                zh="表太大，空档与被遮盖的行没有查完；其余各项已查。",
                en="The table is too large: the search for gaps and shadowed rows was not "
                "finished; all else was checked.",
            )
        if self.table.name not in TABLES:
            return
        try:
            compile_table(self.table)
        except NotCompilable as stop:
            yield self._finding("not_compilable", stop.line, zh=f"{stop.zh}。", en=f"{stop.en}.")

    def _unchecked(self, cell: Unchecked) -> TableFinding:
        return self._finding(
            "unchecked",
            cell.row.line,
            zh=f"第 {cell.row.row_id} 行、列“{cell.column}”的“{cell.text}”不只与常量比较，"
            "因此本表的空档、重叠与永不命中的行无法确切判断。",
            en=f"Row {cell.row.row_id}, column '{cell.column}': '{cell.text}' compares with more "
            "than constants, so gaps, overlaps and rows that never fire cannot be told exactly.",
            rows=(cell.row,),
        )

    def _finding(
        self,
        code: str,
        line: int,
        *,
        zh: str,
        en: str,
        rows: Sequence[Row] = (),
        example: Mapping[str, object] | None = None,
    ) -> TableFinding:
        return TableFinding(
            code=code,
            severity=WARNING if code in _WARNINGS else ERROR,
            place=Place(file=self.file, line=max(line, 1), path=self.table.name),
            sentence=Bilingual(zh=zh, en=en),
            table=self.table.name,
            rows=tuple(row.row_id for row in rows),
            example=example,
        )


def _told(example: Mapping[str, object]) -> str:
    return ", ".join(f"{name} = {feel_text(value)}" for name, value in example.items())


def _names(table: DecisionTable) -> Iterator[tuple[str, int]]:
    """Yield every name that a table uses, once, with a line."""
    nodes = [(column.expression, column.line) for column in table.inputs]
    nodes += [(cell.tests, cell.line) for row in table.rows for cell in row.cells]
    nodes += [(cell.expression, cell.line) for row in table.rows for cell in row.outputs]
    told = set()
    for node, line in nodes:
        for name in _names_in(node):
            if name not in told:
                told.add(name)
                yield name, line or table.line


def _names_in(node: object) -> Iterator[str]:
    if isinstance(node, syntax.Name):
        yield node.name
    elif isinstance(node, syntax.Path):
        yield node.name
        yield from _names_in(node.of)
    elif isinstance(node, tuple):
        for one in node:
            yield from _names_in(one)
    elif dataclasses.is_dataclass(node):
        for part in dataclasses.fields(node):
            yield from _names_in(getattr(node, part.name))
