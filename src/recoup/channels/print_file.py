"""Letters to a print house: a folder per batch with every letter, the whole batch and its list.

Capabilities: one PDF a letter; the print house tells tracking numbers and returned mail in the list
that it sends back, so arrival is told. Limits: ``MOST_LETTERS`` a batch. Cost: the house's price of
one letter, from the settings. Receipts: ``read_list``, a table of comma-separated values. Doubt:
none, a letter lies in its batch's folder under the message's id or it does not; handed over twice
it is there once.
"""

import csv
import hashlib
import io
import re
from collections.abc import Iterable
from dataclasses import astuple, dataclass, field, fields
from datetime import date
from pathlib import Path

from recoup.channels.way_out import Capabilities, HandedOver, NotHandedOver, Outgoing, WayOut
from recoup.kernel.refusal import Refused

MOST_LETTERS = 500
PDF = "application/pdf"
PROVIDER = "print house"
#: What became of a letter, and the outcome of the receipt that it makes.
FATES = {
    "delivered": "delivered",
    "unclaimed": "failed",
    "refused": "failed",
    "unknown_address": "invalid",
}
#: Columns that the print house fills in.
TOLD_BACK = ("tracking_number", "fate", "on", "remark")
LONGEST_LIST = 4 * 1024 * 1024
_DAY = re.compile(r"(\d{4})[-/.]?(\d{1,2})[-/.]?(\d{1,2})")
#: Signs with which a spreadsheet would begin to compute.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


class FolderNotWritten(Refused):
    """The folder that the print house reads cannot be written; the batch itself is kept."""

    def __init__(self, failure: OSError) -> None:
        super().__init__(
            zh=f"批次已生成并存档，但印刷文件夹不可写（{failure}）；请在批次页面下载。",
            en=f"The batch is made and kept, but the print house's folder cannot be written "
            f"({failure}); download it from the batch's page.",
        )


class BadList(Refused):
    """A list that came back cannot be read; the sentence says which line and why."""


@dataclass(frozen=True, kw_only=True)
class ListedLetter:
    """A line of the batch's list, in the order of the pages. ``first_page`` counts from one."""

    place: int
    file_number: str
    recipient: str = field(repr=False)
    address: str = field(repr=False)
    language: str
    first_page: int
    pages: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class PostTold:
    """What the post tells of one letter; empty where it tells nothing. ``fate``: of FATES."""

    file_number: str
    tracking_number: str = ""
    fate: str = ""
    on: date | None = None
    remark: str = ""


class IntoPrintFile(WayOut):
    """The channel of letters, for one batch. ``folder`` is what the print house reads."""

    channel = "letter"
    provider = PROVIDER
    capabilities = Capabilities(carries_files=True, tells_delivery=True, resends_safely=True)

    def __init__(self, *, batch: str, folder: Path, price_minor: int | None = None) -> None:
        self._batch, self._folder, self._price_minor = batch, folder, price_minor

    def _hand_over(self, message: Outgoing) -> HandedOver:
        files = [one for one in message.attachments if one.media_type == PDF]
        if len(files) != 1:
            raise NotHandedOver(f"a letter is one PDF; this has {len(files)}", retry=False)
        if not message.address.strip():
            raise NotHandedOver("no address", retry=False)
        name = hashlib.sha256(message.message_id.encode()).hexdigest()[:16]
        try:
            self._write(f"letter-{name}.pdf", files[0].content)
        except OSError as failure:
            raise NotHandedOver(f"{type(failure).__name__}: {failure}", retry=True) from failure
        return HandedOver(reference=self._batch, said=files[0].name, cost_minor=self._price_minor)

    def finish(self, *, pdf: bytes, listed: bytes) -> None:
        """Write the whole batch and its list; a print house begins when it sees the list.

        Errors: FolderNotWritten.
        """
        try:
            self._write("batch.pdf", pdf)
            self._write("list.csv", listed)
        except OSError as failure:
            raise FolderNotWritten(failure) from failure

    def _write(self, name: str, content: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        unfinished = self._folder / f".{name}"
        unfinished.write_bytes(content)
        unfinished.replace(self._folder / name)


def write_list(letters: Iterable[ListedLetter]) -> bytes:
    """Yield the list of a batch as UTF-8 with comma-separated values, empty where told back."""
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow((*(one.name for one in fields(ListedLetter)), *TOLD_BACK))
    for letter in letters:
        table.writerow((*(_cell(value) for value in astuple(letter)), *("" for _ in TOLD_BACK)))
    return written.getvalue().encode("utf-8-sig")


def _cell(value: object) -> object:
    """Yield a value that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULAS) else value


def read_list(content: bytes) -> tuple[PostTold, ...]:
    """Yield what a list tells that came back: the lines on which something was filled in.

    Shape: a header with ``file_number`` and any of TOLD_BACK; other columns do not matter.
    Errors: BadList.
    """
    if len(content) > LONGEST_LIST:
        raise BadList(zh="清单文件过大。", en="The list is too large.")
    try:
        table = csv.DictReader(io.StringIO(_text(content)), strict=True)
        if "file_number" not in (table.fieldnames or ()):
            raise BadList(
                zh="清单没有“file_number”一列；请使用本批次清单的格式。",
                en="The list has no column 'file_number'; use the form of the batch's own list.",
            )
        told = [_told(row, line=number) for number, row in enumerate(table, start=2)]
    except csv.Error as failure:
        raise BadList(zh=f"清单不可读：{failure}。", en=f"Cannot read it: {failure}.") from failure
    return tuple(one for one in told if one.tracking_number or one.fate)


def _text(content: bytes) -> str:
    """Errors: BadList."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadList(
        zh="清单的文字编码不可读；请存为 UTF-8。",
        en="The list's encoding is unknown; save as UTF-8.",
    )


def _told(row: dict[str | None, str | None], *, line: int) -> PostTold:
    """Errors: BadList."""
    cells = {name: (row.get(name) or "").strip() for name in ("file_number", *TOLD_BACK)}
    fate = cells["fate"]
    if fate and fate not in FATES:
        raise BadList(
            zh=f"第 {line} 行：结果“{fate}”不在 {'、'.join(FATES)} 之中。",
            en=f"Line {line}: the fate '{fate}' is none of {', '.join(FATES)}.",
        )
    if (fate or cells["tracking_number"]) and not cells["file_number"]:
        raise BadList(zh=f"第 {line} 行：没有文号。", en=f"Line {line}: no file number.")
    return PostTold(
        file_number=cells["file_number"],
        tracking_number=cells["tracking_number"][:60],
        fate=fate,
        on=_day(cells["on"], line=line),
        remark=cells["remark"][:200],
    )


def _day(text: str, *, line: int) -> date | None:
    """Errors: BadList."""
    if not text:
        return None
    try:
        found = _DAY.fullmatch(text)
        if found is None:
            raise ValueError(text)
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError as wrong:
        raise BadList(
            zh=f"第 {line} 行：日期“{text}”不可读，请写作 2026-11-20。",
            en=f"Line {line}: the day '{text}' cannot be read; write 2026-11-20.",
        ) from wrong
