"""Builds books, as a bank might export them, from the loans of a Nigerian lender (2016-2017).

Decisions, each of which a test holds:

* Loans of 15 and 30 days have one instalment: due on ``first_due_date``, the principal and, as fee,
  what ``total_due`` has beyond it. Loans of 60 and 90 days have several instalments of which only
  the first is dated and none has an amount; they are left out rather than given a schedule that
  nobody agreed.
* The receipt of a loan is ``total_due`` on the day of ``first_repaid_at``: for one instalment "the
  first instalment was paid" is the whole of it, and the published facts on lateness use that day.
  ``closed_at`` is later by a day or more for 6 % of these loans and is used for ``status`` only.
* Timestamps carry no zone, and ``created_at`` runs an hour behind ``approved_at``. Days are taken
  as written; the loan starts on the day of ``approved_at``, which no payment precedes. Read an hour
  earlier, 5 % of the payments would fall on the day before; an hour later, 2 % on the day after.
* A book of a day holds the loans approved by then, and all their receipts, also later ones: the
  night must leave those for later by itself.
* Principals that are missing stay missing; the book says so and the night has to cope.
"""

from datetime import date
from pathlib import Path

import duckdb

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "superlender"
ABSENT = f"the superlender data is not beside the repository ({DATA.parent.parent.name}/data/...)"

_LOANS = """
SELECT
    CAST(loan_id AS VARCHAR) AS contract_id,
    'N' || LPAD(CAST(customer_id AS VARCHAR), 5, '0') AS debtor_id,
    term_days,
    CASE WHEN ISNAN(principal) THEN NULL ELSE CAST(principal AS DECIMAL(18, 2)) END AS principal,
    CAST(total_due AS DECIMAL(18, 2)) AS total_due,
    CAST(approved_at AS DATE) AS start_on,
    CAST(first_due_date AS DATE) AS due_on,
    CAST(first_repaid_at AS DATE) AS paid_on,
    CAST(closed_at AS DATE) AS closed_on
FROM read_parquet('{data}/previous_loans.parquet')
"""
_TABLES = {
    "debtors": "SELECT DISTINCT debtor_id, 'retail' AS kind FROM chosen ORDER BY debtor_id",
    "contracts": """
        SELECT
            contract_id, debtor_id, 'consumer_loan' AS product, 'NGN' AS currency, principal,
            start_on AS start_date, due_on AS maturity_date, 'unsecured' AS security,
            CASE WHEN closed_on <= $as_of THEN 'settled' ELSE 'active' END AS status
        FROM chosen ORDER BY debtor_id, contract_id""",
    "instalments": """
        SELECT contract_id, 1 AS seq, due_on AS due_date, principal, total_due - principal AS fee
        FROM chosen ORDER BY contract_id""",
    "payments": """
        SELECT contract_id || '-1' AS payment_id, contract_id, paid_on, total_due AS amount
        FROM chosen ORDER BY contract_id""",
}


def loans(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
    """Every previous loan, with days and amounts; principal is NULL where it is missing."""
    return connection.sql(_LOANS.format(data=DATA))


def write_book(*, folder: Path, as_of: date, file_format: str = "parquet") -> Path:
    """Write the book of the one-instalment loans approved by a day."""
    folder.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect()
    connection.register("every_loan", loans(connection).to_arrow_table())
    connection.execute(
        "CREATE TABLE chosen AS SELECT * FROM every_loan "
        "WHERE term_days <= 30 AND start_on <= $as_of",
        {"as_of": as_of},
    )
    for name, statement in _TABLES.items():
        asked = {"as_of": as_of} if "$as_of" in statement else {}
        connection.execute(f"CREATE TABLE {name} AS {statement}", asked)
        target = folder / f"{name}.{file_format}"
        connection.execute(f"COPY {name} TO '{target}' (FORMAT {file_format})")
    return folder
