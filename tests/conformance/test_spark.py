"""Spark decides what DuckDB and the plain loop decide, cell by cell, on two real executors.

The executors are processes of their own, started here and stopped at the end; a night on them goes
through the command line as a bank's does.
"""

import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.book.books import a_book, write_csv, write_parquet
from tests.conformance.cluster import (
    EXECUTORS,
    SETTINGS,
    executors_of,
    needs_spark,
    working_executors,
)
from tests.conformance.hand_made import hand_made_books, together
from tests.conformance.law_cases import looks_at_cases
from tests.conformance.plain_carrier import differences
from tests.conftest import DEMO_AS_OF

from recoup.engine.backends.spark_sql import spark_text
from recoup.engine.writing import SteadyParquet
from recoup.site.cli import main

needs_spark()

from recoup.engine.backends.spark import spark_session  # noqa: E402
from recoup.engine.cluster_place import RESULT_SCHEMAS  # noqa: E402

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("spark")]

SAME_BYTES = ("decisions.parquet", "people.parquet", "worklist.parquet")
#: What the manifests of two engines say alike.
SAME_WORDS = (
    *("as_of", "base_currency", "pack", "strategy", "buckets", "capacity", "inputs", "tables"),
    *("facts_the_book_lacks", "remarks", "control_sums"),
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder behind a store that is no disk to the driver: its paths begin otherwise."""
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module")
def spark(store: Path) -> Iterator[Any]:
    """The one session of all tests here."""
    link = {"spark.hadoop.fs.viewfs.mounttable.bank.link./store": store.as_uri()}
    with spark_session(name="recoup tests", settings={**SETTINGS, **link}) as session:
        yield session


def night(book: Path, out: str | Path, *options: str, engine: str) -> int:
    """Run a night as a bank does; its exit status."""
    call = ["night", "--book", str(book), "--as-of", DEMO_AS_OF, "--quiet", *options]
    return main([*call, "--engine", engine, "--out", str(out)])


def assert_told_alike(ours: Path, theirs: Path) -> None:
    """Hold the manifests of two engines against each other."""
    told = [json.loads((place / "manifest.json").read_text()) for place in (ours, theirs)]
    for word in SAME_WORDS:
        assert told[1][word] == told[0][word], word


def test_the_whole_demo_bank_is_decided_alike(
    spark: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "--loans", "20000", "--seed", "7", "--out", str(tmp_path)]) == 0
    ours, theirs = tmp_path / "duckdb", tmp_path / "spark"

    assert night(tmp_path / "book", theirs, engine="spark") == 1
    assert night(tmp_path / "book", ours, engine="duckdb") == 1

    assert pq.read_metadata(theirs / "decisions.parquet").num_rows == 20_000
    for name in SAME_BYTES:
        assert (theirs / name).read_bytes() == (ours / name).read_bytes(), name
    rejects = [pq.read_table(place / "rejects.parquet") for place in (ours, theirs)]
    assert rejects[1].to_pylist() == rejects[0].to_pylist()
    assert rejects[0].num_rows > 100
    assert_told_alike(ours, theirs)
    assert (theirs / "report.html").stat().st_size > 100_000
    # A declared gap: such a result keeps no rows of the book, and whoever needs them is told.
    assert main(["explain", str(theirs), "C000000001"]) == 3
    assert "keeps no rows of the book" in capsys.readouterr().err
    assert main(["explain", str(ours), "C000000001"]) == 0


def gathered(store: Path, table: str, into: Path) -> bytes:
    """The parts of a result table in a store, after the declared casts, as one file's bytes."""
    schema = RESULT_SCHEMAS[table]
    with SteadyParquet(path=into, schema=schema) as file:
        for part in sorted((store / f"{table}.parquet").glob("part-*.parquet")):
            file.add(pq.read_table(part).cast(schema))
    return into.read_bytes()


class Assassin(threading.Thread):
    """Kills an executor with SIGKILL as soon as the shares of a night are being decided."""

    def __init__(self, *, spark: Any, staging: Path) -> None:
        super().__init__(daemon=True)
        self.java = spark.sparkContext._gateway.proc.pid
        self._begun = staging / "shares" / "_temporary"
        self.given_up = threading.Event()
        self.killed: int | None = None

    def run(self) -> None:
        while not self.given_up.wait(0.02):
            working = working_executors(self.java)
            if working and self._begun.exists():
                self.killed = working[0]
                os.kill(self.killed, signal.SIGKILL)
                return


def test_every_small_book_is_decided_alike_though_an_executor_is_killed_meanwhile(
    spark: Any, store: Path, tmp_path: Path
) -> None:
    books = hand_made_books(tmp_path)
    book = write_parquet(together(books), tmp_path / "book", as_text=True)
    ours, theirs = tmp_path / "ours", store / "out"
    assassin = Assassin(spark=spark, staging=store / "out.partial" / ".staging")
    before = executors_of(assassin.java)

    assassin.start()
    assert night(book, "viewfs://bank/store/out", "--go-on", engine="spark") == 1
    assassin.given_up.set()
    assert night(book, ours, "--go-on", engine="duckdb") == 1

    assert len(before) == EXECUTORS
    assert assassin.killed in before
    assert assassin.killed not in executors_of(assassin.java)
    for table in ("decisions", "people", "worklist"):
        night_s = (ours / f"{table}.parquet").read_bytes()
        assert gathered(theirs, table, tmp_path / table) == night_s, table
    gathered(theirs, "rejects", tmp_path / "rejects")
    rejects = [pq.read_table(one) for one in (ours / "rejects.parquet", tmp_path / "rejects")]
    assert rejects[1].to_pylist() == rejects[0].to_pylist()
    assert_told_alike(ours, theirs)
    assert [one.name for one in store.iterdir() if not one.name.startswith(".")] == ["out"]
    assert len(books) > 80
    persons = pq.read_metadata(ours / "book" / "debtors.parquet").num_rows
    compared, found = differences(result=ours, persons=range(persons))
    assert compared > 500
    assert found == []


def test_the_cases_of_the_packs_on_classes_mean_the_same_to_all_three(spark: Any) -> None:
    looks = looks_at_cases()
    asked = " UNION ALL ".join(one.sql for one in looks)
    duck = duckdb.connect()
    for one in looks:
        duck.register(one.name, one.table)
        spark.createDataFrame(one.table).createOrReplaceTempView(one.name)

    ours = sorted(duck.execute(asked).fetchall())
    theirs = sorted(map(tuple, spark.sql(spark_text(name="cases", sql=asked)).collect()))

    assert len({row[1] for row in ours}) > 60
    assert ours == sorted(row for one in looks for row in one.plain())
    assert theirs == ours


#: What a night on a cluster does not do, and says so: what is done to a book, and the sentence.
GAPS: dict[str, tuple[Callable[[Path], Path], str]] = {
    "a book in CSV": (lambda folder: write_csv(a_book(), folder), "is no Parquet"),
    "instants in nanoseconds": (lambda folder: in_nanoseconds(folder), "is broken or cut short"),
}


def in_nanoseconds(folder: Path) -> Path:
    """A book whose contacts hold instants as Spark does not read them."""
    write_parquet(a_book(), folder)
    contacts = pq.read_table(folder / "contacts.parquet")
    place = contacts.column_names.index("at")
    nanoseconds = contacts.column("at").cast(pa.timestamp("ns", "UTC"))
    pq.write_table(contacts.set_column(place, "at", nanoseconds), folder / "contacts.parquet")
    return folder


@pytest.mark.parametrize("gap", GAPS)
def test_a_declared_gap_is_refused_on_spark_and_none_on_duckdb(
    spark: Any, tmp_path: Path, gap: str, capsys: pytest.CaptureFixture[str]
) -> None:
    make, said = GAPS[gap]
    book = make(tmp_path / "book")

    status = night(book, tmp_path / "spark", engine="spark")

    assert status == 3
    assert said in capsys.readouterr().err
    assert not (tmp_path / "spark").exists()
    assert night(book, tmp_path / "duckdb", engine="duckdb") in (0, 1)
