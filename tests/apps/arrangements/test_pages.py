"""The pages of promises: record with sense, withdraw with a reason; budgets and strangers."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from recoup.apps.arrangements.models import Promise
from recoup.apps.portfolio.models import Contract, Publication

Make = Callable[..., Contract]
AS_OF = date(2026, 11, 20)
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(autouse=True)
def _night(db: None, night_result: Path, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """A night is published, and the desk's clock stands at the instant of the test."""
    Publication.objects.create(
        as_of=AS_OF,
        published_at=at,
        result_folder=str(night_result),
        result_hash="of the test",
        is_current=True,
    )
    monkeypatch.setattr("recoup.site.presence.now", lambda: at)


@pytest.fixture
def as_(client: Client, make_staff: Callable[..., object]) -> Callable[..., Client]:
    """Sign in as somebody with a role; pages in English."""

    def sign_in(role: str, **more: object) -> Client:
        client.force_login(make_staff(role, **more), BACKEND)
        client.cookies["django_language"] = "en"
        return client

    return sign_in


def form(contract: Contract, **more: str) -> dict[str, str]:
    values = {
        "contract": contract.pk,
        "amount": "1,000.00",
        "due_on": "2026-11-25",
        "channel": "call",
        "party": "guarantor",
        "note": "",
    }
    return values | more


def test_a_promise_is_recorded_seen_and_withdrawn(
    as_: Callable[..., Client], make_contract: Make
) -> None:
    contract, desk = make_contract("C-1"), as_("collector")
    place = f"/promises/of/{contract.debtor_id}/"

    assert desk.get(f"{place}new").status_code == 200
    recorded = desk.post(f"{place}new", form(contract))
    row = Promise.objects.get()
    listed = desk.get(place).content.decode()
    stale = desk.post(f"/promises/{row.promise_id}/withdraw", {"why": "x", "version": "99"})
    desk.post(f"/promises/{row.promise_id}/withdraw", {"why": "wrong day", "version": "1"})

    assert recorded["Location"] == place
    assert (row.amount_minor, row.party) == (100_000, "guarantor")
    assert "¥1,000.00" in listed
    assert stale.status_code == 422
    row.refresh_from_db()
    assert (row.status, row.withdrawn_why) == ("withdrawn", "wrong day")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"amount": "some"}, "is no amount"),
        ({"due_on": "soon"}, "is no date"),
        ({"due_on": "2026-11-19"}, "is over"),
        ({"due_on": "2027-02-01"}, "31 days"),
        ({"amount": "99999999"}, "more than is owed"),
        ({"party": "neighbour"}, "party"),
    ],
)
def test_what_cannot_be_right_comes_back_with_a_sentence_and_what_was_typed(
    as_: Callable[..., Client], make_contract: Make, wrong: dict[str, str], says: str
) -> None:
    contract, desk = make_contract("C-1"), as_("collector")

    answer = desk.post(
        f"/promises/of/{contract.debtor_id}/new", form(contract, note="kept words", **wrong)
    )

    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert "kept words" in answer.content.decode()
    assert not Promise.objects.exists()


def test_strangers_find_nothing_and_readers_change_nothing(
    as_: Callable[..., Client], make_contract: Make
) -> None:
    contract, desk = make_contract("C-1"), as_("collector")
    place = f"/promises/of/{contract.debtor_id}/"
    desk.post(f"{place}new", form(contract))
    promise = f"/promises/{Promise.objects.get().promise_id}/withdraw"

    stranger = as_("collector", team="T2")
    for address in (place, f"{place}new", promise):
        assert stranger.get(address).status_code == 404
    auditor = as_("auditor", scope=("bank", ""))
    assert auditor.get(place).status_code == 200
    for address in (f"{place}new", promise):
        assert auditor.get(address).status_code == 403


def test_the_list_asks_the_same_number_of_questions_for_one_row_and_for_thirty(
    as_: Callable[..., Client], make_contract: Make
) -> None:
    desk = as_("collector")

    def promise(number: int) -> None:
        for status, days in (("open", 0), ("open", -1), ("broken", -4)):
            due = AS_OF + timedelta(days=days)
            Promise.objects.create(
                promise_id=f"Q-{number}-{days}",
                debtor_id=make_contract().debtor_id,
                currency="CNY",
                amount_minor=100,
                made_on=due - timedelta(days=3),
                due_on=due,
                lapses_on=due + timedelta(days=3),
                status=status,
            )

    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            assert desk.get("/promises/").status_code == 200
        return len(counted)

    promise(0)
    desk.get("/promises/")
    one = queries()
    for number in range(1, 30):
        promise(number)

    assert queries() == one
    assert one <= 25
