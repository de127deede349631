"""What law and policy must know of a book before its rows are looked at."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

#: A sort of hold: its kind, and the channel that it names, if any.
HoldSort = tuple[str, str | None]


@dataclass(frozen=True, kw_only=True)
class BookFacts:
    """Which columns, currencies, rates and sorts of holds a book has.

    Shape: ``contract_columns`` are those of the normal form, ``debtor_columns`` those of the bank's
    own file; ``rates`` are rows of the normal form.
    """

    contract_columns: frozenset[str]
    debtor_columns: frozenset[str]
    currencies: frozenset[str]
    rates: tuple[Mapping[str, Any], ...]
    holds: frozenset[HoldSort]


def book_facts(*, book: Path, debtor_columns: Collection[str]) -> BookFacts:
    """Yield the facts of a book in normal form."""
    currencies = pq.read_table(book / "contracts.parquet", columns=["currency"])
    holds = pq.read_table(book / "holds.parquet", columns=["kind", "channel"])
    sorts = holds.group_by(["kind", "channel"]).aggregate([]).to_pylist()
    return BookFacts(
        contract_columns=frozenset(pq.read_schema(book / "contracts.parquet").names),
        debtor_columns=frozenset(debtor_columns),
        currencies=frozenset(currencies.column("currency").unique().to_pylist()) - {None},
        rates=tuple(pq.read_table(book / "rates.parquet").to_pylist()),
        holds=frozenset((sort["kind"], sort["channel"]) for sort in sorts),
    )
