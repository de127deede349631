"""Reads an experiment: each challenger against the champion, each arm against the hold-out.

Two answers stand side by side. The always-valid interval may be looked at every day. The interval
of a fixed horizon holds for one look, at the size that was planned; before that size is reached it
is not shown at all, and afterwards it is of exactly the people with whom it was reached, so that
looking again later does not change it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from recoup.policy.experiment_parts import CHAMPION, HOLD_OUT, YES_OR_NO, Plan
from recoup.policy.strategy_parts import PPM
from recoup.trials.assignments import Assignments
from recoup.trials.estimating import (
    FEWEST_PERSONS,
    Difference,
    Floats,
    RatioCheck,
    Sums,
    always_valid_half_width,
    always_valid_p,
    difference,
    fixed_half_width,
    ratio_check,
    sums_of,
)
from recoup.trials.outcomes import Outcomes

#: Where nothing was planned for an outcome, the mixture spreads over so many parts of its standard
#: deviation.
UNPLANNED_PARTS = 10

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Arm:
    """One arm: people assigned, those who count, their mean outcome (None of nobody)."""

    name: str
    assigned: int
    counted: int
    mean: float | None


@dataclass(frozen=True, kw_only=True)
class Span:
    """An interval of the difference, and whether it keeps clear of none."""

    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether no difference lies outside."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One arm less another. None where there are too few people to say anything.

    ``alpha``: the chance of a false alarm shared out to this comparison. ``planned``: whether the
    plan is about it; ``reached``: whether its size has been. ``fixed`` stays None until then.
    ``fixed_on``: the day of assignment of the last people in it, ``fixed_estimate`` theirs.
    """

    arm: str
    against: str
    alpha: float
    estimate: float | None
    always_valid: Span | None
    p: float | None
    planned: bool
    reached: bool
    fixed: Span | None
    fixed_estimate: float | None
    fixed_on: date | None


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What may be said of an experiment on a day."""

    experiment: str
    outcome: str
    days: int
    known_until: date
    currency: str
    nights: int
    nights_missing: int
    plan: Plan
    is_as_planned: bool
    arms: tuple[Arm, ...]
    left_out: Mapping[str, int]
    ratio: RatioCheck
    compared: tuple[Compared, ...]

    def tree(self) -> dict[str, Any]:
        """Yield everything as JSON knows it."""
        found = asdict(self)
        found["known_until"] = self.known_until.isoformat()
        found["ratio"]["mismatched"] = self.ratio.is_mismatched
        for one, tree in zip(self.compared, found["compared"], strict=True):
            tree["fixed_on"] = one.fixed_on.isoformat() if one.fixed_on else None
        return found


@dataclass(frozen=True, kw_only=True)
class _People:
    """The people of the experiment as numbers."""

    assignments: Assignments
    outcomes: Outcomes
    days: int

    def arm(self, name: str) -> Flags:
        """Yield who was assigned to an arm."""
        column = self.assignments.people.column("arm")
        return np.asarray(pc.equal(column, name).to_numpy().astype(bool))

    @property
    def entered(self) -> npt.NDArray[np.int64]:
        """The day number of assignment."""
        column = self.assignments.people.column("entered_on")
        return np.asarray(column.to_numpy().astype("datetime64[D]").astype(np.int64))

    @property
    def moved(self) -> Flags:
        """Who was in another arm before the window ended: their shares grew."""
        column = self.assignments.people.column("moved_on")
        days = column.to_numpy().astype("datetime64[D]")
        gone = ~np.isnat(days)
        return np.asarray(gone & (days.astype(np.int64) <= self.entered + self.days))

    @property
    def counted(self) -> Flags:
        """Who counts: window ended, outcome known, not moved meanwhile."""
        return np.asarray(self.outcomes.usable & ~self.moved)

    def sums(self, who: Flags) -> Sums:
        """Yield the sums of some of those who count, by stratum."""
        rows = who & self.counted
        count = len(self.assignments.shares)
        return sums_of(self.outcomes.value[rows], self.assignments.stratum[rows], count=count)


def read(
    *,
    assignments: Assignments,
    outcomes: Outcomes,
    outcome: str,
    days: int,
    known_until: date,
) -> Reading:
    """Yield the reading of an experiment by one outcome within so many days."""
    plan = assignments.experiment.plan
    people = _People(assignments=assignments, outcomes=outcomes, days=days)
    as_planned = (outcome, days) == (plan.outcome, plan.days)
    nights = [night.as_of for night in assignments.nights]
    return Reading(
        experiment=assignments.experiment.id,
        outcome=outcome,
        days=days,
        known_until=known_until,
        currency=assignments.nights[-1].currency,
        nights=len(nights),
        nights_missing=(nights[-1] - nights[0]).days + 1 - len(nights),
        plan=plan,
        is_as_planned=as_planned,
        arms=tuple(_arm(people, name) for name in assignments.arms),
        left_out={
            "window_not_ended": int((~outcomes.ended).sum()),
            "moved": int((outcomes.ended & people.moved).sum()),
            "outcome_unknown": int((outcomes.ended & ~people.moved & ~outcomes.known).sum()),
        },
        ratio=_ratio(people),
        compared=tuple(_compared(people, plan, outcome, as_planned)),
    )


def _arm(people: _People, name: str) -> Arm:
    who = people.arm(name)
    counted = int((who & people.counted).sum())
    return Arm(
        name=name,
        assigned=int(who.sum()),
        counted=counted,
        mean=float(people.sums(who).mean) if counted else None,
    )


def _ratio(people: _People) -> RatioCheck:
    """Hold everybody assigned against the shares, whether they count or not."""
    shares = people.assignments.shares
    found = [
        {
            name: int((people.arm(name) & (people.assignments.stratum == stratum)).sum())
            for name in people.assignments.arms
        }
        for stratum in range(len(shares))
    ]
    return ratio_check(found=found, shares_ppm=shares)


def _compared(people: _People, plan: Plan, outcome: str, as_planned: bool) -> Iterator[Compared]:
    tau = _tau(people, plan, outcome, as_planned)
    arms = people.assignments.arms
    challengers = [name for name in arms if name not in (CHAMPION, HOLD_OUT)]
    alpha = plan.alpha_ppm / PPM
    for name in challengers:
        yield _pair(people, name, CHAMPION, alpha / len(challengers), tau, plan, as_planned)
    if HOLD_OUT in arms:
        others = (CHAMPION, *challengers)
        for name in others:
            yield _pair(people, name, HOLD_OUT, alpha / len(others), tau, plan, False)


def _tau(people: _People, plan: Plan, outcome: str, as_planned: bool) -> float:
    """Yield over what differences the mixture spreads: the planned effect, else a fixed part."""
    if as_planned:
        return abs(plan.effect) / (PPM if outcome in YES_OR_NO else 1)
    values = people.outcomes.value[people.counted]
    return float(values.std()) / UNPLANNED_PARTS if len(values) else 0.0


def _pair(
    people: _People,
    name: str,
    against: str,
    alpha: float,
    tau: float,
    plan: Plan,
    planned: bool,
) -> Compared:
    treated, control = people.arm(name), people.arm(against)
    sums = people.sums(treated), people.sums(control)
    found = difference(treated=sums[0], control=sums[1])
    enough = min(float(one.persons.sum()) for one in sums) >= FEWEST_PERSONS
    sure = enough and _is_sure(found) and tau > 0
    half = always_valid_half_width(variance=found.variance, tau=tau, alpha=alpha) if sure else None
    reached_on = _reached_on(people, (treated, control), plan.persons) if planned else None
    fixed = _fixed(people, treated, control, reached_on)
    return Compared(
        arm=name,
        against=against,
        alpha=alpha,
        estimate=float(found.estimate) if enough and _is_sure(found) else None,
        always_valid=None if half is None else _span(found, half),
        p=float(always_valid_p(estimate=found.estimate, variance=found.variance, tau=tau))
        if sure
        else None,
        planned=planned,
        reached=reached_on is not None,
        fixed=None if fixed is None else _span(fixed, _half(fixed, alpha)),
        fixed_estimate=None if fixed is None else float(fixed.estimate),
        fixed_on=None if reached_on is None else date.fromordinal(reached_on + _EPOCH),
    )


_EPOCH = date(1970, 1, 1).toordinal()


def _half(found: Difference, alpha: float) -> Floats:
    return fixed_half_width(variance=found.variance, alpha=alpha)


def _is_sure(found: Difference) -> bool:
    """Whether a difference has a variance: somebody fared otherwise than the rest."""
    return bool(np.isfinite(found.estimate) and found.variance > 0)


def _span(found: Difference, half: Floats) -> Span:
    return Span(low=float(found.estimate - half), high=float(found.estimate + half))


def _reached_on(people: _People, arms: tuple[Flags, Flags], persons: int) -> int | None:
    """Yield the day of assignment with which both arms reached the planned size, windows ended.

    It depends on who came when, never on what became of them.
    """
    entered, last = people.entered, 0
    for who in arms:
        days = np.sort(entered[who & people.outcomes.ended & ~people.moved])
        if len(days) < persons:
            return None
        last = max(last, int(days[persons - 1]))
    return last


def _fixed(
    people: _People, treated: Flags, control: Flags, reached_on: int | None
) -> Difference | None:
    if reached_on is None:
        return None
    among = people.entered <= reached_on
    found = difference(treated=people.sums(treated & among), control=people.sums(control & among))
    return found if _is_sure(found) else None
