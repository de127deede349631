"""The gate's log: every answer with its facts, judged again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from recoup.apps.contacts import gate_log
from recoup.apps.contacts.actions import Intended, ask_gate, record_contact
from recoup.apps.people.permissions import MACHINE

NIGHT = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)  # 22:30 in Shanghai
CALL = Intended(debtor_id="D1", channel="call")


@pytest.fixture
def desk(make_staff, at, monkeypatch):
    """A compliance officer at the desk, some hours later, reading English."""
    monkeypatch.setattr("recoup.site.presence.now", lambda: at + timedelta(hours=13))
    client = Client()
    client.force_login(
        make_staff("compliance_officer", scope=("bank", "")),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    client.cookies["django_language"] = "en"
    return client


def test_answers_are_listed_with_their_fate_and_rules(person, desk, at):
    used = ask_gate(actor=MACHINE, intended=CALL, at=at)
    record_contact(
        actor=MACHINE,
        debtor_id="D1",
        channel="call",
        outcome="no_answer",
        at=at,
        decision_id=used.pk,
    )
    ask_gate(actor=MACHINE, intended=CALL, at=NIGHT)

    page = desk.get(reverse("contacts:decisions")).content.decode()
    refused = desk.get(reverse("contacts:decisions"), {"permitted": "no"}).content.decode()

    assert "CN-CON-01" in page
    assert ">used<" in page
    assert ">used<" not in refused


@pytest.mark.parametrize("count", [3, 12])
def test_the_list_costs_the_same_however_many_answers_there_are(
    person, desk, count, django_assert_max_num_queries
):
    for _ in range(count):
        ask_gate(actor=MACHINE, intended=CALL, at=NIGHT)

    with django_assert_max_num_queries(13):
        desk.get(reverse("contacts:decisions"))


def test_one_answer_says_whether_todays_rules_agree_and_masks_the_number(person, desk):
    asked = ask_gate(actor=MACHINE, intended=CALL, at=NIGHT)

    page = desk.get(reverse("contacts:decision", args=[asked.pk])).content.decode()

    assert "the rules give the same answer" in page
    assert "13800000001" not in page


def test_an_answer_that_other_rules_would_not_give_is_told_so(person):
    asked = ask_gate(actor=MACHINE, intended=CALL, at=NIGHT)
    told = gate_log.one_answer(asked.pk, at=NIGHT)
    by_day = {**told.facts, "at": "2026-11-20T10:00:00+08:00"}

    assert gate_log.same_again(told)
    assert not gate_log.same_again(replace(told, facts=by_day))
