"""A peer: days past due and arrears by a plain Python loop over loans."""

import sys
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq

book, as_of = Path(sys.argv[1]), date.fromisoformat(sys.argv[2])
paid: dict[str, Decimal] = defaultdict(Decimal)
payments = pq.read_table(book / "payments.parquet").to_pylist()
reversed_ids = {row["reverses"] for row in payments if row["reverses"]}
for row in payments:
    counts = row["reverses"] is None and row["payment_id"] not in reversed_ids
    if counts and row["paid_on"] <= as_of:
        paid[row["contract_id"]] += row["amount"]

schedules = defaultdict(list)
for row in pq.read_table(book / "instalments.parquet").to_pylist():
    schedules[row["contract_id"]].append(row)

found = {}
for contract_id, rows in schedules.items():
    left, dpd, overdue = paid[contract_id], 0, Decimal(0)
    for row in sorted(rows, key=lambda one: (one["due_date"], one["seq"])):
        total = row["principal"] + row["interest"] + row["fee"]
        covered = min(left, total)
        left -= covered
        if covered < total and row["due_date"] < as_of:
            dpd = dpd or (as_of - row["due_date"]).days
            overdue += total - covered
    found[contract_id] = (dpd, overdue)
print(len(found), sum(overdue for _, overdue in found.values()))
