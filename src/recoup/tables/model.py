"""Decision models: decisions that stand on each other, and one case through them."""

from collections.abc import Mapping
from dataclasses import dataclass

from recoup.tables import syntax
from recoup.tables.feel import evaluate
from recoup.tables.table import DecisionTable, feel_scope


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision of a model: what it computes and what it stands on."""

    name: str
    body: syntax.Node
    requires: tuple[str, ...] = ()
    type_name: str | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Model:
    """A decision model: decisions by name, in an order in which each can be computed."""

    name: str
    decisions: Mapping[str, Decision]
    knowledge: Mapping[str, Decision]
    inputs: Mapping[str, str | None]

    @property
    def tables(self) -> Mapping[str, DecisionTable]:
        """Yield the decisions that are decision tables."""
        return {
            name: decision.body
            for name, decision in self.decisions.items()
            if isinstance(decision.body, DecisionTable)
        }

    def evaluate(self, *, decision: str, facts: Mapping[str, object]) -> object:
        """Yield the value of a decision and of all it stands on; KeyError for an unknown name."""
        scope = feel_scope(facts)
        wanted = self._needed(decision)
        for name, known in {**self.knowledge, **self.decisions}.items():
            if name in wanted:
                scope[name] = evaluate(known.body, scope)
        return scope[decision]

    def _needed(self, decision: str) -> frozenset[str]:
        every = {**self.knowledge, **self.decisions}
        waiting, found = [self.decisions[decision].name], set[str]()
        while waiting:
            name = waiting.pop()
            if name in every and name not in found:
                found.add(name)
                waiting.extend(every[name].requires)
        return frozenset(found)
