"""A synthetic Chinese lender from one seed: a book as a bank would export it, and the truth.

The book is drawn in blocks of debtors, so that memory does not grow with it; blocks draw from
random streams of their own, so that the same arguments give the same bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
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
from recoup.demo.standing import Standing, standing
from recoup.demo.writing import CsvTables, ParquetTables, Tables

BLOCK_PEOPLE = 16_000

FORMATS = ("parquet", "csv")

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Bank:
    """What was built: rows per table, and how many active contracts are overdue how long."""

    rows: Mapping[str, int]
    debtors: int
    contracts: int
    active: int
    overdue: int
    overdue_over_90: int


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
    *, folder: Path, truth: Path, loans: int, seed: int, as_of: date, file_format: str = "parquet"
) -> Bank:
    """Write the book into ``folder`` and the true parameters into the file ``truth``.

    Shape: ``loans`` contracts, about 1.3 to a debtor, as they stand on the business date ``as_of``.
    """
    day = (as_of - _EPOCH).days
    made: CsvTables | ParquetTables
    made = CsvTables(folder=folder) if file_format == "csv" else ParquetTables(folder=folder)
    active = overdue = over_90 = 0
    with made as tables, ParquetTables(folder=truth.parent) as side:
        tables.append("rates", market.rate_columns(seed=seed, day=day))
        while tables.rows.get("contracts", 0) < loans:
            drawn = tables.rows.get("debtors", 0)
            chance = np.random.default_rng([seed, drawn])
            block = _draw_block(chance, tables.rows, wanted=loans, day=day)
            _write_block(chance, tables, block, seed=seed, day=day)
            side.append(truth.stem, people.truth_columns(block.people))
            alive = block.marks.status == ACTIVE
            active += int(alive.sum())
            overdue += int((alive & (block.now.dpd > 0)).sum())
            over_90 += int((alive & (block.now.dpd > 90)).sum())
        rows = tables.rows
    return Bank(
        rows=rows,
        debtors=rows["debtors"],
        contracts=rows["contracts"],
        active=active,
        overdue=overdue,
        overdue_over_90=over_90,
    )


def _draw_block(
    chance: np.random.Generator, rows: Mapping[str, int], *, wanted: int, day: int
) -> _Block:
    """Yield the next debtors with their contracts, no more than are still wanted."""
    before = rows.get("contracts", 0)
    drawn = people.draw_people(chance, first=rows.get("debtors", 0), size=BLOCK_PEOPLE, day=day)
    group = people.first_people(drawn, contracts=wanted - before)
    agreed, plan = draw_contracts(chance, group, first=before, size=wanted - before, day=day)
    lived = live(chance, group, agreed, plan, day=day)
    now = standing(plan, lived.receipts, day=day)
    month_ago = standing(plan, lived.receipts, day=day - 30)
    marks = mark(chance, group, agreed, plan, lived, now=now, month_ago=month_ago, day=day)
    return _Block(people=group, contracts=agreed, rows=plan, lived=lived, now=now, marks=marks)


def _write_block(
    chance: np.random.Generator, tables: Tables, block: _Block, *, seed: int, day: int
) -> None:
    before = tables.rows
    group, agreed, lived = block.people, block.contracts, block.lived
    maturity = block.rows.due[block.rows.first[1:] - 1]
    ids = columns.numbered("C", agreed.contract + 1, width=9)
    tables.append("debtors", people.debtor_columns(chance, group, day=day))
    tables.append("contracts", _contract_columns(chance, block, maturity, seed=seed))
    tables.append("instalments", _instalment_columns(agreed, block.rows, ids))
    paid = ledger(chance, lived.receipts, day=day)
    tables.append("payments", payment_columns(agreed, paid, ids, before=before.get("payments", 0)))
    met = contacts.draw_contacts(chance, group, agreed, block.rows, lived.attempts, day=day)
    tables.append(
        "contacts",
        contacts.contact_columns(group, agreed, met, before=before.get("contacts", 0)),
    )
    promised = before.get("promises", 0)
    tables.append(
        "promises",
        contacts.promise_columns(chance, group, agreed, lived.attempts, before=promised),
    )
    tables.append(
        "holds", holds.hold_columns(chance, group, agreed, block.marks, block.now, day=day)
    )
    secured = before.get("collateral", 0)
    tables.append(
        "collateral", security.collateral_columns(chance, agreed, before=secured, day=day)
    )
    guaranteed = before.get("guarantors", 0)
    tables.append(
        "guarantors", security.guarantor_columns(chance, agreed, maturity, before=guaranteed)
    )
    tables.append("outside", market.outside_columns(chance, group, agreed, block.now, day=day))


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
