"""Times the night beside the scan limit and its peers, each as a process of its own.

Run by ``make bench``. Generates a lean book (24 instalments and about 14 payments a loan), then
prints one table: seconds, processor seconds, peak memory, and the multiple of what it costs merely
to read and sum every column of the same files. All rows come from one run on one machine.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import monotonic

from recoup.demo.bench_book import bench_book

AS_OF = date(2026, 11, 20)
SEED = 7
SAMPLE_LOANS = 20_000
#: pandas holds the book as Python objects, 14 GiB for a million loans: it is timed on fewer.
MOST_PANDAS_LOANS = 250_000
PEERS = Path(__file__).parent


@dataclass(frozen=True)
class Run:
    """One process: what it did, and what the operating system says it took."""

    name: str
    seconds: float
    processor_seconds: float
    peak_mib: float
    loans: int
    status: int


def measured(*, name: str, command: list[str], loans: int) -> Run:
    """Run a command to its end; yield the operating system's own accounting of it."""
    began = monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Run(
        name=name,
        seconds=monotonic() - began,
        processor_seconds=usage.ru_utime + usage.ru_stime,
        peak_mib=usage.ru_maxrss / 1024,
        loans=loans,
        status=process.returncode,
    )


def night_command(*, book: Path, out: Path) -> list[str]:
    """Yield the command that a bank would type."""
    return [
        *(sys.executable, "-m", "recoup.site.cli", "night"),
        *("--book", str(book), "--as-of", AS_OF.isoformat()),
        *("--pack", "cn", "--strategy", "example", "--out", str(out), "--quiet", "--again"),
    ]


def printed(*, run: Run, scan: Run) -> str:
    """Yield one line of the table; a sample is scaled to the whole book and says so."""
    scale = scan.loans / run.loans
    mark = "" if scale == 1 else f"  (x{scale:.0f} from a sample of {run.loans:,})"
    cost = run.processor_seconds * scale
    failed = "" if run.status in (0, 1) else f"  FAILED with status {run.status}"
    return (
        f"{run.name:<44}{run.seconds * scale:>10.1f}{cost:>10.1f}{run.peak_mib:>10.0f}"
        f"{cost / scan.processor_seconds:>10.1f}{mark}{failed}"
    )


def bench(*, loans: int, folder: Path) -> int:
    """Generate the book, run everything once, print the table; yield 0 if nothing failed."""
    book, sample, middle = folder / "book", folder / "sample", folder / "middle"
    sizes = [(book, loans), (sample, min(SAMPLE_LOANS, loans))]
    if loans > MOST_PANDAS_LOANS:
        sizes.insert(1, (middle, MOST_PANDAS_LOANS))
    for place, count in sizes:
        place.mkdir(parents=True, exist_ok=True)
        rows = bench_book(folder=place, loans=count, seed=SEED, as_of=AS_OF)
    counted = ", ".join(f"{count:,} {table}" for table, count in rows.items())
    megabytes = sum(file.stat().st_size for file in book.iterdir()) / 1e6
    print(f"book: {loans:,} loans, {megabytes:.0f} MB of Parquet; sample: {counted}")

    def peer(name: str, module: str, *, where: Path = book, count: int = loans) -> Run:
        command = [sys.executable, str(PEERS / module), str(where), AS_OF.isoformat()]
        return measured(name=name, command=command, loans=count)

    warm = night_command(book=sample, out=folder / "warm")
    measured(name="warm-up: compiles the kernel once a version", command=warm, loans=loans)
    peer("warm-up: the files into the page cache", "peer_scan.py")
    scan = peer("scan: read and sum every column", "peer_scan.py")
    runs = [
        scan,
        measured(
            name="recoup night: all outputs and the report",
            command=night_command(book=book, out=folder / "out"),
            loans=loans,
        ),
        peer("plain DuckDB SQL: dpd, arrears, class only", "peer_duckdb.py"),
        peer(
            "idiomatic pandas: dpd, arrears, class only",
            "peer_pandas.py",
            where=middle if loans > MOST_PANDAS_LOANS else book,
            count=min(loans, MOST_PANDAS_LOANS),
        ),
        peer(
            "Python loop over loans: dpd, arrears only",
            "peer_loop.py",
            where=sample,
            count=min(SAMPLE_LOANS, loans),
        ),
    ]
    print(f"\n{'':<44}{'seconds':>10}{'cpu s':>10}{'peak MiB':>10}{'x scan':>10}")
    for run in runs:
        print(printed(run=run, scan=scan))
    return int(any(run.status not in (0, 1) for run in runs))


def main() -> int:
    """Read the call, bench in a temporary folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--loans", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="keep the book and the results here")
    arguments = parser.parse_args()
    if arguments.folder:
        return bench(loans=arguments.loans, folder=arguments.folder)
    with tempfile.TemporaryDirectory(prefix="recoup-bench-") as folder:
        return bench(loans=arguments.loans, folder=Path(folder))


if __name__ == "__main__":
    sys.exit(main())
