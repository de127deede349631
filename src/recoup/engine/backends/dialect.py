"""The subset of SQL that the flow is written in, checked and carried to an engine by SQLGlot.

A flow file holds named statements. Each begins with a comment block::

    -- name: facts
    -- keep: table
    -- One row per contract: ...

``keep`` says what becomes of the result: ``table`` (other statements read it more than once),
``view`` (put together anew where it is read), ``result`` (handed to the caller) or ``both``
(handed to the caller, and read by later statements). The text may hold ``{{ name }}`` places that
the run fills with SQL made from the pack and the strategy before anything is checked.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

HOME = "duckdb"
KEEPS = frozenset({"table", "view", "result", "both"})

#: Functions that mean the same on every engine the flow runs on (measured; see docs/decisions).
ALLOWED_FUNCTIONS = frozenset(
    {
        *("and", "or", "not", "case", "if", "cast", "coalesce", "nullif"),
        *("greatest", "least", "abs", "min", "max", "sum", "count", "count_if", "any_value"),
        *("row_number", "dense_rank", "lag", "lead", "first", "exists"),
        *("bit_or_agg", "bitwise_or_agg", "bool_or", "logical_or", "logical_and"),
        *("length", "lower", "upper", "substring", "concat", "md5", "left", "strpos"),
        *("year", "month", "day", "extract", "date_add", "ts_or_ds_add"),
        "arg_max",
        "arg_min",
    }
)
_HEAD = re.compile(r"^-- name: (?P<name>[a-z][a-z0-9_]*)$", re.MULTILINE)
_NULL_ORDER = re.compile(r"\bNULLS\s+(?:FIRST|LAST)\b", re.IGNORECASE)
_PLACE = re.compile(r"\{\{ (?P<name>[a-z][a-z0-9_]*) \}\}")


class FlowRefused(ValueError):
    """A flow statement is outside the tested subset; the sentence names it and the reason."""


@dataclass(frozen=True)
class Statement:
    """One named statement of the flow, before its places are filled."""

    name: str
    keep: str
    about: str
    text: str


def read_statements(path: Path) -> tuple[Statement, ...]:
    """Yield the named statements of one flow file, in their order.

    Errors: FlowRefused, for a statement without ``keep`` or without a comment saying what a row is.
    """
    text = path.read_text(encoding="utf-8")
    heads = list(_HEAD.finditer(text))
    statements = []
    for head, follower in zip(heads, [*heads[1:], None], strict=True):
        body = text[head.end() : follower.start() if follower else len(text)]
        statements.append(_statement(path=path, name=head["name"], body=body))
    return tuple(statements)


def _statement(*, path: Path, name: str, body: str) -> Statement:
    lines = body.strip().splitlines()
    comments = []
    while lines and lines[0].startswith("--"):
        comments.append(lines.pop(0).removeprefix("--").strip())
    keeps = [line.removeprefix("keep: ") for line in comments if line.startswith("keep: ")]
    about = " ".join(line for line in comments if not line.startswith("keep: "))
    if len(keeps) != 1 or keeps[0] not in KEEPS:
        raise FlowRefused(
            f"{path.name}, {name}: one line '-- keep: table|view|result|both' is needed"
        )
    if not about:
        raise FlowRefused(f"{path.name}, {name}: a comment must say what a row is")
    return Statement(name=name, keep=keeps[0], about=about, text="\n".join(lines).strip())


def fill(statement: Statement, places: Mapping[str, str]) -> str:
    """Yield the statement's text with every ``{{ name }}`` replaced.

    Errors: FlowRefused, if a place has no filling.
    """

    def filling(match: re.Match[str]) -> str:
        if match["name"] not in places:
            raise FlowRefused(f"{statement.name}: nothing fills the place {match['name']}")
        return places[match["name"]]

    return _PLACE.sub(filling, statement.text)


def check(*, name: str, sql: str) -> exp.Expression:
    """Yield the parsed statement if it stays inside the subset.

    Errors: FlowRefused: not one SELECT, a function outside the whitelist, a division that is not
    ``//``, a float, or an ORDER BY that does not say where NULLs go.
    """
    try:
        parsed = sqlglot.parse(sql, read=HOME)
    except SqlglotError as failure:
        raise FlowRefused(f"{name}: cannot be parsed: {failure}") from failure
    if len(parsed) != 1 or not isinstance(parsed[0], exp.Query):
        raise FlowRefused(f"{name}: exactly one SELECT is expected")
    for node in parsed[0].walk():
        _check_node(name=name, node=node)
    # The parser fills in its own default for NULL order, so the written ones are counted.
    ordered = sum(1 for _ in parsed[0].find_all(exp.Ordered))
    if ordered != len(_NULL_ORDER.findall(sql)):
        raise FlowRefused(f"{name}: each ORDER BY must say NULLS FIRST or NULLS LAST")
    return parsed[0]


def _check_node(*, name: str, node: exp.Expression) -> None:
    if isinstance(node, exp.Anonymous):
        raise FlowRefused(f"{name}: function {node.name} is not in the whitelist")
    if isinstance(node, exp.Func) and node.sql_name().lower() not in ALLOWED_FUNCTIONS:
        if not isinstance(node, exp.Binary | exp.Connector):
            raise FlowRefused(f"{name}: function {node.sql_name().lower()} is not in the whitelist")
    if isinstance(node, exp.Div):
        raise FlowRefused(f"{name}: '/' differs between engines; use // on integers")
    if isinstance(node, exp.DataType) and node.this in exp.DataType.FLOAT_TYPES:
        raise FlowRefused(f"{name}: {node.sql()} is a float")
    if isinstance(node, exp.Literal) and not node.is_string and not node.name.isdigit():
        raise FlowRefused(f"{name}: {node.name} is not an integer")


def tables_needed(*, name: str, sql: str) -> frozenset[str] | None:
    """Yield the tables of which at least one must have a row for the statement to yield any.

    None where the statement yields a row even from nothing (a sum over all rows, a bare value).
    Errors: FlowRefused.
    """
    parsed = check(name=name, sql=sql)
    for select in parsed.find_all(exp.Select):
        sums = select.find(exp.AggFunc) is not None and not select.args.get("group")
        if sums or select.args.get("from_") is None:
            return None
    return frozenset(table.name for table in parsed.find_all(exp.Table))


def emit(*, name: str, sql: str, dialect: str = HOME) -> str:
    """Yield a checked statement in the dialect of an engine; the home dialect keeps its text."""
    parsed = check(name=name, sql=sql)
    return sql if dialect == HOME else parsed.sql(dialect=dialect)
