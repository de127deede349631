"""The tables around persons and loans: contacts, promises, holds, security, rates, other banks.

None of them is required. A row is used or rejected as a whole; a person's rejected contacts,
promises and holds are counted with the person, so that nobody takes silence for their absence.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recoup.engine.book.agreements import DIGITS, Agreements
from recoup.engine.book.cells import CURRENCIES
from recoup.engine.book.checking import Checked, TableRun
from recoup.engine.book.columns import NONE, Ints, plain
from recoup.engine.book.contract import Column, TableSpec
from recoup.engine.book.held import HeldTable, hold, key_texts, no_rows, rest_of, settle_keys
from recoup.engine.book.local_days import local_days
from recoup.engine.book.normal_form import dates, ordinals, texts_of, to_arrow
from recoup.engine.book.people import People, first_known
from recoup.kernel.money import exponent

#: Tables whose rejected rows are counted with the person.
COUNTED = ("contacts", "promises", "holds")

_ASCENDING = "ascending"
_ORDERS: Mapping[str, tuple[str, ...]] = {
    "contacts": ("person", "at", "contact_id"),
    "promises": ("person", "made_on", "promise_id"),
    "holds": ("person", "from_on", "kind", "loan", "channel"),
    "collateral": ("loan", "collateral_id"),
    "guarantors": ("loan", "guarantor_id"),
    "rates": ("currency", "on"),
    "outside": ("person", "as_of"),
}


@dataclass(frozen=True)
class Surroundings:
    """What the rows of these tables refer to."""

    people: People
    agreements: Agreements
    base_currency: str
    time_zone: str


def read_relation(run: TableRun, around: Surroundings) -> pa.Table:
    """Yield one of these tables in normal form, checked and sorted."""
    spec = run.spec
    adjust = _ADJUST.get(spec.name, _as_it_is)

    def refine(checked: Checked) -> None:
        if "debtor_id" in spec.names:
            _refer_person(checked, run, around)
        if "contract_id" in spec.names:
            _refer_loan(checked, around)
        adjust(checked, around)
        _count_unread(checked, run, around)

    table = hold(run, refine=refine)
    keys, named = first_known(around.people.index, table.bad_lines)
    run.reject_lines(table.bad_lines, keys)
    if spec.name in COUNTED:
        around.people.count_unread(table=spec.name, persons=named)
    table = table.at(np.flatnonzero(~table.bad))
    table = _without_doubles(run, table, around)
    rows = _normal(spec, table, around)
    run.tally.kept = rows.num_rows
    order = [(name, _ASCENDING) for name in _ORDERS[spec.name]]
    return rows.take(pc.sort_indices(rows, sort_keys=order))


def empty_relation(spec: TableSpec, around: Surroundings) -> pa.Table:
    """Yield the normal form of a table that the book does not have."""
    return _normal(spec, no_rows(spec), around)


def _refer_person(checked: Checked, run: TableRun, around: Surroundings) -> None:
    everyone = np.ones(checked.size, bool)
    checked.refer("debtor_id", around.people.find(checked), {"unknown_debtor": everyone})


def _refer_loan(checked: Checked, around: Surroundings) -> None:
    loans = around.agreements.refer(checked)
    if "debtor_id" not in checked.cells:
        return
    person, real = checked.numbers("debtor_id"), loans != NONE
    owner = np.append(around.agreements.person, NONE)[loans]
    strange = real & checked.known("debtor_id") & (owner != person)
    checked.fault("contract_id", "contract_of_another_debtor", strange)


def _count_unread(checked: Checked, run: TableRun, around: Surroundings) -> None:
    if run.spec.name not in COUNTED:
        return
    bad = np.zeros(checked.size, bool)
    for cells in checked.cells.values():
        for flags in cells.faults.values():
            if cells.column.matters or cells.column.name == "contract_id":
                bad |= flags
    if bad.any():
        persons = checked.numbers("debtor_id")[bad]
        around.people.count_unread(table=run.spec.name, persons=persons.astype(np.int32))


def _as_it_is(checked: Checked, around: Surroundings) -> None:
    """Most tables have no rules across columns."""


def _adjust_promises(checked: Checked, around: Surroundings) -> None:
    currency = _promise_currency(checked, around)
    checked.fault("contract_id", "contract_rejected", currency == NONE)
    checked.to_minor("amount", DIGITS[currency])
    checked.end_before_start(start="made_on", end="due_on")


def _promise_currency(checked: Checked, around: Surroundings) -> Ints:
    """The contract's currency; without one, that of all the debtor's contracts, else the base."""
    base = CURRENCIES.index(around.base_currency)
    agreements, people = around.agreements, around.people
    if not agreements.size:
        return np.full(checked.size, base)
    least = np.full(people.size, len(CURRENCIES), np.int64)
    most = np.full(people.size, NONE, np.int64)
    np.minimum.at(least, agreements.person, agreements.currency)
    np.maximum.at(most, agreements.person, agreements.currency)
    common = np.append(np.where((least == most) & (most >= 0), most, base), base)
    person, loan = checked.numbers("debtor_id"), checked.numbers("contract_id")
    return np.where(loan == NONE, common[person], agreements.currency[np.maximum(loan, 0)])


def _adjust_holds(checked: Checked, around: Surroundings) -> None:
    checked.end_before_start(start="from", end="until")


def _adjust_collateral(checked: Checked, around: Surroundings) -> None:
    loans = checked.numbers("contract_id")
    currency = np.append(around.agreements.currency, NONE)[loans]
    checked.to_minor("value", DIGITS[currency])


def _adjust_outside(checked: Checked, around: Surroundings) -> None:
    digits = exponent(around.base_currency)
    for column in ("claims_all_banks", "overdue_90_all_banks"):
        checked.to_minor(column, digits)


_ADJUST: Mapping[str, Callable[[Checked, Surroundings], None]] = {
    "promises": _adjust_promises,
    "holds": _adjust_holds,
    "collateral": _adjust_collateral,
    "outside": _adjust_outside,
}


def _without_doubles(run: TableRun, table: HeldTable, around: Surroundings) -> HeldTable:
    if not table.size:
        return table
    parts = [_key_part(run.spec.column(name), table, around) for name in run.spec.key]
    keys = plain(parts[0]) if len(parts) == 1 else key_texts(parts)
    doubles = settle_keys(run, table, keys)
    torn = doubles.conflicting.members
    if run.spec.name in COUNTED and len(torn):
        persons = table.numbers("debtor_id")[torn].astype(np.int32)
        around.people.count_unread(table=run.spec.name, persons=persons)
    return table.at(rest_of(table.size, doubles.dropped))


def _key_part(column: Column, table: HeldTable, around: Surroundings) -> pa.Array:
    """Yield one column of a key as text."""
    held = table.columns[column.name]
    if column.name in ("debtor_id", "contract_id") and held.numbers is not None:
        index = around.people.index if column.name == "debtor_id" else around.agreements.index
        places = pa.array(np.where(held.known, held.numbers, 0), mask=~held.known)
        return index.ids.take(places) if len(index.ids) else pa.nulls(table.size, pa.string())
    return to_arrow(column, held).cast(pa.string())


def _normal(spec: TableSpec, table: HeldTable, around: Surroundings) -> pa.Table:
    """Yield the rows in the columns of the normal form, not yet sorted."""
    columns: dict[str, pa.Array] = {}
    for column in spec.columns:
        held = table.columns[column.name]
        if column.name == "debtor_id":
            columns["person"] = ordinals(table.numbers("debtor_id"), held.known)
        elif column.name == "contract_id":
            columns["loan"] = ordinals(table.numbers("contract_id"), held.known)
        elif column.name == "to_base":
            columns |= _exact_rates(table, around)
        else:
            columns[column.stored_as] = to_arrow(column, held)
    if spec.name == "contacts":
        columns["local_on"] = _local_days(table, around)
    return pa.table(columns)


def _local_days(table: HeldTable, around: Surroundings) -> pa.Array:
    """The day of each contact where the debtor lives; where that is not known, the pack's zone."""
    instants, persons = table.numbers("at"), table.numbers("debtor_id")
    zones = around.people.table.columns["time_zone"]
    texts = texts_of(zones.texts, zones.known).take(pa.array(persons))
    encoded = plain(pc.fill_null(texts, around.time_zone).dictionary_encode())
    which = encoded.indices.to_numpy()
    days = np.zeros(table.size, np.int64)
    for place, zone in enumerate(encoded.dictionary.to_pylist()):
        rows = np.flatnonzero(which == place)
        days[rows] = local_days(instants[rows], zone=zone)
    return dates(days)


def _exact_rates(table: HeldTable, around: Surroundings) -> dict[str, pa.Array]:
    """Minor units of the base currency per minor unit of the other, as exact fractions."""
    base = exponent(around.base_currency)
    digits = DIGITS[table.numbers("currency")]
    rates = [
        Fraction(text) * Fraction(10) ** (base - int(own))
        for text, own in zip(table.texts("to_base").to_pylist(), digits, strict=True)
    ]
    return {
        "to_base_num": pa.array([rate.numerator for rate in rates], pa.int64()),
        "to_base_den": pa.array([rate.denominator for rate in rates], pa.int64()),
    }
