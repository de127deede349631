"""Acts take the person before the case, as the night and the day's decisions do.

Two that take them the other way round wait for each other, and the database gives one of them up:
a contact that somebody logged, or the whole night.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from time import monotonic, sleep
from typing import Any

import pytest
from django.db import connection, connections, transaction

from recoup.apps.arrangements.actions import record_promise, withdraw_promise
from recoup.apps.cases.actions import assign
from recoup.apps.cases.models import Case
from recoup.apps.contacts.actions import record_contact, withdraw_contact
from recoup.apps.people.models import Staff
from recoup.apps.people.permissions import Actor
from recoup.apps.portfolio.models import Contract, Debtor

WAITS_WITHIN = 20


def _contact(actor: Actor, loan: Contract, at: datetime) -> Any:
    told = {"debtor_id": loan.debtor_id, "channel": "call", "outcome": "no_answer"}
    return record_contact(actor=actor, at=at, **told).contact


def _prepared(kind: str, actor: Actor, loan: Contract, at: datetime) -> Callable[[], object]:
    """Yield an act of a kind upon the person of a loan, all that it needs made before."""
    if kind == "record_contact":
        return lambda: _contact(actor, loan, at)
    if kind == "withdraw_contact":
        made = _contact(actor, loan, at)
        return lambda: withdraw_contact(actor=actor, contact_id=made.contact_id, at=at)
    if kind == "withdraw_promise":
        promise = record_promise(
            actor=actor,
            debtor_id=loan.debtor_id,
            contract_id=loan.pk,
            amount_minor=100,
            due_on=at.date() + timedelta(days=2),
            channel="call",
            party="debtor",
            at=at,
        )
        return lambda: withdraw_promise(
            actor=actor, promise_id=promise.promise_id, why="a slip", version=1, at=at
        )
    taker = Staff.objects.exclude(pk=actor.staff_id).get()
    return lambda: assign(actor=actor, debtor_ids=[loan.debtor_id], staff_id=taker.pk, at=at)


def _until_somebody_waits() -> None:
    """Wait until another connection waits for a lock; SQLite lets one write at a time anyway."""
    until = monotonic() + WAITS_WITHIN
    while connection.vendor == "postgresql" and monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        sleep(0.02)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "kind", ["record_contact", "withdraw_contact", "withdraw_promise", "assign"]
)
def test_an_act_that_waits_for_the_person_does_not_hold_the_case(
    kind: str,
    published_bank: object,
    act_as: Callable[..., Actor],
    make_staff: Callable[..., Staff],
    at: datetime,
    settings: Any,
) -> None:
    settings.REDECIDE = "worker"
    actor = act_as("supervisor", scope=("bank", ""))
    make_staff("collector", scope=("bank", ""))
    worked = Case.objects.filter(queue=0)
    loan = Contract.objects.filter(debtor_id__in=worked.values("pk"), dpd__gt=0)[0]
    act = _prepared(kind, actor, loan, at)

    def alone() -> object:
        try:
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=1) as threads:
        with transaction.atomic():
            Debtor.objects.select_for_update().get(pk=loan.debtor_id)
            acting = threads.submit(alone)
            _until_somebody_waits()
            Case.objects.select_for_update(nowait=True).get(pk=loan.debtor_id)
        assert acting.result(timeout=WAITS_WITHIN) is not None
