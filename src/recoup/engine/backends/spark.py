"""A Spark session for one night: the bank's own cluster as it is set up, and our few settings.

Master, memory, cores and the rest are Spark's own configuration: spark-submit, spark-defaults, or
settings given with the night. Only what decides the meaning of a statement is set here.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from recoup.engine.refusal import NightRefused

#: What a statement means must not depend on how a cluster is set up.
MEANING = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.caseSensitive": "true",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
    "spark.sql.execution.arrow.useLargeVarTypes": "false",
}
#: The rules of law and policy are large expressions over one another. Putting them into each other,
#: or drawing conclusions from them, would take the planner longer than the night.
PLANNING = {
    "spark.sql.constraintPropagation.enabled": "false",
    "spark.sql.optimizer.excludedRules": "org.apache.spark.sql.catalyst.optimizer.CollapseProject",
}
#: How much is handed over at once, and in how many files a task may write at a time.
SIZES = {
    "spark.sql.execution.arrow.maxRecordsPerBatch": "65536",
    "spark.sql.maxConcurrentOutputFileWriters": "32",
}


@contextmanager
def spark_session(*, name: str, settings: Mapping[str, str]) -> Iterator[SparkSession]:
    """Yield a session: the one that runs already, or a new one that is stopped at the end.

    Errors: NightRefused, when Spark cannot be started, with what Spark said, and when a running
    session has another value for a setting that can no longer be changed.
    """
    running = SparkSession.getActiveSession()
    session = running or _started(name, settings)
    try:
        _refuse_unlike(session, settings)
        for key, value in {**MEANING, **PLANNING, **SIZES}.items():
            session.conf.set(key, value)
        yield session
    finally:
        if running is None:
            session.stop()


def _started(name: str, settings: Mapping[str, str]) -> SparkSession:
    builder = SparkSession.builder.appName(name)
    for key, value in settings.items():
        builder = builder.config(key, value)
    try:
        return builder.getOrCreate()
    except (PySparkException, Py4JError, OSError) as failure:
        said = first_line(failure)
        raise NightRefused(
            zh=f"Spark 无法启动：{said}。请检查 Java 17、spark-defaults 和 --spark-conf 的设置。",
            en=f"Spark cannot be started: {said}. Check Java 17, spark-defaults and --spark-conf.",
        ) from failure


def _refuse_unlike(session: SparkSession, settings: Mapping[str, str]) -> None:
    for key, value in settings.items():
        found = session.conf.get(key, None)
        if found != value and not session.conf.isModifiable(key):
            raise NightRefused(
                zh=f"正在运行的 Spark 会话中 {key} 是 {found}，已不能改为 {value}；"
                "请在 spark-submit 或 spark-defaults 中设置。",
                en=f"The running Spark session has {key} = {found}, which can no longer become "
                f"{value}; set it with spark-submit or in spark-defaults.",
            )
        if found != value:
            session.conf.set(key, value)


def first_line(failure: BaseException) -> str:
    """Yield the line that says most: the first, or of a failed Python function the exception."""
    lines = [line.strip() for line in str(failure).splitlines() if line.strip()]
    if not lines:
        return type(failure).__name__
    if lines[0].startswith("An error occurred while calling") and len(lines) > 1:
        return lines[1].removeprefix(": ").rstrip(".")
    if "Traceback (most recent call last):" in lines:
        own = [line for line in lines if not line.startswith(("at ", "SQLSTATE"))]
        return own[-1].rstrip(".")
    return lines[0].rstrip(".")
