"""Decision models: decisions that stand on each other, and one case through them."""

from collections.abc import Mapping
from dataclasses import dataclass

from recoup.tables import syntax
from recoup.tables.dmn_types import Shape
from recoup.tables.feel import evaluate
from recoup.tables.table import DecisionTable, feel_scope


class TooDeep(RuntimeError):
    """A decision whose functions call each other without end: ``zh`` and ``en`` say so."""

    def __init__(self, decision: str) -> None:
        self.zh = f"决策“{decision}”的函数层层调用，没有尽头"
        self.en = f'the functions of the decision "{decision}" call each other without end'
        super().__init__(f"{self.en} / {self.zh}")


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
    inputs: Mapping[str, Shape]

    @property
    def tables(self) -> Mapping[str, DecisionTable]:
        """Yield the decisions that are decision tables."""
        return {
            name: decision.body
            for name, decision in self.decisions.items()
            if isinstance(decision.body, DecisionTable)
        }

    def evaluate(self, *, decision: str, facts: Mapping[str, object]) -> object:
        """Yield the value of a decision, having computed all it stands on.

        Shape: an input not given is null; a decision that is given as a fact is not computed.
        Errors: KeyError for an unknown decision; TooDeep.
        """
        scope = feel_scope(facts)
        wanted = self._needed(decision)
        try:
            for name, known in {**self.knowledge, **self.decisions}.items():
                if name in wanted and (name not in scope or name == decision):
                    scope[name] = evaluate(known.body, scope)
        except RecursionError:
            raise TooDeep(decision) from None
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
