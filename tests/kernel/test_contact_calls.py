"""Calls about one debt: each debt apart, consent, dead numbers, and what is not known."""

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from recoup.kernel.contact_calls import CallsPerDebt
from recoup.kernel.contact_case import LAW, RuleHead, Scope
from recoup.kernel.contact_facts import (
    Attempt,
    Consent,
    ContactFacts,
    Contract,
    Number,
    Person,
)
from recoup.kernel.contact_known import Sentence
from recoup.kernel.contact_limits import Cap, QuietHours
from recoup.kernel.contact_people import NumberSource
from recoup.kernel.contact_rules import ContactRules, Permit, Refusal, decide

VOICE = frozenset({"call", "ai_call"})


def head(name: str) -> RuleHead:
    return RuleHead(id=name, origin=LAW, source="made up", sentence=Sentence(zh=name, en=name))


SEVEN = CallsPerDebt(
    head=head("calls"),
    scope=Scope(channels=VOICE),
    at_most=7,
    days=7,
    days_from_conversation=7,
    days_of_consent=7,
)


def asked(*rules, **changes) -> Permit | Refusal:
    night = QuietHours(
        head=head("quiet"),
        scope=Scope(),
        begins=time(21),
        ends=time(8),
        agreement_lifts=False,
        consent_lifts=False,
    )
    known = {
        "at": datetime(2026, 10, 11, 18, tzinfo=UTC),
        "person": Person(id="D1", time_zone="America/Denver"),
        "party": "debtor",
        "number": Number(value="3035550100", source="contract"),
        "channel": "call",
        "purpose": "collect",
        "contracts": (Contract(contract_id="C1"),),
        "consents": (),
        "attempts": (),
    }
    facts = ContactFacts(**(known | changes))
    return decide(facts=facts, rules=ContactRules(basis=(), rules=(night, *(rules or (SEVEN,)))))


def call(day: int, *, hour: int = 16, **changes) -> Attempt:
    known = {
        "at": datetime(2026, 10, day, hour, tzinfo=UTC),
        "channel": "call",
        "direction": "out",
        "party": "debtor",
        "contract_id": "C1",
        "connected": False,
        "in_service": True,
    }
    return Attempt(**(known | changes))


WEEK = tuple(call(day) for day in range(5, 12))
CONSENT = Consent(channel="call", at=datetime(2026, 10, 8, 15, tzinfo=UTC), contract_id="C1")


def missing(answer: Permit | Refusal) -> tuple[str, ...]:
    assert isinstance(answer, Refusal)
    return tuple(name for reason in answer.reasons for name in reason.missing)


def test_consents_that_are_not_known_refuse_only_where_they_would_matter():
    assert missing(asked(attempts=WEEK, consents=None)) == ("consents",)
    assert isinstance(asked(attempts=WEEK[:6], consents=None), Permit)
    # Only a debtor's consent opens anything, so for a guarantor it need not be known.
    of_guarantor = tuple(call(day, party="guarantor") for day in range(5, 12))
    assert missing(asked(attempts=of_guarantor, party="guarantor", consents=None)) == ()


def test_a_call_before_the_consent_of_the_same_day_counts():
    two_days = replace(SEVEN, days_of_consent=2)
    before = tuple(call(8, hour=14) for _ in range(7))
    after = tuple(call(8, hour=15) for _ in range(7))

    assert isinstance(asked(two_days, attempts=before, consents=(CONSENT,)), Refusal)
    assert isinstance(asked(two_days, attempts=after, consents=(CONSENT,)), Permit)


def test_once_the_consent_is_over_only_calls_outside_it_count():
    consent = Consent(channel="call", at=datetime(2026, 10, 4, 15, tzinfo=UTC), all_contracts=True)
    on_the_11th = {"at": datetime(2026, 10, 11, 18, tzinfo=UTC), "consents": (consent,)}

    # The 4th to the 10th are the days of the consent; the 11th is not.
    assert isinstance(asked(attempts=WEEK, **on_the_11th), Permit)
    seven_today = tuple(call(11, hour=10 + hour) for hour in range(7))
    assert isinstance(asked(attempts=seven_today, **on_the_11th), Refusal)
    assert isinstance(asked(attempts=(call(10, effective=True),), **on_the_11th), Refusal)


def test_a_consent_of_another_channel_or_later_than_the_question_opens_nothing():
    robot = Consent(channel="ai_call", at=CONSENT.at, contract_id="C1")
    later = Consent(channel="call", at=datetime(2026, 10, 11, 18, 1, tzinfo=UTC), contract_id="C1")
    unnamed = Consent(channel="call", at=CONSENT.at)

    for consent in (robot, later, unnamed):
        assert isinstance(asked(attempts=WEEK, consents=(consent,)), Refusal)


def test_a_call_to_a_number_not_in_service_does_not_count():
    assert isinstance(asked(attempts=(*WEEK[:6], call(11, in_service=False))), Permit)
    assert isinstance(asked(attempts=(*WEEK[:6], call(11, in_service=None))), Refusal)


def test_a_conversation_that_is_not_known_to_be_none_may_be_one():
    answer = asked(attempts=(call(9, connected=True),))

    assert missing(answer) == ("attempts[0].effective",)
    # In Denver the 16th is the eighth day, and its quiet hours end at 14:00 UTC.
    assert answer.next_allowed_at == datetime(2026, 10, 16, 14, tzinfo=UTC)


@pytest.mark.parametrize("rule", [SEVEN, "cap"])
def test_each_debt_counts_apart_and_a_full_one_closes_a_call_about_both(rule):
    if rule == "cap":
        rule = Cap(
            head=head("calls"),
            scope=Scope(channels=VOICE),
            channels=VOICE,
            counts="attempts",
            per="contract",
            at_most=7,
            days=7,
        )
    both = (Contract(contract_id="C1"), Contract(contract_id="C2"))
    four_each = tuple(call(day, contract_id=name) for day in range(5, 9) for name in ("C1", "C2"))

    assert isinstance(asked(rule, contracts=both, attempts=four_each), Permit)
    refused = asked(rule, contracts=both, attempts=(*four_each, *WEEK))
    assert isinstance(refused, Refusal)
    only_other = asked(rule, contracts=(both[1],), attempts=(*four_each, *WEEK))
    assert isinstance(only_other, Permit)


def test_contracts_that_are_not_known_refuse():
    assert missing(asked(contracts=None)) == ("contracts",)
    assert missing(asked(contracts=(), attempts=WEEK)) == ("contracts",)


def test_a_rule_about_a_place_is_about_contacts_known_to_be_there():
    at_work = NumberSource(
        head=head("work"),
        scope=Scope(places=frozenset({"work"})),
        allowed=frozenset({"debtor"}),
    )

    assert isinstance(asked(at_work, place="work"), Refusal)
    assert isinstance(asked(at_work, place="home"), Permit)
    assert isinstance(asked(at_work, place=None), Permit)
    given = Number(value="3035550100", source="debtor")
    assert isinstance(asked(at_work, place="work", number=given), Permit)
