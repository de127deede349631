"""What the night says of contact, the gate says too: whom it blocks, by which rule, and until when.

Books are thrown by chance; every person of a night is asked about again at the gate, with the facts
that the book holds: a channel that the night leaves open is permitted at its next instant, and none
of the treatment's channels was permitted on a day before.
"""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest
from tests.book.books import Book, Row
from tests.engine.stories import AS_OF, Loan, book_of, debtor, decided

from recoup.kernel.contact_facts import read_facts
from recoup.kernel.contact_rules import Permit, decide
from recoup.policy.gate import gate_rules
from recoup.policy.pack import load_pack
from recoup.policy.strategy import Strategy, load_strategy

ROOT = Path(__file__).resolve().parents[2]
PERSONS = 240
ZONES = ("Asia/Shanghai", "Asia/Shanghai", "America/New_York", "Europe/Berlin", "Africa/Cairo")
CHANNELS = ("call", "ai_call", "sms", "email", "letter", "visit", "im")
KINDS = ("dispute", "complaint", "hardship", "legal", "bankruptcy", "do_not_contact", "plan_active")
# Treatments that ask for payment; the others serve, or make no contact.
COLLECTING = ("soft_message", "call", "senior_call", "visit", "demand_letter")


def a_book(seed: int) -> Book:
    chance = Random(seed)
    names = [f"D{number}" for number in range(PERSONS)]
    zones = {name: chance.choice(ZONES) for name in names}
    debtors = [
        debtor(
            name,
            "retail",
            time_zone=zones[name],
            email="one@example.com",
            **({"deceased_on": "2026-09-01"} if chance.random() < 0.04 else {}),
            **({"bankrupt_on": "2026-09-01"} if chance.random() < 0.04 else {}),
        )
        for name in names
    ]
    loans = [
        Loan(
            f"C{number}",
            name,
            chance.choice((5, 20, 45, 75, 100, 200)),
            chance.choice(("5000.00", "900000.00")),
        )
        for number, name in enumerate(names)
    ]
    holds = [_hold(chance, name) for name in names if chance.random() < 0.35]
    contacts: list[Row] = []
    for name in names:
        for _ in range(chance.choice((0, 0, 3, 9, 14))):
            contacts.append(_contact(chance, name, len(contacts), zones[name]))
    return book_of(debtors=debtors, loans=loans, holds=holds, contacts=contacts)


def _hold(chance: Random, name: str) -> Row:
    """A hold that stands, or has ended, both on the business date and on the day of contact."""
    begins = AS_OF - timedelta(chance.randrange(20))
    ends = AS_OF + timedelta(chance.choice((-5, -1, 0, 2, 3, 9, 30)))
    ends = max(ends, begins)
    return {
        "debtor_id": name,
        "kind": chance.choice(KINDS),
        "from": begins.isoformat(),
        "until": chance.choice((None, ends.isoformat())),
        "channel": chance.choice((None, None, "call", "sms")),
    }


def _contact(chance: Random, name: str, number: int, zone: str) -> Row:
    """A contact of the last weeks by the person's clock, some of them beside midnight."""
    day = AS_OF - timedelta(chance.choice((0, 1, 2, 3, 5, 6, 7, 8, 20)))
    second = chance.choice((0, 1, 86_399, *(chance.randrange(86_400) for _ in range(3))))
    local = datetime.combine(day, time(0), tzinfo=ZoneInfo(zone)) + timedelta(seconds=second)
    return {
        "contact_id": f"X{number}",
        "debtor_id": name,
        "at": local.isoformat(),
        "channel": chance.choice(("call", "call", "call", *CHANNELS)),
        "direction": chance.choice(("out", "out", "out", "out", "in")),
        "party": chance.choice(("debtor", "debtor", "debtor", None, "guarantor")),
        "outcome": chance.choice(("no_answer", "busy", "answered", None)),
    }


@pytest.fixture(scope="module", params=[1, 2, 3])
def night(request, tmp_path_factory) -> tuple[Book, list[dict[str, Any]], list[dict[str, Any]]]:
    book = a_book(request.param)
    folder = tmp_path_factory.mktemp("night")
    decisions = decided(book, folder)
    people = pq.read_table(folder / "out" / "people.parquet").to_pylist()
    return book, list(decisions.values()), people


@pytest.fixture(scope="module")
def strategy() -> Strategy:
    return load_strategy(ROOT / "strategies" / "example", pack=None)


@pytest.fixture(scope="module")
def refused(strategy):
    """Ask the gate: person, channel, instant -> the rules that refuse."""
    rules = gate_rules(pack=load_pack(ROOT / "packs" / "cn", with_cases=False), strategy=strategy)

    def ask(facts: dict[str, Any], channel: str, at: datetime) -> set[str]:
        asked = facts | {"channel": channel, "at": at.isoformat()}
        found = decide(facts=read_facts(asked), rules=rules)
        return set() if isinstance(found, Permit) else {one.rule for one in found.reasons}

    return ask


def facts_of(book: Book, name: str) -> dict[str, Any]:
    """What the book holds of a person, as the gate is told it."""
    person = next(one for one in book["debtors"] if one["debtor_id"] == name)
    loan = next(one for one in book["contracts"] if one["debtor_id"] == name)
    return {
        "person": {
            "id": name,
            "kind": person["kind"],
            "time_zone": person["time_zone"],
            "deceased_on": person["deceased_on"],
            "bankrupt_on": person["bankrupt_on"],
            "represented_by_attorney": False,
        },
        "party": "debtor",
        "number": {"value": "13800000000", "source": "contract", "valid": True},
        "interactive": True,
        "purpose": "collect",
        "reveals_debt": True,
        "contracts": [
            {
                "contract_id": loan["contract_id"],
                "product": loan["product"],
                "institution": "bank",
            }
        ],
        **{key: [] for key in ("agreed_hours", "consents", "refusals")},
        "holds": [
            {key: hold.get(key) for key in ("kind", "from", "until", "channel")}
            for hold in book["holds"]
            if hold["debtor_id"] == name
        ],
        "attempts": [
            {key: one[key] for key in ("at", "channel", "direction", "party") if one[key]}
            | {"connected": one["outcome"] == "answered", "effective": False}
            for one in book["contacts"]
            if one["debtor_id"] == name
        ],
    }


def opening(day: date, zone: str, hour: int = 8) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=ZoneInfo(zone)).astimezone(UTC)


def test_who_is_blocked_is_refused_on_every_channel_by_the_same_rules(night, refused, strategy):
    book, decisions, _ = night
    seen: Counter[str] = Counter()

    for row in decisions:
        if row["treatment"] not in COLLECTING:
            continue
        facts = facts_of(book, row["debtor_id"])
        zone = facts["person"]["time_zone"]
        at = opening(AS_OF + timedelta(1), zone, hour=10)
        channels = strategy.channel_order[row["treatment"]]
        by_channel = {channel: refused(facts, channel, at) for channel in channels}
        if row["channel"] is None:
            assert all(by_channel.values()), (row["debtor_id"], row["blocked_by"], by_channel)
            assert set(row["blocked_by"]) <= set().union(*by_channel.values())
            seen.update(row["blocked_by"])
        else:
            assert row["blocked_by"] == []
            assert by_channel[row["channel"]] == set(), (row["debtor_id"], row["channel"])
            before = channels[: channels.index(row["channel"])]
            assert all(by_channel[channel] for channel in before)
            seen["open"] += 1

    assert seen["open"] > 20
    assert len(seen) > 3, seen


def test_the_next_permitted_instant_is_the_gates(night, refused, strategy):
    book, _, people = night
    later = 0

    for row in people:
        if row["treatment"] not in COLLECTING:
            continue
        facts = facts_of(book, row["debtor_id"])
        zone = facts["person"]["time_zone"]
        channels = strategy.channel_order[row["treatment"]]
        first = row["next_permitted_at"]
        until = (first or opening(AS_OF + timedelta(40), zone)).astimezone(ZoneInfo(zone)).date()
        if first is not None:
            assert any(not refused(facts, channel, first) for channel in channels), row
        day = AS_OF + timedelta(1)
        while day < until:
            noon = opening(day, zone, hour=12)
            assert all(refused(facts, channel, noon) for channel in channels), (row, day)
            day += timedelta(1)
        later += until > AS_OF + timedelta(1)

    assert later > 10


def test_where_only_a_visit_is_left_the_next_instant_is_the_hour_of_visits(tmp_path, refused):
    """The bank calls at most seven times a week, and makes no visits before nine."""
    loan = Loan("C1", "D1", 150, "900000.00", product="consumer_loan")
    calls: list[Row] = [
        {
            "contact_id": f"X{number}",
            "debtor_id": "D1",
            "at": f"{AS_OF - timedelta(1)}T1{number}:00:00+08:00",
            "channel": "call",
            "direction": "out",
        }
        for number in range(8)
    ]
    person = debtor("D1", "retail", time_zone="Asia/Shanghai")
    book = book_of(debtors=[person], loans=[loan], contacts=calls)

    row = decided(book, tmp_path)["C1"]

    found = pq.read_table(tmp_path / "out" / "people.parquet").to_pylist()[0]
    assert (row["treatment"], row["channel"]) == ("visit", "visit")
    assert found["next_permitted_at"] == opening(AS_OF + timedelta(1), "Asia/Shanghai", hour=9)
