"""``recoup night``: a bank's files in, tomorrow morning's decisions out."""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from time import monotonic_ns

from recoup.engine.night import NightDone, NightOrder, run_night
from recoup.engine.refusal import NightRefused
from recoup.policy.pack import PackRefused
from recoup.policy.strategy import StrategyRefused
from recoup.site.policies import WrongCall, add_policy_options, load_policies

DONE, DONE_WITH_REJECTS, WRONG_CALL, REFUSED = range(4)
ENGINES = ("duckdb",)
GIB = 1024
#: What is left of a night that gives up: it removes files, says its sentence and exits with 3.
LAST_WORDS = f"""
import os, shutil, sys
for path in sys.argv[2:]:
    shutil.rmtree(path, ignore_errors=True)
    if os.path.isfile(path):
        os.unlink(path)
sys.stderr.buffer.write(os.fsencode(sys.argv[1]) + b"\\n")
sys.exit({REFUSED})
"""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``night`` to the command line."""
    parser = subparsers.add_parser(
        "night",
        help="decide a whole book for one business date / 日终：判定整本账册",
        description="Reads a bank's book, checks every row, decides every contract with its "
        "reasons. Exit status: 0 done, 1 done with refused rows or warnings, 2 wrong call, "
        "3 refused.",
    )
    parser.add_argument("--book", type=Path, required=True, help="folder with the bank's files")
    parser.add_argument("--as-of", type=business_date, required=True, help="business date")
    parser.add_argument("--out", type=Path, required=True, help="folder for the result")
    add_policy_options(parser)
    parser.add_argument("--engine", choices=ENGINES, default="duckdb", help="default: duckdb")
    parser.add_argument(
        "--max-bad",
        type=share_ppm,
        default=10_000,
        metavar="SHARE",
        help="stop when more of a required table's rows are refused (default: 1%%)",
    )
    parser.add_argument("--go-on", action="store_true", help="do not stop for refused rows")
    parser.add_argument("--threads", type=whole(least=1), default=2, help="default: 2")
    parser.add_argument(
        "--memory",
        type=memory_mib,
        default=None,
        metavar="SIZE",
        help="what the whole process may hold, such as 900MiB or 2GiB; the night keeps to it or "
        "refuses (default: three quarters of what the machine has free)",
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="run a strategy that is not signed, or looser than the law, to look at it: the "
        "result says so and is never published",
    )
    parser.add_argument("--quiet", action="store_true", help="print nothing but refusals")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the night; yield the exit status."""
    try:
        pack, strategy = load_policies(args, dry_run=args.dry_run)
        done = run_night(
            NightOrder(
                book=args.book,
                as_of=args.as_of,
                pack=pack,
                strategy=strategy,
                out=args.out,
                clock_ns=monotonic_ns,
                say=_silent if args.quiet else _said,
                engine=args.engine,
                threads=args.threads,
                memory_mib=args.memory or free_mib() * 3 // 4,
                give_up=give_up,
                max_bad_ppm=args.max_bad,
                go_on=args.go_on,
                dry_run=args.dry_run,
            )
        )
    except WrongCall as wrong:
        print(f"{wrong.zh}\n{wrong.en}", file=sys.stderr)
        return WRONG_CALL
    except (PackRefused, StrategyRefused) as refused:
        for finding in refused.findings:
            print(finding, file=sys.stderr)
        return REFUSED
    except NightRefused as refused:
        print(f"{refused.zh}\n{refused.en}", file=sys.stderr)
        return REFUSED
    for finding in strategy.tolerated:
        print(finding, file=sys.stderr)
    if not args.quiet:
        print(summary(done))
    return DONE_WITH_REJECTS if done.rejected_rows or done.warnings else DONE


def summary(done: NightDone) -> str:
    """Yield the last lines that the command prints: what was made and where it lies."""
    results = done.manifest["results"]
    assert isinstance(results, dict)
    rows = {name.removesuffix(".parquet"): found["rows"] for name, found in results.items()}
    report = (done.out / "report.html").resolve()
    return (
        f"合同 {rows['decisions']:,}，债务人 {rows['people']:,}，工作清单 {rows['worklist']:,} 行，"
        f"拒收 {done.rejected_rows:,} 行，警告 {done.warnings:,} 条（rejects.parquet）\n"
        f"{rows['decisions']:,} contracts, {rows['people']:,} debtors, "
        f"{rows['worklist']:,} worklist lines, {done.rejected_rows:,} rows refused, "
        f"{done.warnings:,} warnings (rejects.parquet)\n"
        f"晨报 report: {report}"
    )


def business_date(text: str) -> date:
    """Yield a date written as YYYY-MM-DD."""
    try:
        return date.fromisoformat(text) if len(text) == len("2026-11-20") else _no_date(text)
    except ValueError:
        return _no_date(text)


def _no_date(text: str) -> date:
    raise argparse.ArgumentTypeError(f"'{text}' is no date YYYY-MM-DD / 不是 YYYY-MM-DD 日期")


def share_ppm(text: str) -> int:
    """Yield a share such as 1% or 0.5% in parts per million."""
    try:
        percent = Decimal(text.removesuffix("%").strip())
    except InvalidOperation:
        percent = Decimal(-1)
    ppm = percent * 10_000
    if not 0 <= percent <= 100 or ppm != int(ppm):
        raise argparse.ArgumentTypeError(f"'{text}' is no share such as 1% / 不是 1% 这样的比例")
    return int(ppm)


def memory_mib(text: str) -> int:
    """Yield a size such as 512MiB or 2GiB in MiB."""
    for unit, mib in (("GiB", GIB), ("MiB", 1)):
        number = text.removesuffix(unit)
        if number != text and number.isdigit() and int(number) > 0:
            return int(number) * mib
    raise argparse.ArgumentTypeError(f"'{text}' is no size such as 2GiB / 不是 2GiB 这样的大小")


class whole:  # noqa: N801 - used like a function, as argparse types are
    """Reads a whole number of at least ``least``."""

    def __init__(self, *, least: int) -> None:
        self.least = least

    def __call__(self, text: str) -> int:
        if not text.isdigit() or int(text) < self.least:
            raise argparse.ArgumentTypeError(f"'{text}' is less than {self.least} or no number")
        return int(text)


def free_mib() -> int:
    """Yield how much memory a process may still take here, in MiB: the machine's, or its cage's."""
    free = _named(Path("/proc/meminfo"))["MemAvailable:"] // 1024
    try:
        own = Path("/proc/self/cgroup").read_text(encoding="ascii").strip().rpartition("::")[2]
        cage = Path("/sys/fs/cgroup") / own.lstrip("/")
        most = (cage / "memory.max").read_text(encoding="ascii").strip()
        held = _named(cage / "memory.stat")["anon"]  # what is cached of files can be let go of
    except (OSError, KeyError):  # no control group of its own, or an older kind
        return free
    return min(free, max(0, int(most) - held) >> 20) if most.isdigit() else free


def _named(file: Path) -> dict[str, int]:
    """Yield a system file of lines that are a name and a number."""
    lines = file.read_text(encoding="ascii").splitlines()
    return {name: int(number) for name, number, *_ in (line.split() for line in lines)}


def give_up(refused: NightRefused, left: Sequence[Path]) -> None:
    """End the process at once with the sentence of a refusal, and remove what it leaves.

    The other threads hold the memory and cannot be asked to stop. A new program takes the place of
    this one, under the same number: from that moment nothing of the night runs or is held.
    """
    said = f"{refused.zh}\n{refused.en}"
    paths = [str(path) for path in left]
    os.execv(sys.executable, [sys.executable, "-I", "-S", "-c", LAST_WORDS, said, *paths])


def _said(zh: str, en: str) -> None:
    print(f"{zh} / {en}", file=sys.stderr)


def _silent(zh: str, en: str) -> None:
    return
