"""Reads the reject file of a night: what a person can filter, page through, and take away."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import xlsxwriter

from recoup.web.masking import masked_email, masked_name, masked_number

PAGE = 50
#: What one workbook sheet holds, less the rows of its head.
MOST_ROWS = 1_000_000
#: Columns of the book whose values are shown masked, wherever they stand.
_MASKS = {
    "name": masked_name,
    "email": masked_email,
    "id_number": masked_number,
    "phone": masked_number,
    "number": masked_number,
}
#: A cell that begins so would be taken for a formula by a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, kw_only=True)
class RejectFilter:
    """Which rows are asked for; empty texts ask for all."""

    table: str = ""
    code: str = ""
    severity: str = ""
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class RejectRow:
    """One finding about one row of the bank's files. Shape: ``row`` counts records from 1."""

    table: str
    file: str
    row: int
    key: str
    column: str
    value: str
    code: str
    severity: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class RejectKind:
    """How often a finding was made in a table."""

    table: str
    code: str
    severity: str
    rows: int


@dataclass(frozen=True, kw_only=True)
class RejectsPage:
    """A page of findings, and the kinds that the whole file has."""

    rows: tuple[RejectRow, ...]
    found: int
    total: int
    page: int
    pages: int
    kinds: tuple[RejectKind, ...]


def rejects_page(*, path: Path, wanted: RejectFilter, page: int, chinese: bool) -> RejectsPage:
    """Yield one page of the findings that a filter asks for, in the file's order."""
    file = ds.dataset(path)
    kinds = _kinds(file)
    found = file.to_table(filter=_condition(wanted))
    pages = max(1, -(-found.num_rows // PAGE))
    here = min(max(page, 1), pages)
    return RejectsPage(
        rows=tuple(_rows(found.slice((here - 1) * PAGE, PAGE), chinese=chinese)),
        found=found.num_rows,
        total=sum(kind.rows for kind in kinds),
        page=here,
        pages=pages,
        kinds=kinds,
    )


def _kinds(file: ds.Dataset) -> tuple[RejectKind, ...]:
    names = ["table", "code", "severity"]
    counted = file.to_table(columns=names).group_by(names, use_threads=False)
    rows = counted.aggregate([([], "count_all")]).to_pylist()
    kinds = [
        RejectKind(
            table=row["table"], code=row["code"], severity=row["severity"], rows=row["count_all"]
        )
        for row in rows
    ]
    return tuple(sorted(kinds, key=lambda kind: (-kind.rows, kind.table, kind.code)))


def _condition(wanted: RejectFilter) -> pc.Expression | None:
    found: pc.Expression | None = None
    for column in ("table", "code", "severity"):
        value = getattr(wanted, column)
        if value:
            found = _both(found, pc.field(column) == value)
    if wanted.text:
        searched = [
            pc.match_substring(pc.field(column), wanted.text, ignore_case=True)
            for column in ("key", "column", "file")
        ]
        found = _both(found, searched[0] | searched[1] | searched[2])
    return found


def _both(one: pc.Expression | None, other: pc.Expression) -> pc.Expression:
    return other if one is None else one & other


def _rows(table: pa.Table, *, chinese: bool) -> Iterator[RejectRow]:
    for row in table.to_pylist():
        yield RejectRow(
            table=row["table"],
            file=row["file"],
            row=row["row"],
            key=row["key"] or "",
            column=row["column"],
            value=_shown(row["column"], row["value"]),
            code=row["code"],
            severity=row["severity"],
            sentence=row["sentence_zh" if chinese else "sentence_en"],
        )


def _shown(column: str, value: str | None) -> str:
    if value is None:
        return ""
    mask = _MASKS.get(column)
    return mask(value) if mask else value


def all_rows(*, path: Path, wanted: RejectFilter, chinese: bool) -> tuple[RejectRow, ...]:
    """Yield every finding that a filter asks for, as it may leave the house: masked."""
    found = ds.dataset(path).to_table(filter=_condition(wanted)).slice(0, MOST_ROWS)
    return tuple(_rows(found, chinese=chinese))


def csv_of(rows: Sequence[RejectRow], *, head: Sequence[str], watermark: str = "") -> bytes:
    """Yield findings as CSV that spreadsheets open with the right characters.

    Values that a spreadsheet would take for a formula are led by an apostrophe. The last line
    carries the watermark.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(head)
    for row in rows:
        writer.writerow([_harmless(cell) for cell in _cells(row)])
    if watermark:
        writer.writerow([_harmless(watermark)])
    return text.getvalue().encode("utf-8-sig")


def xlsx_of(rows: Sequence[RejectRow], *, head: Sequence[str], watermark: str) -> bytes:
    """Yield findings as a workbook: texts as texts, the watermark below and in print."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("rejects")
        bold = book.add_format({"bold": True, "bottom": 1})
        for column, title in enumerate(head):
            sheet.write_string(0, column, title, bold)
        for place, row in enumerate(rows, start=1):
            for column, cell in enumerate(_cells(row)):
                if isinstance(cell, int):
                    sheet.write_number(place, column, cell)
                else:
                    sheet.write_string(place, column, cell)
        sheet.write_string(len(rows) + 2, 0, watermark)
        sheet.set_footer(f"&L{watermark.replace('&', '&&')}")
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(len(rows), 1), len(head) - 1)
        for column, width in enumerate((12, 22, 8, 16, 16, 20, 22, 10, 70)):
            sheet.set_column(column, column, width)
    return made.getvalue()


def _cells(row: RejectRow) -> tuple[str | int, ...]:
    return (
        *(row.table, row.file, row.row, row.key, row.column, row.value),
        *(row.code, row.severity, row.sentence),
    )


def _harmless(cell: str | int) -> str | int:
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return f"'{cell}"
    return cell
