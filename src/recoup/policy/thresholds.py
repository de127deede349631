"""Thresholds: facts held against values by the comparator of each.

The answer is three-valued: true, false, or None where a fact is missing.
"""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from recoup.policy.asking import RuleAsked
from recoup.policy.bilingual import Bilingual
from recoup.policy.rules import CitedValue, Frozen

NUMBERS = (">", ">=", "<", "<=")


class NotComparable(ValueError):
    """A fact and a value of the law cannot be compared; ``sentence`` says why."""

    def __init__(self, *, sentence: Bilingual) -> None:
        super().__init__(f"{sentence.zh} / {sentence.en}")
        self.sentence = sentence


def threshold_answer(asked: RuleAsked) -> Mapping[str, object]:
    """Yield, for each value whose fact is asked about, whether it holds; and whether all do.

    Shape: facts by the name that each value compares (its ``fact``). ``holds`` is false when one
    value fails, None when none fails but a fact is missing, else true.
    Errors: NotInForce; NotComparable.
    """
    version = asked.in_force()
    answer: dict[str, object] = {}
    for name, value in version.values.items():
        answer[name] = compare(fact=asked.facts.get(value.fact), value=asked.value(name))
    answer["holds"] = _all_hold(tuple(answer.values()))
    return answer


def compare(*, fact: Frozen, value: CitedValue) -> bool | None:
    """Say whether a fact keeps to a value by its comparator; None when the fact is unknown.

    Numbers compare exactly, whether written as whole numbers or as decimal text.
    Errors: NotComparable, when the two are of different kinds.
    """
    if fact is None:
        return None
    if value.comparator in ("in", "not in"):
        if not isinstance(value.value, tuple):
            raise _not_comparable(fact, value)
        return (fact in value.value) == (value.comparator == "in")
    left, right = _pair(fact, value)
    if value.comparator == "=":
        return left == right
    if value.comparator == "!=":
        return left != right
    return _ordered(left, right, value.comparator)


def _ordered(left: Fraction | str, right: Fraction | str, comparator: str) -> bool:
    if isinstance(left, str) or isinstance(right, str):
        left, right = str(left), str(right)
    return {
        ">": left > right,  # type: ignore[operator]
        ">=": left >= right,  # type: ignore[operator]
        "<": left < right,  # type: ignore[operator]
        "<=": left <= right,  # type: ignore[operator]
    }[comparator]


def _pair(fact: Frozen, value: CitedValue) -> "tuple[Fraction | str, Fraction | str]":
    if isinstance(fact, date) and isinstance(value.value, date):
        return fact.isoformat(), value.value.isoformat()
    if isinstance(fact, bool) or isinstance(value.value, bool):
        if isinstance(fact, bool) and isinstance(value.value, bool):
            return str(fact), str(value.value)
        raise _not_comparable(fact, value)
    if value.unit in ("code", "text", "local_time"):
        return str(fact), str(value.value)
    try:
        return Fraction(str(fact)), Fraction(str(value.value))
    except ValueError:
        raise _not_comparable(fact, value) from None


def _not_comparable(fact: Frozen, value: CitedValue) -> NotComparable:
    return NotComparable(
        sentence=Bilingual(
            zh=f"规则“{value.rule_id}”的数值“{value.name}”（{value.unit}）不能与事实“{fact}”比较。",
            en=f"The value '{value.name}' ({value.unit}) of rule '{value.rule_id}' cannot be "
            f"compared with the fact '{fact}'.",
        )
    )


def _all_hold(parts: tuple[object, ...]) -> bool | None:
    if any(part is False for part in parts):
        return False
    return None if any(part is None for part in parts) else True
