"""A clean book: what each table becomes in the normal form, whatever the files look like."""

import hashlib
import random
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.book.books import a_book, take, write_csv, write_parquet

from recoup.engine.book.contract import TABLES


def test_a_clean_book_has_no_rejects_and_adds_up(tmp_path):
    folder = write_csv(a_book(), tmp_path / "in")

    taken = take(folder, tmp_path / "out", go_on=False)

    assert taken.rejects == []
    assert taken.intake.clean
    assert (taken.intake.persons, taken.intake.loans, taken.intake.undecidable_loans) == (3, 4, 0)
    payments = taken.intake.tables["payments"]
    assert (payments.rows_read, payments.rows_accepted, payments.rows_kept) == (6, 6, 5)
    sums = {(s.column, s.currency): s.accepted_minor for s in payments.control_sums}
    assert sums["receipts", "CNY"] == 10350 + 5000 + 4000
    assert sums["receipts", "JPY"] == 45900
    assert sums["waivers", "CNY"] == 50
    assert sums["reversals", "CNY"] == 5000
    assert all(s.rejected_minor == 0 for s in payments.control_sums)


def test_every_input_file_is_hashed(tmp_path):
    folder = write_csv(a_book(), tmp_path / "in")

    hashes = take(folder, tmp_path / "out").intake.hashes

    assert hashes == {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()
    }


def test_contracts_carry_minor_units_ppm_and_defaults(tmp_path):
    folder = write_csv(a_book(), tmp_path / "in")

    first, second, third, fourth = take(folder, tmp_path / "out").normal("contracts")

    assert first["principal_minor"] == 30000
    assert first["annual_rate_ppm"] == 43_500
    assert first["maturity_on"] == date(2026, 4, 10)
    assert second["status"] == "active"
    assert second["expected_credit_loss_minor"] == 120
    assert second["times_restructured"] == 1
    assert second["financial_difficulty"] is False
    assert (third["currency"], third["principal_minor"]) == ("JPY", 90000)
    assert third["previous_class"] == "loss"
    assert third["credit_impaired"] is None
    assert (fourth["status"], fourth["restructured_on"]) == ("written_off", date(2026, 5, 1))
    assert [row["person"] for row in (first, second, third, fourth)] == [0, 0, 1, 2]
    assert [row["row"] for row in (first, second, third, fourth)] == [1, 2, 3, 4]
    assert {row["bad_code"] for row in (first, second, third, fourth)} == {None}


def test_a_reversed_payment_is_marked_and_its_reversal_left_out(tmp_path):
    folder = write_csv(a_book(), tmp_path / "in")

    payments = take(folder, tmp_path / "out").normal("payments")

    assert [(row["payment_id"], row["is_reversed"], row["is_waiver"]) for row in payments] == [
        ("P1", False, False),
        ("P2", True, False),
        ("P5", False, True),
        ("P6", False, False),
        ("P4", False, False),
    ]


def test_a_reversal_after_the_business_date_is_not_in_force_yet(tmp_path):
    folder = write_csv(a_book(), tmp_path / "in")

    taken = take(folder, tmp_path / "out", as_of=date(2026, 3, 9))

    by_id = {row["payment_id"]: row for row in taken.normal("payments")}
    assert not by_id["P2"]["is_reversed"]
    assert "P4" in by_id  # dated later, kept for later
    assert {entry["key"] for entry in taken.found("payment_after_as_of")} == {
        "P3",
        "P4",
        "P5",
        "P6",
    }
    assert {entry["severity"] for entry in taken.rejects} == {"note"}
    assert taken.intake.clean


def test_contacts_fall_on_the_day_where_the_debtor_lives(tmp_path):
    folder = write_csv(a_book(), tmp_path / "in")

    first, second = take(folder, tmp_path / "out").normal("contacts")

    assert first["at"] == datetime(2026, 11, 1, 13, 0, tzinfo=UTC)
    assert (first["person"], first["loan"], first["local_on"]) == (0, 0, date(2026, 11, 1))
    # 03:30 UTC on 2 November is still 1 November in New York, after the clocks went back.
    assert (second["person"], second["loan"], second["local_on"]) == (1, None, date(2026, 11, 1))


def test_rates_are_exact_fractions_between_minor_units(tmp_path):
    folder = write_csv(a_book(), tmp_path / "in")

    (rate,) = take(folder, tmp_path / "out").normal("rates")

    # One yen, which has no minor unit, is 0.0482 yuan, that is 4.82 fen.
    assert (rate["to_base_num"], rate["to_base_den"]) == (241, 50)


def test_a_promise_without_contract_is_in_the_currency_of_the_debtors_contracts(tmp_path):
    folder = write_csv(a_book(), tmp_path / "in")

    first, second = take(folder, tmp_path / "out").normal("promises")

    assert (first["amount_minor"], second["amount_minor"]) == (10000, 45450)


def test_tables_that_the_book_lacks_are_empty_with_the_same_columns(tmp_path):
    whole = take(write_csv(a_book(), tmp_path / "whole"), tmp_path / "out1")
    bare = {
        name: rows
        for name, rows in a_book().items()
        if name in ("debtors", "contracts", "instalments", "payments")
    }

    taken = take(write_csv(bare, tmp_path / "bare"), tmp_path / "out2")

    for spec in TABLES:
        one, other = (
            pq.read_schema(book.intake.book / f"{spec.name}.parquet") for book in (whole, taken)
        )
        assert one.equals(other), spec.name
    assert set(taken.intake.tables) == set(bare)


def test_boolean_columns_of_the_banks_own_are_kept_and_others_remarked(tmp_path):
    book = a_book()
    for number, row in enumerate(book["contracts"]):
        row["fraud_confirmed"] = ["true", "false", None, "TRUE"][number]
        row["remark"] = "text"
    folder = write_csv(book, tmp_path / "in")

    taken = take(folder, tmp_path / "out")

    assert taken.intake.extra_flags == ("fraud_confirmed",)
    assert [row["fraud_confirmed"] for row in taken.normal("contracts")] == [
        True,
        False,
        None,
        True,
    ]
    assert any("remark" in remark.en for remark in taken.intake.remarks)


def bytes_of(taken, *, but=("row",)):
    """The normal form, table by table, without the places in the source."""
    content = {}
    for spec in TABLES:
        table = pq.read_table(taken.intake.book / f"{spec.name}.parquet")
        content[spec.name] = table.drop_columns([n for n in but if n in table.column_names])
    return content


FORMATS = {
    "csv with BOM": lambda book, folder: write_csv(book, folder, encoding="utf-8-sig"),
    "csv in GB18030": lambda book, folder: write_csv(book, folder, encoding="gb18030"),
    "gzip": lambda book, folder: write_csv(book, folder, suffix=".csv.gz"),
    "zstandard": lambda book, folder: write_csv(book, folder, suffix=".csv.zst"),
    "text in Parquet": lambda book, folder: write_parquet(book, folder, as_text=True),
    "typed Parquet": write_parquet,
    "Parquet without dictionaries": lambda book, folder: write_parquet(
        book, folder, use_dictionary=False, row_group_size=2
    ),
}


@pytest.mark.parametrize("how", FORMATS)
def test_the_format_of_the_files_changes_nothing(tmp_path, how):
    plain = take(write_csv(a_book(), tmp_path / "plain"), tmp_path / "out1")

    other = take(FORMATS[how](a_book(), tmp_path / "other"), tmp_path / "out2")

    assert other.rejects == []
    for spec in TABLES:
        files = [run.intake.book / f"{spec.name}.parquet" for run in (plain, other)]
        assert files[0].read_bytes() == files[1].read_bytes(), spec.name


def test_windows_line_ends_and_quotes_change_nothing(tmp_path):
    plain = take(write_csv(a_book(), tmp_path / "plain"), tmp_path / "out1")
    folder = write_csv(a_book(), tmp_path / "other")
    for file in folder.iterdir():
        lines = file.read_text().splitlines()
        quoted = [",".join(f'"{cell}"' for cell in line.split(",")) for line in lines]
        file.write_text("\r\n".join(quoted))  # and no line break at the very end

    other = take(folder, tmp_path / "out2")

    assert other.rejects == []
    assert bytes_of(plain, but=()) == bytes_of(other, but=())


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_the_rows_changes_nothing(tmp_path, seed):
    plain = take(write_csv(a_book(), tmp_path / "plain"), tmp_path / "out1")
    shuffled = a_book()
    for table in shuffled.values():
        random.Random(seed).shuffle(table)

    other = take(write_parquet(shuffled, tmp_path / "other"), tmp_path / "out2")

    assert other.rejects == []
    assert bytes_of(plain) == bytes_of(other)


def test_quoted_commas_and_doubled_quotes_are_part_of_the_text(tmp_path):
    book = a_book()
    book["debtors"][0]["name"] = 'A "B", Ltd'
    folder = write_csv(book, tmp_path / "in")

    taken = take(folder, tmp_path / "out")

    assert taken.normal("debtors")[0]["name"] == 'A "B", Ltd'
    assert taken.rejects == []


def test_empty_lines_are_no_rows_but_count_as_lines(tmp_path):
    folder = write_csv(a_book(), tmp_path / "in")
    file = folder / "debtors.csv"
    head, *lines = file.read_text().splitlines()
    file.write_text("\n".join([head, "", *lines, "", ""]))

    taken = take(folder, tmp_path / "out")

    assert taken.intake.tables["debtors"].rows_read == 3
    assert [row["row"] for row in taken.normal("debtors")] == [2, 3, 4]


AMOUNT_TYPES = {
    "int64 in major units": (pa.int64(), int),
    "int32": (pa.int32(), int),
    "decimal without digits": (pa.decimal128(12, 0), Decimal),
    "decimal with many digits": (pa.decimal128(38, 18), Decimal),
    "wide decimal": (pa.decimal256(50, 2), Decimal),
    "double": (pa.float64(), float),
    "large text": (pa.large_string(), str),
}


@pytest.mark.parametrize("kind", AMOUNT_TYPES)
def test_amounts_are_read_from_every_exact_type(tmp_path, kind):
    folder = write_parquet(a_book(), tmp_path / "in")
    file = folder / "instalments.parquet"
    arrow, read = AMOUNT_TYPES[kind]
    table = pq.read_table(file)
    amounts = ["100", "100", "100", "100", "45000", "45000", "200"]
    table = table.set_column(3, "principal", pa.array([read(text) for text in amounts], arrow))
    pq.write_table(table, file)

    taken = take(folder, tmp_path / "out")

    minor = [row["principal_minor"] for row in taken.normal("instalments")]
    assert minor == [10000, 10000, 10000, 10000, 45000, 45000, 20000]
    assert {entry["code"] for entry in taken.rejects} == {"principal_does_not_add_up"}


DAY_TYPES = [
    pa.date64(),
    pa.timestamp("ns"),
    pa.timestamp("s"),
    pa.timestamp("us", "Asia/Shanghai"),
]


@pytest.mark.parametrize("arrow", DAY_TYPES, ids=str)
def test_days_are_read_from_instants_at_midnight(tmp_path, arrow):
    folder = write_parquet(a_book(), tmp_path / "in")
    file = folder / "payments.parquet"
    table = pq.read_table(file)
    days = table.column("paid_on").cast(pa.timestamp("us"))
    if getattr(arrow, "tz", None):
        days = pa.compute.assume_timezone(days, arrow.tz)
    pq.write_table(table.set_column(2, "paid_on", days.cast(arrow)), file)

    taken = take(folder, tmp_path / "out")

    assert taken.rejects == []
    assert taken.normal("payments")[0]["paid_on"] == date(2026, 2, 9)


def test_ids_may_be_numbers_and_doubles_may_leave_values_out(tmp_path):
    book = a_book()
    folder = write_parquet(book, tmp_path / "in")
    for name in (
        "contracts",
        "instalments",
        "payments",
        "contacts",
        "promises",
        "holds",
        "collateral",
        "guarantors",
    ):
        file = folder / f"{name}.parquet"
        table = pq.read_table(file)
        place = table.column_names.index("contract_id")
        numbers = [None if text is None else int(text[1:]) for text in table[place].to_pylist()]
        pq.write_table(table.set_column(place, "contract_id", pa.array(numbers, pa.int64())), file)
    table = pq.read_table(folder / "instalments.parquet")
    fees = pa.array([0.5, float("nan"), *[None] * 5], pa.float64())
    pq.write_table(
        table.set_column(table.column_names.index("fee"), "fee", fees),
        folder / "instalments.parquet",
    )

    taken = take(folder, tmp_path / "out")

    assert taken.rejects == []
    assert [row["contract_id"] for row in taken.normal("contracts")] == ["1", "2", "3", "4"]
    assert [row["fee_minor"] for row in taken.normal("instalments")][:2] == [50, 0]
