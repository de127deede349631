"""Spreads a book over a cluster by person: every row of a person's comes into one share.

A row belongs to a person by its debtor's id, or by the contract that it names. Rows that only a
look at both can judge come into one share too: whatever names one key twice (of payments, contacts,
promises, contracts), or a contract of somebody else. So a share can be checked by itself, and what
all shares find is what one look at the whole book would have found.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - the name that Spark's own manual uses
from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_type
from pyspark.sql.types import LongType, StringType, StructField, StructType

from recoup.engine.blocks import Ints
from recoup.engine.book.arrow_source import SOURCE_ROW
from recoup.engine.refusal import NightRefused

#: Tables whose rows are many times those of contracts; they travel apart from the others.
LOAN_ROWS = ("instalments", "payments")
#: Keys that may stand only once in the whole book, not only with one person.
SINGLE_KEYS = {
    "contracts": "contract_id",
    "payments": "payment_id",
    "contacts": "contact_id",
    "promises": "promise_id",
}
#: Most persons that contradictory rows may tie together; the ties are followed on the driver.
MOST_TIES = 2_000_000
_EVERYBODY = 0
_ROW, _WHO, _SHARE, _KIND = "row", "who", "share", "kind"
DecideShare = Callable[[int, Mapping[str, pa.Table]], Mapping[str, pa.Table]]


@dataclass(frozen=True)
class BookTable:
    """One table of the book as Spark reads it: columns ``row`` (from 1) and a struct of its cells.

    ``columns`` are those that the night asks of it.
    """

    name: str
    frame: DataFrame
    columns: tuple[str, ...]

    def key(self, column: str) -> Column:
        """Yield an id as text; NULL where there is none."""
        if column not in self.columns:
            return F.lit(None).cast("string")
        return F.nullif(F.col(f"{self.name}.{column}").cast("string"), F.lit(""))


def read_table(
    *, spark: SparkSession, name: str, frame: DataFrame, files: int, columns: Mapping[str, str]
) -> BookTable:
    """Yield a table; rows are numbered in the order of its files by name, and in the files.

    Shape: ``frame`` is the table's Parquet, in so many ``files``; ``columns`` are SQL expressions
    of what its columns are read as, by name.
    """
    place = F.col("_metadata.row_index")
    cells = F.struct(*(F.expr(sql).alias(column) for column, sql in columns.items())).alias(name)
    if files < 2:
        return BookTable(name, frame.select((place + 1).alias(_ROW), cells), tuple(columns))
    file = F.col("_metadata.file_path").alias("file")
    counted = {row["file"]: row["count"] for row in frame.groupBy(file).count().collect()}
    before = np.cumsum([0, *(counted[one] for one in sorted(counted))]).tolist()
    starts = spark.createDataFrame(
        pa.table({"file": sorted(counted), "before": pa.array(before[:-1], pa.int64())})
    )
    placed = frame.select(file, place.alias("place"), cells).join(F.broadcast(starts), "file")
    rows = placed.select((F.col("before") + F.col("place") + 1).alias(_ROW), name)
    return BookTable(name, rows, tuple(columns))


def spread(
    *,
    spark: SparkSession,
    tables: Mapping[str, BookTable],
    shares: int,
    schemas: Mapping[str, pa.Schema],
    decide: DecideShare,
) -> DataFrame:
    """Yield what all shares give: column ``kind`` names the table, a struct of that name its row.

    Errors: NightRefused, when contradictory rows tie too many persons together.
    """
    owned = _owned(tables)
    moved = _ties(spark=spark, tables=tables, owned=owned)
    cells = {name: table.frame.schema[name].dataType for name, table in tables.items()}

    def side(chosen: Sequence[str]) -> DataFrame:
        parts = []
        for place, name in enumerate(chosen):
            frame = _moved(owned[name], moved)
            share = F.pmod(F.col(_WHO), F.lit(shares)).alias(_SHARE)
            own = [
                (F.col(name) if one == name else F.lit(None).cast(cells[one])).alias(one)
                for one in chosen
            ]
            parts.append(frame.select(share, F.lit(place).alias(_KIND), _ROW, *own))
        return reduce(DataFrame.unionByName, parts)

    loan_rows = side(LOAN_ROWS)
    others = side([name for name in tables if name not in LOAN_ROWS])
    grouped = loan_rows.groupBy(_SHARE).cogroup(others.groupBy(_SHARE))
    empty = {
        name: _table(np.zeros(0, np.int64), pa.array([], to_arrow_type(kind, timezone="UTC")))
        for name, kind in cells.items()
    }
    return grouped.applyInArrow(_arrow_function(decide, empty, schemas), _result_type(schemas))


def table_of(*, found: DataFrame, name: str) -> DataFrame:
    """Yield the rows of one table from what all shares gave."""
    return found.where(F.col(_KIND) == name).select(f"{name}.*")


def _result_type(schemas: Mapping[str, pa.Schema]) -> StructType:
    tables = [StructField(name, from_arrow_schema(schema)) for name, schema in schemas.items()]
    return StructType([StructField(_KIND, StringType()), *tables])


def _owned(tables: Mapping[str, BookTable]) -> dict[str, DataFrame]:
    """Yield every table with a column that says whose each row is, and one with the contract's."""
    contracts = tables["contracts"]
    names = contracts.frame.select(
        contracts.key("contract_id").alias("named"), _own(contracts).alias("owner")
    )
    owners = names.where("named IS NOT NULL").groupBy("named").agg(F.min("owner").alias("owner"))
    found = {}
    for name, table in tables.items():
        frame = table.frame.withColumn("named", table.key("contract_id"))
        if name not in ("contracts", "rates") and "contract_id" in table.columns:
            frame = frame.join(owners, "named", "left")
        else:
            frame = frame.withColumn("owner", F.lit(None).cast(LongType()))
        frame = frame.withColumn(_WHO, F.coalesce(_of_debtor(table), F.col("owner"), _own(table)))
        found[name] = frame.select(_ROW, _WHO, "owner", name)
    return found


def _of_debtor(table: BookTable) -> Column:
    debtor = table.key("debtor_id")
    return F.when(debtor.isNotNull(), F.xxhash64(F.lit("debtor"), debtor))


def _own(table: BookTable) -> Column:
    """Yield whose a row is by itself: its debtor's, else its contract's, else nobody else's."""
    if table.name == "rates":
        return F.lit(_EVERYBODY).cast(LongType())
    contract = table.key("contract_id")
    of_contract = F.when(contract.isNotNull(), F.xxhash64(F.lit("contract"), contract))
    alone = F.xxhash64(F.lit(table.name), F.col(_ROW))
    return F.coalesce(_of_debtor(table), of_contract, alone)


def _ties(
    *, spark: SparkSession, tables: Mapping[str, BookTable], owned: Mapping[str, DataFrame]
) -> DataFrame | None:
    """Yield, for persons whose rows must be judged together, the one whose share they all join.

    A key that only seems to stand twice, because two keys share a hash, ties persons together for
    nothing: that costs time and changes no result.
    """
    suspects = [
        table.frame.select(_mark(table), _own(table).alias(_WHO)).where("mark IS NOT NULL")
        for table in tables.values()
        if table.name in SINGLE_KEYS
    ]
    strange = [
        owned[name]
        .where(F.col("owner").isNotNull() & (F.col("owner") != F.col(_WHO)))
        .select(
            F.xxhash64(F.lit("strange"), _WHO, "owner").alias("mark"),
            F.explode(F.array(_WHO, "owner")).alias(_WHO),
        )
        for name in ("contacts", "promises", "holds")
        if name in owned
    ]
    marks = reduce(DataFrame.union, [*suspects, *strange])
    torn = marks.groupBy("mark").agg(F.min(_WHO).alias("least"), F.max(_WHO).alias("most"))
    torn = torn.where("least <> most").select("mark")
    found = torn.limit(MOST_TIES + 1).collect()
    if not found:
        return None
    marked = F.broadcast(_longs(spark, mark=[row["mark"] for row in found]))
    truly = [
        owned[table.name].select(_mark(table), _WHO)
        for table in tables.values()
        if table.name in SINGLE_KEYS
    ]
    tied = reduce(DataFrame.union, [*truly, *strange]).join(marked, "mark").distinct()
    pairs = tied.limit(MOST_TIES + 1).collect()
    if len(pairs) > MOST_TIES:
        raise _too_many_ties()
    joined = followed([(row["mark"], row[_WHO]) for row in pairs])
    if not joined:
        return None
    return _longs(spark, who=[one for one, _ in joined], joined=[least for _, least in joined])


def _longs(spark: SparkSession, **columns: Sequence[int]) -> DataFrame:
    """Yield columns of whole numbers as a small frame."""
    arrays = {name: pa.array(numbers, pa.int64()) for name, numbers in columns.items()}
    return spark.createDataFrame(pa.table(arrays))


def _mark(table: BookTable) -> Column:
    key = table.key(SINGLE_KEYS[table.name])
    return F.when(key.isNotNull(), F.xxhash64(F.lit(table.name), key)).alias("mark")


def followed(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Yield for each person that is tied to others the least of all whom the ties lead to.

    Shape: pairs of a mark and a person; persons with one mark are tied. The least themselves are
    left out.
    Example:
        >>> followed([(7, 1), (7, 2), (8, 2), (8, 3), (9, 4)])
        [(2, 1), (3, 1)]
    """
    leads: dict[int, int] = {}

    def least(one: int) -> int:
        while leads.setdefault(one, one) != one:
            leads[one] = one = leads[leads[one]]
        return one

    first: dict[int, int] = {}
    for mark, person in pairs:
        one, other = sorted((least(person), least(first.setdefault(mark, person))))
        leads[other] = one
    return sorted((one, least(one)) for one in leads if least(one) != one)


def _moved(frame: DataFrame, moved: DataFrame | None) -> DataFrame:
    if moved is None:
        return frame
    joined = frame.join(F.broadcast(moved), _WHO, "left")
    return joined.withColumn(_WHO, F.coalesce("joined", _WHO))


def _too_many_ties() -> NightRefused:
    return NightRefused(
        zh=f"账册中因重复编号或合同归属矛盾而须一并判断的债务人超过 {MOST_TIES:,} 个；"
        "多半是导出时编号出错，请先检查。",
        en=f"Repeated ids or contradictory owners of contracts tie more than {MOST_TIES:,} debtors "
        "together; most likely the ids went wrong in the export: look at them first.",
    )


def _arrow_function(
    decide: DecideShare, empty: Mapping[str, pa.Table], schemas: Mapping[str, pa.Schema]
) -> Callable[[tuple[Any, ...], pa.Table, pa.Table], pa.Table]:
    """Yield the function that runs in a cluster's Python: one share's rows in, its tables out."""

    def of_share(key: tuple[Any, ...], loan_rows: pa.Table, others: pa.Table) -> pa.Table:
        # A side without rows comes without columns.
        tables = {**empty, **_unpacked(loan_rows), **_unpacked(others)}
        return _packed(decide(key[0].as_py(), tables), schemas)

    return of_share


def _unpacked(rows: pa.Table) -> dict[str, pa.Table]:
    """Yield the tables of one side of a share, each in the order of the bank's file."""
    names = [name for name in rows.column_names if name not in (_SHARE, _KIND, _ROW)]
    if not rows.num_rows:
        return {}
    kinds, places = rows.column(_KIND).to_numpy(), rows.column(_ROW).to_numpy()
    found = {}
    for kind, name in enumerate(names):
        own = np.flatnonzero(kinds == kind)
        own = own[np.argsort(places[own], kind="stable")]
        found[name] = _table(places[own], rows.column(name).combine_chunks().take(pa.array(own)))
    return found


def _table(places: Ints, cells: pa.StructArray) -> pa.Table:
    """Yield rows with their places in the bank's file, as a share is read."""
    columns = dict(zip((field.name for field in cells.type), cells.flatten(), strict=True))
    return pa.table({SOURCE_ROW: pa.array(places), **columns})


def _packed(tables: Mapping[str, pa.Table], schemas: Mapping[str, pa.Schema]) -> pa.Table:
    """Yield several tables as rows of one: the table's name, and a struct for each of them."""
    kinds = {name: pa.struct(list(schema)) for name, schema in schemas.items()}
    whole = pa.schema([(_KIND, pa.string()), *kinds.items()])
    parts = [whole.empty_table()]
    for name, table in tables.items():
        rows = table.num_rows
        cells = pa.StructArray.from_arrays(
            [column.combine_chunks() for column in table.columns], fields=list(schemas[name])
        )
        columns = [cells if one == name else pa.nulls(rows, kind) for one, kind in kinds.items()]
        named = pa.repeat(pa.scalar(name), rows)
        parts.append(pa.Table.from_arrays([named, *columns], schema=whole))
    return pa.concat_tables(parts)
