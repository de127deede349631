"""The dashboard as a workbook: one sheet a picture, amounts in major units, the mark on each."""

from collections.abc import Iterable, Sequence
from io import BytesIO

import xlsxwriter
from django.utils.translation import gettext as _

from recoup.apps.analytics.queries import Dashboard
from recoup.kernel.money import exponent
from recoup.web.words import word_of

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Cell = str | int | float | None


def workbook(found: Dashboard, *, mark: str) -> bytes:
    """Yield the file of a dashboard; ``mark`` names who took it out, and stands on each sheet."""
    written = BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True, "strings_to_formulas": False}) as book:
        book.set_properties({"comments": mark})
        writer = _Sheets(book, found=found, mark=mark)
        writer.add(_("Headline"), (_("figure"), _("value")), _headline(found))
        writer.add(_("By place"), _place_heads(), _places(found), money=(2, 4, 6, 8, 10))
        moves = (
            (move.before, move.now, move.accounts, move.exposure_minor) for move in found.moves
        )
        heads = (_("30 days ago"), _("now"), _("contracts"), _("exposure"))
        writer.add(_("Flow between buckets"), heads, moves, money=(3,))
        writer.add(_("Roll rates"), _roll_heads(), _rolls(found))
        steps = ((step.code, step.persons) for step in found.funnel)
        writer.add(_("Funnel"), (_("step"), _("persons")), steps)
        writer.add(_("Collectors"), _collector_heads(), _collectors(found), money=(2, 3, 4))
    return written.getvalue()


class _Sheets:
    """Adds one table after the other to a workbook."""

    def __init__(self, book: xlsxwriter.Workbook, *, found: Dashboard, mark: str) -> None:
        self._book = book
        self._as_of = found.as_of.isoformat()
        self._mark = mark
        self._scale = 10 ** exponent(found.currency)
        self._bold = book.add_format({"bold": True, "bottom": 1})
        self._money = book.add_format({"num_format": "#,##0.00"})
        self._faint = book.add_format({"font_color": "#777777", "italic": True})

    def add(
        self,
        name: str,
        heads: Sequence[str],
        rows: Iterable[Sequence[Cell]],
        *,
        money: Sequence[int] = (),
    ) -> None:
        """Add a sheet: heads in bold, rows, and the mark above and in the printed footer."""
        sheet = self._book.add_worksheet(name[:31])
        sheet.write(0, 0, f"{self._as_of} · {self._mark}", self._faint)
        sheet.set_footer(f"&L{self._mark}&R&P / &N")
        sheet.freeze_panes(3, 1)
        for column, head in enumerate(heads):
            sheet.write(2, column, head, self._bold)
        for line, row in enumerate(rows, start=3):
            for column, cell in enumerate(row):
                if column in money and isinstance(cell, int):
                    sheet.write_number(line, column, cell / self._scale, self._money)
                else:
                    sheet.write(line, column, cell)
        sheet.set_column(0, len(heads), 18)


def _percent(basis_points: int | None) -> float | None:
    return None if basis_points is None else basis_points / 100


def _headline(found: Dashboard) -> Iterable[Sequence[Cell]]:
    totals = found.totals
    yield _("business date"), found.as_of.isoformat()
    yield _("currency"), found.currency
    yield _("persons in arrears"), found.persons_in_arrears
    yield _("contracts overdue"), totals.overdue_accounts
    yield _("contracts more than 90 days overdue"), totals.over_90_accounts
    yield _("non-performing contracts"), totals.npl_accounts
    yield _("recovery rate, % of what was late"), _percent(found.recovery.rate_bp)
    yield _("cure rate, % of late contracts"), _percent(found.cure_bp)
    yield _("collection cycle, days (median)"), found.cycle.median_days


def _place_heads() -> Sequence[str]:
    return (
        *(_("place"), _("contracts"), _("exposure"), _("overdue contracts"), _("overdue")),
        *("30+", _("exposure 30+"), "60+", _("exposure 60+"), "90+", _("exposure 90+")),
    )


def _places(found: Dashboard) -> Iterable[Sequence[Cell]]:
    for one in found.places:
        name = word_of(kind="product", code=one.place) if found.by == "product" else one.place
        yield (
            *(name, one.accounts, one.exposure_minor, one.overdue_accounts, one.overdue_minor),
            *(one.over_30_accounts, one.over_30_exposure_minor),
            *(one.over_60_accounts, one.over_60_exposure_minor),
            *(one.over_90_accounts, one.over_90_exposure_minor),
        )


def _roll_heads() -> Sequence[str]:
    return (
        *(_("30 days ago"), _("contracts"), _("cured %"), _("better %")),
        *(_("same %"), _("worse %")),
    )


def _rolls(found: Dashboard) -> Iterable[Sequence[Cell]]:
    for roll in found.rolls:
        shares = (roll.cured_bp, roll.better_bp, roll.same_bp, roll.worse_bp)
        yield roll.before, roll.accounts, *(_percent(share) for share in shares)


def _collector_heads() -> Sequence[str]:
    return (
        *(_("collector"), _("contracts"), _("due"), _("collected"), _("expected of such a list")),
        *(_("collected, % of expected"), _("chance from %"), _("chance to %")),
    )


def _collectors(found: Dashboard) -> Iterable[Sequence[Cell]]:
    for one in found.collectors:
        compared = one.compared
        bounds = (compared.index_ppm, compared.low_ppm, compared.high_ppm)
        yield (
            one.staff.name if one.staff else str(compared.collector),
            *(compared.persons, compared.overdue_minor, compared.collected_minor),
            compared.expected_minor,
            *(None if ppm is None else ppm / 10_000 for ppm in bounds),
        )
