"""However a file is cut into pieces while it is read, the result is the same."""

import gzip

import pyarrow as pa
import pytest
from tests.book.books import a_book, take, write_csv, write_parquet

from recoup.engine.book import csv_source, parquet_source, rejects
from recoup.engine.book import take_in as taking
from recoup.engine.book.contract import TABLES


def a_dirty_book():
    """The clean book, with dirt of several kinds."""
    book = a_book()
    book["payments"].append({**book["payments"][0]})
    book["payments"].append({**book["payments"][1], "payment_id": "P8", "amount": "soon"})
    book["payments"].append({**book["payments"][2], "payment_id": "P9", "contract_id": "C9"})
    book["instalments"].append({**book["instalments"][3], "principal": "1.00"})
    book["contracts"][3]["branch"] = "B9"
    book["debtors"][2]["time_zone"] = "Mars/Olympus"
    book["contacts"][1]["outcome"] = "vanished"
    return book


def same(one, other):
    """Whether two intakes left the same behind."""
    assert one.rejects == other.rejects
    assert one.intake.tables == other.intake.tables
    for spec in TABLES:
        files = [run.intake.book / f"{spec.name}.parquet" for run in (one, other)]
        assert files[0].read_bytes() == files[1].read_bytes(), spec.name


@pytest.mark.parametrize("size", [1, 7, 64, 200])
def test_csv_may_arrive_in_blocks_of_any_size(tmp_path, monkeypatch, size):
    folder = write_csv(a_dirty_book(), tmp_path / "in")
    whole = take(folder, tmp_path / "out1")

    monkeypatch.setattr(csv_source, "READ_BYTES", size)
    cut = take(folder, tmp_path / "out2")

    assert whole.rejects
    same(whole, cut)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_parquet_may_arrive_in_batches_of_any_size(tmp_path, monkeypatch, size):
    folder = write_parquet(a_dirty_book(), tmp_path / "in", as_text=True)
    whole = take(folder, tmp_path / "out1")

    monkeypatch.setattr(parquet_source, "BATCH_ROWS", size)
    cut = take(folder, tmp_path / "out2")

    assert whole.rejects
    same(whole, cut)


@pytest.mark.parametrize("size", [1, 2])
def test_blocks_may_be_of_any_size(tmp_path, monkeypatch, size):
    folder = write_csv(a_dirty_book(), tmp_path / "in")
    whole = take(folder, tmp_path / "out1")

    monkeypatch.setattr(taking, "BLOCK_LOANS", size)
    cut = take(folder, tmp_path / "out2")

    assert whole.rejects == cut.rejects
    for spec in TABLES:
        assert whole.normal(spec.name) == cut.normal(spec.name)


def test_packed_files_may_be_joined_from_several(tmp_path):
    folder = write_csv(a_dirty_book(), tmp_path / "in")
    plain = take(folder, tmp_path / "out1")
    packed = tmp_path / "packed"
    packed.mkdir()
    for file in folder.iterdir():
        raw = file.read_bytes()
        half = len(raw) // 2
        joined = gzip.compress(raw[:half]) + gzip.compress(raw[half:])
        (packed / f"{file.name}.gz").write_bytes(joined)

    other = take(packed, tmp_path / "out2")

    assert [entry["code"] for entry in plain.rejects] == [entry["code"] for entry in other.rejects]
    for spec in TABLES:
        assert plain.normal(spec.name) == other.normal(spec.name)


def test_rejects_put_aside_on_disk_are_all_written(tmp_path, monkeypatch):
    folder = write_csv(a_dirty_book(), tmp_path / "in")
    whole = take(folder, tmp_path / "out1")

    monkeypatch.setattr(rejects, "HELD_ENTRIES", 1)
    aside = take(folder, tmp_path / "out2")

    def ordered(entries):
        return sorted(entries, key=lambda entry: (entry["table"], entry["row"], entry["code"]))

    assert len(whole.rejects) > 5
    assert ordered(whole.rejects) == ordered(aside.rejects)
    assert not (tmp_path / "out2" / ".intake").exists()


def test_notes_are_all_counted_and_the_first_listed(tmp_path, monkeypatch):
    monkeypatch.setattr(rejects, "LISTED_NOTES", 3)
    book = a_book()
    for row in book["payments"]:
        row["paid_on"] = "2026-11-21"

    taken = take(write_csv(book, tmp_path / "in"), tmp_path / "out")

    assert [entry["row"] for entry in taken.found("payment_after_as_of")] == [1, 2, 3]
    assert taken.intake.tables["payments"].findings["payment_after_as_of"] == 6
    assert taken.intake.tables["payments"].notes == 6


def test_text_may_be_of_any_arrow_type(tmp_path):
    plain = take(write_parquet(a_book(), tmp_path / "plain"), tmp_path / "out1")
    folder = write_parquet(a_book(), tmp_path / "other")
    for file in folder.iterdir():
        table = pa.parquet.read_table(file)
        for number, kind in enumerate(table.schema.types):
            if pa.types.is_string(kind):
                wanted = (pa.large_string(), pa.dictionary(pa.int8(), pa.string()), pa.binary())
                changed = table.column(number).cast(wanted[number % 3])
                table = table.set_column(number, table.schema.names[number], changed)
        pa.parquet.write_table(table, file)

    other = take(folder, tmp_path / "out2")

    assert other.rejects == []
    for spec in TABLES:
        assert plain.normal(spec.name) == other.normal(spec.name)


@pytest.mark.parametrize("kind", [pa.string(), pa.binary()])
def test_two_ids_of_the_same_broken_bytes_are_two_broken_ids(tmp_path, kind):
    folder = write_parquet(a_book(), tmp_path / "in", as_text=True)
    file = folder / "payments.parquet"
    table = pa.parquet.read_table(file)
    ids = pa.array([b"\xff", b"\xff", b"P3", b"P4", b"P5", b"\xfe"], pa.binary())
    pa.parquet.write_table(table.set_column(0, "payment_id", ids.view(kind)), file)

    taken = take(folder, tmp_path / "out")

    assert [entry["row"] for entry in taken.found("bad_bytes")] == [1, 2, 6]
    assert taken.found("duplicate_key") == []


@pytest.mark.parametrize("column", ["payment_id", "contract_id", "kind", "amount", "paid_on"])
@pytest.mark.parametrize("dictionary", [True, False])
def test_bytes_that_are_no_text_are_named_cell_by_cell(tmp_path, column, dictionary):
    folder = write_parquet(a_book(), tmp_path / "in", as_text=True)
    file = folder / "payments.parquet"
    table = pa.parquet.read_table(file)
    raw = table.column(column).cast(pa.binary()).to_pylist()
    raw[3] = b"\xff\xfe"
    broken = pa.array(raw, pa.binary()).view(pa.string())
    place = table.schema.names.index(column)
    pa.parquet.write_table(table.set_column(place, column, broken), file, use_dictionary=dictionary)

    taken = take(folder, tmp_path / "out")

    (entry,) = taken.rejects
    assert (entry["row"], entry["column"], entry["code"]) == (4, column, "bad_bytes")
    harmed = {contract for contract, code in taken.bad_codes().items() if code}
    assert harmed == (set() if column == "contract_id" else {"C3"})
