"""Order of discharge inside one debt and among several."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recoup.kernel.waterfall import (
    Debt,
    OrderIncomplete,
    chosen_order,
    discharge_debts,
    discharge_parts,
)

modest = settings(max_examples=150, deadline=None)

CIVIL_CODE = ("fee", "interest", "principal")
CARD_LATE = ("principal", "interest", "fee")
AS_OF = date(2026, 4, 1)


def debt(debt_id, *, amount=100, due_on=date(2026, 1, 1), secured_ppm=0, burden_ppm=60_000):
    return Debt(
        debt_id=debt_id,
        amount_minor=amount,
        due_on=due_on,
        secured_ppm=secured_ppm,
        burden_ppm=burden_ppm,
    )


def test_costs_come_before_interest_and_interest_before_principal():
    owed = {"fee": 10, "interest": 30, "principal": 100}

    discharged = discharge_parts(paid_minor=50, owed_minor=owed, order=CIVIL_CODE)

    assert discharged.taken == {"fee": 10, "interest": 30, "principal": 10}
    assert discharged.surplus_minor == 0


@pytest.mark.parametrize(
    ("dpd", "taken"),
    [
        (90, {"fee": 0, "interest": 30, "principal": 70}),
        (91, {"fee": 0, "interest": 0, "principal": 100}),
    ],
)
def test_a_card_pays_principal_first_from_91_days(dpd, taken):
    order = chosen_order(dpd=dpd, order=CIVIL_CODE, order_late=CARD_LATE, late_from_dpd=91)

    owed = {"interest": 30, "principal": 500}

    assert discharge_parts(paid_minor=100, owed_minor=owed, order=order).taken == taken


def test_no_number_of_days_is_late_where_the_pack_has_no_late_order():
    assert chosen_order(dpd=999, order=CIVIL_CODE, order_late=CARD_LATE, late_from_dpd=0) == (
        CIVIL_CODE
    )


@pytest.mark.parametrize("order", [("fee", "interest"), ("fee", "fee", "interest", "principal")])
def test_an_order_that_leaves_a_part_out_or_repeats_one_is_refused(order):
    owed = {"fee": 10, "interest": 30, "principal": 100}

    with pytest.raises(OrderIncomplete) as refused:
        discharge_parts(paid_minor=50, owed_minor=owed, order=order)

    assert "清偿顺序" in refused.value.sentence_zh
    assert "exactly once" in refused.value.sentence_en


@modest
@given(
    paid=st.integers(0, 500),
    owed=st.fixed_dictionaries({part: st.integers(0, 100) for part in CIVIL_CODE}),
    order=st.permutations(CIVIL_CODE),
)
def test_parts_conserve_money_and_a_later_part_waits_for_an_earlier(paid, owed, order):
    discharged = discharge_parts(paid_minor=paid, owed_minor=owed, order=order)

    assert sum(discharged.taken.values()) + discharged.surplus_minor == paid
    for earlier, later in pairwise(order):
        assert discharged.taken[later] == 0 or discharged.taken[earlier] == owed[earlier]
    assert discharged.surplus_minor == 0 or discharged.taken == owed


def test_of_two_due_debts_the_unsecured_one_is_paid():
    debts = [debt("B", secured_ppm=1_000_000), debt("A")]

    discharged = discharge_debts(paid_minor=100, debts=debts, as_of=AS_OF)

    assert discharged.taken == {"A": 100, "B": 0}


def test_what_the_debtor_names_goes_before_the_order_of_the_law():
    debts = [debt("A"), debt("B", secured_ppm=1_000_000)]

    discharged = discharge_debts(paid_minor=120, debts=debts, as_of=AS_OF, designated=["B"])

    assert discharged.taken == {"B": 100, "A": 20}


def test_a_debt_due_today_is_due():
    debts = [debt("A", due_on=date(2026, 4, 2)), debt("B", due_on=AS_OF, secured_ppm=500_000)]

    discharged = discharge_debts(paid_minor=100, debts=debts, as_of=AS_OF)

    assert discharged.taken == {"B": 100, "A": 0}


def test_equal_debts_share_pro_rata_to_the_unit():
    debts = [debt("A", amount=100), debt("B", amount=200)]

    discharged = discharge_debts(paid_minor=100, debts=debts, as_of=AS_OF)

    assert discharged.taken == {"A": 33, "B": 67}


def test_no_equal_debt_is_given_more_than_it_is():
    debts = [debt("A", amount=1), debt("B", amount=1), debt("C", amount=1)]

    discharged = discharge_debts(paid_minor=2, debts=debts, as_of=AS_OF)

    assert discharged.taken == {"A": 0, "B": 1, "C": 1}


@pytest.mark.parametrize("designated", [["X"], ["A", "A"]])
def test_a_designation_of_what_is_not_owed_is_refused(designated):
    with pytest.raises(ValueError, match="designated"):
        discharge_debts(paid_minor=1, debts=[debt("A")], as_of=AS_OF, designated=designated)


@modest
@given(
    paid=st.integers(0, 900),
    amounts=st.lists(st.integers(0, 200), min_size=1, max_size=5),
    shuffle=st.randoms(use_true_random=False),
)
def test_debts_conserve_money_whatever_order_they_are_given_in(paid, amounts, shuffle):
    debts = [debt(f"D{n}", amount=amount) for n, amount in enumerate(amounts)]
    shuffled = list(debts)
    shuffle.shuffle(shuffled)

    discharged = discharge_debts(paid_minor=paid, debts=debts, as_of=AS_OF)

    assert discharge_debts(paid_minor=paid, debts=shuffled, as_of=AS_OF) == discharged
    assert sum(discharged.taken.values()) + discharged.surplus_minor == paid
    assert all(discharged.taken[d.debt_id] <= d.amount_minor for d in debts)
