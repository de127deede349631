"""Takes a bank's book in: every row checked, the good ones in normal form, the bad ones listed.

``take_in`` reads the files of a book, ``take_in_share`` what a cluster handed out of one: all rows
of some persons. Both read debtors and contracts whole, the tables around them, then instalments and
payments in blocks of loans, so that memory grows with contracts, not with rows.
"""

import errno
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa

from recoup.engine.blocks import Block, cut_blocks
from recoup.engine.book import receipts, schedule
from recoup.engine.book.agreements import Agreements, read_agreements
from recoup.engine.book.cells import CURRENCIES
from recoup.engine.book.checking import UNHARMED, TableRun, open_source
from recoup.engine.book.columns import Ints, Ordinals, taken
from recoup.engine.book.contract import (
    BY_NAME,
    CONTRACTS,
    DEBTORS,
    INSTALMENTS,
    PAYMENTS,
    TABLES,
    TableSpec,
)
from recoup.engine.book.files import BookFiles, file_sha256, find_files, reason
from recoup.engine.book.intake import Intake, TableIntake, Tally, most_frequent
from recoup.engine.book.loan_rows import read_loan_rows
from recoup.engine.book.normal_form import coded, ordinals, to_arrow, write_whole
from recoup.engine.book.people import People, read_people
from recoup.engine.book.receipts import (
    IdsDoNotAscend,
    Receipts,
    RepeatedIds,
    find_repeated_ids,
    write_ahead,
)
from recoup.engine.book.refused import BookRefused, refuse
from recoup.engine.book.rejects import write_rejects
from recoup.engine.book.relations import COUNTED, Surroundings, empty_relation, read_relation
from recoup.engine.book.schedule import Schedule
from recoup.engine.book.sentences import CATALOGUE, RANK, Severity, sentence
from recoup.engine.book.source import Source
from recoup.kernel.money import text_from_minor

#: Loans of one block, at least; blocks are cut between persons.
BLOCK_LOANS = 16_384
PPM = 1_000_000
_EPOCH = date(1970, 1, 1)
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)


@dataclass(frozen=True)
class Limits:
    """What the bank tolerates: bad rows of a required table in parts per million, or any."""

    max_bad_ppm: int
    go_on: bool


def take_in(
    *,
    folder: Path,
    into: Path,
    as_of: date,
    pack_currency: str,
    time_zone: str,
    max_bad_ppm: int = 10_000,
    go_on: bool = False,
    counted: Callable[[int], None] = lambda contracts: None,
    opens: Callable[[str, int, int], None] = lambda table, number, of: None,
) -> Intake:
    """Yield the account of a book's intake; its normal form lies in ``into/book`` then.

    Shape: ``into/book/<table>.parquet`` for every table of the contract, and
    ``into/rejects.parquet``; ``into`` is created if need be. ``pack_currency`` is the currency of
    table ``outside`` and the base of ``rates``; ``time_zone`` holds where a debtor has none.
    ``counted`` is told how many contracts there are, before the large tables are read; what it
    raises ends the intake. ``opens`` is told each table when it is read, its number, of how many.
    Errors: BookRefused, in both languages, also when a file changes while it is read. When too many
    rows were bad, its ``rejects`` names the reject file, which stays; after any other refusal
    nothing is left in ``into``.
    """
    files = find_files(folder)

    def source_of(spec: TableSpec, scratch: Path) -> Source:
        return open_source(path=files.by_table[spec.name], spec=spec, scratch=scratch)

    intaking = _Intaking(
        source_of=source_of,
        present=files.by_table,
        into=into,
        as_of=as_of,
        base_currency=pack_currency,
        time_zone=time_zone,
        counted=counted,
        opens=opens,
        changed=files.changed,
    )
    with intaking.scratch():
        return intaking.run(files, Limits(max_bad_ppm, go_on))


@dataclass(frozen=True)
class Share:
    """The intake of a share of a book: its rejects, and what its tables add to the book's account.

    The normal form lies beside it, with persons and loans numbered from 0 within the share.
    ``tallies`` are by table.
    """

    rejects: Sequence[pa.Table]
    tallies: Mapping[str, Tally]
    persons: int
    loans: int
    undecidable_loans: int


def take_in_share(
    *,
    sources: Mapping[str, Source],
    into: Path,
    as_of: date,
    pack_currency: str,
    time_zone: str,
) -> Share:
    """Yield the intake of all rows of some persons; their normal form lies in ``into/book`` then.

    Shape: ``sources`` has the four required tables, empty where the share has none of their rows,
    and others as the book has them. Whatever rows share a key, or name each other's contracts, are
    in the same share. Whether too much is bad or missing is for the whole book to say.
    Errors: as for ``take_in``.
    """
    intaking = _Intaking(
        source_of=lambda spec, scratch: sources[spec.name],
        present=sources,
        into=into,
        as_of=as_of,
        base_currency=pack_currency,
        time_zone=time_zone,
        is_share=True,
    )
    with intaking.scratch():
        return intaking.share()


class _Intaking:
    """One intake under way. A share of a book may lack rows that a whole book must have."""

    def __init__(
        self,
        *,
        source_of: Callable[[TableSpec, Path], Source],
        present: Collection[str],
        into: Path,
        as_of: date,
        base_currency: str,
        time_zone: str,
        counted: Callable[[int], None] = lambda contracts: None,
        opens: Callable[[str, int, int], None] = lambda table, number, of: None,
        changed: Callable[[], Sequence[str]] = tuple,
        is_share: bool = False,
    ) -> None:
        self._counted = counted
        self._opens = opens
        self._opened = 0
        self._changed = changed
        self._source_of = source_of
        self._present = present
        self._is_share = is_share
        self._into = into
        self._book = into / "book"
        self._rejects = into / "rejects.parquet"
        self._scratch = into / ".intake"
        self._as_of = as_of
        self._base_currency = base_currency
        self._time_zone = time_zone
        self._runs: dict[str, TableRun] = {}

    @contextmanager
    def scratch(self) -> Iterator[None]:
        """Make the folders; whatever goes wrong, leave nothing half written."""
        try:
            self._scratch.mkdir(parents=True, exist_ok=True)
            self._book.mkdir(exist_ok=True)
            yield
        except BaseException as error:
            failure = self._by_change(error)
            shutil.rmtree(self._book, ignore_errors=True)
            if not isinstance(failure, BookRefused) or failure.rejects is None:
                self._rejects.unlink(missing_ok=True)
            if isinstance(failure, OSError) and _is_no_room(failure):
                raise refuse("disk_full", folder=self._into, why=reason(failure)) from failure
            if failure is not error:
                raise failure from error
            raise
        finally:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def _by_change(self, failure: BaseException) -> BaseException:
        """Yield the refusal instead, where files that changed meanwhile explain a failure."""
        if isinstance(failure, Exception) and (changed := self._changed()):
            return refuse("changed_while_read", files=", ".join(changed))
        return failure

    def share(self) -> Share:
        """Read every table, write the normal form; keep the rejects."""
        people, agreements = self._read_tables(Limits(max_bad_ppm=0, go_on=True))
        return Share(
            rejects=[
                part
                for spec in TABLES
                if spec.name in self._runs
                for part in self._runs[spec.name].rejects.tables()
            ],
            tallies={name: run.tally for name, run in self._runs.items()},
            persons=people.size,
            loans=agreements.size,
            undecidable_loans=int((agreements.rank < UNHARMED).sum()),
        )

    def run(self, files: BookFiles, limits: Limits) -> Intake:
        """Read every table, write the normal form and the rejects."""
        with ThreadPoolExecutor(max_workers=1) as hashing:
            digests = {
                table: hashing.submit(file_sha256, path) for table, path in files.by_table.items()
            }
            people, agreements = self._read_tables(limits)
        write_rejects(
            path=self._rejects, tables={name: run.rejects for name, run in self._runs.items()}
        )
        tables = self._accounts(files, digests)
        if changed := self._changed():
            raise refuse("changed_while_read", files=", ".join(changed))
        refuse_too_bad(tables, limits, self._rejects)
        return Intake(
            folder=files.folder,
            book=self._book,
            rejects=self._rejects,
            as_of=self._as_of,
            persons=people.size,
            loans=agreements.size,
            undecidable_loans=int((agreements.rank < UNHARMED).sum()),
            tables=tables,
            extra_flags=agreements.extra_flags,
            remarks=(*files.remarks, *agreements.remarks),
        )

    def _read_tables(self, limits: Limits) -> tuple[People, Agreements]:
        for spec in (DEBTORS, CONTRACTS, INSTALMENTS, PAYMENTS):
            self._open(spec.name)
        self._tell(DEBTORS.name)
        people = read_people(self._runs[DEBTORS.name])
        self._refuse_empty(DEBTORS.name)
        self._tell(CONTRACTS.name)
        agreements = read_agreements(self._runs[CONTRACTS.name], people)
        self._refuse_empty(CONTRACTS.name)
        self._counted(agreements.size)
        self._read_relations(Surroundings(people, agreements, self._base_currency, self._time_zone))
        write_whole(path=self._path(DEBTORS.name), table=_people_table(people))
        people.table.columns.clear()  # from here on only their ids are needed
        blocks = cut_blocks(person_of_loan=agreements.person, persons=people.size, size=BLOCK_LOANS)
        self._tell(INSTALMENTS.name)
        self._read_schedule(agreements, blocks)
        self._refuse_empty(INSTALMENTS.name)
        self._tell(PAYMENTS.name)
        self._read_receipts(agreements, blocks)
        if not limits.go_on:
            self._refuse_empty(PAYMENTS.name)
        table = _loan_table(agreements, people)
        write_whole(path=self._path(CONTRACTS.name), table=table)
        return people, agreements

    def _tell(self, table: str) -> None:
        self._opened += 1
        self._opens(table, self._opened, len(self._present))

    def _open(self, table: str) -> TableRun:
        spec = BY_NAME[table]
        source = self._source_of(spec, self._scratch)
        self._runs[table] = TableRun(spec=spec, source=source, scratch=self._scratch)
        return self._runs[table]

    def _again(self, table: str) -> TableRun:
        """Yield a fresh run of a table whose file is open already."""
        run = self._runs[table]
        self._runs[table] = TableRun(spec=run.spec, source=run.source, scratch=self._scratch)
        return self._runs[table]

    def _path(self, table: str) -> Path:
        return self._book / f"{table}.parquet"

    def _refuse_empty(self, table: str) -> None:
        run = self._runs[table]
        if not run.tally.read and not self._is_share:
            raise refuse("empty_table", table=table, file=run.source.path.name)

    def _read_relations(self, around: Surroundings) -> None:
        required = {spec.name for spec in TABLES if spec.required}
        for spec in TABLES:
            if spec.name in required:
                continue
            if spec.name in self._present:
                self._tell(spec.name)
                rows = read_relation(self._open(spec.name), around)
            else:
                rows = empty_relation(spec, around)
            write_whole(path=self._path(spec.name), table=rows)

    def _read_schedule(self, agreements: Agreements, blocks: Sequence[Block]) -> None:
        reading, reader = read_loan_rows(
            open_run=lambda: self._again(INSTALMENTS.name),
            agreements=agreements,
            blocks=blocks,
            path=self._path(INSTALMENTS.name),
            scratch=self._scratch,
            schema=schedule.SCHEMA,
            begin=Schedule,
        )
        rank = agreements.rank
        missing = np.flatnonzero(~reading.seen & (rank == UNHARMED)).astype(np.int32)
        self._add_to_contracts("schedule_missing", agreements, missing)
        rank[missing] = RANK["schedule_missing"]
        run = self._runs[CONTRACTS.name]
        run.tally.rejected += len(missing)
        unequal = reader.unequal
        unequal = unequal[rank[unequal] == UNHARMED]
        self._add_to_contracts("principal_does_not_add_up", agreements, unequal)

    def _read_receipts(self, agreements: Agreements, blocks: Sequence[Block]) -> None:
        try:
            self._read_payments(agreements, blocks, None)
        except IdsDoNotAscend:
            repeated = find_repeated_ids(self._runs[PAYMENTS.name])
            self._read_payments(agreements, blocks, repeated)

    def _read_payments(
        self, agreements: Agreements, blocks: Sequence[Block], repeated: RepeatedIds | None
    ) -> None:
        as_of_day = (self._as_of - _EPOCH).days
        _, reader = read_loan_rows(
            open_run=lambda: self._again(PAYMENTS.name),
            agreements=agreements,
            blocks=blocks,
            path=self._path(PAYMENTS.name),
            scratch=self._scratch,
            schema=receipts.SCHEMA,
            begin=lambda reading: Receipts(reading, as_of_day=as_of_day, repeated=repeated),
        )
        write_ahead(path=self._path(receipts.REVERSALS_AHEAD), found=reader.ahead)

    def _add_to_contracts(self, code: str, agreements: Agreements, loans: Ordinals) -> None:
        """Record what the schedule shows about contracts."""
        if not len(loans):
            return
        principal = code == "principal_does_not_add_up"
        run = self._runs[CONTRACTS.name]
        run.rejects.add(
            code=code,
            severity=Severity.WARNING if principal else Severity.ERROR,
            rows=agreements.table.rows[loans],
            keys=taken(agreements.index.ids, loans),
            column="principal" if principal else "contract_id",
            values=_principals(agreements, loans) if principal else None,
        )

    def _accounts(
        self, files: BookFiles, digests: Mapping[str, Future[str]]
    ) -> dict[str, TableIntake]:
        return {
            spec.name: self._runs[spec.name].tally.account(
                name=spec.name,
                file=files.by_table[spec.name].name,
                sha256=digests[spec.name].result(),
            )
            for spec in TABLES
            if spec.name in self._runs
        }


def _principals(agreements: Agreements, loans: Ordinals) -> pa.Array:
    """The contracts' principal in major units, as text."""
    minor = agreements.table.numbers("principal")[loans].tolist()
    currencies = [CURRENCIES[place] for place in agreements.currency[loans].tolist()]
    return pa.array(
        [
            text_from_minor(minor=amount, currency=currency)
            for amount, currency in zip(minor, currencies, strict=True)
        ],
        pa.string(),
    )


def _is_no_room(failure: OSError) -> bool:
    return failure.errno in _NO_ROOM or "No space left" in str(failure)


def refuse_too_bad(tables: Mapping[str, TableIntake], limits: Limits, rejects: Path | None) -> None:
    """Refuse a book of which a required table has more bad rows than the bank tolerates.

    Errors: BookRefused, which names the reject file.
    """
    if limits.go_on:
        return
    for spec in TABLES:
        table = tables.get(spec.name)
        if table is None or not spec.required:
            continue
        if table.rows_rejected * PPM <= limits.max_bad_ppm * table.rows_read:
            continue
        frequent = most_frequent(table.findings)
        worded = [sentence(code=code, column="…") for code in frequent]
        refusal = refuse(
            "too_many_bad_rows",
            table=spec.name,
            rows=table.rows_read,
            bad=table.rows_rejected,
            share=percent(table.rows_rejected * PPM // table.rows_read),
            limit=percent(limits.max_bad_ppm),
            reasons_zh="；".join(
                f"{code} × {table.findings[code]:,}（{zh}）"
                for code, (zh, _) in zip(frequent, worded, strict=True)
            ),
            reasons_en="; ".join(
                f"{code} x {table.findings[code]:,} ({en})"
                for code, (_, en) in zip(frequent, worded, strict=True)
            ),
        )
        refusal.rejects = rejects
        raise refusal


def percent(ppm: int) -> str:
    """Yield parts per million as percent, as many digits as needed.

    >>> percent(10_000), percent(12_345)
    ('1%', '1.2345%')
    """
    whole, rest = divmod(ppm, 10_000)
    return f"{whole}.{rest:04d}".rstrip("0").rstrip(".") + "%"


def _people_table(people: People) -> pa.Table:
    columns: dict[str, pa.Array] = {"person": ordinals(np.arange(people.size))}
    for column in DEBTORS.columns:
        columns[column.stored_as] = to_arrow(column, people.table.columns[column.name])
        if column.name == "debtor_id":
            columns["row"] = pa.array(people.table.rows)
    columns["bad_code"] = _bad_codes(people.rank)
    for table in COUNTED:
        counts = people.unread.get(table, np.zeros(people.size, np.int32))
        columns[f"unread_{table}"] = pa.array(counts)
    return pa.table(columns)


def _loan_table(agreements: Agreements, people: People) -> pa.Table:
    """The contracts in normal form; what the bank does not say about them is null."""
    table = agreements.table
    columns: dict[str, pa.Array] = {
        "loan": ordinals(np.arange(agreements.size)),
        "person": ordinals(agreements.person),
        "contract_id": agreements.index.ids,
        "debtor_id": taken(people.index.ids, agreements.person),
        "row": pa.array(table.rows),
    }
    for column in CONTRACTS.columns:
        if column.name not in ("contract_id", "debtor_id"):
            columns[column.stored_as] = to_arrow(column, table.columns[column.name])
    for name in agreements.extra_flags:
        flags = table.columns[name]
        columns[name] = pa.array(table.numbers(name).astype(bool), mask=~flags.known)
    columns["bad_code"] = _bad_codes(agreements.rank)
    return pa.table(columns)


def _bad_codes(ranks: np.ndarray) -> pa.Array:
    codes = [finding.code for finding in CATALOGUE]
    places: Ints = ranks.astype(np.int64) - 1
    return coded(places, codes, ranks < UNHARMED)
