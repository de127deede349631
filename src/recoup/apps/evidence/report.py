"""The regulator's report: what the rooms count of a period, as it was known at the end of a day.

Nothing in the file depends on who makes it or when: the same period, known on the same day, gives
the same bytes and so the same hash.
"""

import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation

from recoup.apps.evidence.index import Pen
from recoup.documents.booklet import Booklet, Part, booklet_pdf
from recoup.documents.sheet import Fact
from recoup.events.evidence import Figure, FigureTable, Period, figures_of
from recoup.kernel.refusal import Refused
from recoup.web.shown import local
from recoup.web.words import word_of

MOST_DAYS = 3 * 366


class BadPeriod(Refused):
    """No report can be made of that period."""


@dataclass(frozen=True)
class Report:
    """The tables of a period: first and last day, and the day at whose end it was known."""

    first: date
    last: date
    known_on: date
    tables: tuple[FigureTable, ...]

    @cached_property
    def sha256(self) -> str:
        """The hash of the report as CSV, which holds every figure."""
        return hashlib.sha256(csv_of(self)).hexdigest()


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZoneInfo(settings.TIME_ZONE))


def report_of(*, first: date, last: date, known_on: date | None, at: datetime) -> Report:
    """Yield the report of the days from first to last, as known at the end of a day (yesterday).

    Errors: BadPeriod, for days the wrong way round, too many, or not over yet.
    """
    yesterday = local(at).date() - timedelta(days=1)
    known = known_on or yesterday
    if last < first or known < last:
        raise BadPeriod(
            zh="结束日期早于开始日期，或统计截止日早于结束日期；请调整。",
            en="The last day lies before the first, or what is known ends before the last day; "
            "turn them round.",
        )
    if known > yesterday:
        raise BadPeriod(
            zh=f"{known} 还没有结束，数字仍会变化；最晚可到 {yesterday}。",
            en=f"{known} has not ended and its figures still change; the latest is {yesterday}.",
        )
    if (last - first).days >= MOST_DAYS:
        raise BadPeriod(
            zh="一次最多三年；请缩短期间。", en="Three years at most; make the period shorter."
        )
    after = timedelta(days=1)
    period = Period(since=_begin(first), until=_begin(last + after), known=_begin(known + after))
    return Report(first=first, last=last, known_on=known, tables=figures_of(period))


def words_in(table: FigureTable, figure: Figure) -> tuple[str, ...]:
    """Yield the codes of a figure in words of the active language."""
    return tuple(
        (word_of(kind=kind, code=code) if kind else code) or "—"
        for kind, code in zip(table.kinds, figure.of, strict=True)
    )


def csv_of(report: Report) -> bytes:
    """Yield the report as CSV: codes, not words, so that it is the same in every language."""
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(("table", "of", "detail", "count"))
    for name, day in (
        ("from", report.first),
        ("until", report.last),
        ("known_on", report.known_on),
    ):
        table.writerow(("period", name, day.isoformat(), ""))
    for one in report.tables:
        for figure in one.figures:
            of, *detail = figure.of
            table.writerow((one.name, of, " ".join(detail), figure.count))
    return written.getvalue().encode("utf-8-sig")


def pdf_of(report: Report, *, language: str) -> bytes:
    """Yield the report as PDF; its instant is the end of the day on which it was known."""
    at = _begin(report.known_on + timedelta(days=1))
    with translation.override("zh-hans" if language == "zh" else "en"):
        return booklet_pdf(booklet=_booklet(report, Pen(language)), at=at)


def _booklet(report: Report, pen: Pen) -> Booklet:
    return Booklet(
        language=pen.language,
        title=pen.say("触达与投诉情况报告", "Report on contacts and complaints"),
        subtitle=pen.say(
            f"{report.first} 至 {report.last}，按 {report.known_on} 日终所知",
            f"{report.first} to {report.last}, as known at the end of {report.known_on}",
        ),
        facts=(
            Fact(
                label=pen.say("数据的 SHA-256（CSV）", "SHA-256 of the figures (CSV)"),
                value=report.sha256,
            ),
            Fact(
                label=pen.say("重现", "To make it again"),
                value=pen.say(
                    "同一期间、同一截止日，得到相同的文件与哈希",
                    "the same period, known on the same day, gives the same file and hash",
                ),
            ),
        ),
        parts=tuple(_part(table, pen) for table in report.tables),
        footer=report.sha256,
        page_words=("第 ", " / ", " 页") if pen.language == "zh" else ("page ", " of ", ""),
    )


def _part(table: FigureTable, pen: Pen) -> Part:
    rows: Sequence[tuple[str, ...]] = [
        (*words_in(table, figure), f"{figure.count:,}") for figure in table.figures
    ]
    return Part(
        heading=table.title.of(pen.language),
        headings=(
            *(one.of(pen.language) for one in table.columns),
            pen.say("次数", "Count"),
        ),
        widths=(*(4 for _ in table.columns), 2),
        rows=tuple(rows),
        empty=pen.say("本期没有", "none in this period"),
    )
