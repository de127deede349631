"""What a person can pay each month: lines in, an amount out, and why."""

from recoup.kernel.affordability import EXPENSE, INCOME, MonthlyLine, affordability
from recoup.kernel.explain import render, same


def _line(side: str, name: str, amount_minor: int) -> MonthlyLine:
    return MonthlyLine(side=side, words=same(name), amount_minor=amount_minor)


WAGES = _line(INCOME, "wages", 600_000)
FOOD = _line(EXPENSE, "food", 200_000)
SCHOOL = _line(EXPENSE, "school", 50_001)


def test_free_cash_flow_is_income_less_expenses_less_instalments() -> None:
    found = affordability(
        currency="CNY", lines=(WAGES, FOOD, SCHOOL), instalments={"C1": 100_000, "C2": 1}
    )

    assert (found.income_minor, found.expense_minor) == (600_000, 250_001)
    assert found.instalments_minor == 100_001
    assert found.free_minor == found.affordable_minor == 249_998


def test_the_reserve_is_rounded_in_the_persons_favour() -> None:
    found = affordability(
        currency="CNY",
        lines=(WAGES, _line(EXPENSE, "food", 599_999)),
        instalments={},
        reserve_ppm=1,
    )

    assert (found.free_minor, found.reserve_minor, found.affordable_minor) == (1, 1, 0)


def test_a_month_in_the_red_affords_nothing_and_says_how_much_is_missing() -> None:
    found = affordability(
        currency="CNY", lines=(WAGES, FOOD), instalments={"C1": 500_000}, reserve_ppm=100_000
    )

    assert (found.free_minor, found.affordable_minor) == (-100_000, 0)
    assert "free cash flow = income − expenses − instalments with us: CNY -1000.00" in render(
        explanation=found.explanation, language="en"
    )


def test_a_statement_without_a_side_gives_no_figure_rather_than_a_guess() -> None:
    found = affordability(currency="CNY", lines=(WAGES,), instalments={})

    assert found.free_minor is found.affordable_minor is None
    assert "每月可还：不详" in render(explanation=found.explanation, language="zh")


def test_every_line_stands_in_the_explanation() -> None:
    found = affordability(
        currency="JPY", lines=(WAGES, FOOD), instalments={"C1": 7}, reserve_ppm=125_000
    )

    told = render(explanation=found.explanation, language="en")
    for text in ("wages: JPY 600000", "food: JPY 200000", "C1: JPY 7", "kept in reserve, 12.5%"):
        assert text in told
