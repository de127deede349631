"""The clock of limitation: interrupted, suspended, expired, revived; and the guarantor's own."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recoup.kernel.calendar import WorkingDays
from recoup.kernel.limitation import (
    BOUND,
    GENERAL,
    INTERRUPTS,
    JOINT,
    OPEN,
    RELEASED,
    REVIVES,
    SUSPENDS,
    ClockEvent,
    ClockRules,
    guarantee_state,
    limitation_clock,
)

RULES = ClockRules(
    years=3,
    longest_years=20,
    suspension_window_months=6,
    suspension_tail_months=6,
    rolls=False,
)
DUE = date(2024, 5, 20)


def clock(*events, as_of=date(2026, 11, 20), rules=RULES):
    return limitation_clock(
        starts_on=DUE, events=events, rules=rules, calendar=WorkingDays(years={}), as_of=as_of
    )


def demand(on):
    return ClockEvent(on=on, effects=frozenset({INTERRUPTS}), label="demand")


def payment(on):
    return ClockEvent(on=on, effects=frozenset({INTERRUPTS, REVIVES}), label="payment")


def obstacle(on, until):
    return ClockEvent(on=on, until=until, effects=frozenset({SUSPENDS}), lasts=until is None)


def test_nothing_happens_and_three_years_pass():
    found = clock()

    assert (found.ends_on, found.longest_on) == (date(2027, 5, 20), date(2044, 5, 20))
    assert not clock(as_of=date(2027, 5, 20)).expired
    assert clock(as_of=date(2027, 5, 21)).expired


def test_each_interruption_starts_three_fresh_years():
    found = clock(payment(date(2026, 1, 15)), demand(date(2025, 3, 10)))

    assert found.ends_on == date(2029, 1, 15)
    assert [step.what for step in found.steps] == ["starts", INTERRUPTS, INTERRUPTS]


def test_a_demand_before_the_claim_is_due_changes_nothing():
    assert clock(demand(date(2024, 5, 19))).ends_on == date(2027, 5, 20)


def test_what_happens_after_the_day_asked_is_not_yet_known():
    assert clock(demand(date(2026, 11, 21))).ends_on == date(2027, 5, 20)


def test_a_demand_on_the_last_day_is_in_time_and_on_the_next_it_is_not():
    later = date(2027, 12, 1)

    assert clock(demand(date(2027, 5, 20)), as_of=later).ends_on == date(2030, 5, 20)
    assert clock(demand(date(2027, 5, 21)), as_of=later).expired


def test_a_payment_after_expiry_revives_the_claim():
    found = clock(payment(date(2027, 9, 1)), as_of=date(2027, 12, 1))

    assert (found.revived, found.expired, found.ends_on) == (True, False, date(2030, 9, 1))


@pytest.mark.parametrize(
    ("begins", "ends", "expected"),
    [
        (date(2027, 2, 1), date(2027, 4, 15), date(2027, 10, 15)),
        (date(2026, 2, 1), date(2026, 12, 1), date(2027, 6, 1)),  # reaches into the window
        (date(2026, 2, 1), date(2026, 11, 20), date(2027, 5, 20)),  # gone as the window begins
        (date(2026, 2, 1), date(2026, 11, 19), date(2027, 5, 20)),  # gone before the window
    ],
)
def test_an_obstacle_in_the_last_six_months_adds_six_after_it_is_gone(begins, ends, expected):
    assert clock(obstacle(begins, ends), as_of=date(2027, 5, 20)).ends_on == expected


def test_an_obstacle_that_is_still_there_holds_the_clock():
    found = clock(obstacle(date(2027, 2, 1), None), as_of=date(2030, 1, 1))

    assert (found.ends_on, found.expired) == (None, False)


def test_a_lawsuit_holds_the_clock_until_its_end_and_then_starts_it_afresh():
    suit = {"on": date(2026, 3, 10), "effects": frozenset({INTERRUPTS})}

    pending = clock(ClockEvent(**suit, lasts=True))
    ended = clock(ClockEvent(**suit, until=date(2026, 6, 10)))

    assert pending.ends_on is None
    assert ended.ends_on == date(2029, 6, 10)


def test_the_longest_period_is_not_prolonged_by_interruptions():
    events = [demand(date(2024 + year, 5, 20)) for year in range(2, 20, 2)]

    found = clock(*events, as_of=date(2044, 5, 21))

    assert found.expired


@given(st.lists(st.integers(-400, 6000), max_size=12))
def test_more_demands_never_shorten_the_clock(offsets):
    days = [DUE + timedelta(days=offset) for offset in offsets]
    as_of = DUE + timedelta(days=6000)

    fewer = clock(*(demand(day) for day in days[1:]), as_of=as_of)
    more = clock(*(demand(day) for day in days), as_of=as_of)

    assert more.ends_on >= fewer.ends_on


def guarantee(**facts):
    given_facts = {
        "due_on": DUE,
        "agreed_until": None,
        "kind": JOINT,
        "months_if_silent": 6,
        "demanded_on": (),
        "sued_debtor_on": (),
        "refusal_ended_on": None,
        "as_of": date(2024, 11, 21),
    }
    return guarantee_state(**{**given_facts, **facts})


def test_a_joint_guarantor_demanded_in_time_is_bound_and_his_clock_runs_from_the_demand():
    found = guarantee(demanded_on=[date(2024, 10, 8), date(2024, 11, 1)])

    assert (found.state, found.own_clock_from) == (BOUND, date(2024, 10, 8))


def test_a_joint_guarantor_who_was_not_demanded_is_released_though_the_debtor_was_sued():
    assert guarantee(sued_debtor_on=[date(2024, 10, 8)]).state == RELEASED


def test_the_last_day_of_the_guarantee_period_is_in_time_and_the_next_is_not():
    assert guarantee(demanded_on=[date(2024, 11, 20)]).state == BOUND
    assert guarantee(demanded_on=[date(2024, 11, 21)]).state == RELEASED


def test_before_the_period_ends_the_guarantor_can_still_be_reached():
    assert guarantee(as_of=date(2024, 11, 20)).state == OPEN


def test_a_general_guarantor_is_bound_only_by_a_suit_against_the_debtor():
    dunned = guarantee(kind=GENERAL, demanded_on=[date(2024, 10, 8)])
    sued = guarantee(
        kind=GENERAL, sued_debtor_on=[date(2024, 10, 8)], refusal_ended_on=date(2025, 6, 1)
    )

    assert dunned.state == RELEASED
    assert (sued.state, sued.own_clock_from) == (BOUND, date(2025, 6, 1))


def test_an_agreed_period_counts_only_if_it_ends_after_the_due_day():
    assert guarantee(agreed_until=date(2026, 1, 1)).ends_on == date(2026, 1, 1)
    assert guarantee(agreed_until=DUE).ends_on == date(2024, 11, 20)
