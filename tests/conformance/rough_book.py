"""A book in normal form that no bank would have: short schedules, odd amounts, any order of luck.

Payments of every other loan bear no relation to what is due, so that instalments are filled in many
parts, early and late; the others pay what is asked, now and then months late. Some instalments ask
for nothing, some share a due day, and every loan was restructured.
"""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from recoup.engine.tracing import days

FIRST_DAY = date(2024, 1, 1)
LONGEST = 24
MOST_PAYMENTS = 14


def rough_book(*, folder: Path, loans: int, seed: int) -> Path:
    """Write contracts, instalments and payments of so many loans; half of them cards."""
    folder.mkdir(parents=True, exist_ok=True)
    chance = np.random.default_rng(seed)
    pq.write_table(_contracts(chance, loans), folder / "contracts.parquet")
    dues = _instalments(chance, loans)
    pq.write_table(dues, folder / "instalments.parquet")
    pq.write_table(_payments(chance, loans, dues), folder / "payments.parquet")
    return folder


def _days(numbers: np.ndarray) -> pa.Array:
    return pa.array([FIRST_DAY + timedelta(days=int(number)) for number in numbers])


def _contracts(chance: np.random.Generator, loans: int) -> pa.Table:
    restructured = chance.integers(0, 700, loans)
    difficulty = chance.choice([True, False, None], loans, p=[0.8, 0.1, 0.1])
    later = chance.integers(0, 40, loans)
    return pa.table(
        {
            "loan": pa.array(np.arange(loans, dtype=np.int32)),
            "product": chance.choice(["credit_card", "consumer_loan"], loans),
            "restructured_on": _days(restructured),
            "first_due_after_restructuring_on": pa.array(
                [
                    None if days < 5 else FIRST_DAY + timedelta(days=int(on + days))
                    for on, days in zip(restructured, later, strict=True)
                ],
                pa.date32(),
            ),
            "financial_difficulty": pa.array(difficulty.tolist(), pa.bool_()),
        }
    )


def _instalments(chance: np.random.Generator, loans: int) -> pa.Table:
    loan = np.repeat(np.arange(loans, dtype=np.int32), chance.integers(1, LONGEST + 1, loans))
    step = chance.choice(
        [0, 7, 15, 30, 31, 61, 92], len(loan), p=[0.05, 0.1, 0.1, 0.3, 0.3, 0.1, 0.05]
    )
    first = np.r_[True, loan[1:] != loan[:-1]]
    run = np.cumsum(step)
    place = np.arange(len(loan)) - np.maximum.accumulate(np.where(first, np.arange(len(loan)), 0))
    begins = np.maximum.accumulate(np.where(first, np.arange(len(loan)), 0))
    due = run - run[begins] + chance.integers(0, 400, loans)[loan]
    asks = chance.random(len(loan)) > 0.08
    parts = {
        name: np.where(
            asks & (chance.random(len(loan)) < often), chance.integers(1, most, len(loan)), 0
        )
        for name, often, most in (("principal", 0.9, 200), ("interest", 0.8, 60), ("fee", 0.4, 30))
    }
    return pa.table(
        {
            "loan": pa.array(loan),
            "seq": pa.array((place + 1).astype(np.int32)),
            "due_on": _days(due),
            **{f"{name}_minor": pa.array(part.astype(np.int64)) for name, part in parts.items()},
        }
    )


def _payments(chance: np.random.Generator, loans: int, dues: pa.Table) -> pa.Table:
    by_luck, as_asked = _by_luck(chance, loans), _as_asked(chance, dues)
    loan, paid, amount = (np.concatenate(pair) for pair in zip(by_luck, as_asked, strict=True))
    order = np.lexsort((paid, loan))
    return pa.table(
        {
            "loan": pa.array(loan[order].astype(np.int32)),
            "paid_on": _days(paid[order]),
            "payment_id": pa.array([f"P{number:07d}" for number in range(len(loan))]),
            "amount_minor": pa.array(amount[order].astype(np.int64)),
            "is_waiver": pa.array(chance.random(len(loan)) < 0.1),
            "is_reversed": pa.array(chance.random(len(loan)) < 0.03),
        }
    )


def _by_luck(chance: np.random.Generator, loans: int) -> tuple[np.ndarray, ...]:
    """Loan, day and amount of payments that know nothing of the schedule; even loans only."""
    loan = np.repeat(np.arange(0, loans, 2), chance.integers(0, MOST_PAYMENTS + 1, -(-loans // 2)))
    paid = chance.integers(0, 800, len(loan)) // chance.integers(1, 4, loans)[loan]
    # Two payments on one day are common.
    paid -= np.where(chance.random(len(loan)) < 0.5, paid % 15, 0)
    return loan, paid, chance.integers(1, 90, len(loan)) * chance.integers(1, 4, loans)[loan]


def _as_asked(chance: np.random.Generator, dues: pa.Table) -> tuple[np.ndarray, ...]:
    """Payments of what is due, most of them on the day, some late; odd loans only."""
    loan, due = dues.column("loan").to_numpy(), days(dues.column("due_on"))
    total = sum(
        dues.column(f"{part}_minor").to_numpy() for part in ("principal", "interest", "fee")
    )
    chosen = (loan % 2 == 1) & (total > 0)
    lateness = chance.choice(
        [0, 1, 20, 91, 92, 180], len(loan), p=[0.88, 0.02, 0.02, 0.02, 0.03, 0.03]
    )
    paid = due - (FIRST_DAY - date(1970, 1, 1)).days + lateness
    return loan[chosen], paid[chosen], total[chosen]
