"""Reads the worked tables of docs/algorithms: what the page says is what is tested."""

import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from recoup.kernel.calendar import NO_DAY, add_months, date_of, day_number
from recoup.kernel.tracing import PARTS, Discharge, HistoryTests, Instalment, Payment

PAGES = Path(__file__).parents[2] / "docs" / "algorithms"

#: Months and periods of the China pack's rules, which the pages work through.
CN_DAYS, CN_UPGRADE, CN_OBSERVE = 90, (6, 2), (12, 2)


@dataclass
class Story:
    """One headed section of a page: its tables, named by their first column."""

    name: str
    tables: dict[str, list[dict[str, str]]] = field(default_factory=dict)

    @property
    def settings(self) -> dict[str, str]:
        return {row["setting"]: row["value"] for row in self.tables.get("setting", [])}

    def rows(self, first_column: str) -> list[dict[str, str]]:
        return self.tables.get(first_column, [])


def stories(page: str) -> list[Story]:
    """The headed sections of a page that have tables."""
    found: list[Story] = []
    header: list[str] | None = None
    for line in (PAGES / page).read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            found.append(Story(name=line[3:]))
        if not line.startswith("|"):
            header = None
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if header is None:
            header = cells
            found[-1].tables.setdefault(header[0], [])
        elif set(cells) != {"---"}:
            found[-1].tables[header[0]].append(dict(zip(header, cells, strict=True)))
    return [story for story in found if story.tables]


def worked(page: str, table: str) -> list[Story]:
    """The sections of a page that have a table with this first column."""
    chosen = [story for story in stories(page) if table in story.tables]
    assert chosen, f"{page} has no table that begins with {table}"
    return chosen


def instalments(story: Story) -> list[Instalment]:
    if "schedule" in story.settings:
        return _planned(story.settings["schedule"])
    return [
        Instalment(
            seq=int(row["seq"]),
            due_on=date.fromisoformat(row["due_on"]),
            principal_minor=int(row["principal"]),
            interest_minor=int(row["interest"]),
            fee_minor=int(row["fee"]),
        )
        for row in story.rows("seq")
    ]


def payments(story: Story) -> list[Payment]:
    listed = [
        Payment(
            payment_id=row["payment"],
            paid_on=date.fromisoformat(row["paid_on"]),
            amount_minor=int(row["amount"]),
            is_waiver=row.get("kind") == "waiver",
        )
        for row in story.rows("payment")
    ]
    if "paid" in story.settings:
        listed += _paid(story.settings["paid"], instalments(story))
    return listed


def discharge(story: Story) -> Discharge:
    settings = story.settings
    order = settings.get("order", "fee, interest, principal")
    return Discharge(
        order=_order(order),
        order_late=_order(settings.get("late order", order)),
        late_from_dpd=int(settings.get("late from dpd", "0")),
    )


def history_tests(story: Story) -> HistoryTests:
    observe_from = story.settings.get("observe from")
    return HistoryTests(
        npl_over_days=CN_DAYS,
        upgrade_months=CN_UPGRADE[0],
        upgrade_periods=CN_UPGRADE[1],
        observe_months=CN_OBSERVE[0],
        observe_periods=CN_OBSERVE[1],
        observe_from=date.fromisoformat(observe_from) if observe_from else None,
    )


def cell(figure: object) -> str:
    """A figure as the pages write it."""
    if figure is None or figure == NO_DAY:
        return "-"
    if isinstance(figure, bool):
        return "yes" if figure else "no"
    return str(figure)


def _order(text: str) -> tuple[int, int, int]:
    first, second, third = (PARTS.index(part) for part in text.split(", "))
    return first, second, third


def _planned(text: str) -> list[Instalment]:
    """For example "24 monthly from 2026-03-20: 90 principal, 10 interest, 0 fee"."""
    match = re.fullmatch(
        r"(\d+) (monthly|yearly) from (\S+): (\d+) principal, (\d+) interest, (\d+) fee", text
    )
    assert match, text
    count, step, start, principal, interest, fee = match.groups()
    first = day_number(date.fromisoformat(start))
    return [
        Instalment(
            seq=place + 1,
            due_on=date_of(add_months(first, place * (12 if step == "yearly" else 1))),
            principal_minor=int(principal),
            interest_minor=int(interest),
            fee_minor=int(fee),
        )
        for place in range(int(count))
    ]


def _paid(text: str, due: list[Instalment]) -> list[Payment]:
    """For example "each on its due day, except 2026-09-20, 2026-10-20 on 2026-10-25"."""
    assert text.startswith("each on its due day"), text
    moved: dict[str, str] = {}
    waiting: list[str] = []
    for token in text.partition("except ")[2].split(", "):
        due_on, _, paid_on = token.partition(" on ")
        waiting.append(due_on)
        if paid_on:
            moved |= dict.fromkeys(waiting, paid_on)
            waiting = []
    assert waiting in ([], [""]), text
    assert set(moved) <= {line.due_on.isoformat() for line in due}, text
    return [
        Payment(
            payment_id=f"P{line.seq:03}",
            paid_on=date.fromisoformat(moved.get(line.due_on.isoformat(), line.due_on.isoformat())),
            amount_minor=line.principal_minor + line.interest_minor + line.fee_minor,
        )
        for line in due
    ]
