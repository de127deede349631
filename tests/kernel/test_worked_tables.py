"""The tables of docs/algorithms are the tests: each row is run as it stands on the page."""

from datetime import date

import pytest
from tests.kernel.worked_tables import (
    Story,
    cell,
    discharge,
    history_tests,
    instalments,
    payments,
    worked,
)

from recoup.kernel.promises import PromiseMade, ReceiptFound, match
from recoup.kernel.schedule import (
    LoanTerms,
    annuity_schedule,
    bullet_schedule,
    equal_principal_schedule,
    interest_only_schedule,
)
from recoup.kernel.tracing import allocate, trace
from recoup.kernel.waterfall import Debt, rank_debts

METHODS = {
    "annuity": annuity_schedule,
    "equal_principal": equal_principal_schedule,
    "interest_only": interest_only_schedule,
    "bullet": bullet_schedule,
}


def told(stories: list[Story]) -> dict[str, object]:
    return {"argvalues": stories, "ids": [story.name.split()[0] for story in stories]}


@pytest.mark.parametrize("story", **told(worked("allocation.md", "piece of")))
def test_each_unit_goes_where_the_page_says(story):
    as_of = date.fromisoformat(story.settings["as_of"])

    pieces = allocate(
        instalments=instalments(story),
        payments=payments(story),
        as_of=as_of,
        discharge=discharge(story),
    )

    assert [
        {
            "piece of": piece.payment_id,
            "seq": str(piece.seq),
            "part": piece.part,
            "amount": str(piece.amount_minor),
        }
        for piece in pieces
    ] == story.rows("piece of")


@pytest.mark.parametrize(
    "story", **told(worked("allocation.md", "as_of") + worked("delinquency.md", "as_of"))
)
def test_each_day_has_the_figures_of_the_page(story):
    for row in story.rows("as_of"):
        traced = trace(
            instalments=instalments(story),
            payments=payments(story),
            as_of=date.fromisoformat(row["as_of"]),
            discharge=discharge(story),
            tests=history_tests(story),
        ).trace

        shown = {name: cell(getattr(traced, name)) for name in row if name != "as_of"}
        assert {"as_of": row["as_of"], **shown} == row


def test_debts_stand_in_the_order_of_the_page():
    (story,) = worked("allocation.md", "debt")
    debts = [
        Debt(
            debt_id=row["debt"],
            amount_minor=int(row["amount"]),
            due_on=date.fromisoformat(row["due_on"]),
            secured_ppm=int(row["secured_ppm"]),
            burden_ppm=int(row["burden_ppm"]),
        )
        for row in story.rows("debt")
    ]

    groups = rank_debts(debts=debts, as_of=date(2026, 4, 1))

    assert {
        debt.debt_id: str(place) for place, group in enumerate(groups, 1) for debt in group
    } == {row["debt"]: row["place"] for row in story.rows("debt")}


@pytest.mark.parametrize("story", **told(worked("promises.md", "promise")))
def test_promises_end_as_the_page_says(story):
    def contract(row):
        return None if row["contract"] == "-" else row["contract"]

    matched = match(
        promises=[
            PromiseMade(
                promise_id=row["promise"],
                made_on=date.fromisoformat(row["made_on"]),
                due_on=date.fromisoformat(row["due_on"]),
                amount_minor=int(row["amount"]),
                contract_id=contract(row),
            )
            for row in story.rows("promise")
        ],
        receipts=[
            ReceiptFound(
                payment_id=row["receipt"],
                paid_on=date.fromisoformat(row["paid_on"]),
                amount_minor=int(row["amount"]),
                contract_id=row["contract"],
            )
            for row in story.rows("receipt")
        ],
        as_of=date.fromisoformat(story.settings["as_of"]),
        tolerance_days=int(story.settings["tolerance days"]),
        tolerance_ppm=int(story.settings["tolerance ppm"]),
    )

    assert [(m.promise.promise_id, str(m.matched_minor), m.status) for m in matched] == [
        (row["promise"], row["matched"], row["status"]) for row in story.rows("promise")
    ]


@pytest.mark.parametrize("story", **told(worked("schedules.md", "line")))
def test_schedules_have_the_lines_of_the_page(story):
    settings = story.settings
    terms = LoanTerms(
        principal_minor=int(settings["principal"]),
        rate_ppm=int(settings["rate_ppm"]),
        periods=int(settings["periods"]),
        months_per_period=int(settings.get("months per period", "1")),
        first_due_on=date.fromisoformat(settings["first due"]),
    )

    lines = METHODS[settings["method"]](terms=terms)

    assert [
        {
            "line": str(line.seq),
            "due_on": line.due_on.isoformat(),
            "principal": str(line.principal_minor),
            "interest": str(line.interest_minor),
        }
        for line in lines
    ] == story.rows("line")
