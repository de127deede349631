"""Cells of the law's tables, in which ``{name}`` stands for a value of the row's rule."""

import re
from collections.abc import Mapping
from datetime import date

from recoup.policy.rules import Value
from recoup.tables.unary import ColumnType, UnaryTests, parse_unary

NAMED = re.compile(r"\{([A-Za-z0-9_]+)\}")


class ValueMissing(LookupError):
    """A cell names a value that its rule does not have."""

    def __init__(self, *, name: str, cell: str) -> None:
        super().__init__(name)
        self.name = name
        self.zh = f"单元格“{cell}”引用了规则中没有的数值“{name}”。"
        self.en = f"The cell '{cell}' names the value '{name}', which its rule does not have."


def names_in(*, cell: str) -> tuple[str, ...]:
    """Yield the names of the values that a cell refers to."""
    return tuple(NAMED.findall(cell))


def filled(*, cell: str, values: Mapping[str, Value]) -> str:
    """Yield a cell with each ``{name}`` replaced by the rule's value, as FEEL writes it.

    Errors: ValueMissing.
    """

    def written(found: re.Match[str]) -> str:
        name = found.group(1)
        if name not in values:
            raise ValueMissing(name=name, cell=cell)
        return _as_feel(values[name].value)

    return NAMED.sub(written, cell)


def tests_of(*, cell: str, values: Mapping[str, Value], column_type: ColumnType) -> UnaryTests:
    """Yield the unary tests of a cell after filling it. Errors: ValueMissing, UnreadableCell."""
    return parse_unary(filled(cell=cell, values=values), column_type=column_type)


def _as_feel(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return f'date("{value.isoformat()}")'
    if isinstance(value, tuple):
        return ", ".join(_quoted(one) if isinstance(one, str) else _as_feel(one) for one in value)
    return str(value)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
