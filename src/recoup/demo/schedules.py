"""Schedules of many loans at once, to the unit those of ``recoup.kernel.schedule``.

The kernel says what a schedule is, one loan at a time; this is its twin over columns. A test
compares the two on every method.
"""

from dataclasses import dataclass

import numpy as np

from recoup.demo.columns import Days, Flags, Ints
from recoup.demo.months import add_months
from recoup.kernel.money import PPM
from recoup.kernel.schedule import annuity_instalment_minor

METHODS = ("annuity", "equal_principal", "interest_only")
ANNUITY, EQUAL_PRINCIPAL, INTEREST_ONLY = range(3)

_YEAR = 12 * PPM
# Doubles are off by less than this many units at any principal the demo bank lends; whatever lies
# nearer to a half is rounded by the kernel's exact arithmetic instead.
_DOUBT = 0.02


@dataclass(frozen=True)
class Terms:
    """Terms of many loans. Units: minor units, ppm a year, ``step`` months between due days."""

    principal: Ints
    rate_ppm: Ints
    periods: Ints
    first_due: Days
    step: Ints
    method: Ints


@dataclass(frozen=True)
class Rows:
    """Instalments of many loans, one after the other: those of loan i are first[i]..first[i+1]-1.

    Units: minor units; days since 1970-01-01; ``seq`` from 1.
    """

    first: Ints
    loan: Ints
    seq: Ints
    due: Days
    principal: Ints
    interest: Ints
    fee: Ints


def first_rows(counts: Ints) -> Ints:
    """Yield where each loan's rows begin, and at the end how many there are."""
    return np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(counts)])


def planned(terms: Terms) -> Rows:
    """Yield the instalments of every loan by its own method."""
    first = first_rows(terms.periods)
    loan = np.repeat(np.arange(len(terms.periods)), terms.periods)
    place = np.arange(first[-1]) - first[loan]
    level = _level_payment(terms)
    principal = np.zeros(first[-1], dtype=np.int64)
    interest = np.zeros(first[-1], dtype=np.int64)
    balance = terms.principal.copy()
    for period in range(int(terms.periods.max(initial=0))):
        alive = np.flatnonzero(terms.periods > period)
        owed = balance[alive]
        due = _half_up(owed * terms.rate_ppm[alive] * terms.step[alive], _YEAR)
        repaid = np.clip(
            np.where(terms.method[alive] == ANNUITY, level[alive] - due, level[alive]), 0, owed
        )
        repaid = np.where(terms.periods[alive] == period + 1, owed, repaid)
        principal[first[alive] + period] = repaid
        interest[first[alive] + period] = due
        balance[alive] = owed - repaid
    return Rows(
        first=first,
        loan=loan,
        seq=place + 1,
        due=add_months(terms.first_due[loan], place * terms.step[loan]),
        principal=principal,
        interest=interest,
        fee=np.zeros(first[-1], dtype=np.int64),
    )


def _half_up(number: Ints, divisor: int) -> Ints:
    return np.asarray((2 * number + divisor) // (2 * divisor))


def _level_payment(terms: Terms) -> Ints:
    """Yield the equal instalment, the equal part of principal, or zero, by method."""
    level = np.where(terms.method == EQUAL_PRINCIPAL, terms.principal // terms.periods, 0)
    annuities = np.flatnonzero(terms.method == ANNUITY)
    level[annuities] = _annuities(terms, annuities)
    return level


def _annuities(terms: Terms, chosen: Ints) -> Ints:
    """Yield the equal instalment of the chosen loans, rounded half up as the kernel does."""
    rate = terms.rate_ppm[chosen] * terms.step[chosen] / _YEAR
    free = terms.rate_ppm[chosen] == 0
    with np.errstate(divide="ignore", invalid="ignore"):
        shrunk = -np.expm1(-terms.periods[chosen] * np.log1p(rate))
        exact = np.where(free, 0.0, terms.principal[chosen] * rate / shrunk)
    payment = np.floor(exact + 0.5).astype(np.int64)
    doubtful: Flags = free | (np.abs(exact - np.floor(exact) - 0.5) < _DOUBT)
    for place in np.flatnonzero(doubtful):
        loan = chosen[place]
        payment[place] = annuity_instalment_minor(
            principal_minor=int(terms.principal[loan]),
            rate_ppm=int(terms.rate_ppm[loan]),
            periods=int(terms.periods[loan]),
            months_per_period=int(terms.step[loan]),
        )
    return payment


def cut(rows: Rows, keep: Ints) -> Rows:
    """Yield the first ``keep`` instalments of each loan."""
    kept = np.flatnonzero(rows.seq <= keep[rows.loan])
    return picked(rows, kept)


def picked(rows: Rows, kept: Ints) -> Rows:
    """Yield the chosen instalments, which must be in order of loans."""
    loans = len(rows.first) - 1
    return Rows(
        first=first_rows(np.bincount(rows.loan[kept], minlength=loans)),
        loan=rows.loan[kept],
        seq=rows.seq[kept],
        due=rows.due[kept],
        principal=rows.principal[kept],
        interest=rows.interest[kept],
        fee=rows.fee[kept],
    )


def merged(parts: list[Rows], *, loans: int) -> Rows:
    """Yield the instalments of several lots as one, numbered by loan.

    Shape: what a lot holds of a loan falls due after what the lots before it hold of it.
    """
    loan = np.concatenate([part.loan for part in parts])
    due = np.concatenate([part.due for part in parts])
    order = np.argsort(loan, kind="stable")
    first = first_rows(np.bincount(loan, minlength=loans))
    return Rows(
        first=first,
        loan=loan[order],
        seq=np.arange(len(order)) - first[loan[order]] + 1,
        due=due[order],
        principal=np.concatenate([part.principal for part in parts])[order],
        interest=np.concatenate([part.interest for part in parts])[order],
        fee=np.concatenate([part.fee for part in parts])[order],
    )


def renamed(rows: Rows, loan: Ints, *, loans: int) -> Rows:
    """Yield rows whose loans are positions in ``loan`` as rows of those loans."""
    return Rows(
        first=first_rows(np.bincount(loan[rows.loan], minlength=loans)),
        loan=loan[rows.loan],
        seq=rows.seq,
        due=rows.due,
        principal=rows.principal,
        interest=rows.interest,
        fee=rows.fee,
    )
