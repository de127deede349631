"""Until when a record is kept, by all retention rules of a pack that apply to it."""

from collections.abc import Mapping
from datetime import date

from recoup.kernel.retention import Kept, keep_until
from recoup.policy.asking import RuleAsked
from recoup.policy.rules import Frozen, RuleVersion

NONE = "none"
OPEN = "open"


def retention_answer(asked: RuleAsked) -> Mapping[str, object]:
    """Yield until when a record is kept by a rule, or by all rules that it names.

    Shape: facts ``recorded_on`` (day), ``product``, ``institution``, and for each event that the
    rule names a day, ``none`` (there is no such matter) or ``open`` (it has not ended). Answers
    ``keep_until`` (the first day on which the record may be deleted, or null), ``may_delete`` and
    ``missing``.
    Errors: NotInForce.
    """
    recorded_on = asked.facts.get("recorded_on")
    if not isinstance(recorded_on, date):
        return {"keep_until": None, "may_delete": None, "missing": ["recorded_on"]}
    kept = _kept(asked, recorded_on)
    return {
        "keep_until": kept.until_on,
        "may_delete": kept.may_delete(on=asked.on),
        "missing": list(kept.missing),
    }


def _kept(asked: RuleAsked, recorded_on: date) -> Kept:
    version = asked.in_force()
    months: list[int] = []
    missing: list[str] = []
    for one in _versions(asked, version):
        lacking = _lacking(one, asked.facts)
        if lacking is None:
            continue
        missing += lacking
        kept = one.values.get("kept")
        if not lacking and kept is not None and isinstance(kept.value, int):
            months.append(kept.value)
    ended = {name: asked.facts.get(name) for name in _listed(version, "until_events")}
    missing += [name for name, fact in ended.items() if fact is None]
    return keep_until(
        recorded_on=recorded_on,
        months=months,
        ended_on=[fact for fact in ended.values() if isinstance(fact, date)],
        still_open=OPEN in ended.values(),
        missing=dict.fromkeys(missing),
    )


def _versions(asked: RuleAsked, version: RuleVersion) -> list[RuleVersion]:
    """The versions in force of the rules that a rule names; itself where it names none."""
    named = _listed(version, "rules")
    if not named:
        return [version]
    found = [asked.pack.rules[rule].version_on(on=asked.on) for rule in named]
    return [one for one in found if one is not None and one.enforced]


def _lacking(version: RuleVersion, facts: Mapping[str, Frozen]) -> list[str] | None:
    """The facts missing to know whether a rule applies; None where it does not apply."""
    lacking = []
    for values, fact in (("products", "product"), ("institutions", "institution")):
        codes = _listed(version, values)
        known = facts.get(fact)
        if codes and known is None:
            lacking.append(fact)
        elif codes and known not in codes:
            return None
    return lacking


def _listed(version: RuleVersion, name: str) -> tuple[str, ...]:
    value = version.values.get(name)
    if value is None or not isinstance(value.value, tuple):
        return ()
    return tuple(str(one) for one in value.value)
