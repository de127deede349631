"""The gate against the law told plainly: nothing forbidden passes, nothing permitted is refused.

Twenty thousand contacts by default; GATE_CONTACTS=1000000 (``make gate-million``) for the long run.
"""

import os
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.gate.chance import Throw
from tests.gate.plain_law import refused_in_china, refused_in_the_united_states

from recoup.kernel.contact_facts import BadFacts, read_facts
from recoup.kernel.contact_rules import ContactRules, Permit, Refusal, decide
from recoup.policy.gate import gate_rules
from recoup.policy.pack import load_pack

PACKS = Path(__file__).resolve().parents[2] / "packs"
CONTACTS = int(os.environ.get("GATE_CONTACTS", "20000"))
PLAIN = {"cn": refused_in_china, "us": refused_in_the_united_states}
CHINA = {
    *("CN-CON-01", "CN-CON-02", "CN-CON-03", "CN-CON-04", "CN-CON-05", "CN-CON-06", "CN-CON-09"),
    *("CN-CON-10", "CN-CON-11", "CN-CON-12", "CN-CON-13", "CN-CON-17", "CN-CON-20"),
}
UNITED_STATES = {
    *("US-REGF-01", "US-REGF-04", "US-REGF-05", "US-REGF-06", "US-REGF-07", "US-REGF-08"),
    *("US-REGF-11", "US-REGF-11-LOCATION", "US-REGF-17", "US-REGF-21"),
}
SEEN = {"cn": CHINA | {"pack:silent"}, "us": UNITED_STATES | {"pack:silent"}}


@pytest.fixture(scope="module")
def law() -> dict[str, ContactRules]:
    packs = {name: load_pack(PACKS / name, with_cases=False) for name in PLAIN}
    return {name: gate_rules(pack=pack, strategy=None) for name, pack in packs.items()}


def refused_by(facts: dict[str, Any], rules: ContactRules) -> set[str]:
    decided = decide(facts=read_facts(facts), rules=rules)
    return set() if isinstance(decided, Permit) else {one.rule for one in decided.reasons}


@pytest.mark.parametrize("pack", ["cn", "us"])
def test_every_rule_forbids_what_the_plain_law_forbids_and_nothing_else(pack, law):
    seen: Counter[str] = Counter()
    wrong = []

    for number in range(CONTACTS // 2):
        throw = Throw(pack, number)
        expected = PLAIN[pack](throw.facts, throw.at)
        found = refused_by(throw.facts, law[pack])
        seen.update(expected or {"allowed"})
        if found != expected:
            wrong.append((number, found ^ expected))

    assert wrong == []
    assert seen["allowed"] > CONTACTS // 40, seen
    assert set(seen) == SEEN[pack] | {"allowed"}


@pytest.mark.parametrize("pack", ["cn", "us"])
def test_the_next_instant_is_the_first_that_the_plain_law_permits(pack, law):
    timed, never = 0, 0

    for number in range(max(500, CONTACTS // 100)):
        throw = Throw(pack, number)
        decided = decide(facts=read_facts(throw.facts), rules=law[pack])
        if isinstance(decided, Permit):
            continue
        first = decided.next_allowed_at
        timed, never = (timed, never + 1) if first is None else (timed + 1, never)
        if first is not None:
            assert first > throw.at
            assert PLAIN[pack](throw.facts, first) == set(), f"{number} at {first}"
        for instant in _between(throw.at, first, Random(number)):
            assert PLAIN[pack](throw.facts, instant), f"{number} at {instant}, before {first}"

    assert timed > 50
    assert never > 50


def _between(at: datetime, first: datetime | None, chance: Random) -> list[datetime]:
    """The last second before, and some in between; without an end, some of the next three weeks."""
    if first is None:
        return [at + timedelta(seconds=chance.randrange(21 * 86_400)) for _ in range(12)]
    seconds = int((first - at).total_seconds())
    spread = [at + timedelta(seconds=chance.randrange(seconds)) for _ in range(12)]
    return [*spread, first - timedelta(seconds=1)]


@pytest.mark.parametrize("pack", ["cn", "us"])
def test_a_fact_that_is_missing_never_opens_what_the_whole_facts_close(pack, law):
    dropped: Counter[str] = Counter()

    for number in range(CONTACTS // 20):
        throw = Throw(pack, number)
        expected = PLAIN[pack](throw.facts, throw.at)
        name, poorer = _without_a_fact(throw.facts, Random(number))
        permitted = not refused_by(poorer, law[pack])
        dropped[name] += permitted
        assert not (permitted and expected), f"{number} without {name}"

    assert sum(dropped.values()) > 10


def _without_a_fact(facts: dict[str, Any], chance: Random) -> tuple[str, dict[str, Any]]:
    """The facts without one of them: at the top, of the person, or of one attempt."""
    top = ("agreed_hours", "consents", "refusals", "holds", "attempts", "contracts", "channel")
    top += ("interactive", "purpose", "party", "reveals_debt", "number")
    if facts["attempts"] and chance.random() < 0.6:
        place = chance.randrange(len(facts["attempts"]))
        name = chance.choice(sorted(facts["attempts"][place]))
        attempts = list(facts["attempts"])
        attempts[place] = {key: one for key, one in attempts[place].items() if key != name}
        return f"attempts.{name}", facts | {"attempts": attempts}
    if chance.random() < 0.3:
        name = chance.choice(("time_zone", "deceased_on", "represented_by_attorney"))
        person = {key: one for key, one in facts["person"].items() if key != name}
        return f"person.{name}", facts | {"person": person}
    name = chance.choice(top)
    return name, {key: one for key, one in facts.items() if key != name}


@pytest.mark.parametrize("second", ["2016-12-31T23:59:60Z", "2027-01-01T07:59:60+08:00"])
def test_a_leap_second_names_no_instant_and_is_refused_as_unreadable(second):
    facts = Throw("cn", 1).facts | {"at": second}

    with pytest.raises(BadFacts):
        read_facts(facts)


def test_the_seconds_beside_the_turn_of_the_year_belong_to_their_own_day(law):
    """Three conversations before midnight close the old year's last second, not the new year."""
    throw = Throw("cn", 1)
    talks = [
        {
            "at": f"2026-12-31T{hour}:00:00+08:00",
            "channel": "call",
            "direction": "out",
            "number": "13800000000",
            "party": "debtor",
            "contract_id": "C1",
            "connected": True,
            "effective": True,
            "in_service": True,
        }
        for hour in (10, 11, 12)
    ]
    person = throw.facts["person"] | {"time_zone": "Asia/Shanghai", "deceased_on": None}
    facts = throw.facts | {"attempts": talks, "person": person, "party": "debtor"}
    facts |= {"channel": "call", "interactive": True, "purpose": "collect", "refusals": []}
    facts |= {"agreed_hours": [{"from": "20:00", "until": "02:00"}], "holds": []}
    facts["number"] = {"value": "13800000000", "source": "contract", "valid": True}
    contract = {"contract_id": "C1", "product": "consumer_loan", "dpd": 12, "institution": "bank"}
    facts["contracts"] = [contract]

    last = decide(facts=read_facts(facts | {"at": "2026-12-31T23:59:59+08:00"}), rules=law["cn"])
    first = decide(facts=read_facts(facts | {"at": "2027-01-01T00:00:00+08:00"}), rules=law["cn"])

    assert isinstance(last, Refusal)
    assert last.next_allowed_at == datetime(2026, 12, 31, 16, tzinfo=UTC)
    assert isinstance(first, Permit)
