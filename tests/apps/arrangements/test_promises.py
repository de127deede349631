"""Promises: recorded with sense, matched by the kernel alone, un-kept by a reversal."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from recoup.apps.arrangements.actions import (
    record_promise,
    rematch,
    rematch_book,
    rematch_lapsed,
    rematch_on_new_day,
    withdraw_promise,
)
from recoup.apps.arrangements.events import (
    PromiseBroken,
    PromiseKept,
    PromisePartlyKept,
    PromiseRecorded,
    PromiseReopened,
    PromiseWithdrawn,
)
from recoup.apps.arrangements.models import Promise
from recoup.apps.arrangements.queries import (
    broken_since,
    day_promises,
    due_on,
    live_promises,
    promises_of,
    running_late,
)
from recoup.apps.arrangements.refusals import BadPromise, CannotWithdraw, Stale
from recoup.apps.ledger.actions import post_receipt, reverse_receipt
from recoup.apps.people.permissions import Actor, NotAllowed, NotFound
from recoup.apps.portfolio.events import NightPublished
from recoup.apps.portfolio.models import Contract, Publication
from recoup.events import bus

Act = Callable[..., Actor]
Make = Callable[..., Contract]
AS_OF = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def _night(db: None, night_result: Path, at: datetime) -> None:
    """A night is published: law, policy and tolerance of the example strategy (2 days, 5 %)."""
    Publication.objects.create(
        as_of=AS_OF,
        published_at=at,
        result_folder=str(night_result),
        result_hash="of the test",
        is_current=True,
    )


@pytest.fixture
def told() -> Iterator[list[Any]]:
    """What the room tells others."""
    facts: list[Any] = []
    kinds = (
        *(PromiseRecorded, PromiseKept, PromisePartlyKept, PromiseBroken),
        *(PromiseReopened, PromiseWithdrawn),
    )
    for kind in kinds:
        bus.listen(kind, facts.append)
    yield facts
    for kind in kinds:
        bus._listeners[kind].remove(facts.append)


@pytest.fixture
def collector(act_as: Act) -> Actor:
    return act_as("supervisor")


def promise(actor: Actor, contract: Contract, at: datetime, **more: object) -> Any:
    values: dict[str, object] = {
        "debtor_id": contract.debtor_id,
        "contract_id": contract.pk,
        "amount_minor": 100_000,
        "due_on": AS_OF + timedelta(days=5),
        "channel": "call",
        "party": "debtor",
    }
    return record_promise(actor=actor, at=at, **(values | more))  # type: ignore[arg-type]


def pay(actor: Actor, contract: Contract, at: datetime, amount: int, *, key: str = "k") -> Any:
    return post_receipt(
        actor=actor,
        idempotency_key=key,
        contract_id=contract.pk,
        paid_on=at.date(),
        amount_minor=amount,
        channel="transfer",
        at=at,
    )


def status_of(promise_id: str) -> tuple[str, int]:
    row = Promise.objects.get(promise_id=promise_id)
    return row.status, row.matched_minor


def test_a_promise_is_recorded_and_told(
    collector: Actor, make_contract: Make, at: datetime, told: list[Any]
) -> None:
    contract = make_contract()

    card = promise(collector, contract, at, note="下周发工资")

    assert (card.status, card.matched_minor, card.currency) == ("open", 0, "CNY")
    assert card.lapses_on == card.due_on + timedelta(days=3)
    assert [type(fact) for fact in told] == [PromiseRecorded]
    assert [one.promise_id for one in live_promises(debtor_id=contract.debtor_id, on=AS_OF)] == [
        card.promise_id
    ]
    assert [one.promise_id for one in day_promises(debtor_id=contract.debtor_id)] == [
        card.promise_id
    ]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"due_on": AS_OF - timedelta(days=1)}, "is over"),
        ({"due_on": AS_OF + timedelta(days=32)}, "31 days"),
        ({"amount_minor": 0}, "above zero"),
        ({"amount_minor": 5_034_012}, "more than the 50,340.11 CNY owed"),
        ({"channel": "pigeon"}, "channel"),
        ({"party": "neighbour"}, "party"),
        ({"note": "x" * 301}, "300"),
    ],
)
def test_what_cannot_be_right_is_refused_with_a_sentence(
    collector: Actor, make_contract: Make, at: datetime, wrong: dict[str, object], says: str
) -> None:
    with pytest.raises(BadPromise, match=says) as refused:
        promise(collector, make_contract(), at, **wrong)

    assert refused.value.zh
    assert not Promise.objects.exists()


def test_more_than_is_owed_can_be_meant(
    collector: Actor, make_contract: Make, at: datetime
) -> None:
    card = promise(collector, make_contract(), at, amount_minor=5_034_012, above_owed=True)

    assert card.amount_minor == 5_034_012


def test_all_that_is_overdue_can_be_promised_where_it_is_more_than_the_exposure(
    collector: Actor, make_contract: Make, at: datetime
) -> None:
    loan = make_contract(outstanding_principal_minor=100_00, exposure_minor=100_00)

    assert promise(collector, loan, at, amount_minor=824_011).amount_minor == 824_011
    with pytest.raises(BadPromise, match=r"more than the 8,240\.11 CNY owed"):
        promise(collector, loan, at, amount_minor=824_012)


def test_the_same_promise_is_not_recorded_twice(
    collector: Actor, make_contract: Make, at: datetime
) -> None:
    contract = make_contract()
    promise(collector, contract, at)

    with pytest.raises(BadPromise, match="recorded already"):
        promise(collector, contract, at + timedelta(seconds=2))


def test_with_several_currencies_the_contract_is_named(
    collector: Actor, make_contract: Make, at: datetime
) -> None:
    contract = make_contract()
    make_contract(debtor=contract.debtor, currency="USD")

    with pytest.raises(BadPromise, match="CNY, USD"):
        promise(collector, contract, at, contract_id=None)


def test_scope_and_duty_are_asked(act_as: Act, make_contract: Make, at: datetime) -> None:
    contract, other = make_contract(), make_contract()

    with pytest.raises(NotFound):
        promise(act_as("collector", team="T2"), contract, at)
    with pytest.raises(NotAllowed):
        promise(act_as("auditor"), contract, at)
    with pytest.raises(NotFound):
        promise(act_as("collector"), contract, at, contract_id=other.pk)


def test_a_receipt_keeps_the_promise_and_its_reversal_un_keeps_it(
    collector: Actor, make_contract: Make, at: datetime, told: list[Any]
) -> None:
    contract = make_contract()
    card = promise(collector, contract, at)

    receipt = pay(collector, contract, at, 95_000)
    kept = status_of(card.promise_id)
    reverse_receipt(actor=collector, payment_id=receipt.payment_id, why="returned", at=at)

    assert kept == ("kept", 95_000), "5 % may be missing"
    assert status_of(card.promise_id) == ("open", 0)
    assert [type(fact) for fact in told] == [PromiseRecorded, PromiseKept, PromiseReopened]


def test_promises_are_served_first_in_first_out(
    collector: Actor, make_contract: Make, at: datetime
) -> None:
    contract = make_contract()
    first = promise(collector, contract, at - timedelta(days=1), due_on=AS_OF)
    second = promise(collector, contract, at, contract_id=None, due_on=AS_OF + timedelta(days=1))

    pay(collector, contract, at, 150_000)

    assert status_of(first.promise_id) == ("kept", 100_000)
    assert status_of(second.promise_id) == ("open", 50_000)


def test_time_alone_breaks_a_promise_after_the_tolerance(
    collector: Actor, make_contract: Make, at: datetime, told: list[Any]
) -> None:
    contract = make_contract()
    nothing = promise(collector, contract, at, due_on=AS_OF)
    pay(collector, contract, at, 30_000)
    none = promise(collector, contract, at, due_on=AS_OF, amount_minor=200_000)

    assert rematch_lapsed(on=AS_OF + timedelta(days=2), at=at + timedelta(days=2)) == 0
    assert len(running_late(actor=collector, on=AS_OF + timedelta(days=1))) == 2
    changed = rematch_lapsed(on=AS_OF + timedelta(days=3), at=at + timedelta(days=3))

    assert changed == 2
    ids = sorted([nothing.promise_id, none.promise_id])
    assert status_of(ids[0]) == ("partly_kept", 30_000)
    assert status_of(ids[1]) == ("broken", 0)
    assert {type(fact) for fact in told} == {PromiseRecorded, PromisePartlyKept, PromiseBroken}
    assert len(broken_since(actor=collector, on=AS_OF)) == 2
    assert broken_since(actor=collector, on=AS_OF + timedelta(days=4)) == ()


def test_a_worker_matches_lapsed_promises_once_a_day(
    collector: Actor, make_contract: Make, at: datetime
) -> None:
    card = promise(collector, make_contract(), at, due_on=AS_OF)

    first = rematch_on_new_day(at=at, last=None)
    before = status_of(card.promise_id)
    later = rematch_on_new_day(at=at + timedelta(days=3), last=first)

    assert (first, later) == (AS_OF, AS_OF + timedelta(days=3))
    assert (before, status_of(card.promise_id)) == (("open", 0), ("broken", 0))


def test_an_open_promise_is_withdrawn_with_a_reason_and_takes_no_money_any_more(
    collector: Actor, make_contract: Make, at: datetime, told: list[Any]
) -> None:
    contract = make_contract()
    card = promise(collector, contract, at)
    other = promise(collector, contract, at, due_on=AS_OF + timedelta(days=6))

    done = withdraw_promise(
        actor=collector, promise_id=card.promise_id, why="wrong day", version=card.version, at=at
    )
    pay(collector, contract, at, 100_000)

    assert (done.status, done.withdrawn_why) == ("withdrawn", "wrong day")
    assert status_of(card.promise_id) == ("withdrawn", 0)
    assert status_of(other.promise_id) == ("kept", 100_000)
    assert PromiseWithdrawn in [type(fact) for fact in told]
    assert len(day_promises(debtor_id=contract.debtor_id)) == 1


def test_who_comes_later_is_told_and_a_settled_promise_is_not_withdrawn(
    collector: Actor, make_contract: Make, at: datetime
) -> None:
    contract = make_contract()
    card = promise(collector, contract, at)
    pay(collector, contract, at, 100_000)
    now = Promise.objects.get().version

    with pytest.raises(Stale):
        withdraw_promise(
            actor=collector, promise_id=card.promise_id, why="x", version=card.version, at=at
        )
    with pytest.raises(CannotWithdraw, match="kept"):
        withdraw_promise(actor=collector, promise_id=card.promise_id, why="x", version=now, at=at)


def test_lists_are_of_the_day_and_the_scope(
    collector: Actor, act_as: Act, make_contract: Make, at: datetime
) -> None:
    contract = make_contract()
    today = promise(collector, contract, at, due_on=AS_OF)
    promise(collector, contract, at)

    assert [one.promise_id for one in due_on(actor=collector, on=AS_OF)] == [today.promise_id]
    assert due_on(actor=act_as("collector", team="T2"), on=AS_OF) == ()


def test_matching_again_changes_nothing(
    collector: Actor, make_contract: Make, at: datetime
) -> None:
    contract = make_contract()
    card = promise(collector, contract, at)
    pay(collector, contract, at, 40_000)
    version = Promise.objects.get(promise_id=card.promise_id).version

    assert rematch(debtor_id=contract.debtor_id, on=AS_OF, at=at) == ()
    assert Promise.objects.get(promise_id=card.promise_id).version == version


class TestTheBook:
    """The promises of a night, with those of the desk among them."""

    def test_come_matched_and_a_second_time_nothing_changes(
        self, published_bank: object, at: datetime, told: list[Any]
    ) -> None:
        before = {row.promise_id: row.version for row in Promise.objects.all()}
        assert before, "the night brought promises"

        rematch_book(NightPublished(publication_id=1, as_of=AS_OF, at=at))

        assert {row.promise_id: row.version for row in Promise.objects.all()} == before
        assert told == []

    def test_is_matched_like_one_person_at_a_time(
        self, published_bank: object, at: datetime
    ) -> None:
        before = {row.promise_id: (row.status, row.matched_minor) for row in Promise.objects.all()}

        for debtor_id in {row.debtor_id for row in Promise.objects.all()}:
            assert rematch(debtor_id=debtor_id, on=AS_OF, at=at) == ()

        after = {row.promise_id: (row.status, row.matched_minor) for row in Promise.objects.all()}
        assert after == before
        assert {status for status, _ in after.values()} >= {"kept", "broken"}

    def test_has_a_promise_of_the_desk_later_and_it_stays_one(
        self, published_bank: object, act_as: Act, at: datetime
    ) -> None:
        row = Promise.objects.filter(status="broken").first()
        assert row is not None
        bank = act_as("supervisor", scope=("bank", ""))
        Promise.objects.filter(pk=row.pk).update(
            in_book=False, status="open", made_by=bank.staff_id
        )

        rematch_book(NightPublished(publication_id=1, as_of=AS_OF, at=at))

        now = Promise.objects.get(promise_id=row.promise_id)
        assert (now.in_book, now.status) == (True, "broken")
        assert now.made_by_id == bank.staff_id, "who recorded it stays known"

    def test_counts_desk_receipts_and_promises_together(
        self, published_bank: object, act_as: Act, at: datetime
    ) -> None:
        bank = act_as("supervisor", scope=("bank", ""))
        contract = Contract.objects.filter(bad_code="", exposure_minor__gt=200_000).first()
        assert contract is not None
        card = promise(bank, contract, at)
        pay(bank, contract, at, 100_000)

        rematch_book(NightPublished(publication_id=1, as_of=AS_OF, at=at))

        assert status_of(card.promise_id) == ("kept", 100_000)
        assert not promises_of(debtor_id=contract.debtor_id)[0].in_book
