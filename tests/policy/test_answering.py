"""What evaluators answer when a fact is missing, a rule is silent, or the facts are odd."""

from datetime import date

import pytest

from recoup.policy.asking import ask_rule
from recoup.policy.cases import answer_of
from recoup.policy.locate import packs_folder
from recoup.policy.pack import load_pack

PACK = load_pack(packs_folder() / "cn")
ON = date(2026, 11, 20)


def answer(rule, /, *, kind=None, on=ON, **facts):
    asked = ask_rule(pack=PACK, rule_id=rule, on=on, facts=facts)
    return answer_of(asked=asked, kind=kind or PACK.rules[rule].kind)


def test_a_decision_that_hangs_on_a_missing_fact_stays_open_and_names_it():
    found = answer("CN-CRB-02", written_consent=True, public_information=False)

    assert (found["decided"], found["missing"]) == (None, ["prior_notice"])
    assert "report" not in found


def test_a_decision_is_taken_where_the_missing_fact_cannot_change_it():
    flags = {"cash_flow_insufficient": True}

    assert answer("CN-CLS-16", **flags)["financial_difficulty"] is True
    assert answer("CN-CLS-16")["decided"] is None


def test_a_decision_that_no_row_covers_says_so():
    assert answer("CN-NPL-04", act="lend")["decided"] is False


def test_a_number_given_as_text_is_compared_as_a_number():
    amount = {"arose_on": date(2023, 5, 1), "fully_paid": True, "paid_on": date(2025, 1, 1)}

    assert answer("CN-CRB-04", amount="10000.00", **amount)["hidden"] is True
    assert answer("CN-CRB-04", amount="10000.01", **amount)["hidden"] is False


def test_the_month_of_december_ends_on_its_last_day():
    paid = {"arose_on": date(2023, 5, 1), "fully_paid": True, "paid_on": date(2025, 12, 5)}

    assert answer("CN-CRB-04", amount=1, **paid)["hidden_by"] == date(2026, 1, 31)


def test_a_period_without_a_beginning_has_no_end():
    assert answer("CN-CRB-01") == {
        "in_force": True,
        "enforced": True,
        "due_on": None,
        "missing": ["from"],
    }


def test_a_rule_with_several_periods_wants_to_know_which():
    assert answer("CN-WOF-04", **{"from": ON})["due_on"] is None
    assert answer("CN-WOF-04", **{"from": ON, "period": "audit"})["due_on"] == date(2027, 4, 20)
    assert answer("CN-WOF-04", **{"from": ON, "period": "no_such"})["due_on"] is None


def test_a_bound_without_its_base_stays_open():
    found = answer("CN-CIV-38", first_start_price=700000)

    assert (found["first_start_price"], found["keeps"]) == (None, None)
    assert found["second_start_price_at_least"] == 560000


def test_a_bound_that_is_broken_is_broken_though_another_is_open():
    found = answer("CN-CIV-38", appraisal=1000000, first_start_price=699999)

    assert (found["first_start_price"], found["keeps"]) == (False, False)


def test_limits_that_are_no_whole_numbers_are_shown_exactly():
    assert answer("CN-INT-03", lender="person", lpr_1y="3.45", rate="14")["rate_at_most"] == "13.8"


def test_whether_the_cap_applies_to_an_unknown_lender_is_open():
    found = answer("CN-INT-03", lpr_1y="3.0", rate="15.4")

    assert (found["rate"], found["keeps"]) == (None, None)


@pytest.mark.parametrize(
    ("rule", "facts", "key"),
    [
        ("CN-FEE-01", {}, "fee"),
        ("CN-INT-01", {"contract_rate": "6.00"}, "allowed"),
        ("CN-CIV-43", {"amount": "1.00"}, "interest"),
        ("CN-CIV-23", {"owed": {"fee": 1}}, "taken"),
        ("CN-CON-22", {"paid": 1, "owed": {"fee": 1}}, "taken"),
        ("CN-CIV-01", {}, "ends_on"),
        ("CN-CLS-18", {}, "ends_on"),
        ("CN-CLS-23", {}, "old_rule_allowed"),
        ("CN-DAT-01", {}, "valid"),
    ],
)
def test_without_its_facts_nothing_is_answered(rule, facts, key):
    assert answer(rule, **facts)[key] is None


@pytest.mark.parametrize(
    ("rule", "day"), [("CN-CIV-01", date(2020, 12, 31)), ("CN-CIV-43", date(2014, 7, 31))]
)
def test_before_its_first_day_a_rule_is_silent_and_says_so(rule, day):
    found = answer(rule, on=day, due_on=day)

    assert found["in_force"] is False
    assert found["sentence_zh"]
    assert found["sentence_en"]


def test_an_amount_with_too_many_digits_is_refused_not_rounded():
    with pytest.raises(ValueError, match=r"12\.345"):
        answer("CN-FEE-01", amount="12.345")
