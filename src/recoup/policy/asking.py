"""The question that is put to the evaluator of a rule."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from recoup.policy.pack import NotInForce, Pack
from recoup.policy.rules import CitedValue, Frozen, Rule, RuleVersion


@dataclass(frozen=True, kw_only=True)
class RuleAsked:
    """A rule, a day, and the facts of the matter.

    ``version`` is the wording in force on the day, or None. A fact that is missing, or null, is
    unknown: it is never taken for zero, false or empty.
    """

    pack: Pack
    rule: Rule
    version: RuleVersion | None
    on: date
    facts: Mapping[str, Frozen]

    def in_force(self) -> RuleVersion:
        """Yield the version in force. Errors: NotInForce."""
        return self.pack.in_force(self.rule.id, on=self.on)

    def value(self, name: str) -> CitedValue:
        """Yield a value of this rule, in force on the day. Errors: NotInForce."""
        return self.pack.value(self.rule.id, name, on=self.on)


def ask_rule(*, pack: Pack, rule_id: str, on: date, facts: Mapping[str, Frozen]) -> RuleAsked:
    """Yield the question about a rule of the pack. Errors: NotInForce, for an unknown rule."""
    rule = pack.rules.get(rule_id)
    if rule is None:
        pack.in_force(rule_id, on=on)  # raises, with the sentence
        raise NotInForce(rule_id=rule_id, sentence=pack.name)
    return RuleAsked(pack=pack, rule=rule, version=rule.version_on(on=on), on=on, facts=facts)
