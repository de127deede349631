"""Small books for the tests: rows as text, written as CSV or Parquet, taken in and read back."""

import csv
import gzip
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from recoup.engine.book.contract import BY_NAME, Kind
from recoup.engine.book.intake import Intake
from recoup.engine.book.take_in import take_in

AS_OF = date(2026, 11, 20)

Row = dict[str, str | None]
Book = dict[str, list[Row]]


def rows(header: str, *lines: str) -> list[Row]:
    """Rows from lines of cells, a bar between them; an empty cell is no value."""
    names = header.split("|")
    return [
        {name: cell.strip() or None for name, cell in zip(names, line.split("|"), strict=True)}
        for line in lines
    ]


def a_book() -> Book:
    """A clean book with every table: three debtors, four contracts, two currencies."""
    return {
        "debtors": rows(
            "debtor_id|name|kind|phone|language|time_zone|deceased_on|bankrupt_on|vulnerable",
            "D1|张三|retail|13800000000|zh||||false",
            "D2|李四|small_business||zh|America/New_York|||true",
            "D3|Wang Wu|non_retail||en||2026-01-02||",
        ),
        "contracts": rows(
            "contract_id|debtor_id|product|currency|principal|annual_rate|start_date|maturity_date"
            "|branch|security|status|restructured_on|times_restructured|financial_difficulty"
            "|previous_class|expected_credit_loss",
            "C1|D1|consumer_loan|CNY|300.00|4.35|2026-01-10|2026-04-10|B1|unsecured|active|||||",
            "C2|D1|credit_card|CNY|100.50||2026-02-10||B1||||1|false|normal|1.20",
            "C3|D2|working_capital|JPY|90000|12|2026-03-10|2026-06-10|B2|pledged||||true|loss|",
            "C4|D3|mortgage|CNY|200||2026-03-10||||written_off|2026-05-01||||",
        ),
        "instalments": rows(
            "contract_id|seq|due_date|principal|interest|fee",
            "C1|1|2026-02-10|100.00|3.00|0.50",
            "C1|2|2026-03-10|100.00|2.00|",
            "C1|3|2026-04-10|100.00|1.00|",
            "C2|1|2026-03-10|100.50||",
            "C3|1|2026-04-10|45000|900|",
            "C3|2|2026-05-10|45000|450|",
            "C4|1|2026-04-10|200|10|",
        ),
        "payments": rows(
            "payment_id|contract_id|paid_on|amount|kind|reverses",
            "P1|C1|2026-02-09|103.50|receipt|",
            "P2|C1|2026-03-09|50.00|receipt|",
            "P3|C1|2026-03-10|50.00||P2",
            "P4|C3|2026-04-10|45900||",
            "P5|C2|2026-03-10|0.50|waiver|",
            "P6|C2|2026-03-11|40||",
        ),
        "contacts": rows(
            "contact_id|debtor_id|contract_id|at|channel|direction|party|number|purpose|outcome",
            "K1|D1|C1|2026-11-01T21:00:00+08:00|call|out|debtor|13800000000|collect|right_party",
            "K2|D2||2026-11-02T03:30Z|sms|out||||delivered",
        ),
        "promises": rows(
            "promise_id|debtor_id|contract_id|made_on|due_on|amount",
            "M1|D1|C1|2026-11-01|2026-11-10|100",
            "M2|D2||2026-11-02|2026-11-12|45450",
        ),
        "holds": rows(
            "debtor_id|kind|contract_id|from|until|channel",
            "D1|complaint|C1|2026-11-01||",
            "D3|do_not_contact||2026-10-01|2027-10-01|call",
        ),
        "collateral": rows(
            "collateral_id|contract_id|kind|value|valued_on|rank",
            "L1|C4|apartment|500000.00|2026-01-05|1",
        ),
        "guarantors": rows(
            "contract_id|guarantor_id|name|guarantee_kind|guaranteed_until",
            "C3|G1|赵六|joint|2028-06-10",
        ),
        "rates": rows("currency|on|to_base", "JPY|2026-11-19|0.0482"),
        "outside": rows(
            "debtor_id|claims_all_banks|overdue_90_all_banks|npl_elsewhere|as_of",
            "D3|1000000|0|false|2026-10-31",
        ),
    }


def csv_text(table: list[Row], names: list[str] | None = None) -> str:
    """A table as CSV, with the columns of its first row."""
    out = io.StringIO()
    writer = csv.DictWriter(out, names or list(table[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    return out.getvalue()


def write_csv(book: Book, folder: Path, *, suffix: str = ".csv", encoding: str = "utf-8") -> Path:
    """Write every table as CSV; the suffix says how it is packed."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in book.items():
        raw = csv_text(table).encode(encoding)
        if suffix == ".csv.gz":
            raw = gzip.compress(raw)
        elif suffix == ".csv.zst":
            raw = pa.Codec("zstd").compress(raw, asbytes=True)
        (folder / f"{name}{suffix}").write_bytes(raw)
    return folder


def write_parquet(book: Book, folder: Path, *, as_text: bool = False, **options: object) -> Path:
    """Write every table as Parquet, in the contract's own types or as text."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in book.items():
        columns = {column: _typed(name, column, table, as_text) for column in table[0]}
        pq.write_table(pa.table(columns), folder / f"{name}.parquet", **options)
    return folder


_TYPES = {
    Kind.DATE: (pa.date32(), date.fromisoformat),
    Kind.AMOUNT: (pa.decimal128(18, 2), Decimal),
    Kind.RATE: (pa.decimal128(9, 4), Decimal),
    Kind.WHOLE: (pa.int32(), int),
    Kind.BOOLEAN: (pa.bool_(), lambda text: text == "true"),
    Kind.INSTANT: (pa.timestamp("us", "UTC"), datetime.fromisoformat),
    Kind.FRACTION: (pa.decimal128(18, 8), Decimal),
}


def _typed(table: str, column: str, content: list[Row], as_text: bool) -> pa.Array:
    texts = [row[column] for row in content]
    if as_text or column not in BY_NAME[table].names:
        return pa.array(texts, pa.string())
    kind = BY_NAME[table].column(column).kind
    if kind not in _TYPES:
        return pa.array(texts, pa.string())
    arrow, read = _TYPES[kind]
    return pa.array([None if text is None else read(text) for text in texts], arrow)


@dataclass(frozen=True)
class Taken:
    """What an intake left behind."""

    intake: Intake
    rejects: list[dict[str, object]]

    def normal(self, table: str) -> list[dict[str, object]]:
        """The rows of a table of the normal form."""
        return pq.read_table(self.intake.book / f"{table}.parquet").to_pylist()

    def found(self, code: str) -> list[dict[str, object]]:
        """The entries of the reject file with a code."""
        return [entry for entry in self.rejects if entry["code"] == code]

    def bad_codes(self) -> Mapping[str, str | None]:
        """The bad_code of every contract."""
        return {row["contract_id"]: row["bad_code"] for row in self.normal("contracts")}


def take(folder: Path, into: Path, *, as_of: date = AS_OF, **options: object) -> Taken:
    """Take a book in, however many of its rows are bad."""
    given = {"go_on": True, **options}
    intake = take_in(
        folder=folder,
        into=into,
        as_of=as_of,
        pack_currency="CNY",
        time_zone="Asia/Shanghai",
        **given,
    )
    return Taken(intake, pq.read_table(intake.rejects).to_pylist())
