"""A Spark of two real executors for the tests: started once, stopped at the end."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import recoup

#: One core and one GiB for each of two executors, processes of their own.
EXECUTORS = 2
#: Short runs end before Java's second compiler has paid for itself.
BRIEF_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
SETTINGS = {
    "spark.driver.extraJavaOptions": BRIEF_JAVA,
    "spark.executor.extraJavaOptions": BRIEF_JAVA,
    "spark.master": f"local-cluster[{EXECUTORS},1,1024]",
    "spark.executor.memory": "768m",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "4",
    "spark.sql.adaptive.coalescePartitions.enabled": "true",
    "spark.executorEnv.PYTHONPATH": str(Path(recoup.__file__).parent.parent),
}


def needs_spark() -> None:
    """Skip the module where the extra or Java is missing."""
    pytest.importorskip("pyspark", reason="recoup[spark] is not installed")
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        pytest.skip("there is no Java", allow_module_level=True)
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)


def executors_of(driver_java: int) -> list[int]:
    """The process numbers of the executors that the driver's Java has started."""
    return [
        number
        for number, parent, words in _processes()
        if parent == driver_java and "CoarseGrainedExecutorBackend" in words
    ]


def working_executors(driver_java: int) -> list[int]:
    """Those of the executors that have a Python at work, which they start for their first task."""
    parents = {parent for _, parent, words in _processes() if "pyspark.daemon" in words}
    return [number for number in executors_of(driver_java) if number in parents]


def _processes() -> Iterator[tuple[int, int, str]]:
    """Every process: its number, its parent's, its command."""
    for entry in sorted(Path("/proc").iterdir()):
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().decode(errors="replace")
                parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
            except OSError:
                continue  # it has ended meanwhile
            yield int(entry.name), int(parent), words
