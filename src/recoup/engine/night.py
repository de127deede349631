"""The night: a bank's files in, tomorrow morning's decisions out.

The order of steps is the one in docs/architecture.md. Nothing is decided here; this module brings
the steps together, times them and puts the result into place.
"""

import errno
import itertools
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from recoup.engine.backends.duck import Duck, DuckFailed
from recoup.engine.block_rows import BlockRows, read_blocks
from recoup.engine.blocks import Block
from recoup.engine.book.intake import Intake
from recoup.engine.book.refused import BookRefused
from recoup.engine.book.take_in import take_in
from recoup.engine.book_facts import book_facts
from recoup.engine.flowing import Flow
from recoup.engine.manifest import (
    build_manifest,
    folder_figures,
    seconds_of,
    write_manifest,
)
from recoup.engine.memory import BLOCK_LOANS, MemoryKeeper, Sizes, out_of_memory_named
from recoup.engine.outcome import DECISIONS, PEOPLE, Outcome
from recoup.engine.placing import MARK, LeftBehind, ResultFolder
from recoup.engine.ranking import write_worklist
from recoup.engine.refusal import NightRefused
from recoup.engine.report.page import write_report
from recoup.engine.rulings import Rulings, day_rulings
from recoup.engine.steps import StepEnded, Steps
from recoup.engine.writing import SteadyParquet, use_thrifty_memory
from recoup.policy.pack import Pack, content_hash
from recoup.policy.strategy import Strategy

#: Under which names the flow knows the tables of a block.
FLOW_TABLES = ("loans", "persons", "promise_results")
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True, kw_only=True)
class NightOrder:
    """One night to run: where from, for which day, under which law and policy, where to.

    Units: ``max_bad_ppm`` parts per million of a required table's rows; ``memory_mib`` MiB that
    the whole process may hold, None for no limit. ``clock_ns`` yields nanoseconds that only grow.

    ``say`` takes progress as sentences, ``mark`` as the name of the step that begins, with the
    block's number and how many blocks there are (0 outside of blocks; while the book is read, the
    tables), ``ended`` what has ended, with its rows. ``give_up`` ends the process when the limit is
    reached inside a step, and clears away what it is given; without it the limit is held between
    blocks only. ``held`` is entered while the result's place is held, so that a signal may end the
    process in the same way. ``replacing`` is shown the old result and the new one just before one
    takes the other's place. ``dry_run`` marks the result as one that is never published.
    """

    book: Path
    as_of: date
    pack: Pack
    strategy: Strategy
    out: Path
    clock_ns: Callable[[], int]
    say: Callable[[str, str], None] = field(default=lambda zh, en: None)
    mark: Callable[[str, int, int], None] = field(default=lambda step, block, blocks: None)
    ended: Callable[[StepEnded], None] = field(default=lambda step: None)
    engine: str = "duckdb"
    threads: int = 2
    memory_mib: int | None = None
    give_up: Callable[[NightRefused, LeftBehind], None] | None = None
    held: Callable[[Callable[[NightRefused], None]], AbstractContextManager[None]] = field(
        default=lambda give_up: nullcontext()
    )
    replacing: Callable[[Path, Path], None] = field(default=lambda old, new: None)
    max_bad_ppm: int = 10_000
    go_on: bool = False
    dry_run: bool = False
    block_loans: int = BLOCK_LOANS


@dataclass(frozen=True, kw_only=True)
class NightDone:
    """What a night made: its folder, its manifest, how many rows were refused or warned of.

    ``where`` names a place that is no folder on a disk of this machine.
    """

    out: Path
    where: str | None = None
    manifest: Mapping[str, object]
    rejected_rows: int
    warnings: int


def run_night(order: NightOrder) -> NightDone:
    """Run one night and put its result into place, whole.

    Errors: NightRefused, with a sentence in Chinese and English, when the night cannot run: a book
    that cannot be used, too many refused rows, a full disk, another run in the same place.
    """
    use_thrifty_memory()
    folder = ResultFolder(out=order.out, as_of=order.as_of, time_zone=order.pack.time_zone)
    with folder as place, _ending_when_told(order, place):
        keeper = MemoryKeeper(limit_mib=order.memory_mib, give_up=_giving_up(order, place))
        try:
            with keeper, out_of_memory_named(keeper):
                done = _Night(order=order, scratch=place.scratch, keeper=keeper).run()
            if (place.out / MARK).exists():
                order.replacing(place.out, place.scratch)
            place.put_into_place()
        except DuckFailed as failure:
            raise _engine_refusal(failure, keeper) from failure
        except BookRefused as refused:
            raise _with_rejects_kept(refused, out=place.out) from refused
        except OSError as failure:
            if not _is_no_room(failure):
                raise
            raise no_room() from failure
        kept_rejects(place.out).unlink(missing_ok=True)
    return done


def _with_rejects_kept(refused: BookRefused, *, out: Path) -> NightRefused:
    """Move the reject file out of the scratch folder, which goes with the refusal."""
    if refused.rejects is None or not refused.rejects.exists():
        return refused
    kept = kept_rejects(out)
    shutil.move(refused.rejects, kept)
    return NightRefused(
        zh=f"{refused.zh} 拒收文件：{kept}", en=f"{refused.en} The reject file: {kept}"
    )


def _policy_changed(folder: Path) -> NightRefused:
    return NightRefused(
        zh=f"日终运行期间 {folder} 中的文件被改动，已停止；原有结果未动。改完后请重跑。",
        en=f"Files in {folder} were changed while the night ran, so it stopped; the previous "
        "result is untouched. Run it again when the change is complete.",
    )


def kept_rejects(out: Path) -> Path:
    """Yield where the rejects of a refused night lie; a night that succeeds removes them."""
    return out.parent / f"{out.name}.rejects.parquet"


def no_room() -> NightRefused:
    """Yield the refusal for a full disk."""
    return NightRefused(
        zh="磁盘空间不足，日终运行已停止；未留下半成品。请腾出空间后重新运行。",
        en="The disk is full; the night stopped and left nothing half done. "
        "Make room and run it again.",
    )


def _is_no_room(failure: OSError) -> bool:
    """Whether a disk is full, also where a whole folder was being copied."""
    return failure.errno in NO_ROOM or (
        isinstance(failure, shutil.Error) and os.strerror(errno.ENOSPC) in str(failure)
    )


def _giving_up(order: NightOrder, place: ResultFolder) -> Callable[[NightRefused], None] | None:
    give_up = order.give_up
    if give_up is None:
        return None
    return lambda refused: give_up(refused, place.leave_to_successor())


def _ending_when_told(order: NightOrder, place: ResultFolder) -> AbstractContextManager[None]:
    give_up = _giving_up(order, place)
    return nullcontext() if give_up is None else order.held(give_up)


def _engine_refusal(failure: DuckFailed, keeper: MemoryKeeper) -> NightRefused:
    if failure.out_of_space:
        return no_room()
    if failure.out_of_memory:
        return keeper.reached()
    raise failure


@dataclass
class _Night:
    """One run in its scratch folder."""

    order: NightOrder
    scratch: Path
    keeper: MemoryKeeper
    steps: Steps = field(init=False)

    def __post_init__(self) -> None:
        order = self.order
        self.steps = Steps(
            clock_ns=order.clock_ns, say=order.say, mark=order.mark, ended=order.ended
        )

    def run(self) -> NightDone:
        order, steps = self.order, self.steps
        with steps.step("take_in") as step:
            intake = take_in(
                folder=order.book,
                into=self.scratch,
                as_of=order.as_of,
                pack_currency=order.pack.base_currency,
                time_zone=order.pack.time_zone,
                max_bad_ppm=order.max_bad_ppm,
                go_on=order.go_on,
                counted=self.keeper.counted,
                opens=self._opens,
            )
            step.rows = sum(table.rows_read for table in intake.tables.values())
        sizes = self.keeper.sizes(block_loans=order.block_loans)
        temporary = self.scratch / ".temporary"
        temporary.mkdir()
        # One thread traces the next block meanwhile; the rest carry the flow.
        threads = max(1, order.threads - 1)
        duck = Duck(scratch=temporary, threads=threads, memory_mib=sizes.engine_mib)
        with duck:
            outcome = self._decide(duck, intake, sizes)
            self.keeper.between()
            steps.begins("rank", zh="排出工作清单", en="Ranking the worklist")
            with steps.step("rank", rows=intake.persons):
                write_worklist(
                    duck=duck, outcome=outcome, strategy=order.strategy, into=self.scratch
                )
            self._keep_policy()
            manifest = build_manifest(
                rulings=outcome.rulings,
                intake=intake,
                engine=order.engine,
                contract_columns=pq.read_schema(intake.book / "contracts.parquet").names,
                figures=folder_figures(self.scratch),
            )
            manifest["limits"] = {"max_bad_ppm": order.max_bad_ppm, "go_on": order.go_on}
            if order.dry_run:
                manifest["dry_run"] = {"tolerated": [str(one) for one in order.strategy.tolerated]}
            steps.begins("report", zh="生成晨报", en="Writing the morning page")
            with steps.step("report", rows=intake.loans):
                write_report(
                    duck_or_query=self._views(duck),
                    manifest={**manifest, "seconds": seconds_of(steps.nanoseconds)},
                    names=outcome.rulings.names(),
                    into=self.scratch / "report.html",
                )
        shutil.rmtree(temporary)
        written = write_manifest(
            manifest=manifest, nanoseconds=steps.nanoseconds, rows=steps.rows, folder=self.scratch
        )
        tables = intake.tables.values()
        return NightDone(
            out=order.out,
            manifest=written,
            rejected_rows=sum(table.rows_rejected for table in tables),
            warnings=sum(table.warnings for table in tables),
        )

    def _opens(self, table: str, number: int, of: int) -> None:
        self.steps.begins(
            "take_in",
            zh=f"读取并检查账册：{table}",
            en=f"Reading and checking the book: {table}",
            part=number,
            parts=of,
        )

    def _decide(self, duck: Duck, intake: Intake, sizes: Sizes) -> Outcome:
        book = self.scratch / "book"
        for name in ("contacts", "holds", "outside", "collateral"):
            duck.view(name, book / f"{name}.parquet")
        rulings = day_rulings(
            pack=self.order.pack,
            strategy=self.order.strategy,
            on=self.order.as_of,
            book=book_facts(book=book, debtor_columns=intake.tables["debtors"].columns),
        )
        outcome = Outcome(rulings=rulings)
        in_order = _ascending(
            pq.read_table(book / "contracts.parquet", columns=["contract_id"]).column(0)
        )
        first = self.scratch / ("decisions.parquet" if in_order else ".decisions.parquet")
        with (
            SteadyParquet(path=first, schema=DECISIONS) as decisions,
            SteadyParquet(path=self.scratch / "people.parquet", schema=PEOPLE) as people,
        ):
            for rows, found in self._blocks_decided(duck, book, rulings, sizes):
                decisions.add(outcome.decisions(found["decisions"], loans=rows.loans))
                people.add(
                    outcome.people(
                        found["people"],
                        free_on=found["free_on"],
                        persons=rows.persons,
                        loans=rows.loans,
                    )
                )
                del rows, found  # or they would be held until the next block is decided
        if not in_order:
            self._sort_decisions(duck, first)
        return outcome

    def _blocks_decided(
        self, duck: Duck, book: Path, rulings: Rulings, sizes: Sizes
    ) -> Iterator[tuple[BlockRows, Mapping[str, pa.Table]]]:
        flow = Flow(engine=duck, places=rulings.places)
        blocks = read_blocks(book=book, rulings=rulings, threads=1, sizes=sizes)
        loans: int = pq.read_metadata(book / "contracts.parquet").num_rows
        with ThreadPoolExecutor(max_workers=1) as ahead:
            coming: Future[BlockRows | None] | None = None
            for number in itertools.count(1):
                with self.steps.step("trace") as step:
                    rows = (coming or ahead.submit(next, blocks, None)).result()
                    step.rows = rows.block.loans if rows else 0
                if rows is None:
                    return
                # While the flow decides one block, the next one is being traced, if there is room.
                coming = ahead.submit(next, blocks, None) if sizes.read_ahead else None
                self._tell(number, rows.block, loans, sizes)
                with self.steps.step("flow", rows=rows.block.loans):
                    results = self._flow(duck, flow, rows)
                with self.steps.step("write", rows=rows.block.loans):
                    yield rows, results
                    del rows, results
                    self._forget(duck, flow)
                self.keeper.between(sizes)

    def _tell(self, number: int, block: Block, loans: int, sizes: Sizes) -> None:
        total = number - (block.loan_until - loans) // sizes.block_loans
        self.steps.begins(
            "decide",
            zh=f"正在判定第 {number}/{total} 批，{block.loans:,} 笔合同",
            en=f"Deciding block {number} of {total}, {block.loans:,} contracts",
            part=number,
            parts=total,
        )

    def _forget(self, duck: Duck, flow: Flow) -> None:
        flow.forget()
        for name in FLOW_TABLES:
            duck.unregister(name)

    def _flow(self, duck: Duck, flow: Flow, rows: BlockRows) -> Mapping[str, pa.Table]:
        for name, table in zip(FLOW_TABLES, (rows.loans, rows.persons, rows.promises), strict=True):
            duck.register(name, table)
        return flow.run(
            bounds={
                "person_from": rows.block.person_from,
                "person_until": rows.block.person_until,
                "loan_from": rows.block.loan_from,
                "loan_until": rows.block.loan_until,
            },
            rows=rows.block.loans,
        )

    def _sort_decisions(self, duck: Duck, unsorted: Path) -> None:
        duck.view("unsorted_decisions", unsorted)
        rows = duck.stream("SELECT * FROM unsorted_decisions ORDER BY contract_id")
        with SteadyParquet(path=self.scratch / "decisions.parquet", schema=DECISIONS) as sorted_:
            for batch in rows:
                sorted_.add(pa.Table.from_batches([batch]))
        unsorted.unlink()

    def _keep_policy(self) -> None:
        """Keep a copy of the pack and the strategy, so that the result explains itself later.

        Errors: NightRefused, when their files are no longer those by which was decided.
        """
        for name, policy in (("pack", self.order.pack), ("strategy", self.order.strategy)):
            kept = self.scratch / "policy" / name / policy.folder.name
            shutil.copytree(policy.folder, kept)
            if content_hash(folder=kept) != policy.content_hash:
                raise _policy_changed(policy.folder)

    def _views(self, duck: Duck) -> Duck:
        for name in ("decisions", "people", "worklist", "rejects"):
            duck.view(name, self.scratch / f"{name}.parquet")
        duck.view("book_contracts", self.scratch / "book" / "contracts.parquet")
        return duck


def _ascending(column: pa.ChunkedArray) -> bool:
    if len(column) < 2:
        return True
    values = column.combine_chunks()
    return bool(pc.all(pc.less(values.slice(0, len(values) - 1), values.slice(1))).as_py())
