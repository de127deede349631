"""The morning page's figures, against fourteen contracts added up on paper."""

from datetime import date

import pytest
from tests.report import small_night
from tests.report.small_night import AS_OF, BUCKETS, Contract

from recoup.engine.report.figures import Bucket, Figures, Move, bucket_sql, gather_figures
from recoup.kernel.calendar import add_months, date_of, day_number


def gathered(contracts: list[Contract] | None = None) -> Figures:
    return gather_figures(
        engine=small_night.engine(contracts),
        as_of=AS_OF,
        buckets=[Bucket(name=name, from_dpd=from_dpd) for name, from_dpd in BUCKETS],
        capacity={"early": 2},
    )


@pytest.fixture(scope="module")
def figures() -> Figures:
    return gathered()


def test_the_book_is_what_is_active_and_still_owes(figures: Figures) -> None:
    total = figures.total

    assert figures.decided == 14
    assert total.accounts == 12
    assert total.exposure_minor == 100 * (
        1000 + 500 + 400 + 300 + 200 + 700 + 600 + 300 + 100 + 70 + 50
    )


def test_arrears_count_accounts_people_and_amounts_on_the_book(figures: Figures) -> None:
    total = figures.total

    assert total.overdue_accounts == 9
    assert figures.people_in_arrears == 8
    assert total.overdue_minor == 100 * (100 + 50 + 200 + 70 + 600 + 250 + 14 + 5)
    assert total.overdue_exposure_minor == 100 * (400 + 300 + 200 + 700 + 600 + 300 + 70 + 50)


def test_thirty_plus_means_more_than_thirty_days(figures: Figures) -> None:
    total = figures.total

    assert (total.over_30_accounts, total.over_30_exposure_minor) == (5, 210_000)
    assert (total.over_60_accounts, total.over_60_exposure_minor) == (4, 180_000)
    assert (total.over_90_accounts, total.over_90_exposure_minor) == (2, 90_000)


def test_a_month_ago_counts_what_has_been_paid_off_since(figures: Figures) -> None:
    total = figures.total

    assert total.overdue_accounts_before == 8
    assert total.over_30_accounts_before == 5
    assert total.over_60_accounts_before == 3
    assert total.over_90_accounts_before == 1


def test_non_performing_is_substandard_and_worse_on_the_book(figures: Figures) -> None:
    assert (figures.total.npl_accounts, figures.total.npl_exposure_minor) == (2, 90_000)


def test_written_off_arrears_stand_apart(figures: Figures) -> None:
    assert figures.total.off_book_accounts == 1
    assert figures.total.off_book_overdue_minor == 90_000


def test_an_account_without_a_rate_is_counted_but_adds_no_amount(figures: Figures) -> None:
    assert figures.total.without_rate == 1
    euro = next(row for row in figures.currencies if row.code == "EUR")
    assert (euro.accounts, euro.without_rate) == (1, 1)
    assert (euro.overdue_minor, euro.exposure_minor) == (900, 2000)


def test_currencies_are_shown_in_themselves(figures: Figures) -> None:
    dollar = next(row for row in figures.currencies if row.code == "USD")

    assert (dollar.overdue_minor, dollar.exposure_minor, dollar.without_rate) == (200, 1000, 0)


def test_places_add_up_to_the_whole(figures: Figures) -> None:
    for places in (figures.products, figures.branches, figures.teams):
        assert sum(row.overdue_minor for row in places.rows) == figures.total.overdue_minor
        assert sum(row.accounts for row in places.rows) == figures.total.accounts


def test_the_place_with_most_arrears_stands_first(figures: Figures) -> None:
    assert [row.name for row in figures.branches.rows] == ["south", "north"]
    assert figures.branches.rows[0].overdue_minor == 85_000


def test_an_account_without_a_team_is_not_lost(figures: Figures) -> None:
    assert {row.name: row.accounts for row in figures.teams.rows} == {"early": 11, "": 1}


def test_a_place_with_nothing_on_it_is_not_shown() -> None:
    contracts = [
        Contract("C1", "D1", 5, 0, 10, 5, branch="north"),
        Contract("C2", "D2", None, None, 0, asset_class="unknown", branch="nowhere"),
    ]

    figures = gathered(contracts)

    assert [row.name for row in figures.branches.rows] == ["north"]
    assert figures.total.unknown_accounts == 1


def test_a_long_list_of_branches_keeps_its_rest() -> None:
    contracts = [
        Contract(f"C{at}", f"D{at}", 1, 0, 10, overdue=at + 1, branch=f"branch {at:03}")
        for at in range(302)
    ]

    branches = gathered(contracts).branches

    assert len(branches.rows) == 300
    assert branches.rest_count == 2
    assert branches.rest is not None
    assert branches.rest.overdue_minor == 300


def test_moves_lead_from_the_bucket_of_a_month_ago_to_todays(figures: Figures) -> None:
    moves = {(move.before, move.now): move.accounts for move in figures.moves}

    assert moves == {
        ("C", "C"): 1,
        ("M1", "C"): 1,
        ("C", "M1"): 2,
        ("M1", "M2"): 1,
        ("M2", "M3"): 1,
        ("M3", "M3"): 1,
        ("M3", "M4+"): 1,
        ("M4+", "M4+"): 1,
        ("M2", "paid_off"): 1,
        ("M1", "M1"): 1,
        ("new", "M1"): 1,
    }
    assert Move("M3", "M4+", 1, 60_000) in figures.moves


def test_rates_share_out_each_bucket_of_a_month_ago(figures: Figures) -> None:
    rates = {row.before: row for row in figures.rates}

    assert list(rates) == ["C", "M1", "M2", "M3", "M4+"]
    first = rates["M1"]
    assert (first.accounts, first.cured, first.same, first.worse) == (3, 1, 1, 1)
    second = rates["M2"]
    assert (second.accounts, second.paid_off, second.worse) == (2, 1, 1)
    assert (rates["C"].accounts, rates["C"].worse) == (3, 2)
    for row in figures.rates:
        parts = row.cured + row.paid_off + row.better + row.same + row.worse
        assert parts == row.accounts


def test_a_partial_return_is_better_but_not_cured() -> None:
    rates = gathered([Contract("C1", "D1", 20, 70, 10, 5)]).rates

    back = next(row for row in rates if row.before == "M3")
    assert (back.better, back.cured, back.same, back.worse) == (1, 0, 0, 0)


def _started(id: str, started: date, **more: object) -> Contract:
    return Contract(id, f"D-{id}", 0, 0, 10, started=started, **more)


#: Four contracts of one quarter. The youngest began on 31 March: 7 months old on 20 November.
SPRING = [
    _started("A", date(2026, 1, 15), lent=100),
    _started("B", date(2026, 1, 31), lent=200, over_30=date(2026, 4, 30)),
    _started(
        "C", date(2026, 2, 10), lent=300, over_30=date(2026, 5, 11), over_90=date(2026, 7, 10)
    ),
    _started("D", date(2026, 3, 31), lent=400, over_30=date(2026, 11, 1), over_90=None),
]


def test_a_vintage_curve_grows_in_the_month_on_book_in_which_a_contract_passes_the_limit() -> None:
    (spring,) = gathered(SPRING).vintages

    # B: three months after 31 January is 30 April: month 3. C: a day past 10 May: month 4.
    # D: 1 November is past 31 October, the end of its month 7: month 8, which A to C have seen and
    # D has not, so the curve ends before it.
    assert spring.months_on_book == 7
    assert spring.over_30_accounts == (0, 0, 1, 2, 2, 2, 2)
    assert spring.over_30_minor == (0, 0, 20_000, 50_000, 50_000, 50_000, 50_000)
    assert spring.over_90_accounts == (0, 0, 0, 0, 1, 1, 1)
    assert spring.over_90_minor == (0, 0, 0, 0, 30_000, 30_000, 30_000)
    assert (spring.accounts, spring.principal_minor) == (4, 100_000)


def test_a_vintage_keeps_settled_and_written_off_contracts_in_count_and_curve() -> None:
    passed = {"over_30": date(2025, 8, 20), "over_90": date(2025, 10, 20)}
    settled = Contract("S", "D1", 0, 45, 0, status="settled", **passed)
    written_off = Contract("W", "D2", 400, 370, 900, 900, status="written_off", **passed)

    (vintage,) = gathered([settled, written_off, Contract("A", "D3", 0, 0, 10)]).vintages

    assert (vintage.accounts, vintage.paid_off_accounts) == (3, 1)
    assert (vintage.over_30_accounts[-1], vintage.over_90_accounts[-1]) == (2, 2)


def test_a_young_vintage_ends_where_its_youngest_contract_ends_and_has_no_flat_tail() -> None:
    contracts = [
        _started("A", date(2026, 7, 1), over_30=date(2026, 9, 10)),
        _started("B", date(2026, 9, 30)),
        _started("C", date(2026, 10, 1)),
        _started("D", date(2026, 11, 15)),
    ]

    summer, autumn = gathered(contracts).vintages

    assert (summer.months_on_book, summer.over_30_accounts) == (1, (0,))
    assert (autumn.months_on_book, autumn.over_30_accounts) == (0, ())


def test_an_old_vintage_is_followed_for_five_years() -> None:
    late = date(2026, 11, 2)

    (old,) = gathered([_started("A", date(2016, 1, 1), over_30=late)]).vintages

    assert old.months_on_book == 130
    assert old.over_30_accounts == (0,) * 60


def test_what_cannot_be_decided_or_starts_later_is_in_no_vintage() -> None:
    unknown = Contract("U", "D1", None, None, 10, asset_class="unknown")
    tomorrow = _started("T", date(2026, 11, 21))

    assert gathered([unknown, tomorrow]).vintages == ()


def test_a_contract_without_a_rate_counts_in_a_vintage_but_adds_no_amount() -> None:
    known, strange = (
        SPRING[2],
        _started("E", date(2026, 2, 10), currency="EUR", rate=None, over_30=date(2026, 5, 11)),
    )

    (vintage,) = gathered([known, strange]).vintages

    assert (vintage.accounts, vintage.without_rate) == (2, 1)
    assert (vintage.over_30_accounts[-1], vintage.over_30_minor[-1]) == (2, 30_000)
    assert vintage.principal_minor == 30_000


def test_the_month_of_an_event_is_the_first_whose_end_it_does_not_pass() -> None:
    for started in (date(2024, 1, 29), date(2024, 1, 31), date(2024, 2, 29), date(2025, 5, 6)):
        ends = [add_months(day_number(started), month) for month in range(1, 14)]
        # The last day of each month since the start, and the day after it.
        for number in (day_number(started) + 1, *ends[:-1], *(end + 1 for end in ends[:-1])):
            (vintage,) = gathered([_started("A", started, over_30=date_of(number))]).vintages

            month = vintage.over_30_accounts.index(1) + 1

            before = ends[month - 2] if month > 1 else day_number(started)
            assert before < number <= ends[month - 1]


@pytest.mark.parametrize(
    ("started", "quarter"),
    [
        (date(2026, 1, 1), 1),
        (date(2026, 3, 31), 1),
        (date(2026, 4, 1), 2),
        (date(2026, 9, 30), 3),
        (date(2026, 10, 1), 4),
    ],
)
def test_a_start_belongs_to_its_quarter(started: date, quarter: int) -> None:
    (vintage,) = gathered([Contract("C1", "D1", 0, 0, 10, started=started)]).vintages

    assert vintage.quarter == quarter


def test_work_sets_the_list_beside_people_and_capacity(figures: Figures) -> None:
    (team,) = figures.work

    assert (team.name, team.listed, team.to_reach, team.capacity) == ("early", 2, 4, 2)
    assert team.by_treatment == {"call": 2}


def test_treatments_count_what_is_blocked_in_each(figures: Figures) -> None:
    treatments = {row.name: row for row in figures.treatments}

    assert treatments["call"].accounts == 5
    assert treatments["call"].listed == 2
    assert treatments["no_action"].blocked_accounts == 2


def test_blocks_name_each_rule_and_count_each_account_once(figures: Figures) -> None:
    assert figures.blocked_accounts == 2
    assert figures.blocked_overdue_minor == 32_000
    assert [(row.id, row.accounts) for row in figures.blocked] == [
        ("hold:dispute", 2),
        ("CN-CON-20", 1),
    ]


def test_classes_list_every_class_and_the_rules_that_bind(figures: Figures) -> None:
    classes = {row.name: row.accounts for row in figures.classes}

    assert classes == {
        "normal": 2,
        "special_mention": 7,
        "substandard": 2,
        "doubtful": 0,
        "loss": 0,
        "unknown": 1,
    }
    assert [(row.asset_class, row.id, row.accounts) for row in figures.binding] == [
        ("substandard", "CN-CLS-05", 2),
        ("special_mention", "CN-CLS-03", 7),
    ]
    assert [(row.id, row.accounts) for row in figures.unexamined] == [("CN-CLS-04", 1)]


def test_rejects_stand_errors_first_with_one_example_each(figures: Figures) -> None:
    first, second = figures.rejects

    assert (first.table, first.findings, first.sentence_en) == ("payments", 2, "No contract A.")
    assert second.severity == "warning"


def test_an_empty_book_has_figures_of_nought() -> None:
    figures = gathered([])

    assert figures.total.accounts == 0
    assert figures.people_in_arrears == 0
    assert figures.moves == ()
    assert figures.rejects == ()


def test_a_bucket_name_with_a_quote_stays_a_name() -> None:
    sql = bucket_sql(column="dpd", buckets=[Bucket("C", 0), Bucket("it's late", 1)])

    assert sql == "CASE WHEN dpd >= 1 THEN 'it''s late' WHEN dpd >= 0 THEN 'C' END"
