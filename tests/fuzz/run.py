"""Fuzzes the readers of files for some minutes: ``python -m tests.fuzz.run --minutes 10``.

Each input is read in a process of its own kind of care: what ends the process, takes longer than
``LONGEST`` seconds or more memory than ``MEMORY`` is a finding as well. Findings are written to
``tests/fuzz/cases/FORMAT``, where ``test_findings.py`` reads them in every test run from then on.
"""

import argparse
import hashlib
import multiprocessing
import random
import resource
import signal
import sys
import tempfile
import traceback
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path
from time import monotonic

from tests.book.books import a_book, csv_text, write_parquet
from tests.fuzz import mutate
from tests.fuzz.readers import READERS

from recoup.policy.locate import packs_folder, strategies_folder

CASES = Path(__file__).with_name("cases")
#: Seconds that one input may take, and bytes that the process may have.
LONGEST = 30
MEMORY = 6 << 30
#: Inputs that a process reads before another takes its place.
INPUTS = 2_000


def seeds(kind: str) -> dict[str, bytes]:
    """Yield the sound files of a format that are spoilt, by where they stand."""
    if kind == "csv":
        return {f"{name}.csv": csv_text(table).encode() for name, table in a_book().items()}
    if kind == "parquet":
        with tempfile.TemporaryDirectory() as folder:
            made = write_parquet(a_book(), Path(folder))
            return {file.name: file.read_bytes() for file in sorted(made.iterdir())}
    if kind == "dmn":
        files = sorted((strategies_folder() / "example").glob("*.dmn"))
        return {file.name: file.read_bytes() for file in files}
    roots = {"packs": packs_folder() / "zz", "strategies": strategies_folder() / "example"}
    return {
        f"{part}/{file.relative_to(root).as_posix()}": file.read_bytes()
        for part, root in roots.items()
        for file in sorted(root.rglob("*.yaml"))
    }


def spoilt(kind: str, name: str, seed: bytes, chance: random.Random) -> bytes:
    """Yield one spoilt file."""
    words = {"csv": mutate.WORDS, "parquet": mutate.WORDS, "dmn": mutate.XML_WORDS}
    chosen = words.get(kind, mutate.YAML_WORDS + mutate.WORDS)
    table = name.partition(".")[0]
    if kind == "csv" and chance.random() < 0.5:
        return mutate.csv_of(a_book(), table, chance)
    if kind == "parquet":
        if chance.random() < 0.6:
            return mutate.parquet_of(a_book(), table, chance)
        return mutate.of_bytes(seed, chance, chosen)
    how = chance.choice([mutate.of_bytes, mutate.of_words, mutate.of_words, mutate.of_lines])
    return how(seed, chance, chosen)


def read_many(kind: str, number: int, until: float, told: Connection) -> None:
    """Read spoilt files until it is time; tell of each before it is read, and what came of it."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGALRM, _too_long)
    chance = random.Random(number)
    sound = seeds(kind)
    with tempfile.TemporaryDirectory() as scratch:
        for _ in range(INPUTS):
            if monotonic() > until:
                break
            name = chance.choice(sorted(sound))
            raw = spoilt(kind, name, sound[name], chance)
            told.send((name, raw, None, None))
            signal.alarm(LONGEST)
            try:
                outcome = READERS[kind](raw, name, Path(scratch))
                told.send((name, raw, outcome, None))
            except BaseException:
                told.send((name, raw, "finding", traceback.format_exc()))
            finally:
                signal.alarm(0)
    told.close()


def _too_long(*_: object) -> None:
    raise TimeoutError(f"more than {LONGEST} seconds")


def keep(kind: str, name: str, raw: bytes) -> Path:
    """Write a finding down as a case, once."""
    place = CASES / kind / name.replace("/", "+").partition(".")[0]
    suffix = name.partition(".")[2]
    file = place.with_name(f"{place.name}-{hashlib.sha256(raw).hexdigest()[:12]}.{suffix}")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(raw)
    return file


def fuzz(kind: str, *, seconds: float, first: int) -> tuple[Counter[str], dict[str, Path]]:
    """Fuzz one format; yield how often each outcome came, and the findings by their last line."""
    outcomes: Counter[str] = Counter()
    findings: dict[str, Path] = {}
    until = monotonic() + seconds
    number = first
    context = multiprocessing.get_context("spawn")
    while monotonic() < until:
        number += 1
        hears, tells = context.Pipe(duplex=False)
        process = context.Process(target=read_many, args=(kind, number, until, tells))
        process.start()
        tells.close()
        name, raw, done = "", b"", True
        try:
            while True:
                name, raw, outcome, trace = hears.recv()
                done = outcome is not None
                if outcome is not None:
                    outcomes[outcome] += 1
                if trace is not None and _place_of(trace) not in findings:
                    findings[_place_of(trace)] = keep(kind, name, raw)
                    print(f"{kind} {name}: {trace}", file=sys.stderr, flush=True)
        except EOFError:
            process.join()
        if not done:  # the process died of it
            outcomes["finding"] += 1
            findings[f"{name}: ended with {process.exitcode}"] = keep(kind, name, raw)
    return outcomes, findings


def _place_of(trace: str) -> str:
    """Yield what tells findings apart: the last place in the code and the error's name."""
    lines = [line.strip() for line in trace.strip().splitlines()]
    places = [line for line in lines if line.startswith("File ")]
    return f"{places[-1] if places else ''} {lines[-1].partition(':')[0]}"


def main() -> int:
    """Fuzz every format for its share of the time; yield 1 where something was found."""
    parser = argparse.ArgumentParser(description="Fuzzes the readers of CSV, Parquet, YAML, DMN.")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=sorted(READERS))
    given = parser.parse_args()
    kinds = [given.only] if given.only else list(READERS)
    found = 0
    for kind in kinds:
        seconds = given.minutes * 60 / len(kinds)
        outcomes, findings = fuzz(kind, seconds=seconds, first=given.seed * 1_000_000)
        found += len(findings)
        print(f"{kind}: {sum(outcomes.values()):,} inputs; {dict(outcomes.most_common())}")
        for place, file in findings.items():
            print(f"    {file.relative_to(CASES)}  {place}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
