"""The gate: pack and strategy bound to the kernel's judgement of one contact.

``check`` answers for one contact; ``limits_in_force`` gives the night the same limits as values, so
that the whole book can be counted in SQL.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from recoup.kernel.contact_case import LAW, ContactRule, RuleHead
from recoup.kernel.contact_clock import lies_in
from recoup.kernel.contact_facts import (
    CHANNELS,
    NUMBER_SOURCES,
    BadFacts,
    ContactFacts,
    read_facts,
)
from recoup.kernel.contact_limits import Cap, QuietHours
from recoup.kernel.contact_people import NumberSource
from recoup.kernel.contact_rules import (
    ContactRules,
    Permit,
    Reason,
    Refusal,
    Reminder,
    decide,
    local,
)
from recoup.policy.asking import RuleAsked
from recoup.policy.contact_clauses import contact_rules
from recoup.policy.contact_policy import ContactPolicy, strategy_rules
from recoup.policy.pack import Pack
from recoup.policy.rules import thawed


@dataclass(frozen=True, kw_only=True)
class CapInForce:
    """A cap as the night counts it, per person (or per number, or per contract).

    Shape: count the rows of ``channels`` and ``directions`` that reached the debtor (a row without
    a party may have), local days in [on - days + 1, on], with the outcome ``counts`` asks for
    (attempts: every row; unanswered / connected / effective: those that are, or may be). Once
    ``at_most`` is reached, ``blocks`` are the channels that are closed. ``interactive``: the cap
    closes only conversations (True), only one-way notices (False), or both (None).
    """

    rule: str
    origin: str
    source: str
    channels: tuple[str, ...]
    blocks: tuple[str, ...]
    directions: tuple[str, ...]
    counts: str
    per: str
    at_most: int
    days: int
    interactive: bool | None


@dataclass(frozen=True, kw_only=True)
class QuietInForce:
    """Local hours [begins, ends) in which one rule closes every channel named."""

    rule: str
    origin: str
    channels: tuple[str, ...]
    begins: time
    ends: time


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The limits of time and number on one day.

    ``quiet_from`` and ``quiet_until``: the hours in which every channel is closed, those that
    overlap taken together; hours of single channels stand in ``quiet``. None where the law as
    loaded says nothing of hours: then no contact is permitted at all. ``quiet_rule`` is the rule
    with the longest hours among them.
    """

    quiet_from: time | None
    quiet_until: time | None
    quiet_rule: str | None
    quiet: tuple[QuietInForce, ...]
    caps: tuple[CapInForce, ...]

    def opens_at(self, channel: str) -> time:
        """Yield the local hour at which a channel opens; midnight where no hours close it."""
        closed = [one for one in self.quiet if channel in one.channels]
        return _union(closed)[1] if closed else time(0)


def gate_rules(*, pack: Pack, strategy: ContactPolicy | None) -> ContactRules:
    """Yield every rule, of law and of bank policy, by which a contact is judged.

    Errors: UnreadableClause.
    """
    basis = [f"pack {pack.id} {pack.version}"]
    rules = list(contact_rules(pack=pack))
    if strategy is not None:
        basis.append(f"strategy {strategy.id} {strategy.version}")
        rules += strategy_rules(strategy=strategy)
    return ContactRules(basis=tuple(basis), rules=tuple(rules))


def check(*, rules: ContactRules, facts: object) -> dict[str, object]:
    """Yield the gate's answer for one contact, as JSON knows it.

    Shape: allowed, refused_by [{rule, source, sentence_zh, sentence_en, ...}], next_allowed_at (ISO
    8601 with the person's own offset, or null), then what else there is to know.
    Errors: BadFacts.
    """
    read = read_facts(facts)
    decided = decide(facts=read, rules=rules)
    answer: dict[str, object] = {
        "allowed": isinstance(decided, Permit),
        "refused_by": [],
        "next_allowed_at": None,
    }
    if isinstance(decided, Refusal):
        answer["refused_by"] = [_shown_reason(reason, read) for reason in decided.reasons]
        answer["next_allowed_at"] = _shown_instant(decided.next_allowed_at, read)
    else:
        answer["permit"] = _shown_permit(decided, read)
        answer["duties"] = [_shown_reminder(duty) for duty in decided.duties]
    answer["warnings"] = [_shown_reminder(warning) for warning in decided.warnings]
    answer["basis"] = list(decided.basis)
    answer["looked_at"] = list(decided.looked_at)
    return answer


def sources_refused(
    *, rules: ContactRules, on: date, institution: str | None
) -> Mapping[str, RuleHead]:
    """Yield the sources of numbers that may not be used on a day, each with a rule that says so.

    Shape: by the codes of the gate's facts. Rules for some places, loans or parties only do not
    count: such a number may be used elsewhere.
    """
    found: dict[str, RuleHead] = {}
    for rule in rules.in_force(on=on):
        scope = rule.scope
        narrow = (scope.places, scope.products, scope.parties, scope.purposes)
        if not isinstance(rule, NumberSource) or any(one is not None for one in narrow):
            continue
        if scope.institutions is not None and institution not in scope.institutions:
            continue
        for source in sorted(NUMBER_SOURCES - rule.allowed):
            found.setdefault(source, rule.head)
    return found


def limits_in_force(
    *, pack: Pack, strategy: ContactPolicy | None, on: date, institution: str | None = None
) -> Limits:
    """Yield the quiet hours and caps that bind collecting from a debtor on a day.

    ``institution`` None takes every rule, whichever institutions it is written for.
    """
    rules = gate_rules(pack=pack, strategy=strategy).in_force(on=on)
    concerned = [rule for rule in rules if _binds_collecting(rule, institution)]
    quiet = tuple(
        QuietInForce(
            rule=rule.head.id,
            origin=rule.head.origin,
            channels=_named(rule.scope.channels),
            begins=rule.begins,
            ends=rule.ends,
        )
        for rule in concerned
        if isinstance(rule, QuietHours)
    )
    spoken = tuple(one for one in quiet if one.origin == LAW)
    whole = tuple(one for one in quiet if one.channels == _named(None)) or spoken
    begins, ends = _union(whole) if spoken else (None, None)
    return Limits(
        quiet_from=begins,
        quiet_until=ends,
        quiet_rule=max(whole, key=_minutes).rule if spoken else None,
        quiet=quiet,
        caps=tuple(_cap_in_force(rule) for rule in concerned if isinstance(rule, Cap)),
    )


def contact_answer(asked: RuleAsked) -> Mapping[str, object]:
    """Yield what the law of the pack alone says of a contact, for the cases of the pack.

    Shape: allowed, refused_by (rule ids), next_allowed_at, looked_at, and ``refuses``: whether the
    rule asked about is among those that refuse.
    Errors: BadFacts, also where the contact is not on the day of the case.
    """
    facts = thawed(asked.facts)
    read = read_facts(facts)
    if read.at is not None and read.at.date() != asked.on:
        raise BadFacts(
            zh=f"案例的日期是 {asked.on}，而联系的时刻是 {read.at}。",
            en=f"The case is about {asked.on}, but the contact is at {read.at}.",
        )
    decided = decide(facts=read, rules=gate_rules(pack=asked.pack, strategy=None))
    reasons = decided.reasons if isinstance(decided, Refusal) else ()
    next_at = decided.next_allowed_at if isinstance(decided, Refusal) else None
    duties = decided.duties if isinstance(decided, Permit) else ()
    return {
        "allowed": isinstance(decided, Permit),
        "refused_by": [reason.rule for reason in reasons],
        "refuses": asked.rule.id in {reason.rule for reason in reasons},
        "in_force": asked.rule.id in decided.looked_at,
        "reminds": asked.rule.id in {duty.rule for duty in duties},
        "next_allowed_at": _shown_instant(next_at, read),
    }


def _binds_collecting(rule: ContactRule, institution: str | None) -> bool:
    scope = rule.scope
    named = (
        (scope.purposes, "collect"),
        (scope.parties, "debtor"),
        (scope.institutions, institution),
    )
    return all(codes is None or code is None or code in codes for codes, code in named)


def _named(channels: frozenset[str] | None) -> tuple[str, ...]:
    return tuple(sorted(CHANNELS if channels is None else channels))


def _cap_in_force(cap: Cap) -> CapInForce:
    return CapInForce(
        rule=cap.head.id,
        origin=cap.head.origin,
        source=cap.head.source,
        channels=_named(cap.channels),
        blocks=_named(cap.scope.channels),
        directions=tuple(sorted(cap.directions)),
        counts=cap.counts,
        per=cap.per,
        at_most=cap.at_most,
        days=cap.days,
        interactive=cap.scope.interactive,
    )


def _minute(hour: time) -> int:
    return hour.hour * 60 + hour.minute


def _minutes(quiet: QuietInForce) -> int:
    return (_minute(quiet.ends) - _minute(quiet.begins)) % (24 * 60)


def _union(quiet: Iterable[QuietInForce]) -> tuple[time, time]:
    """The hours closed by rules that overlap the longest one, taken together."""
    windows = sorted(quiet, key=_minutes, reverse=True)
    begins, ends = windows[0].begins, windows[0].ends
    for window in windows[1:]:
        if lies_in(window.begins, begins=begins, ends=ends) and not lies_in(
            window.ends, begins=begins, ends=ends
        ):
            ends = window.ends
        elif lies_in(window.ends, begins=begins, ends=ends) and not lies_in(
            window.begins, begins=begins, ends=ends
        ):
            begins = window.begins
    return begins, ends


def _shown_reason(reason: Reason, facts: ContactFacts) -> dict[str, object]:
    return {
        "rule": reason.rule,
        "source": reason.source,
        "sentence_zh": reason.sentence.zh,
        "sentence_en": reason.sentence.en,
        "origin": reason.origin,
        "missing": list(reason.missing),
        "next_allowed_at": _shown_instant(reason.next_allowed_at, facts),
    }


def _shown_reminder(reminder: Reminder) -> dict[str, object]:
    return {
        "rule": reminder.rule,
        "source": reminder.source,
        "sentence_zh": reminder.sentence.zh,
        "sentence_en": reminder.sentence.en,
    }


def _shown_permit(permit: Permit, facts: ContactFacts) -> dict[str, object]:
    return {
        "person": permit.person,
        "party": permit.party,
        "number": permit.number,
        "channel": permit.channel,
        "at": _shown_instant(permit.at, facts),
        "purpose": permit.purpose,
        "contracts": list(permit.contracts),
    }


def _shown_instant(instant: datetime | None, facts: ContactFacts) -> str | None:
    if instant is None or facts.person.time_zone is None:
        return None
    return local(instant, zone_name=facts.person.time_zone).isoformat()
