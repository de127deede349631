"""The schedule arithmetic held against 64,222 finished loans of LendingClub, April to June 2015."""

from pathlib import Path

import duckdb
import pytest

from recoup.kernel.schedule import annuity_principal_minor

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "lendingclub-2015"
LOANS = f"'{DATA}/loans_2015_04_06.parquet'"
MONTHS = 36
#: Amounts were lent in steps of 25 dollars.
STEP_MINOR = 2_500

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(
        not DATA.is_dir(), reason="the lendingclub-2015 data is not beside the repository"
    ),
]


def test_the_annuity_gives_back_the_principal_of_paid_loans() -> None:
    paid = duckdb.sql(
        f"""
        SELECT CAST(ROUND(installment * 100) AS BIGINT), CAST(ROUND(int_rate * 10000) AS BIGINT),
            CAST(ROUND(total_rec_prncp * 100) AS BIGINT)
        FROM {LOANS} WHERE loan_status = 'Fully Paid'
        """
    ).fetchall()

    recovered = 0
    for instalment, rate_ppm, repaid in paid:
        principal = annuity_principal_minor(
            instalment_minor=instalment, rate_ppm=rate_ppm, periods=MONTHS
        )
        recovered += abs(_in_steps(principal) - repaid) <= 100

    assert len(paid) == 54_344
    assert f"{100 * recovered / len(paid):.2f}" == "99.96"


def _in_steps(minor: int) -> int:
    return (minor + STEP_MINOR // 2) // STEP_MINOR * STEP_MINOR


def test_cash_is_the_sum_of_its_parts_to_two_cents_in_every_row() -> None:
    rows = duckdb.sql(
        f"""
        SELECT COUNT(*), MAX(ABS(
            ROUND(total_pymnt * 100) - ROUND(total_rec_prncp * 100) - ROUND(total_rec_int * 100)
            - ROUND(total_rec_late_fee * 100) - ROUND(recoveries * 100)
        ))
        FROM {LOANS}
        """
    ).fetchall()

    [(loans, worst_cents)] = rows
    assert loans == 64_222
    assert worst_cents <= 2


def test_recoveries_after_charge_off_are_the_published_ones() -> None:
    charged_off = f"FROM {LOANS} WHERE loan_status = 'Charged Off'"

    [(loans, settled, fee_percent, nothing)] = duckdb.sql(
        f"""
        SELECT COUNT(*), COUNT(*) FILTER (debt_settlement_flag = 'Y'),
            ROUND(100 * SUM(collection_recovery_fee) / SUM(recoveries), 1),
            ROUND(100 * AVG(IF(recoveries = 0, 1, 0)), 1)
        {charged_off}
        """
    ).fetchall()
    rows = duckdb.sql(
        f"""
        SELECT CAST(ROUND(installment * 100) AS BIGINT), CAST(ROUND(int_rate * 10000) AS BIGINT),
            CAST(ROUND(total_rec_prncp * 100) AS BIGINT), CAST(ROUND(recoveries * 100) AS BIGINT)
        {charged_off}
        """
    ).fetchall()
    balance = sum(
        _in_steps(annuity_principal_minor(instalment_minor=paid, rate_ppm=rate, periods=MONTHS))
        - repaid
        for paid, rate, repaid, _ in rows
    )

    assert (loans, settled, fee_percent, nothing) == (9_878, 1_407, 17.9, 26.8)
    assert f"{100 * sum(row[3] for row in rows) / balance:.2f}" == "12.89"
