"""Built-in functions on lists and contexts."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cmp_to_key
from itertools import chain
from typing import Any

from recoup.tables.functions_number import number
from recoup.tables.signature import BuiltIn, Caller, Overload, takes, takes_any, takes_either, text
from recoup.tables.unary import both, either
from recoup.tables.values import DECIMAL_128, computed, ordered, same


def _items(value: object) -> list[object]:
    if value is None:
        raise TypeError("list expected")
    return value if isinstance(value, list) else [value]


def _extreme(items: list[object], sign: str) -> object:
    if not items:
        return None
    chosen = items[0]
    for item in items[1:]:
        before = ordered(item, sign, chosen)
        if before is None:
            return None
        if before:
            chosen = item
    return chosen if ordered(chosen, "<=", chosen) else None


def _total(items: list[object]) -> object:
    if not items:
        return None
    result = items[0]
    for item in items[1:]:
        result = computed(result, "+", item)
    return None if isinstance(result, str) else result


def _mean(items: list[object]) -> object:
    total = _total([number(item) for item in items])
    return computed(total, "/", Decimal(len(items)))


def _median(items: list[object]) -> object:
    if not items:
        return None
    line = sorted(number(item) for item in items)
    middle = len(line) // 2
    if len(line) % 2:
        return line[middle]
    return DECIMAL_128.divide(DECIMAL_128.add(line[middle - 1], line[middle]), Decimal(2))


def _deviation(items: list[object]) -> object:
    if len(items) < 2:
        return None
    mean = number(_mean(items))
    squares = Decimal(0)
    for item in items:
        away = DECIMAL_128.subtract(number(item), mean)
        squares = DECIMAL_128.add(squares, DECIMAL_128.multiply(away, away))
    return DECIMAL_128.sqrt(DECIMAL_128.divide(squares, Decimal(len(items) - 1)))


def _mode(items: list[object]) -> object:
    counts: dict[Decimal, int] = {}
    for item in items:
        counts[number(item)] = counts.get(number(item), 0) + 1
    most = max(counts.values(), default=0)
    return sorted(value for value, count in counts.items() if count == most)


def _product(items: list[object]) -> object:
    result = Decimal(1)
    for item in items:
        result = DECIMAL_128.multiply(result, number(item))
    return result if items else None


def _every(items: list[object]) -> object:
    answer: bool | None = True
    for item in items:
        answer = both(answer, item if isinstance(item, bool) else None)
    return answer


def _some(items: list[object]) -> object:
    answer: bool | None = False
    for item in items:
        answer = either(answer, item if isinstance(item, bool) else None)
    return answer


def _contains(items: object, element: object) -> bool:
    return any(same(item, element) is True for item in _items(items))


def _distinct(items: list[object]) -> list[object]:
    found: list[object] = []
    for item in items:
        if not _contains(found, item):
            found.append(item)
    return found


def _flat(items: object) -> list[object]:
    if not isinstance(items, list):
        return [items]
    return list(chain.from_iterable(_flat(item) for item in items))


def _sublist(items: object, start: object, length: object) -> list[object] | None:
    line = _items(items)
    begin = int(number(start))
    index = begin - 1 if begin > 0 else len(line) + begin
    if begin == 0 or not 0 <= index < len(line):
        return None
    if length is None:
        return line[index:]
    count = int(number(length))
    return line[index : index + count] if 1 <= count <= len(line) - index else None


def _place(items: list[object], position: object, *, end: int) -> int:
    place = int(number(position))
    index = place - 1 if place > 0 else len(items) + place
    if place == 0 or not 0 <= index < end:
        raise ValueError("no such position")
    return index


def _inserted(items: object, position: object, item: object) -> list[object]:
    line = list(_items(items))
    line.insert(_place(line, position, end=len(line) + 1), item)
    return line


def _removed(items: object, position: object) -> list[object]:
    line = list(_items(items))
    del line[_place(line, position, end=len(line))]
    return line


def _positions(items: object, wanted: object) -> list[Decimal]:
    found = enumerate(_items(items), start=1)
    return [Decimal(index) for index, item in found if same(item, wanted) is True]


def _sorted(items: object, precedes: object, caller: Caller) -> object:
    def order(left: object, right: object) -> int:
        if precedes is None:
            return -1 if ordered(left, "<", right) else int(bool(ordered(left, ">", right)))
        if caller(precedes, [left, right]) is True:
            return -1
        return int(caller(precedes, [right, left]) is True)

    return sorted(_items(items), key=cmp_to_key(order))


def _get(context: object, key: object) -> object:
    if not isinstance(context, Mapping):
        return None
    if isinstance(key, list):
        for part in key:
            context = _get(context, part)
        return context
    return context.get(text(key))


def _entries(context: object) -> object:
    if not isinstance(context, Mapping):
        return None
    return [{"key": key, "value": value} for key, value in context.items()]


def _put(context: object, key: object, value: object) -> object:
    if not isinstance(context, Mapping):
        return None
    if isinstance(key, list):
        if not key:
            return None
        inner = value if len(key) == 1 else _put(context.get(text(key[0]), {}), key[1:], value)
        return {**context, text(key[0]): inner}
    return {**context, text(key): value}


def _merged(contexts: list[object]) -> object:
    merged: dict[str, object] = {}
    for context in contexts:
        if not isinstance(context, Mapping):
            return None
        merged.update(context)
    return merged


def _made(entries: object) -> object:
    made: dict[str, object] = {}
    for entry in _items(entries):
        if not isinstance(entry, Mapping) or set(entry) != {"key", "value"}:
            return None
        if text(entry["key"]) in made:
            return None
        made[text(entry["key"])] = entry["value"]
    return made


def _joined(lists: list[object]) -> list[object]:
    return list(chain.from_iterable(_items(one) for one in lists))


class _Appending(BuiltIn):
    """``append`` and its kin take a list and then any number of further values."""

    def _spread_items(
        self, positional: Sequence[object], named: Mapping[str, object]
    ) -> list[Any] | None:
        return list(named.values()) if named else list(positional)


BUILT_IN: dict[str, BuiltIn] = {
    "list contains": takes("list, element", _contains),
    "count": takes_any(lambda items: Decimal(len(items))),
    "min": takes_any(lambda items: _extreme(items, "<")),
    "max": takes_any(lambda items: _extreme(items, ">")),
    "sum": takes_any(_total),
    "mean": takes_any(_mean),
    "median": takes_any(_median),
    "stddev": takes_any(_deviation),
    "mode": takes_any(_mode),
    "product": takes_any(_product),
    "all": takes_any(_every),
    "any": takes_any(_some),
    "sublist": takes("list, start position, length?", _sublist),
    "append": _Appending(spread=lambda given: [*_items(given[0]), *given[1:]]),
    "concatenate": _Appending(spread=_joined),
    "union": _Appending(spread=lambda lists: _distinct(_joined(lists))),
    "insert before": takes("list, position, newItem", _inserted),
    "remove": takes("list, position", _removed),
    "reverse": takes("list", lambda items: _items(items)[::-1]),
    "index of": takes("list, match", _positions),
    "distinct values": takes("list", lambda items: _distinct(_items(items))),
    "flatten": takes("list", lambda items: _flat(_items(items))),
    "sort": BuiltIn((Overload(("list", "precedes?"), _sorted),), calls_back=True),
    "get value": takes_either(("m, key", _get), ("context, key", _get), ("context, keys", _get)),
    "get entries": takes_either(("m", _entries), ("context", _entries)),
    "context put": takes_either(("context, key, value", _put), ("context, keys, value", _put)),
    "context merge": takes("contexts", lambda contexts: _merged(_items(contexts))),
    "context": takes("entries", _made),
}
