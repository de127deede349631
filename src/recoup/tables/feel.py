"""The FEEL evaluator: the value of a syntax tree in a scope of names. Never ``eval``.

Nothing in here raises for bad data: an operation that has no answer gives null, as the standard
says. Names are looked up in the scope first, then among the built-in functions.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from recoup.tables import syntax
from recoup.tables.functions import BUILT_IN
from recoup.tables.properties import property_of
from recoup.tables.unary import both, either
from recoup.tables.values import (
    UNBOUNDED,
    Exactly,
    Function,
    Range,
    compare,
    computed,
    kind_of,
    negated,
    ordered,
    same,
    within,
)

Scope: TypeAlias = Mapping[str, object]
MOST_ITERATIONS = 1_000_000


def evaluate(node: syntax.Node, scope: Scope) -> object:
    """Yield the value of a tree; null where it has none."""
    return (
        _EVALUATORS[type(node)](node, scope) if type(node) in _EVALUATORS else _boxed(node, scope)
    )


def satisfied(tests: syntax.Tests, value: object, scope: Scope) -> bool | None:
    """Yield whether an input value satisfies a cell, in three-valued logic.

    A null value satisfies only ``-``, ``null`` and tests that ask for null themselves.
    """
    if not tests.tests:
        return True
    inner = {**scope, "?": value}
    found: bool | None = False
    for test in tests.tests:
        found = either(found, _cell_test(test, value, inner))
    if tests.negated:
        return None if found is None else not found
    return found


def call(function: object, arguments: list[object]) -> object:
    """Yield what a function value computes from arguments given by position."""
    if isinstance(function, Function):
        names = [parameter.name for parameter in function.parameters]
        if len(names) != len(arguments):
            return None
        return function.compute(dict(zip(names, arguments, strict=True)))
    return None


def _boxed(node: syntax.Node, scope: Scope) -> object:
    if isinstance(node, syntax.Boxed):
        return node.value(scope)
    raise TypeError(f"no evaluator for {type(node).__name__}")


def _literal(node: syntax.Literal, scope: Scope) -> object:
    return node.value


def _name(node: syntax.Name, scope: Scope) -> object:
    if node.name in scope:
        return scope[node.name]
    return BUILT_IN.get(node.name)


def _path(node: syntax.Path, scope: Scope) -> object:
    of = evaluate(node.of, scope)
    if isinstance(of, list):
        return [property_of(value=item, name=node.name) for item in of]
    return property_of(value=of, name=node.name)


def _filter(node: syntax.Filter, scope: Scope) -> object:
    of = evaluate(node.of, scope)
    items = of if isinstance(of, list) else [] if of is None else [of]
    if not _refers_to_item(node.condition):
        position = evaluate(node.condition, scope)
        if isinstance(position, Decimal):
            return _at_position(items, position)
    return [item for item in items if evaluate(node.condition, _item_scope(item, scope)) is True]


def _refers_to_item(node: syntax.Node) -> bool:
    return isinstance(node, syntax.Comparison | syntax.Logic | syntax.In | syntax.Between)


def _at_position(items: list[object], position: Decimal) -> object:
    if position != position.to_integral_value():
        return None
    index = int(position)
    if 1 <= index <= len(items):
        return items[index - 1]
    return items[index] if -len(items) <= index < 0 else None


def _item_scope(item: object, scope: Scope) -> Scope:
    if isinstance(item, Mapping):
        return {**scope, "item": item, **item}
    return {**scope, "item": item}


def _call(node: syntax.Call, scope: Scope) -> object:
    function = evaluate(node.function, scope)
    if isinstance(function, Function):
        return _user_call(function, node, scope)
    if callable(function):
        return _built_in_call(function, node, scope)
    return None


def _user_call(function: Function, node: syntax.Call, scope: Scope) -> object:
    names = [parameter.name for parameter in function.parameters]
    if node.arguments and node.arguments[0].name is not None:
        given = {str(one.name): evaluate(one.value, scope) for one in node.arguments}
        return function.compute(given) if set(given) == set(names) else None
    return call(function, [evaluate(one.value, scope) for one in node.arguments])


def _built_in_call(function: Callable[..., object], node: syntax.Call, scope: Scope) -> object:
    values = [(one.name, evaluate(one.value, scope)) for one in node.arguments]
    named = {name: value for name, value in values if name is not None}
    if named and len(named) != len(values):
        return None
    return function([value for _, value in values if not named], named, call)


def _negative(node: syntax.Negative, scope: Scope) -> object:
    return negated(evaluate(node.operand, scope))


def _arithmetic(node: syntax.Arithmetic, scope: Scope) -> object:
    return computed(evaluate(node.left, scope), node.operator, evaluate(node.right, scope))


def _comparison(node: syntax.Comparison, scope: Scope) -> object:
    return compare(evaluate(node.left, scope), node.operator, evaluate(node.right, scope))


def _logic(node: syntax.Logic, scope: Scope) -> object:
    left = _truth(evaluate(node.left, scope))
    if left is (node.operator == "or"):
        return left
    right = _truth(evaluate(node.right, scope))
    return either(left, right) if node.operator == "or" else both(left, right)


def _truth(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _between(node: syntax.Between, scope: Scope) -> object:
    value = evaluate(node.value, scope)
    low = ordered(value, ">=", evaluate(node.low, scope))
    high = ordered(value, "<=", evaluate(node.high, scope))
    return None if low is None or high is None else low and high


def _in(node: syntax.In, scope: Scope) -> object:
    value = evaluate(node.value, scope)
    inner = {**scope, "?": value}
    found: bool | None = False
    for test in node.tests:
        found = either(found, _member_test(test, value, inner))
    return found


def _member_test(test: syntax.Node, value: object, scope: Scope) -> bool | None:
    if isinstance(test, syntax.Against):
        return compare(value, test.operator, evaluate(test.operand, scope))
    return _matches(value, evaluate(test, scope))


def _cell_test(test: syntax.Node, value: object, scope: Scope) -> bool | None:
    """Yield one test of a cell; null compares with nothing but null."""
    if isinstance(test, syntax.Against):
        other = evaluate(test.operand, scope)
        if (value is None) != (other is None):
            return None
        return compare(value, test.operator, other)
    wanted = evaluate(test, scope)
    if isinstance(wanted, bool) and not isinstance(value, bool):
        return wanted if _asks_itself(test) else None
    if value is None and wanted is not None:
        return True if isinstance(wanted, list) and _any_matches(value, wanted) else None
    if isinstance(wanted, bool) and _asks_itself(test):
        return wanted
    return _matches(value, wanted)


def _asks_itself(test: syntax.Node) -> bool:
    """Yield whether a test is a condition of its own, such as ``? > 5``, not a value to equal."""
    return not isinstance(test, syntax.Literal | syntax.Name | syntax.Path)


def _matches(value: object, wanted: object) -> bool | None:
    if isinstance(wanted, Range):
        return within(value, wanted)
    if isinstance(wanted, Exactly):
        return compare(value, "!=" if wanted.negated else "=", wanted.value)
    if isinstance(wanted, list) and not isinstance(value, list):
        return _any_matches(value, wanted)
    equal = same(value, wanted)
    if isinstance(wanted, list) and equal is not True:
        return _any_matches(value, wanted)
    return equal


def _any_matches(value: object, wanted: list[object]) -> bool:
    """Yield whether a list holds a value, or a range in it does; another type is just another."""
    return any(
        (within(value, one) if isinstance(one, Range) else same(value, one)) is True
        for one in wanted
    )


def _instance(node: syntax.InstanceOf, scope: Scope) -> object:
    value = evaluate(node.value, scope)
    if value is None:
        return node.type_name.lower() == "null"
    name = node.type_name.split("<")[0]
    if name == "Any":
        return True
    return {"dateTime": "date and time"}.get(name, name) == kind_of(value)


def _if(node: syntax.If, scope: Scope) -> object:
    chosen = node.then if evaluate(node.condition, scope) is True else node.otherwise
    return evaluate(chosen, scope)


def _for(node: syntax.For, scope: Scope) -> object:
    results: list[object] = []
    asks_partial = _mentions(node.body, "partial")
    for inner in _combinations(node.iterations, scope):
        if inner is None or len(results) >= MOST_ITERATIONS:
            return None
        known = {**inner, "partial": list(results)} if asks_partial else inner
        results.append(evaluate(node.body, known))
    return results


def _mentions(node: object, name: str) -> bool:
    if isinstance(node, tuple):
        return any(_mentions(one, name) for one in node)
    if isinstance(node, syntax.Name):
        return node.name == name
    if not is_dataclass(node) or isinstance(node, syntax.Literal | syntax.Boxed):
        return False
    return any(_mentions(getattr(node, one.name), name) for one in fields(node))


def _quantified(node: syntax.Quantified, scope: Scope) -> object:
    some = node.quantifier == "some"
    found: bool | None = not some
    for inner in _combinations(node.iterations, scope):
        if inner is None:
            return None
        one = _truth(evaluate(node.condition, inner))
        found = either(found, one) if some else both(found, one)
    return found


def _combinations(iterations: tuple[syntax.Iteration, ...], scope: Scope) -> Iterator[Scope | None]:
    """Yield a scope per combination, the first name slowest; None when there is nothing to loop."""
    if not iterations:
        yield scope
        return
    items = _iterated(iterations[0], scope)
    if items is None:
        yield None
        return
    for item in items:
        yield from _combinations(iterations[1:], {**scope, iterations[0].name: item})


def _iterated(iteration: syntax.Iteration, scope: Scope) -> list[object] | None:
    start = evaluate(iteration.start, scope)
    if iteration.end is None:
        if isinstance(start, Range):
            return _steps(start.low, start.high)
        return start if isinstance(start, list) else None if start is None else [start]
    return _steps(start, evaluate(iteration.end, scope))


def _steps(start: object, end: object) -> list[object] | None:
    if not isinstance(start, Decimal) or not isinstance(end, Decimal):
        return None
    first, last = int(start), int(end)
    if abs(last - first) >= MOST_ITERATIONS:
        return None
    step = 1 if last >= first else -1
    return [Decimal(number) for number in range(first, last + step, step)]


def _function(node: syntax.FunctionDefinition, scope: Scope) -> object:
    return Function(node.parameters, lambda given: evaluate(node.body, {**scope, **given}))


def _list(node: syntax.ListOf, scope: Scope) -> object:
    return [evaluate(item, scope) for item in node.items]


def _context(node: syntax.ContextOf, scope: Scope) -> object:
    made: dict[str, object] = {}
    inner = dict(scope)
    for entry in node.entries:
        if entry.key in made:
            return None
        made[entry.key] = inner[entry.key] = evaluate(entry.value, inner)
    return made


def _interval(node: syntax.Interval, scope: Scope) -> object:
    low, high = evaluate(node.low, scope), evaluate(node.high, scope)
    return Range(low, node.low_closed, high, node.high_closed)


def _against(node: syntax.Against, scope: Scope) -> object:
    """Yield a test in brackets as a value: ``(< 10)`` is everything below ten."""
    value = evaluate(node.operand, scope)
    if node.operator in ("=", "!="):
        return Exactly(value, node.operator == "!=")
    closed = len(node.operator) == 2
    if node.operator[0] == "<":
        return Range(UNBOUNDED, False, value, closed)
    return Range(value, closed, UNBOUNDED, False)


_EVALUATORS: dict[type, Callable[[Any, Scope], object]] = {
    syntax.Literal: _literal,
    syntax.Name: _name,
    syntax.Path: _path,
    syntax.Filter: _filter,
    syntax.Call: _call,
    syntax.Negative: _negative,
    syntax.Arithmetic: _arithmetic,
    syntax.Comparison: _comparison,
    syntax.Logic: _logic,
    syntax.Between: _between,
    syntax.In: _in,
    syntax.InstanceOf: _instance,
    syntax.If: _if,
    syntax.For: _for,
    syntax.Quantified: _quantified,
    syntax.FunctionDefinition: _function,
    syntax.ListOf: _list,
    syntax.ContextOf: _context,
    syntax.Interval: _interval,
    syntax.Against: _against,
}
