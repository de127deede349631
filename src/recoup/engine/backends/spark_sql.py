"""The flow's statements as Spark SQL: the same text, carried over by SQLGlot, and mended.

Three things mean something else on Spark and are written out: the difference of two days is an
interval there and a number here; a sum of whole numbers keeps 64 bits there and has 128 here; and
128 bits are decimals of 38 digits.
"""

from collections.abc import Sequence

from sqlglot import exp

from recoup.engine.backends.dialect import HOME, check

SPARK = "spark"
#: Whole numbers wider than 64 bits.
_WIDE = exp.DataType.build("DECIMAL(38, 0)")
#: A sum of literals no greater than this cannot leave 64 bits in any book.
_SMALL = 1_000_000


def spark_text(*, name: str, sql: str, carry: Sequence[str] = (), in_order: bool = True) -> str:
    """Yield a checked statement of the home dialect as Spark SQL.

    Shape: ``carry`` are further columns that the outermost SELECT hands on, as SQL of the home
    dialect; without ``in_order`` its ORDER BY is left out.
    Errors: FlowRefused, when the statement leaves the tested subset.
    """
    parsed = check(name=name, sql=sql).copy()
    if not in_order:
        parsed.set("order", None)
    for column in carry:
        parsed = parsed.select(column, append=True, dialect=HOME, copy=False)
    return str(parsed.transform(_mended).sql(dialect=SPARK))


def _mended(node: exp.Expression) -> exp.Expression:
    if isinstance(node, exp.Sub) and _is_day(node.expression):
        return exp.Anonymous(this="DATEDIFF", expressions=[node.this, node.expression])
    if isinstance(node, exp.Sum) and not _is_small(node.this):
        return exp.Sum(this=exp.Cast(this=node.this, to=_WIDE.copy()))
    if isinstance(node, exp.DataType) and node.this is exp.DataType.Type.INT128:
        return _WIDE.copy()
    return node


def _is_day(node: exp.Expression) -> bool:
    """Whether an expression is a day written out, such as DATE '2026-11-20'."""
    is_date = isinstance(node, exp.Cast) and node.args["to"].this is exp.DataType.Type.DATE
    return is_date and isinstance(node.this, exp.Literal)


def _is_small(node: exp.Expression) -> bool:
    """Whether an expression is a CASE between small numbers, as rows are counted with."""
    if not isinstance(node, exp.Case):
        return False
    results = [one.args["true"] for one in node.args["ifs"]]
    default = node.args.get("default")
    if default is not None:
        results.append(default)
    return all(
        isinstance(one, exp.Literal) and not one.is_string and int(one.name) <= _SMALL
        for one in results
    )
