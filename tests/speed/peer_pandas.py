"""A peer: days past due, arrears and class of a book in idiomatic pandas."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

book, as_of = Path(sys.argv[1]), pd.Timestamp(sys.argv[2])


def cents(amounts: pd.Series) -> pd.Series:
    """Yield decimal amounts as integer cents, so that nothing is lost to floats."""
    return (pd.to_numeric(amounts, errors="raise") * 100).round().astype("int64")


payments = pd.read_parquet(book / "payments.parquet")
payments = payments[payments["reverses"].isna() & (pd.to_datetime(payments["paid_on"]) <= as_of)]
reversed_ids = pd.read_parquet(book / "payments.parquet", columns=["reverses"])["reverses"].dropna()
payments = payments[~payments["payment_id"].isin(reversed_ids)]
payments["amount"] = cents(payments["amount"])
paid = payments.groupby("contract_id")["amount"].sum().rename("paid")

instalments = pd.read_parquet(book / "instalments.parquet")
instalments["due_date"] = pd.to_datetime(instalments["due_date"])
for part in ("principal", "interest", "fee"):
    instalments[part] = cents(instalments[part])
instalments = instalments.sort_values(["contract_id", "due_date", "seq"])
instalments["total"] = instalments[["principal", "interest", "fee"]].sum(axis=1)
instalments["so_far"] = instalments.groupby("contract_id")["total"].cumsum()
instalments = instalments.merge(paid, how="left", left_on="contract_id", right_index=True)
instalments["paid"] = instalments["paid"].fillna(0)
rest = (instalments["so_far"] - instalments["paid"]).clip(lower=0)
instalments["rest"] = np.minimum(rest, instalments["total"])

open_rows = instalments[instalments["rest"] > 0]
overdue = open_rows[open_rows["due_date"] < as_of].groupby("contract_id")
state = pd.DataFrame(
    {
        "oldest": overdue["due_date"].min(),
        "overdue": overdue["rest"].sum(),
        "outstanding": open_rows.groupby("contract_id")["rest"].sum(),
    }
)
result = pd.read_parquet(book / "contracts.parquet").merge(
    state, how="left", left_on="contract_id", right_index=True
)
result["dpd"] = (as_of - result["oldest"]).dt.days.fillna(0).astype("int64")
result["asset_class"] = pd.cut(
    result["dpd"],
    [-1, 0, 90, 270, 360, np.inf],
    labels=["normal", "special_mention", "substandard", "doubtful", "loss"],
)
print(len(result), result["overdue"].sum(), result["dpd"].max())
