"""The China pack at the gate, by law alone: example E of the research note, and the boundaries."""

import copy
from pathlib import Path
from typing import Any

import pytest
from tests.gate.facts import NUMBER, attempt, card, contact

from recoup.policy.gate import check, gate_rules
from recoup.policy.pack import load_pack

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def ask():
    rules = gate_rules(pack=load_pack(ROOT / "packs" / "cn"), strategy=None)
    return lambda facts: check(rules=rules, facts=facts)


def refused_by(answer: dict[str, Any]) -> list[str]:
    return [reason["rule"] for reason in answer["refused_by"]]


def connected(at: str, **changes: Any) -> dict[str, Any]:
    return attempt(at, connected=True, **changes)


MORNING = "2026-03-02T09:0{}:00+08:00"
NEXT_MORNING = "2026-03-03T08:00:00+08:00"


@pytest.mark.parametrize(
    ("hour", "allowed"),
    [("21:59", True), ("22:00", False), ("07:59", False), ("08:00", True), ("00:00", False)],
)
def test_quiet_hours_close_at_22_and_open_at_8(ask, hour, allowed):
    facts = contact(at=f"2026-03-02T{hour}:00+08:00")

    answer = ask(facts)

    assert answer["allowed"] is allowed
    assert refused_by(answer) == ([] if allowed else ["CN-CON-01", "CN-CON-02"])


def test_the_last_second_of_the_day_is_open_and_the_last_of_the_night_closed(ask):
    assert ask(contact(at="2026-03-02T21:59:59.999999+08:00"))["allowed"]
    assert not ask(contact(at="2026-03-02T07:59:59.999999+08:00"))["allowed"]


@pytest.mark.parametrize("channel", ["sms", "email", "visit", "letter", "im", "portal", "ai_call"])
def test_every_channel_keeps_the_quiet_hours(ask, channel):
    answer = ask(contact(at="2026-03-02T22:00:00+08:00", channel=channel))

    assert refused_by(answer) == ["CN-CON-01", "CN-CON-02"]
    assert answer["next_allowed_at"] == NEXT_MORNING


@pytest.mark.parametrize(
    ("hour", "allowed"), [("22:00", True), ("22:59", True), ("23:00", False), ("21:00", True)]
)
def test_agreed_hours_are_open_and_end_at_their_end(ask, hour, allowed):
    agreed = [{"from": "22:00", "until": "23:00"}]

    answer = ask(contact(at=f"2026-03-02T{hour}:00+08:00", agreed_hours=agreed))

    assert answer["allowed"] is allowed


def test_before_agreed_hours_in_the_night_the_next_instant_is_their_beginning(ask):
    agreed = [{"from": "23:00", "until": "23:30"}]

    answer = ask(contact(at="2026-03-02T22:10:00+08:00", agreed_hours=agreed))

    assert answer["next_allowed_at"] == "2026-03-02T23:00:00+08:00"


def test_a_consent_to_the_channel_opens_the_night_for_that_channel_only(ask):
    consents = [{"channel": "sms", "at": "2026-01-05T10:00:00+08:00", "contract_id": "C1"}]
    at = "2026-03-02T22:30:00+08:00"

    assert ask(contact(at=at, channel="sms", consents=consents))["allowed"]
    assert not ask(contact(at=at, channel="call", consents=consents))["allowed"]
    assert not ask(contact(at=at, channel="sms"))["allowed"]


def test_a_consent_for_one_contract_does_not_cover_another(ask):
    consents = [{"channel": "sms", "at": "2026-01-05T10:00:00+08:00", "contract_id": "C2"}]

    answer = ask(contact(at="2026-03-02T22:30:00+08:00", channel="sms", consents=consents))

    assert refused_by(answer) == ["CN-CON-01", "CN-CON-02"]


def test_a_guarantor_is_not_bound_by_the_hours_that_the_debtor_agreed_to(ask):
    agreed = [{"from": "22:00", "until": "23:00"}]

    answer = ask(contact(at="2026-03-02T22:30:00+08:00", party="guarantor", agreed_hours=agreed))

    assert refused_by(answer) == ["CN-CON-01", "CN-CON-02"]


def test_connected_calls_of_bank_and_agency_count_together(ask):
    attempts = [connected(MORNING.format(minute)) for minute in range(3)]

    interactive = ask(contact(attempts=attempts))
    one_way = ask(contact(attempts=attempts, interactive=False, channel="ai_call"))

    assert refused_by(interactive) == ["CN-CON-06"]
    assert refused_by(one_way) == ["CN-CON-03", "CN-CON-06"]
    assert interactive["next_allowed_at"] == NEXT_MORNING


def test_three_effective_conversations_close_the_day_and_a_call_from_the_debtor_does_not_count(ask):
    talk = {"connected": True, "effective": True}
    ours = [attempt(MORNING.format(minute), **talk) for minute in range(3)]
    theirs = [*ours[:2], attempt(MORNING.format(2), direction="in", **talk)]

    assert refused_by(ask(contact(attempts=ours))) == ["CN-CON-04", "CN-CON-06"]
    assert ask(contact(attempts=theirs))["allowed"]


def test_robot_calls_count_like_human_ones(ask):
    attempts = [connected(MORNING.format(minute), channel="ai_call") for minute in range(3)]

    assert refused_by(ask(contact(attempts=attempts))) == ["CN-CON-06"]


def test_voice_caps_leave_messages_alone(ask):
    attempts = [connected(MORNING.format(minute)) for minute in range(3)]

    assert ask(contact(channel="sms", attempts=attempts))["allowed"]


def test_six_unanswered_attempts_close_one_number_and_not_the_other(ask):
    attempts = [attempt(MORNING.format(minute)) for minute in range(6)]
    other = {"value": "13900000000", "source": "contract", "valid": True}

    same_number = ask(contact(attempts=attempts))
    other_number = ask(contact(attempts=attempts, number=other))
    one_less = ask(contact(attempts=attempts[:5]))

    assert refused_by(same_number) == ["CN-CON-05"]
    assert same_number["next_allowed_at"] == NEXT_MORNING
    assert other_number["allowed"]
    assert one_less["allowed"]


def test_a_number_counts_as_one_however_it_is_written(ask):
    ways = [NUMBER, "+86 138 0000 0000", "138-0000-0000", "+8613800000000", NUMBER, NUMBER]
    attempts = [attempt(MORNING.format(minute), number=way) for minute, way in enumerate(ways)]

    assert refused_by(ask(contact(attempts=attempts))) == ["CN-CON-05"]


def test_calls_of_yesterday_do_not_count_today(ask):
    attempts = [connected(f"2026-03-01T21:0{minute}:00+08:00") for minute in range(3)]

    assert ask(contact(attempts=attempts))["allowed"]


def test_the_day_of_a_call_is_the_day_where_the_debtor_is(ask):
    # 16:00 UTC is midnight in Shanghai: the first call belongs to Monday there, not to Sunday.
    calls = ["2026-03-01T16:00:00+00:00", "2026-03-02T00:30:00+00:00", "2026-03-02T01:00:00+00:00"]
    earlier = ["2026-03-01T15:59:59+00:00", *calls[1:]]

    assert refused_by(ask(contact(attempts=[connected(at) for at in calls]))) == ["CN-CON-06"]
    assert ask(contact(attempts=[connected(at) for at in earlier]))["allowed"]


def third(party: str, **changes: Any) -> dict[str, Any]:
    facts = {
        "party": party,
        "purpose": "restore_contact",
        "reveals_debt": False,
        "number": {"value": "13700000000", "source": "told_by_contact", "valid": True},
    }
    return contact(**(facts | changes))


@pytest.mark.parametrize("party", ["listed_contact", "other", "spouse_joint_debt"])
def test_three_failed_dials_open_a_third_person_from_the_next_day(ask, party):
    attempts = [attempt(MORNING.format(minute)) for minute in range(3)]

    today = ask(third(party, attempts=attempts))
    tomorrow = ask(third(party, attempts=attempts, at="2026-03-03T10:00:00+08:00"))
    naming_the_debt = ask(
        third(party, attempts=attempts, at="2026-03-03T10:00:00+08:00", reveals_debt=True)
    )

    assert not today["allowed"]
    assert "CN-CON-12" in refused_by(today)
    assert today["next_allowed_at"] == NEXT_MORNING
    assert tomorrow["allowed"]
    assert "CN-CON-12" in refused_by(naming_the_debt)


def test_two_failed_dials_open_nobody(ask):
    attempts = [attempt(MORNING.format(minute)) for minute in range(2)]

    answer = ask(third("listed_contact", attempts=attempts, at="2026-03-05T10:00:00+08:00"))

    assert refused_by(answer) == ["CN-CON-10", "CN-CON-12"]
    assert answer["next_allowed_at"] is None


def test_a_dial_that_was_answered_breaks_the_row(ask):
    attempts = [attempt(MORNING.format(minute)) for minute in range(3)]
    attempts.insert(2, connected("2026-03-02T09:01:30+08:00"))

    answer = ask(third("listed_contact", attempts=attempts, at="2026-03-05T10:00:00+08:00"))

    assert refused_by(answer) == ["CN-CON-10", "CN-CON-12"]


def test_a_call_from_the_debtor_ends_being_out_of_reach(ask):
    attempts = [attempt(MORNING.format(minute)) for minute in range(3)]
    attempts.append(attempt("2026-03-02T18:00:00+08:00", direction="in", connected=True))

    answer = ask(third("listed_contact", attempts=attempts, at="2026-03-03T10:00:00+08:00"))

    assert not answer["allowed"]


def test_an_attempt_of_unknown_instant_or_outcome_proves_no_failure(ask):
    tomorrow = "2026-03-03T10:00:00+08:00"
    failed = [attempt(MORNING.format(minute)) for minute in range(3)]
    undated = [*failed, connected(None)]
    undecided = [*failed[:2], attempt(MORNING.format(2), connected=None, effective=None)]

    for attempts, missing in ((undated, "attempts[3].at"), (undecided, "attempts[2].connected")):
        answer = ask(third("listed_contact", attempts=attempts, at=tomorrow))
        assert refused_by(answer) == ["CN-CON-10", "CN-CON-12"]
        assert answer["refused_by"][0]["missing"] == [missing]


def test_a_request_to_stop_holds_from_its_very_instant(ask):
    attempts = [attempt(MORNING.format(0), in_service=False)]
    request = {"party": "listed_contact", "number": None, "channel": None}
    now, later = "2026-03-02T10:00:00+08:00", "2026-03-02T10:00:01+08:00"

    at_once = third("listed_contact", attempts=attempts, refusals=[request | {"at": now}])
    not_yet = third("listed_contact", attempts=attempts, refusals=[request | {"at": later}])

    assert not ask(at_once)["allowed"]
    assert ask(not_yet)["allowed"]


def test_failures_on_three_days_in_a_row_open_at_once(ask):
    days = ["2026-02-28", "2026-03-01", "2026-03-02"]
    in_a_row = [attempt(f"{day}T09:00:00+08:00") for day in days]
    with_a_gap = [attempt(f"{day}T09:00:00+08:00") for day in ["2026-02-27", *days[1:]]]

    assert ask(third("listed_contact", attempts=in_a_row))["allowed"]
    refused = ask(third("listed_contact", attempts=with_a_gap))
    assert refused_by(refused) == ["CN-CON-10", "CN-CON-12"]
    assert refused["next_allowed_at"] == NEXT_MORNING


def test_a_dead_number_opens_at_once(ask):
    attempts = [attempt(MORNING.format(0), in_service=False)]

    assert ask(third("listed_contact", attempts=attempts))["allowed"]


def test_after_the_debtors_death_contacts_may_be_asked_for_heirs(ask):
    person = contact()["person"] | {"deceased_on": "2026-02-01"}

    assert ask(third("listed_contact", person=person))["allowed"]


@pytest.mark.parametrize("party", ["listed_contact", "other"])
def test_nobody_else_is_dunned_even_when_the_debtor_is_out_of_reach(ask, party):
    attempts = [attempt(MORNING.format(0), in_service=False)]

    answer = ask(third(party, attempts=attempts, purpose="collect"))

    assert refused_by(answer) == ["CN-CON-09", "CN-CON-10", "CN-CON-12"]
    assert answer["next_allowed_at"] is None


def test_who_offers_to_pay_may_be_told_what_is_necessary(ask):
    answer = ask(third("listed_contact", purpose="collect", reveals_debt=True, offers_to_pay=True))

    assert answer["allowed"]


def test_a_contact_who_said_stop_is_never_contacted_again(ask):
    attempts = [attempt(MORNING.format(0), in_service=False)]
    said = "2020-01-01T10:00:00+08:00"
    refusals = [{"party": "listed_contact", "number": "13700000000", "channel": "call", "at": said}]

    by_call = ask(third("listed_contact", attempts=attempts, refusals=refusals))
    by_sms = ask(third("listed_contact", attempts=attempts, refusals=refusals, channel="sms"))
    other_contact = [refusals[0] | {"number": "13600000000"}]
    another = ask(third("listed_contact", attempts=attempts, refusals=other_contact))

    assert refused_by(by_call) == ["CN-CON-10", "CN-CON-12"]
    assert refused_by(by_sms) == ["CN-CON-10", "CN-CON-12"]
    assert by_call["next_allowed_at"] is None
    assert another["allowed"]


def test_the_spouse_in_a_joint_debt_is_an_obligor_but_not_for_a_card(ask):
    assert ask(contact(party="spouse_joint_debt"))["allowed"]
    assert refused_by(ask(contact(party="spouse_joint_debt", contracts=[card()]))) == ["CN-CON-17"]


@pytest.mark.parametrize("source", ["purchased", "unknown"])
def test_numbers_from_unlawful_sources_are_not_used(ask, source):
    answer = ask(contact(number={"value": NUMBER, "source": source, "valid": True}))

    assert refused_by(answer) == ["CN-CON-13"]


def plan(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "plan_active",
        "from": "2026-02-01",
        "until": None,
        "contract_id": "C1",
    } | changes


@pytest.mark.parametrize("channel", ["call", "sms", "visit", "letter"])
def test_a_signed_card_plan_stops_collection_and_lets_reminders_pass(ask, channel):
    facts = contact(contracts=[card()], holds=[plan()], channel=channel)

    assert refused_by(ask(facts)) == ["CN-CON-20"]
    assert ask(facts | {"purpose": "notice"})["allowed"]
    assert ask(facts | {"purpose": "service"})["allowed"]


def test_a_plan_on_another_contract_or_already_ended_stops_nothing(ask):
    assert ask(contact(contracts=[card()], holds=[plan(contract_id="C2")]))["allowed"]
    assert ask(contact(contracts=[card()], holds=[plan(until="2026-03-02")]))["allowed"]
    assert ask(contact(holds=[plan()]))["allowed"]


def test_a_plan_that_ends_tells_when_collection_may_begin_again(ask):
    answer = ask(contact(contracts=[card()], holds=[plan(until="2026-03-10")]))

    assert answer["next_allowed_at"] == "2026-03-10T08:00:00+08:00"


def test_a_refusal_names_every_rule_at_once(ask):
    facts = third(
        "other",
        at="2026-03-02T23:30:00+08:00",
        purpose="collect",
        reveals_debt=True,
        contracts=[card()],
        holds=[plan()],
        number={"value": "13700000000", "source": "purchased", "valid": True},
        attempts=[connected(MORNING.format(minute), party="other") for minute in range(3)],
    )

    answer = ask(facts)

    assert refused_by(answer) == [
        "CN-CON-01",
        "CN-CON-02",
        "CN-CON-06",
        "CN-CON-09",
        "CN-CON-10",
        "CN-CON-11",
        "CN-CON-12",
        "CN-CON-13",
        "CN-CON-17",
        "CN-CON-20",
    ]
    for reason in answer["refused_by"]:
        assert reason["source"]
        assert reason["sentence_zh"]
        assert reason["sentence_en"]


def test_notices_pass_the_caps_but_not_the_night(ask):
    attempts = [connected(MORNING.format(minute)) for minute in range(3)]

    assert ask(contact(purpose="notice", attempts=attempts))["allowed"]
    assert not ask(contact(purpose="notice", at="2026-03-02T22:00:00+08:00"))["allowed"]


@pytest.mark.parametrize("at", ["2024-08-01T10:00:00+08:00", "2010-01-01T10:00:00+08:00"])
def test_where_the_pack_is_silent_no_contact_is_made(ask, at):
    answer = ask(contact(at=at))

    assert refused_by(answer) == ["pack:silent"]
    assert "没有载明" in answer["refused_by"][0]["sentence_zh"]


def test_history_applies_the_rules_of_its_day(ask):
    attempts = [attempt(f"2025-06-01T09:0{minute}:00+08:00") for minute in range(6)]

    before = ask(contact(at="2025-06-01T10:00:00+08:00", attempts=attempts, contracts=[card()]))

    assert before["allowed"]
    assert "CN-CON-41" in before["looked_at"]
    assert "CN-CON-02" not in before["looked_at"]


@pytest.mark.parametrize(
    ("missing", "rules"),
    [
        ("attempts", ["CN-CON-04", "CN-CON-05", "CN-CON-06"]),
        ("number", ["CN-CON-13"]),
        ("party", ["CN-CON-09", "facts:party"]),
        ("purpose", ["facts:purpose"]),
        ("channel", ["facts:channel"]),
    ],
)
def test_a_missing_fact_refuses_where_a_rule_needs_it(ask, missing, rules):
    facts = contact()
    del facts[missing]

    answer = ask(facts)

    assert set(rules) <= set(refused_by(answer))
    assert any(missing in reason["sentence_en"] for reason in answer["refused_by"])
    assert any(missing in reason["sentence_zh"] for reason in answer["refused_by"])


@pytest.mark.parametrize("missing", ["agreed_hours", "consents", "reveals_debt", "place", "robot"])
def test_a_missing_fact_that_no_rule_needs_by_day_refuses_nothing(ask, missing):
    facts = contact()
    del facts[missing]

    assert ask(facts)["allowed"]


def test_an_unknown_outcome_counts_as_long_as_it_may_matter(ask):
    two = [connected(MORNING.format(minute)) for minute in range(2)]
    unknown = attempt(MORNING.format(2))
    del unknown["connected"], unknown["effective"]

    answer = ask(contact(attempts=[*two, unknown]))
    harmless = ask(contact(attempts=[two[0], unknown]))

    assert refused_by(answer) == ["CN-CON-06"]
    assert answer["refused_by"][0]["missing"] == ["attempts[2].connected"]
    assert harmless["allowed"]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"at": "2026-03-02T10:00:00"}, "facts:at"),
        ({"at": None}, "facts:at"),
        ({"zone": "Mars/Olympus"}, "facts:person.time_zone"),
        ({"zone": ""}, "facts:person.time_zone"),
        ({"zone": "../etc/passwd"}, "facts:person.time_zone"),
        ({"zone": None}, "facts:person.time_zone"),
    ],
)
def test_an_instant_or_a_zone_in_doubt_refuses(ask, change, rule):
    facts = copy.deepcopy(contact())
    if "zone" in change:
        facts["person"]["time_zone"] = change["zone"]
    else:
        facts["at"] = change["at"]

    answer = ask(facts)

    assert refused_by(answer) == [rule]
    assert answer["next_allowed_at"] is None


def test_a_debtor_abroad_is_called_by_the_clock_there(ask):
    person = contact()["person"] | {"time_zone": "America/Denver"}

    # 10:00 in Shanghai is 19:00 of the day before in Denver; 13:00 is 22:00 there.
    evening = ask(contact(person=person))
    night = ask(contact(person=person, at="2026-03-02T13:00:00+08:00"))

    assert evening["allowed"]
    assert refused_by(night) == ["CN-CON-01", "CN-CON-02"]
    assert night["next_allowed_at"] == "2026-03-02T08:00:00-07:00"


def test_the_morning_after_the_clocks_change_is_counted_with_the_new_offset(ask):
    person = contact()["person"] | {"time_zone": "America/Denver"}

    # In the night to 2026-03-08 clocks in Denver go from 2:00 to 3:00.
    answer = ask(contact(person=person, at="2026-03-07T22:00:00-07:00"))

    assert answer["next_allowed_at"] == "2026-03-08T08:00:00-06:00"


def test_a_permit_reminds_of_the_duties_that_go_with_it(ask):
    answer = ask(contact(contracts=[card()]))

    duties = [duty["rule"] for duty in answer["duties"]]
    assert {"CN-CON-14", "CN-CON-15", "CN-CON-17", "CN-CON-37"} <= set(duties)
    assert answer["permit"]["number"] == NUMBER
