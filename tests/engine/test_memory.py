"""The limit of memory: planned, held between blocks, watched inside them, and kept to the end."""

import json
import subprocess
import sys
import threading
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from recoup.demo.bench_book import bench_book
from recoup.engine import memory
from recoup.engine.memory import (
    BLOCK_LOANS,
    LEAST_BLOCK_LOANS,
    LEAST_MIB,
    MemoryKeeper,
    Sizes,
    least_mib,
    planned_sizes,
)
from recoup.engine.night import NightOrder, run_night
from recoup.engine.refusal import NightRefused
from recoup.policy.locate import packs_folder, strategies_folder
from recoup.policy.pack import load_pack
from recoup.policy.strategy import load_strategy

AS_OF = date(2026, 11, 20)
LOANS = 60_000
RESULTS = ("decisions.parquet", "people.parquet", "worklist.parquet")
#: The watch looks a hundred times a second; so much may be taken between two looks.
TOLERANCE_MIB = 24


def test_without_a_limit_everything_has_its_full_size() -> None:
    assert planned_sizes(limit_mib=None, resident=0, block_loans=BLOCK_LOANS) == Sizes()


def test_a_smaller_limit_never_plans_larger_blocks() -> None:
    sizes = [
        planned_sizes(limit_mib=limit, resident=500, block_loans=BLOCK_LOANS)
        for limit in range(600, 4_000, 50)
    ]

    blocks = [one.block_loans for one in sizes]
    assert blocks == sorted(blocks)
    assert (blocks[0], blocks[-1]) == (LEAST_BLOCK_LOANS, BLOCK_LOANS)
    assert [one.read_ahead for one in sizes] == sorted(one.read_ahead for one in sizes)


def test_a_plan_never_makes_blocks_larger_than_asked_for() -> None:
    for limit in (600, 1_200, 8_000):
        sizes = planned_sizes(limit_mib=limit, resident=500, block_loans=1_000)
        sizes.shrink()

        assert sizes.block_loans <= 1_000


def test_a_book_too_large_for_the_limit_is_refused_with_what_it_needs() -> None:
    with MemoryKeeper(limit_mib=1_024, resident=lambda: 300) as keeper:
        keeper.counted(100_000)
        with pytest.raises(NightRefused) as refused:
            keeper.counted(1_000_000)

    assert "1,000,000 contracts needs at least 1689MiB" in refused.value.en
    assert "1,000,000 笔合同的账册至少需要 1689MiB" in refused.value.zh


def test_near_the_limit_the_next_blocks_are_made_smaller() -> None:
    held = [900]
    sizes = Sizes(block_loans=100_000)
    with MemoryKeeper(limit_mib=1_000, resident=lambda: held[0]) as keeper:
        keeper.between(sizes)
        kept = sizes.block_loans
        held[0] = 950
        keeper.between(sizes)

    assert (kept, sizes.block_loans, sizes.read_ahead) == (100_000, 50_000, False)


def test_a_block_that_came_near_the_limit_counts_even_if_it_has_let_go_since() -> None:
    held = [950]
    sizes = Sizes(block_loans=100_000)
    seen = threading.Event()

    def resident() -> int:
        seen.set()
        return held[0]

    with MemoryKeeper(limit_mib=1_000, resident=resident) as keeper:
        seen.wait(5)
        while keeper.highest < 950:
            pass
        held[0] = 500
        keeper.between(sizes)

    assert sizes.block_loans == 50_000


def test_the_watch_hands_free_memory_back_before_it_gives_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held, given_up = [999], threading.Event()
    handed_back = threading.Event()

    def hand_back() -> None:
        held[0] = 600
        handed_back.set()

    monkeypatch.setattr(memory, "hand_back_memory", hand_back)
    keeper = MemoryKeeper(
        limit_mib=1_000, resident=lambda: held[0], give_up=lambda refused: given_up.set()
    )
    with keeper:
        assert handed_back.wait(5)

    assert (keeper.passed, given_up.is_set(), keeper.highest) == (False, False, 600)


def test_between_blocks_more_than_the_limit_is_a_refusal() -> None:
    with (
        MemoryKeeper(limit_mib=1_000, resident=lambda: 1_001) as keeper,
        pytest.raises(NightRefused, match="came up against its memory limit of 1000MiB"),
    ):
        keeper.between()


def test_without_a_limit_nothing_is_measured() -> None:
    def never() -> int:
        raise AssertionError("measured")

    with MemoryKeeper(limit_mib=None, resident=never) as keeper:
        keeper.counted(10**9)
        keeper.between(keeper.sizes(block_loans=250_000))


#: Runs a command, prints its status and peak. A small process does it: the peak of a process
#: counts what its parent held when it began.
MEASURE = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
print(os.waitstatus_to_exitcode(status), usage.ru_maxrss)
"""


def test_blocks_are_counted_up_to_the_number_that_was_foretold(tmp_path: Path) -> None:
    bench_book(folder=tmp_path / "book", loans=2_500, seed=3, as_of=AS_OF)
    told: list[tuple[int, int]] = []

    def mark(step: str, block: int, blocks: int) -> None:
        if step == "decide":
            told.append((block, blocks))

    run_night(
        NightOrder(
            book=tmp_path / "book",
            as_of=AS_OF,
            pack=load_pack(packs_folder() / "cn"),
            strategy=load_strategy(strategies_folder() / "example"),
            out=tmp_path / "out",
            clock_ns=lambda: 0,
            mark=mark,
            block_loans=1_000,
        )
    )

    assert told == [(1, 3), (2, 3), (3, 3)]


@dataclass(frozen=True)
class Ended:
    """A night that ran as a process of its own."""

    status: int
    peak_mib: int
    said: str


def ended(book: Path, out: Path, *options: str, before: str = "") -> Ended:
    """Run the night in a process of its own; yield what the operating system says of it."""
    call = [
        *("night", "--book", str(book), "--as-of", AS_OF.isoformat(), "--pack", "cn"),
        *("--strategy", "example", "--out", str(out), "--quiet", *options),
    ]
    code = f"import sys\n{before}\nfrom recoup.site.cli import main\nsys.exit(main({call!r}))"
    said = out.parent / f"{out.name}.said"
    with said.open("w", encoding="utf-8") as stream:
        measured = subprocess.run(
            [sys.executable, "-S", "-c", MEASURE, sys.executable, "-c", code],
            stdout=subprocess.PIPE,
            stderr=stream,
            check=True,
        )
    status, peak_kib = map(int, measured.stdout.split())
    return Ended(status, peak_kib // 1024, said.read_text(encoding="utf-8"))


def _bytes(out: Path) -> list[bytes]:
    return [(out / name).read_bytes() for name in RESULTS]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book of sixty thousand loans."""
    folder = tmp_path_factory.mktemp("memory") / "book"
    bench_book(folder=folder, loans=LOANS, seed=3, as_of=AS_OF)
    return folder


@pytest.fixture(scope="module")
def at_ease(book: Path) -> Path:
    """The night on it with all the memory that the machine has to spare."""
    out = book.parent / "at-ease"
    assert ended(book, out).status in (0, 1)
    return out


@pytest.mark.xdist_group("memory")
@pytest.mark.parametrize("above", [0, 400])
def test_the_peak_stays_below_the_limit_and_the_bytes_are_the_same(
    book: Path, at_ease: Path, tmp_path: Path, above: int
) -> None:
    limit = least_mib(contracts=LOANS) + above

    night = ended(book, tmp_path / "out", "--memory", f"{limit}MiB")

    assert night.status in (0, 1), night.said
    assert night.peak_mib <= limit + TOLERANCE_MIB
    assert _bytes(tmp_path / "out") == _bytes(at_ease)


def _previous(tmp_path: Path) -> Path:
    out = tmp_path / "out"
    out.mkdir()
    (out / "manifest.json").write_text(json.dumps({"from": "the night before"}))
    return out


def _is_untouched(out: Path) -> bool:
    kept = json.loads((out / "manifest.json").read_text()) == {"from": "the night before"}
    left = [one.name for one in out.parent.iterdir() if one.name not in (out.name, "out.said")]
    return kept and left == []


@pytest.mark.xdist_group("memory")
@pytest.mark.parametrize("limit", [200, LEAST_MIB - 1, least_mib(contracts=LOANS) - 1])
def test_a_limit_below_what_the_book_takes_is_refused_and_leaves_everything_as_it_was(
    book: Path, tmp_path: Path, limit: int
) -> None:
    out = _previous(tmp_path)

    night = ended(book, out, "--memory", f"{limit}MiB")

    assert night.status == 3
    assert f"The memory limit of {limit}MiB is too small" in night.said
    assert f"内存上限 {limit}MiB 太小" in night.said
    assert len(night.said.splitlines()) == 2
    assert _is_untouched(out)


@pytest.mark.xdist_group("memory")
def test_a_night_that_comes_up_against_the_limit_stops_itself_with_one_sentence(
    book: Path, tmp_path: Path
) -> None:
    out = _previous(tmp_path)
    careless = "from recoup.engine import memory\nmemory.LEAST_MIB = memory.BYTES_PER_CONTRACT = 0"
    limit = 380

    night = ended(book, out, "--memory", f"{limit}MiB", before=careless)

    assert night.status == 3
    assert night.peak_mib <= limit + TOLERANCE_MIB
    assert f"came up against its memory limit of {limit}MiB" in night.said
    assert len(night.said.splitlines()) == 2
    assert _is_untouched(out)


def test_the_result_says_nothing_of_the_limit(at_ease: Path) -> None:
    manifest = json.loads((at_ease / "manifest.json").read_text())

    assert "memory" not in json.dumps(manifest)
    assert pq.read_metadata(at_ease / "decisions.parquet").num_rows == LOANS
