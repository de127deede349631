"""The judgement itself: permits cannot be forged, refusals are whole, kinds fit other laws too."""

import copy
import dataclasses
from datetime import UTC, date, datetime, time, timedelta

import pytest

from recoup.kernel.contact_case import LAW, STRATEGY, RuleHead, Scope
from recoup.kernel.contact_facts import AgreedHours, Attempt, ContactFacts, Contract, Number, Person
from recoup.kernel.contact_known import Sentence
from recoup.kernel.contact_limits import Cap, QuietHours
from recoup.kernel.contact_people import Parties
from recoup.kernel.contact_rules import ContactRules, NotAPermit, Permit, Refusal, decide, local
from recoup.kernel.contact_states import StateStops


def head(rule_id: str, **changes) -> RuleHead:
    sentence = Sentence(zh=f"{rule_id}。", en=f"{rule_id}.")
    facts = {"id": rule_id, "origin": LAW, "source": "made up", "sentence": sentence}
    return RuleHead(**(facts | changes))


def night(**changes) -> QuietHours:
    facts = {
        "head": head("quiet"),
        "scope": Scope(),
        "begins": time(21),
        "ends": time(8),
        "agreement_lifts": False,
        "consent_lifts": False,
    }
    return QuietHours(**(facts | changes))


def rules(*more) -> ContactRules:
    return ContactRules(basis=("made up",), rules=(night(), *more))


def facts(**changes) -> ContactFacts:
    known = {
        "at": datetime(2026, 10, 12, 16, tzinfo=UTC),
        "person": Person(id="D1", time_zone="America/Denver"),
        "party": "debtor",
        "number": Number(value="3035550100"),
        "channel": "call",
        "purpose": "collect",
        "contracts": (Contract(contract_id="C1"),),
        "attempts": (),
    }
    return ContactFacts(**(known | changes))


def call(day: int, *, hour: int = 16, **changes) -> Attempt:
    known = {
        "at": datetime(2026, 10, day, hour, tzinfo=UTC),
        "channel": "call",
        "direction": "out",
        "party": "debtor",
        "contract_id": "C1",
        "connected": False,
    }
    return Attempt(**(known | changes))


def test_a_permit_is_bound_to_what_was_asked():
    permit = decide(facts=facts(), rules=rules())

    assert isinstance(permit, Permit)
    assert (permit.person, permit.party, permit.number) == ("D1", "debtor", "3035550100")
    assert (permit.channel, permit.purpose, permit.contracts) == ("call", "collect", ("C1",))
    assert permit.at == datetime(2026, 10, 12, 16, tzinfo=UTC)
    assert permit.looked_at == ("quiet",)


def test_nobody_else_makes_a_permit():
    permit = decide(facts=facts(), rules=rules())
    values = {field.name: getattr(permit, field.name) for field in dataclasses.fields(permit)}

    with pytest.raises(NotAPermit):
        Permit(**values, seal=object())
    with pytest.raises(TypeError):
        Permit(**values)
    with pytest.raises((TypeError, ValueError)):
        dataclasses.replace(permit, person="D2")
    with pytest.raises(dataclasses.FrozenInstanceError):
        permit.person = "D2"


def test_a_copy_of_a_permit_is_bound_to_the_same():
    permit = decide(facts=facts(), rules=rules())

    assert copy.copy(permit) == permit


def test_a_refusal_by_a_state_is_not_cured_by_time():
    person = Person(id="D1", time_zone="America/Denver", represented_by_attorney=True)
    attorney = StateStops(
        head=head("attorney"),
        scope=Scope(parties=frozenset({"debtor"})),
        state="represented_by_attorney",
    )

    refused = decide(facts=facts(person=person), rules=rules(attorney))

    assert isinstance(refused, Refusal)
    assert [reason.rule for reason in refused.reasons] == ["attorney"]
    assert refused.next_allowed_at is None


def test_one_rule_that_time_cures_and_one_that_it_does_not_give_no_next_instant():
    parties = Parties(
        head=head("parties"), scope=Scope(), allowed=frozenset({"guarantor"}), offer_lifts=False
    )

    refused = decide(facts=facts(at=datetime(2026, 10, 12, 4, tzinfo=UTC)), rules=rules(parties))

    assert isinstance(refused, Refusal)
    by_rule = {reason.rule: reason.next_allowed_at for reason in refused.reasons}
    assert by_rule == {"parties": None, "quiet": datetime(2026, 10, 12, 14, tzinfo=UTC)}
    assert refused.next_allowed_at is None


def seven_in_seven(**changes) -> Cap:
    known = {
        "head": head("7-in-7"),
        "scope": Scope(channels=frozenset({"call"})),
        "channels": frozenset({"call"}),
        "counts": "attempts",
        "per": "contract",
        "at_most": 7,
        "days": 7,
    }
    return Cap(**(known | changes))


def test_seven_calls_in_seven_days_close_the_debt_until_the_first_is_a_week_old():
    attempts = tuple(call(day) for day in range(5, 12))

    refused = decide(
        facts=facts(at=datetime(2026, 10, 11, 18, tzinfo=UTC), attempts=attempts),
        rules=rules(seven_in_seven()),
    )

    assert isinstance(refused, Refusal)
    # The day begins in Denver at 6:00 UTC and is quiet until 8:00 there.
    assert refused.next_allowed_at == datetime(2026, 10, 12, 14, tzinfo=UTC)


def test_seven_calls_on_one_day_leave_the_window_together():
    attempts = tuple(call(5, hour=15 + hour) for hour in range(7))

    on_sunday = decide(
        facts=facts(at=datetime(2026, 10, 11, 18, tzinfo=UTC), attempts=attempts),
        rules=rules(seven_in_seven()),
    )
    on_monday = decide(facts=facts(attempts=attempts), rules=rules(seven_in_seven()))

    assert isinstance(on_sunday, Refusal)
    assert isinstance(on_monday, Permit)


def test_calls_about_another_debt_are_counted_apart():
    attempts = tuple(call(11, hour=15 + hour, contract_id="C2") for hour in range(7))

    assert isinstance(decide(facts=facts(attempts=attempts), rules=rules(seven_in_seven())), Permit)


def test_a_conversation_whoever_called_closes_seven_days():
    after_talk = seven_in_seven(
        head=head("after-talk"), counts="effective", at_most=1, directions=frozenset({"out", "in"})
    )
    attempts = (call(6, direction="in", effective=True),)

    on_monday = decide(facts=facts(attempts=attempts), rules=rules(after_talk))
    on_tuesday = decide(
        facts=facts(at=datetime(2026, 10, 13, 16, tzinfo=UTC), attempts=attempts),
        rules=rules(after_talk),
    )

    assert isinstance(on_monday, Refusal)
    assert on_monday.next_allowed_at == datetime(2026, 10, 13, 14, tzinfo=UTC)
    assert isinstance(on_tuesday, Permit)


def test_the_next_instant_waits_for_the_law_of_that_day():
    # From 13 October on the quiet hours last until nine.
    until = date(2026, 10, 13)
    old = night(head=head("quiet", valid_until=until))
    new = night(head=head("quiet", valid_from=until), ends=time(9))
    found = decide(
        facts=facts(at=datetime(2026, 10, 13, 4, tzinfo=UTC)),
        rules=ContactRules(basis=("made up",), rules=(old, new)),
    )

    assert isinstance(found, Refusal)
    assert found.next_allowed_at == datetime(2026, 10, 13, 15, tzinfo=UTC)


def test_the_end_of_a_rule_lifts_what_it_forbids():
    # Law with quiet hours until eight ends at midnight; the next one has them until six.
    until = date(2026, 10, 13)
    old = night(head=head("quiet", valid_until=until))
    new = night(head=head("quiet", valid_from=until), ends=time(6))

    found = decide(
        facts=facts(at=datetime(2026, 10, 13, 4, tzinfo=UTC)),
        rules=ContactRules(basis=("made up",), rules=(old, new)),
    )

    assert isinstance(found, Refusal)
    assert found.next_allowed_at == datetime(2026, 10, 13, 12, tzinfo=UTC)


def test_only_agreed_hours_close_the_rest_of_the_day():
    from_agreement = night(agreement_lifts=True, only_agreed=True)
    agreed = read_agreed("18:00", "20:00")

    noon = decide(
        facts=facts(agreed_hours=agreed),
        rules=ContactRules(basis=("made up",), rules=(from_agreement,)),
    )

    assert isinstance(noon, Refusal)
    # Noon in Denver was asked for at 10:00; 18:00 there is midnight UTC.
    assert noon.next_allowed_at == datetime(2026, 10, 13, 0, tzinfo=UTC)


def read_agreed(begins: str, ends: str):
    return (AgreedHours(begins=time.fromisoformat(begins), ends=time.fromisoformat(ends)),)


def test_a_strategy_alone_does_not_break_the_silence_of_the_law():
    of_the_bank = night(head=head("bank", origin=STRATEGY))

    found = decide(facts=facts(), rules=ContactRules(basis=("made up",), rules=(of_the_bank,)))

    assert isinstance(found, Refusal)
    assert [reason.rule for reason in found.reasons] == ["pack:silent"]


def test_no_rules_at_all_refuse():
    found = decide(facts=facts(), rules=ContactRules(basis=("made up",), rules=()))

    assert isinstance(found, Refusal)
    assert [reason.rule for reason in found.reasons] == ["pack:silent"]


def test_a_scope_that_cannot_be_settled_refuses_only_where_the_rule_would():
    cards = Scope(products=frozenset({"credit_card"}))
    parties = Parties(
        head=head("cards"), scope=cards, allowed=frozenset({"debtor"}), offer_lifts=False
    )

    of_debtor = decide(facts=facts(), rules=rules(parties))
    of_other = decide(facts=facts(party="other"), rules=rules(parties))

    assert isinstance(of_debtor, Permit)
    assert isinstance(of_other, Refusal)
    assert of_other.reasons[0].missing == ("contracts[0].product",)


def test_an_attempt_at_an_unknown_instant_may_count():
    cap = seven_in_seven(at_most=1)

    found = decide(facts=facts(attempts=(call(5, at=None),)), rules=rules(cap))

    assert isinstance(found, Refusal)
    assert found.reasons[0].missing == ("attempts[0].at",)
    assert found.next_allowed_at is None


def test_attempts_after_the_instant_do_not_count():
    later = tuple(
        call(12, at=datetime(2026, 10, 12, 17, minute, tzinfo=UTC)) for minute in range(9)
    )

    assert isinstance(decide(facts=facts(attempts=later), rules=rules(seven_in_seven())), Permit)


def test_an_instant_is_shown_with_the_offset_of_the_persons_clock():
    shown = local(datetime(2026, 10, 12, 16, tzinfo=UTC), zone_name="America/Denver")

    assert shown.isoformat() == "2026-10-12T10:00:00-06:00"
    assert shown.utcoffset() == timedelta(hours=-6)
