"""How each kind of rule is evaluated: the registry, and the evaluator of thresholds.

An evaluator takes a question about one rule on one day and yields an answer: a mapping whose keys a
case may expect. The arithmetic itself lives in the kernel. To add a kind: name it in
``recoup.policy.kind_names`` and put its evaluator into EVALUATORS.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from recoup.policy.asking import RuleAsked
from recoup.policy.calendar_days import calendar_answer
from recoup.policy.gate import contact_answer
from recoup.policy.retention import retention_answer
from recoup.policy.thresholds import threshold_answer

Evaluator: TypeAlias = Callable[[RuleAsked], Mapping[str, object]]

EVALUATORS: Mapping[str, Evaluator] = MappingProxyType(
    {
        "threshold": threshold_answer,
        "calendar": calendar_answer,
        "contact": contact_answer,
        "retention": retention_answer,
    }
)
