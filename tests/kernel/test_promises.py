"""Promises: each unit of a receipt counts once, and compiled equals plain."""

from datetime import date, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from recoup.engine.backends.compiled import compiled
from recoup.kernel.calendar import day_number
from recoup.kernel.promises import (
    ANY_LOAN,
    STATUSES,
    PromiseMade,
    ReceiptFound,
    match,
    match_block,
)

modest = settings(max_examples=200, deadline=None)

START = date(2026, 3, 1)
CONTRACTS = ("C1", "C2")
days = st.integers(0, 30).map(lambda n: START + timedelta(days=n))


@st.composite
def people(draw):
    promises = []
    for n in range(draw(st.integers(0, 6))):
        made_on = draw(days)
        promises.append(
            PromiseMade(
                promise_id=f"Q{n}",
                made_on=made_on,
                due_on=made_on + timedelta(days=draw(st.integers(0, 12))),
                amount_minor=draw(st.integers(1, 100)),
                contract_id=draw(st.sampled_from((None, *CONTRACTS))),
            )
        )
    receipts = [
        ReceiptFound(
            payment_id=f"R{n}",
            paid_on=draw(days),
            amount_minor=draw(st.integers(1, 150)),
            contract_id=draw(st.sampled_from(CONTRACTS)),
        )
        for n in range(draw(st.integers(0, 6)))
    ]
    return {"promises": promises, "receipts": receipts}


nights = st.fixed_dictionaries(
    {
        "as_of": st.integers(0, 50).map(lambda n: START + timedelta(days=n)),
        "tolerance_days": st.integers(0, 4),
        "tolerance_ppm": st.sampled_from([0, 50_000, 500_000]),
    }
)


@modest
@given(person=people(), night=nights)
def test_no_unit_of_a_receipt_keeps_two_promises(person, night):
    matched = match(**person, **night)

    counted = [r for r in person["receipts"] if r.paid_on <= night["as_of"]]
    assert sum(m.matched_minor for m in matched) <= sum(r.amount_minor for r in counted)
    for contract in CONTRACTS:
        bound = [m.matched_minor for m in matched if m.promise.contract_id == contract]
        own = [r.amount_minor for r in counted if r.contract_id == contract]
        assert sum(bound) <= sum(own)
    assert all(0 <= m.matched_minor <= m.promise.amount_minor for m in matched)


@modest
@given(person=people(), night=nights)
def test_unit_by_unit_gives_the_same(person, night):
    matched = match(**person, **night)

    assert [m.matched_minor for m in matched] == unit_by_unit(**person, **night)


def unit_by_unit(*, promises, receipts, as_of, tolerance_days, tolerance_ppm):
    """Each single unit, in order of payment, goes to the first promise that may still take it."""
    made = sorted(promises, key=lambda p: (p.made_on, p.promise_id))
    taken = [0] * len(made)
    for receipt in sorted(receipts, key=lambda r: (r.paid_on, r.contract_id, r.payment_id)):
        if receipt.paid_on > as_of:
            continue
        for _ in range(receipt.amount_minor):
            for n, promise in enumerate(made):
                last_day = promise.due_on + timedelta(days=tolerance_days)
                may = promise.contract_id in (None, receipt.contract_id)
                in_time = promise.made_on <= receipt.paid_on <= last_day
                if may and in_time and taken[n] < promise.amount_minor:
                    taken[n] += 1
                    break
    return taken


@modest
@given(person=people(), night=nights)
def test_more_days_never_turn_a_settled_promise_back(person, night):
    today = match(**person, **night)

    next_week = match(**person, **night | {"as_of": night["as_of"] + timedelta(days=7)})

    for before, after in zip(today, next_week, strict=True):
        if before.status in ("partly_kept", "broken"):
            assert after == before
        if before.status == "kept":
            assert after.status == "kept"
        assert after.matched_minor >= before.matched_minor


@settings(max_examples=60, deadline=None)
@given(persons=st.lists(people(), min_size=1, max_size=4), night=nights)
def test_compiled_equals_plain(persons, night):
    matched, status = compiled_block(persons, night)

    plain = [m for person in persons for m in match(**person, **night)]
    assert matched == [m.matched_minor for m in plain]
    assert [STATUSES[code] for code in status] == [m.status for m in plain]


def compiled_block(persons, night):
    made = [sorted(p["promises"], key=lambda x: (x.made_on, x.promise_id)) for p in persons]
    paid = [
        sorted(p["receipts"], key=lambda r: (r.paid_on, r.contract_id, r.payment_id))
        for p in persons
    ]
    promises = [promise for group in made for promise in group]
    receipts = [receipt for group in paid for receipt in group]
    matched, status = whole([0] * len(promises)), whole([0] * len(promises))
    compiled(match_block)(
        0,
        len(persons),
        offsets(made),
        whole([day_number(p.made_on) for p in promises]),
        whole([day_number(p.due_on) for p in promises]),
        whole([loan_of(p.contract_id) for p in promises]),
        whole([p.amount_minor for p in promises]),
        offsets(paid),
        whole([day_number(r.paid_on) for r in receipts]),
        whole([loan_of(r.contract_id) for r in receipts]),
        whole([r.amount_minor for r in receipts]),
        day_number(night["as_of"]),
        night["tolerance_days"],
        night["tolerance_ppm"],
        whole([0] * len(receipts)),
        matched,
        status,
    )
    return matched.tolist(), status.tolist()


def loan_of(contract_id):
    return ANY_LOAN if contract_id is None else CONTRACTS.index(contract_id)


def offsets(groups):
    return np.cumsum([0] + [len(group) for group in groups]).astype(np.int64)


def whole(values):
    return np.array(values, np.int64)
