"""The cells of a decision table that compare one column with constants: one meaning, two carriers.

A cell is read once by the FEEL grammar and becomes a small tree of tests. ``holds`` answers for one
value in Python, ``sql`` gives the same answer for a column. Both are three-valued: true, false, and
unknown when the value is null. A null value satisfies ``-`` and ``null`` and nothing else.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

from recoup.tables import syntax
from recoup.tables.lexer import UnreadableFeel
from recoup.tables.parsing import parse_tests
from recoup.tables.temporal import NotATime, read_date

ColumnType: TypeAlias = Literal["number", "text", "boolean", "date"]
Constant: TypeAlias = Decimal | str | bool | dt.date

_SQL_SIGNS = {"=": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_TYPES_ZH = {"number": "数字", "text": "文本", "boolean": "是非", "date": "日期"}
LONGEST_DECIMAL = 38


class UnreadableCell(ValueError):
    """A cell that cannot be read as tests of a column: ``zh`` and ``en`` say what and where."""

    def __init__(self, *, text: str, zh: str, en: str) -> None:
        self.text = text
        self.zh = f"单元格“{text}”无法读取：{zh}"
        self.en = f'The cell "{text}" cannot be read: {en}'
        super().__init__(f"{self.en} / {self.zh}")


@dataclass(frozen=True, slots=True)
class Anything:
    """``-``: every value, null included."""

    def holds(self, value: object) -> bool | None:
        """Yield true."""
        return True

    def sql(self, column: str) -> str:
        """Yield SQL that is true."""
        return "TRUE"


@dataclass(frozen=True, slots=True)
class IsNull:
    """``null``: the value is missing."""

    def holds(self, value: object) -> bool | None:
        """Yield whether the value is null; never unknown."""
        return value is None

    def sql(self, column: str) -> str:
        """Yield SQL that is never unknown."""
        return f"{column} IS NULL"


@dataclass(frozen=True, slots=True)
class Compare:
    """``= != < <= > >=`` against a constant."""

    sign: str
    constant: Constant

    def holds(self, value: object) -> bool | None:
        """Yield the comparison; unknown for null and for a value of another type."""
        return compared(value=value, sign=self.sign, constant=self.constant)

    def sql(self, column: str) -> str:
        """Yield the SQL comparison."""
        if isinstance(self.constant, bool):
            same = self.constant == (self.sign == "=")
            return column if same else f"NOT {column}"
        return f"{column} {_SQL_SIGNS[self.sign]} {literal_sql(value=self.constant)}"


@dataclass(frozen=True, slots=True)
class Within:
    """``[low..high]``, each end open or closed."""

    low: Compare
    high: Compare

    def holds(self, value: object) -> bool | None:
        """Yield whether the value lies between the ends."""
        return both(self.low.holds(value), self.high.holds(value))

    def sql(self, column: str) -> str:
        """Yield the SQL of both comparisons."""
        if self.low.sign == ">=" and self.high.sign == "<=":
            low, high = (literal_sql(value=end.constant) for end in (self.low, self.high))
            return f"{column} BETWEEN {low} AND {high}"
        return f"{self.low.sql(column)} AND {self.high.sql(column)}"


Test: TypeAlias = Anything | IsNull | Compare | Within


@dataclass(frozen=True, slots=True)
class UnaryTests:
    """One cell: any of ``tests`` holds, or none of them when ``negated``."""

    text: str
    column_type: ColumnType
    tests: tuple[Test, ...]
    negated: bool = False

    @property
    def always(self) -> bool:
        """Yield whether the cell is ``-``."""
        return self.tests == (Anything(),) and not self.negated

    def holds(self, value: object) -> bool | None:
        """Yield true, false, or None when the value is null or of another type than the column."""
        found: bool | None = False
        for test in self.tests:
            found = either(found, test.holds(value))
        return opposite(found) if self.negated else found

    def sql(self, column_sql: str) -> str:
        """Yield a three-valued SQL condition on the column, in parentheses where it needs them."""
        parts = _alternatives(self.tests, column_sql)
        joined = " OR ".join(parts)
        if self.negated:
            return f"(NOT ({joined}))"
        return f"({joined})" if len(parts) > 1 or " " in joined else joined


def parse_unary(text: str, *, column_type: ColumnType = "number") -> UnaryTests:
    """Yield the tests of one cell.

    Shape: FEEL unary tests on constants: numbers, text in quotes, ``true``, ``false``, ``null``,
    ``date("2026-01-01")``, comparisons, ranges, lists by comma, ``not(...)``, ``-``.
    Errors: UnreadableCell, with a sentence in zh and en.
    Example:
    >>> parse_unary("[31..60], > 90").holds(45)
    True
    >>> parse_unary("> 90").sql('"dpd"')
    '("dpd" > 90)'
    """
    try:
        tree = parse_tests(text=text)
    except UnreadableFeel as stop:
        raise UnreadableCell(text=text, zh=stop.zh, en=stop.en) from None
    return unary_of(tree=tree, text=text, column_type=column_type)


def unary_of(*, tree: syntax.Tests, text: str, column_type: ColumnType) -> UnaryTests:
    """Yield the tests of a cell read before; UnreadableCell if it holds more than constants."""
    if not tree.tests:
        return UnaryTests(text, column_type, (Anything(),))
    tests = tuple(_test_of(node, text, column_type) for node in tree.tests)
    return UnaryTests(text, column_type, tests, negated=tree.negated)


def compared(*, value: object, sign: str, constant: Constant) -> bool | None:
    """Yield the comparison of a value with a constant; None when their types do not compare.

    A Boolean is no number, and an instant is no date: FEEL compares like with like.
    """
    if not _comparable(value, constant):
        return None
    if sign == "=":
        return value == constant
    if sign == "!=":
        return value != constant
    if isinstance(constant, bool):
        return None
    if sign == "<":
        return bool(value < constant)  # type: ignore[operator]
    if sign == "<=":
        return bool(value <= constant)  # type: ignore[operator]
    if sign == ">":
        return bool(value > constant)  # type: ignore[operator]
    return bool(value >= constant)  # type: ignore[operator]


def both(left: bool | None, right: bool | None) -> bool | None:
    """Yield ``left and right`` in three-valued logic."""
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def either(left: bool | None, right: bool | None) -> bool | None:
    """Yield ``left or right`` in three-valued logic."""
    if left is True or right is True:
        return True
    return None if left is None or right is None else False


def opposite(value: bool | None) -> bool | None:
    """Yield ``not value`` in three-valued logic."""
    return None if value is None else not value


def literal_sql(*, value: object) -> str:
    """Yield the SQL literal of a constant: integers as integers, decimals as exact decimals."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, Decimal | int):
        return _number_sql(Decimal(value))
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return f"DATE '{value.isoformat()}'"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    raise UnreadableCell(
        text=str(value), zh="此类值不能写成 SQL", en="a value of this kind has no SQL literal"
    )


def quoted_column(name: str) -> str:
    """Yield a column name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _number_sql(number: Decimal) -> str:
    text = ""
    if abs(number.adjusted()) <= LONGEST_DECIMAL:
        whole = number == number.to_integral_value()
        text = f"{int(number)}" if whole else f"{number:f}".rstrip("0")
    if not 0 < sum(character.isdigit() for character in text) <= LONGEST_DECIMAL:
        raise UnreadableCell(
            text=str(number),
            zh=f"数字超过{LONGEST_DECIMAL}位",
            en=f"the number has more than {LONGEST_DECIMAL} digits",
        )
    return text


def _comparable(value: object, constant: Constant) -> bool:
    if isinstance(value, bool) or isinstance(constant, bool):
        return isinstance(value, bool) and isinstance(constant, bool)
    if isinstance(constant, Decimal):
        return isinstance(value, int | Decimal)
    if isinstance(constant, str):
        return isinstance(value, str)
    return isinstance(value, dt.date) and not isinstance(value, dt.datetime)


def _alternatives(tests: tuple[Test, ...], column: str) -> list[str]:
    """Yield the alternatives as SQL, equalities gathered into one IN."""
    equal = [test for test in tests if isinstance(test, Compare) and test.sign == "="]
    gathered = len(equal) > 1 and not any(isinstance(test.constant, bool) for test in equal)
    parts = [
        _enclosed(test.sql(column)) if len(tests) > 1 else test.sql(column)
        for test in tests
        if not (gathered and test in equal)
    ]
    if gathered:
        listed = ", ".join(literal_sql(value=test.constant) for test in equal)
        parts.append(f"{column} IN ({listed})")
    return parts


def _enclosed(condition: str) -> str:
    return f"({condition})" if " AND " in condition else condition


def _test_of(node: syntax.Node, text: str, column_type: ColumnType) -> Test:
    if isinstance(node, syntax.Against):
        return _comparison(node.operator, node.operand, text, column_type)
    if isinstance(node, syntax.Interval):
        low = _comparison(">=" if node.low_closed else ">", node.low, text, column_type)
        high = _comparison("<=" if node.high_closed else "<", node.high, text, column_type)
        if not (isinstance(low, Compare) and isinstance(high, Compare)):
            raise UnreadableCell(text=text, zh="区间的端点为空", en="an end of the range is null")
        return Within(low, high)
    return _comparison("=", node, text, column_type)


def _comparison(
    sign: str, node: syntax.Node, text: str, column_type: ColumnType
) -> Compare | IsNull:
    constant = _constant(node, text)
    if constant is None:
        if sign == "=":
            return IsNull()
        raise UnreadableCell(
            text=text, zh="null 只能单独出现", en="null can only stand alone or inside not()"
        )
    _refuse_other_type(constant, text, column_type)
    literal_sql(value=constant)
    if isinstance(constant, bool) and sign not in ("=", "!="):
        raise UnreadableCell(text=text, zh="是非值没有大小之分", en="true and false have no order")
    return Compare(sign, constant)


def _constant(node: syntax.Node, text: str) -> Constant | None:
    if isinstance(node, syntax.Literal):
        value = node.value
        if value is None or isinstance(value, Decimal | str | bool):
            return value
        if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            return value
    day = _called_date(node)
    if day is not None:
        try:
            return read_date(text=day)
        except NotATime as stop:
            raise UnreadableCell(text=text, zh=stop.zh, en=stop.en) from None
    raise UnreadableCell(
        text=text,
        zh='这里只能写常量：数字、带引号的文本、true、false、null、date("2026-01-01")',
        en="only constants can stand here: numbers, text in quotes, true, false, null, "
        'date("2026-01-01")',
    )


def _called_date(node: syntax.Node) -> str | None:
    """Yield the text of ``date("...")``."""
    if not isinstance(node, syntax.Call) or node.function != syntax.Name("date"):
        return None
    if len(node.arguments) != 1:
        return None
    given = node.arguments[0].value
    if isinstance(given, syntax.Literal) and isinstance(given.value, str):
        return given.value
    return None


def _refuse_other_type(constant: Constant, text: str, column_type: ColumnType) -> None:
    found = type_of_constant(constant=constant)
    if found != column_type:
        raise UnreadableCell(
            text=text,
            zh=f"列是{_TYPES_ZH[column_type]}，单元格却写了{_TYPES_ZH[found]}",
            en=f"the column holds {column_type}, the cell compares it with {found}",
        )


def type_of_constant(*, constant: Constant) -> ColumnType:
    """Yield the type of column that a constant can be compared with."""
    if isinstance(constant, bool):
        return "boolean"
    if isinstance(constant, Decimal):
        return "number"
    return "text" if isinstance(constant, str) else "date"
