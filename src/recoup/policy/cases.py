"""Runs the cases of a pack: facts in, the answer of the rule's evaluator out, held to `expect`.

Every key that a case expects must be equal in the answer, in type and value: true is not 1, and
unknown (null) is not false. To each answer ``in_force`` and ``enforced`` are added.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from recoup.policy.asking import RuleAsked, ask_rule
from recoup.policy.findings import Finding, finding
from recoup.policy.kinds import EVALUATORS
from recoup.policy.pack import NotInForce, Pack
from recoup.policy.rules import Case, thawed

ABSENT = "(absent)"


@dataclass(frozen=True, kw_only=True)
class CaseResult:
    """What came of one case; it passed when there are no failures."""

    case: Case
    answer: Mapping[str, object]
    failures: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        return not self.failures


def run_cases(*, pack: Pack) -> tuple[CaseResult, ...]:
    """Yield the result of every case of the pack, in the order written."""
    return tuple(run_case(pack=pack, case=case) for case in pack.cases)


def run_case(*, pack: Pack, case: Case) -> CaseResult:
    """Yield the result of one case.

    An evaluator that cannot work with the facts fails its case; it does not stop the others.
    """
    asked = ask_rule(pack=pack, rule_id=case.rule, on=case.on, facts=case.facts)
    try:
        answer = answer_of(asked=asked, kind=case.ask)
    except (ValueError, LookupError, TypeError, ArithmeticError) as problem:
        fill = {"case": case.id, "problem": f"{type(problem).__name__}: {problem}"}
        stopped = finding("case_stopped", case.place, fill=fill)
        return CaseResult(case=case, answer={}, failures=(stopped,))
    failures = tuple(_differences(case=case, answer=answer))
    return CaseResult(case=case, answer=answer, failures=failures)


def answer_of(*, asked: RuleAsked, kind: str) -> Mapping[str, object]:
    """Yield what the evaluator of a kind answers; a rule not in force answers just that.

    Errors: KeyError for a kind without an evaluator; what the evaluator raises.
    """
    version = asked.version
    state: dict[str, object] = {
        "in_force": version is not None,
        "enforced": version is not None and version.enforced,
    }
    try:
        return {**state, **EVALUATORS[kind](asked)}
    except NotInForce as silent:
        said = silent.sentence
        return {**state, "in_force": False, "sentence_zh": said.zh, "sentence_en": said.en}


def _differences(*, case: Case, answer: Mapping[str, object]) -> Iterable[Finding]:
    for key, expected in case.expect.items():
        got = answer.get(key, ABSENT)
        if not same(thawed(expected), thawed(got)):
            fill = {"case": case.id, "key": key, "expected": shown(expected), "got": shown(got)}
            yield finding("case_failed", case.place, fill=fill)


def same(left: object, right: object) -> bool:
    """Say whether two plain values are equal, in type as well as in value."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, datetime) or isinstance(right, datetime):
        return type(left) is type(right) and left == right
    return left == right


def shown(value: object) -> str:
    """Yield a value as a case would write it."""
    plain = thawed(value)
    if plain is None:
        return "null"
    if isinstance(plain, bool):
        return "true" if plain else "false"
    if isinstance(plain, date):
        return plain.isoformat()
    if isinstance(plain, list):
        return "[" + ", ".join(shown(one) for one in plain) + "]"
    if isinstance(plain, dict):
        return "{" + ", ".join(f"{key}: {shown(one)}" for key, one in plain.items()) + "}"
    return str(plain)
