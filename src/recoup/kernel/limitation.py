"""Clocks of limitation: how long a claim, a guarantor and a mortgage can be relied on.

The start day is not counted; a period ends on the corresponding day. An interruption starts the
period afresh; an obstacle in its last months holds it until some months after the obstacle is gone;
a promise or a payment after expiry revives it. What counts as which is law: the caller says it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from recoup.kernel.calendar import WorkingDays
from recoup.kernel.deadlines import MONTHS, YEARS, deadline, end_of_period

Effect: TypeAlias = Literal["interrupts", "suspends", "revives"]
INTERRUPTS: Effect = "interrupts"
SUSPENDS: Effect = "suspends"
REVIVES: Effect = "revives"

JOINT = "joint"
GENERAL = "general"
OPEN = "open"
BOUND = "bound"
RELEASED = "released"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRules:
    """The numbers of a limitation period."""

    years: int
    longest_years: int
    suspension_window_months: int
    suspension_tail_months: int
    rolls: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockEvent:
    """Something that touches the clock.

    ``until`` is the last day of an obstacle, or the day on which a procedure that interrupts ended;
    None while it goes on (``lasts``), or for an act of one day. ``effects`` says what the law lets
    it do.
    """

    on: date
    effects: frozenset[Effect]
    until: date | None = None
    lasts: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the clock: what happened, and when the period ends after it (None: held)."""

    on: date
    what: str
    label: str
    ends_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The state of a limitation period.

    ``ends_on`` is None while an obstacle or a procedure still holds the period.
    """

    starts_on: date
    ends_on: date | None
    longest_on: date
    expired: bool
    revived: bool
    steps: tuple[Step, ...]


def limitation_clock(
    *,
    starts_on: date,
    events: Sequence[ClockEvent],
    rules: ClockRules,
    calendar: WorkingDays,
    as_of: date,
) -> Clock:
    """Yield the clock of a claim on a day, from the events up to that day.

    Events before the period began change nothing. After expiry only what revives counts.
    The longest period from the beginning is neither suspended nor interrupted; what is to be
    believed is the earlier of the two ends.
    """
    ends = _ends(start=starts_on, rules=rules, calendar=calendar)
    longest = end_of_period(start=starts_on, count=rules.longest_years, unit=YEARS)
    steps = [Step(on=starts_on, what="starts", label="", ends_on=ends)]
    revived = False
    for event in sorted(events, key=lambda one: (one.on, one.label)):
        if event.on < starts_on or event.on > as_of:
            continue
        step = _after(event=event, ends=steps[-1].ends_on, rules=rules, calendar=calendar)
        if step is not None:
            revived = revived or step.what == REVIVES
            steps.append(step)
    last = steps[-1].ends_on
    effective = last if last is None else min(last, longest)
    return Clock(
        starts_on=starts_on,
        ends_on=effective,
        longest_on=longest,
        expired=as_of > longest or (last is not None and as_of > last),
        revived=revived,
        steps=tuple(steps),
    )


def _after(
    *, event: ClockEvent, ends: date | None, rules: ClockRules, calendar: WorkingDays
) -> Step | None:
    if ends is not None and event.on > ends:
        if REVIVES not in event.effects:
            return None
        return _fresh(event=event, what=REVIVES, rules=rules, calendar=calendar)
    if INTERRUPTS in event.effects:
        return _fresh(event=event, what=INTERRUPTS, rules=rules, calendar=calendar)
    if SUSPENDS in event.effects and ends is not None:
        return _held(event=event, ends=ends, rules=rules, calendar=calendar)
    return None


def _fresh(*, event: ClockEvent, what: str, rules: ClockRules, calendar: WorkingDays) -> Step:
    """Start the period afresh: from the act, or from the end of the procedure."""
    ends = None
    if event.until is not None or not event.lasts:
        ends = _ends(start=event.until or event.on, rules=rules, calendar=calendar)
    return Step(on=event.on, what=what, label=event.label, ends_on=ends)


def _held(
    *, event: ClockEvent, ends: date, rules: ClockRules, calendar: WorkingDays
) -> Step | None:
    """Hold the period for an obstacle that was there in its last months."""
    window = end_of_period(start=ends, count=-rules.suspension_window_months, unit=MONTHS)
    if event.until is None:
        return Step(on=event.on, what=SUSPENDS, label=event.label, ends_on=None)
    if event.until < window:
        return None
    tail = deadline(
        start=event.until,
        count=rules.suspension_tail_months,
        unit=MONTHS,
        calendar=calendar,
        moves=rules.rolls,
    ).due_on
    return Step(on=event.on, what=SUSPENDS, label=event.label, ends_on=max(ends, tail))


def _ends(*, start: date, rules: ClockRules, calendar: WorkingDays) -> date:
    return deadline(
        start=start, count=rules.years, unit=YEARS, calendar=calendar, moves=rules.rolls
    ).due_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarantee:
    """A guarantee: its period, whether the guarantor is still bound, his own clock's start."""

    ends_on: date
    kind: str
    state: str
    own_clock_from: date | None


def guarantee_state(
    *,
    due_on: date,
    agreed_until: date | None,
    kind: str,
    months_if_silent: int,
    demanded_on: Sequence[date],
    sued_debtor_on: Sequence[date],
    refusal_ended_on: date | None,
    as_of: date,
) -> Guarantee:
    """Yield whether a guarantor is bound, released, or still to be reached in time.

    A joint guarantor must himself be demanded within the guarantee period; for a general one the
    debtor must be sued, or arbitration begun, within it. The period is never suspended, interrupted
    or extended, and no rest day moves it. An agreed period that ends on or before the due day is
    no agreement.
    """
    ends_on = end_of_period(start=due_on, count=months_if_silent, unit=MONTHS)
    if agreed_until is not None and agreed_until > due_on:
        ends_on = agreed_until
    acts = demanded_on if kind == JOINT else sued_debtor_on
    in_time = sorted(day for day in acts if day <= min(ends_on, as_of))
    state = BOUND if in_time else (OPEN if as_of <= ends_on else RELEASED)
    own = None
    if in_time:
        own = in_time[0] if kind == JOINT else refusal_ended_on
    return Guarantee(ends_on=ends_on, kind=kind, state=state, own_clock_from=own)
