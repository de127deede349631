"""Small books told as stories: a debtor, contracts with one schedule each, what was paid."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pyarrow.parquet as pq
from tests.book.books import Book, Row, write_csv

from recoup.site.cli import main

AS_OF = date(2026, 11, 20)


@dataclass(frozen=True)
class Loan:
    """One contract with a single instalment, due so many days before the business date."""

    contract_id: str
    debtor_id: str
    dpd: int
    amount: str = "1000.00"
    product: str = "working_capital"
    extra: tuple[tuple[str, str], ...] = ()


def debtor(debtor_id: str, kind: str, **more: str) -> Row:
    """A row of debtors."""
    empty = dict.fromkeys(("deceased_on", "bankrupt_on"))
    return {"debtor_id": debtor_id, "kind": kind, "phone": "13800000000", **empty, **more}


def book_of(*, debtors: list[Row], loans: list[Loan], **tables: list[Row]) -> Book:
    """A book of loans with one instalment each; nothing is paid unless ``payments`` says so."""
    columns = sorted({name for loan in loans for name, _ in loan.extra})
    book: Book = {
        "debtors": debtors,
        "contracts": [
            {
                "contract_id": loan.contract_id,
                "debtor_id": loan.debtor_id,
                "product": loan.product,
                "currency": "CNY",
                "principal": loan.amount,
                "start_date": (AS_OF - timedelta(days=1000)).isoformat(),
                "team": "T1",
                **dict.fromkeys(columns),
                **dict(loan.extra),
            }
            for loan in loans
        ],
        "instalments": [
            {
                "contract_id": loan.contract_id,
                "seq": "1",
                "due_date": (AS_OF - timedelta(days=loan.dpd)).isoformat(),
                "principal": loan.amount,
            }
            for loan in loans
        ],
        "payments": [
            {
                "payment_id": "P0",
                "contract_id": loans[0].contract_id,
                "paid_on": "2027-01-01",
                "amount": "1.00",
            }
        ],
    }
    return {**book, **tables}


def decided(
    book: Book,
    folder: Path,
    *options: str,
    pack: str = "cn",
    as_of: date = AS_OF,
    status: int = 0,
) -> dict[str, dict[str, object]]:
    """The decisions of a night over a book, by contract id."""
    place = write_csv(book, folder / "book")
    run(place, folder / "out", *options, pack=pack, as_of=as_of, status=status)
    rows = pq.read_table(folder / "out" / "decisions.parquet").to_pylist()
    return {row["contract_id"]: row for row in rows}


def run(
    book: Path,
    out: Path,
    *options: str,
    pack: str = "cn",
    as_of: date = AS_OF,
    status: int | None = None,
) -> int:
    """Run a night as a bank does; the exit status, checked where one is expected."""
    found = main(
        [
            *("night", "--book", str(book), "--as-of", as_of.isoformat(), "--pack", pack),
            *("--strategy", "example", "--out", str(out), "--quiet", *options),
        ]
    )
    if status is not None:
        assert found == status
    return found
