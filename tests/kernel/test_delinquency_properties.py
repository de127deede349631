"""What must hold for every loan: money conserved, order indifferent, all roads agreeing."""

from collections import Counter
from dataclasses import asdict, replace
from datetime import timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.kernel.day_by_day import Walk
from tests.kernel.loans import START, cases

from recoup.engine.backends.compiled import compiled
from recoup.kernel.calendar import NO_DAY, day_number
from recoup.kernel.delinquency import RESULT, trace_block
from recoup.kernel.tracing import (
    PARTS,
    Discharge,
    HistoryTests,
    Payment,
    named,
    order_code,
    trace,
)

modest = settings(max_examples=150, deadline=None)


@modest
@given(case=cases())
def test_money_is_conserved_to_the_unit(case):
    traced = trace(**case)

    counted = [p for p in case["payments"] if p.paid_on <= case["as_of"]]
    placed = sum(piece.amount_minor for piece in traced.pieces)
    assert placed + traced.trace.surplus_minor == sum(p.amount_minor for p in counted)
    assert traced.trace.received_minor + traced.trace.waived_minor == sum(
        p.amount_minor for p in counted
    )
    assert all(piece.amount_minor > 0 for piece in traced.pieces)
    for payment in counted:
        placed = [p.amount_minor for p in traced.pieces if p.payment_id == payment.payment_id]
        assert sum(placed) <= payment.amount_minor


@modest
@given(case=cases())
def test_no_part_is_ever_paid_more_than_it_asks_for(case):
    pieces = trace(**case).pieces

    paid = Counter()
    for piece in pieces:
        paid[piece.seq, piece.part] += piece.amount_minor
    for line in case["instalments"]:
        for part in PARTS:
            assert paid[line.seq, part] <= getattr(line, f"{part}_minor")


@modest
@given(case=cases())
def test_the_pieces_and_the_open_principal_are_the_schedules_principal(case):
    traced = trace(**case)

    paid = sum(p.amount_minor for p in traced.pieces if p.part == "principal")
    whole = sum(line.principal_minor for line in case["instalments"])
    assert paid + traced.trace.outstanding_principal_minor == whole


@modest
@given(case=cases(), data=st.data())
def test_the_order_of_receipts_within_a_day_changes_nothing(case, data):
    shuffled = data.draw(st.permutations(case["payments"]))
    renamed = [replace(p, payment_id=f"{n:03}") for n, p in enumerate(shuffled)]

    one, other = trace(**case), trace(**{**case, "payments": renamed})

    assert one.trace == other.trace
    assert per_day_and_part(one.pieces) == per_day_and_part(other.pieces)


def per_day_and_part(pieces):
    sums = Counter()
    for piece in pieces:
        sums[piece.paid_on, piece.seq, piece.part] += piece.amount_minor
    return sums


@modest
@given(case=cases(), later=st.integers(1, 90))
def test_a_payment_after_the_business_date_leaves_no_trace(case, later):
    late = Payment(
        payment_id="late", paid_on=case["as_of"] + timedelta(days=later), amount_minor=1000
    )

    assert trace(**{**case, "payments": [*case["payments"], late]}) == trace(**case)


@modest
@given(case=cases(), more=st.integers(1, 500), days_ago=st.integers(0, 200))
def test_paying_more_never_raises_dpd_on_any_day(case, more, days_ago):
    paid_on = case["as_of"] - timedelta(days=days_ago)
    extra = Payment(payment_id="more", paid_on=paid_on, amount_minor=more)

    less, richer = (
        trace(**case).trace,
        trace(**{**case, "payments": [*case["payments"], extra]}).trace,
    )

    assert richer.dpd <= less.dpd
    assert richer.dpd_prev <= less.dpd_prev
    assert richer.max_dpd_12m <= less.max_dpd_12m
    assert richer.ever_over_days <= less.ever_over_days
    assert richer.overdue_instalments <= less.overdue_instalments


@modest
@given(case=cases(), more=st.integers(1, 500), days_ago=st.integers(0, 200))
def test_paying_more_never_brings_the_first_day_over_a_limit_forward(case, more, days_ago):
    paid_on = case["as_of"] - timedelta(days=days_ago)
    extra = Payment(payment_id="more", paid_on=paid_on, amount_minor=more)

    less, richer = (
        trace(**case).trace,
        trace(**{**case, "payments": [*case["payments"], extra]}).trace,
    )

    for name in ("first_over_30_on", "first_over_90_on"):
        sooner, later = getattr(less, name), getattr(richer, name)
        assert later is None or (sooner is not None and sooner <= later)


@modest
@given(case=cases(), days=st.integers(1, 200))
def test_the_first_day_over_a_limit_once_reached_stays_where_it_is(case, days):
    until = case["as_of"] + timedelta(days=days)
    known = [payment for payment in case["payments"] if payment.paid_on <= case["as_of"]]

    then = trace(**{**case, "payments": known}).trace
    later = trace(**{**case, "payments": known, "as_of": until}).trace

    for name in ("first_over_30_on", "first_over_90_on"):
        assert getattr(then, name) in (None, getattr(later, name))


@settings(max_examples=200, deadline=None)
@given(case=cases())
def test_the_loop_agrees_with_a_walk_over_every_day(case):
    figures = asdict(trace(**case).trace)

    walked = Walk(**case).figures()

    assert {name: figures[name] for name in walked} == walked


def test_the_walk_covers_every_figure_but_one():
    bare = Walk(
        instalments=[],
        payments=[],
        as_of=START,
        discharge=Discharge(),
        tests=HistoryTests(
            npl_over_days=90,
            upgrade_months=6,
            upgrade_periods=2,
            observe_months=12,
            observe_periods=2,
        ),
    )

    walked = bare.figures()

    assert set(RESULT) - set(walked) == {"observation_periods"}


@settings(max_examples=60, deadline=None)
@given(loans=st.lists(cases(), min_size=1, max_size=6))
def test_compiled_equals_plain(loans):
    as_of, tests = loans[0]["as_of"], loans[0]["tests"]
    same_night = [
        {**loan, "as_of": as_of, "tests": replace(tests, observe_from=loan["tests"].observe_from)}
        for loan in loans
    ]

    rows = compiled_rows(same_night)

    assert [named(out=row) for row in rows] == [trace(**loan).trace for loan in same_night]


def compiled_rows(loans):
    """The loans as one block of arrays, through the compiled block loop."""
    due = [sorted(loan["instalments"], key=lambda x: (x.due_on, x.seq)) for loan in loans]
    paid = [sorted(loan["payments"], key=lambda x: (x.paid_on, x.payment_id)) for loan in loans]
    lines = [line for schedule in due for line in schedule]
    receipts = [payment for payments in paid for payment in payments]
    tests = loans[0]["tests"]
    out = np.zeros((len(loans), len(RESULT)), np.int64)
    compiled(trace_block)(
        0,
        len(loans),
        offsets(due),
        whole(day_number(line.due_on) for line in lines),
        whole(line.principal_minor for line in lines),
        whole(line.interest_minor for line in lines),
        whole(line.fee_minor for line in lines),
        offsets(paid),
        whole(day_number(payment.paid_on) for payment in receipts),
        whole(payment.amount_minor for payment in receipts),
        whole(payment.is_waiver for payment in receipts),
        day_number(loans[0]["as_of"]),
        whole(loan["discharge"].late_from_dpd for loan in loans),
        whole(order_code(order=loan["discharge"].order) for loan in loans),
        whole(order_code(order=loan["discharge"].order_late) for loan in loans),
        tests.npl_over_days,
        tests.upgrade_months,
        tests.upgrade_periods,
        whole(observed_from(loan["tests"]) for loan in loans),
        tests.observe_months,
        tests.observe_periods,
        out,
    )
    return out.tolist()


def observed_from(tests):
    return NO_DAY if tests.observe_from is None else day_number(tests.observe_from)


def offsets(groups):
    return np.cumsum([0] + [len(group) for group in groups]).astype(np.int64)


def whole(values):
    return np.array([int(value) for value in values], np.int64)
