"""The night: a bank's files in, tomorrow morning's decisions out.

The order of steps is the one in docs/architecture.md. Nothing is decided here; this module brings
the steps together, times them and puts the result into place.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from recoup.engine.backends.duck import Duck, DuckFailed
from recoup.engine.blocks import Block, cut_blocks
from recoup.engine.book.intake import Intake
from recoup.engine.book.take_in import take_in
from recoup.engine.flowing import Flow
from recoup.engine.manifest import build_manifest, seconds_of, write_manifest
from recoup.engine.outcome import DECISIONS, PEOPLE, Outcome
from recoup.engine.placing import ResultFolder
from recoup.engine.promising import PromiseRows, match_promises
from recoup.engine.ranking import write_worklist
from recoup.engine.refusal import NightRefused
from recoup.engine.report.page import write_report
from recoup.engine.rulings import Rulings, day_rulings
from recoup.engine.tracing import LoanRows, loan_parameters, trace
from recoup.engine.writing import SteadyParquet
from recoup.kernel.calendar import day_number
from recoup.policy.pack import Pack
from recoup.policy.strategy import Strategy

BLOCK_LOANS = 250_000
LARGEST_BLOCK = 1 << 20


@dataclass(frozen=True, kw_only=True)
class NightOrder:
    """One night to run: where from, for which day, under which law and policy, where to.

    Units: ``max_bad_ppm`` parts per million of a required table's rows; ``memory_mib`` MiB that
    DuckDB may hold. ``clock_ns`` yields nanoseconds that only grow; ``say`` takes progress.
    """

    book: Path
    as_of: date
    pack: Pack
    strategy: Strategy
    out: Path
    clock_ns: Callable[[], int]
    say: Callable[[str, str], None] = field(default=lambda zh, en: None)
    engine: str = "duckdb"
    threads: int = 2
    memory_mib: int = 1024
    max_bad_ppm: int = 10_000
    go_on: bool = False
    block_loans: int = BLOCK_LOANS


@dataclass(frozen=True, kw_only=True)
class NightDone:
    """What a night made: its folder, its manifest, and whether any row was refused."""

    out: Path
    manifest: Mapping[str, object]
    rejected_rows: int


def run_night(order: NightOrder) -> NightDone:
    """Run one night and put its result into place, whole.

    Errors: NightRefused, with a sentence in Chinese and English, when the night cannot run: a book
    that cannot be used, too many refused rows, a full disk, another run in the same place.
    """
    with ResultFolder(out=order.out) as place:
        try:
            done = _Night(order=order, scratch=place.scratch).run()
        except DuckFailed as failure:
            raise _engine_refusal(failure) from failure
        place.put_into_place()
    return NightDone(out=order.out, manifest=done.manifest, rejected_rows=done.rejected_rows)


def _engine_refusal(failure: DuckFailed) -> NightRefused:
    if failure.out_of_space:
        return NightRefused(
            zh="磁盘空间不足，日终运行已停止；未留下半成品。请腾出空间后重新运行。",
            en="The disk is full; the night stopped and left nothing half done. "
            "Make room and run it again.",
        )
    if failure.out_of_memory:
        return NightRefused(
            zh="内存上限不足以完成日终运行；请用 --memory 提高上限后重新运行。",
            en="The memory limit is too small for this night; raise it with --memory.",
        )
    raise failure


@dataclass
class _Night:
    """One run in its scratch folder."""

    order: NightOrder
    scratch: Path
    seconds: dict[str, int] = field(default_factory=dict)

    def run(self) -> NightDone:
        order = self.order
        with self._step("take_in", "读取并检查账册", "Reading and checking the book"):
            intake = take_in(
                folder=order.book,
                into=self.scratch,
                as_of=order.as_of,
                pack_currency=order.pack.base_currency,
                time_zone=order.pack.time_zone,
                max_bad_ppm=order.max_bad_ppm,
                go_on=order.go_on,
            )
        temporary = self.scratch / ".temporary"
        temporary.mkdir()
        duck = Duck(scratch=temporary, threads=order.threads, memory_mib=order.memory_mib)
        with duck:
            outcome = self._decide(duck, intake)
            with self._step("rank", "排出工作清单", "Ranking the worklist"):
                write_worklist(
                    duck=duck, outcome=outcome, strategy=order.strategy, into=self.scratch
                )
            self._keep_policy()
            manifest = build_manifest(
                rulings=outcome.rulings, intake=intake, engine=order.engine, folder=self.scratch
            )
            with self._step("report", "生成晨报", "Writing the morning page"):
                write_report(
                    duck_or_query=self._views(duck),
                    manifest={**manifest, "seconds": seconds_of(self.seconds)},
                    names=outcome.rulings.names(),
                    into=self.scratch / "report.html",
                )
        shutil.rmtree(temporary)
        written = write_manifest(manifest=manifest, nanoseconds=self.seconds, folder=self.scratch)
        rejected = sum(table.rows_rejected for table in intake.tables.values())
        return NightDone(out=order.out, manifest=written, rejected_rows=rejected)

    def _decide(self, duck: Duck, intake: Intake) -> Outcome:
        book = self.scratch / "book"
        for name in ("debtors", "contracts", "contacts", "holds", "outside", "collateral"):
            duck.view("every_contract" if name == "contracts" else name, book / f"{name}.parquet")
        rulings = day_rulings(
            pack=self.order.pack,
            strategy=self.order.strategy,
            on=self.order.as_of,
            intake=intake,
            duck=duck,
            book=book,
        )
        outcome = Outcome(rulings=rulings)
        contracts = pq.read_table(book / "contracts.parquet", columns=["person", "contract_id"])
        persons = pq.read_metadata(book / "debtors.parquet").num_rows
        blocks = cut_blocks(
            person_of_loan=contracts.column("person").to_numpy(),
            persons=persons,
            size=self.order.block_loans,
        )
        in_order = _ascending(contracts.column("contract_id"))
        first = self.scratch / ("decisions.parquet" if in_order else ".decisions.parquet")
        with (
            SteadyParquet(path=first, schema=DECISIONS) as decisions,
            SteadyParquet(path=self.scratch / "people.parquet", schema=PEOPLE) as people,
        ):
            for rows in self._blocks_decided(duck, book, blocks, rulings):
                loans = rows["loans"]
                decisions.add(outcome.decisions(rows["decisions"], loans=loans))
                found = outcome.people(
                    rows["people"], free_on=rows["free_on"], persons=rows["persons"], loans=loans
                )
                people.add(found)
        if not in_order:
            self._sort_decisions(duck, first)
        return outcome

    def _blocks_decided(
        self, duck: Duck, book: Path, blocks: list[Block], rulings: Rulings
    ) -> Iterator[Mapping[str, pa.Table]]:
        flow = Flow(engine=duck, places=rulings.places)
        loans, promises = LoanRows(book=book), PromiseRows(book=book)
        for number, block in enumerate(blocks, start=1):
            self.order.say(
                f"正在判定第 {number}/{len(blocks)} 批，{block.loans:,} 笔合同",
                f"Deciding block {number} of {len(blocks)}, {block.loans:,} contracts",
            )
            with self._step("trace"):
                registered = self._register_sequences(duck, block, loans, promises, rulings)
            with self._step("flow"):
                results = flow.run(
                    bounds={
                        "person_from": block.person_from,
                        "person_until": block.person_until,
                        "loan_from": block.loan_from,
                        "loan_until": block.loan_until,
                    }
                )
            with self._step("write"):
                yield {**results, **registered}
                flow.forget()
        loans.close()
        promises.close()

    def _register_sequences(
        self,
        duck: Duck,
        block: Block,
        loans: LoanRows,
        promises: PromiseRows,
        rulings: Rulings,
    ) -> Mapping[str, pa.Table]:
        contracts = duck.query(
            f"SELECT * FROM every_contract WHERE loan >= {block.loan_from} "
            f"AND loan < {block.loan_until} ORDER BY loan"
        )
        persons = duck.query(
            f"SELECT debtor_id, kind, time_zone FROM debtors WHERE person >= {block.person_from} "
            f"AND person < {block.person_until} ORDER BY person"
        )
        instalments, payments = loans.of(block)
        as_of_day = day_number(self.order.as_of)
        traced = trace(
            block=block,
            instalments=rulings.moved(instalments),
            payments=payments,
            parameters=loan_parameters(
                contracts=contracts, rules=rulings.trace, moved=rulings.moved_day
            ),
            rules=rulings.trace,
            as_of_day=as_of_day,
            threads=self.order.threads,
        )
        with_figures = rulings.blanked(contracts=contracts, traced=traced)
        duck.register("loans", with_figures)
        results = match_promises(
            promises=promises.of(block),
            payments=payments,
            person_of_loan=contracts.column("person"),
            block=block,
            as_of_day=as_of_day,
            tolerance=rulings.tolerance,
        )
        duck.register("promise_results", results)
        return {"loans": with_figures, "persons": persons}

    def _sort_decisions(self, duck: Duck, unsorted: Path) -> None:
        duck.view("unsorted_decisions", unsorted)
        rows = duck.stream("SELECT * FROM unsorted_decisions ORDER BY contract_id")
        with SteadyParquet(path=self.scratch / "decisions.parquet", schema=DECISIONS) as sorted_:
            for batch in rows:
                sorted_.add(pa.Table.from_batches([batch]))
        unsorted.unlink()

    def _keep_policy(self) -> None:
        """Keep a copy of the pack and the strategy, so that the result explains itself later."""
        for name, folder in (
            ("pack", self.order.pack.folder),
            ("strategy", self.order.strategy.folder),
        ):
            shutil.copytree(folder, self.scratch / "policy" / name / folder.name)

    def _views(self, duck: Duck) -> Duck:
        for name in ("decisions", "people", "worklist", "rejects"):
            duck.view(name, self.scratch / f"{name}.parquet")
        duck.view("book_contracts", self.scratch / "book" / "contracts.parquet")
        return duck

    @contextmanager
    def _step(self, name: str, zh: str = "", en: str = "") -> Iterator[None]:
        if zh:
            self.order.say(zh, en)
        began = self.order.clock_ns()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0) + self.order.clock_ns() - began


def _ascending(column: pa.ChunkedArray) -> bool:
    if len(column) < 2:
        return True
    values = column.combine_chunks()
    return bool(pc.all(pc.less(values.slice(0, len(values) - 1), values.slice(1))).as_py())
