"""What the demo bank knows from outside: exchange rates, and claims of other institutions."""

import numpy as np
import pyarrow as pa

from recoup.demo import columns
from recoup.demo.columns import Ints
from recoup.demo.contracts import CURRENCIES, MINOR_UNITS, YUAN_MILLIONTHS, Contracts
from recoup.demo.people import NON_RETAIL, People
from recoup.demo.standing import Standing

_RATE_DAYS = 400


def rate_columns(*, seed: int, day: int) -> dict[str, pa.Array]:
    """Yield the rows of the table ``rates``: each foreign currency on each of the last 400 days."""
    chance = np.random.default_rng([seed, 0x7A7E5])
    foreign = len(CURRENCIES) - 1
    drift = np.cumsum(chance.normal(0.0, 0.002, (foreign, _RATE_DAYS)), axis=1)
    level = YUAN_MILLIONTHS[1:, None] * np.exp(drift - drift[:, -1:])
    on = np.arange(day - _RATE_DAYS + 1, day + 1)
    return {
        "currency": columns.coded(CURRENCIES[1:], np.repeat(np.arange(foreign), _RATE_DAYS)),
        "on": columns.dates(np.tile(on, foreign)),
        "to_base": columns.decimals(level.astype(np.int64).ravel(), scale=6),
    }


def outside_columns(
    chance: np.random.Generator,
    people: People,
    contracts: Contracts,
    now: Standing,
    *,
    day: int,
) -> dict[str, pa.Array]:
    """Yield the rows of the table ``outside``, for nine in ten debtors that are not retail.

    What this bank itself is owed is part of what all banks are owed.
    """
    own = _owed_cents(people, contracts, now.outstanding)
    own_late = _owed_cents(people, contracts, np.where(now.dpd > 90, now.outstanding, 0))
    chosen = np.flatnonzero((people.kind == NON_RETAIL) & (chance.random(len(people.kind)) < 0.9))
    size = len(chosen)
    elsewhere = (own[chosen] * 2.5 * chance.random(size)).astype(np.int64)
    elsewhere += chance.integers(0, 500, size) * 10_000_000
    late_share = np.where(own_late[chosen] > 0, 0.5, np.where(chance.random(size) < 0.03, 0.3, 0))
    late = (elsewhere * late_share * chance.random(size)).astype(np.int64)
    return {
        "debtor_id": columns.numbered("D", people.person[chosen] + 1, width=9),
        "claims_all_banks": columns.decimals(own[chosen] + elsewhere),
        "overdue_90_all_banks": columns.decimals(own_late[chosen] + late),
        "npl_elsewhere": columns.flags((late > 0) & (chance.random(size) < 0.7)),
        "as_of": columns.dates(np.full(size, day - 10)),
    }


def _owed_cents(people: People, contracts: Contracts, minor: Ints) -> Ints:
    """Yield what each debtor owes in hundredths of a yuan, foreign currency at a middle rate."""
    in_units = YUAN_MILLIONTHS[contracts.currency] // MINOR_UNITS[contracts.currency]
    cents = minor * in_units // 10_000
    summed = np.bincount(contracts.owner, weights=cents, minlength=len(people.person))
    return summed.astype(np.int64)
