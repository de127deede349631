from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from recoup.demo import schedules
from recoup.demo.schedules import ANNUITY, EQUAL_PRINCIPAL, INTEREST_ONLY, Terms
from recoup.kernel.schedule import (
    LoanTerms,
    annuity_schedule,
    equal_principal_schedule,
    interest_only_schedule,
)

KERNEL = {
    ANNUITY: annuity_schedule,
    EQUAL_PRINCIPAL: equal_principal_schedule,
    INTEREST_ONLY: interest_only_schedule,
}
EPOCH = date(1970, 1, 1).toordinal()


def drawn_terms(*, method: int, loans: int) -> Terms:
    chance = np.random.default_rng([11, method])
    return Terms(
        principal=chance.integers(1, 10**10, loans) // chance.integers(1, 10**7, loans) + 1,
        rate_ppm=chance.integers(0, 4_000, loans) * 60 * (chance.random(loans) < 0.95),
        periods=chance.integers(1, 61, loans),
        first_due=chance.integers(18_000, 21_000, loans).astype(np.int32),
        step=chance.choice((1, 1, 1, 3), loans),
        method=np.full(loans, method),
    )


def kernel_rows(terms: Terms, loan: int) -> list[tuple]:
    one = LoanTerms(
        principal_minor=int(terms.principal[loan]),
        rate_ppm=int(terms.rate_ppm[loan]),
        periods=int(terms.periods[loan]),
        first_due_on=date.fromordinal(EPOCH + int(terms.first_due[loan])),
        months_per_period=int(terms.step[loan]),
    )
    return [
        (row.seq, row.due_on.toordinal() - EPOCH, row.principal_minor, row.interest_minor)
        for row in KERNEL[int(terms.method[loan])](terms=one)
    ]


def twin_rows(rows: schedules.Rows, loan: int) -> list[tuple]:
    places = range(int(rows.first[loan]), int(rows.first[loan + 1]))
    return [
        (int(rows.seq[at]), int(rows.due[at]), int(rows.principal[at]), int(rows.interest[at]))
        for at in places
    ]


@pytest.mark.parametrize("method", [ANNUITY, EQUAL_PRINCIPAL, INTEREST_ONLY])
def test_many_at_once_agree_to_the_unit_with_the_kernels_one_at_a_time(method):
    terms = drawn_terms(method=method, loans=400)

    rows = schedules.planned(terms)

    for loan in range(400):
        assert twin_rows(rows, loan) == kernel_rows(terms, loan)


def test_thirty_years_of_a_large_mortgage_agree_with_the_kernel():
    terms = Terms(
        principal=np.array([350_000_000, 123_456_789, 100_000_000]),
        rate_ppm=np.array([31_000, 48_950, 0]),
        periods=np.array([360, 360, 360]),
        first_due=np.array([20_484, 20_513, 20_514], dtype=np.int32),
        step=np.ones(3, dtype=np.int64),
        method=np.full(3, ANNUITY),
    )

    rows = schedules.planned(terms)

    for loan in range(3):
        assert twin_rows(rows, loan) == kernel_rows(terms, loan)


def test_an_instalment_that_falls_on_a_half_is_rounded_as_the_kernel_rounds():
    # 1,001 units without interest over two periods: 500.5 each, rounded half up.
    terms = drawn_terms(method=ANNUITY, loans=1)
    terms = replace(
        terms,
        principal=np.array([1_001]),
        rate_ppm=np.array([0]),
        periods=np.array([2]),
    )

    rows = schedules.planned(terms)

    assert rows.principal.tolist() == [501, 500]


def test_principal_is_repaid_to_the_unit():
    terms = drawn_terms(method=ANNUITY, loans=500)

    rows = schedules.planned(terms)

    repaid = np.bincount(rows.loan, weights=rows.principal, minlength=500)
    assert (repaid == terms.principal).all()
