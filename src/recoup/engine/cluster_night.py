"""The night on a cluster: the same book, the same statements and loops, spread over machines.

Each share of the book, all rows of some persons, is checked and traced where it lies; the flow runs
over all of them as Spark SQL; only ranking looks at everybody. The driver plans, adds up counts and
sums, takes the digests of the input files, and writes the small files.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from recoup.engine.backends.duck import Duck
from recoup.engine.backends.spark import spark_session
from recoup.engine.backends.spark_cluster import (
    Cluster,
    ClusterFailed,
    Found,
    distinct,
    filled,
    first_of_kind,
    in_order,
    quoted,
    sums,
    with_lists,
)
from recoup.engine.book.contract import BY_NAME, CONTRACTS, TABLES
from recoup.engine.book.intake import Intake, TableIntake, Tally
from recoup.engine.book.refused import refuse
from recoup.engine.book.rejects import LISTED_NOTES, REJECT_SCHEMA, TableRejects
from recoup.engine.book.sentences import Severity
from recoup.engine.book.take_in import Limits, refuse_too_bad
from recoup.engine.book_facts import BookFacts
from recoup.engine.cluster_book import (
    ClusterFiles,
    Digests,
    Flags,
    check_columns,
    find_cluster_files,
    flag_columns,
    text_flags,
)
from recoup.engine.cluster_place import RESULT_SCHEMAS, ClusterPlace, cluster_place, keep_folder
from recoup.engine.cluster_rows import (
    CANDIDATE,
    ENDS,
    OF_CONTRACT,
    OF_PERSON,
    PEOPLE_AND_CANDIDATES,
    decision_rows,
    people_rows,
    worklist_rows,
)
from recoup.engine.manifest import (
    LIBRARIES,
    NO_CURRENCY,
    SUMMED,
    ResultFigures,
    build_manifest,
    folder_figures,
    in_order_of_currency,
    manifest_text,
    seconds_of,
)
from recoup.engine.night import NightDone
from recoup.engine.outcome import DECISIONS, PEOPLE
from recoup.engine.placing import MARK
from recoup.engine.ranking import WORKLIST, capacity_rows, ranking_places
from recoup.engine.refusal import NightRefused
from recoup.engine.report.page import write_report
from recoup.engine.rulings import Rulings, day_rulings
from recoup.engine.shares import (
    AROUND,
    MOST_LOANS,
    REJECT_PLACES,
    Terms,
    decide_share,
    share_schemas,
)
from recoup.policy.pack import Pack
from recoup.policy.strategy import Strategy

#: Loans of one share, about; all rows of a share are held by one of the cluster's Pythons.
LOANS_PER_SHARE = 16_384
FLOW_TABLES = ("loans", "persons", "promise_results", *AROUND)
#: The flow's bounds: everything is in them. The first loan of a share is told from a person's key.
_ALL = str(1 << 62)
BOUNDS = {"person_from": "0", "person_until": _ALL, "loan_from": "0", "loan_until": _ALL}
OWN_PLACES = {
    name: {"loan_from": f"({person} - ({person} & {MOST_LOANS - 1}))"}
    for name, person in (("person_totals", "person"), ("people", "p.person"))
}


@dataclass(frozen=True, kw_only=True)
class ClusterOrder:
    """One night to run on a cluster; like ``NightOrder``, with places as Spark names them.

    ``settings`` are Spark's own, over those of spark-defaults.
    """

    book: str
    as_of: date
    pack: Pack
    strategy: Strategy
    out: str
    clock_ns: Callable[[], int]
    settings: Mapping[str, str] = field(default_factory=dict)
    say: Callable[[str, str], None] = field(default=lambda zh, en: None)
    mark: Callable[[str, int, int], None] = field(default=lambda step, block, blocks: None)
    max_bad_ppm: int = 10_000
    go_on: bool = False
    dry_run: bool = False
    loans_per_share: int = LOANS_PER_SHARE


def run_cluster_night(order: ClusterOrder) -> NightDone:
    """Run one night on the cluster that Spark is set up for, and put its result into place, whole.

    Errors: NightRefused, as ``run_night``; also when Spark cannot be started or fails.
    """
    name = f"recoup night {order.as_of.isoformat()}"
    with spark_session(name=name, settings=order.settings) as session:
        cluster = Cluster(session)
        try:
            with cluster_place(storage=cluster.storage, out=order.out) as place:
                return _ClusterNight(order=order, cluster=cluster, place=place).run()
        except ClusterFailed as failure:
            raise NightRefused(
                zh=f"Spark 未能完成本次日终运行：{failure}。未留下半成品，原有结果未动；"
                "详情见 Spark 日志。",
                en=f"Spark could not carry out the night: {failure}. Nothing half done is left and "
                "the previous result is untouched; Spark's own log says more.",
            ) from failure


@dataclass
class _ClusterNight:
    """One run: its order, its cluster, its place."""

    order: ClusterOrder
    cluster: Cluster
    place: ClusterPlace
    seconds: dict[str, int] = field(default_factory=dict)

    def run(self) -> NightDone:
        order, cluster = self.order, self.cluster
        with self._step(
            "take_in", "读取、检查并推算账册", "Reading, checking and tracing the book"
        ):
            files = find_cluster_files(storage=cluster.storage, folder=order.book)
            digests = Digests(storage=cluster.storage, files=files)
            try:
                schemas = self._schemas(files)
                flags = self._flags(files, schemas)
                found = self._spread(files, schemas, flags)
                accounts = self._accounts(found)
                digests.refuse_changed()
                intake = self._intake(files, digests, schemas, flags, accounts)
            finally:
                digests.close()
        self._write_rejects(found)
        self._refuse(intake)
        rulings = self._rulings(found, accounts, intake, flags)
        self._decide(found, rulings)
        done = self._finish(rulings, intake, flags)
        self.place.put_into_place()
        return done

    def _schemas(self, files: ClusterFiles) -> Mapping[str, pa.Schema]:
        found = {}
        for table, path in files.paths.items():
            try:
                found[table] = self.cluster.schema(path)
            except ClusterFailed as failure:
                raise refuse("broken_file", file=path, why=failure) from failure
            check_columns(spec=BY_NAME[table], file=files.name(table), schema=found[table])
        return found

    def _flags(self, files: ClusterFiles, schemas: Mapping[str, pa.Schema]) -> Flags:
        schema, path = schemas[CONTRACTS.name], files.paths[CONTRACTS.name]
        words = self.cluster.only_words(
            path=path, columns=text_flags(schema), words=("true", "false")
        )
        return flag_columns(schema=schema, file=files.name(CONTRACTS.name), are_words=words)

    def _spread(self, files: ClusterFiles, schemas: Mapping[str, pa.Schema], flags: Flags) -> Found:
        order, cluster = self.order, self.cluster
        columns = {table: _read_as(table, schema, flags) for table, schema in schemas.items()}
        loans = cluster.count(files.paths[CONTRACTS.name])
        empty = BookFacts(
            contract_columns=_contract_columns(flags),
            debtor_columns=frozenset(schemas["debtors"].names),
            currencies=frozenset(),
            rates=(),
            holds=frozenset(),
        )
        rulings = day_rulings(pack=order.pack, strategy=order.strategy, on=order.as_of, book=empty)
        terms = Terms(rulings=rulings, flags=flags.kept)

        def decide(number: int, tables: Mapping[str, pa.Table]) -> Mapping[str, pa.Table]:
            return decide_share(number=number, tables=tables, terms=terms)

        return cluster.spread(
            paths=files.paths,
            columns=columns,
            shares=max(cluster.slots, -(-loans // order.loans_per_share)),
            schemas=share_schemas(flags.kept),
            decide=decide,
            into=f"{self.place.staging}/shares",
        )

    def _accounts(self, found: Found) -> list[dict[str, Any]]:
        rows = self.cluster.rows(self.cluster.of_shares(found, "account"))
        accounts = [json.loads(row["account"]) for row in rows]
        for account in accounts:
            if "refused" in account:
                raise NightRefused(**account["refused"])
        return accounts

    def _intake(
        self,
        files: ClusterFiles,
        digests: Digests,
        schemas: Mapping[str, pa.Schema],
        flags: Flags,
        accounts: Sequence[Mapping[str, Any]],
    ) -> Intake:
        def added(name: str) -> int:
            return sum(account[name] for account in accounts)

        return Intake(
            folder=Path(files.folder),
            book=Path(files.folder),
            rejects=Path("rejects.parquet"),
            as_of=self.order.as_of,
            persons=added("persons"),
            loans=added("loans"),
            undecidable_loans=added("undecidable_loans"),
            tables={
                table: _account(
                    table=table,
                    file=files.name(table),
                    sha256=digests.of(table),
                    present=schemas[table].names,
                    shares=[account["tallies"][table] for account in accounts],
                )
                for table in files.paths
            },
            extra_flags=flags.kept,
            remarks=(*files.remarks, *flags.remarks),
        )

    def _write_rejects(self, found: Found) -> None:
        rejects = first_of_kind(
            self.cluster.of_shares(found, "rejects"),
            where=f"severity = '{Severity.NOTE.word}'",
            kind=("table", "code"),
            by=("row",),
            most=LISTED_NOTES,
        )
        table, column, code = REJECT_PLACES
        ordered = in_order(rejects, by=(table, "row", column, code), columns=REJECT_SCHEMA.names)
        self.cluster.kept(ordered, path=self.place.parts("rejects"))
        self.place.gather("rejects")

    def _refuse(self, intake: Intake) -> None:
        """Refuse what only the whole book shows. Errors: BookRefused."""
        for spec in TABLES:
            table = intake.tables.get(spec.name)
            if table is None or not spec.required or table.rows_read:
                continue
            if spec.name != "payments" or not self.order.go_on:
                raise refuse("empty_table", table=spec.name, file=table.file)
        kept = None if self.place.folder is None else self.place.folder / "rejects.parquet"
        refuse_too_bad(
            intake.tables,
            Limits(max_bad_ppm=self.order.max_bad_ppm, go_on=self.order.go_on),
            kept,
        )

    def _rulings(
        self,
        found: Found,
        accounts: Sequence[Mapping[str, Any]],
        intake: Intake,
        flags: Flags,
    ) -> Rulings:
        rates = self.cluster.rows(self.cluster.of_shares(found, "rates"))
        facts = BookFacts(
            contract_columns=_contract_columns(flags),
            debtor_columns=frozenset(intake.tables["debtors"].columns),
            currencies=frozenset(one for account in accounts for one in account["currencies"]),
            rates=tuple(sorted(rates, key=lambda row: (row["currency"], row["on"]))),
            holds=frozenset((kind, channel) for one in accounts for kind, channel in one["holds"]),
        )
        order = self.order
        return day_rulings(pack=order.pack, strategy=order.strategy, on=order.as_of, book=facts)

    def _decide(self, found: Found, rulings: Rulings) -> None:
        cluster, place = self.cluster, self.place
        try:
            with self._step("flow", "判定全部合同", "Deciding all contracts"):
                for name in FLOW_TABLES:
                    cluster.know(name, cluster.of_shares(found, name))
                results = cluster.flow(
                    part="block",
                    places={**rulings.places, **BOUNDS},
                    own_places=OWN_PLACES,
                    carry={
                        "decisions": OF_CONTRACT,
                        "people": [f"{sql} AS {name}" for name, sql in OF_PERSON.items()],
                    },
                    into=place.staging,
                )
                people = self._people(results, rulings)
            with self._step("write", "写出结果", "Writing the results"):
                decisions = cluster.turned(
                    results["decisions"],
                    by=("contract_id",),
                    act=partial(decision_rows, rulings=rulings),
                    schema=DECISIONS,
                )
                cluster.kept(decisions, path=place.parts("decisions"))
                place.gather("decisions")
                cluster.kept(people.select(*PEOPLE.names), path=place.parts("people"))
                place.gather("people")
            with self._step("rank", "排出工作清单", "Ranking the worklist"):
                self._rank(people, rulings)
        finally:
            cluster.forget(*FLOW_TABLES, "candidates", "capacity", parts=("block", "book"))

    def _people(self, results: Mapping[str, Any], rulings: Rulings) -> Any:
        """Yield people's rows with what ranking needs of them, as they are kept."""
        cluster, staging = self.cluster, self.place.staging
        ended = with_lists(
            results["people"],
            key="person",
            rows=results["free_on"],
            rows_key="place",
            columns=("bit", "free_on"),
            name=ENDS,
        )
        rows = cluster.turned(
            cluster.kept(ended, path=f"{staging}/people"),
            by=("debtor_id",),
            act=partial(people_rows, rulings=rulings),
            schema=PEOPLE_AND_CANDIDATES,
        )
        return cluster.kept(rows, path=f"{staging}/people_rows")

    def _rank(self, people: Any, rulings: Rulings) -> None:
        cluster, place = self.cluster, self.place
        candidates = filled(people, column=CANDIDATE)
        teams = [row["team"] for row in cluster.rows(distinct(candidates, "team"))]
        cluster.know("candidates", candidates)
        cluster.know("capacity", capacity_rows(strategy=rulings.strategy, teams=teams or [None]))
        results = cluster.flow(
            part="book", places=ranking_places(rulings), own_places={}, carry={}, into=place.staging
        )
        lines = cluster.turned(
            results["worklist"],
            by=(),
            act=partial(worklist_rows, rulings=rulings),
            schema=WORKLIST,
        )
        cluster.kept(lines, path=place.parts("worklist"))
        place.gather("worklist")

    def _finish(self, rulings: Rulings, intake: Intake, flags: Flags) -> NightDone:
        order, place = self.order, self.place
        for name, folder in (("pack", order.pack.folder), ("strategy", order.strategy.folder)):
            keep_folder(place=place, folder=folder, under=f"policy/{name}")
        figures = folder_figures(place.folder) if place.folder else self._figures()
        manifest = build_manifest(
            rulings=rulings,
            intake=intake,
            engine="spark",
            contract_columns=_contract_columns(flags),
            figures=figures,
            libraries=(*LIBRARIES, "pyspark"),
        )
        manifest["limits"] = {"max_bad_ppm": order.max_bad_ppm, "go_on": order.go_on}
        if order.dry_run:
            manifest["dry_run"] = {"tolerated": [str(one) for one in order.strategy.tolerated]}
        if place.folder is not None:
            with self._step("report", "生成晨报", "Writing the morning page"):
                self._report(manifest, rulings, place.folder)
        written = {**manifest, "seconds": seconds_of(self.seconds)}
        place.keep(MARK, manifest_text(written).encode())
        tables = intake.tables.values()
        return NightDone(
            out=Path(place.where),
            where=None if place.folder else place.where,
            manifest=written,
            rejected_rows=sum(table.rows_rejected for table in tables),
            warnings=sum(table.warnings for table in tables),
        )

    def _figures(self) -> ResultFigures:
        """Yield the figures of a result that lies in a store, added up by the cluster."""
        cluster, place = self.cluster, self.place
        decisions = cluster.read(place.parts("decisions"))
        rows = cluster.rows(sums(decisions, by="currency", columns=SUMMED))
        added = {row["currency"]: row for row in rows}
        return ResultFigures(
            results={
                f"{name}.parquet": {"rows": cluster.count(place.parts(name))}
                for name in RESULT_SCHEMAS
            },
            teams=[row["team"] for row in cluster.rows(distinct(decisions, "team"))],
            control_sums={
                currency or NO_CURRENCY: {"contracts": added[currency]["rows"]}
                | {name: int(added[currency][name] or 0) for name in SUMMED}
                for currency in in_order_of_currency(added)
            },
        )

    def _report(self, manifest: Mapping[str, object], rulings: Rulings, folder: Path) -> None:
        """Write the morning page on the driver, from the results on its disk."""
        with Duck(scratch=folder / ".staging") as duck:
            for name in RESULT_SCHEMAS:
                duck.view(name, folder / f"{name}.parquet")
            write_report(
                duck_or_query=duck,
                manifest={**manifest, "seconds": seconds_of(self.seconds)},
                names=rulings.names(),
                into=folder / "report.html",
            )

    @contextmanager
    def _step(self, name: str, zh: str, en: str) -> Iterator[None]:
        self.order.mark(name, 0, 0)
        self.order.say(zh, en)
        began = self.order.clock_ns()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0) + self.order.clock_ns() - began


def _read_as(table: str, schema: pa.Schema, flags: Flags) -> Mapping[str, str]:
    """Yield what the columns that the night asks of a table are read as."""
    names = [name for name in schema.names if name in BY_NAME[table].names]
    columns = {name: quoted(name) for name in names}
    if table == CONTRACTS.name:
        columns |= {name: _flag(name, schema) for name in flags.kept}
    return columns


def _flag(name: str, schema: pa.Schema) -> str:
    if pa.types.is_boolean(schema.field(name).type):
        return quoted(name)
    column = f"lower({quoted(name)})"
    return f"CASE {column} WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END"


def _contract_columns(flags: Flags) -> frozenset[str]:
    """Yield the columns that contracts have in normal form."""
    stored = (column.stored_as for column in CONTRACTS.columns)
    return frozenset(("loan", "person", "row", *stored, *flags.kept, "bad_code"))


def _account(
    *,
    table: str,
    file: str,
    sha256: str,
    present: Sequence[str],
    shares: Sequence[Mapping[str, Any]],
) -> TableIntake:
    """Yield the account of a table, added up over all shares."""
    spec = BY_NAME[table]
    tally = Tally(
        rejects=TableRejects(spec=spec, file=file, scratch=Path()),
        columns=tuple(name for name in spec.names if name in present),
    )
    for figures in shares:
        tally.add_figures(figures)
    return tally.account(name=table, file=file, sha256=sha256)
