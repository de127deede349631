"""Statements of law: text to be read. Only whether one is in force can be asked."""

from collections.abc import Mapping

from recoup.policy.asking import RuleAsked


def statement_answer(asked: RuleAsked) -> Mapping[str, object]:
    """Yield whether the statement is in force on the day. Errors: NotInForce."""
    return {"in_force": asked.in_force().in_force(on=asked.on)}
