"""Month by month: who pays what and when, whom the bank reached, and what that changed.

Each instalment opens a step. In it the debtor would pay, late or not at all, by the debtor's own
nature; where that looks like trouble the bank may try a channel, chosen at random within the
stage; a contact that reaches the debtor changes the chance to pay by the debtor's true response.
Contacts therefore cause payments here, by known amounts, and a model can be judged against them.
"""

from dataclasses import dataclass

import numpy as np

from recoup.demo import schedules
from recoup.demo.columns import Days, Flags, Ints
from recoup.demo.contracts import CONSUMER, INTERNET, MORTGAGE, Contracts
from recoup.demo.people import (
    FORGETFUL,
    GOOD,
    NEVER,
    STRAINED,
    People,
    Shares,
)
from recoup.demo.schedules import Rows

#: The last day of payments in the book: the export runs this long after the business date.
EXPORT_LAG_DAYS = 3
_EARLIEST_DAYS = 4
_REMEMBERED_DAYS = 200
_MONTH_DAYS = 30

#: What the bank tries in a step; 0 is nothing, the others follow ``people.TREATED_BY``.
NOTHING, SMS, CALL, LETTER, VISIT = range(5)

# By instalments behind (0, 1, 2, 3, 4 and more): shares of nothing, sms, call, letter, visit.
_TRIED = np.array(
    [
        [0.35, 0.5, 0.15, 0.0, 0.0],
        [0.12, 0.3, 0.5, 0.08, 0.0],
        [0.1, 0.1, 0.6, 0.15, 0.05],
        [0.1, 0.05, 0.5, 0.2, 0.15],
        [0.3, 0.02, 0.35, 0.23, 0.1],
    ]
)


@dataclass(frozen=True)
class Receipts:
    """Payments in the order in which they were simulated. Units: minor units."""

    loan: Ints
    paid_on: Days
    amount: Ints
    is_waiver: Flags


@dataclass(frozen=True)
class Attempts:
    """What the bank tried in a step for one loan, and what came of it.

    ``promised_on`` is ``NEVER`` where no promise was made.
    """

    loan: Ints
    channel: Ints
    from_on: Days
    until_on: Days
    reached: Flags
    promised_on: Days
    promise_due_on: Days
    promise_minor: Ints


@dataclass(frozen=True)
class Lived:
    """The result: receipts, attempts, and the day on which a loan was closed ahead of its term."""

    receipts: Receipts
    attempts: Attempts
    closed_on: Days
    is_settlement: Flags


@dataclass(frozen=True)
class _Nature:
    """The owner's true parameters, one row a loan."""

    behaviour: Ints
    on_time: Shares
    late_days: Shares
    capacity: Shares
    reach: Shares
    response: Shares


@dataclass(frozen=True)
class _Plan:
    """The schedule as the simulation reads it: running sums over all rows, and each loan's end."""

    rows: Rows
    begun: Ints
    last_due: Days
    total_before: Ints
    interest_before: Ints


@dataclass(frozen=True)
class _State:
    """What changes from step to step, one cell a loan; the lists grow by one entry a step."""

    owed: Ints
    behind: Ints
    closed_on: Days
    is_settlement: Flags
    receipts: list[Receipts]
    attempts: list[Attempts]


@dataclass(frozen=True)
class _Step:
    """One month of every loan still alive: parallel columns."""

    loan: Ints
    due: Days
    total: Ints
    owed: Ints
    behind: Ints
    stopped: Flags
    resumed: Flags
    total_ahead: Ints
    interest_ahead: Ints


@dataclass(frozen=True)
class _Course:
    """How a month went: who pays, days after the due day, and what the bank tried until when."""

    pays: Flags
    paid_after: Ints
    channel: Ints
    reached: Flags
    tried_until: Ints


def live(
    chance: np.random.Generator, people: People, contracts: Contracts, rows: Rows, *, day: int
) -> Lived:
    """Yield what happened on every loan up to ``day`` and the export's lag after it."""
    loans = len(contracts.contract)
    nature = _nature(people, contracts.owner)
    plan = _plan(rows, day=day)
    state = _State(
        owed=np.zeros(loans, dtype=np.int64),
        behind=np.zeros(loans, dtype=np.int64),
        closed_on=np.full(loans, NEVER, dtype=np.int32),
        is_settlement=np.zeros(loans, dtype=np.bool_),
        receipts=[],
        attempts=[],
    )
    horizon = day + EXPORT_LAG_DAYS + _EARLIEST_DAYS
    overrun = np.maximum(horizon - plan.last_due, 0) // _MONTH_DAYS
    months = plan.begun + np.where(plan.begun == np.diff(rows.first), overrun, 0)
    for place in range(int(months.max(initial=0))):
        going = (months > place) & (state.closed_on == NEVER)
        alive = np.flatnonzero(going & ((plan.begun > place) | (state.owed > 0)))
        step = _step(contracts, plan, state, alive, place)
        course = _course(chance, nature, step)
        _pay(chance, nature, state, step, course)
        _note_attempts(chance, state, step, course, since=day - _REMEMBERED_DAYS)
        _close(chance, contracts, nature, state, step, day=day)
    return _collected(state, day=day)


def _nature(people: People, owner: Ints) -> _Nature:
    return _Nature(
        behaviour=people.behaviour[owner],
        on_time=people.on_time[owner],
        late_days=people.late_days[owner],
        capacity=people.capacity[owner],
        reach=people.reach[owner],
        response=np.column_stack([np.zeros(len(owner)), people.response[owner]]),
    )


def _plan(rows: Rows, *, day: int) -> _Plan:
    loans = len(rows.first) - 1
    begun = rows.due <= day + EXPORT_LAG_DAYS + _EARLIEST_DAYS
    total = rows.principal + rows.interest + rows.fee
    return _Plan(
        rows=rows,
        begun=np.bincount(rows.loan[begun], minlength=loans),
        last_due=rows.due[rows.first[1:] - 1],
        total_before=schedules.first_rows(total),
        interest_before=schedules.first_rows(rows.interest + rows.fee),
    )


def _step(contracts: Contracts, plan: _Plan, state: _State, alive: Ints, place: int) -> _Step:
    """Yield each loan's next instalment, or one more month after the last while in debt."""
    rows = plan.rows
    last = rows.first[alive + 1] - 1
    wanted = rows.first[alive] + place
    at = np.minimum(wanted, last)
    total = np.where(wanted > last, 0, plan.total_before[at + 1] - plan.total_before[at])
    due = (rows.due[at] + _MONTH_DAYS * np.maximum(wanted - last, 0)).astype(np.int32)
    resumed = due >= contracts.resume_on[alive]
    return _Step(
        loan=alive,
        due=due,
        total=total,
        owed=state.owed[alive] + total,
        behind=state.behind[alive],
        stopped=(due >= contracts.stop_on[alive]) & ~resumed,
        resumed=resumed,
        total_ahead=plan.total_before[last + 1] - plan.total_before[at + 1],
        interest_ahead=plan.interest_before[last + 1] - plan.interest_before[at + 1],
    )


def _course(chance: np.random.Generator, nature: _Nature, step: _Step) -> _Course:
    """Yield how the month goes: the debtor's inclination, what the bank tries, what it changes."""
    size = len(step.loan)
    inclined, late = _inclination(chance, nature, step)
    trouble = (step.owed > 0) & (~inclined | (late > 2) | (step.behind > 0))
    channel = np.where(trouble, _tried(chance, step.behind), NOTHING)
    contact_after = 2 + chance.integers(0, 9, size)
    before_contact = inclined & (late <= contact_after)
    reached = (channel != NOTHING) & ~before_contact
    reached &= chance.random(size) < nature.reach[step.loan]
    effect = np.where(reached, nature.response[step.loan, channel], 0.0)
    turned = chance.random(size)
    pays = np.where(inclined, turned >= -effect, turned < effect)
    brought_forward = contact_after + late % 5
    paid_after = np.where(pays & reached, brought_forward, np.clip(late, -_EARLIEST_DAYS, 27))
    until = np.where(reached, contact_after, np.where(pays, np.maximum(paid_after, 1), 26))
    return _Course(
        pays=pays, paid_after=paid_after, channel=channel, reached=reached, tried_until=until
    )


def _inclination(chance: np.random.Generator, nature: _Nature, step: _Step) -> tuple[Flags, Ints]:
    """Yield whether each would pay within the month without being asked, and how late."""
    loan, size = step.loan, len(step.loan)
    behaviour = nature.behaviour[loan]
    on_time = chance.random(size) < nature.on_time[loan]
    pays_late = np.array([0.97, 0.94, 0.62, 0.9, 0.85, 0.8])[behaviour]
    pays = on_time | (chance.random(size) < pays_late)
    token = np.array([0.02, 0.02, 0.02, 0.03, 0.06, 0.01])[behaviour]
    pays = np.where(step.stopped, chance.random(size) < token, pays)
    pays = np.where(step.resumed & (step.behind > 0), chance.random(size) < 0.93, pays)
    early = np.where(chance.random(size) < 0.3, chance.integers(0, _EARLIEST_DAYS, size), 0)
    late = 1 + chance.exponential(nature.late_days[loan]).astype(np.int64)
    return pays, np.where(on_time & ~step.stopped, -early, late)


def _tried(chance: np.random.Generator, behind: Ints) -> Ints:
    """Yield the channel that the bank tries, at random within the stage."""
    ladder = np.cumsum(_TRIED, axis=1)[np.minimum(behind, len(_TRIED) - 1)]
    drawn: Ints = (chance.random(len(behind))[:, None] >= ladder[:, :-1]).sum(axis=1)
    return drawn


def _pay(
    chance: np.random.Generator, nature: _Nature, state: _State, step: _Step, course: _Course
) -> None:
    """Take in what is paid this month: whole, in part, in two parts, or an instalment ahead."""
    size = len(step.loan)
    behaviour = nature.behaviour[step.loan]
    owed = np.maximum(step.owed, 0)
    amount = np.where(course.pays, np.minimum(_amounts(chance, nature, step), owed), 0)
    ahead = (amount > 0) & (behaviour == GOOD) & (chance.random(size) < 0.004)
    amount = np.where(ahead, amount + np.minimum(step.total, step.total_ahead), amount)
    rest = step.owed - amount
    state.owed[step.loan] = rest
    covered = np.where(step.total > 0, amount // np.maximum(step.total * 19 // 20, 1), 1)
    behind = np.maximum(step.behind + 1 - np.minimum(covered, 12), 1)
    state.behind[step.loan] = np.where(rest > 0, behind, 0)
    split = (behaviour == STRAINED) & (amount > 20_000) & (chance.random(size) < 0.2)
    first_part = np.where(split, amount // 20_000 * 10_000, amount)
    paid_on = step.due + course.paid_after
    for chosen, on, part in (
        (amount > 0, paid_on, first_part),
        (split, paid_on + 6, amount - first_part),
    ):
        state.receipts.append(
            Receipts(
                loan=step.loan[chosen],
                paid_on=on[chosen].astype(np.int32),
                amount=part[chosen],
                is_waiver=np.zeros(int(chosen.sum()), dtype=np.bool_),
            )
        )


def _amounts(chance: np.random.Generator, nature: _Nature, step: _Step) -> Ints:
    """Yield what each would pay, in whole yuan where it is less than all that is owed."""
    behaviour = nature.behaviour[step.loan]
    size = len(step.loan)
    base = np.where(step.total > 0, step.total, np.maximum(step.owed, 0) // 6 + 100)
    share = nature.capacity[step.loan] * np.exp(chance.normal(0.0, 0.15, size))
    part = (base * share).astype(np.int64) // 100 * 100
    all_of_it = chance.random(size) < 0.36
    strained = np.where(all_of_it | (part >= step.owed), step.owed, part)
    token = np.maximum((base * 0.15 * chance.random(size)).astype(np.int64) // 100, 1) * 100
    clearing = np.where(chance.random(size) < 0.45, step.owed, base * 2)
    usual = np.where(behaviour == STRAINED, strained, step.owed)
    usual = np.where(step.stopped, token, usual)
    return np.where(step.resumed & (step.behind > 0), clearing, usual)


def _note_attempts(
    chance: np.random.Generator, state: _State, step: _Step, course: _Course, *, since: int
) -> None:
    """Keep what was tried lately; a call or visit that reached the debtor often has a promise."""
    until = step.due + course.tried_until
    kept = np.flatnonzero((course.channel != NOTHING) & (until >= since))
    size = len(kept)
    made_on = until[kept]
    owed = np.maximum(step.owed[kept], 0)
    talked = course.reached[kept] & np.isin(course.channel[kept], (CALL, VISIT))
    promised = talked & (chance.random(size) < 0.65) & (owed > 10_000)
    half = chance.random(size) < 0.25
    state.attempts.append(
        Attempts(
            loan=step.loan[kept],
            channel=course.channel[kept],
            from_on=step.due[kept] + 1,
            until_on=made_on.astype(np.int32),
            reached=course.reached[kept],
            promised_on=np.where(promised, made_on, NEVER).astype(np.int32),
            promise_due_on=(made_on + chance.integers(2, 9, size)).astype(np.int32),
            promise_minor=np.where(half, owed // 20_000 * 10_000, owed // 100 * 100),
        )
    )


def _close(
    chance: np.random.Generator,
    contracts: Contracts,
    nature: _Nature,
    state: _State,
    step: _Step,
    *,
    day: int,
) -> None:
    """Close some loans ahead of term.

    A good payer pays what is left of the principal and is let off the interest to come. One who
    stopped long ago settles for a part, and the rest is waived.
    """
    loan, size = step.loan, len(step.loan)
    behaviour = nature.behaviour[loan]
    owed = state.owed[loan]
    in_time = step.due + 20 < day
    early = (behaviour <= FORGETFUL) & (owed == 0) & (step.total_ahead > 0) & in_time
    early &= np.isin(contracts.product[loan], (CONSUMER, INTERNET, MORTGAGE))
    early &= chance.random(size) < 0.002
    settles = step.stopped & (step.behind >= 6) & (owed > 0) & in_time
    settles &= chance.random(size) < 0.015
    chosen = np.flatnonzero(early | settles)
    rest = (owed + step.total_ahead)[chosen]
    share = np.where(settles[chosen], chance.integers(50, 90, len(chosen)), 100)
    paid = np.where(
        settles[chosen], rest * share // 10_000 * 100, rest - step.interest_ahead[chosen]
    )
    on = (step.due[chosen] + 12).astype(np.int32)
    for amount, is_waiver in ((paid, False), (rest - paid, True)):
        some = amount > 0
        state.receipts.append(
            Receipts(
                loan=loan[chosen][some],
                paid_on=on[some],
                amount=amount[some],
                is_waiver=np.full(int(some.sum()), is_waiver),
            )
        )
    state.owed[loan[chosen]] = 0
    state.closed_on[loan[chosen]] = on
    state.is_settlement[loan[chosen]] = settles[chosen]


def _collected(state: _State, *, day: int) -> Lived:
    """Yield the receipts up to the export and the attempts begun by the business date."""
    receipts, attempts = state.receipts, state.attempts
    paid_on = np.concatenate([part.paid_on for part in receipts])
    known = paid_on <= day + EXPORT_LAG_DAYS
    from_on = np.concatenate([part.from_on for part in attempts])
    begun = from_on <= day
    until_on = np.concatenate([part.until_on for part in attempts])[begun]
    promised_on = np.concatenate([part.promised_on for part in attempts])[begun]
    return Lived(
        receipts=Receipts(
            loan=np.concatenate([part.loan for part in receipts])[known],
            paid_on=paid_on[known],
            amount=np.concatenate([part.amount for part in receipts])[known],
            is_waiver=np.concatenate([part.is_waiver for part in receipts])[known],
        ),
        attempts=Attempts(
            loan=np.concatenate([part.loan for part in attempts])[begun],
            channel=np.concatenate([part.channel for part in attempts])[begun],
            from_on=from_on[begun],
            until_on=np.minimum(until_on, day).astype(np.int32),
            reached=np.concatenate([part.reached for part in attempts])[begun] & (until_on <= day),
            promised_on=np.where(promised_on <= day, promised_on, NEVER).astype(np.int32),
            promise_due_on=np.concatenate([part.promise_due_on for part in attempts])[begun],
            promise_minor=np.concatenate([part.promise_minor for part in attempts])[begun],
        ),
        closed_on=state.closed_on,
        is_settlement=state.is_settlement,
    )
