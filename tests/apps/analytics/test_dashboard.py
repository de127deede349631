"""The manager's dashboard: the morning page's figures, live, and the way down to the cases."""

from collections.abc import Callable
from datetime import date
from io import BytesIO

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from recoup.apps.analytics.models import NightFigures
from recoup.apps.analytics.queries import dashboard
from recoup.apps.analytics.rates import funnel, recovery, rolls
from recoup.apps.compliance.models import Export
from recoup.apps.people.models import Staff
from recoup.apps.people.permissions import Actor, NotAllowed
from recoup.apps.portfolio.models import Contract
from recoup.apps.portfolio.queries.figures import BucketMove, LateContract, Slice

MakeStaff = Callable[..., Staff]
ORDER = ("C", "M1", "M2")


def move(before: str, now: str, accounts: int) -> BucketMove:
    return BucketMove(before=before, now=now, accounts=accounts, exposure_minor=0)


def late(collected: int, still: int) -> LateContract:
    return LateContract(
        contract_id="C",
        debtor_id="D",
        collector_id=1,
        product="p",
        security="s",
        dpd_before=10,
        dpd=0,
        overdue_minor=still,
        collected_minor=collected,
    )


def test_paying_off_is_a_cure_and_staying_is_not() -> None:
    moves = [
        move("M1", "C", 3),
        move("M1", "paid_off", 1),
        move("M1", "M1", 4),
        move("M1", "M2", 2),
    ]

    [roll] = rolls(moves, ORDER)

    assert (roll.accounts, roll.cured, roll.same, roll.worse) == (10, 4, 4, 2)
    assert roll.cured_bp == 4000
    assert roll.worse_bp == 2000


def test_recovery_is_what_came_in_of_what_was_due() -> None:
    assert recovery([late(300, 700), late(0, 1000)]).rate_bp == 1500
    assert recovery([]).rate_bp is None


def test_a_payment_by_somebody_never_called_is_no_success_of_the_call() -> None:
    steps = funnel(
        late={"A", "B", "C"}, tried={"A", "B"}, reached={"A"}, promised={"A", "C"}, paid={"A", "C"}
    )

    assert [step.persons for step in steps] == [3, 2, 1, 1, 1]


@pytest.fixture
def analyst(act_as: Callable[..., Actor]) -> Actor:
    return act_as("strategy_analyst", scope=("bank", ""))


def test_the_dashboard_counts_what_the_morning_page_counts(
    analyst: Actor, published_bank: object
) -> None:
    night = NightFigures.objects.get().figures["total"]

    found = dashboard(actor=analyst, narrow=Slice())

    assert found is not None
    for name in ("accounts", "overdue_accounts", "overdue_minor", "over_90_accounts"):
        assert getattr(found.totals, name) == night[name], name
    assert found.totals.npl_exposure_minor == night["npl_exposure_minor"]
    assert sum(one.overdue_minor for one in found.places) == found.totals.overdue_minor


def test_the_flow_is_the_morning_pages_flow(analyst: Actor, published_bank: object) -> None:
    night = NightFigures.objects.get().figures["moves"]
    calm = ("new", "C", "paid_off")
    expected = {
        (one["before"], one["now"]): one["accounts"]
        for one in night
        if one["before"] not in calm and one["now"] not in calm
    }

    found = dashboard(actor=analyst, narrow=Slice())

    moves = {(one.before, one.now): one.accounts for one in found.moves}
    assert expected
    assert {pair: moves.get(pair) for pair in expected} == expected


def test_a_slice_and_a_scope_both_narrow(
    act_as: Callable[..., Actor], analyst: Actor, published_bank: object
) -> None:
    team = Contract.objects.filter(dpd__gt=0).values_list("team", flat=True)[0]
    supervisor = act_as("supervisor", team=team)

    own = dashboard(actor=supervisor, narrow=Slice())
    sliced = dashboard(actor=analyst, narrow=Slice(team=team))
    nothing = dashboard(actor=supervisor, narrow=Slice(team="somewhere else"))

    assert own.totals.overdue_minor == sliced.totals.overdue_minor > 0
    assert nothing.totals.accounts == 0
    assert own.trend == ()


def test_a_collector_does_not_see_the_dashboard(
    act_as: Callable[..., Actor], published_bank: object
) -> None:
    with pytest.raises(NotAllowed):
        dashboard(actor=act_as("collector"), narrow=Slice())


def test_the_number_of_queries_does_not_grow_with_the_book(
    analyst: Actor,
    published_bank: object,
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    with django_assert_max_num_queries(22):
        dashboard(actor=analyst, narrow=Slice())


@pytest.mark.parametrize(("language", "heading"), [("zh-hans", "不良率"), ("en", "NPL ratio")])
def test_the_page_speaks_both_languages(
    client: Client, make_staff: MakeStaff, published_bank: object, language: str, heading: str
) -> None:
    client.force_login(make_staff("supervisor", scope=("bank", "")), BACKEND)

    page = client.get("/dashboard/", headers={"Accept-Language": language}, follow=True)

    client.post("/language", {"language": language, "next": "/"})
    page = client.get("/dashboard/")
    assert page.status_code == 200
    assert heading in page.content.decode()


BACKEND = "django.contrib.auth.backends.ModelBackend"


def test_the_workbook_carries_the_figures_and_the_mark_of_who_took_it(
    client: Client, make_staff: MakeStaff, published_bank: object
) -> None:
    staff = make_staff("supervisor", name="韩立", scope=("bank", ""))
    client.force_login(staff, BACKEND)
    client.post("/language", {"language": "en", "next": "/"})

    answer = client.get("/dashboard/export.xlsx?by=team")
    book = CalamineWorkbook.from_filelike(BytesIO(answer.content))

    assert book.sheet_names[0] == "Headline"
    first = book.get_sheet_by_name("By place").to_python()
    assert staff.staff_number in first[0][0]
    total = sum(row[4] for row in first[3:])
    overdue = dashboard(actor=_all(), narrow=Slice()).totals.overdue_minor
    assert round(total * 100) == overdue
    assert Export.objects.get().kind == "dashboard"


def _all() -> Actor:
    return Actor(staff_id=None, name="", whole_bank=True)


def test_before_the_first_night_the_page_says_so(client: Client, make_staff: MakeStaff) -> None:
    client.force_login(make_staff("supervisor", scope=("bank", "")), BACKEND)

    assert client.get("/dashboard/").status_code == 200
    assert client.get("/dashboard/export.xlsx").status_code == 404


def test_figures_of_a_night_are_kept_once(published_bank: object) -> None:
    assert [one.as_of for one in NightFigures.objects.all()] == [date(2026, 11, 20)]
