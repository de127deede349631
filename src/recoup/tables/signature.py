"""How a built-in function of FEEL takes its arguments: by position, by name, or any number."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import DecimalException
from typing import Any, TypeAlias

Caller: TypeAlias = Callable[[object, list[object]], object]


@dataclass(frozen=True)
class Overload:
    """One form of a function: parameter names (a trailing ``?`` marks one that may be left out)
    and the Python function that gets their values in this order."""

    parameters: tuple[str, ...]
    compute: Callable[..., object]

    def placed(
        self, positional: Sequence[object], named: Mapping[str, object]
    ) -> list[object] | None:
        """Yield the argument values in order, or None where they do not fit this form."""
        names = [parameter.rstrip("?") for parameter in self.parameters]
        needed = [name for name in self.parameters if not name.endswith("?")]
        if named:
            if not set(named) <= set(names) or not set(needed) <= set(named):
                return None
            return [named.get(name) for name in names]
        if not len(needed) <= len(positional) <= len(names):
            return None
        return [*positional, *([None] * (len(names) - len(positional)))]


@dataclass(frozen=True)
class BuiltIn:
    """A built-in function: its forms, or ``spread`` for those that take any number of values."""

    forms: tuple[Overload, ...] = ()
    spread: Callable[[list[Any]], object] | None = None
    spread_name: str = "list"
    calls_back: bool = False

    def __call__(
        self, positional: Sequence[object], named: Mapping[str, object], caller: Caller
    ) -> object:
        """Yield the result; null for arguments that the function does not take."""
        try:
            return self._result(positional, named, caller)
        except (TypeError, ValueError, ArithmeticError, DecimalException, AttributeError):
            return None

    def _result(
        self, positional: Sequence[object], named: Mapping[str, object], caller: Caller
    ) -> object:
        if self.spread is not None:
            items = self._spread_items(positional, named)
            return None if items is None else self.spread(items)
        for form in self.forms:
            placed = form.placed(positional, named)
            if placed is not None:
                return form.compute(*placed, caller) if self.calls_back else form.compute(*placed)
        return None

    def _spread_items(
        self, positional: Sequence[object], named: Mapping[str, object]
    ) -> list[Any] | None:
        if named:
            given = named.get(self.spread_name)
            return given if isinstance(given, list) and len(named) == 1 else None
        if len(positional) == 1:
            only = positional[0]
            return only if isinstance(only, list) else [only]
        return list(positional) if positional else None


def takes(parameters: str, compute: Callable[..., object]) -> BuiltIn:
    """Yield a function of one form; parameter names are parted by commas."""
    return BuiltIn((_form(parameters, compute),))


def takes_either(*forms: tuple[str, Callable[..., object]]) -> BuiltIn:
    """Yield a function of several forms; the first that fits the arguments is used."""
    return BuiltIn(tuple(_form(parameters, compute) for parameters, compute in forms))


def takes_any(compute: Callable[[list[Any]], object], *, name: str = "list") -> BuiltIn:
    """Yield a function of one list or of any number of values."""
    return BuiltIn(spread=compute, spread_name=name)


def _form(parameters: str, compute: Callable[..., object]) -> Overload:
    names = tuple(name.strip() for name in parameters.split(",") if name.strip())
    return Overload(names, compute)


def text(value: object) -> str:
    """Yield the value if it is text; TypeError otherwise, which the call turns into null."""
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value
