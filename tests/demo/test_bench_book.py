from datetime import date
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from recoup.demo import bench_book as module
from recoup.demo.bench_book import bench_book

AS_OF = date(2026, 11, 20)


def read(folder: Path, table: str):
    return pq.read_table(folder / f"{table}.parquet")


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bench")
    rows = bench_book(folder=folder, loans=3_000, seed=5, as_of=AS_OF)
    return folder, rows


def test_every_loan_has_exactly_24_instalments_and_about_14_payments(book):
    folder, rows = book

    per_loan = read(folder, "instalments").group_by("contract_id").aggregate([("seq", "count")])

    assert rows["contracts"] == 3_000
    assert set(per_loan["seq_count"].to_pylist()) == {24}
    assert 12 < rows["payments"] / rows["contracts"] < 16


def test_principal_of_the_instalments_adds_up_to_the_contract(book):
    folder, _ = book
    contracts = read(folder, "contracts").select(["contract_id", "principal"])

    sums = read(folder, "instalments").group_by("contract_id").aggregate([("principal", "sum")])
    joined = contracts.join(sums, "contract_id")

    assert pc.all(pc.equal(joined["principal"], joined["principal_sum"])).as_py()


def test_rows_are_sorted_by_debtor_and_contract_and_ids_agree_in_byte_order(book):
    folder, _ = book
    contracts = read(folder, "contracts")
    ids = contracts["contract_id"].to_pylist()
    pairs = list(zip(contracts["debtor_id"].to_pylist(), ids, strict=True))

    assert pairs == sorted(pairs)
    assert ids == sorted(ids)
    for table in ("instalments", "payments"):
        in_file = read(folder, table)["contract_id"].to_pylist()
        assert in_file == sorted(in_file)


def test_a_reversal_names_an_earlier_payment_of_the_same_loan_and_amount(book):
    folder, _ = book
    payments = {row["payment_id"]: row for row in read(folder, "payments").to_pylist()}

    reversals = [row for row in payments.values() if row["reverses"]]

    assert reversals
    for row in reversals:
        taken_back = payments[row["reverses"]]
        assert taken_back["contract_id"] == row["contract_id"]
        assert taken_back["amount"] == row["amount"]
        assert taken_back["paid_on"] <= row["paid_on"]


def test_same_seed_gives_the_same_bytes_and_another_seed_does_not(book, tmp_path):
    folder, _ = book

    bench_book(folder=tmp_path / "again", loans=3_000, seed=5, as_of=AS_OF)
    bench_book(folder=tmp_path / "other", loans=3_000, seed=6, as_of=AS_OF)

    for file in folder.iterdir():
        assert (tmp_path / "again" / file.name).read_bytes() == file.read_bytes()
    payments = (folder / "payments.parquet").read_bytes()
    assert (tmp_path / "other" / "payments.parquet").read_bytes() != payments


def test_ids_stay_unique_across_blocks(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "BLOCK_LOANS", 400)

    rows = bench_book(folder=tmp_path, loans=1_000, seed=5, as_of=AS_OF)

    for table, key in (
        ("debtors", "debtor_id"),
        ("contracts", "contract_id"),
        ("payments", "payment_id"),
        ("contacts", "contact_id"),
        ("promises", "promise_id"),
    ):
        keys = read(tmp_path, table)[key].to_numpy(zero_copy_only=False)
        assert len(np.unique(keys)) == len(keys) == rows[table]
