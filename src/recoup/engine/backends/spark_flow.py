"""Runs the flow on Spark: every named statement of a part, in order, over the whole book."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import from_arrow_schema

from recoup.engine.backends.dialect import fill
from recoup.engine.backends.spark_sql import spark_text
from recoup.engine.flowing import flow_statements

Store = Callable[[str, DataFrame], DataFrame]


def run_flow(
    *,
    spark: SparkSession,
    part: str,
    places: Mapping[str, str],
    own_places: Mapping[str, Mapping[str, str]],
    carry: Mapping[str, Sequence[str]],
    store: Store,
) -> Mapping[str, DataFrame]:
    """Run every statement over the views of the session; yield the results by name.

    Shape: ``own_places`` fill the places of single statements, ``carry`` names further columns that
    single results hand on. ``store`` keeps what later statements read and the caller gets too, and
    yields it as it is kept.
    Errors: FlowRefused, when a filled statement leaves the tested subset.
    """
    results = {}
    for statement in flow_statements(part):
        name = statement.name
        filled = fill(statement, {**places, **own_places.get(name, {})}).rstrip(";")
        text = spark_text(
            name=name,
            sql=filled,
            carry=carry.get(name, ()),
            in_order=part == "book",  # elsewhere the order is that of a block, and there is none
        )
        frame = spark.sql(text)
        if statement.keep == "both":
            frame = store(name, frame)
        frame.createOrReplaceTempView(name)
        if statement.keep in ("result", "both"):
            results[name] = frame
    return results


def drop_views(*, spark: SparkSession, part: str) -> None:
    """Forget the views that the statements of a part left in the session."""
    for statement in flow_statements(part):
        spark.catalog.dropTempView(statement.name)


def in_batches(
    frame: DataFrame, *, act: Callable[[pa.Table], pa.Table], schema: pa.Schema
) -> DataFrame:
    """Yield a frame turned over by a function of Arrow tables, batch by batch, on the cluster.

    Shape: ``act`` yields the columns and types of ``schema``.
    """

    def turned(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield from act(pa.Table.from_batches([batch])).combine_chunks().to_batches()

    return frame.mapInArrow(turned, from_arrow_schema(schema))
