"""Small loans for property tests, dense in the cases that hurt: shared days, zeros, surpluses."""

from datetime import date, timedelta
from itertools import permutations

from hypothesis import strategies as st

from recoup.kernel.tracing import Discharge, HistoryTests, Instalment, Payment

START = date(2026, 1, 28)
ORDERS = list(permutations((0, 1, 2)))

parts = st.sampled_from([0, 0, 1, 10, 30, 60])
gaps = st.sampled_from([0, 1, 7, 10, 30, 31, 31, 45])


@st.composite
def schedules(draw):
    due_on = START
    lines = []
    for seq in range(1, draw(st.integers(0, 9)) + 1):
        due_on += timedelta(days=draw(gaps))
        lines.append(
            Instalment(
                seq=seq,
                due_on=due_on,
                principal_minor=draw(parts),
                interest_minor=draw(parts),
                fee_minor=draw(parts),
            )
        )
    return lines


@st.composite
def habits(draw, schedule):
    """Each instalment paid on its day, ahead, a little or very late, or never; mostly in full."""
    delays = st.sampled_from([0, 0, 0, 0, -3, 1, 2, 6, 25, 95, None])
    halves = st.sampled_from([(1,), (1,), (1,), (2,), (2, 2), (3, 3)])
    paid = []
    for line in schedule:
        delay = draw(delays)
        total = line.principal_minor + line.interest_minor + line.fee_minor
        paid += [
            Payment(
                payment_id=f"H{line.seq}-{n}",
                paid_on=line.due_on + timedelta(days=delay),
                amount_minor=total // share,
            )
            for n, share in enumerate(draw(halves))
            if delay is not None and total // share > 0
        ]
    return paid


@st.composite
def receipts(draw, schedule):
    """Payments of any amount on any day, often on a due day."""
    due_days = [line.due_on for line in schedule] or [START]
    days = st.one_of(
        st.sampled_from(due_days),
        st.integers(-20, 200).map(lambda n: START + timedelta(days=n)),
    )
    return [
        Payment(
            payment_id=f"P{n}",
            paid_on=draw(days),
            amount_minor=draw(st.integers(1, 250)),
            is_waiver=draw(st.booleans()),
        )
        for n in range(draw(st.integers(0, 4)))
    ]


discharges = st.builds(
    Discharge,
    order=st.sampled_from(ORDERS),
    order_late=st.sampled_from(ORDERS),
    late_from_dpd=st.sampled_from([0, 1, 2, 6, 25]),
)


def history_tests(schedule):
    due_days = [line.due_on for line in schedule] or [START]
    return st.builds(
        HistoryTests,
        npl_over_days=st.integers(0, 40),
        upgrade_months=st.integers(0, 3),
        upgrade_periods=st.integers(0, 3),
        observe_months=st.integers(0, 3),
        observe_periods=st.integers(0, 3),
        observe_from=st.one_of(
            st.none(),
            st.sampled_from(due_days),
            st.integers(-10, 120).map(lambda n: START + timedelta(days=n)),
        ),
    )


@st.composite
def cases(draw):
    schedule = draw(schedules())
    due_days = [line.due_on for line in schedule] or [START]
    as_of = draw(
        st.one_of(
            st.sampled_from(due_days), st.integers(-5, 260).map(lambda n: START + timedelta(days=n))
        )
    )
    return {
        "instalments": schedule,
        "payments": draw(habits(schedule)) + draw(st.one_of(st.just([]), receipts(schedule))),
        "as_of": as_of,
        "discharge": draw(discharges),
        "tests": draw(history_tests(schedule)),
    }
