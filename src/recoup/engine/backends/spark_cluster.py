"""A cluster as the night uses it: tables in and out of Parquet, the book spread, the flow run."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F  # noqa: N812 - the name that Spark's own manual uses
from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema

from recoup.engine.backends.spark import first_line
from recoup.engine.backends.spark_book import DecideShare, read_table, spread, table_of
from recoup.engine.backends.spark_flow import drop_views, in_batches, run_flow
from recoup.engine.backends.spark_storage import Storage


class ClusterFailed(RuntimeError):
    """The cluster could not carry out a step; the text is the first line of what Spark said."""


@contextmanager
def cluster_failures_named() -> Iterator[None]:
    """Turn what Spark says of a failed step into one line."""
    try:
        yield
    except (PySparkException, Py4JJavaError) as failure:
        raise ClusterFailed(first_line(failure)) from failure


@dataclass(frozen=True)
class Found:
    """What the shares of a book gave, kept where the whole cluster can read it."""

    path: str
    schemas: Mapping[str, pa.Schema]


class Cluster:
    """One session; tables are frames of it, known to statements by their names."""

    def __init__(self, session: SparkSession) -> None:
        self._session = session
        self._read: dict[str, DataFrame] = {}
        self.storage = Storage(session)

    @property
    def spark_version(self) -> str:
        """Which Spark runs the night."""
        return str(self._session.version)

    @property
    def slots(self) -> int:
        """How many tasks run at once, as far as the cluster says."""
        return int(self._session.sparkContext.defaultParallelism)

    def schema(self, path: str) -> pa.Schema:
        """Yield the columns and types of a Parquet file or folder."""
        with cluster_failures_named():
            return to_arrow_schema(self.read(path).schema, timezone="UTC")

    def count(self, path: str) -> int:
        """Yield the rows of a Parquet file or folder."""
        with cluster_failures_named():
            return int(self.read(path).count())

    def only_words(
        self, *, path: str, columns: Sequence[str], words: Sequence[str]
    ) -> Mapping[str, bool]:
        """Yield, for text columns, whether each has a value and none but these, in any case."""
        if not columns:
            return {}
        asked = []
        for column in columns:
            text = F.nullif(F.col(quoted(column)), F.lit(""))
            asked += [F.count(text), F.count_if(~F.lower(text).isin(*words))]
        with cluster_failures_named():
            found = self.read(path).select(*asked).first()
        return {
            column: found[2 * place] > 0 and not found[2 * place + 1]
            for place, column in enumerate(columns)
        }

    def spread(
        self,
        *,
        paths: Mapping[str, str],
        columns: Mapping[str, Mapping[str, str]],
        shares: int,
        schemas: Mapping[str, pa.Schema],
        decide: DecideShare,
        into: str,
    ) -> Found:
        """Spread a book over the cluster by person, decide every share, keep what they give."""
        with cluster_failures_named():
            tables = {
                name: read_table(
                    spark=self._session,
                    name=name,
                    frame=self.read(path),
                    files=len(self.storage.files(path)),
                    columns=columns[name],
                )
                for name, path in paths.items()
            }
            frame = spread(
                spark=self._session, tables=tables, shares=shares, schemas=schemas, decide=decide
            )
            frame.write.partitionBy("kind").parquet(into)
        return Found(into, schemas)

    def of_shares(self, found: Found, name: str) -> DataFrame:
        """Yield one of the tables that the shares gave."""
        tables = {one: pa.struct(list(schema)) for one, schema in found.schemas.items()}
        whole = from_arrow_schema(pa.schema([*tables.items(), ("kind", pa.string())]))
        return table_of(found=self._session.read.schema(whole).parquet(found.path), name=name)

    def read(self, path: str) -> DataFrame:
        """Yield a Parquet file or folder as a frame; its columns are looked up once."""
        if path not in self._read:
            with cluster_failures_named():
                self._read[path] = self._session.read.parquet(path)
        return self._read[path]

    def rows(self, frame: DataFrame) -> list[dict[str, Any]]:
        """Yield a small table's rows."""
        with cluster_failures_named():
            return [row.asDict() for row in frame.collect()]

    def know(self, name: str, table: DataFrame | pa.Table) -> None:
        """Make a table known to statements under a name."""
        if isinstance(table, pa.Table):
            table = self._session.createDataFrame(table)
        table.createOrReplaceTempView(name)

    def flow(
        self,
        *,
        part: str,
        places: Mapping[str, str],
        own_places: Mapping[str, Mapping[str, str]],
        carry: Mapping[str, Sequence[str]],
        into: str,
    ) -> Mapping[str, DataFrame]:
        """Run a part of the flow; yield its results by name. Those read again are kept ``into``."""

        def store(name: str, frame: DataFrame) -> DataFrame:
            return self.kept(frame, path=f"{into}/{name}")

        with cluster_failures_named():
            return run_flow(
                spark=self._session,
                part=part,
                places=places,
                own_places=own_places,
                carry=carry,
                store=store,
            )

    def forget(self, *names: str, parts: Sequence[str]) -> None:
        """Let the session know nothing more of these tables and of what parts of the flow made."""
        for part in parts:
            drop_views(spark=self._session, part=part)
        for name in names:
            self._session.catalog.dropTempView(name)

    def kept(self, frame: DataFrame, *, path: str) -> DataFrame:
        """Yield a frame as it has been written: whatever reads it again computes nothing."""
        with cluster_failures_named():
            frame.write.parquet(path)
        return self._session.read.schema(frame.schema).parquet(path)

    def turned(
        self,
        frame: DataFrame,
        *,
        by: Sequence[str],
        act: Callable[[pa.Table], pa.Table],
        schema: pa.Schema,
    ) -> DataFrame:
        """Yield a frame in an order, turned over by a function of Arrow tables on the cluster."""
        ordered = frame.orderBy(*(F.asc_nulls_last(name) for name in by)) if by else frame
        return in_batches(ordered, act=act, schema=schema)


def with_lists(
    frame: DataFrame, *, key: str, rows: DataFrame, rows_key: str, columns: Sequence[str], name: str
) -> DataFrame:
    """Yield a frame with the rows of another that have its key, as a list of structs."""
    lists = rows.groupBy(F.col(rows_key).alias(key)).agg(
        F.collect_list(F.struct(*columns)).alias(name)
    )
    return frame.join(lists, key, "left")


def filled(frame: DataFrame, *, column: str) -> DataFrame:
    """Yield the fields of a struct column, for the rows that have one."""
    return frame.where(F.col(column).isNotNull()).select(f"{column}.*")


def first_of_kind(
    frame: DataFrame, *, where: str, kind: Sequence[str], by: Sequence[str], most: int
) -> DataFrame:
    """Yield a frame in which rows of a sort are only so many of each kind, the first by an order.

    Shape: ``where`` is a condition over the frame's columns; rows of which it is not true all stay.
    """
    place = F.row_number().over(Window.partitionBy(*kind).orderBy(*by))
    limited = frame.where(where).withColumn("place", place).where(F.col("place") <= most)
    return frame.where(f"NOT ({where})").unionByName(limited.drop("place"))


def in_order(frame: DataFrame, *, by: Sequence[str], columns: Sequence[str]) -> DataFrame:
    """Yield some columns of a frame in an order."""
    return frame.orderBy(*by).select(*columns)


def distinct(frame: DataFrame, column: str) -> DataFrame:
    """Yield the distinct values of a column."""
    return frame.select(column).distinct()


def sums(frame: DataFrame, *, by: str, columns: Sequence[str]) -> DataFrame:
    """Yield, per value of a column, how many rows there are and what columns add up to."""
    wide = [F.sum(F.col(name).cast("decimal(38,0)")).alias(name) for name in columns]
    return frame.groupBy(by).agg(F.count(F.lit(1)).alias("rows"), *wide)


def quoted(name: str) -> str:
    """Yield a column's name as Spark SQL."""
    return "`" + name.replace("`", "``") + "`"
