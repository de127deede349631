"""How each kind of rule is evaluated: the registry, and the evaluator of thresholds.

An evaluator takes a question about one rule on one day and yields an answer: a mapping whose keys a
case may expect. The arithmetic itself lives in the kernel. To add a kind: name it in
``recoup.policy.kind_names`` and put its evaluator into EVALUATORS.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from recoup.policy.answering_claims import (
    classify_answer,
    observation_answer,
    transition_answer,
)
from recoup.policy.answering_days import deadline_answer, limitation_answer
from recoup.policy.answering_money import (
    bound_answer,
    brackets_answer,
    discharge_answer,
    interest_answer,
)
from recoup.policy.answering_rows import decision_answer, identifier_answer
from recoup.policy.asking import RuleAsked
from recoup.policy.calendar_days import calendar_answer
from recoup.policy.gate import contact_answer
from recoup.policy.retention import retention_answer
from recoup.policy.statements import statement_answer
from recoup.policy.thresholds import threshold_answer

Evaluator: TypeAlias = Callable[[RuleAsked], Mapping[str, object]]

EVALUATORS: Mapping[str, Evaluator] = MappingProxyType(
    {
        "statement": statement_answer,
        "threshold": threshold_answer,
        "transition": transition_answer,
        "bound": bound_answer,
        "brackets": brackets_answer,
        "calendar": calendar_answer,
        "classify": classify_answer,
        "contact": contact_answer,
        "deadline": deadline_answer,
        "decision": decision_answer,
        "discharge": discharge_answer,
        "identifier": identifier_answer,
        "interest": interest_answer,
        "limitation": limitation_answer,
        "observation": observation_answer,
        "retention": retention_answer,
    }
)
