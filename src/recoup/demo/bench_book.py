"""A lean book of any size for timing the night: 24 instalments and about 14 payments a loan.

Nothing here looks like a bank beyond shapes and rates; the demo bank is in ``recoup.demo.bank``.
Rows are sorted by (debtor_id, contract_id), as a bank's own export from its core system is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from recoup.demo import columns
from recoup.demo.columns import Days, Flags, Ints
from recoup.demo.months import day_in_month, month_of
from recoup.demo.writing import ParquetTables, Tables

INSTALMENTS = 24
BLOCK_LOANS = 40_000

PRODUCTS = ("consumer_loan", "internet_loan", "credit_card", "mortgage", "working_capital")
KINDS = ("retail", "small_business", "non_retail")
SECURITIES = ("unsecured", "guaranteed", "mortgaged", "pledged")
CHANNELS = ("call", "sms", "email", "letter", "visit")
OUTCOMES = ("right_party", "no_answer", "busy", "answered", "promise", "delivered")
HOLDS = ("dispute", "complaint", "hardship", "legal", "do_not_contact")

_GOOD, _FORGETFUL, _STRAINED, _STOPPED = range(4)
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class _Loans:
    """One block of loans: parallel columns, one cell a loan; matrices are loans x instalments."""

    loan: Ints
    person: Ints
    first_of_person: Flags
    behaviour: Ints
    product: Ints
    start: Days
    principal: Ints
    due: Days
    part_principal: Ints
    part_interest: Ints
    rate_bp: Ints


@dataclass(frozen=True)
class _Payments:
    """Payment rows in file order; ``reverses`` is the row number reversed, or -1."""

    row: Ints
    paid_on: Days
    amount: Ints
    reverses: Ints


def bench_book(*, folder: Path, loans: int, seed: int, as_of: date) -> Mapping[str, int]:
    """Write a book of ``loans`` contracts into ``folder``; yield rows per table.

    Same arguments give the same bytes. Memory does not grow with the number of loans.
    """
    day = (as_of - _EPOCH).days
    people = payments = 0
    with ParquetTables(folder=folder) as tables:
        for number, first in enumerate(range(0, loans, BLOCK_LOANS)):
            chance = np.random.default_rng([seed, number])
            size = min(BLOCK_LOANS, loans - first)
            block = _draw_loans(chance, first=first, size=size, people=people, day=day)
            _write_people(tables, chance, block)
            _write_contracts(tables, chance, block)
            _write_instalments(tables, block)
            received = _draw_payments(chance, block, day=day)
            _write_payments(tables, block, received, before=payments)
            _write_contacts(tables, chance, block, day=day)
            people = int(block.person[-1]) + 1
            payments += len(received.row)
        return tables.rows


def _draw_loans(
    chance: np.random.Generator, *, first: int, size: int, people: int, day: int
) -> _Loans:
    is_new = chance.random(size) < 1 / 1.3
    is_new[0] = True
    start_month: Ints = int(month_of(np.array([day]))[0]) - chance.integers(4, 25, size)
    day_of_month = chance.integers(1, 32, size)
    start = day_in_month(start_month, day_of_month)
    ahead = np.arange(1, INSTALMENTS + 1)
    due = day_in_month(start_month[:, None] + ahead[None, :], day_of_month[:, None])
    product = chance.choice(len(PRODUCTS), size, p=(0.45, 0.25, 0.12, 0.1, 0.08))
    principal: Ints = chance.integers(20, 2_000, size) * 10_000
    principal += np.where(product == 3, 50_000_000, 0)
    rate_bp: Ints = chance.integers(72, 361, size) * 5
    part_principal, part_interest = _annuities(principal=principal, rate_bp=rate_bp)
    return _Loans(
        loan=np.arange(first, first + size),
        person=people - 1 + np.cumsum(is_new),
        first_of_person=is_new,
        behaviour=chance.choice(4, size, p=(0.86, 0.06, 0.04, 0.04)),
        product=product,
        start=start,
        principal=principal,
        due=due,
        part_principal=part_principal,
        part_interest=part_interest,
        rate_bp=rate_bp,
    )


def _annuities(*, principal: Ints, rate_bp: Ints) -> tuple[Ints, Ints]:
    """Yield principal and interest of every instalment of level payments; loans x instalments.

    Units: minor units; ``rate_bp`` basis points a year. The last instalment takes what is left.
    """
    monthly = rate_bp / 120_000
    level: Ints = np.rint(principal * monthly / (1 - (1 + monthly) ** -INSTALMENTS)).astype(int)
    interest = np.zeros((len(principal), INSTALMENTS), np.int64)
    paid = np.zeros_like(interest)
    balance = principal.copy()
    for place in range(INSTALMENTS):
        interest[:, place] = np.rint(balance * monthly)
        last = place == INSTALMENTS - 1
        paid[:, place] = balance if last else level - interest[:, place]
        balance -= paid[:, place]
    return paid, interest


def _draw_payments(chance: np.random.Generator, block: _Loans, *, day: int) -> _Payments:
    """Yield what was received: whole, late, in two parts, not at all, and some taken back."""
    shape = block.due.shape
    behaviour = block.behaviour[:, None]
    late = np.where(behaviour == _FORGETFUL, chance.integers(0, 9, shape), 0)
    late -= np.where(behaviour == _GOOD, chance.integers(-1, 3, shape), 0)
    late += np.where(behaviour == _STRAINED, chance.integers(0, 40, shape), 0)
    stop = chance.integers(1, INSTALMENTS, (shape[0], 1))
    skipped = (behaviour == _STRAINED) & (chance.random(shape) < 0.2)
    skipped |= (behaviour == _STOPPED) & (np.arange(INSTALMENTS)[None, :] >= stop)
    halved = (behaviour == _STRAINED) & (chance.random(shape) < 0.3)
    amount = block.part_principal + block.part_interest
    paid_on = block.due + late
    loan, place = np.nonzero(~skipped & (paid_on <= day))
    whole = amount[loan, place]
    first_part = np.where(halved[loan, place], whole // 2, whole)
    again = np.flatnonzero(halved[loan, place])
    back = np.flatnonzero(chance.random(len(loan)) < 0.001)
    row = np.concatenate([loan, loan[again], loan[back]])
    on = np.concatenate(
        [paid_on[loan, place], paid_on[loan, place][again] + 11, paid_on[loan, place][back] + 2]
    ).astype(np.int32)
    minor = np.concatenate([first_part, (whole - first_part)[again], first_part[back]])
    source = np.full(len(row), -1)
    source[len(loan) + len(again) :] = back
    order = np.lexsort((np.arange(len(row)), on, row))
    place_of = np.empty(len(row), dtype=np.int64)
    place_of[order] = np.arange(len(row))
    source = np.where(source >= 0, place_of[source], -1)[order]
    return _Payments(row=row[order], paid_on=on[order], amount=minor[order], reverses=source)


def _write_people(tables: Tables, chance: np.random.Generator, block: _Loans) -> None:
    person = block.person[block.first_of_person]
    size = len(person)
    tables.append(
        "debtors",
        {
            "debtor_id": columns.numbered("D", person, width=9),
            "kind": columns.coded(KINDS, chance.choice(3, size, p=(0.88, 0.09, 0.03))),
            "phone": columns.numbered("154", chance.integers(0, 10**8, size), width=8),
            "language": columns.coded(("zh",), np.zeros(size, dtype=np.int64)),
            "deceased_on": columns.dates(
                np.full(size, 20_000), present=chance.random(size) < 0.0005
            ),
            "vulnerable": columns.flags(chance.random(size) < 0.01),
        },
    )


def _write_contracts(tables: Tables, chance: np.random.Generator, block: _Loans) -> None:
    size = len(block.loan)
    restructured = chance.random(size) < 0.005
    branches = tuple(f"B{number:02d}" for number in range(1, 41))
    teams = tuple(f"T{number:02d}" for number in range(1, 13))
    tables.append(
        "contracts",
        {
            "contract_id": columns.numbered("C", block.loan, width=9),
            "debtor_id": columns.numbered("D", block.person, width=9),
            "product": columns.coded(PRODUCTS, block.product),
            "currency": columns.coded(("CNY",), np.zeros(size, dtype=np.int64)),
            "principal": columns.decimals(block.principal),
            "annual_rate": columns.decimals(block.rate_bp, scale=2),
            "penalty_rate": columns.decimals(np.full(size, 1_080), scale=2),
            "start_date": columns.dates(block.start),
            "maturity_date": columns.dates(block.due[:, -1]),
            "branch": columns.coded(branches, chance.integers(0, 40, size)),
            "team": columns.coded(teams, chance.integers(0, 12, size)),
            "security": columns.coded(SECURITIES, np.where(block.product == 3, 2, 0)),
            "status": columns.coded(("active",), np.zeros(size, dtype=np.int64)),
            "restructured_on": columns.dates(block.due[:, 3], present=restructured),
            "times_restructured": columns.integers(restructured.astype(np.int32)),
            "financial_difficulty": columns.flags(restructured),
            "credit_impaired": columns.flags(chance.random(size) < 0.003),
        },
    )


def _write_instalments(tables: Tables, block: _Loans) -> None:
    size = len(block.loan)
    ids = columns.numbered("C", block.loan, width=9)
    place = np.repeat(np.arange(size, dtype=np.int32), INSTALMENTS)
    tables.append(
        "instalments",
        {
            "contract_id": columns.repeated(ids, place),
            "seq": columns.integers(np.tile(np.arange(1, INSTALMENTS + 1), size)),
            "due_date": columns.dates(block.due.ravel()),
            "principal": columns.decimals(block.part_principal.ravel()),
            "interest": columns.decimals(block.part_interest.ravel()),
            "fee": columns.decimals(np.zeros(size * INSTALMENTS, dtype=np.int64)),
        },
    )


def _write_payments(tables: Tables, block: _Loans, received: _Payments, *, before: int) -> None:
    ids = columns.numbered("C", block.loan, width=9)
    numbers = np.arange(before, before + len(received.row))
    is_reversal = received.reverses >= 0
    tables.append(
        "payments",
        {
            "payment_id": columns.numbered("P", numbers, width=10),
            "contract_id": columns.repeated(ids, received.row),
            "paid_on": columns.dates(received.paid_on),
            "amount": columns.decimals(received.amount),
            "kind": columns.coded(("receipt",), np.zeros(len(numbers), dtype=np.int64)),
            "reverses": columns.numbered(
                "P", before + np.maximum(received.reverses, 0), width=10, present=is_reversal
            ),
        },
    )


def _write_contacts(
    tables: Tables, chance: np.random.Generator, block: _Loans, *, day: int
) -> None:
    """Write contacts of 90 days, promises and holds of those who do not pay as agreed."""
    troubled = np.flatnonzero(block.behaviour >= _STRAINED)
    each = np.repeat(troubled, chance.integers(0, 13, len(troubled)))
    number = block.loan[each] * 100 + np.arange(len(each)) % 100
    on = day - chance.integers(0, 90, len(each))
    on = on[np.lexsort((on, each))]
    tables.append(
        "contacts",
        {
            "contact_id": columns.numbered("K", number, width=12),
            "debtor_id": columns.numbered("D", block.person[each], width=9),
            "contract_id": columns.numbered("C", block.loan[each], width=9),
            "at": columns.instants(on * 86_400 + chance.integers(3_600, 43_200, len(each))),
            "channel": columns.coded(CHANNELS, chance.integers(0, 5, len(each))),
            "direction": columns.coded(("out",), np.zeros(len(each), dtype=np.int64)),
            "party": columns.coded(("debtor",), np.zeros(len(each), dtype=np.int64)),
            "outcome": columns.coded(OUTCOMES, chance.integers(0, 6, len(each))),
        },
    )
    promised = troubled[chance.random(len(troubled)) < 0.4]
    made = day - chance.integers(0, 150, len(promised))
    tables.append(
        "promises",
        {
            "promise_id": columns.numbered("Q", block.loan[promised], width=9),
            "debtor_id": columns.numbered("D", block.person[promised], width=9),
            "contract_id": columns.numbered("C", block.loan[promised], width=9),
            "made_on": columns.dates(made),
            "due_on": columns.dates(made + chance.integers(1, 15, len(promised))),
            "amount": columns.decimals(block.part_principal[promised, 0]),
        },
    )
    held = troubled[chance.random(len(troubled)) < 0.1]
    tables.append(
        "holds",
        {
            "debtor_id": columns.numbered("D", block.person[held], width=9),
            "kind": columns.coded(HOLDS, chance.integers(0, len(HOLDS), len(held))),
            "from": columns.dates(day - chance.integers(0, 60, len(held))),
            "until": columns.dates(
                day + chance.integers(-10, 60, len(held)), present=chance.random(len(held)) < 0.6
            ),
        },
    )
