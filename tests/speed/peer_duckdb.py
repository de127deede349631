"""A peer: days past due, arrears and class of a book in plain SQL, as an analyst writes it."""

import sys
from pathlib import Path

import duckdb

book, as_of = Path(sys.argv[1]), sys.argv[2]
SQL = f"""
CREATE TABLE result AS
WITH reversed AS (
    SELECT reverses FROM read_parquet('{book}/payments.parquet') WHERE reverses IS NOT NULL
), paid AS (
    SELECT contract_id, SUM(amount) AS paid
    FROM read_parquet('{book}/payments.parquet')
    WHERE paid_on <= DATE '{as_of}' AND reverses IS NULL
        AND payment_id NOT IN (SELECT reverses FROM reversed)
    GROUP BY contract_id
), running AS (
    SELECT contract_id, due_date, principal, interest, fee, principal + interest + fee AS total,
        SUM(principal + interest + fee) OVER (
            PARTITION BY contract_id ORDER BY due_date, seq
        ) AS due_so_far
    FROM read_parquet('{book}/instalments.parquet')
), open AS (
    SELECT r.contract_id, r.due_date,
        LEAST(r.total, GREATEST(r.due_so_far - COALESCE(p.paid, 0), 0)) AS rest
    FROM running AS r LEFT JOIN paid AS p USING (contract_id)
), state AS (
    SELECT contract_id,
        MIN(due_date) FILTER (WHERE rest > 0 AND due_date < DATE '{as_of}') AS oldest,
        SUM(rest) FILTER (WHERE due_date < DATE '{as_of}') AS overdue, SUM(rest) AS outstanding
    FROM open GROUP BY contract_id
)
SELECT c.contract_id, c.debtor_id, c.product, c.branch,
    COALESCE(DATE '{as_of}' - s.oldest, 0) AS dpd, s.overdue, s.outstanding,
    CASE
        WHEN DATE '{as_of}' - s.oldest > 360 THEN 'loss'
        WHEN DATE '{as_of}' - s.oldest > 270 THEN 'doubtful'
        WHEN DATE '{as_of}' - s.oldest > 90 THEN 'substandard'
        WHEN s.oldest IS NOT NULL THEN 'special_mention'
        ELSE 'normal'
    END AS asset_class
FROM read_parquet('{book}/contracts.parquet') AS c JOIN state AS s USING (contract_id)
"""
connection = duckdb.connect(config={"threads": 2})
connection.execute(SQL)
print(connection.execute("SELECT COUNT(*), SUM(overdue), MAX(dpd) FROM result").fetchone())
