"""Units and comparators that a value of a pack may carry, and how each unit reads its values."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from recoup.policy.bilingual import Bilingual
from recoup.policy.findings import Findings
from recoup.policy.rules import Frozen
from recoup.policy.yaml_tree import Branch, Floating, Leaf, Listing, Node

COMPARATORS = (">", ">=", "<", "<=", "=", "!=", "in", "not in")

DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
FRACTION = re.compile(r"[1-9][0-9]*/[1-9][0-9]*")
LOCAL_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00")
CODE = re.compile(r"[A-Za-z0-9_.:/+-]+")
CURRENCY = re.compile(r"[A-Z]{3}")
MINOR = re.compile(r"minor_[A-Z]{3}")


class NotInUnit(ValueError):
    """A value is written in a way that its unit does not know."""


@dataclass(frozen=True, kw_only=True)
class Unit:
    """How values of a unit are written and shown.

    ``comparator`` is the one that goes without saying (a code is compared by ``=``); a unit without
    it, as all that measure, asks the pack to say whether the limit itself is in or out.
    """

    shown: Bilingual
    takes: Bilingual
    read: Callable[[Node], Frozen]
    comparator: str | None = None


def _whole(node: Node) -> int:
    value = node.scalar() if isinstance(node, Leaf) else None
    if isinstance(value, bool) or not isinstance(value, int):
        raise NotInUnit
    return value


def _decimal(node: Node) -> str:
    if not isinstance(node, Leaf) or not DECIMAL.fullmatch(node.text):
        raise NotInUnit
    return node.text


def _matching(pattern: re.Pattern[str]) -> Callable[[Node], Frozen]:
    def read(node: Node) -> str:
        if not isinstance(node, Leaf) or not pattern.fullmatch(node.text):
            raise NotInUnit
        return node.text

    return read


def _date(node: Node) -> date:
    value = node.scalar() if isinstance(node, Leaf) else None
    if not isinstance(value, date):
        raise NotInUnit
    return value


def _boolean(node: Node) -> bool:
    value = node.scalar() if isinstance(node, Leaf) else None
    if not isinstance(value, bool):
        raise NotInUnit
    return value


def _text(node: Node) -> Frozen:
    if isinstance(node, Branch):
        entries = {key: _text(inner) for key, inner in node.entries.items()}
        if set(entries) != {"zh", "en"}:
            raise NotInUnit
        return MappingProxyType(entries)
    if not isinstance(node, Leaf) or node.is_null:
        raise NotInUnit
    return node.text


def _scalar(node: Node) -> Frozen:
    value = node.scalar() if isinstance(node, Leaf) else Floating()
    if isinstance(value, Floating):
        raise NotInUnit
    return value


def _list(node: Node) -> Frozen:
    if not isinstance(node, Listing) or not node.items:
        raise NotInUnit
    return tuple(_scalar(item) for item in node.items)


def _tree(node: Node) -> Frozen:
    if isinstance(node, Branch):
        return MappingProxyType({key: _tree(inner) for key, inner in node.entries.items()})
    if isinstance(node, Listing):
        return tuple(_tree(item) for item in node.items)
    return _scalar(node)


def _rows(node: Node) -> Frozen:
    if not isinstance(node, Listing) or not node.items:
        raise NotInUnit
    if not all(isinstance(item, Branch) for item in node.items):
        raise NotInUnit
    return _tree(node)


WHOLE = Bilingual(zh="整数", en="a whole number")
DECIMAL_TEXT = Bilingual(
    zh="加引号的十进制文字或整数", en='decimal text (such as "4.35") or a whole number'
)


def _counted(zh: str, en: str) -> Unit:
    return Unit(shown=Bilingual(zh=zh, en=en), takes=WHOLE, read=_whole)


def _proportion(zh: str, en: str) -> Unit:
    return Unit(shown=Bilingual(zh=zh, en=en), takes=DECIMAL_TEXT, read=_decimal)


UNITS: Mapping[str, Unit] = MappingProxyType(
    {
        "minutes": _counted("分钟", "minutes"),
        "hours": _counted("小时", "hours"),
        "days": _counted("日", "days"),
        "working_days": _counted("个工作日", "working days"),
        "weeks": _counted("周", "weeks"),
        "months": _counted("个月", "months"),
        "years": _counted("年", "years"),
        "periods": _counted("个还款期", "repayment periods"),
        "count": _counted("次（个）", "(count)"),
        "ppm": _counted("百万分之一", "parts per million"),
        "bp": _counted("基点", "basis points"),
        "percent": _proportion("%", "%"),
        "percent_per_year": _proportion("%（年）", "% a year"),
        "percent_per_day": _proportion("%（日）", "% a day"),
        "fraction": Unit(
            shown=Bilingual(zh="", en=""),
            takes=Bilingual(zh="分数，如 1/3", en="a fraction such as 1/3"),
            read=_matching(FRACTION),
        ),
        "times": _proportion("倍", "times"),
        "local_time": Unit(
            shown=Bilingual(zh="（当地时间）", en="(local time)"),
            takes=Bilingual(zh="时:分，如 22:00", en="hours:minutes, such as 22:00"),
            read=_matching(LOCAL_TIME),
        ),
        "date": Unit(
            shown=Bilingual(zh="", en=""),
            takes=Bilingual(zh="日期，如 2026-11-20", en="a date such as 2026-11-20"),
            read=_date,
        ),
        "boolean": Unit(
            shown=Bilingual(zh="", en=""),
            takes=Bilingual(zh="true 或 false", en="true or false"),
            read=_boolean,
            comparator="=",
        ),
        "code": Unit(
            shown=Bilingual(zh="", en=""),
            takes=Bilingual(
                zh="代码（拉丁字母、数字和 _ . : / + -）",
                en="a code (Latin letters, digits and _ . : / + -)",
            ),
            read=_matching(CODE),
            comparator="=",
        ),
        "text": Unit(
            shown=Bilingual(zh="", en=""),
            takes=Bilingual(zh="文字，或 {zh, en}", en="a text, or {zh, en}"),
            read=_text,
            comparator="=",
        ),
        "list": Unit(
            shown=Bilingual(zh="", en=""),
            takes=Bilingual(
                zh="由文字、整数、日期或 true/false 组成的列表",
                en="a list of texts, whole numbers, dates or true/false",
            ),
            read=_list,
            comparator="in",
        ),
        "rows": Unit(
            shown=Bilingual(zh="", en=""),
            takes=Bilingual(
                zh="由“键: 值”组成的行的列表（不含浮点数）",
                en="a list of rows of 'key: value' (no floats)",
            ),
            read=_rows,
            comparator="=",
        ),
    }
)


def unit_named(name: str) -> Unit | None:
    """Yield the unit of that name; a currency code and ``minor_`` with one are units too."""
    if name in UNITS:
        return UNITS[name]
    if CURRENCY.fullmatch(name):
        return _proportion(name, name)
    if MINOR.fullmatch(name):
        currency = name.removeprefix("minor_")
        return _counted(f"{currency} 最小单位", f"minor units of {currency}")
    return None


def known_units() -> str:
    """Yield the names of all units, for a refusal."""
    return ", ".join((*UNITS, "CNY, USD ... (major units)", "minor_CNY, minor_USD ..."))


def read_value(*, node: Node, unit_name: str, unit: Unit, findings: Findings) -> Frozen:
    """Yield a value written in a unit; notes a finding and yields None when it is not."""
    floats = list(_floats(node))
    if floats:
        for leaf in floats:
            findings.add("float_literal", leaf.place, text=leaf.text)
        return None
    try:
        return unit.read(node)
    except ValueError:
        shown = node.text if isinstance(node, Leaf) else "..."
        findings.add(
            "value_not_in_unit",
            node.place,
            text=shown,
            unit=unit_name,
            expected_zh=unit.takes.zh,
            expected_en=unit.takes.en,
        )
        return None


def _floats(node: Node) -> list[Leaf]:
    if isinstance(node, Branch):
        return [leaf for inner in node.entries.values() for leaf in _floats(inner)]
    if isinstance(node, Listing):
        return [leaf for inner in node.items for leaf in _floats(inner)]
    try:
        return [node] if isinstance(node.scalar(), Floating) else []
    except ValueError:
        return []


def shown_unit(name: str) -> Bilingual:
    """Yield how a unit is written after a value; nothing for codes, texts and lists."""
    unit = unit_named(name)
    return unit.shown if unit is not None else Bilingual(zh="", en="")
