"""Two books in normal form held against each other, row by row: what came, what went, what differs.

Ordinals of persons and loans are each book's own, so rows are matched by the bank's ids. What can
have moved figures of a day is told apart from what only belongs to later days.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

from recoup.engine.backends.duck import Duck, quoted_name, quoted_text
from recoup.engine.book.contract import TABLES

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
#: What identifies a row, in names of the normal form; ids of persons and contracts stand for
#: ordinals.
KEYS: Mapping[str, tuple[str, ...]] = {
    "debtors": ("debtor_id",),
    "contracts": ("contract_id",),
    "instalments": ("contract_id", "seq"),
    "payments": ("contract_id", "payment_id"),
    "contacts": ("debtor_id", "contact_id"),
    "promises": ("debtor_id", "promise_id"),
    "holds": ("debtor_id", "kind", "contract_id", "from_on", "channel"),
    "collateral": ("contract_id", "collateral_id"),
    "guarantors": ("contract_id", "guarantor_id"),
    "rates": ("currency", "on"),
    "outside": ("debtor_id", "as_of"),
}
#: From which day on a row says anything; rows of the other tables always do.
SPEAKS_FROM: Mapping[str, str] = {
    "payments": "paid_on",
    "contacts": "local_on",
    "promises": "made_on",
    "holds": "from_on",
    "rates": "on",
    "outside": "as_of",
}
#: Columns that the intake has made for itself.
_OWN = frozenset({"loan", "person", "row", "local_on", "unread_holds", "unread_contacts"})


@dataclass(frozen=True, kw_only=True)
class TableChange:
    """How many rows of a table came, went, and differ."""

    table: str
    added: int
    removed: int
    changed: int


@dataclass(frozen=True, kw_only=True)
class RowChange:
    """One row that came, went or differs, by the bank's ids.

    Shape: ``key`` are the columns that identify it within contract and debtor; ``before`` and
    ``after`` have the columns that differ, or all that are known of a row that came or went.
    ``currency`` is that of the amounts, None where the row has none.
    """

    table: str
    change: str
    contract_id: str | None
    debtor_id: str | None
    currency: str | None
    key: Mapping[str, object]
    before: Mapping[str, object]
    after: Mapping[str, object]


class TwoBooks:
    """The normal forms below two results, opened side by side; ``duck`` carries the comparison."""

    def __init__(self, *, duck: Duck, before: Path, after: Path) -> None:
        self._duck = duck
        self._columns: dict[str, tuple[str, ...]] = {}
        for spec in TABLES:
            found: list[str] = []
            for side, book in (("before", before), ("after", after)):
                path = book / f"{spec.name}.parquet"
                names = pq.read_schema(path).names
                found += [name for name in names if name not in found]
                duck.view(f"{side}_{spec.name}_file", path)
                self._columns[f"{side}.{spec.name}"] = tuple(names)
            self._columns[spec.name] = tuple(found)
        for spec in TABLES:
            for side in ("before", "after"):
                duck.run(f"CREATE VIEW {side}_{spec.name} AS {self._side(spec.name, side)}")

    def counts(self, tables: Sequence[str]) -> tuple[TableChange, ...]:
        """Yield how many rows of each table came, went and differ; equal tables are left out."""
        found = []
        for table in tables:
            rows = self._duck.query(
                f"SELECT change, COUNT(*) AS rows FROM ({self._joined(table)}) GROUP BY change"
            ).to_pylist()
            by = {row["change"]: row["rows"] for row in rows}
            if by:
                one = TableChange(
                    table=table,
                    added=by.get(ADDED, 0),
                    removed=by.get(REMOVED, 0),
                    changed=by.get(CHANGED, 0),
                )
                found.append(one)
        return tuple(found)

    def rows(self, table: str, *, by: date) -> Iterator[RowChange]:
        """Yield the rows of a table that differ and can have moved figures of the day ``by``."""
        sql = self._joined(table)
        if table in SPEAKS_FROM:
            sql += f" AND (speaks_from IS NULL OR speaks_from <= DATE '{by.isoformat()}')"
        order = ", ".join(quoted_name(f"key_{name}") for name in KEYS[table])
        for batch in self._duck.stream(f"{sql} ORDER BY {order}", rows=10_000):
            for row in batch.to_pylist():
                yield self._row(table, row)

    def names_differ(self) -> bool:
        """Whether one of the books has columns that the other lacks."""
        return any(
            set(self._columns[f"before.{spec.name}"]) != set(self._columns[f"after.{spec.name}"])
            for spec in TABLES
        )

    def _row(self, table: str, row: Mapping[str, object]) -> RowChange:
        change = str(row["change"])
        sides: dict[str, dict[str, object]] = {"before": {}, "after": {}}
        for name in self._values(table):
            before, after = row[f"before_{name}"], row[f"after_{name}"]
            if change != CHANGED or before != after:
                sides["before"][name], sides["after"][name] = before, after
        key = {name: row[f"key_{name}"] for name in KEYS[table]}
        owner = {name: _text(row[f"owner_{name}"]) for name in ("contract_id", "debtor_id")}
        return RowChange(
            table=table,
            change=change,
            contract_id=owner["contract_id"],
            debtor_id=owner["debtor_id"],
            currency=_text(row["owner_currency"]),
            key={name: value for name, value in key.items() if name not in owner},
            before=sides["before"] if change != ADDED else {},
            after=sides["after"] if change != REMOVED else {},
        )

    def _values(self, table: str) -> list[str]:
        """Yield the columns that are compared; of which contract a row is, is one of them."""
        columns = self._columns[table]
        found = [name for name in columns if name not in _OWN and name not in KEYS[table]]
        of_contract = "loan" in columns and "contract_id" not in (*columns, *KEYS[table])
        return [*found, "contract_id"] if of_contract else found

    def _side(self, table: str, side: str) -> str:
        """Yield the SQL of one side of a table: the bank's ids beside its columns."""
        here = self._columns[f"{side}.{table}"]
        columns = [
            f"t.{quoted_name(name)}" if name in here else f"NULL AS {quoted_name(name)}"
            for name in self._columns[table]
            if name not in _OWN
        ]
        joins = ""
        if table not in ("contracts", "debtors"):
            if "loan" in here:
                columns.append("c.contract_id")
                joins += f" LEFT JOIN {side}_contracts_file AS c ON c.loan = t.loan"
            if "person" in here:
                columns.append("d.debtor_id")
                joins += f" LEFT JOIN {side}_debtors_file AS d ON d.person = t.person"
            elif "loan" in here:
                columns.append("c.debtor_id")
        speaks = SPEAKS_FROM.get(table)
        columns.append(f"t.{quoted_name(speaks)} AS speaks_from" if speaks else "NULL AS speaks")
        currency = {"contracts": "t.currency"}.get(table, "c.currency" if "c." in joins else "NULL")
        columns += [f"{currency} AS owner_currency", "TRUE AS here"]
        return f"SELECT {', '.join(columns)} FROM {side}_{table}_file AS t{joins}"

    def _joined(self, table: str) -> str:
        """Yield the SQL of all rows that differ."""
        keys, values = KEYS[table], self._values(table)
        matched = " AND ".join(
            f"a.{quoted_name(name)} IS NOT DISTINCT FROM b.{quoted_name(name)}" for name in keys
        )
        unlike = " OR ".join(
            f"a.{quoted_name(name)} IS DISTINCT FROM b.{quoted_name(name)}" for name in values
        )
        columns = [
            f"CASE WHEN a.here IS NULL THEN {quoted_text(ADDED)} WHEN b.here IS NULL THEN "
            f"{quoted_text(REMOVED)} ELSE {quoted_text(CHANGED)} END AS change",
            *(_either(name, f"key_{name}") for name in keys),
            *(
                _either(name, f"owner_{name}")
                if self._owns(table, name)
                else f"NULL AS owner_{name}"
                for name in ("contract_id", "debtor_id")
            ),
            "COALESCE(b.owner_currency, a.owner_currency) AS owner_currency",
            *(f"a.{quoted_name(name)} AS {quoted_name(f'before_{name}')}" for name in values),
            *(f"b.{quoted_name(name)} AS {quoted_name(f'after_{name}')}" for name in values),
        ]
        if table in SPEAKS_FROM:
            columns.append("LEAST(a.speaks_from, b.speaks_from) AS speaks_from")
        inner = (
            f"SELECT {', '.join(columns)} FROM before_{table} AS a "
            f"FULL OUTER JOIN after_{table} AS b ON {matched} "
            f"WHERE a.here IS NULL OR b.here IS NULL{f' OR {unlike}' if unlike else ''}"
        )
        return f"SELECT * FROM ({inner}) WHERE TRUE"

    def _owns(self, table: str, name: str) -> bool:
        columns = self._columns[table]
        if name in columns:
            return True
        if name == "contract_id":
            return "loan" in columns and table != "debtors"
        return ("person" in columns or "loan" in columns) and table != "debtors"


def _either(name: str, called: str) -> str:
    return f"COALESCE(b.{quoted_name(name)}, a.{quoted_name(name)}) AS {quoted_name(called)}"


def _text(value: object) -> str | None:
    return None if value is None else str(value)
