"""Two at the same time: one key is one posting, one receipt is taken back once, none is missed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from recoup.apps.arrangements.actions import record_promise
from recoup.apps.arrangements.models import Promise
from recoup.apps.ledger.actions import post_receipt, reverse_receipt
from recoup.apps.ledger.models import Posting
from recoup.apps.ledger.refusals import CannotReverse
from recoup.apps.people.permissions import Actor
from recoup.apps.portfolio.models import Contract

#: On each test, not on the module: the rooms' own mark on a test would win over the module's.
committing = pytest.mark.django_db(transaction=True)
AS_OF = date(2026, 11, 20)
AT_ONCE = 4


@pytest.fixture
def contract(published_bank: object) -> Contract:
    """A contract of the demo bank, some weeks overdue."""
    found = Contract.objects.filter(
        dpd__gt=10, bad_code="", exposure_minor__gt=1_000_000, currency="CNY"
    ).first()
    assert found is not None
    return found


@pytest.fixture
def actor(act_as: Callable[..., Actor]) -> Actor:
    return act_as("supervisor", scope=("bank", ""))


def all_at_once(act: Callable[[int], Any]) -> list[Any]:
    """What the act yields, or raises, in each of several threads that begin together."""
    ready = Barrier(AT_ONCE)

    def one(number: int) -> Any:
        try:
            ready.wait(timeout=20)
            return act(number)
        except CannotReverse as refused:
            return refused
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=AT_ONCE) as threads:
        return list(threads.map(one, range(AT_ONCE)))


def post(actor: Actor, contract: Contract, at: datetime, key: str, amount: int = 10_000) -> Any:
    return post_receipt(
        actor=actor,
        idempotency_key=key,
        contract_id=contract.pk,
        paid_on=AS_OF,
        amount_minor=amount,
        channel="transfer",
        at=at,
    )


@committing
def test_the_same_key_at_the_same_time_is_one_posting(
    actor: Actor, contract: Contract, at: datetime
) -> None:
    cards = all_at_once(lambda number: post(actor, contract, at, "one key"))

    assert Posting.objects.count() == 1
    assert {card.payment_id for card in cards} == {Posting.objects.get().payment_id}


@committing
def test_a_receipt_is_taken_back_once(actor: Actor, contract: Contract, at: datetime) -> None:
    card = post(actor, contract, at, "one")

    done = all_at_once(
        lambda number: reverse_receipt(
            actor=actor, payment_id=card.payment_id, why=f"reason {number}", at=at
        )
    )

    assert Posting.objects.filter(reverses=card.payment_id).count() == 1
    assert sum(isinstance(one, CannotReverse) for one in done) == AT_ONCE - 1


@committing
def test_receipts_at_the_same_time_are_all_matched_with_the_promise(
    actor: Actor, contract: Contract, at: datetime
) -> None:
    made = record_promise(
        actor=actor,
        debtor_id=contract.debtor_id,
        contract_id=contract.pk,
        amount_minor=40_000,
        due_on=AS_OF + timedelta(days=3),
        channel="call",
        party="debtor",
        at=at,
    )

    all_at_once(lambda number: post(actor, contract, at, f"key {number}"))

    promise = Promise.objects.get(promise_id=made.promise_id)
    assert (promise.matched_minor, promise.status) == (40_000, "kept")
