"""What secures the demo bank's contracts: collateral and guarantors."""

import numpy as np
import pyarrow as pa

from recoup.demo import columns, names
from recoup.demo.columns import Days
from recoup.demo.contacts import contract_amounts
from recoup.demo.contracts import GUARANTEED, MORTGAGE, MORTGAGED, PLEDGED, Contracts
from recoup.demo.months import add_months

COLLATERAL_KINDS = (
    "residential",
    "commercial",
    "factory",
    "land_use_right",
    "vehicle",
    "equipment",
    "deposit",
    "receivables",
)
_FIRST_PLEDGE = 6


def collateral_columns(
    chance: np.random.Generator, contracts: Contracts, *, before: int, day: int
) -> dict[str, pa.Array]:
    """Yield the rows of the table ``collateral``: homes, workshops, vehicles, deposits.

    A few have no value, no registration, or insurance that has run out.
    """
    loan = np.flatnonzero(np.isin(contracts.security, (MORTGAGED, PLEDGED)))
    size = len(loan)
    home = contracts.product[loan] == MORTGAGE
    pledged = contracts.security[loan] == PLEDGED
    kind = np.select(
        [home, pledged],
        [np.zeros(size, dtype=np.int64), chance.integers(_FIRST_PLEDGE, 8, size)],
        chance.integers(1, _FIRST_PLEDGE, size),
    )
    ltv_percent = np.where(pledged, chance.integers(60, 96, size), chance.integers(40, 76, size))
    value = contracts.principal[loan] * 100 // ltv_percent // 100_000 * 100_000
    start = contracts.start_on[loan].astype(np.int64)
    again = chance.random(size) < 0.3
    valued_on = np.where(again, day - chance.integers(10, 365, size), start - 15)
    insured = ~pledged & (chance.random(size) < 0.9)
    return {
        "collateral_id": columns.numbered("L", np.arange(size) + before + 1, width=9),
        "contract_id": columns.numbered("C", contracts.contract[loan] + 1, width=9),
        "kind": columns.coded(COLLATERAL_KINDS, kind),
        "value": contract_amounts(
            contracts, loan, np.maximum(value, 100_000), present=chance.random(size) < 0.994
        ),
        "valued_on": columns.dates(np.maximum(valued_on, start - 15)),
        "registered_on": columns.dates(
            start + chance.integers(0, 12, size), present=chance.random(size) < 0.985
        ),
        "insured_until": columns.dates(day + chance.integers(-120, 900, size), present=insured),
        "rank": columns.integers(np.where(chance.random(size) < 0.04, 2, 1)),
    }


def guarantor_columns(
    chance: np.random.Generator, contracts: Contracts, maturity: Days, *, before: int
) -> dict[str, pa.Array]:
    """Yield the rows of the table ``guarantors``: one or two persons for each guaranteed contract.

    Most guarantee jointly, for three years from the last due day.
    """
    each = np.where(contracts.security == GUARANTEED, chance.integers(1, 3, len(maturity)), 0)
    loan = np.repeat(np.arange(len(maturity)), each)
    size = len(loan)
    months = np.where(chance.random(size) < 0.85, 36, 6)
    return {
        "contract_id": columns.numbered("C", contracts.contract[loan] + 1, width=9),
        "guarantor_id": columns.numbered("G", np.arange(size) + before + 1, width=9),
        "name": names.personal_names(chance, is_man=chance.random(size) < 0.6),
        "guarantee_kind": columns.coded(
            ("joint", "general"), (chance.random(size) < 0.15).astype(np.int8)
        ),
        "guaranteed_until": columns.dates(add_months(maturity[loan], months)),
    }
