"""Details of one person out of the published night's own files."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from recoup.apps.portfolio.queries.cards import (
    BookReceiptCard,
    CollateralCard,
    GuarantorCard,
    InstalmentCard,
)

Row = dict[str, Any]


def _rows(result: Path, table: str, column: str, wanted: object) -> list[Row]:
    """Yield the rows of a table of the normal form with a value; row groups without it are left."""
    test = "in" if isinstance(wanted, list) else "="
    found: list[Row] = pq.read_table(
        result / "book" / f"{table}.parquet", filters=[(column, test, wanted)]
    ).to_pylist()
    return found


def _loan(result: Path, contract_id: str) -> int | None:
    found = _rows(result, "contracts", "contract_id", contract_id)
    return int(found[0]["loan"]) if found else None


def schedule(result: Path, contract_id: str) -> tuple[InstalmentCard, ...]:
    """Yield a contract's schedule, in the order of the book."""
    loan = _loan(result, contract_id)
    return tuple(
        InstalmentCard(
            seq=row["seq"],
            due_on=row["due_on"],
            principal_minor=row["principal_minor"],
            interest_minor=row["interest_minor"],
            fee_minor=row["fee_minor"],
        )
        for row in ([] if loan is None else _rows(result, "instalments", "loan", loan))
    )


def receipts(result: Path, contract_id: str) -> tuple[BookReceiptCard, ...]:
    """Yield a contract's receipts, in the order of the book."""
    loan = _loan(result, contract_id)
    return tuple(
        BookReceiptCard(
            payment_id=row["payment_id"],
            paid_on=row["paid_on"],
            amount_minor=row["amount_minor"],
            is_waiver=row["is_waiver"],
            is_reversed=row["is_reversed"],
            source_row=row["row"],
        )
        for row in ([] if loan is None else _rows(result, "payments", "loan", loan))
    )


def _of_person(result: Path, table: str, debtor_id: str) -> Iterator[tuple[Row, Row]]:
    """Yield each row of a person's loans beside its contract's row."""
    contracts = {row["loan"]: row for row in _rows(result, "contracts", "debtor_id", debtor_id)}
    if contracts:
        for row in _rows(result, table, "loan", sorted(contracts)):
            yield row, contracts[row["loan"]]


def guarantors(result: Path, debtor_id: str) -> tuple[GuarantorCard, ...]:
    """Yield those who stand for a person's contracts."""
    return tuple(
        GuarantorCard(
            contract_id=contract["contract_id"],
            guarantor_id=row["guarantor_id"],
            name=row["name"] or "",
            guarantee_kind=row["guarantee_kind"] or "",
            guaranteed_until=_day(row["guaranteed_until"]),
        )
        for row, contract in _of_person(result, "guarantors", debtor_id)
    )


def collateral(result: Path, debtor_id: str) -> tuple[CollateralCard, ...]:
    """Yield what secures a person's contracts."""
    return tuple(
        CollateralCard(
            collateral_id=row["collateral_id"],
            contract_id=contract["contract_id"],
            currency=contract["currency"],
            kind=row["kind"],
            value_minor=row["value_minor"],
            valued_on=_day(row["valued_on"]),
            registered_on=_day(row["registered_on"]),
            insured_until=_day(row["insured_until"]),
            rank=row["rank"],
        )
        for row, contract in _of_person(result, "collateral", debtor_id)
    )


def _day(value: object) -> date | None:
    return value if isinstance(value, date) else None
