"""Each hold is set and lifted on the person's page, says what it stops, and the gate obeys it."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from recoup.apps.contacts.facts import known_of
from recoup.apps.contacts.queries import may_contact
from recoup.apps.portfolio.models import Hold, Proof
from recoup.engine.book.contract import HOLDS
from recoup.web.house import strategy

ON = date(2026, 11, 20)
#: What a call to help meets while a hold is in force; None: it is permitted.
SERVICE = {
    "dispute": None,
    "complaint": None,
    "hardship": None,
    "vulnerable": None,
    "legal": None,
    "attorney": None,
    "deceased": "EX-HOLD-DECEASED",
    "bankruptcy": None,
    "do_not_contact": "EX-HOLD-DO-NOT-CONTACT",
    "plan_active": None,
}


@pytest.fixture(autouse=True)
def clock(monkeypatch, at):
    monkeypatch.setattr("recoup.site.presence.now", lambda: at)


@pytest.fixture
def desk(make_staff):
    """Somebody who sets and lifts holds."""
    client = Client()
    client.force_login(make_staff("supervisor"), "django.contrib.auth.backends.ModelBackend")
    client.cookies["django_language"] = "zh-hans"
    return client


def test_every_kind_is_told_of_here():
    assert set(SERVICE) == set(HOLDS) == set(strategy().holds)


@pytest.mark.parametrize("kind", HOLDS)
def test_a_hold_set_on_the_page_stops_the_call_and_lifted_lets_it(desk, person, kind, at):
    assert may_contact(debtor_id="D1", channel="call", at=at).allowed
    proof = SimpleUploadedFile("letter.txt", "来函".encode())

    page = desk.post(
        reverse("portfolio:add-hold", args=["D1"]), {"kind": kind, "why": "来函", "file": proof}
    ).content.decode()

    hold = Hold.objects.get()
    rule = strategy().holds[kind]
    assert (hold.kind, hold.set_at, hold.why) == (kind, at, "来函")
    assert hold.proof == Proof.objects.get()
    assert rule.id in page
    assert rule.sentence.zh in page
    assert reverse("portfolio:proof", args=[hold.proof_id]) in page
    refused = may_contact(debtor_id="D1", channel="call", at=at)
    assert rule.id in [one.rule for one in refused.reasons]
    service = may_contact(debtor_id="D1", channel="call", purpose="service", at=at)
    against = [one.rule for one in service.reasons]
    assert SERVICE[kind] in against if SERVICE[kind] else service.allowed, against

    page = desk.post(
        reverse("portfolio:lift-hold", args=[hold.pk]), {"why": "已核实", "file": ""}
    ).content.decode()

    hold.refresh_from_db()
    assert (hold.lifted_on, hold.lift_why, hold.lift_proof) == (ON, "已核实", None)
    assert "已核实" in page
    assert may_contact(debtor_id="D1", channel="call", at=at).allowed


def test_a_hold_of_an_attorney_is_a_fact_that_the_law_may_ask_for(desk, person, at):
    assert known_of(debtor_id="D1", at=at).facts.person.represented_by_attorney is False

    for kind in ("attorney", "deceased", "bankruptcy"):
        desk.post(reverse("portfolio:add-hold", args=["D1"]), {"kind": kind, "why": "来函"})

    person_known = known_of(debtor_id="D1", at=at).facts.person
    assert person_known.represented_by_attorney is True
    assert (person_known.deceased, person_known.bankrupt) == (True, True)


def test_a_proof_that_is_refused_sets_no_hold(desk, person):
    wrong = SimpleUploadedFile("x.exe", b"MZ\x00\x01\x02")

    answer = desk.post(
        reverse("portfolio:add-hold", args=["D1"]),
        {"kind": "dispute", "why": "来函", "file": wrong},
    )

    assert answer.status_code == 422
    assert not Hold.objects.exists()
