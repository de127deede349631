"""A portfolio goes to a colleague and comes back; who is away is stood in for."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from recoup.apps.compliance.models import AuditEntry
from recoup.apps.people import actions
from recoup.apps.people.actions.hand_overs import HandOverSettled
from recoup.apps.people.events import PortfolioHandedOver, PortfolioReturned
from recoup.apps.people.models import PortfolioHandOver
from recoup.apps.people.permissions import Actor, NotAllowed, NotFound
from recoup.apps.people.queries import absent_on, actor_of
from recoup.events import bus
from recoup.kernel.refusal import Refused

Act = Callable[..., Actor]


@pytest.fixture
def giver(act_as: Act) -> Actor:
    return act_as("collector", name="giver")


@pytest.fixture
def taker(act_as: Act) -> Actor:
    return act_as("collector", name="taker", team="T2")


def offered(giver: Actor, taker: Actor, at: datetime, **changed: object) -> int:
    terms: dict[str, object] = {
        "giver_id": giver.staff_id,
        "taker_id": taker.staff_id,
        "note": "Mrs Li expects a call on Friday.",
        "accept_by": at + timedelta(days=1),
        "until": at + timedelta(days=10),
    }
    return actions.offer_portfolio(actor=giver, at=at, **{**terms, **changed})  # type: ignore[arg-type]


def sees_portfolio(taker: Actor, giver: Actor, at: datetime) -> bool:
    assert taker.staff_id is not None
    return giver.staff_id in actor_of(staff_id=taker.staff_id, at=at).portfolios


def test_a_portfolio_is_seen_from_acceptance_until_its_end(
    giver: Actor, taker: Actor, at: datetime
) -> None:
    made = offered(giver, taker, at)
    assert not sees_portfolio(taker, giver, at)

    actions.accept_portfolio(actor=taker, hand_over_id=made, at=at)

    assert sees_portfolio(taker, giver, at)
    assert sees_portfolio(taker, giver, at + timedelta(days=10, seconds=-1))
    assert not sees_portfolio(taker, giver, at + timedelta(days=10))
    verbs = AuditEntry.objects.filter(record="hand_over").order_by("pk")
    assert [entry.verb for entry in verbs] == ["offer_portfolio", "accept_portfolio"]


def test_rooms_above_hear_of_acceptance_and_return(
    giver: Actor, taker: Actor, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[object] = []
    monkeypatch.setitem(bus._listeners, PortfolioHandedOver, [heard.append])
    monkeypatch.setitem(bus._listeners, PortfolioReturned, [heard.append])
    made = offered(giver, taker, at, until=None)

    actions.accept_portfolio(actor=taker, hand_over_id=made, at=at)
    actions.return_portfolio(actor=taker, hand_over_id=made, remark="back from leave", at=at)

    assert [type(event) for event in heard] == [PortfolioHandedOver, PortfolioReturned]
    assert not sees_portfolio(taker, giver, at)
    assert PortfolioHandOver.objects.get(pk=made).status == "returned"


def test_an_offer_is_accepted_by_its_taker_alone_and_in_time(
    act_as: Act, giver: Actor, taker: Actor, at: datetime
) -> None:
    made = offered(giver, taker, at)

    with pytest.raises(NotFound):
        actions.accept_portfolio(actor=act_as("collector"), hand_over_id=made, at=at)
    with pytest.raises(NotFound):
        actions.accept_portfolio(actor=giver, hand_over_id=made, at=at)
    with pytest.raises(HandOverSettled, match="passed"):
        actions.accept_portfolio(actor=taker, hand_over_id=made, at=at + timedelta(days=1))
    assert not sees_portfolio(taker, giver, at + timedelta(days=1))


def test_a_declined_offer_gives_nothing_and_says_why(
    giver: Actor, taker: Actor, at: datetime
) -> None:
    made = offered(giver, taker, at)

    with pytest.raises(Refused, match="why"):
        actions.decline_portfolio(actor=taker, hand_over_id=made, remark="", at=at)
    actions.decline_portfolio(actor=taker, hand_over_id=made, remark="my list is full", at=at)

    with pytest.raises(HandOverSettled):
        actions.accept_portfolio(actor=taker, hand_over_id=made, at=at)
    assert not sees_portfolio(taker, giver, at)


def test_one_hand_over_runs_between_two_people_at_a_time(
    giver: Actor, taker: Actor, at: datetime
) -> None:
    made = offered(giver, taker, at)

    with pytest.raises(Refused, match="already"):
        offered(giver, taker, at)

    later = at + timedelta(days=2)  # the first offer has lapsed
    second = offered(
        giver, taker, later, accept_by=later + timedelta(days=1), until=later + timedelta(days=5)
    )
    assert PortfolioHandOver.objects.get(pk=made).status == "lapsed"
    actions.accept_portfolio(actor=taker, hand_over_id=second, at=later)


@pytest.mark.parametrize(
    "wrong",
    [
        {"note": " "},
        {"taker_id": 0},
        {"accept_by": datetime.fromisoformat("2026-11-19T00:00:00+00:00")},
        {"until": datetime.fromisoformat("2026-11-20T03:00:00+00:00")},
    ],
)
def test_an_offer_without_note_taker_or_time_is_refused(
    giver: Actor, taker: Actor, at: datetime, wrong: dict[str, object]
) -> None:
    with pytest.raises(Refused):
        offered(giver, taker, at, **wrong)


def test_a_supervisor_hands_over_for_the_own_team_only(
    act_as: Act, giver: Actor, taker: Actor, at: datetime
) -> None:
    supervisor, stranger = act_as("supervisor"), act_as("supervisor", team="T9")

    with pytest.raises(NotFound):
        offered(stranger, taker, at, giver_id=giver.staff_id)
    with pytest.raises(NotAllowed):
        offered(act_as("collector"), taker, at, giver_id=giver.staff_id)
    offered(supervisor, taker, at, giver_id=giver.staff_id)


def test_a_stand_in_sees_the_portfolio_on_the_days_of_absence_only(
    act_as: Act, giver: Actor, at: datetime
) -> None:
    stand_in = act_as("collector", name="stand-in")
    actions.record_absence(
        actor=giver,
        staff_id=giver.staff_id,
        from_on=date(2026, 11, 23),
        until_on=date(2026, 11, 25),
        stand_in_id=stand_in.staff_id,
        reason="leave",
        at=at,
    )
    first_morning = datetime.fromisoformat("2026-11-23T00:01:00+08:00")

    assert not sees_portfolio(stand_in, giver, first_morning - timedelta(minutes=2))
    assert sees_portfolio(stand_in, giver, first_morning)
    assert not sees_portfolio(stand_in, giver, first_morning + timedelta(days=2))
    assert absent_on([giver.staff_id], date(2026, 11, 24))[giver.staff_id].stand_in_id == (  # type: ignore[list-item,index]
        stand_in.staff_id
    )


def test_an_absence_does_not_overlap_and_its_stand_in_is_there(
    act_as: Act, giver: Actor, at: datetime
) -> None:
    stand_in = act_as("collector", name="stand-in")
    days = {"from_on": date(2026, 11, 23), "until_on": date(2026, 11, 25), "reason": "", "at": at}
    actions.record_absence(actor=stand_in, staff_id=stand_in.staff_id, stand_in_id=None, **days)

    with pytest.raises(Refused, match="away"):
        actions.record_absence(
            actor=giver, staff_id=giver.staff_id, stand_in_id=stand_in.staff_id, **days
        )
    with pytest.raises(Refused, match="already"):
        actions.record_absence(actor=stand_in, staff_id=stand_in.staff_id, stand_in_id=None, **days)
    with pytest.raises(Refused, match="before"):
        actions.record_absence(
            actor=giver,
            staff_id=giver.staff_id,
            stand_in_id=None,
            **{**days, "until_on": date(2026, 11, 23)},
        )


def test_an_auditor_records_not_even_an_absence(act_as: Act, at: datetime) -> None:
    auditor = act_as("auditor", scope=("bank", ""))

    with pytest.raises(NotAllowed):
        actions.record_absence(
            actor=auditor,
            staff_id=auditor.staff_id,
            from_on=date(2026, 11, 23),
            until_on=date(2026, 11, 25),
            stand_in_id=None,
            reason="",
            at=at,
        )
