"""The demo bank's contracts: products, terms, schedules, and which of them were restructured."""

from dataclasses import dataclass

import numpy as np

from recoup.demo import schedules
from recoup.demo.columns import Days, Flags, Ints
from recoup.demo.months import add_months, day_in_month, month_of
from recoup.demo.people import (
    FORGETFUL,
    NEVER,
    NON_RETAIL,
    RECOVERING,
    RETAIL,
    SMALL_BUSINESS,
    STRAINED,
    People,
)
from recoup.demo.schedules import ANNUITY, EQUAL_PRINCIPAL, INTEREST_ONLY, Rows, Terms

PRODUCTS = ("credit_card", "consumer_loan", "internet_loan", "mortgage", "working_capital")
CARD, CONSUMER, INTERNET, MORTGAGE, WORKING = range(5)

CURRENCIES = ("CNY", "USD", "HKD", "EUR", "JPY")
#: Minor units in one major unit of each currency (ISO 4217).
MINOR_UNITS = np.array([100, 100, 100, 100, 1])
#: Yuan per unit in the middle of the years shown, in millionths.
YUAN_MILLIONTHS = np.array([1_000_000, 7_180_000, 918_000, 7_790_000, 47_900])

SECURITIES = ("unsecured", "guaranteed", "mortgaged", "pledged")
UNSECURED, GUARANTEED, MORTGAGED, PLEDGED = range(4)

_STATEMENT_AHEAD_DAYS = 25
_OLDEST_MONTHS = 48


@dataclass(frozen=True)
class Contracts:
    """Contracts of one block in order of their numbers: parallel columns, one cell a contract.

    ``owner`` is the position of the debtor in the block's people. Units: minor units of the
    contract's own currency, ppm a year, days since 1970-01-01. ``restructured_on`` and
    ``first_due_after`` are ``NEVER`` where nothing was restructured.
    """

    contract: Ints
    owner: Ints
    product: Ints
    currency: Ints
    principal: Ints
    rate_ppm: Ints
    start_on: Days
    security: Ints
    stop_on: Days
    resume_on: Days
    restructured_on: Days
    first_due_after: Days
    times_restructured: Ints

    @property
    def hundredths(self) -> Ints:
        """Yield how many hundredths of the major unit one minor unit of each contract is."""
        return np.asarray(100 // MINOR_UNITS[self.currency])


@dataclass(frozen=True)
class _Drawn:
    """What is drawn before the schedule: terms and the owner's facts, one cell a contract."""

    owner: Ints
    product: Ints
    currency: Ints
    terms: Terms
    start_on: Days
    restructured: Flags


def draw_contracts(
    chance: np.random.Generator, people: People, *, first: int, size: int, day: int
) -> tuple[Contracts, Rows]:
    """Yield the contracts of a block of debtors, numbered from ``first``, and their schedules."""
    owner = np.repeat(np.arange(len(people.person)), people.contracts)[:size]
    drawn = _draw(chance, people, owner, day=day)
    plain, kept = _plain_rows(chance, drawn, day=day)
    cards = _card_rows(chance, people, drawn, day=day)
    later, restructured_on, first_due_after = _later_rows(chance, drawn, plain, kept)
    rows = schedules.merged([kept, cards, later], loans=len(owner))
    principal = np.bincount(rows.loan, weights=rows.principal, minlength=len(owner))
    apart = (people.contracts[owner] > 1) & (chance.random(len(owner)) < 0.15)
    relapses = drawn.restructured & (chance.random(len(owner)) < 0.3)
    stop_on = np.where(apart | drawn.restructured, NEVER, people.stop_on[owner])
    stop_on = np.where(relapses, first_due_after + chance.integers(20, 300, len(owner)), stop_on)
    contracts = Contracts(
        contract=np.arange(first, first + len(owner)),
        owner=owner,
        product=drawn.product,
        currency=drawn.currency,
        principal=principal.astype(np.int64),
        rate_ppm=drawn.terms.rate_ppm,
        start_on=drawn.start_on,
        security=_securities(chance, people.kind[owner], drawn.product),
        stop_on=stop_on.astype(np.int32),
        resume_on=np.where(apart | relapses, NEVER, people.resume_on[owner]).astype(np.int32),
        restructured_on=restructured_on,
        first_due_after=first_due_after,
        times_restructured=np.where(drawn.restructured, 1 + (chance.random(len(owner)) < 0.1), 0),
    )
    return contracts, rows


def _draw(chance: np.random.Generator, people: People, owner: Ints, *, day: int) -> _Drawn:
    size = len(owner)
    kind = people.kind[owner]
    product = _products(chance, kind)
    periods, step = _periods(chance, kind, product)
    start_on = _starts(chance, people, owner, periods * step, day=day)
    due_month = month_of(start_on) + step
    fixed = day_in_month(due_month, np.where(chance.random(size) < 0.5, 20, 10))
    first_due = np.where(chance.random(size) < 0.35, fixed, add_months(start_on, step))
    behaviour = people.behaviour[owner]
    may = (product != CARD) & ((behaviour == STRAINED) | (behaviour == RECOVERING))
    may |= (product == MORTGAGE) & (behaviour == FORGETFUL)
    months_run = month_of(np.array([day])) - month_of(start_on)
    restructured = may & (months_run >= 9) & (periods * step >= 12)
    restructured &= (periods > 4) & (chance.random(size) < 0.12)
    currency = np.where(
        (kind == NON_RETAIL) & (chance.random(size) < 0.12), chance.integers(1, 5, size), 0
    )
    terms = Terms(
        principal=_principals(chance, kind, product, currency),
        rate_ppm=_rates(chance, product),
        periods=periods,
        first_due=first_due.astype(np.int32),
        step=step,
        method=_methods(chance, product),
    )
    return _Drawn(
        owner=owner,
        product=product,
        currency=currency,
        terms=terms,
        start_on=start_on,
        restructured=restructured,
    )


def _products(chance: np.random.Generator, kind: Ints) -> Ints:
    size = len(kind)
    retail = chance.choice(5, size, p=(0.38, 0.29, 0.23, 0.1, 0.0))
    small = chance.choice(5, size, p=(0.08, 0.07, 0.0, 0.0, 0.85))
    return np.select([kind == RETAIL, kind == SMALL_BUSINESS], [retail, small], WORKING)


def _periods(chance: np.random.Generator, kind: Ints, product: Ints) -> tuple[Ints, Ints]:
    """Yield the number of instalments and the months between two of them."""
    size = len(kind)
    consumer = chance.choice((12, 24, 36, 60), size, p=(0.25, 0.3, 0.35, 0.1))
    internet = chance.choice((3, 6, 12, 24), size, p=(0.1, 0.2, 0.5, 0.2))
    mortgage = chance.choice((120, 180, 240, 300, 360), size, p=(0.12, 0.13, 0.3, 0.15, 0.3))
    working = chance.choice((12, 24, 36), size, p=(0.55, 0.25, 0.2))
    quarterly = (kind == NON_RETAIL) & (chance.random(size) < 0.35)
    chosen = np.select(
        [product == CONSUMER, product == INTERNET, product == MORTGAGE],
        [consumer, internet, mortgage],
        working,
    )
    step = np.where(quarterly, 3, 1)
    return chosen // step, step


def _starts(
    chance: np.random.Generator, people: People, owner: Ints, months: Ints, *, day: int
) -> Days:
    """Yield the first days: within four years, and before the day on which the debtor stopped."""
    size = len(owner)
    span = np.minimum(_OLDEST_MONTHS, np.maximum(months * 9 // 8, 3)) * 30
    ago = 8 + chance.random(size) * span
    stop_ago = day - people.stop_on[owner]
    within = stop_ago + (0.15 + 0.8 * chance.random(size)) * np.minimum(months, 36) * 30
    ago = np.where((stop_ago > 0) & (ago < within), within, ago)
    return (day - ago.astype(np.int64)).astype(np.int32)


def _principals(chance: np.random.Generator, kind: Ints, product: Ints, currency: Ints) -> Ints:
    """Yield round amounts, log-uniform within each product's range."""
    low = np.select(
        [product == CONSUMER, product == INTERNET, product == MORTGAGE, kind == NON_RETAIL],
        [5_000, 1_000, 200_000, 800_000],
        100_000,
    )
    high = np.select(
        [product == CONSUMER, product == INTERNET, product == MORTGAGE, kind == NON_RETAIL],
        [300_000, 50_000, 3_500_000, 20_000_000],
        3_000_000,
    )
    yuan = low * (high / low) ** chance.random(len(kind))
    own = yuan * 1_000_000 / YUAN_MILLIONTHS[currency]
    rounded = np.maximum(own.astype(np.int64) // 1_000, 1) * 1_000
    return np.asarray(rounded * MINOR_UNITS[currency])


def _rates(chance: np.random.Generator, product: Ints) -> Ints:
    """Yield ppm a year, in steps of five hundredths of a percent."""
    low = np.array([1_825, 435, 720, 305, 345])[product]
    high = np.array([1_826, 1_200, 1_800, 490, 680])[product]
    hundredths = low + (chance.random(len(product)) * (high - low)).astype(np.int64)
    return np.asarray(np.where(product == CARD, hundredths, hundredths // 5 * 5) * 100)


def _methods(chance: np.random.Generator, product: Ints) -> Ints:
    drawn = chance.random(len(product))
    equal = np.array([0.0, 0.15, 0.2, 0.3, 0.1])[product]
    interest_only = np.array([0.0, 0.05, 0.1, 0.0, 0.55])[product]
    return np.where(
        drawn < equal,
        EQUAL_PRINCIPAL,
        np.where(drawn < equal + interest_only, INTEREST_ONLY, ANNUITY),
    )


def _securities(chance: np.random.Generator, kind: Ints, product: Ints) -> Ints:
    size = len(kind)
    small = chance.choice(4, size, p=(0.35, 0.35, 0.25, 0.05))
    corporate = chance.choice(4, size, p=(0.15, 0.35, 0.4, 0.1))
    consumer = chance.choice(4, size, p=(0.88, 0.1, 0.0, 0.02))
    return np.select(
        [product == MORTGAGE, product == CONSUMER, product != WORKING, kind == NON_RETAIL],
        [MORTGAGED, consumer, UNSECURED, corporate],
        small,
    )


def _plain_rows(chance: np.random.Generator, drawn: _Drawn, *, day: int) -> tuple[Rows, Rows]:
    """Yield the agreed schedule of the loans that are not cards, and what was kept of it.

    A restructured loan keeps the instalments due before the new agreement, the last of which lies
    one to eighteen months back.
    """
    loans = np.flatnonzero(drawn.product != CARD)
    agreed = schedules.renamed(
        schedules.planned(_terms_of(drawn.terms, loans)), loans, loans=len(drawn.owner)
    )
    latest = day - chance.integers(45, 540, len(drawn.owner))
    before = np.bincount(agreed.loan[agreed.due <= latest[agreed.loan]], minlength=len(drawn.owner))
    count = np.diff(agreed.first)
    keep = np.where(drawn.restructured, np.clip(before, 2, np.maximum(count - 1, 0)), count)
    return agreed, schedules.cut(agreed, keep)


def _terms_of(terms: Terms, chosen: Ints) -> Terms:
    return Terms(
        principal=terms.principal[chosen],
        rate_ppm=terms.rate_ppm[chosen],
        periods=terms.periods[chosen],
        first_due=terms.first_due[chosen],
        step=terms.step[chosen],
        method=terms.method[chosen],
    )


def _later_rows(
    chance: np.random.Generator, drawn: _Drawn, agreed: Rows, kept: Rows
) -> tuple[Rows, Days, Days]:
    """Yield the schedules after restructuring, the days of it and the first due days after it.

    What was still owed is spread over a longer term after some months without an instalment.
    """
    size = len(drawn.owner)
    loans = np.flatnonzero(drawn.restructured)
    last_kept = kept.due[kept.first[loans + 1] - 1] if len(loans) else np.zeros(0, dtype=np.int32)
    repaid = np.bincount(kept.loan, weights=kept.principal, minlength=size).astype(np.int64)
    rest = np.diff(agreed.first)[loans] - np.diff(kept.first)[loans]
    first_due = add_months(last_kept, chance.integers(2, 7, len(loans)))
    terms = Terms(
        principal=(drawn.terms.principal - repaid)[loans],
        rate_ppm=drawn.terms.rate_ppm[loans] * 9 // 10,
        periods=rest + chance.integers(6, 25, len(loans)),
        first_due=first_due,
        step=drawn.terms.step[loans],
        method=np.full(len(loans), ANNUITY),
    )
    rows = schedules.renamed(schedules.planned(terms), loans, loans=size)
    restructured_on = np.full(size, NEVER, dtype=np.int32)
    restructured_on[loans] = last_kept + chance.integers(5, 26, len(loans))
    first_due_after = np.full(size, NEVER, dtype=np.int32)
    first_due_after[loans] = first_due
    return rows, restructured_on, first_due_after


def _card_rows(chance: np.random.Generator, people: People, drawn: _Drawn, *, day: int) -> Rows:
    """Yield one instalment per card statement: what was bought, interest on what was carried, fees.

    A debtor who stopped paying loses the card two months later; interest goes on.
    """
    loans = np.flatnonzero(drawn.product == CARD)
    first_due = drawn.terms.first_due[loans]
    last_month = int(month_of(np.array([day + _STATEMENT_AHEAD_DAYS]))[0])
    count = np.maximum(last_month - month_of(first_due) + 1, 1)
    first = schedules.first_rows(count)
    card = np.repeat(np.arange(len(loans)), count)
    place = np.arange(len(card)) - first[card]
    due = add_months(first_due[card], place)
    issued = (due <= day + _STATEMENT_AHEAD_DAYS) | (place == 0)
    size = len(card)
    owner = drawn.owner[loans][card]
    usual = 30_000 * np.exp(chance.normal(2.2, 0.8, len(loans)))[card]
    bought = (usual * np.exp(chance.normal(0, 0.45, size))).astype(np.int64)
    blocked = due > people.stop_on[owner] + 60
    bought = np.where((chance.random(size) < 0.03) | blocked, 0, bought)
    bought = np.where(place == 0, np.maximum(bought, 10_000), bought)
    carries = (chance.random(len(loans)) < 0.2)[card]
    interest = np.where(carries, (usual * 0.007).astype(np.int64), 0)
    interest = np.where(blocked, (usual * 0.045).astype(np.int64), interest)
    late_fee = (
        chance.random(size) < np.array([0.0, 0.04, 0.25, 0.02, 0.05, 0.02])[people.behaviour[owner]]
    )
    fee = np.where(place % 12 == 11, 10_000, 0) * (chance.random(len(loans)) < 0.15)[card]
    rows = Rows(
        first=first,
        loan=card,
        seq=place + 1,
        due=due,
        principal=bought,
        interest=np.where(place == 0, 0, interest),
        fee=fee + np.where(late_fee & (place > 0), 2_000, 0),
    )
    issued_rows = schedules.picked(rows, np.flatnonzero(issued))
    return schedules.renamed(issued_rows, loans, loans=len(drawn.owner))
