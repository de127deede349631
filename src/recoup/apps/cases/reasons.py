"""Why a case stands where it does: the strategy's own rows, their points and their words."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from recoup.kernel.explain import Words
from recoup.web.house import strategy

#: Priority = points x this + overdue amount in whole units of the base currency.
PER_POINT = 100_000_000
POINTS = "points"


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One row of the strategy that speaks for a case; ``points`` where it gives any."""

    row: str
    table: str
    words: Words
    points: int | None


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """A rank explained: points, amount in whole units, and the rows behind them."""

    priority: int
    points: int
    amount_units: int
    reasons: tuple[Reason, ...]

    @property
    def first(self) -> Reason | None:
        """The row that weighs most; what a list shows in one line."""
        weighed = [one for one in self.reasons if (one.points or 0) > 1]
        if weighed:
            return max(weighed, key=lambda one: one.points or 0)
        chosen = [one for one in self.reasons if one.table == "treatment"]
        return chosen[0] if chosen else None


@cache
def rows() -> dict[str, Reason]:
    """Yield every row of the strategy's tables by ``<table>:<row id>``."""
    found = {}
    for name in ("segment", "treatment", POINTS):
        table = strategy().tables[name]
        for row in table.rows:
            key = f"{name}:{row.row_id}"
            found[key] = Reason(
                row=key,
                table=name,
                words=Words(
                    zh=table.row_text(row.row_id, "zh"), en=table.row_text(row.row_id, "en")
                ),
                points=_whole(row.outputs[0].text) if name == POINTS else None,
            )
    return found


def _whole(text: str) -> int | None:
    try:
        return int(text.strip())
    except ValueError:
        return None


def ranked(*, priority: int, row_ids: Iterable[str]) -> Ranked:
    """Yield a rank explained. Ids of rows that the strategy no longer has are left out."""
    known = rows()
    return Ranked(
        priority=priority,
        points=priority // PER_POINT,
        amount_units=priority % PER_POINT,
        reasons=tuple(known[one] for one in row_ids if one in known),
    )
