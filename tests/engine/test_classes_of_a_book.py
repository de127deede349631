"""The law of classification through the whole night, on one book of small stories.

Numbers are those of the rules' own tests: CN-CLS-03 to 08, 13, 19, 20, 24. Each story is a debtor
of its own, so that all of them are decided in one run.
"""

import pytest
from tests.book.books import Book
from tests.engine.stories import Loan, book_of, debtor, decided

FLAGS = dict.fromkeys(("use_changed", "credit_impaired", "evades_debt"), "false")
IMPAIRED = {"credit_impaired": "true"}
RESTRUCTURED = {
    "restructured_on": "2026-10-01",
    "first_due_after_restructuring": "2026-12-20",
    "financial_difficulty": "true",
}

#: story -> kind of debtor, dpd, product, further columns of the contract, class, rules
STORIES: dict[str, tuple[str, int, str, dict[str, str], str, list[str]]] = {}


def _story(
    name: str,
    kind: str,
    dpd: int,
    expected: str,
    *rules: str,
    product: str = "working_capital",
    **extra: str,
) -> None:
    STORIES[name] = (kind, dpd, product, extra, expected, list(rules))


_story("company not due", "non_retail", 0, "normal")
_story("company 1 day", "non_retail", 1, "special_mention", "CN-CLS-03")
_story("company 90 days", "non_retail", 90, "special_mention", "CN-CLS-03")
_story("company 91 days", "non_retail", 91, "substandard", "CN-CLS-05")
_story("company 270 days", "non_retail", 270, "substandard", "CN-CLS-05")
_story("company 271 days", "non_retail", 271, "doubtful", "CN-CLS-06")
_story("company 360 days", "non_retail", 360, "doubtful", "CN-CLS-06")
_story("company 361 days", "non_retail", 361, "loss", "CN-CLS-07")
_story("person 30 days", "retail", 30, "special_mention", "CN-CLS-03", product="consumer_loan")
_story(
    "card 90 days", "retail", 90, "special_mention", "CN-CLS-03", "CN-CLS-24", product="credit_card"
)
_story(
    "card 120 days", "retail", 120, "substandard", "CN-CLS-05", "CN-CLS-24", product="credit_card"
)
_story("card 121 days", "retail", 121, "doubtful", "CN-CLS-24", product="credit_card")
_story("card 181 days", "retail", 181, "loss", "CN-CLS-24", product="credit_card")
_story("technical 5 days", "non_retail", 5, "normal", judged_overdue_technical="true")
_story("technical 7 days", "non_retail", 7, "normal", judged_overdue_technical="true")
_story(
    "technical 8 days",
    "non_retail",
    8,
    "special_mention",
    "CN-CLS-03",
    judged_overdue_technical="true",
)
_story("nobody proved it technical", "non_retail", 3, "special_mention", "CN-CLS-03")
_story(
    "impaired, loss 20%",
    "non_retail",
    0,
    "substandard",
    "CN-CLS-05",
    expected_credit_loss="200.00",
    **IMPAIRED,
)
_story(
    "impaired, loss 49.999%",
    "non_retail",
    0,
    "substandard",
    "CN-CLS-05",
    expected_credit_loss="499.99",
    **IMPAIRED,
)
_story(
    "impaired, loss 50%",
    "non_retail",
    0,
    "doubtful",
    "CN-CLS-06",
    expected_credit_loss="500.00",
    **IMPAIRED,
)
_story(
    "impaired, loss 89.999%",
    "non_retail",
    0,
    "doubtful",
    "CN-CLS-06",
    expected_credit_loss="899.99",
    **IMPAIRED,
)
_story(
    "impaired, loss 90%",
    "non_retail",
    0,
    "loss",
    "CN-CLS-07",
    expected_credit_loss="900.00",
    **IMPAIRED,
)
_story("use of funds changed", "retail", 0, "special_mention", "CN-CLS-04", use_changed="true")
_story("evades the debt", "retail", 0, "doubtful", "CN-CLS-06", evades_debt="true")
_story(
    "restructured, observed",
    "non_retail",
    -30,
    "special_mention",
    "CN-CLS-19",
    times_restructured="1",
    **RESTRUCTURED,
)
_story(
    "restructured again",
    "non_retail",
    -30,
    "substandard",
    "CN-CLS-20",
    times_restructured="2",
    **RESTRUCTURED,
)
_story(
    "extended without difficulty",
    "non_retail",
    -30,
    "normal",
    times_restructured="1",
    **{**RESTRUCTURED, "financial_difficulty": "false"},
)
_story(
    "non-performing before, nothing shown since",
    "non_retail",
    0,
    "substandard",
    "CN-CLS-13",
    previous_class="doubtful",
)
_story("a person's loan non-performing before", "retail", 0, "normal", previous_class="doubtful")


def book_of_stories() -> Book:
    """Every story as one book."""
    debtors, loans = [], []
    for name, (kind, dpd, product, extra, _, _) in STORIES.items():
        debtors.append(debtor(name, kind))
        columns = tuple({**FLAGS, **extra}.items())
        loans.append(Loan(name, name, dpd, product=product, extra=columns))
    bankrupt = debtor("bankrupt", "non_retail", bankrupt_on="2026-10-01")
    debtors += [bankrupt, *(debtor(f"{share} elsewhere", "non_retail") for share in (200, 201))]
    loans += [Loan("bankrupt", "bankrupt", 0)]
    loans += [Loan(f"{share} elsewhere", f"{share} elsewhere", 10) for share in (200, 201)]
    for owner, kind, overdue in (
        ("ten percent", "non_retail", ("b",)),
        ("fifteen percent", "non_retail", ("b", "c")),
        ("a person", "retail", ("b", "c")),
    ):
        debtors.append(debtor(owner, kind))
        for part, amount in (("a", "85.00"), ("b", "10.00"), ("c", "5.00")):
            days = 100 if part in overdue else 0
            loans.append(Loan(f"{owner} {part}", owner, days, amount=amount))
    outside = [
        {
            "debtor_id": f"{share} elsewhere",
            "claims_all_banks": "1000.00",
            "overdue_90_all_banks": f"{share}.00",
            "npl_elsewhere": "false",
            "as_of": "2026-10-31",
        }
        for share in (200, 201)
    ]
    return book_of(debtors=debtors, loans=loans, outside=outside)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    """Every story decided in one night."""
    return decided(book_of_stories(), tmp_path_factory.mktemp("stories"))


@pytest.mark.parametrize("story", STORIES)
def test_the_class_and_the_rules_that_made_it(
    told: dict[str, dict[str, object]], story: str
) -> None:
    _, dpd, _, _, expected, rules = STORIES[story]

    row = told[story]

    assert row["dpd"] == max(dpd, 0)
    assert (row["asset_class"], row["asset_class_rules"]) == (expected, rules)


def test_exactly_ten_percent_non_performing_does_not_spread(
    told: dict[str, dict[str, object]],
) -> None:
    assert told["ten percent b"]["asset_class"] == "substandard"
    assert told["ten percent a"]["asset_class"] == "special_mention"
    assert told["ten percent a"]["asset_class_rules"] == ["CN-CLS-04"]


def test_more_than_ten_percent_makes_every_claim_non_performing(
    told: dict[str, dict[str, object]],
) -> None:
    claims = [told[f"fifteen percent {part}"] for part in "abc"]

    assert [row["asset_class"] for row in claims] == ["substandard"] * 3
    assert [row["asset_class_rules"] for row in claims] == [
        ["CN-CLS-08"],
        ["CN-CLS-05"],
        ["CN-CLS-05"],
    ]


def test_claims_on_a_person_do_not_infect_each_other(told: dict[str, dict[str, object]]) -> None:
    assert told["a person a"]["asset_class"] == "normal"


def test_a_fifth_of_all_banks_claims_must_be_exceeded(told: dict[str, dict[str, object]]) -> None:
    assert told["200 elsewhere"]["asset_class"] == "special_mention"
    assert told["201 elsewhere"]["asset_class"] == "substandard"


def test_a_bankrupt_debtor_is_a_loss(told: dict[str, dict[str, object]]) -> None:
    assert told["bankrupt"]["asset_class"] == "loss"
    assert told["bankrupt"]["asset_class_rules"] == ["CN-CLS-07"]


def test_rules_on_other_banks_are_unexamined_where_nothing_is_known_of_them(
    told: dict[str, dict[str, object]],
) -> None:
    assert {"CN-CLS-04", "CN-CLS-05"} <= set(told["company 1 day"]["asset_class_unexamined"])
    assert told["200 elsewhere"]["asset_class_unexamined"] != []
    assert "CN-CLS-05" not in told["company 91 days"]["asset_class_unexamined"]


def test_a_flag_that_is_missing_leaves_its_rule_open_and_does_not_bind(
    told: dict[str, dict[str, object]],
) -> None:
    assert told["a person a"]["asset_class"] == "normal"
    assert "CN-CLS-06" in told["a person a"]["asset_class_unexamined"]
    assert told["person 30 days"]["asset_class_unexamined"] == []
