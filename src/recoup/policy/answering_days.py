"""Days that the law computes: kinds ``deadline`` and ``limitation``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from recoup.kernel.deadlines import UNITS, Deadline, deadline, end_of_period
from recoup.kernel.limitation import (
    INTERRUPTS,
    OPEN,
    REVIVES,
    SUSPENDS,
    Clock,
    ClockEvent,
    ClockRules,
    Effect,
    guarantee_state,
    limitation_clock,
)
from recoup.policy.asking import RuleAsked
from recoup.policy.bilingual import Bilingual
from recoup.policy.pack import NotInForce, Pack
from recoup.policy.rules import Value

LIMITATION = "limitation"
ALERT = "alert_before"
EFFECTS: Mapping[str, Effect] = {
    "interrupting": INTERRUPTS,
    "suspending": SUSPENDS,
    "reviving": REVIVES,
}


def deadline_answer(asked: RuleAsked) -> Mapping[str, object]:
    """Yield the last day of a period of the rule.

    Shape: fact ``from`` (a day, or a map of period to day: the earliest end counts), or ``before``
    for the last day to act so long before a day; ``period`` names the value where the rule has
    several. With ``asked_on``: ``reached`` (on or after the last day) and ``over`` (after it).
    ``moved`` is None where the calendar lacks the year. No ``from``: the period has not begun,
    ``due_on`` is None.
    Errors: NotInForce; NoSuchUnit; CalendarSilent for working days.
    """
    version = asked.in_force()
    periods = {
        name: value
        for name, value in version.values.items()
        if value.unit in UNITS and name != ALERT
    }
    starts = _starts(asked=asked, periods=periods)
    ends = {
        name: _end(asked=asked, value=periods[name], start=start)
        for name, start in starts.items()
        if name in periods
    }
    if not ends:
        return {"due_on": None, "missing": ["from" if periods else "period"]}
    first = min(ends.values(), key=lambda one: one.due_on)
    answer: dict[str, object] = {
        "due_on": first.due_on,
        "moved": first.moved,
        "by_period": {name: one.due_on for name, one in ends.items()},
    }
    return {**answer, **_measured(asked=asked, due_on=first.due_on)}


def _starts(*, asked: RuleAsked, periods: Mapping[str, Value]) -> dict[str, date]:
    given = asked.facts.get("from", asked.facts.get("before"))
    if isinstance(given, Mapping):
        return {name: day for name, day in given.items() if isinstance(day, date)}
    named = asked.facts.get("period")
    chosen = str(named) if named is not None else next(iter(periods), "")
    if not isinstance(given, date) or (named is None and len(periods) != 1):
        return {}
    return {chosen: given}


def _end(*, asked: RuleAsked, value: Value, start: date) -> Deadline:
    version = asked.in_force()
    count = value.value if isinstance(value.value, int) else 0
    if "before" in asked.facts:
        day = end_of_period(
            start=start, count=-count, unit=value.unit, calendar=asked.pack.calendar
        )
        return Deadline(due_on=day, corresponding_on=day, moved=False)
    return deadline(
        start=start,
        count=count,
        unit=value.unit,
        calendar=asked.pack.calendar,
        moves=_flag(version.values, "rolls"),
        counts_first_day=_flag(version.values, "counts_first_day"),
    )


def _measured(*, asked: RuleAsked, due_on: date) -> dict[str, object]:
    answer: dict[str, object] = {}
    alert = asked.in_force().values.get(ALERT)
    if alert is not None and isinstance(alert.value, int):
        answer["alert_on"] = end_of_period(start=due_on, count=-alert.value, unit=alert.unit)
    asked_on = asked.facts.get("asked_on")
    if isinstance(asked_on, date):
        answer |= {"reached": asked_on >= due_on, "over": asked_on > due_on}
    return answer


@dataclass(frozen=True, kw_only=True)
class LimitationLaw:
    """All limitation rules in force on a day: numbers by name, and what each event does."""

    pack_id: str
    on: date
    numbers: Mapping[str, int]
    codes: Mapping[str, str]
    rolls: bool
    effects: Mapping[str, Mapping[Effect, str]]

    def number(self, name: str) -> int:
        """Yield a number of the law. Errors: NotInForce."""
        if name not in self.numbers:
            raise self._silent(name)
        return self.numbers[name]

    def code(self, name: str) -> str:
        """Yield a code of the law. Errors: NotInForce."""
        if name not in self.codes:
            raise self._silent(name)
        return self.codes[name]

    def _silent(self, name: str) -> NotInForce:
        sentence = Bilingual(
            zh=f"法规包“{self.pack_id}”在 {self.on} 没有给出诉讼时效的数值“{name}”。",
            en=f"The pack '{self.pack_id}' gives no value '{name}' of limitation on {self.on}.",
        )
        return NotInForce(rule_id=LIMITATION, sentence=sentence)


def limitation_law(*, pack: Pack, on: date) -> LimitationLaw:
    """Yield the pack's rules of kind ``limitation`` in force on a day, gathered."""
    numbers: dict[str, int] = {}
    codes: dict[str, str] = {}
    effects: dict[str, dict[Effect, str]] = {}
    rolls = False
    for version in pack.rules_of(kind=LIMITATION, on=on):
        for name, value in version.values.items():
            if name in EFFECTS and isinstance(value.value, tuple):
                for event in value.value:
                    effects.setdefault(str(event), {}).setdefault(EFFECTS[name], version.rule_id)
            elif isinstance(value.value, bool):
                rolls = rolls or (name == "rolls" and value.value)
            elif isinstance(value.value, int):
                numbers[name] = value.value
            elif isinstance(value.value, str):
                codes[name] = value.value
    return LimitationLaw(
        pack_id=pack.id, on=on, numbers=numbers, codes=codes, rolls=rolls, effects=effects
    )


def limitation_answer(asked: RuleAsked) -> Mapping[str, object]:
    """Yield the clocks of a claim on the day asked: limitation, guarantee, mortgage.

    Shape: facts ``due_on`` (end of the last instalment's term), ``accelerated_on``, ``events``
    (list of ``{on, kind, until, ongoing}``; what a kind does stands in the pack), ``guarantee``
    (``{kind, agreed_until, demanded_on, sued_debtor_on, refusal_ended_on}``, days as lists).
    Errors: NotInForce; BeyondCalendar.
    """
    law = limitation_law(pack=asked.pack, on=asked.on)
    due_on = asked.facts.get("due_on")
    if not isinstance(due_on, date):
        return {"ends_on": None, "missing": ["due_on"]}
    accelerated = asked.facts.get("accelerated_on")
    starts_on = min(due_on, accelerated) if isinstance(accelerated, date) else due_on
    clock = limitation_clock(
        starts_on=starts_on,
        events=_events(facts=asked.facts, law=law),
        rules=ClockRules(
            years=law.number("period"),
            longest_years=law.number("longest"),
            suspension_window_months=law.number("suspension_window"),
            suspension_tail_months=law.number("suspension_tail"),
            rolls=law.rolls,
        ),
        calendar=asked.pack.calendar,
        as_of=asked.on,
    )
    return {
        **_clock_answer(clock=clock, law=law),
        **_guarantee_answer(asked=asked, due_on=due_on, law=law),
    }


def _events(*, facts: Mapping[str, object], law: LimitationLaw) -> list[ClockEvent]:
    found = []
    for event in _maps(facts.get("events")):
        on, kind, until = event.get("on"), str(event.get("kind")), event.get("until")
        if isinstance(on, date):
            found.append(
                ClockEvent(
                    on=on,
                    effects=frozenset(law.effects.get(kind, {})),
                    until=until if isinstance(until, date) else None,
                    lasts=event.get("ongoing") is True,
                    label=kind,
                )
            )
    return found


def _clock_answer(*, clock: Clock, law: LimitationLaw) -> dict[str, object]:
    steps = [step for step in clock.steps if step.what in (INTERRUPTS, SUSPENDS, REVIVES)]
    rules = [
        rule
        for step in steps
        for effect, rule in law.effects.get(step.label, {}).items()
        if effect == step.what
    ]
    return {
        "starts_on": clock.starts_on,
        "ends_on": clock.ends_on,
        "longest_on": clock.longest_on,
        "expired": clock.expired,
        "revived": clock.revived,
        "interrupted_on": next(
            (step.on for step in reversed(steps) if step.what == INTERRUPTS), None
        ),
        "suspended": any(step.what == SUSPENDS for step in steps),
        "mortgage_protected": not clock.expired,
        "rules": rules,
    }


def _guarantee_answer(*, asked: RuleAsked, due_on: date, law: LimitationLaw) -> dict[str, object]:
    facts = asked.facts.get("guarantee")
    if not isinstance(facts, Mapping):
        return {}
    agreed = facts.get("agreed_until")
    refusal = facts.get("refusal_ended_on")
    kind = facts.get("kind")
    found = guarantee_state(
        due_on=due_on,
        agreed_until=agreed if isinstance(agreed, date) else None,
        kind=str(kind) if kind is not None else law.code("guarantee_if_silent_kind"),
        months_if_silent=law.number("guarantee_if_silent"),
        demanded_on=_days(facts.get("demanded_on")),
        sued_debtor_on=_days(facts.get("sued_debtor_on")),
        refusal_ended_on=refusal if isinstance(refusal, date) else None,
        as_of=asked.on,
    )
    own_ends = None
    if found.own_clock_from is not None:
        own_ends = deadline(
            start=found.own_clock_from,
            count=law.number("period"),
            unit="years",
            calendar=asked.pack.calendar,
            moves=law.rolls,
        ).due_on
    return {
        "guarantee_ends_on": found.ends_on,
        "guarantor": found.state,
        "guarantor_open": found.state == OPEN,
        "guarantor_limitation_ends_on": own_ends,
    }


def _days(value: object) -> Sequence[date]:
    if isinstance(value, date):
        return [value]
    return [day for day in value if isinstance(day, date)] if isinstance(value, tuple) else []


def _maps(value: object) -> list[Mapping[str, object]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, tuple) else []


def _flag(values: Mapping[str, Value], name: str) -> bool:
    value = values.get(name)
    return value is not None and value.value is True
