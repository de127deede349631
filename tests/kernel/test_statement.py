"""A statement adds up to the unit, whatever was paid, waived and taken back."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recoup.kernel import statement as statements
from recoup.kernel.statement import (
    Account,
    AccountFacts,
    AccountReceipt,
    DoesNotAddUp,
    account,
)
from recoup.kernel.tracing import (
    FEE_INTEREST_PRINCIPAL,
    PRINCIPAL_INTEREST_FEE,
    Discharge,
    HistoryTests,
    Instalment,
    Payment,
    trace,
)

START = date(2026, 1, 1)
TESTS = HistoryTests(
    npl_over_days=90, upgrade_months=0, upgrade_periods=0, observe_months=0, observe_periods=0
)
days = st.integers(0, 400).map(lambda number: START + timedelta(days=number))
orders = st.sampled_from(
    [
        Discharge(),
        Discharge(order=PRINCIPAL_INTEREST_FEE, order_late=PRINCIPAL_INTEREST_FEE),
        Discharge(
            order=FEE_INTEREST_PRINCIPAL, order_late=PRINCIPAL_INTEREST_FEE, late_from_dpd=30
        ),
    ]
)


@st.composite
def plans(draw: st.DrawFn) -> list[Instalment]:
    return [
        Instalment(
            seq=seq,
            due_on=draw(days),
            principal_minor=draw(st.integers(0, 5_000)),
            interest_minor=draw(st.integers(0, 300)),
            fee_minor=draw(st.integers(0, 30)),
        )
        for seq in range(1, draw(st.integers(0, 8)) + 1)
    ]


@st.composite
def receipts(draw: st.DrawFn) -> list[AccountReceipt]:
    return [
        AccountReceipt(
            payment_id=f"P{number}",
            paid_on=draw(days),
            amount_minor=draw(st.integers(1, 9_000)),
            is_waiver=draw(st.booleans()),
            is_reversed=draw(st.booleans()),
        )
        for number in range(draw(st.integers(0, 10)))
    ]


def counted(
    plan: Sequence[Instalment],
    paid: Sequence[AccountReceipt],
    discharge: Discharge,
    on: date,
    since: date | None = None,
) -> Account:
    facts = AccountFacts(
        instalments=plan, receipts=paid, discharge=discharge, rule="R-1", tests=TESTS
    )
    return account(facts=facts, on=on, since=since)


@given(plans(), receipts(), orders, days)
def test_every_line_carries_the_balance_on_and_money_is_conserved(
    plan: list[Instalment], paid: list[AccountReceipt], discharge: Discharge, on: date
) -> None:
    found = counted(plan, paid, discharge, on)

    balance = 0
    for line in found.lines:
        balance += line.amount.total_minor
        assert line.balance.total_minor == balance
        placed = sum(one.amount_minor for one in line.placed)
        if line.kind in ("receipt", "waiver"):
            assert placed - line.amount.unplaced_minor == -line.amount.total_minor
    due = sum(
        one.principal_minor + one.interest_minor + one.fee_minor for one in plan if one.due_on <= on
    )
    money = sum(one.amount_minor for one in paid if one.paid_on <= on and not one.is_reversed)
    assert found.closing.total_minor == due - money
    assert found.received_minor + found.waived_minor == money
    assert all(proof.holds for proof in found.proofs)


@given(plans(), receipts(), orders, days)
def test_the_figures_are_those_of_the_kernels_loop(
    plan: list[Instalment], paid: list[AccountReceipt], discharge: Discharge, on: date
) -> None:
    found = counted(plan, paid, discharge, on)

    loop = trace(
        instalments=plan,
        payments=[
            Payment(
                payment_id=one.payment_id,
                paid_on=one.paid_on,
                amount_minor=one.amount_minor,
                is_waiver=one.is_waiver,
            )
            for one in paid
            if not one.is_reversed
        ],
        as_of=on,
        discharge=discharge,
        tests=TESTS,
    )
    assert found.figures == loop.trace
    placed = [
        (line.key, one.seq, one.part, one.amount_minor)
        for line in found.lines
        for one in line.placed
    ]
    assert placed == [(one.payment_id, one.seq, one.part, one.amount_minor) for one in loop.pieces]


@given(plans(), receipts(), orders, days)
def test_a_reversed_receipt_leaves_the_account_as_if_it_had_never_been(
    plan: list[Instalment], paid: list[AccountReceipt], discharge: Discharge, on: date
) -> None:
    found = counted(plan, paid, discharge, on)

    without = counted(plan, [one for one in paid if not one.is_reversed], discharge, on)

    assert found.closing == without.closing
    assert found.figures == without.figures
    assert [line for line in found.lines if not line.is_reversed] == list(without.lines)


@given(plans(), receipts(), orders, days, days)
def test_from_whatever_day_it_begins_it_ends_the_same(
    plan: list[Instalment],
    paid: list[AccountReceipt],
    discharge: Discharge,
    on: date,
    since: date,
) -> None:
    whole = counted(plan, paid, discharge, on)

    part = counted(plan, paid, discharge, on, since)

    assert part.closing == whole.closing
    assert part.lines == tuple(line for line in whole.lines if line.on >= since)
    assert part.opening.total_minor == whole.closing.total_minor - sum(
        line.amount.total_minor for line in part.lines
    )


@settings(max_examples=30)
@given(plans(), receipts(), orders, days)
def test_the_order_in_which_rows_come_says_nothing(
    plan: list[Instalment], paid: list[AccountReceipt], discharge: Discharge, on: date
) -> None:
    assert counted(plan, paid, discharge, on) == counted(plan[::-1], paid[::-1], discharge, on)


def test_no_statement_is_issued_that_does_not_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = [Instalment(seq=1, due_on=START, principal_minor=100)]
    paid = [AccountReceipt(payment_id="A", paid_on=START, amount_minor=40)]

    def one_unit_lost(**given: object) -> object:
        found = trace(**given)  # type: ignore[arg-type]
        return replace(found, pieces=(replace(found.pieces[0], amount_minor=39),))

    monkeypatch.setattr(statements, "trace", one_unit_lost)

    with pytest.raises(DoesNotAddUp, match="placed"):
        counted(plan, paid, Discharge(), START)
