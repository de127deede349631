"""Random histories against an independent, naive checker of quiet hours, caps, holds and days."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import given, seed, settings
from hypothesis import strategies as st

from recoup.kernel.contact_case import LAW, RuleHead, Scope
from recoup.kernel.contact_facts import (
    AgreedHours,
    Attempt,
    Consent,
    ContactFacts,
    Contract,
    Hold,
    Number,
    Person,
)
from recoup.kernel.contact_known import Sentence
from recoup.kernel.contact_limits import Cap, QuietHours
from recoup.kernel.contact_rules import ContactRules, Permit, Refusal, decide
from recoup.kernel.contact_states import HoldStops

VOICE = frozenset({"call", "ai_call"})
ALL_RULES = ("quiet", "connected", "unanswered", "week", "hold")
QUARTER = timedelta(minutes=15)
ZONES = ["Asia/Shanghai", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Beirut"]
# Days around which some of these zones change their clocks, and an ordinary one.
STARTS = [date(2026, 3, 6), date(2026, 3, 27), date(2026, 10, 23), date(2026, 4, 3)]


def head(name: str, **days: date) -> RuleHead:
    sentence = Sentence(zh=name, en=name)
    return RuleHead(id=name, origin=LAW, source="made up", sentence=sentence, **days)


def cap(name: str, *, counts: str, per: str, at_most: int, days: int) -> Cap:
    return Cap(
        head=head(name),
        scope=Scope(channels=VOICE),
        channels=VOICE,
        counts=counts,
        per=per,
        at_most=at_most,
        days=days,
    )


RULES = ContactRules(
    basis=("made up",),
    rules=(
        QuietHours(
            head=head("quiet"),
            scope=Scope(),
            begins=time(22),
            ends=time(8),
            agreement_lifts=True,
            consent_lifts=True,
        ),
        cap("connected", counts="connected", per="person", at_most=3, days=1),
        cap("unanswered", counts="unanswered", per="number", at_most=4, days=1),
        cap("week", counts="attempts", per="contract", at_most=6, days=7),
        HoldStops(head=head("hold"), scope=Scope(), kinds=frozenset({"complaint"})),
    ),
)


def naive_refusals(facts: ContactFacts, at: datetime) -> set[str]:
    """The same rules, told once more as plainly as possible."""
    zone = ZoneInfo(facts.person.time_zone)
    wall = at.astimezone(zone)
    refused = set()
    minute = wall.hour * 60 + wall.minute
    agreed = any(_inside(minute, one) for one in facts.agreed_hours)
    consent = any(one.channel == facts.channel and one.at <= facts.at for one in facts.consents)
    if not 480 <= minute < 1320 and not agreed and not consent:
        refused.add("quiet")
    past = [one for one in facts.attempts if one.at <= facts.at and one.direction == "out"]
    past = [one for one in past if one.channel != "sms"]
    ages = [(one, (wall.date() - one.at.astimezone(zone).date()).days) for one in past]
    today = [one for one, age in ages if age == 0]
    if facts.channel != "sms":
        if len([one for one in today if one.connected]) >= 3:
            refused.add("connected")
        same = [one for one in today if one.number == facts.number.value and not one.connected]
        if len(same) >= 4:
            refused.add("unanswered")
        if len([1 for one, age in ages if 0 <= age <= 6 and one.contract_id == "C1"]) >= 6:
            refused.add("week")
    for hold in facts.holds:
        if hold.from_on <= wall.date() and (hold.until_on is None or wall.date() < hold.until_on):
            refused.add("hold")
    return refused


def _inside(minute: int, hours: AgreedHours) -> bool:
    begins = hours.begins.hour * 60 + hours.begins.minute
    length = (hours.ends.hour * 60 + hours.ends.minute - begins) % 1440
    return (minute - begins) % 1440 < length


def history(chance: Random) -> ContactFacts:
    """A contact with its history, thrown by chance."""
    start = chance.choice(STARTS)
    midnight = datetime.combine(start, time(0), tzinfo=UTC)

    at = midnight + timedelta(days=2) + chance.randint(0, 96 * 4) * QUARTER
    reach = chance.choice([60 * 10, 60 * 24 * 4])

    def instant() -> datetime:
        return at - timedelta(minutes=chance.randint(-60, reach))

    def quarter() -> time:
        return time(chance.randint(0, 23), chance.choice([0, 15, 30, 45]))

    def attempt() -> Attempt:
        return Attempt(
            at=instant(),
            channel=chance.choice(["call", "ai_call", "call", "sms"]),
            direction=chance.choice(["out", "out", "out", "in"]),
            number=chance.choice(["13800000000", "13900000000"]),
            party="debtor",
            contract_id=chance.choice(["C1", "C1", "C2"]),
            connected=chance.random() < 0.5,
        )

    hours = [(quarter(), quarter()) for _ in range(chance.randint(0, 1))]
    first = start + timedelta(days=chance.randint(-2, 9))
    holds = [
        Hold(kind="complaint", from_on=first, until_on=first + timedelta(days=days))
        for days in chance.choices([0, 1, 2, 3])
        if days
    ]
    return ContactFacts(
        at=at,
        person=Person(id="D1", time_zone=chance.choice(ZONES)),
        party="debtor",
        number=Number(value="13800000000", source="contract"),
        channel=chance.choice(["call", "ai_call", "sms"]),
        purpose="collect",
        contracts=(Contract(contract_id="C1"),),
        agreed_hours=tuple(
            AgreedHours(begins=one, ends=other) for one, other in hours if one != other
        ),
        consents=tuple(
            Consent(channel="sms", at=instant(), all_contracts=True)
            for _ in range(chance.randint(0, 1))
        ),
        holds=tuple(holds),
        attempts=tuple(attempt() for _ in range(chance.randint(0, 16))),
    )


def assert_agrees(facts: ContactFacts) -> None:
    expected = naive_refusals(facts, facts.at)

    decided = decide(facts=facts, rules=RULES)

    if isinstance(decided, Permit):
        assert expected == set()
    else:
        assert {reason.rule for reason in decided.reasons} == expected


def test_the_gate_agrees_with_a_naive_checker_rule_by_rule():
    seen = Counter()

    for number in range(3_000):
        facts = history(Random(number))
        assert_agrees(facts)
        seen.update(naive_refusals(facts, facts.at) or {"allowed"})

    assert min(seen[rule] for rule in ("allowed", *ALL_RULES)) > 20, seen


@seed(20261120)
@settings(max_examples=60, deadline=None, database=None)
@given(st.randoms(use_true_random=False))
def test_the_gate_agrees_with_a_naive_checker_on_histories_that_can_shrink(chance):
    assert_agrees(history(chance))


def test_the_next_allowed_instant_is_the_first_that_the_naive_checker_allows():
    refused = 0

    for number in range(300):
        facts = history(Random(number))
        decided = decide(facts=facts, rules=RULES)
        if isinstance(decided, Refusal):
            refused += 1
            assert_first(facts, decided.next_allowed_at)

    assert refused > 100


def assert_first(facts: ContactFacts, first: datetime | None) -> None:
    assert first is not None
    assert first > facts.at
    assert naive_refusals(facts, first) == set()
    assert naive_refusals(facts, first - timedelta(minutes=1))
    at = facts.at
    while at < first:
        assert naive_refusals(facts, at), f"{at} would have done, before {first}"
        at += QUARTER
