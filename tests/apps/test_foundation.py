"""The ground the rooms stand on: who may do what to whom, and the trail of every change."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from recoup.apps.compliance.chains import linked
from recoup.apps.compliance.models import AuditEntry
from recoup.apps.people.permissions import Actor, NotAllowed, require, sees
from recoup.events.bus import publish
from recoup.events.changes import Change
from recoup.kernel.chain import first_break


def test_a_collector_may_work_cases_and_not_configure_people(act_as: Callable[..., Actor]) -> None:
    collector = act_as("collector")

    require(collector, "work", "cases")
    with pytest.raises(NotAllowed, match="configure people"):
        require(collector, "configure", "people")


def test_an_auditor_reads_every_room_and_does_nothing_in_any(act_as: Callable[..., Actor]) -> None:
    auditor = act_as("auditor", scope=("bank", ""))

    verbs = {duty.split()[0] for duty in auditor.duties}
    assert verbs == {"view"}
    assert auditor.whole_bank


def test_a_debtor_of_another_team_is_out_of_scope(act_as: Callable[..., Actor]) -> None:
    collector = act_as("collector", team="T1")
    other = {"branch": "B9", "team": "T2", "collector_id": None, "products": ("credit_card",)}

    assert not sees(collector, **other)
    assert sees(collector, **{**other, "team": "T1"})
    assert sees(collector, **{**other, "collector_id": collector.staff_id})


def test_every_change_is_appended_to_a_chain_that_shows_tampering(at: datetime) -> None:
    for amount in (1, 2, 3):
        change = {"room": "portfolio", "record": "debtor", "record_id": "D1", "verb": "test"}
        publish(Change(at=at, actor_id=None, after={"amount": amount}, **change))

    entries = AuditEntry.objects.filter(chain="portfolio.debtor:D1").order_by("place")
    chain = [linked(entry) for entry in entries]
    tampered = replace(chain[1], content={**chain[1].content, "after": {"amount": 20}})
    assert [entry.place for entry in entries] == [1, 2, 3]
    assert first_break(chain) is None
    assert first_break([chain[0], tampered, chain[2]]) == 1
