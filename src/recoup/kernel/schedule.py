"""Repayment schedules in whole minor units: annuity, equal principal, interest only, bullet.

Rates are parts per million a year; a period of m months bears m twelfths of it. Interest of a
period is rounded half up on the balance at its start. Every schedule repays its principal to the
unit: the last instalment takes what rounding left. Worked tables: docs/algorithms/schedules.md.
"""

from dataclasses import dataclass
from datetime import date

from recoup.kernel.calendar import add_months, date_of, day_number
from recoup.kernel.money import PPM, divide_floor, divide_half_up

#: One month's rate is rate_ppm over this.
_MONTHLY = 12 * PPM


@dataclass(frozen=True, kw_only=True)
class PlannedInstalment:
    """One line of a schedule. Units: minor units."""

    seq: int
    due_on: date
    principal_minor: int
    interest_minor: int


@dataclass(frozen=True, kw_only=True)
class LoanTerms:
    """What a schedule is made from.

    Units: minor units, parts per million a year; `periods` instalments, each
    `months_per_period` months after the one before, the first on `first_due_on`.
    """

    principal_minor: int
    rate_ppm: int
    periods: int
    first_due_on: date
    months_per_period: int = 1

    def __post_init__(self) -> None:
        if self.principal_minor <= 0 or self.rate_ppm < 0:
            raise ValueError("a schedule needs a principal above zero and a rate not below it")
        if self.periods < 1 or self.months_per_period < 1:
            raise ValueError("a schedule needs at least one period of at least one month")


def annuity_schedule(*, terms: LoanTerms) -> tuple[PlannedInstalment, ...]:
    """Equal instalments (等额本息): interest first, the rest of each repays principal.

    Where rounding would repay more than is left, the instalment stops at the balance.
    """
    instalment = annuity_instalment_minor(
        principal_minor=terms.principal_minor,
        rate_ppm=terms.rate_ppm,
        periods=terms.periods,
        months_per_period=terms.months_per_period,
    )
    repaid = []
    balance = terms.principal_minor
    for _ in range(terms.periods - 1):
        interest = period_interest_minor(balance_minor=balance, terms=terms)
        repaid.append(max(0, min(instalment - interest, balance)))
        balance -= repaid[-1]
    return _planned(terms=terms, repaid=[*repaid, balance])


def equal_principal_schedule(*, terms: LoanTerms) -> tuple[PlannedInstalment, ...]:
    """Equal parts of principal (等额本金), rounded down, and interest on the falling balance."""
    part = divide_floor(terms.principal_minor, terms.periods)
    last = terms.principal_minor - part * (terms.periods - 1)
    return _planned(terms=terms, repaid=[part] * (terms.periods - 1) + [last])


def interest_only_schedule(*, terms: LoanTerms) -> tuple[PlannedInstalment, ...]:
    """Interest every period, the whole principal with the last (先息后本)."""
    return _planned(terms=terms, repaid=[0] * (terms.periods - 1) + [terms.principal_minor])


def bullet_schedule(*, terms: LoanTerms) -> tuple[PlannedInstalment, ...]:
    """One instalment at the end (到期一次还本付息): principal and simple interest of all periods.

    Its due day is that of the last period.
    """
    months = terms.periods * terms.months_per_period
    interest = divide_half_up(terms.principal_minor * terms.rate_ppm * months, _MONTHLY)
    return (
        PlannedInstalment(
            seq=1,
            due_on=_due_on(terms=terms, place=terms.periods - 1),
            principal_minor=terms.principal_minor,
            interest_minor=interest,
        ),
    )


def annuity_instalment_minor(
    *, principal_minor: int, rate_ppm: int, periods: int, months_per_period: int = 1
) -> int:
    """The equal instalment that repays a principal: P x r x q^n / (q^n - 1) with q = 1 + r.

    Computed exactly in whole numbers, then rounded half up once.

    >>> annuity_instalment_minor(principal_minor=1_200_000, rate_ppm=120_000, periods=12)
    106619
    """
    if rate_ppm == 0:
        return divide_half_up(principal_minor, periods)
    rate = rate_ppm * months_per_period
    grown, plain = (_MONTHLY + rate) ** periods, _MONTHLY**periods
    return divide_half_up(principal_minor * rate * grown, _MONTHLY * (grown - plain))


def annuity_principal_minor(
    *, instalment_minor: int, rate_ppm: int, periods: int, months_per_period: int = 1
) -> int:
    """The principal that equal instalments repay: the inverse of annuity_instalment_minor.

    Exact, then rounded half up once. An instalment rounded to the unit leaves the principal
    uncertain by about half a unit per period.

    >>> annuity_principal_minor(instalment_minor=106_619, rate_ppm=120_000, periods=12)
    1200005
    """
    if rate_ppm == 0:
        return instalment_minor * periods
    rate = rate_ppm * months_per_period
    grown, plain = (_MONTHLY + rate) ** periods, _MONTHLY**periods
    return divide_half_up(instalment_minor * _MONTHLY * (grown - plain), rate * grown)


def period_interest_minor(*, balance_minor: int, terms: LoanTerms) -> int:
    """Interest of one period on a balance, rounded half up."""
    return divide_half_up(balance_minor * terms.rate_ppm * terms.months_per_period, _MONTHLY)


def _planned(*, terms: LoanTerms, repaid: list[int]) -> tuple[PlannedInstalment, ...]:
    """The lines of a schedule whose principal parts are known."""
    lines = []
    balance = terms.principal_minor
    for place, principal in enumerate(repaid):
        lines.append(
            PlannedInstalment(
                seq=place + 1,
                due_on=_due_on(terms=terms, place=place),
                principal_minor=principal,
                interest_minor=period_interest_minor(balance_minor=balance, terms=terms),
            )
        )
        balance -= principal
    return tuple(lines)


def _due_on(*, terms: LoanTerms, place: int) -> date:
    """Counted from the first due day, so that a 31st comes back after a short month."""
    day = date_of(add_months(day_number(terms.first_due_on), place * terms.months_per_period))
    if day is None:
        raise ValueError("a due day lies outside the calendar")
    return day
