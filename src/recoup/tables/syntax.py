"""The syntax tree of FEEL, the expression language of DMN: what a text says."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant: Decimal, str, bool, None, or a date, time, instant or duration."""

    value: object


@dataclass(frozen=True, slots=True)
class Name:
    """A name in scope; ``?`` is the value of the input being tested."""

    name: str


@dataclass(frozen=True, slots=True)
class Path:
    """A component of a context, ``loan.rate``."""

    of: "Node"
    name: str


@dataclass(frozen=True, slots=True)
class Filter:
    """Elements of a list by condition or by position, ``list[condition]``."""

    of: "Node"
    condition: "Node"


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a call; ``name`` is None when given by position."""

    name: str | None
    value: "Node"


@dataclass(frozen=True, slots=True)
class Call:
    """A function called with arguments."""

    function: "Node"
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class Negative:
    """Arithmetic negation."""

    operand: "Node"


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``+ - * / **`` between two operands."""

    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Comparison:
    """``= != < <= > >=`` between two operands."""

    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Logic:
    """``and`` / ``or`` in three-valued logic."""

    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Between:
    """``value between low and high``, both ends included."""

    value: "Node"
    low: "Node"
    high: "Node"


@dataclass(frozen=True, slots=True)
class In:
    """``value in (tests)``: true when one of the tests holds for the value."""

    value: "Node"
    tests: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class InstanceOf:
    """``value instance of type``."""

    value: "Node"
    type_name: str


@dataclass(frozen=True, slots=True)
class If:
    """``if condition then one else other``; an unknown condition takes the other."""

    condition: "Node"
    then: "Node"
    otherwise: "Node"


@dataclass(frozen=True, slots=True)
class Iteration:
    """``name in list`` or ``name in start..end`` inside for, some and every."""

    name: str
    start: "Node"
    end: "Node | None"


@dataclass(frozen=True, slots=True)
class For:
    """``for ... return body``: the list of the bodies."""

    iterations: tuple[Iteration, ...]
    body: "Node"


@dataclass(frozen=True, slots=True)
class Quantified:
    """``some`` or ``every`` ``... satisfies condition``."""

    quantifier: str
    iterations: tuple[Iteration, ...]
    condition: "Node"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A formal parameter of a function, with its declared type."""

    name: str
    type_name: str | None = None


@dataclass(frozen=True, slots=True)
class FunctionDefinition:
    """``function(parameters) body``."""

    parameters: tuple[Parameter, ...]
    body: "Node"


@dataclass(frozen=True, slots=True)
class ListOf:
    """``[item, item]``."""

    items: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Entry:
    """One ``key: value`` of a context."""

    key: str
    value: "Node"


@dataclass(frozen=True, slots=True)
class ContextOf:
    """``{key: value, ...}``; a later entry sees the earlier ones."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Interval:
    """``[low..high]`` with each end open or closed."""

    low: "Node"
    low_closed: bool
    high: "Node"
    high_closed: bool


@dataclass(frozen=True, slots=True)
class Against:
    """``< operand``: a test of the input value against one operand."""

    operator: str
    operand: "Node"


@dataclass(frozen=True, slots=True)
class Tests:
    """A cell of a decision table: any of ``tests`` holds; none of them when ``negated``.

    No tests at all stands for ``-``, which every value satisfies, null included.
    """

    tests: "tuple[Node, ...]"
    negated: bool = False


class Boxed(ABC):
    """A boxed expression that computes its own value, such as a decision table."""

    @abstractmethod
    def value(self, scope: Mapping[str, object]) -> object:
        """Yield the value in a scope of names."""


Node: TypeAlias = (
    Boxed
    | Literal
    | Name
    | Path
    | Filter
    | Call
    | Negative
    | Arithmetic
    | Comparison
    | Logic
    | Between
    | In
    | InstanceOf
    | If
    | For
    | Quantified
    | FunctionDefinition
    | ListOf
    | ContextOf
    | Interval
    | Against
    | Tests
)
