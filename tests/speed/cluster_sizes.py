"""What a night on Spark takes per loan: processor seconds, shuffled and stored bytes, memory.

Run as ``python -m tests.speed.cluster_sizes --loans 200000``; the figures stand in
docs/howto/run-on-spark.md. One machine stands for the cluster: two executors of one core each, so
the rates are those of a core, and of networks nothing is said.
"""

import argparse
import os
import sys
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from time import monotonic
from typing import Any

from tests.conformance.cluster import SETTINGS

from recoup.demo.bench_book import bench_book
from recoup.engine.backends.spark import spark_session
from recoup.site.cli import main as recoup

AS_OF = date(2026, 11, 20)
TICKS = os.sysconf("SC_CLK_TCK")
MIB = 1 << 20


class Watch(threading.Thread):
    """Adds up what the processes below this one take: seconds by sort, the largest Python."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.ended = threading.Event()
        self._ticks: dict[int, int] = {}
        self._sort: dict[int, str] = {}
        self._first = {number: ticks for number, _, ticks, _ in _below(os.getpid())}
        self.most_python_mib = 0

    def run(self) -> None:
        while not self.ended.wait(0.5):
            for number, sort, ticks, mib in _below(os.getpid()):
                self._sort[number] = sort
                self._ticks[number] = ticks
                if sort == "python":
                    self.most_python_mib = max(self.most_python_mib, mib)

    def seconds(self) -> dict[str, float]:
        """Processor seconds since the watch began, of Java and of Python."""
        found: dict[str, float] = defaultdict(float)
        for number, ticks in self._ticks.items():
            found[self._sort[number]] += (ticks - self._first.get(number, 0)) / TICKS
        return dict(found)


def _below(root: int) -> Iterator[tuple[int, str, int, int]]:
    parents, found = {}, {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            pages = int((entry / "statm").read_text().split()[1])
            words = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        number = int(entry.name)
        parents[number] = int(fields[1])
        sort = "java" if b"java" in words.split(b"\0")[0] else "python"
        found[number] = (number, sort, int(fields[11]) + int(fields[12]), pages * 4096 // MIB)
    for number, row in found.items():
        above = parents[number]
        while above in parents and above != root:
            above = parents[above]
        if above == root:
            yield row


def shuffled_bytes(spark: Any) -> int:
    """Bytes that all stages so far have written for one another, compressed as they travel."""
    gateway = spark.sparkContext._gateway
    nothing, doubles = gateway.jvm.java.util.ArrayList(), gateway.new_array(gateway.jvm.double, 0)
    store = spark._jsc.sc().statusStore()
    stages = store.stageList(nothing, False, False, doubles, nothing)
    return sum(stages.apply(place).shuffleWriteBytes() for place in range(stages.size()))


def stored(folder: Path) -> int:
    """Bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main(arguments: list[str]) -> None:
    """Measure one night; print a line per figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--loans", type=int, default=200_000)
    loans = parser.parse_args(arguments).loans
    folder = Path(tempfile.mkdtemp(prefix="recoup-sizes-"))
    bench_book(folder=folder / "book", loans=loans, seed=1, as_of=AS_OF)
    with spark_session(name="recoup sizes", settings=SETTINGS) as spark:
        spark.sparkContext.setLogLevel("ERROR")
        watch = Watch()
        watch.start()
        began = monotonic()
        call = ["night", "--book", str(folder / "book"), "--as-of", AS_OF.isoformat()]
        status = recoup([*call, "--engine", "spark", "--out", str(folder / "out")])
        took = monotonic() - began
        watch.ended.set()
        shuffled = shuffled_bytes(spark)
    print(f"loans {loans:,}, status {status}, {took:.0f} s on {os.cpu_count()} cores")
    for sort, seconds in sorted(watch.seconds().items()):
        print(f"{sort}: {seconds:.0f} processor seconds, {seconds * 1e6 / loans:.0f} us a loan")
    print(f"largest Python: {watch.most_python_mib:,} MiB resident")
    print(f"book: {stored(folder / 'book') / loans:.0f} bytes a loan")
    print(f"shuffled: {shuffled / loans:.0f} bytes a loan")
    print(f"result: {stored(folder / 'out') / loans:.0f} bytes a loan")


if __name__ == "__main__":
    main(sys.argv[1:])
