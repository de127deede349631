"""What the demo bank writes on its contracts: status, flags, losses expected, previous class."""

from dataclasses import dataclass

import numpy as np

from recoup.demo.columns import Days, Flags, Ints
from recoup.demo.contracts import Contracts
from recoup.demo.people import EVADING, FORGETFUL, NEVER, People
from recoup.demo.schedules import Rows
from recoup.demo.simulation import Lived
from recoup.demo.standing import Standing

STATUSES = ("active", "settled", "written_off", "transferred")
ACTIVE, SETTLED, WRITTEN_OFF, TRANSFERRED = range(4)
CLASSES = ("normal", "special_mention", "substandard", "doubtful", "loss")

_WRITE_OFF_AFTER_DAYS = 540


@dataclass(frozen=True)
class Marks:
    """One cell a contract; a ``has_`` column says where the value is known."""

    status: Ints
    written_off_on: Days
    financial_difficulty: Flags
    has_difficulty: Flags
    credit_impaired: Flags
    expected_loss: Ints
    has_expected_loss: Flags
    use_changed: Flags
    evades_debt: Flags
    technical: Flags
    previous_class: Ints
    has_previous_class: Flags


def mark(
    chance: np.random.Generator,
    people: People,
    contracts: Contracts,
    rows: Rows,
    lived: Lived,
    *,
    now: Standing,
    month_ago: Standing,
    day: int,
) -> Marks:
    """Yield the bank's own marks on ``day``, from where each loan stands and stood a month ago."""
    size = len(contracts.contract)
    behaviour = people.behaviour[contracts.owner]
    restructured = contracts.restructured_on != NEVER
    status, written_off_on = _statuses(chance, rows, lived, now, day=day)
    alive = status == ACTIVE
    impaired = alive & (now.dpd > 90) & (chance.random(size) < 0.88)
    impaired |= alive & (chance.random(size) < 0.0006)
    told = chance.random(size)
    return Marks(
        status=status,
        written_off_on=written_off_on,
        financial_difficulty=restructured & (told < 0.85),
        has_difficulty=~restructured | (told < 0.93),
        credit_impaired=impaired,
        expected_loss=_expected_losses(chance, now, impaired),
        has_expected_loss=alive & (now.outstanding > 0),
        use_changed=alive & (chance.random(size) < 0.0008),
        evades_debt=alive & (behaviour == EVADING) & (now.dpd > 60) & (chance.random(size) < 0.6),
        technical=(behaviour <= FORGETFUL)
        & (now.dpd > 0)
        & (now.dpd <= 7)
        & (chance.random(size) < 0.06),
        previous_class=_previous_classes(month_ago, restructured),
        has_previous_class=(day - contracts.start_on > 40) & (chance.random(size) < 0.9),
    )


def _statuses(
    chance: np.random.Generator, rows: Rows, lived: Lived, now: Standing, *, day: int
) -> tuple[Ints, Days]:
    """Yield the status, and the day of write-off or ``NEVER``."""
    size = len(now.dpd)
    ended = rows.due[rows.first[1:] - 1] <= day
    settled = (lived.closed_on <= day) | (ended & (now.outstanding == 0) & (now.dpd == 0))
    off_on = now.oldest_due + _WRITE_OFF_AFTER_DAYS + chance.integers(0, 90, size)
    off = ~settled & (now.dpd > 0) & (off_on <= day) & (chance.random(size) < 0.85)
    sold = ~settled & ~off & (now.dpd > 300) & (chance.random(size) < 0.04)
    status = np.select([settled, off, sold], [SETTLED, WRITTEN_OFF, TRANSFERRED], ACTIVE)
    return status, np.where(off, off_on, NEVER).astype(np.int32)


def _expected_losses(chance: np.random.Generator, now: Standing, impaired: Flags) -> Ints:
    """Yield the loss expected: small in stage 1, larger in stage 2, by age when impaired."""
    size = len(now.dpd)
    performing = np.where(now.dpd > 30, 60_000, 4_000) * (0.6 + 0.8 * chance.random(size))
    aged = np.clip(200_000 + now.dpd * 1_300, 0, 960_000) * (0.8 + 0.25 * chance.random(size))
    ppm = np.where(impaired, np.minimum(aged, 1_000_000), performing).astype(np.int64)
    return np.asarray(now.outstanding * ppm // 1_000_000)


def _previous_classes(month_ago: Standing, restructured: Flags) -> Ints:
    """Yield last month's class by the days of then, as a bank's own matrix would have it."""
    by_days = np.searchsorted(np.array([0, 90, 270, 360]), month_ago.dpd, side="left")
    return np.where(restructured, np.maximum(by_days, 1), by_days)
