"""The loop's work grows with the instalments and payments of a loan, not with their product."""

import sys
from datetime import timedelta

import pytest
from tests.kernel.loans import START

from recoup.kernel import delinquency
from recoup.kernel.tracing import Discharge, HistoryTests, Instalment, Payment, trace

TESTS = HistoryTests(
    npl_over_days=90,
    upgrade_months=6,
    upgrade_periods=2,
    observe_months=12,
    observe_periods=2,
    observe_from=START,
)


def loan(*, periods, late_days, share):
    schedule = [
        Instalment(
            seq=n, due_on=START + timedelta(days=30 * n), principal_minor=90, interest_minor=10
        )
        for n in range(periods)
    ]
    payments = [
        Payment(
            payment_id=f"P{line.seq}",
            paid_on=line.due_on + timedelta(days=late_days),
            amount_minor=share,
        )
        for line in schedule
    ]
    return {
        "instalments": schedule,
        "payments": payments,
        "as_of": START + timedelta(days=30 * periods),
        "discharge": Discharge(),
        "tests": TESTS,
    }


def lines_run(case):
    """How many lines of the loop's module one trace runs."""
    count = 0

    def within(_frame, event, _argument):
        nonlocal count
        count += event == "line"
        return within

    def enter(frame, _event, _argument):
        return within if frame.f_code.co_filename == delinquency.__file__ else None

    before = sys.gettrace()
    sys.settrace(enter)
    try:
        trace(**case)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize(
    ("late_days", "share"),
    [(0, 100), (5, 100), (40, 100), (0, 30), (0, 250), (-20, 100)],
    ids=["on-time", "a-little-late", "always-behind", "too-little", "far-ahead", "early"],
)
def test_twice_the_age_is_twice_the_work(late_days, share):
    young = lines_run(loan(periods=60, late_days=late_days, share=share))

    old = lines_run(loan(periods=120, late_days=late_days, share=share))

    assert old < 2.1 * young
