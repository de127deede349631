"""Measures the desk under fifty collectors: a large bank in PostgreSQL, served as in production.

    python -m tests.speed.bench_web --debtors 1500000 --minutes 10 --folder /var/tmp/bench-web

Prepares the bank in ``--folder`` unless it lies there already (a quarter of an hour for the whole
size), copies its records, serves the copy by ``recoup serve`` with its defaults and PostgreSQL with
its own, lets locust be the collectors, and writes table and picture into the results folder.
Everything shares the machine. Exit status: 0 within the budget and no error, 1 otherwise.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from urllib.error import URLError
from urllib.request import urlopen

import psycopg
from tests.speed.big_desk import COLLECTORS, BigDesk
from tests.speed.web_figures import BUDGETED, missed, picture_of, read_samples, table_of
from tools.with_postgres import SETTINGS, free_port, postgres

HERE = Path(__file__).parent
#: The collectors sign in one a second; what is measured begins once all of them have.
SIGN_IN_SECONDS = COLLECTORS + 10
STARTS_WITHIN = 600


def prepare(desk: BigDesk) -> Mapping[str, object]:
    """Make the database ``prepared``; yield what it holds."""
    with postgres(settings=SETTINGS, kept=desk.folder / "postgres") as server:
        _statement(server, "DROP DATABASE IF EXISTS prepared")
        _statement(server, "CREATE DATABASE prepared")
        desk.prepare(address=_database(server, "prepared"))
    found = desk.prepared()
    assert found is not None
    return found


def _database(server: str, name: str) -> str:
    return f"{server.rpartition('/')[0]}/{name}"


def _statement(server: str, text: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(text.encode())


@contextmanager
def served(desk: BigDesk, *, server: str) -> Iterator[str]:
    """Serve a copy of the prepared records as ``recoup serve`` does; yield the desk's address."""
    _statement(server, "DROP DATABASE IF EXISTS working")
    _statement(server, "CREATE DATABASE working TEMPLATE prepared STRATEGY file_copy")
    _statement(server, "CHECKPOINT")
    port = free_port()
    environment = {
        **os.environ,
        "RECOUP_DATABASE_URL": _database(server, "working"),
        "RECOUP_BOOK": str(desk.bank.book.resolve()),
        "RECOUP_CLOCK": desk.opens_at().isoformat(),
    }
    command = [sys.executable, "-m", "recoup.site.cli", "serve", "--port", str(port)]
    serving = subprocess.Popen([*command, "--data", str(desk.bank.desk)], env=environment)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(f"{address}/healthz")
        yield address
    finally:
        serving.terminate()
        serving.wait()


def _wait_for(address: str) -> None:
    until = monotonic() + STARTS_WITHIN
    while monotonic() < until:
        try:
            with urlopen(address, timeout=5):
                return
        except (URLError, OSError):
            sleep(0.5)
    sys.exit(f"{address} did not answer within {STARTS_WITHIN} s")


def collect(desk: BigDesk, *, address: str, minutes: float) -> Path:
    """Let the collectors work for so many minutes; yield the file of their requests."""
    samples = desk.folder / "samples.jsonl"
    environment = {
        **os.environ,
        "COLLECTORS_PREPARED": str(desk.folder / "prepared.json"),
        "COLLECTORS_SAMPLES": str(samples),
    }
    seconds = int(minutes * 60) + SIGN_IN_SECONDS
    command = [
        *(sys.executable, "-m", "locust", "-f", str(HERE / "collectors.py"), "--headless"),
        *("--users", str(COLLECTORS), "--spawn-rate", "1", "--run-time", f"{seconds}s"),
        *(
            "--host",
            address,
            "--only-summary",
            "--loglevel",
            "WARNING",
            "--exit-code-on-error",
            "0",
        ),
    ]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    return samples


def machine() -> str:
    """Yield what was measured on."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    return f"{os.cpu_count()} cores ({model}), Python {platform.python_version()}"


def report(
    found: Mapping[str, object], *, samples: Path, minutes: float, results: Path
) -> tuple[str, ...]:
    """Write table and picture; print the table; yield what is over the budget or wrong."""
    everything = read_samples(samples)
    began = min(one.at for one in everything) + SIGN_IN_SECONDS
    measured = [one for one in everything if one.at >= began]
    # Who signs in does so before the measurement; an error then is an error all the same.
    signing_in = [one for one in everything if one.kind.startswith("sign")]
    early = [one for one in everything if one.at < began and one.fault and one not in signing_in]
    size = f"{', '.join(_sizes(found))} with {COLLECTORS} collectors"
    table = table_of([*measured, *signing_in, *early])
    print(f"\n{size}\n{machine()}\n\n{table}\n", flush=True)
    rate = len(measured) / (minutes * 60)
    facts = {"size": size, "machine": machine(), "minutes": f"{minutes:g}", "rate": f"{rate:.1f}"}
    results.mkdir(parents=True, exist_ok=True)
    for page in (HERE / "pages").glob("*.md"):
        text = page.read_text(encoding="utf-8").format(**facts, table=table)
        (results / page.name).write_text(text, encoding="utf-8")
    title = f"p95 in each half minute; {COLLECTORS} collectors, {_sizes(found)[2]}"
    (results / "web.svg").write_text(picture_of(measured, title=title), encoding="utf-8")
    return missed([*measured, *signing_in, *early])


def _sizes(found: Mapping[str, object]) -> list[str]:
    names = ("debtors", "loans", "open_cases", "assigned_cases")
    return [f"{found[name]:,} {name.replace('_', ' ')}" for name in names]


def bench(*, desk: BigDesk, minutes: float, results: Path) -> int:
    """Prepare what is not prepared, measure, write; yield the exit status."""
    found = desk.prepared() or prepare(desk)
    with (
        postgres(settings="max_connections=100", kept=desk.folder / "postgres") as server,
        served(desk, server=server) as address,
    ):
        samples = collect(desk, address=address, minutes=minutes)
    wrong = report(found, samples=samples, minutes=minutes, results=results)
    print("\n".join(wrong) or f"{', '.join(BUDGETED)}: within the budget, no error")
    return int(bool(wrong))


def main() -> int:
    """Read the call; without ``--folder`` everything lies in a temporary one."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--debtors", type=int, default=1_500_000)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--folder", type=Path, help="keep the prepared bank here, or use it again")
    parser.add_argument("--results", type=Path, default=Path("out/bench-web"))
    parser.add_argument("--prepare", action="store_true", help="prepare the bank and stop")
    args = parser.parse_args()
    if args.folder is None:
        with tempfile.TemporaryDirectory(prefix="recoup-bench-web-") as folder:
            Path(folder).chmod(0o755)  # the database server runs under its own account
            desk = BigDesk(folder=Path(folder), debtors=args.debtors)
            return bench(desk=desk, minutes=args.minutes, results=args.results)
    desk = BigDesk(folder=args.folder.resolve(), debtors=args.debtors)
    if args.prepare:
        print(", ".join(_sizes(desk.prepared() or prepare(desk))))
        return 0
    return bench(desk=desk, minutes=args.minutes, results=args.results)


if __name__ == "__main__":
    sys.exit(main())
