"""The bank's own caps, hours and holds beside the law: they only ever forbid more."""

from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path

import pytest
from tests.gate.facts import attempt, card, contact

from recoup.policy.bilingual import Bilingual
from recoup.policy.gate import check, gate_rules, limits_in_force
from recoup.policy.pack import load_pack
from recoup.policy.strategy_parts import CHANNELS, Cap, Hold, NumberSources, QuietHours

ROOT = Path(__file__).resolve().parents[2]


def says(text: str) -> Bilingual:
    return Bilingual(zh=f"{text}。", en=f"{text}.")


LETS_PASS = {
    "plan_active": ("notice", "service"),
    "deceased": ("restore_contact",),
    "do_not_contact": (),
}


def hold(kind: str, *, channels: tuple[str, ...] = CHANNELS, own: bool = False) -> Hold:
    return Hold(
        id=f"EX-HOLD-{kind}",
        kind=kind,
        blocks_channels=channels,
        blocks_treatments=(),
        own_channel_only=own,
        lets_pass=LETS_PASS.get(kind, ("service",)),
        stops_collection=kind in ("plan_active", "hardship"),
        sentence=says(kind),
    )


KINDS = ("complaint", "dispute", "hardship", "legal", "bankruptcy", "deceased", "plan_active")


@dataclass(frozen=True)
class Policy:
    id: str = "test"
    version: str = "1"
    caps: tuple[Cap, ...] = (
        Cap(id="EX-CAP-sms", channels=("sms", "im"), at_most=2, days=7, sentence=says("sms")),
    )
    quiet_hours: tuple[QuietHours, ...] = (
        QuietHours(
            id="EX-QUIET",
            channels=("visit",),
            begins=time(20),
            ends=time(9),
            sentence=says("quiet"),
        ),
    )
    number_sources: tuple[NumberSources, ...] = (
        NumberSources(
            id="EX-SOURCE",
            channels=("ai_call",),
            allowed=("contract", "debtor"),
            sentence=says("source"),
        ),
    )
    holds: dict[str, Hold] = field(
        default_factory=lambda: (
            {kind: hold(kind) for kind in KINDS}
            | {"do_not_contact": hold("do_not_contact", own=True)}
        )
    )


@pytest.fixture(scope="module")
def pack():
    return load_pack(ROOT / "packs" / "cn")


@pytest.fixture(scope="module")
def ask(pack):
    rules = gate_rules(pack=pack, strategy=Policy())
    return lambda facts: check(rules=rules, facts=facts)


def refused_by(answer) -> list[str]:
    return [reason["rule"] for reason in answer["refused_by"]]


def on_hold(kind: str, **changes) -> dict:
    return {"kind": kind, "from": "2026-03-01", "until": None, "contract_id": None} | changes


def test_a_cap_over_two_channels_counts_them_together_over_seven_days(ask):
    attempts = [
        attempt("2026-02-24T10:00:00+08:00", channel="sms"),
        attempt("2026-03-01T10:00:00+08:00", channel="im"),
    ]

    answer = ask(contact(channel="sms", attempts=attempts))

    assert refused_by(answer) == ["EX-CAP-sms"]
    assert answer["refused_by"][0]["origin"] == "strategy"
    assert answer["refused_by"][0]["source"] == "strategy test 1"
    assert answer["next_allowed_at"] == "2026-03-03T08:00:00+08:00"
    assert ask(contact(channel="sms", attempts=attempts[1:]))["allowed"]
    assert ask(contact(channel="call", attempts=attempts))["allowed"]


def test_contacts_to_someone_else_do_not_use_up_the_debtors_cap(ask):
    attempts = [
        attempt(f"2026-03-01T1{hour}:00:00+08:00", channel="sms", party="guarantor")
        for hour in range(2)
    ]

    assert ask(contact(channel="sms", attempts=attempts))["allowed"]
    assert not ask(contact(channel="sms", attempts=attempts, party="guarantor"))["allowed"]


def test_law_and_strategy_both_say_that_they_refuse(ask):
    answer = ask(contact(at="2026-03-02T22:00:00+08:00", channel="visit"))

    assert refused_by(answer) == ["CN-CON-01", "CN-CON-02", "EX-QUIET"]
    assert answer["next_allowed_at"] == "2026-03-03T09:00:00+08:00"


def test_the_bank_may_be_stricter_than_the_law(ask):
    evening = "2026-03-02T20:00:00+08:00"

    assert refused_by(ask(contact(at=evening, channel="visit"))) == ["EX-QUIET"]
    assert ask(contact(at=evening, channel="call"))["allowed"]


def test_the_bank_may_use_fewer_sources_of_numbers_than_the_law(ask):
    found = {"value": "13800000000", "source": "public", "valid": True}
    bought = found | {"source": "purchased"}

    robot = ask(contact(channel="ai_call", robot=True, number=found))

    assert refused_by(robot) == ["EX-SOURCE"]
    assert robot["refused_by"][0]["origin"] == "strategy"
    assert ask(contact(channel="call", number=found))["allowed"]
    both = ask(contact(channel="ai_call", robot=True, number=bought))
    assert refused_by(both) == ["CN-CON-13", "EX-SOURCE"]
    unknown = ask(contact(channel="ai_call", robot=True, number=found | {"source": None}))
    assert "EX-SOURCE" in refused_by(unknown)


@pytest.mark.parametrize("kind", ["complaint", "dispute", "hardship", "legal", "bankruptcy"])
def test_a_hold_stops_collection_and_notices_and_lets_service_pass(ask, kind):
    facts = contact(holds=[on_hold(kind)])

    assert refused_by(ask(facts)) == [f"EX-HOLD-{kind}"]
    assert refused_by(ask(facts | {"purpose": "notice"})) == [f"EX-HOLD-{kind}"]
    assert ask(facts | {"purpose": "service"})["allowed"]


def test_a_hold_that_has_ended_or_not_begun_stops_nothing(ask):
    ended = on_hold("complaint", **{"from": "2026-02-01", "until": "2026-03-02"})
    later = on_hold("complaint", **{"from": "2026-03-03"})

    assert ask(contact(holds=[ended, later]))["allowed"]


def test_a_hold_with_an_end_tells_when_contact_is_possible_again(ask):
    answer = ask(contact(holds=[on_hold("complaint", until="2026-03-16")]))

    assert answer["next_allowed_at"] == "2026-03-16T08:00:00+08:00"


def test_a_plan_lets_the_reminder_of_the_due_day_pass(ask):
    facts = contact(contracts=[card()], holds=[on_hold("plan_active")], channel="sms")

    assert refused_by(ask(facts)) == ["CN-CON-20", "EX-HOLD-plan_active"]
    assert ask(facts | {"purpose": "notice"})["allowed"]


def test_who_must_not_be_contacted_gets_no_notice_and_no_service_either(ask):
    facts = contact(holds=[on_hold("do_not_contact")])

    for purpose in ("collect", "notice", "service"):
        assert refused_by(ask(facts | {"purpose": purpose})) == ["EX-HOLD-do_not_contact"]


def test_a_hold_on_one_channel_leaves_the_others(ask):
    facts = contact(holds=[on_hold("do_not_contact", channel="sms")])

    assert ask(facts | {"channel": "call"})["allowed"]
    assert refused_by(ask(facts | {"channel": "sms"})) == ["EX-HOLD-do_not_contact"]


def test_a_debtor_who_asked_to_stop_is_not_reached_on_that_channel(ask):
    request = {
        "party": "debtor",
        "number": None,
        "channel": "sms",
        "at": "2026-01-01T10:00:00+08:00",
    }
    facts = contact(refusals=[request])

    assert refused_by(ask(facts | {"channel": "sms"})) == ["EX-HOLD-do_not_contact"]
    assert refused_by(ask(facts | {"channel": "sms", "purpose": "notice"})) == [
        "EX-HOLD-do_not_contact"
    ]
    assert ask(facts | {"channel": "call"})["allowed"]
    everything = contact(refusals=[request | {"channel": None}])
    assert not ask(everything | {"channel": "letter"})["allowed"]


def test_the_dead_are_not_written_to_and_their_contacts_may_be_asked(ask):
    dead = contact()["person"] | {"deceased_on": "2026-02-01"}
    heirs = contact(
        person=dead,
        party="listed_contact",
        purpose="restore_contact",
        reveals_debt=False,
        number={"value": "13700000000", "source": "contract", "valid": True},
    )

    for purpose in ("collect", "notice", "service", "restore_contact"):
        facts = contact(person=dead, purpose=purpose)
        assert refused_by(ask(facts)) == ["EX-HOLD-deceased"]
    assert ask(heirs)["allowed"]


def test_bankruptcy_stops_collection_without_a_hold(ask):
    bankrupt = contact()["person"] | {"bankrupt_on": "2026-02-01"}

    assert refused_by(ask(contact(person=bankrupt))) == ["EX-HOLD-bankruptcy"]


def test_missing_holds_or_refusals_refuse_by_the_banks_own_rules(ask):
    facts = contact()
    del facts["holds"], facts["refusals"]

    answer = ask(facts)

    assert "EX-HOLD-complaint" in refused_by(answer)
    assert "EX-HOLD-do_not_contact" in refused_by(answer)
    assert {"holds", "refusals"} <= {
        name for reason in answer["refused_by"] for name in reason["missing"]
    }


def test_limits_in_force_are_those_of_law_and_bank(pack):
    limits = limits_in_force(pack=pack, strategy=Policy(), on=date(2026, 11, 20))

    assert (limits.quiet_from, limits.quiet_until) == (time(22), time(8))
    assert limits.quiet_rule == "CN-CON-01"
    assert [one.rule for one in limits.quiet] == ["CN-CON-01", "CN-CON-02", "EX-QUIET"]
    caps = {cap.rule: cap for cap in limits.caps}
    assert set(caps) == {"CN-CON-03", "CN-CON-04", "CN-CON-05", "CN-CON-06", "EX-CAP-sms"}
    assert (caps["CN-CON-05"].counts, caps["CN-CON-05"].per) == ("unanswered", "number")
    assert (caps["CN-CON-05"].at_most, caps["CN-CON-05"].days) == (6, 1)
    assert caps["CN-CON-06"].channels == ("ai_call", "call")
    assert (caps["CN-CON-03"].interactive, caps["CN-CON-04"].interactive) == (False, True)


def test_quiet_hours_of_the_bank_for_every_channel_join_those_of_the_law(pack):
    evening = QuietHours(
        id="EX-EVENING", channels=CHANNELS, begins=time(21), ends=time(7), sentence=says("quiet")
    )

    limits = limits_in_force(
        pack=pack, strategy=Policy(quiet_hours=(evening,)), on=date(2026, 11, 20)
    )

    assert (limits.quiet_from, limits.quiet_until) == (time(21), time(8))


def test_limits_of_law_alone_on_days_of_older_law(pack):
    in_2025 = limits_in_force(pack=pack, strategy=None, on=date(2025, 6, 1))
    in_2024 = limits_in_force(pack=pack, strategy=None, on=date(2024, 8, 1))
    small_loan = limits_in_force(
        pack=pack, strategy=None, on=date(2026, 11, 20), institution="small_loan"
    )

    assert (in_2025.quiet_from, in_2025.quiet_until) == (time(22), time(8))
    assert [cap.rule for cap in in_2025.caps] == ["CN-CON-03", "CN-CON-04"]
    assert in_2024.quiet_from is None
    assert in_2024.caps == ()
    assert "CN-CON-05" not in {cap.rule for cap in small_loan.caps}
