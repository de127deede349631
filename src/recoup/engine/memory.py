"""Keeps a night within one limit of memory: planned, measured between blocks, watched inside them.

The limit is for the whole process, as the operating system counts it: resident pages, the program
and its libraries included. What it changes is how much is held at once, never a byte of a result.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from types import TracebackType
from typing import Self

import pyarrow as pa

from recoup.engine.refusal import NightRefused

#: Loans of one block of the flow when memory is plentiful.
BLOCK_LOANS = 125_000
#: What the smallest book takes: the program, its libraries and compiled loops, one least block.
LEAST_MIB = 640
#: What every contract adds: its rows of debtors and contracts are held while the book is read.
BYTES_PER_CONTRACT = 1_100
#: From so much room above what the program holds, nothing has to be made smaller.
PLENTY_MIB = 1_400
#: Room that a least block takes whatever its size: buffers of files, rows waiting to be written.
FIXED_MIB = 400
#: What each further loan of a block takes, with its results and the block being read ahead.
BYTES_PER_LOAN = 4_000
LEAST_BLOCK_LOANS = 8_192
#: From so much room on, the next block is traced while one is being decided.
AHEAD_MIB = 1_100
#: Share of the limit, in percent, that a plan fills, and at which blocks are made smaller.
PLANNED_PERCENT, HIGH_PERCENT = 90, 93
#: The watch stops the night so much below the limit, and looks so often.
SPARE_MIB = 24
WATCH_EVERY = timedelta(milliseconds=10)
#: Looks of the watch between two times that it hands back free memory when the limit is near.
LOOKS_BETWEEN = 100
_PAGE_BYTES = 4_096
_MIB = 1 << 20


def resident_mib() -> int:
    """Yield what this process holds resident, in MiB, as the operating system counts it."""
    opened = os.open("/proc/self/statm", os.O_RDONLY)
    try:
        pages = int(os.read(opened, 256).split()[1])
    finally:
        os.close(opened)
    return pages * _PAGE_BYTES // _MIB


def hand_back_memory() -> None:
    """Give memory that is free, but kept for the next batch, back to the operating system."""
    pa.default_memory_pool().release_unused()
    # The C library's own memory, which others use as well.
    pa.system_memory_pool().release_unused()


def least_mib(*, contracts: int) -> int:
    """Yield the least limit with which a book of so many contracts is accepted, in MiB.

    Example:
        >>> least_mib(contracts=20_000), least_mib(contracts=1_000_000)
        (660, 1689)
    """
    return LEAST_MIB + contracts * BYTES_PER_CONTRACT // _MIB


@dataclass
class Sizes:
    """How much is held at once; ``block_loans`` may shrink between two blocks.

    Units: loans, rows of a file, MiB that the embedded engine may hold.
    """

    block_loans: int = BLOCK_LOANS
    piece_loans: int = 32_768
    rows_read: int = 1_000_000
    engine_mib: int = 1_024
    read_ahead: bool = True

    def shrink(self) -> None:
        """Make the next blocks half as large, and read none ahead."""
        self.block_loans = min(self.block_loans, max(LEAST_BLOCK_LOANS, self.block_loans // 2))
        self.read_ahead = False


def planned_sizes(*, limit_mib: int | None, resident: int, block_loans: int) -> Sizes:
    """Yield how much to hold at once when ``resident`` MiB are taken before the first block.

    ``block_loans`` is what the caller wants of a block; it is never exceeded.
    """
    if limit_mib is None:
        return Sizes(block_loans=block_loans)
    room = limit_mib * PLANNED_PERCENT // 100 - resident
    if room >= PLENTY_MIB:
        return Sizes(block_loans=block_loans, engine_mib=min(1_024, room // 2))
    loans = max(0, room - FIXED_MIB) * _MIB // BYTES_PER_LOAN
    return Sizes(
        block_loans=min(block_loans, max(LEAST_BLOCK_LOANS, loans)),
        piece_loans=LEAST_BLOCK_LOANS,
        rows_read=131_072,
        engine_mib=max(96, room // 3),
        read_ahead=room >= AHEAD_MIB,
    )


@dataclass
class MemoryKeeper:
    """Holds one night to its limit; use as a context around it.

    ``limit_mib`` None: nothing is limited or watched. ``give_up`` takes the refusal when the limit
    is reached in the middle of a step, on a thread of its own; it must end the process. Without it
    the limit is held between steps and blocks only.
    """

    limit_mib: int | None
    resident: Callable[[], int] = resident_mib
    give_up: Callable[[NightRefused], None] | None = None
    contracts: int | None = None
    highest: int = 0
    passed: bool = False
    _ended: threading.Event = field(default_factory=threading.Event)
    _watch: threading.Thread | None = None

    def __enter__(self) -> Self:
        if self.limit_mib is not None:
            if self.limit_mib < LEAST_MIB:
                raise self._too_small(LEAST_MIB)
            self._watch = threading.Thread(target=self._look_on, name="memory", daemon=True)
            self._watch.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.passed:
            threading.Event().wait()  # the watch is ending the process; nothing else may be said
        self._ended.set()
        if self._watch is not None:
            self._watch.join()

    def counted(self, contracts: int) -> None:
        """Take note of how large the book is.

        Errors: NightRefused, when the limit is below what such a book takes at least.
        """
        self.contracts = contracts
        least = least_mib(contracts=contracts)
        if self.limit_mib is not None and self.limit_mib < least:
            raise self._too_small(least)

    def sizes(self, *, block_loans: int) -> Sizes:
        """Yield how much to hold at once, from what is held now. Errors: NightRefused."""
        self.between()
        if self.limit_mib is None:
            return Sizes(block_loans=block_loans)
        if self.limit_mib * PLANNED_PERCENT // 100 - self.resident() < PLENTY_MIB:
            hand_back_memory()
        return planned_sizes(
            limit_mib=self.limit_mib, resident=self.resident(), block_loans=block_loans
        )

    def between(self, sizes: Sizes | None = None) -> None:
        """Hand back what is free, and look at the limit; shrink the sizes when it comes near.

        Errors: NightRefused, when more than the limit is held.
        """
        if self.limit_mib is None:
            return
        now = self.resident()
        highest = max(self.highest, now)
        near = self._is_near(highest)
        if near and sizes is not None:
            sizes.shrink()
        if near or (sizes is not None and not sizes.read_ahead):
            hand_back_memory()
            now = self.resident()
        self.highest = now
        if now > self.limit_mib:
            raise self.reached()

    def reached(self) -> NightRefused:
        """Yield the refusal of a night that came up against its limit."""
        limit = self.limit_mib or self.resident()
        wanted = limit + limit // 4
        if self.contracts is not None:
            wanted = max(wanted, least_mib(contracts=self.contracts))
        return NightRefused(
            zh=f"日终运行的内存达到上限 {_size(limit)}，已停止；未留下半成品，原有结果未动。"
            f"请用 --memory 提高上限（建议 {_size(wanted)}）后重新运行。",
            en=f"The night came up against its memory limit of {_size(limit)} and stopped; nothing "
            "half done is left and the previous result is untouched. Raise the limit with --memory "
            f"({_size(wanted)} is suggested) and run again.",
        )

    def _is_near(self, held: int) -> bool:
        return self.limit_mib is not None and held * 100 > self.limit_mib * HIGH_PERCENT

    def _too_small(self, least: int) -> NightRefused:
        limit = _size(self.limit_mib or 0)
        zh, en = ("任何账册", "any book")
        if self.contracts is not None:
            zh = f"{self.contracts:,} 笔合同的账册"
            en = f"a book of {self.contracts:,} contracts"
        return NightRefused(
            zh=f"内存上限 {limit} 太小：{zh}至少需要 {_size(least)}；原有结果未动。"
            "请用 --memory 提高上限后重新运行。",
            en=f"The memory limit of {limit} is too small: {en} needs at least {_size(least)}; the "
            "previous result is untouched. Raise the limit with --memory and run again.",
        )

    def _look_on(self) -> None:
        """Look at the memory many times a second until the night ends or the limit is reached.

        What is held only because it is free is handed back first.
        """
        assert self.limit_mib is not None
        pause = WATCH_EVERY.total_seconds()
        looks, handed_back = 0, -LOOKS_BETWEEN
        while not self._ended.wait(pause):
            now, looks = self.resident(), looks + 1
            at_the_end = now > self.limit_mib - SPARE_MIB
            if at_the_end or (self._is_near(now) and looks >= handed_back + LOOKS_BETWEEN):
                hand_back_memory()
                now, handed_back = self.resident(), looks
            self.highest = max(self.highest, now)
            if now > self.limit_mib - SPARE_MIB and self.give_up is not None:
                self.passed = True
                self.give_up(self.reached())
                return


@contextmanager
def out_of_memory_named(keeper: MemoryKeeper) -> Iterator[None]:
    """Turn a request for memory that the system did not grant into the night's refusal."""
    try:
        yield
    except MemoryError as failure:
        raise keeper.reached() from failure


def _size(mib: int) -> str:
    return f"{mib // 1024}GiB" if mib % 1024 == 0 and mib else f"{mib}MiB"
