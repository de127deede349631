"""Every row check, each with a real file that breaks it: what is said, and whom it harms."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from tests.book.books import Book, a_book, take, write_csv, write_parquet

from recoup.engine.book.sentences import BY_CODE, CATALOGUE

Change = Callable[[Book], None]


@dataclass(frozen=True)
class Fault:
    """A change to the clean book, and what must come of it.

    ``entries`` are (table, row, key, column, value) of the reject file; ``harmed`` are contracts
    that must become undecidable with the fault's code, unless ``as_code`` says another.
    """

    code: str
    change: Change
    entries: tuple[tuple[str, int, str | None, str, str | None], ...]
    severity: str = "error"
    harmed: tuple[str, ...] = ()
    as_code: str | None = None


def cell(table: str, row: int, column: str, value: str | None) -> Change:
    """Put a value into one cell (rows count from 1)."""

    def change(book: Book) -> None:
        for other in book[table]:
            other.setdefault(column, None)
        book[table][row - 1][column] = value

    return change


def more(table: str, *values: dict[str, str]) -> Change:
    """Append rows to a table."""

    def change(book: Book) -> None:
        for row in values:
            book[table].append({**dict.fromkeys(book[table][0]), **row})

    return change


def again(table: str, row: int, **different: str) -> Change:
    """Append a copy of a row, with some cells different."""

    def change(book: Book) -> None:
        book[table].append({**book[table][row - 1], **different})

    return change


def both(*changes: Change) -> Change:
    """One change after the other."""

    def change(book: Book) -> None:
        for one in changes:
            one(book)

    return change


LONG = "x" * 65_537
SHOWN = "x" * 200

FAULTS = {
    # --- cells
    "debtor without id": Fault(
        "missing_value",
        more("debtors", {"kind": "retail"}),
        (("debtors", 4, None, "debtor_id", None),),
    ),
    "debtor without kind": Fault(
        "missing_value",
        cell("debtors", 1, "kind", None),
        (("debtors", 1, "D1", "kind", None),),
        harmed=("C1", "C2"),
        as_code="debtor_rejected",
    ),
    "contract without principal": Fault(
        "missing_value",
        cell("contracts", 1, "principal", None),
        (("contracts", 1, "C1", "principal", None),),
        harmed=("C1",),
    ),
    "instalment without due date": Fault(
        "missing_value",
        cell("instalments", 2, "due_date", None),
        (("instalments", 2, "C1/2", "due_date", None),),
        harmed=("C1",),
    ),
    "payment without amount": Fault(
        "missing_value",
        cell("payments", 4, "amount", None),
        (("payments", 4, "P4", "amount", None),),
        harmed=("C3",),
    ),
    "name longer than a cell may be": Fault(
        "cell_too_long",
        cell("debtors", 1, "name", LONG),
        (("debtors", 1, "D1", "name", SHOWN),),
        severity="warning",
    ),
    "day that does not exist": Fault(
        "not_a_date",
        cell("instalments", 3, "due_date", "2026-02-30"),
        (("instalments", 3, "C1/3", "due_date", "2026-02-30"),),
        harmed=("C1",),
    ),
    "day in another form": Fault(
        "not_a_date",
        cell("payments", 4, "paid_on", "2026/04/10"),
        (("payments", 4, "P4", "paid_on", "2026/04/10"),),
        harmed=("C3",),
    ),
    "day of the year 1": Fault(
        "date_out_of_range",
        cell("instalments", 7, "due_date", "0001-01-01"),
        (("instalments", 7, "C4/1", "due_date", "0001-01-01"),),
        harmed=("C4",),
    ),
    "day of the year 9999": Fault(
        "date_out_of_range",
        cell("instalments", 7, "due_date", "9999-12-31"),
        (("instalments", 7, "C4/1", "due_date", "9999-12-31"),),
        harmed=("C4",),
    ),
    "maturity of the year 9999 in a column that decides nothing": Fault(
        "date_out_of_range",
        cell("contracts", 1, "maturity_date", "9999-12-31"),
        (("contracts", 1, "C1", "maturity_date", "9999-12-31"),),
        severity="warning",
    ),
    "instant without its offset": Fault(
        "not_an_instant",
        cell("contacts", 1, "at", "2026-11-01T21:00:00"),
        (("contacts", 1, "K1", "at", "2026-11-01T21:00:00"),),
    ),
    "amount with a thousands mark": Fault(
        "not_an_amount",
        cell("payments", 1, "amount", "1,035.00"),
        (("payments", 1, "P1", "amount", "1,035.00"),),
        harmed=("C1",),
    ),
    "amount as a power of ten": Fault(
        "not_an_amount",
        cell("payments", 4, "amount", "4e4"),
        (("payments", 4, "P4", "amount", "4e4"),),
        harmed=("C3",),
    ),
    "third digit of a yuan": Fault(
        "too_many_digits",
        cell("instalments", 1, "interest", "3.001"),
        (("instalments", 1, "C1/1", "interest", "3.001"),),
        harmed=("C1",),
    ),
    "first digit of a yen": Fault(
        "too_many_digits",
        cell("payments", 4, "amount", "45900.5"),
        (("payments", 4, "P4", "amount", "45900.5"),),
        harmed=("C3",),
    ),
    "more digits than any currency has": Fault(
        "too_many_digits",
        cell("contracts", 1, "principal", "300.0000001"),
        (("contracts", 1, "C1", "principal", "300.0000001"),),
        harmed=("C1",),
    ),
    "amount of 10^15": Fault(
        "amount_too_large",
        cell("payments", 1, "amount", "1000000000000000"),
        (("payments", 1, "P1", "amount", "1000000000000000"),),
        harmed=("C1",),
    ),
    "amount of 10^40": Fault(
        "amount_too_large",
        cell("payments", 1, "amount", "1" + 40 * "0"),
        (("payments", 1, "P1", "amount", "1" + 40 * "0"),),
        harmed=("C1",),
    ),
    "negative fee": Fault(
        "negative_amount",
        cell("instalments", 1, "fee", "-0.50"),
        (("instalments", 1, "C1/1", "fee", "-0.50"),),
        harmed=("C1",),
    ),
    "negative payment": Fault(
        "amount_not_positive",
        cell("payments", 1, "amount", "-103.50"),
        (("payments", 1, "P1", "amount", "-103.50"),),
        harmed=("C1",),
    ),
    "payment of nothing": Fault(
        "amount_not_positive",
        cell("payments", 1, "amount", "-0.00"),
        (("payments", 1, "P1", "amount", "-0.00"),),
        harmed=("C1",),
    ),
    "fee of negative zero": Fault(
        "negative_zero",
        cell("instalments", 2, "fee", "-0.00"),
        (("instalments", 2, "C1/2", "fee", "-0.00"),),
        severity="warning",
    ),
    "rate with a percent sign": Fault(
        "not_a_rate",
        cell("contracts", 1, "annual_rate", "4.35%"),
        (("contracts", 1, "C1", "annual_rate", "4.35%"),),
        severity="warning",
    ),
    "rate finer than a millionth": Fault(
        "rate_too_fine",
        cell("contracts", 1, "annual_rate", "4.35001"),
        (("contracts", 1, "C1", "annual_rate", "4.35001"),),
        severity="warning",
    ),
    "negative rate": Fault(
        "rate_out_of_range",
        cell("contracts", 1, "penalty_rate", "-1"),
        (("contracts", 1, "C1", "penalty_rate", "-1"),),
        severity="warning",
    ),
    "half an instalment number": Fault(
        "not_a_whole_number",
        cell("instalments", 4, "seq", "1.5"),
        (("instalments", 4, "C2/1.5", "seq", "1.5"),),
        harmed=("C2",),
    ),
    "instalment number zero": Fault(
        "number_out_of_range",
        cell("instalments", 4, "seq", "0"),
        (("instalments", 4, "C2/0", "seq", "0"),),
        harmed=("C2",),
    ),
    "flag that is neither yes nor no": Fault(
        "not_a_boolean",
        cell("contracts", 1, "use_changed", "maybe"),
        (("contracts", 1, "C1", "use_changed", "maybe"),),
        harmed=("C1",),
    ),
    "unknown status": Fault(
        "unknown_code",
        cell("contracts", 1, "status", "sleeping"),
        (("contracts", 1, "C1", "status", "sleeping"),),
        harmed=("C1",),
    ),
    "unknown security, which decides nothing": Fault(
        "unknown_code",
        cell("contracts", 1, "security", "word of honour"),
        (("contracts", 1, "C1", "security", "word of honour"),),
        severity="warning",
    ),
    "unknown kind of payment": Fault(
        "unknown_code",
        cell("payments", 1, "kind", "gift"),
        (("payments", 1, "P1", "kind", "gift"),),
        harmed=("C1",),
    ),
    "unknown currency": Fault(
        "unknown_currency",
        cell("contracts", 4, "currency", "RMB"),
        (("contracts", 4, "C4", "currency", "RMB"),),
        harmed=("C4",),
    ),
    "unknown time zone": Fault(
        "unknown_time_zone",
        cell("debtors", 2, "time_zone", "Mars/Olympus"),
        (("debtors", 2, "D2", "time_zone", "Mars/Olympus"),),
        harmed=("C3",),
        as_code="debtor_rejected",
    ),
    # --- keys
    "two different debtors of one id": Fault(
        "duplicate_key",
        again("debtors", 1, name="somebody else"),
        (("debtors", 1, "D1", "", "D1"), ("debtors", 4, "D1", "", "D1")),
        harmed=("C1", "C2"),
        as_code="debtor_rejected",
    ),
    "two different contracts of one id": Fault(
        "duplicate_key",
        again("contracts", 1, principal="301.00"),
        (("contracts", 1, "C1", "", "C1"), ("contracts", 5, "C1", "", "C1")),
        harmed=("C1",),
    ),
    "two different payments of one id in one contract": Fault(
        "duplicate_key",
        again("payments", 1, amount="1.00"),
        (("payments", 1, "P1", "payment_id", "P1"), ("payments", 7, "P1", "payment_id", "P1")),
        harmed=("C1",),
    ),
    "one payment id in two contracts": Fault(
        "duplicate_key",
        again("payments", 1, contract_id="C4"),
        (("payments", 1, "P1", "payment_id", "P1"), ("payments", 7, "P1", "payment_id", "P1")),
        harmed=("C1", "C4"),
    ),
    "two different contacts of one id": Fault(
        "duplicate_key",
        again("contacts", 1, channel="sms"),
        (("contacts", 1, "K1", "", "K1"), ("contacts", 3, "K1", "", "K1")),
    ),
    "two rates of one day": Fault(
        "duplicate_key",
        again("rates", 1, to_base="0.05"),
        (
            ("rates", 1, "JPY/2026-11-19", "", "JPY/2026-11-19"),
            ("rates", 2, "JPY/2026-11-19", "", "JPY/2026-11-19"),
        ),
    ),
    "debtor given twice": Fault(
        "duplicate_row", again("debtors", 1), (("debtors", 4, "D1", "", "D1"),)
    ),
    "contract given twice": Fault(
        "duplicate_row", again("contracts", 1), (("contracts", 5, "C1", "", "C1"),)
    ),
    "instalment given twice": Fault(
        "duplicate_row", again("instalments", 1), (("instalments", 8, "C1/1", "seq", "1"),)
    ),
    "payment given twice": Fault(
        "duplicate_row", again("payments", 1), (("payments", 7, "P1", "payment_id", "P1"),)
    ),
    # --- references
    "contract of nobody": Fault(
        "unknown_debtor",
        cell("contracts", 4, "debtor_id", "D9"),
        (("contracts", 4, "C4", "debtor_id", "D9"),),
    ),
    "payment of a contract that was rejected": Fault(
        "contract_rejected",
        both(
            cell("contracts", 3, "debtor_id", "D9"),
            lambda book: book.pop("guarantors"),
        ),
        (
            ("instalments", 5, "C3/1", "contract_id", "C3"),
            ("instalments", 6, "C3/2", "contract_id", "C3"),
            ("payments", 4, "P4", "contract_id", "C3"),
        ),
    ),
    "payment of a contract of unknown currency": Fault(
        "contract_rejected",
        cell("contracts", 3, "currency", "??"),
        (
            ("instalments", 5, "C3/1", "contract_id", "C3"),
            ("instalments", 6, "C3/2", "contract_id", "C3"),
            ("payments", 4, "P4", "contract_id", "C3"),
        ),
        harmed=("C3",),
        as_code="unknown_currency",
    ),
    "payment of an unknown contract": Fault(
        "unknown_contract",
        cell("payments", 4, "contract_id", "C9"),
        (("payments", 4, "P4", "contract_id", "C9"),),
    ),
    "instalment of an unknown contract": Fault(
        "unknown_contract",
        more(
            "instalments",
            {"contract_id": "C9", "seq": "1", "due_date": "2026-01-01", "principal": "1"},
        ),
        (("instalments", 8, "C9/1", "contract_id", "C9"),),
    ),
    "contact about somebody else's contract": Fault(
        "contract_of_another_debtor",
        cell("contacts", 1, "contract_id", "C3"),
        (("contacts", 1, "K1", "contract_id", "C3"),),
    ),
    # --- days
    "maturity before the first day": Fault(
        "end_before_start",
        cell("contracts", 1, "maturity_date", "2026-01-09"),
        (("contracts", 1, "C1", "maturity_date", "2026-01-09"),),
        harmed=("C1",),
    ),
    "hold that ends before it begins": Fault(
        "end_before_start",
        cell("holds", 2, "until", "2026-09-30"),
        (("holds", 2, "D3/do_not_contact//2026-10-01/call", "until", "2026-09-30"),),
    ),
    "promise due before it was made": Fault(
        "end_before_start",
        cell("promises", 1, "due_on", "2026-10-31"),
        (("promises", 1, "M1", "due_on", "2026-10-31"),),
    ),
    # --- schedules
    "two different instalments of one number": Fault(
        "duplicate_seq",
        again("instalments", 2, principal="90.00"),
        (("instalments", 2, "C1/2", "seq", "2"), ("instalments", 8, "C1/2", "seq", "2")),
        harmed=("C1",),
    ),
    "second instalment due before the first": Fault(
        "due_dates_out_of_order",
        cell("instalments", 2, "due_date", "2026-02-09"),
        (("instalments", 2, "C1/2", "due_date", "2026-02-09"),),
        harmed=("C1",),
    ),
    "contract without any instalment": Fault(
        "schedule_missing",
        lambda book: book["instalments"].pop(3) and None,
        (("contracts", 2, "C2", "contract_id", None),),
        harmed=("C2",),
    ),
    "instalments that do not add up to the principal": Fault(
        "principal_does_not_add_up",
        cell("instalments", 2, "principal", "99.99"),
        (("contracts", 1, "C1", "principal", "300.00"),),
        severity="warning",
    ),
    # --- reversals
    "reversal of a payment that never was": Fault(
        "reversal_of_unknown_payment",
        cell("payments", 3, "reverses", "P9"),
        (("payments", 3, "P3", "reverses", "P9"),),
        harmed=("C1",),
    ),
    "reversal of another contract's payment": Fault(
        "reversal_of_unknown_payment",
        cell("payments", 3, "reverses", "P4"),
        (("payments", 3, "P3", "reverses", "P4"),),
        harmed=("C1",),
    ),
    "reversal of a reversal": Fault(
        "reversal_of_reversal",
        again("payments", 3, payment_id="P7", paid_on="2026-03-11", reverses="P3"),
        (("payments", 7, "P7", "reverses", "P3"),),
        harmed=("C1",),
    ),
    "payment that reverses itself": Fault(
        "reversal_of_reversal",
        cell("payments", 3, "reverses", "P3"),
        (("payments", 3, "P3", "reverses", "P3"),),
        harmed=("C1",),
    ),
    "payment reversed twice": Fault(
        "already_reversed",
        again("payments", 3, payment_id="P0", paid_on="2026-03-11"),
        (("payments", 7, "P0", "reverses", "P2"),),
        harmed=("C1",),
    ),
    "reversal of another amount": Fault(
        "reversal_amount_differs",
        cell("payments", 3, "amount", "49.99"),
        (("payments", 3, "P3", "reverses", "P2"),),
        harmed=("C1",),
    ),
    "payment after the business date": Fault(
        "payment_after_as_of",
        cell("payments", 4, "paid_on", "2026-11-21"),
        (("payments", 4, "P4", "paid_on", "2026-11-21"),),
        severity="note",
    ),
}

FORMATS = {
    "csv": write_csv,
    "parquet": lambda book, folder: write_parquet(book, folder, as_text=True),
}


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named_with_its_place_and_harms_no_one_else(tmp_path, name, file_format):
    fault = FAULTS[name]
    book = a_book()
    fault.change(book)
    folder = FORMATS[file_format](book, tmp_path / "in")

    taken = take(folder, tmp_path / "out")

    found = taken.found(fault.code)
    assert (
        tuple((e["table"], e["row"], e["key"], e["column"], e["value"]) for e in found)
        == fault.entries
    )
    assert {e["severity"] for e in found} == {fault.severity}
    harmed = {contract for contract, code in taken.bad_codes().items() if code is not None}
    assert harmed == set(fault.harmed)
    expected = fault.as_code or fault.code
    assert {taken.bad_codes()[contract] for contract in fault.harmed} <= {expected}


@pytest.mark.parametrize("name", FAULTS)
def test_no_row_disappears(tmp_path, name):
    book = a_book()
    FAULTS[name].change(book)

    taken = take(write_csv(book, tmp_path / "in"), tmp_path / "out")

    for table in taken.intake.tables.values():
        assert table.rows_read == len(book[table.name])
        assert table.rows_read == table.rows_accepted + table.rows_rejected
        rejected = {
            entry["row"]
            for entry in taken.rejects
            if entry["table"] == table.name and entry["severity"] == "error"
        }
        assert len(rejected) == table.rows_rejected


#: Findings of lines rather than cells are shown in test_csv_lines.py.
OF_LINES = {
    "bad_bytes",
    "line_too_long",
    "stray_line_break",
    "stray_quote",
    "wrong_column_count",
}
#: Stands in the contracts of a rejected debtor, and has no row of its own.
OF_NOBODY = {"debtor_rejected"}
#: Shown by test_a_contract_may_not_add_up_to_more_than_can_be_counted.
OF_MANY_ROWS = {"schedule_too_large"}


def test_every_finding_of_the_catalogue_is_shown_by_a_book():
    shown = {fault.code for fault in FAULTS.values()}

    assert shown | OF_LINES | OF_NOBODY | OF_MANY_ROWS == set(BY_CODE)


@pytest.mark.parametrize("finding", CATALOGUE, ids=lambda finding: finding.code)
def test_sentences_exist_in_both_languages_and_end(finding):
    assert finding.zh.endswith("。")
    assert finding.en.endswith(".")
    assert finding.zh != finding.en


def test_a_contract_may_not_add_up_to_more_than_can_be_counted(tmp_path):
    book = a_book()
    row = {"contract_id": "C4", "due_date": "2026-05-10", "principal": "99999999999999.99"}
    book["instalments"] += [
        {**dict.fromkeys(book["instalments"][0]), **row, "seq": str(seq)} for seq in range(2, 302)
    ]

    taken = take(write_csv(book, tmp_path / "in"), tmp_path / "out")

    assert len(taken.found("schedule_too_large")) == 301
    assert taken.bad_codes() == {"C1": None, "C2": None, "C3": None, "C4": "schedule_too_large"}


def test_the_first_finding_of_the_catalogue_names_a_contract_with_several(tmp_path):
    book = a_book()
    cell("contracts", 1, "status", "sleeping")(book)
    cell("instalments", 1, "due_date", "soon")(book)
    cell("payments", 1, "amount", None)(book)

    taken = take(write_csv(book, tmp_path / "in"), tmp_path / "out")

    assert taken.bad_codes()["C1"] == "missing_value"


def test_a_row_with_several_faults_lists_them_all_and_counts_once(tmp_path):
    book = a_book()
    cell("payments", 4, "amount", "x")(book)
    cell("payments", 4, "paid_on", "y")(book)

    taken = take(write_csv(book, tmp_path / "in"), tmp_path / "out")

    assert [(e["column"], e["code"]) for e in taken.rejects] == [
        ("paid_on", "not_a_date"),
        ("amount", "not_an_amount"),
    ]
    assert taken.intake.tables["payments"].rows_rejected == 1


def test_rejected_amounts_are_added_up_apart(tmp_path):
    book = a_book()
    cell("payments", 1, "kind", "gift")(book)
    cell("contracts", 1, "status", "sleeping")(book)

    tables = take(write_csv(book, tmp_path / "in"), tmp_path / "out").intake.tables

    receipts = {s.column: s for s in tables["payments"].control_sums if s.currency == "CNY"}
    assert receipts["receipts"].rejected_minor == 10350
    assert receipts["receipts"].accepted_minor == 5000 + 4000
    (principal, _) = tables["contracts"].control_sums
    assert (principal.accepted_minor, principal.rejected_minor) == (10050 + 20000, 30000)


def test_rejected_contacts_promises_and_holds_are_counted_with_the_person(tmp_path):
    book = a_book()
    cell("holds", 2, "kind", "please")(book)
    cell("contacts", 1, "at", "yesterday")(book)
    again("promises", 1, amount="5")(book)

    taken = take(write_csv(book, tmp_path / "in"), tmp_path / "out")

    counts = [
        (row["unread_holds"], row["unread_contacts"], row["unread_promises"])
        for row in taken.normal("debtors")
    ]
    assert counts == [(0, 1, 2), (0, 0, 0), (1, 0, 0)]


def test_conflicting_rows_that_disagree_on_the_debtor_leave_no_contract(tmp_path):
    book = a_book()
    again("contracts", 1, debtor_id="D2")(book)

    taken = take(write_csv(book, tmp_path / "in"), tmp_path / "out")

    assert "C1" not in taken.bad_codes()
    assert len(taken.found("contract_rejected")) == 3 + 3 + 1 + 1 + 1


def test_a_faulty_value_is_never_used(tmp_path):
    book = a_book()
    cell("contracts", 1, "status", "sleeping")(book)
    cell("contracts", 1, "annual_rate", "4.35%")(book)

    first = take(write_csv(book, tmp_path / "in"), tmp_path / "out").normal("contracts")[0]

    assert first["status"] is None
    assert first["annual_rate_ppm"] is None
    assert first["principal_minor"] == 30000


@pytest.mark.parametrize("write", [write_csv, write_parquet])
def test_a_book_of_which_nothing_can_be_used_is_taken_in_all_the_same(tmp_path, write):
    book = a_book()
    for row in book["debtors"]:
        row["debtor_id"] = None

    taken = take(write(book, tmp_path / "in"), tmp_path / "out")

    assert (taken.intake.persons, taken.intake.loans) == (0, 0)
    assert len(taken.found("unknown_debtor")) == 4 + 2 + 2 + 2 + 1
    assert len(taken.found("contract_rejected")) == 7 + 6 + 1 + 1 + 1 + 1 + 1
    assert all(taken.normal(table) == [] for table in ("debtors", "contracts", "payments"))


def test_a_table_given_twice_over_is_found_whole(tmp_path):
    book = a_book()
    for name in ("payments", "instalments", "contracts", "debtors", "holds"):
        book[name] = book[name] + book[name]

    taken = take(write_csv(book, tmp_path / "in"), tmp_path / "out")

    assert {entry["code"] for entry in taken.rejects} == {"duplicate_row"}
    assert len(taken.rejects) == 6 + 7 + 4 + 3 + 2
    assert set(taken.bad_codes().values()) == {None}
    assert len(taken.normal("holds")) == 2


def test_rows_of_a_lost_contract_and_of_one_without_currency_are_both_refused(tmp_path):
    book = a_book()
    again("contracts", 1, debtor_id="D2")(book)
    cell("contracts", 3, "currency", "XXY")(book)

    taken = take(write_csv(book, tmp_path / "in"), tmp_path / "out")

    found = taken.found("contract_rejected")
    refused = [one["row"] for one in found if one["table"] == "instalments"]
    assert refused == [1, 2, 3, 5, 6]


def test_a_promise_on_a_contract_without_currency_is_refused_and_counted(tmp_path):
    book = a_book()
    cell("contracts", 1, "currency", "XXY")(book)

    taken = take(write_csv(book, tmp_path / "in"), tmp_path / "out")

    keys = [one["key"] for one in taken.found("contract_rejected") if one["table"] == "promises"]
    assert keys == ["M1"]
    assert [row["promise_id"] for row in taken.normal("promises")] == ["M2"]
    assert [row["unread_promises"] for row in taken.normal("debtors")] == [1, 0, 0]
