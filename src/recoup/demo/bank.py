"""A synthetic Chinese lender from one seed: a book as a bank would export it, and the truth.

The book is drawn in blocks of debtors, so that memory does not grow with it; blocks draw from
random streams of their own, so that the same arguments give the same bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa

from recoup.demo import columns, contacts, holds, market, names, people, security
from recoup.demo.columns import Days, Ints
from recoup.demo.contracts import (
    CARD,
    CONSUMER,
    CURRENCIES,
    INTERNET,
    MORTGAGE,
    PRODUCTS,
    SECURITIES,
    Contracts,
    draw_contracts,
)
from recoup.demo.marks import ACTIVE, CLASSES, STATUSES, Marks, mark
from recoup.demo.payments import ledger, payment_columns
from recoup.demo.people import NEVER, People
from recoup.demo.schedules import Rows
from recoup.demo.simulation import Lived, live
from recoup.demo.spoiling import Dirt, Spoiler, dirt_columns
from recoup.demo.standing import Standing, standing
from recoup.demo.writing import CsvTables, ParquetTables, Tables

BLOCK_PEOPLE = 16_000

FORMATS = ("parquet", "csv")

_EPOCH = date(1970, 1, 1)
_DIRT_STREAM = 0xD127


@dataclass(frozen=True)
class Bank:
    """What was built: rows per table, and how many active contracts are overdue how long."""

    rows: Mapping[str, int]
    debtors: int
    contracts: int
    active: int
    overdue: int
    overdue_over_90: int
    dirty: int


@dataclass(frozen=True)
class _Block:
    """One block of the bank, wholly drawn."""

    people: People
    contracts: Contracts
    rows: Rows
    lived: Lived
    now: Standing
    marks: Marks


def build_bank(
    *, folder: Path, seed: int, loans: int, as_of: date, file_format: str = "parquet"
) -> Bank:
    """Write the book into ``folder/book``, and beside it ``truth.parquet`` and ``dirty.parquet``.

    Shape: ``loans`` contracts, about 1.3 to a debtor, as they stand on the business date ``as_of``;
    ``truth`` has one row per debtor, ``dirty`` one per row that the row checks must find.
    """
    day = (as_of - _EPOCH).days
    kind_of_tables = CsvTables if file_format == "csv" else ParquetTables
    counts = _Counts()
    with kind_of_tables(folder=folder / "book") as tables, ParquetTables(folder=folder) as side:
        tables.append("rates", market.rate_columns(seed=seed, day=day))
        while counts.of("contracts") < loans:
            stream = [seed, counts.of("debtors")]
            chance = np.random.default_rng(stream)
            block = _draw_block(chance, counts, wanted=loans, day=day)
            clean = _tables(chance, block, counts, seed=seed, day=day)
            spoiler = Spoiler(
                chance=np.random.default_rng([*stream, _DIRT_STREAM]),
                contracts=block.contracts,
                as_text=file_format == "csv",
                at_least_one=counts.of("debtors") == 0,
            )
            side.append("dirty", dirt_columns(_write(tables, clean, spoiler)))
            side.append("truth", people.truth_columns(block.people))
            counts.add(clean, block)
        rows = tables.rows
    return Bank(
        rows=rows,
        debtors=counts.of("debtors"),
        contracts=counts.of("contracts"),
        active=counts.active,
        overdue=counts.overdue,
        overdue_over_90=counts.overdue_over_90,
        dirty=side.rows["dirty"],
    )


@dataclass
class _Counts:
    """Rows drawn so far, before any was spoilt: the numbers of the next ones follow."""

    clean: dict[str, int] = field(default_factory=dict)
    active: int = 0
    overdue: int = 0
    overdue_over_90: int = 0

    def of(self, table: str) -> int:
        return self.clean.get(table, 0)

    def add(self, tables: Mapping[str, pa.Table], block: _Block) -> None:
        for name, table in tables.items():
            self.clean[name] = self.of(name) + table.num_rows
        alive = block.marks.status == ACTIVE
        self.active += int(alive.sum())
        self.overdue += int((alive & (block.now.dpd > 0)).sum())
        self.overdue_over_90 += int((alive & (block.now.dpd > 90)).sum())


def _draw_block(chance: np.random.Generator, counts: _Counts, *, wanted: int, day: int) -> _Block:
    """Yield the next debtors with their contracts, no more than are still wanted."""
    before = counts.of("contracts")
    drawn = people.draw_people(chance, first=counts.of("debtors"), size=BLOCK_PEOPLE, day=day)
    group = people.first_people(drawn, contracts=wanted - before)
    agreed, plan = draw_contracts(chance, group, first=before, size=wanted - before, day=day)
    lived = live(chance, group, agreed, plan, day=day)
    now = standing(plan, lived.receipts, day=day)
    month_ago = standing(plan, lived.receipts, day=day - 30)
    marks = mark(chance, group, agreed, plan, lived, now=now, month_ago=month_ago, day=day)
    return _Block(people=group, contracts=agreed, rows=plan, lived=lived, now=now, marks=marks)


def _tables(
    chance: np.random.Generator, block: _Block, counts: _Counts, *, seed: int, day: int
) -> dict[str, pa.Table]:
    """Yield the block's rows of every table, as they would be without a slip."""
    group, agreed, lived = block.people, block.contracts, block.lived
    attempts = lived.attempts
    maturity = block.rows.due[block.rows.first[1:] - 1]
    ids = columns.numbered("C", agreed.contract + 1, width=9)
    paid = ledger(chance, lived.receipts, day=day)
    met = contacts.draw_contacts(chance, group, agreed, block.rows, attempts, day=day)
    made = {
        "debtors": people.debtor_columns(chance, group, day=day),
        "contracts": _contract_columns(chance, block, maturity, seed=seed),
        "instalments": _instalment_columns(agreed, block.rows, ids),
        "payments": payment_columns(agreed, paid, ids, before=counts.of("payments")),
        "contacts": contacts.contact_columns(group, agreed, met, before=counts.of("contacts")),
        "promises": contacts.promise_columns(
            chance, group, agreed, attempts, before=counts.of("promises")
        ),
        "holds": holds.hold_columns(chance, group, agreed, block.marks, block.now, day=day),
        "collateral": security.collateral_columns(
            chance, agreed, before=counts.of("collateral"), day=day
        ),
        "guarantors": security.guarantor_columns(
            chance, agreed, maturity, before=counts.of("guarantors")
        ),
        "outside": market.outside_columns(chance, group, agreed, block.now, day=day),
    }
    return {name: pa.table(cells) for name, cells in made.items()}


def _write(tables: Tables, clean: Mapping[str, pa.Table], spoiler: Spoiler) -> list[Dirt]:
    """Write a block with its slips; yield what a reader must find fault with."""
    before = tables.rows
    for name, table in clean.items():
        at = before.get(name, 0)
        spoilt = spoiler.spoil(name, table, tables.as_written(table), before=at)
        tables.append_table(name, spoilt)
    return spoiler.dirt


def _instalment_columns(agreed: Contracts, plan: Rows, ids: pa.Array) -> dict[str, pa.Array]:
    hundredths = agreed.hundredths[plan.loan]
    return {
        "contract_id": columns.repeated(ids, plan.loan),
        "seq": columns.integers(plan.seq),
        "due_date": columns.dates(plan.due),
        "principal": columns.decimals(plan.principal * hundredths),
        "interest": columns.decimals(plan.interest * hundredths),
        "fee": columns.decimals(plan.fee * hundredths),
    }


def _contract_columns(
    chance: np.random.Generator, block: _Block, maturity: Days, *, seed: int
) -> dict[str, pa.Array]:
    agreed, marks = block.contracts, block.marks
    size = len(agreed.contract)
    branch = block.people.branch[agreed.owner]
    officer = branch * names.OFFICERS_PER_BRANCH
    officer += chance.integers(0, names.OFFICERS_PER_BRANCH, size)
    all_of = np.arange(size)
    return {
        "contract_id": columns.numbered("C", agreed.contract + 1, width=9),
        "debtor_id": columns.numbered("D", block.people.person[agreed.owner] + 1, width=9),
        "product": columns.coded(PRODUCTS, agreed.product),
        "currency": columns.coded(CURRENCIES, agreed.currency),
        "principal": contacts.contract_amounts(agreed, all_of, agreed.principal),
        "annual_rate": columns.decimals(agreed.rate_ppm // 100),
        "penalty_rate": columns.decimals(agreed.rate_ppm * 3 // 2 // 100),
        "start_date": columns.dates(agreed.start_on),
        "maturity_date": columns.dates(maturity),
        "branch": columns.coded(names.BRANCHES, branch),
        "team": columns.coded(names.TEAMS, _teams(chance, agreed.product)),
        "officer": columns.repeated(names.officer_names(seed=seed), officer),
        "security": columns.coded(SECURITIES, agreed.security),
        **_mark_columns(agreed, marks),
    }


def _mark_columns(agreed: Contracts, marks: Marks) -> dict[str, pa.Array]:
    restructured = agreed.restructured_on != NEVER
    all_of = np.arange(len(agreed.contract))
    return {
        "status": columns.coded(STATUSES, marks.status),
        "restructured_on": columns.dates(agreed.restructured_on, present=restructured),
        "first_due_after_restructuring": columns.dates(
            agreed.first_due_after, present=restructured
        ),
        "times_restructured": columns.integers(agreed.times_restructured),
        "financial_difficulty": columns.flags(
            marks.financial_difficulty, present=marks.has_difficulty
        ),
        "credit_impaired": columns.flags(marks.credit_impaired),
        "expected_credit_loss": contacts.contract_amounts(
            agreed, all_of, marks.expected_loss, present=marks.has_expected_loss
        ),
        "use_changed": columns.flags(marks.use_changed),
        "evades_debt": columns.flags(marks.evades_debt),
        "judged_overdue_technical": columns.flags(marks.technical),
        "previous_class": columns.coded(
            CLASSES, marks.previous_class, present=marks.has_previous_class
        ),
        "written_off_on": columns.dates(
            marks.written_off_on, present=marks.written_off_on != NEVER
        ),
    }


def _teams(chance: np.random.Generator, product: Ints) -> Ints:
    """Yield the collecting team of each product; cards are shared by two."""
    cards = chance.integers(0, 2, len(product))
    return np.select(
        [product == CARD, product == CONSUMER, product == INTERNET, product == MORTGAGE],
        [cards, np.full_like(cards, 2), np.full_like(cards, 3), np.full_like(cards, 4)],
        np.full_like(cards, 5),
    )
