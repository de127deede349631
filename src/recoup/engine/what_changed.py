"""Late truth: which contracts' past figures moved between two results, and which rows moved them.

Two results of one date are compared as they stand. Where the second is of a later date, the first
one's date is decided anew from the second one's book, under the first one's law and policy: what
the first night would have said, had it known. Rows that speak of later days move nothing and are
left out.
"""

import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from recoup.engine.backends.duck import Duck, quoted_name
from recoup.engine.book_changes import ADDED, CHANGED, REMOVED, RowChange, TableChange, TwoBooks
from recoup.engine.book_rows import BookRows
from recoup.engine.explaining import COMPARED, kept_rules, plain_decision, read_manifest
from recoup.engine.one_person import OneContract, PersonRules, decide_person
from recoup.engine.person_files import SORTED_BY
from recoup.engine.refusal import NightRefused
from recoup.policy.pack import pack_files

#: Columns of a decision that are figures of the past; what is to be done next is none.
FIGURES = (
    *(name for name in COMPARED if name not in ("segment", "treatment")),
    *("exposure_minor", *(f"contacts_7d_{one}" for one in ("call", "sms", "email", "letter"))),
    "contacts_7d_visit",
)
#: Persons who are decided anew at a time; their rows are held in memory.
PERSONS_AT_ONCE = 1_000
#: Tables whose rows are of a person, not of one contract.
OF_PERSON = ("debtors", "contacts", "promises", "holds", "outside")


@dataclass(frozen=True, kw_only=True)
class Moved:
    """A contract whose figures of the day moved: each figure before and after, and the rows why.

    Shape: ``change`` is ``changed``, or ``added`` and ``removed`` for a contract that only one of
    the books has. ``through`` are other contracts of the debtor whose rows differ, where it has no
    such row itself. ``rates``: exchange rates differ too.
    """

    contract_id: str
    debtor_id: str
    currency: str
    change: str
    figures: Mapping[str, tuple[object, object]]
    rows: tuple[RowChange, ...]
    through: tuple[str, ...]
    rates: bool


@dataclass(frozen=True, kw_only=True)
class WhatChanged:
    """Everything that moved; ``as_of`` is the day whose figures are compared.

    Shape: ``files`` are files of pack, strategy or program that differ; they explain what no row
    explains.
    """

    as_of: date
    tables: tuple[TableChange, ...]
    files: tuple[str, ...]
    moved: tuple[Moved, ...]

    def tree(self) -> dict[str, Any]:
        """Yield everything as JSON knows it."""
        return asdict(self)


def what_changed(*, before: Path, after: Path) -> WhatChanged:
    """Yield which contracts' figures moved from one result to another, and why.

    Errors: NightRefused, when a folder is no result, was altered, or the second is of an earlier
    date than the first.
    """
    heads = [read_manifest(folder) for folder in (before, after)]
    rules = kept_rules(result=before, manifest=heads[0])
    later = date.fromisoformat(str(heads[1]["as_of"]))
    if later < rules.as_of:
        raise NightRefused(
            zh=f"第二份结果（{later}）早于第一份（{rules.as_of}）；请先写较早的一份。",
            en=f"The second result ({later}) is of an earlier date than the first "
            f"({rules.as_of}); name the earlier one first.",
        )
    with tempfile.TemporaryDirectory(prefix="recoup-") as spill, Duck(scratch=Path(spill)) as duck:
        books = TwoBooks(duck=duck, before=before / "book", after=after / "book")
        tables = tables_that_differ(heads)
        rows = _Rows.of(books=books, tables=tables, by=rules.as_of)
        counts = books.counts(tables)
        if later == rules.as_of:
            pairs = list(_pairs_of_one_day(duck, before, after))
            files = (*_policy_files(before, after, heads), *_versions(heads))
        else:
            known = kept_rules(result=after, manifest=heads[1])
            rules = replace(rules, debtor_columns=known.debtor_columns, tables=known.tables)
            everybody = books.names_differ() or bool(rows.rates)
            debtors = None if everybody else rows.debtors
            pairs, files = _pairs_decided_anew(before, after, rules=rules, debtors=debtors), ()
    moved = tuple(
        _explained(pair, figures, rows)
        for pair in pairs
        if pair.had_begun(by=rules.as_of) and (figures := pair.figures())
    )
    return WhatChanged(as_of=rules.as_of, tables=counts, files=files, moved=moved)


@dataclass
class _Rows:
    """The rows that differ and speak of the day, by contract and by debtor."""

    by_contract: dict[str, list[RowChange]] = field(default_factory=lambda: defaultdict(list))
    by_debtor: dict[str, list[RowChange]] = field(default_factory=lambda: defaultdict(list))
    contracts_of: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    rates: list[RowChange] = field(default_factory=list)

    @classmethod
    def of(cls, *, books: TwoBooks, tables: Sequence[str], by: date) -> "_Rows":
        """Gather them from two books."""
        rows = cls()
        for table in tables:
            for row in books.rows(table, by=by):
                rows.add(row)
        return rows

    @property
    def debtors(self) -> frozenset[str]:
        """Everybody of whom a row differs."""
        return frozenset((*self.by_debtor, *self.contracts_of))

    def add(self, row: RowChange) -> None:
        """Keep one row where it will be looked for."""
        if row.table == "rates":
            self.rates.append(row)
            return
        if row.debtor_id is None:
            return
        if row.table in OF_PERSON or row.contract_id is None:
            self.by_debtor[row.debtor_id].append(row)
            return
        self.by_contract[row.contract_id].append(row)
        for debtor in (row.debtor_id, row.before.get("debtor_id"), row.after.get("debtor_id")):
            if isinstance(debtor, str):
                self.contracts_of[debtor].add(row.contract_id)


def tables_that_differ(heads: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Yield the tables whose files differ; contracts always, for what became of them."""
    digests = [
        {name: head["inputs"][table["file"]] for name, table in head["tables"].items()}
        for head in heads
    ]
    names = [name for name in {**digests[0], **digests[1]} if name != "contracts"]
    unlike = (name for name in names if digests[0].get(name) != digests[1].get(name))
    return ("contracts", *unlike)


@dataclass(frozen=True, kw_only=True)
class _Pair:
    """One contract's decisions of one day by what was known first, and later; None: not there."""

    contract_id: str
    one: Mapping[str, object] | None
    other: Mapping[str, object] | None

    def had_begun(self, *, by: date) -> bool:
        """Whether the contract had begun by then, where the first book lacks it."""
        start = (self.other or {}).get("start_on") if self.one is None else None
        return not isinstance(start, date) or start <= by

    def figures(self) -> dict[str, tuple[object, object]]:
        """Yield the figures that differ, before and after."""
        found = {}
        for name in FIGURES:
            values = ((self.one or {}).get(name), (self.other or {}).get(name))
            if values[0] != values[1]:
                found[name] = values
        return found


def _pairs_of_one_day(duck: Duck, before: Path, after: Path) -> Iterator[_Pair]:
    """Yield the contracts of which two results of one day say different things."""
    for side, result in (("one", before), ("other", after)):
        duck.view(side, result / "decisions.parquet")
    columns = ("contract_id", "debtor_id", "currency", "start_on", *FIGURES)
    chosen = ", ".join(
        f"{side}.{quoted_name(name)} AS {quoted_name(f'{side}_{name}')}"
        for side in ("one", "other")
        for name in columns
    )
    unlike = " OR ".join(
        f"one.{quoted_name(name)} IS DISTINCT FROM other.{quoted_name(name)}"
        for name in ("contract_id", *FIGURES)
    )
    sql = (
        f"SELECT {chosen} FROM one FULL OUTER JOIN other ON one.contract_id = other.contract_id "
        f"WHERE {unlike} ORDER BY COALESCE(one.contract_id, other.contract_id)"
    )
    for batch in duck.stream(sql, rows=10_000):
        for row in batch.to_pylist():
            sides = [
                {name: row[f"{side}_{name}"] for name in columns}
                if row[f"{side}_contract_id"]
                else None
                for side in ("one", "other")
            ]
            yield _Pair(
                contract_id=str(row["one_contract_id"] or row["other_contract_id"]),
                one=sides[0],
                other=sides[1],
            )


def _pairs_decided_anew(
    before: Path, after: Path, *, rules: PersonRules, debtors: frozenset[str] | None
) -> list[_Pair]:
    """Yield the contracts of these debtors (None: of all) as decided then, and as decided now."""
    now = dict(_decided_anew(after / "book", rules=rules, debtors=debtors))
    columns = ["contract_id", "debtor_id", "currency", *FIGURES]
    wanted = (
        None
        if debtors is None
        else pc.field("debtor_id").isin(pa.array(sorted(debtors), pa.string()))
    )
    then = pq.read_table(before / "decisions.parquet", columns=columns, filters=wanted)
    known = {row["contract_id"]: row for row in then.to_pylist()}
    return [
        _Pair(contract_id=name, one=known.get(name), other=now.get(name))
        for name in sorted({*known, *now})
    ]


def _decided_anew(
    book: Path, *, rules: PersonRules, debtors: frozenset[str] | None
) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Yield what would have been decided of these debtors (None: of all), by contract."""
    ids = pq.read_table(book / "debtors.parquet", columns=["debtor_id", "person"])
    if debtors is not None:
        ids = ids.filter(pc.is_in(ids.column("debtor_id"), pa.array(sorted(debtors), pa.string())))
    persons = ids.column("person").to_pylist()
    for start in range(0, len(persons), PERSONS_AT_ONCE):
        chosen = persons[start : start + PERSONS_AT_ONCE]
        rows = _HeldRows(folder=book)
        rows.hold(chosen)
        for person in chosen:
            for one in decide_person(rows=rows, person=person, rules=rules).contracts:
                yield one.contract_id, _figures(one)


def _figures(one: OneContract) -> dict[str, object]:
    found = {**plain_decision(one), "exposure_minor": one.facts.get("exposure_own_minor")}
    found |= {name: one.facts[name] for name in FIGURES if name not in found}
    found |= {name: one.row[name] for name in ("debtor_id", "currency", "start_on")}
    return found


@dataclass(frozen=True)
class _HeldRows(BookRows):
    """The rows of some persons, read once."""

    held: dict[tuple[str, str], dict[object, list[dict[str, object]]]] = field(default_factory=dict)

    def hold(self, persons: Sequence[int]) -> None:
        """Read the rows of these persons from every table."""
        contracts = self._read("contracts", "person", persons)
        loans = [row["loan"] for rows in contracts.values() for row in rows]
        for table, by in SORTED_BY.items():
            self._read(table, by, persons if by == "person" else loans)

    def _read(
        self, table: str, by: str, ordinals: Sequence[object]
    ) -> dict[object, list[dict[str, object]]]:
        wanted = pc.field(by).isin(pa.array(ordinals, pa.int32()))
        found: dict[object, list[dict[str, object]]] = defaultdict(list)
        for row in pq.read_table(self.folder / f"{table}.parquet", filters=wanted).to_pylist():
            found[row[by]].append(row)
        self.held[table, by] = found
        return found

    def _rows(self, table, filters):  # type: ignore[no-untyped-def]
        if filters is None:
            return super()._rows(table, None)
        [(column, _, value)] = filters
        return self.held[table, column].get(value, [])


def _explained(pair: _Pair, figures: Mapping[str, tuple[object, object]], rows: _Rows) -> Moved:
    """Yield a contract that moved with the rows that moved it: its own, its debtor's, its rates."""
    known = pair.other or pair.one or {}
    debtor = str(known["debtor_id"])
    own = rows.by_contract.get(pair.contract_id, [])
    others = rows.contracts_of.get(debtor, set()) - {pair.contract_id}
    return Moved(
        contract_id=pair.contract_id,
        debtor_id=debtor,
        currency=str(known["currency"]),
        change=ADDED if pair.one is None else REMOVED if pair.other is None else CHANGED,
        figures=figures,
        rows=(*own, *rows.by_debtor.get(debtor, ())),
        through=tuple(sorted(others)) if not own else (),
        rates=bool(rows.rates),
    )


def _policy_files(before: Path, after: Path, heads: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the files of pack and strategy that differ between two results' own copies."""
    for part in ("pack", "strategy"):
        folders = [
            folder / "policy" / part / str(head[part]["id"])
            for folder, head in zip((before, after), heads, strict=True)
        ]
        yield from (f"{part}/{name}" for name in differing_files(*folders))


def differing_files(before: Path, after: Path) -> tuple[str, ...]:
    """Yield the names of files below two folders that only one has, or that differ."""
    sides = [
        {file.relative_to(folder).as_posix(): file for file in pack_files(folder=folder)}
        for folder in (before, after)
    ]
    return tuple(
        name
        for name in sorted({*sides[0], *sides[1]})
        if name not in sides[0]
        or name not in sides[1]
        or sides[0][name].read_bytes() != sides[1][name].read_bytes()
    )


def _versions(heads: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the programs whose version differs."""
    one, other = (head["versions"] for head in heads)
    for name in sorted({*one, *other}):
        if one.get(name) != other.get(name):
            yield f"{name} {one.get(name)} → {other.get(name)}"
