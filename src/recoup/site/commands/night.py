"""``recoup night``: a bank's files in, tomorrow morning's decisions out."""

import argparse
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from importlib import import_module
from pathlib import Path
from time import monotonic_ns

from recoup.engine.book_changes import TableChange
from recoup.engine.night import NightDone, NightOrder, run_night
from recoup.engine.placing import LeftBehind
from recoup.engine.refusal import NightRefused
from recoup.engine.rerun import Since, done_before, row_counts, since_result
from recoup.policy.pack import Pack, PackRefused
from recoup.policy.strategy import Strategy, StrategyRefused
from recoup.site.changes_told import told_since
from recoup.site.cluster import cluster_module
from recoup.site.night_progress import Progress, Together, progress_of
from recoup.site.policies import WrongCall, add_policy_options, load_policies

DONE, DONE_WITH_REJECTS, WRONG_CALL, REFUSED = range(4)
ENGINES = ("duckdb", "spark")
GIB = 1024
PROGRESS = ("auto", "bar", "json", "none")
#: Signals that ask a process to end: from a service manager, from a keyboard, from a lost terminal.
TOLD_TO_STOP = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
#: What is left of a night that gives up: it clears away, says its sentence and exits with 3. The
#: lock of the result's place is among what it has inherited, and is let go when it ends.
LAST_WORDS = f"""
import os, shutil, sys
said, scratch, lock, previous, out = sys.argv[1:]
if os.path.exists(previous) and not os.path.exists(out):
    os.rename(previous, out)
shutil.rmtree(previous, ignore_errors=True)
shutil.rmtree(scratch, ignore_errors=True)
if os.path.exists(lock):
    os.unlink(lock)
sys.stderr.buffer.write(os.fsencode(said) + b"\\n")
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
    parser.add_argument(
        "--book",
        required=True,
        help="folder with the bank's files; on Spark any path that it reads, such as hdfs://...",
    )
    parser.add_argument("--as-of", type=business_date, required=True, help="business date")
    parser.add_argument("--out", required=True, help="folder for the result")
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="run a strategy that is not signed, or looser than the law, to look at it: the "
        "result says so and is never published",
    )
    add_night_options(parser)
    parser.set_defaults(run=run)


def add_night_options(parser: argparse.ArgumentParser) -> None:
    """Add to a command how a night is run, whatever its date and places."""
    add_policy_options(parser)
    parser.add_argument(
        "--engine",
        choices=ENGINES,
        default="duckdb",
        help="duckdb (default): this machine; spark: the cluster that Spark is set up for",
    )
    parser.add_argument(
        "--spark-conf",
        type=setting,
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="a setting of Spark, over those of spark-submit and spark-defaults; may be repeated",
    )
    parser.add_argument(
        "--max-bad",
        type=share_ppm,
        default=10_000,
        metavar="SHARE",
        help="stop when more of a required table's rows are refused (default: 1%%)",
    )
    parser.add_argument("--go-on", action="store_true", help="do not stop for refused rows")
    parser.add_argument(
        "--again",
        action="store_true",
        help="run also where the result of the same inputs lies there already",
    )
    parser.add_argument("--threads", type=whole(least=1), default=None, help="default: 2")
    parser.add_argument(
        "--memory",
        type=memory_mib,
        default=None,
        metavar="SIZE",
        help="what the whole process may hold, such as 900MiB or 2GiB; the night keeps to it or "
        "refuses (default: three quarters of what the machine has free)",
    )
    parser.add_argument("--quiet", action="store_true", help="print nothing but refusals")
    parser.add_argument(
        "--progress",
        choices=PROGRESS,
        default="auto",
        help="how far the night is, on standard error (default: a bar on a terminal, one line of "
        "JSON a step elsewhere)",
    )
    parser.add_argument(
        "--metrics",
        type=Path,
        metavar="FILE",
        help="write the night's figures for Prometheus' node exporter",
    )
    parser.add_argument(
        "--spans",
        metavar="TO",
        help="write the night as OpenTelemetry spans: 'otlp' (to OTEL_EXPORTER_OTLP_ENDPOINT) or a "
        "file of JSON lines; needs recoup[telemetry]",
    )


def run(args: argparse.Namespace) -> int:
    """Run the night; yield the exit status."""
    try:
        _check_engine(args)
        pack, strategy = load_policies(args, dry_run=args.dry_run)
        progress = looking_on(args)
    except WrongCall as wrong:
        print(f"{wrong.zh}\n{wrong.en}", file=sys.stderr)
        return WRONG_CALL
    except (PackRefused, StrategyRefused) as refused:
        for finding in refused.findings:
            print(finding, file=sys.stderr)
        return REFUSED
    order = _order(args, pack, strategy, progress)
    counted: list[TableChange] = []
    try:
        if args.engine == "spark":
            return _ended(args, strategy, progress, _on_cluster(args, pack, strategy, progress), [])
        since = since_result(order)
        if since is not None and since.tables:
            order = replace(
                order,
                replacing=lambda old, new: counted.extend(row_counts(before=old, after=new)),
            )
        ran = since is None or not since.nothing or args.again
        done = run_night(order) if ran else done_before(order.out)
    except NightRefused as refused:
        progress.close(status=REFUSED, zh=refused.zh, en=refused.en)
        print(f"{refused.zh}\n{refused.en}", file=sys.stderr)
        return REFUSED
    return _ended(args, strategy, progress, done, list(_told(since, counted, ran=ran)), ran=ran)


def _ended(
    args: argparse.Namespace,
    strategy: Strategy,
    progress: Progress,
    done: NightDone,
    told: Sequence[str],
    *,
    ran: bool = True,
) -> int:
    """Say how a night ended; yield the exit status."""
    status = DONE_WITH_REJECTS if done.rejected_rows or done.warnings else DONE
    progress.close(status=status, ran=ran, **counts(done))
    for finding in strategy.tolerated:
        print(finding, file=sys.stderr)
    if not args.quiet:
        print("\n".join([*told, summary(done)]))
    return status


def _order(
    args: argparse.Namespace, pack: Pack, strategy: Strategy, progress: Progress
) -> NightOrder:
    return NightOrder(
        book=Path(args.book),
        as_of=args.as_of,
        pack=pack,
        strategy=strategy,
        out=Path(args.out),
        clock_ns=monotonic_ns,
        say=progress.say,
        mark=progress.mark,
        ended=progress.ended,
        engine=args.engine,
        threads=args.threads or 2,
        memory_mib=args.memory or free_mib() * 3 // 4,
        give_up=giving_up(progress),
        held=ends_when_told,
        max_bad_ppm=args.max_bad,
        go_on=args.go_on,
        dry_run=args.dry_run,
    )


def _told(since: Since | None, counted: Sequence[TableChange], *, ran: bool) -> Iterator[str]:
    """Yield what is said of an earlier result of the same date, if there was one."""
    if since is None:
        return
    if ran and since.nothing:
        return
    yield from told_since(since, counted)


def looking_on(args: argparse.Namespace) -> Progress:
    """Yield who is told how far the night is. Errors: WrongCall."""
    run_id = f"{args.as_of.isoformat()}-{os.getpid()}"
    how = "none" if args.quiet else args.progress
    parts = [progress_of(how=how, stream=sys.stderr, now=_now, run=run_id)]
    if args.metrics is not None:
        if not os.access(args.metrics.absolute().parent, os.W_OK):
            raise WrongCall(
                zh=f"无法在 {args.metrics.absolute().parent} 写入指标文件。",
                en=f"The file of metrics cannot be written in {args.metrics.absolute().parent}.",
            )
        metrics = import_module("recoup.site.night_metrics")
        parts.append(metrics.MetricsFile(path=args.metrics, as_of=args.as_of, now=_now))
    if args.spans is not None:
        try:
            spans = import_module("recoup.site.night_spans")
            parts.append(spans.Spans(to=args.spans, run=run_id, clock_ns=monotonic_ns, now=_now))
        except ModuleNotFoundError as missing:
            raise WrongCall(
                zh=f"--spans 需要附加组件（缺少 {missing.name}）；请安装 recoup[telemetry]。",
                en=f"--spans needs an extra ({missing.name} is missing); install "
                "recoup[telemetry].",
            ) from missing
        except OSError as failure:
            raise WrongCall(
                zh=f"无法写入 {args.spans}：{failure.strerror}。",
                en=f"{args.spans} cannot be written: {failure.strerror}.",
            ) from failure
    return parts[0] if len(parts) == 1 else Together(parts=tuple(parts))


def _now() -> datetime:
    return datetime.now(tz=UTC).astimezone()


def giving_up(progress: Progress) -> Callable[[NightRefused, LeftBehind], None]:
    """Yield what ends the process with a refusal, after those who look on were told."""

    def give_up_told(refused: NightRefused, left: LeftBehind) -> None:
        # Whatever goes wrong in telling, the process ends.
        with suppress(Exception):
            progress.close(status=REFUSED, zh=refused.zh, en=refused.en)
        give_up(refused, left)

    return give_up_told


@contextmanager
def ends_when_told(give_up: Callable[[NightRefused], None]) -> Iterator[None]:
    """Let signals that ask the process to end do so in good order, while the context lasts.

    They arrive in the main thread alone; a night in another leaves them as they are.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: object) -> None:
        name = signal.Signals(number).name
        give_up(
            NightRefused(
                zh=f"日终运行收到停止信号（{name}），已停止；未留下半成品。可重新运行。",
                en=f"The night was told to stop ({name}) and stopped; nothing half done is left. "
                "It can be run again.",
            )
        )

    before = {one: signal.signal(one, stop) for one in TOLD_TO_STOP}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def counts(done: NightDone) -> dict[str, int]:
    """Yield how many rows the night wrote, refused and warned of."""
    results = done.manifest["results"]
    assert isinstance(results, dict)
    rows = {name.removesuffix(".parquet"): int(found["rows"]) for name, found in results.items()}
    return {
        "contracts": rows["decisions"],
        "debtors": rows["people"],
        "worklist_lines": rows["worklist"],
        "rejected_rows": done.rejected_rows,
        "warnings": done.warnings,
    }


def _check_engine(args: argparse.Namespace) -> None:
    """Refuse options that the engine has no use for. Errors: WrongCall."""
    on_spark = args.engine == "spark"
    if args.spark_conf and not on_spark:
        raise WrongCall(
            zh="--spark-conf 只能与 --engine spark 一起使用。",
            en="--spark-conf goes with --engine spark only.",
        )
    if on_spark and (args.threads or args.memory):
        raise WrongCall(
            zh="在 Spark 上，核数与内存由 Spark 的配置决定（如 --spark-conf "
            "spark.executor.memory=8g）；请去掉 --threads 和 --memory。",
            en="On Spark, cores and memory are Spark's own settings (such as --spark-conf "
            "spark.executor.memory=8g); leave out --threads and --memory.",
        )


def _on_cluster(
    args: argparse.Namespace, pack: Pack, strategy: Strategy, progress: Progress
) -> NightDone:
    """Run the night on Spark. Errors: NightRefused."""
    cluster = cluster_module()
    done: NightDone = cluster.run_cluster_night(
        cluster.ClusterOrder(
            book=str(args.book),
            as_of=args.as_of,
            pack=pack,
            strategy=strategy,
            out=str(args.out),
            clock_ns=monotonic_ns,
            settings=dict(args.spark_conf),
            say=progress.say,
            mark=progress.mark,
            max_bad_ppm=args.max_bad,
            go_on=args.go_on,
            dry_run=args.dry_run,
        )
    )
    return done


def summary(done: NightDone) -> str:
    """Yield the last lines that the command prints: what was made and where it lies."""
    rows = counts(done)
    lies = f"结果 result: {done.where}"
    if done.where is None:
        lies = f"晨报 report: {(done.out / 'report.html').resolve()}"
    return (
        f"合同 {rows['contracts']:,}，债务人 {rows['debtors']:,}，"
        f"工作清单 {rows['worklist_lines']:,} 行，"
        f"拒收 {done.rejected_rows:,} 行，警告 {done.warnings:,} 条（rejects.parquet）\n"
        f"{rows['contracts']:,} contracts, {rows['debtors']:,} debtors, "
        f"{rows['worklist_lines']:,} worklist lines, {done.rejected_rows:,} rows refused, "
        f"{done.warnings:,} warnings (rejects.parquet)\n"
        f"{lies}"
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


def setting(text: str) -> tuple[str, str]:
    """Yield a setting written as key=value."""
    key, sign, value = text.partition("=")
    if not sign or not key.strip():
        raise argparse.ArgumentTypeError(f"'{text}' is no key=value / 不是 key=value")
    return key.strip(), value.strip()


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


def give_up(refused: NightRefused, left: LeftBehind) -> None:
    """End the process at once with the sentence of a refusal, and clear away what it leaves.

    The other threads hold the memory and cannot be asked to stop. A new program takes the place of
    this one, under the same number: from that moment nothing of the night runs or is held.
    """
    said = f"{refused.zh}\n{refused.en}"
    paths = [str(path) for path in (left.scratch, left.lock, left.previous, left.out)]
    os.execv(sys.executable, [sys.executable, "-I", "-S", "-c", LAST_WORDS, said, *paths])
