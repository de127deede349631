"""One person's rows of the normal form: what the night read, for one case at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import pyarrow.parquet as pq

from recoup.engine.book.receipts import REVERSALS_AHEAD
from recoup.engine.refusal import DayRefused
from recoup.kernel.tracing import Instalment, Payment

Row = Mapping[str, object]


class NoSuchContract(DayRefused, LookupError):
    """The result holds no accepted contract with that id; the sentence says what may be done."""

    def __init__(self, *, contract_id: str) -> None:
        super().__init__(
            zh=f"结果中没有合同“{contract_id}”；"
            "它可能不在账册中，或其合同行已被拒收（见 rejects.parquet）。",
            en=f"The result has no contract '{contract_id}'; it may not be in the book, or its own "
            "row was refused (see rejects.parquet).",
        )


@dataclass(frozen=True, kw_only=True)
class PaymentRow:
    """A payment as the book has it, also one that counts for nothing."""

    payment_id: str
    paid_on: date
    amount_minor: int
    is_waiver: bool
    is_reversed: bool


class PersonSource(Protocol):
    """Where one person's rows come from: a book, or a book with the day's changes."""

    def debtor(self, person: int) -> Row:
        """Yield the debtor's row."""
        ...

    def of_person(self, table: str, person: int) -> Sequence[Row]:
        """Yield the rows of a table that belong to a person, in the book's order."""
        ...

    def instalments(self, loan: int) -> tuple[Instalment, ...]:
        """Yield the schedule of a loan, in order."""
        ...

    def payments(self, loan: int) -> tuple[PaymentRow, ...]:
        """Yield every payment of a loan, reversed ones too, in order."""
        ...

    def collateral_minor(self, loan: int) -> int:
        """Yield the appraised value of a loan's collateral in all, in minor units; 0 if none."""
        ...

    def rates(self) -> Sequence[Row]:
        """Yield all exchange rates."""
        ...


@dataclass(frozen=True)
class BookRows:
    """Reads the normal form in ``folder`` by person and loan ordinals."""

    folder: Path

    def contract(self, contract_id: str) -> Row:
        """Yield the contract's row. Errors: NoSuchContract."""
        found = self._rows("contracts", [("contract_id", "=", contract_id)])
        if not found:
            raise NoSuchContract(contract_id=contract_id)
        return found[0]

    def debtor(self, person: int) -> Row:
        """Yield the debtor's row."""
        return self._rows("debtors", [("person", "=", person)])[0]

    def of_person(self, table: str, person: int) -> Sequence[Row]:
        """Yield the rows of a table that belong to a person, in the book's order."""
        return self._rows(table, [("person", "=", person)])

    def instalments(self, loan: int) -> tuple[Instalment, ...]:
        """Yield the schedule of a loan as the contract has it, in order."""
        return tuple(instalment_of(row) for row in self._rows("instalments", [("loan", "=", loan)]))

    def payments(self, loan: int) -> tuple[PaymentRow, ...]:
        """Yield every payment of a loan, reversed ones too, in order."""
        return tuple(payment_of(row) for row in self._rows("payments", [("loan", "=", loan)]))

    def collateral_minor(self, loan: int) -> int:
        """Yield the appraised value of a loan's collateral in all, in minor units; 0 if none."""
        found = self._rows("collateral", [("loan", "=", loan)])
        return sum(value for row in found if isinstance(value := row["value_minor"], int))

    def rates(self) -> Sequence[Row]:
        """Yield all exchange rates."""
        return self._rows("rates", None)

    def _rows(self, table: str, filters: list[tuple[str, str, object]] | None) -> list[dict]:  # type: ignore[type-arg]
        rows: list[dict[str, object]] = pq.read_table(
            self.folder / f"{table}.parquet", filters=filters
        ).to_pylist()
        return rows


def reversals_ahead(book: Path) -> Mapping[tuple[int, str], date]:
    """Yield the payments of a book whose reversal is dated after the business date, with its day.

    Shape: by loan and payment id. Nights of version 0.1.0 kept no such table.
    """
    path = book / f"{REVERSALS_AHEAD}.parquet"
    rows = pq.read_table(path).to_pylist() if path.exists() else []
    return {(row["loan"], row["payment_id"]): row["reversed_on"] for row in rows}


def instalment_of(row: Mapping[str, Any]) -> Instalment:
    """Yield a row of instalments as the kernel takes it."""
    return Instalment(
        seq=row["seq"],
        due_on=row["due_on"],
        principal_minor=row["principal_minor"],
        interest_minor=row["interest_minor"],
        fee_minor=row["fee_minor"],
    )


def payment_of(row: Mapping[str, Any]) -> PaymentRow:
    """Yield a row of payments with its types."""
    return PaymentRow(
        payment_id=row["payment_id"],
        paid_on=row["paid_on"],
        amount_minor=row["amount_minor"],
        is_waiver=row["is_waiver"],
        is_reversed=row["is_reversed"],
    )


def counted(payments: Sequence[PaymentRow]) -> tuple[Payment, ...]:
    """Yield the payments that count, as the kernel takes them."""
    return tuple(
        Payment(
            payment_id=one.payment_id,
            paid_on=one.paid_on,
            amount_minor=one.amount_minor,
            is_waiver=one.is_waiver,
        )
        for one in payments
        if not one.is_reversed
    )
