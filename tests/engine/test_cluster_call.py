"""A night on Spark that cannot begin: one sentence, the right exit status, nothing written."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.book.books import a_book, write_parquet
from tests.engine.stories import AS_OF

from recoup.site import cluster
from recoup.site.cli import main

ON_SPARK = ("--engine", "spark")


def call(tmp_path: Path, *options: str) -> int:
    """Run a night on a small book; yield its exit status."""
    book = write_parquet(a_book(), tmp_path / "book")
    words = ["night", "--book", str(book), "--as-of", AS_OF.isoformat(), "--quiet", *options]
    try:
        return main([*words, "--out", str(tmp_path / "out")])
    except SystemExit as stop:
        return int(stop.code or 0)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--spark-conf", "spark.master=local"), "goes with --engine spark only"),
        ((*ON_SPARK, "--spark-conf", "spark.master"), "is no key=value"),
        ((*ON_SPARK, "--threads", "4"), "leave out --threads and --memory"),
        ((*ON_SPARK, "--memory", "2GiB"), "leave out --threads and --memory"),
    ],
)
def test_a_wrong_option_is_a_wrong_call(
    tmp_path: Path, options: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status = call(tmp_path, *options)

    assert status == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_without_pyspark_the_night_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError("No module named 'pyspark'", name="pyspark.sql")

    monkeypatch.setattr(cluster, "importlib", SimpleNamespace(import_module=missing))

    found = call(tmp_path, *ON_SPARK)

    assert found == 3
    assert "pip install 'recoup[spark]'" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_without_java_the_night_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cluster, "importlib", SimpleNamespace(import_module=lambda name: None))
    monkeypatch.delenv("PYSPARK_GATEWAY_PORT", raising=False)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))

    found = call(tmp_path, *ON_SPARK)

    assert found == 3
    assert "openjdk-17-jre-headless" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
