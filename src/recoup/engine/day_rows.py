"""One person's tables: as the night read them, and with what has happened since.

Rows of the day are put where the intake would have put them, had the bank's files held them from
the start; so the night's own steps can run over them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from recoup.engine.book.loan_rows import MOST_PER_LOAN
from recoup.engine.book_rows import PaymentRow, Row, instalment_of, payment_of
from recoup.engine.day_changes import (
    BadChange,
    ChangeContradicts,
    ContractOfAnother,
    DayChanges,
    NoSuchHold,
    NoSuchPayment,
    check_changes,
)
from recoup.engine.person_files import SORTED_BY, PersonFiles
from recoup.kernel.tracing import Instalment

Rows = list[dict[str, Any]]

_ASCENDING = "ascending"
#: The order of the normal form, within a person.
ORDERS: Mapping[str, tuple[str, ...]] = {
    "payments": ("loan", "paid_on", "payment_id"),
    "contacts": ("at", "contact_id"),
    "promises": ("made_on", "promise_id"),
    "holds": ("from_on", "kind", "loan", "channel"),
}
EVERYTHING: Mapping[str, Sequence[str] | None] = dict.fromkeys(SORTED_BY)
KEYS: Mapping[str, str] = {
    "payments": "payment_id",
    "contacts": "contact_id",
    "promises": "promise_id",
}


@dataclass(frozen=True, kw_only=True)
class PersonTables:
    """A person's rows of every table of the normal form, in its order, with the book's ordinals.

    Shape: loans are ``loan_from`` to ``loan_until`` - 1.
    """

    person: int
    loan_from: int
    loan_until: int
    tables: Mapping[str, pa.Table]

    @cached_property
    def debtor(self) -> Row:
        """The debtor's row."""
        row: Row = self.tables["debtors"].to_pylist()[0]
        return row

    @property
    def debtor_id(self) -> str:
        """The debtor's id."""
        return str(self.debtor["debtor_id"])

    @cached_property
    def loans(self) -> Mapping[str, int]:
        """Contract id -> loan."""
        contracts = self.tables["contracts"]
        ids, loans = contracts.column("contract_id"), contracts.column("loan")
        return dict(zip(ids.to_pylist(), loans.to_pylist(), strict=True))


def read_person(
    *, files: PersonFiles, person: int, columns: Mapping[str, Sequence[str] | None]
) -> PersonTables:
    """Yield a person's tables from a result.

    Shape: ``columns`` names the tables wanted and their columns beside the ordinal that they are
    sorted by, None for all of them.
    """
    tables = {
        name: files.of_person(name, person, wanted)
        for name, wanted in columns.items()
        if SORTED_BY[name] == "person"
    }
    loans = tables["contracts"].column("loan").to_pylist()
    first, until = (loans[0], loans[-1] + 1) if loans else (0, 0)
    tables |= {
        name: files.of_loans(name, first, until, wanted)
        for name, wanted in columns.items()
        if SORTED_BY[name] == "loan"
    }
    return PersonTables(person=person, loan_from=first, loan_until=until, tables=tables)


def with_changes(
    *, given: PersonTables, changes: DayChanges, as_of: date, time_zone: str
) -> PersonTables:
    """Yield a person's tables as if the book had held the changes from the start.

    Shape: ``time_zone`` holds where the debtor has none. Errors: DayRefused, in its kinds.
    """
    check_changes(changes)
    tables = dict(given.tables)
    for name, rows in (
        ("payments", _receipts(given, changes)),
        ("promises", _promises(given, changes)),
        ("contacts", _contacts(given, changes, time_zone)),
    ):
        tables[name] = _joined(name, tables[name], rows)
    if changes.receipts:
        _refuse_too_large(tables["payments"], changes)
    if changes.reversed_payment_ids:
        tables["payments"] = _reversed(given, tables["payments"], changes)
    if changes.withdrawn_promise_ids:
        tables["promises"] = _without(tables["promises"], changes.withdrawn_promise_ids)
    if changes.holds or changes.lifted_holds:
        tables["holds"] = _holds(given, changes, as_of)
    return replace(given, tables=tables)


def _without(promises: pa.Table, promise_ids: frozenset[str]) -> pa.Table:
    gone = pa.array(sorted(promise_ids), pa.string())
    return promises.filter(pc.invert(pc.is_in(promises.column("promise_id"), value_set=gone)))


def _loan(given: PersonTables, contract_id: str | None) -> int | None:
    if contract_id is None:
        return None
    loan = given.loans.get(contract_id)
    if loan is None:
        raise ContractOfAnother(contract_id=contract_id, debtor_id=given.debtor_id)
    return loan


def _receipts(given: PersonTables, changes: DayChanges) -> Rows:
    return [
        {
            "loan": _loan(given, receipt.contract_id),
            "paid_on": receipt.paid_on,
            "payment_id": receipt.payment_id,
            "amount_minor": receipt.amount_minor,
            "is_waiver": receipt.is_waiver,
            "is_reversed": False,
        }
        for receipt in changes.receipts
    ]


def _promises(given: PersonTables, changes: DayChanges) -> Rows:
    return [
        {
            "person": given.person,
            "loan": _loan(given, promise.contract_id),
            "promise_id": promise.promise_id,
            "made_on": promise.made_on,
            "due_on": promise.due_on,
            "amount_minor": promise.amount_minor,
        }
        for promise in changes.promises
    ]


def _contacts(given: PersonTables, changes: DayChanges, time_zone: str) -> Rows:
    if not changes.contacts:
        return []
    zone = ZoneInfo(str(given.debtor["time_zone"] or time_zone))
    return [
        {
            "person": given.person,
            "loan": _loan(given, contact.contract_id),
            "contact_id": contact.contact_id,
            "at": contact.at,
            "local_on": contact.at.astimezone(zone).date(),
            "channel": contact.channel,
            "direction": contact.direction,
            "party": contact.party,
            "number": contact.number,
            "purpose": contact.purpose,
            "outcome": contact.outcome,
        }
        for contact in changes.contacts
    ]


def _joined(name: str, held: pa.Table, rows: Rows) -> pa.Table:
    """Yield a table with further rows; a row that is there word for word counts once."""
    if not rows:
        return held
    key = KEYS[name]
    known = {row[key]: row for row in held.to_pylist()}
    fresh = []
    for row in rows:
        other = known.get(row[key])
        if other is None:
            known[row[key]] = row
            fresh.append(row)
        elif any(other[cell] != row[cell] for cell in row if cell != "is_reversed"):
            raise ChangeContradicts(table=name, key=row[key])
    return _sorted(name, held, fresh)


def _sorted(name: str, held: pa.Table, fresh: Rows) -> pa.Table:
    if not fresh:
        return held
    # What the day records has no row in a bank's file.
    schema = pa.schema([field.with_nullable(True) for field in held.schema])
    joined = pa.concat_tables([held.cast(schema), pa.Table.from_pylist(fresh, schema=schema)])
    return joined.sort_by([(column, _ASCENDING) for column in ORDERS[name]])


def _refuse_too_large(payments: pa.Table, changes: DayChanges) -> None:
    """Refuse receipts with which a loan's payments could no longer be counted in 64 bits."""
    sums: dict[int, int] = {}
    for loan, amount in zip(
        payments.column("loan").to_pylist(),
        payments.column("amount_minor").to_pylist(),
        strict=True,
    ):
        sums[loan] = sums.get(loan, 0) + amount
    if max(sums.values()) >= MOST_PER_LOAN:
        largest = max(changes.receipts, key=lambda receipt: receipt.amount_minor)
        raise BadChange.too_large(largest)


def _reversed(given: PersonTables, payments: pa.Table, changes: DayChanges) -> pa.Table:
    """Mark the payments that never took place."""
    wanted = pa.array(sorted(changes.reversed_payment_ids), pa.string())
    named = pc.is_in(payments.column("payment_id"), wanted)
    known = set(payments.column("payment_id").filter(named).to_pylist())
    missing = sorted(changes.reversed_payment_ids - known)
    if missing:
        raise NoSuchPayment(payment_id=missing[0], debtor_id=given.debtor_id)
    place = payments.column_names.index("is_reversed")
    return payments.set_column(place, "is_reversed", pc.or_(payments.column("is_reversed"), named))


def _holds(given: PersonTables, changes: DayChanges, as_of: date) -> pa.Table:
    held = given.tables["holds"]
    rows = held.to_pylist()
    for lifted in changes.lifted_holds:
        key = (lifted.kind, _loan(given, lifted.contract_id), lifted.from_on, lifted.channel)
        ended = [
            row for row in rows if (row["kind"], row["loan"], row["from_on"], row["channel"]) == key
        ]
        if not ended:
            raise NoSuchHold(hold=lifted, debtor_id=given.debtor_id)
        for row in ended:
            end = max(as_of, row["from_on"])
            row["until_on"] = end if row["until_on"] is None else min(end, row["until_on"])
    fresh = [
        {
            "person": given.person,
            "kind": hold.kind,
            "loan": _loan(given, hold.contract_id),
            "from_on": hold.from_on,
            "until_on": hold.until_on,
            "channel": hold.channel,
        }
        for hold in changes.holds
    ]
    return _sorted("holds", held.schema.empty_table(), [*rows, *fresh])


class ChangedRows:
    """A person's rows as explanations ask for them: those of ``tables``, and exchange rates."""

    def __init__(self, *, tables: PersonTables, rates: Sequence[Row]) -> None:
        self._tables = tables
        self._rates = rates
        self._rows: dict[str, Rows] = {}

    def debtor(self, person: int) -> Row:
        """Yield the debtor's row."""
        return self._tables.debtor

    def of_person(self, table: str, person: int) -> Sequence[Row]:
        """Yield the rows of a table that belong to the person."""
        return self._all(table)

    def instalments(self, loan: int) -> tuple[Instalment, ...]:
        """Yield the schedule of a loan as the contract has it, in order."""
        return tuple(instalment_of(row) for row in self._of_loan("instalments", loan))

    def payments(self, loan: int) -> tuple[PaymentRow, ...]:
        """Yield every payment of a loan, reversed ones and those of the day too, in order."""
        return tuple(payment_of(row) for row in self._of_loan("payments", loan))

    def collateral_minor(self, loan: int) -> int:
        """Yield the appraised value of a loan's collateral in all, in minor units; 0 if none."""
        return sum(row["value_minor"] or 0 for row in self._of_loan("collateral", loan))

    def rates(self) -> Sequence[Row]:
        """Yield all exchange rates."""
        return self._rates

    def _of_loan(self, table: str, loan: int) -> Rows:
        return [row for row in self._all(table) if row["loan"] == loan]

    def _all(self, table: str) -> Rows:
        if table not in self._rows:
            self._rows[table] = self._tables.tables[table].to_pylist()
        return self._rows[table]
