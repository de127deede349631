"""One loan traced with dates and names: the loop of `delinquency` for a single case.

What people, pack cases and `explain` ask. The figures come from the very loop that the engine
compiles for the whole book; here only dates become day numbers and back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from recoup.kernel.calendar import NO_DAY, date_of, day_number
from recoup.kernel.delinquency import (
    FEE,
    INTEREST,
    ORDERS,
    PRINCIPAL,
    RESULT,
    RESULT_DAYS,
    trace_pieces,
)

#: Names of the part codes, in their order.
PARTS = ("fee", "interest", "principal")

#: Civil Code art. 561 as a tuple of part codes: costs, interest, principal.
FEE_INTEREST_PRINCIPAL = (FEE, INTEREST, PRINCIPAL)

#: Principal, interest, fee: cards that are long overdue.
PRINCIPAL_INTEREST_FEE = (PRINCIPAL, INTEREST, FEE)

_FLAGS = ("ever_over_days", "npl_episode", "in_observation")
_FIGURES_PER_PIECE = 4


@dataclass(frozen=True, kw_only=True)
class Instalment:
    """One instalment of a schedule, its due day already moved off rest days where that applies."""

    seq: int
    due_on: date
    principal_minor: int
    interest_minor: int = 0
    fee_minor: int = 0


@dataclass(frozen=True, kw_only=True)
class Payment:
    """A receipt or a waiver that stands; reversed ones are not given at all."""

    payment_id: str
    paid_on: date
    amount_minor: int
    is_waiver: bool = False


@dataclass(frozen=True, kw_only=True)
class Discharge:
    """The order of parts inside one instalment.

    `order_late` holds for receipts of a day that opens with dpd >= `late_from_dpd`; 0 = never.
    """

    order: tuple[int, int, int] = FEE_INTEREST_PRINCIPAL
    order_late: tuple[int, int, int] = FEE_INTEREST_PRINCIPAL
    late_from_dpd: int = 0


@dataclass(frozen=True, kw_only=True)
class HistoryTests:
    """What ends good standing, and what earns it back; all from the pack.

    Units: days, months, repayment periods. `observe_from` is None unless restructured.
    """

    npl_over_days: int
    upgrade_months: int
    upgrade_periods: int
    observe_months: int
    observe_periods: int
    observe_from: date | None = None


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A part of a payment and where it went."""

    payment_id: str
    paid_on: date
    seq: int
    due_on: date
    part: str
    amount_minor: int


@dataclass(frozen=True, kw_only=True)
class Trace:
    """The figures of one loan on a day; docs/algorithms/delinquency.md says what each means."""

    dpd: int
    dpd_prev: int
    max_dpd_12m: int
    overdue_principal_minor: int
    overdue_interest_minor: int
    overdue_fee_minor: int
    outstanding_principal_minor: int
    overdue_instalments: int
    oldest_overdue_on: date | None
    paid_90: int
    paid_180: int
    paid_365: int
    due_90: int
    due_180: int
    due_365: int
    received_minor: int
    waived_minor: int
    surplus_minor: int
    last_paid_on: date | None
    next_due_on: date | None
    next_due_minor: int
    ever_over_days: bool
    npl_episode: bool
    clean_since: date | None
    clean_periods: int
    observation_until: date | None
    in_observation: bool
    observation_from: date | None
    observation_periods: int
    first_over_30_on: date | None
    first_over_90_on: date | None


@dataclass(frozen=True, kw_only=True)
class TracedLoan:
    """A trace together with the pieces it rests on, in the order they were placed."""

    trace: Trace
    pieces: tuple[Piece, ...]


def trace(
    *,
    instalments: Sequence[Instalment],
    payments: Sequence[Payment],
    as_of: date,
    discharge: Discharge,
    tests: HistoryTests,
) -> TracedLoan:
    """The figures of one loan on `as_of` and every piece of every payment.

    Shape: instalments and payments in any order; payments after `as_of` count for nothing.
    """
    due = sorted(instalments, key=lambda instalment: (instalment.due_on, instalment.seq))
    paid = sorted(payments, key=lambda payment: (payment.paid_on, payment.payment_id))
    out = [0] * len(RESULT)
    limits = (
        tests.npl_over_days,
        tests.upgrade_months,
        tests.upgrade_periods,
        tests.observe_months,
        tests.observe_periods,
    )
    capacity = 3 * len(due) + len(paid)
    found = [0] * (1 + _FIGURES_PER_PIECE * capacity)
    trace_pieces(
        [day_number(instalment.due_on) for instalment in due],
        [instalment.principal_minor for instalment in due],
        [instalment.interest_minor for instalment in due],
        [instalment.fee_minor for instalment in due],
        0,
        len(due),
        [day_number(payment.paid_on) for payment in paid],
        [payment.amount_minor for payment in paid],
        [int(payment.is_waiver) for payment in paid],
        0,
        len(paid),
        day_number(as_of),
        discharge.late_from_dpd,
        discharge.order,
        discharge.order_late,
        limits,
        NO_DAY if tests.observe_from is None else day_number(tests.observe_from),
        out,
        found,
        capacity,
    )
    return TracedLoan(trace=named(out=out), pieces=_pieces(due=due, paid=paid, found=found))


def allocate(
    *,
    instalments: Sequence[Instalment],
    payments: Sequence[Payment],
    as_of: date,
    discharge: Discharge,
) -> tuple[Piece, ...]:
    """Where every unit of every payment up to `as_of` went; a surplus beyond all is no piece."""
    no_tests = HistoryTests(
        npl_over_days=0, upgrade_months=0, upgrade_periods=0, observe_months=0, observe_periods=0
    )
    return trace(
        instalments=instalments,
        payments=payments,
        as_of=as_of,
        discharge=discharge,
        tests=no_tests,
    ).pieces


def named(*, out: Sequence[int]) -> Trace:
    """The columns of a result row with their names, days as dates and flags as truth values."""
    figures: dict[str, int | bool | date | None] = {}
    for name, figure in zip(RESULT, out, strict=True):
        if name in RESULT_DAYS:
            figures[name] = date_of(int(figure))
        elif name in _FLAGS:
            figures[name] = bool(figure)
        else:
            figures[name] = int(figure)
    return Trace(**figures)  # type: ignore[arg-type]


def order_code(*, order: tuple[int, int, int]) -> int:
    """The place of a discharge order in ORDERS, as `trace_block` wants it."""
    return ORDERS.index(order)


def _pieces(
    *, due: Sequence[Instalment], paid: Sequence[Payment], found: Sequence[int]
) -> tuple[Piece, ...]:
    pieces = []
    for at in range(found[0]):
        begin = 1 + _FIGURES_PER_PIECE * at
        payment, instalment, part, amount = found[begin : begin + _FIGURES_PER_PIECE]
        pieces.append(
            Piece(
                payment_id=paid[payment].payment_id,
                paid_on=paid[payment].paid_on,
                seq=due[instalment].seq,
                due_on=due[instalment].due_on,
                part=PARTS[part],
                amount_minor=amount,
            )
        )
    return tuple(pieces)
