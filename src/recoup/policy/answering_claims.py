"""Questions about the class of a claim: kinds ``classify``, ``transition`` and ``observation``."""

from collections.abc import Mapping
from datetime import date

from recoup.kernel.classification import is_npl
from recoup.kernel.deadlines import MONTHS
from recoup.kernel.observation import stretch
from recoup.policy.asking import RuleAsked
from recoup.policy.classify import classify_debtor, old_rule_before
from recoup.policy.rules import RuleVersion


def classify_answer(asked: RuleAsked) -> Mapping[str, object]:
    """Yield the class of one claim, or of all claims of a debtor, with the rules that bind.

    Shape: the facts of one claim, or ``claims`` (a list of them); ``outside``;
    ``reclassify_legacy_from``. One claim: ``asset_class``, ``npl``, ``rules``, ``unexamined``,
    ``old_rule``. Several: ``classes`` and ``rules_by_claim``.
    Errors: UnreadableCell; ValueMissing.
    """
    given = asked.facts.get("claims")
    outside = asked.facts.get("outside")
    moved = asked.facts.get("reclassify_legacy_from")
    claims = [one for one in given if isinstance(one, Mapping)] if isinstance(given, tuple) else []
    found = classify_debtor(
        pack=asked.pack,
        on=asked.on,
        claims=claims or [asked.facts],
        outside=outside if isinstance(outside, Mapping) else None,
        reclassify_legacy_from=moved if isinstance(moved, date) else None,
    )
    if claims:
        return {
            "classes": [one.asset_class for one in found],
            "rules_by_claim": [list(one.rules_binding) for one in found],
        }
    only = found[0]
    return {
        "asset_class": only.asset_class,
        "npl": is_npl(asset_class=only.asset_class),
        "rules": list(only.rules_binding),
        "unexamined": list(only.rules_unexamined),
        "old_rule": only.old_rule,
    }


def transition_answer(asked: RuleAsked) -> Mapping[str, object]:
    """Say whether business begun on the fact ``start_on`` may still be under the old rule."""
    asked.in_force()
    start_on = asked.facts.get("start_on")
    moved = asked.facts.get("reclassify_legacy_from")
    before = old_rule_before(
        pack=asked.pack,
        on=asked.on,
        reclassify_legacy_from=moved if isinstance(moved, date) else None,
    )
    if not isinstance(start_on, date):
        return {"old_rule_allowed": None}
    return {"old_rule_allowed": before is not None and start_on < before}


def observation_answer(asked: RuleAsked) -> Mapping[str, object]:
    """Yield when a stretch of good payment ends by the rule's months and periods, whichever later.

    Shape: facts ``begins_on``, ``due_days`` and ``missed_on`` (lists of days); ``reached`` says
    whether the day asked is not before the end. ``ends_on`` is None where the due days known do not
    reach it.
    """
    version = asked.in_force()
    begins_on = asked.facts.get("begins_on")
    if not isinstance(begins_on, date):
        return {"begins_on": None, "ends_on": None, "reached": None}
    found = stretch(
        begins_on=begins_on,
        due_days=_days(asked.facts.get("due_days")),
        missed_on=_days(asked.facts.get("missed_on")),
        months=_number(version, MONTHS),
        periods=_number(version, "periods"),
    )
    return {
        "begins_on": found.begins_on,
        "ends_on": found.ends_on,
        "reached": found.ends_on is not None and asked.on >= found.ends_on,
    }


def _number(version: RuleVersion, unit: str) -> int:
    for value in version.values.values():
        if value.unit == unit and isinstance(value.value, int):
            return value.value
    return 0


def _days(value: object) -> list[date]:
    return [day for day in value if isinstance(day, date)] if isinstance(value, tuple) else []
