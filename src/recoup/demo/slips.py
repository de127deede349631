"""The slips found in the demo bank's files: each a way in which an export goes wrong.

Every slip says which finding of the book's own row checks it must lead to, so that a test can
compare the rejects with what was spoilt, row by row.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum

Row = Mapping[str, object]
Change = Callable[[Row], Row]


class Where(Enum):
    """Which rows a slip can befall."""

    ANY = "any"
    LATER_INSTALMENT = "an instalment after the first"
    PLAIN_PAYMENT = "a receipt that nobody took back"
    REVERSAL = "a reversal"
    OWNED = "a row that names a contract"


class Mode(Enum):
    """What happens to the file: a row is changed, or one more row follows it.

    ``TWICE`` adds a row that makes its original worthless too; ``CLASH`` changes a row so that it
    clashes with the one before it.
    """

    CHANGE = "change"
    ADD = "add"
    TWICE = "twice"
    CLASH = "clash"


@dataclass(frozen=True)
class Slip:
    """One kind of slip, on ``share_ppm`` of the table's rows; ``column`` empty: the whole row."""

    table: str
    code: str
    column: str
    mode: Mode
    share_ppm: int
    change: Change
    where: Where = Where.ANY
    severity: str = "error"
    text_only: bool = False


def _set(**values: object) -> Change:
    def change(row: Row) -> Row:
        return values

    return change


def _same(row: Row) -> Row:
    return {}


def _suffixed(column: str, **values: object) -> Change:
    """Yield a change that gives the row a new key and sets the values."""

    def change(row: Row) -> Row:
        return {column: f"{row[column]}X", **values}

    return change


def _day(row: Row, column: str) -> date:
    value = row[column]
    if not isinstance(value, date):
        raise TypeError(f"{column} holds no day")
    return value


def _amount(row: Row, column: str) -> Decimal:
    value = row[column]
    if not isinstance(value, Decimal):
        raise TypeError(f"{column} holds no amount")
    return value


def _ends_early(start: str, end: str) -> Change:
    def change(row: Row) -> Row:
        return {end: _day(row, start) - timedelta(days=30)}

    return change


def _more(column: str) -> Change:
    def change(row: Row) -> Row:
        return {column: _amount(row, column) + 1_000}

    return change


def _clashing_number(row: Row) -> Row:
    number = row["seq"]
    if not isinstance(number, int):
        raise TypeError("seq holds no number")
    return {"seq": number - 1}


def _due_earlier(row: Row) -> Row:
    return {"due_date": _day(row, "due_date") - timedelta(days=130)}


def _takes_back_unknown(row: Row) -> Row:
    return {"payment_id": f"{row['payment_id']}X", "reverses": "P9999999999"}


def _takes_back_reversal(row: Row) -> Row:
    return {"payment_id": f"{row['payment_id']}X", "reverses": row["payment_id"]}


def _takes_back_other_amount(row: Row) -> Row:
    amount = _amount(row, "amount") + 1
    return {**_takes_back_reversal(row), "amount": amount}


_CHANGES: tuple[Slip, ...] = (
    Slip("debtors", "unknown_code", "kind", Mode.CHANGE, 150, _set(kind="company")),
    Slip("debtors", "duplicate_row", "", Mode.ADD, 150, _same),
    Slip(
        "debtors",
        "unknown_time_zone",
        "time_zone",
        Mode.CHANGE,
        100,
        _set(time_zone="Asia/Beijing"),
    ),
    Slip("contracts", "duplicate_row", "", Mode.ADD, 100, _same),
    Slip("contracts", "unknown_code", "status", Mode.CHANGE, 100, _set(status="closed")),
    Slip(
        "contracts",
        "unknown_code",
        "security",
        Mode.CHANGE,
        150,
        _set(security="house"),
        severity="warning",
    ),
    Slip(
        "contracts",
        "end_before_start",
        "maturity_date",
        Mode.CHANGE,
        100,
        _ends_early("start_date", "maturity_date"),
    ),
    Slip(
        "contracts",
        "unknown_debtor",
        "debtor_id",
        Mode.ADD,
        100,
        _suffixed("contract_id", debtor_id="D000000000"),
    ),
    Slip(
        "contracts",
        "principal_does_not_add_up",
        "principal",
        Mode.CHANGE,
        200,
        _more("principal"),
        severity="warning",
    ),
    Slip("contracts", "missing_value", "product", Mode.CHANGE, 50, _set(product=None)),
)

_SCHEDULES: tuple[Slip, ...] = (
    Slip(
        "instalments",
        "duplicate_seq",
        "seq",
        Mode.CLASH,
        8,
        _clashing_number,
        where=Where.LATER_INSTALMENT,
    ),
    Slip("instalments", "duplicate_row", "seq", Mode.ADD, 20, _same),
    Slip(
        "instalments",
        "unknown_contract",
        "contract_id",
        Mode.ADD,
        20,
        _set(contract_id="C000000000"),
    ),
    Slip(
        "instalments",
        "negative_amount",
        "interest",
        Mode.CHANGE,
        8,
        _set(interest=Decimal("-8.80")),
    ),
    Slip(
        "instalments",
        "due_dates_out_of_order",
        "due_date",
        Mode.CHANGE,
        8,
        _due_earlier,
        where=Where.LATER_INSTALMENT,
    ),
    Slip("instalments", "number_out_of_range", "seq", Mode.CHANGE, 4, _set(seq=0)),
)

_PAYMENTS: tuple[Slip, ...] = (
    Slip(
        "payments",
        "duplicate_key",
        "payment_id",
        Mode.TWICE,
        40,
        _more("amount"),
        where=Where.PLAIN_PAYMENT,
    ),
    Slip(
        "payments", "duplicate_row", "payment_id", Mode.ADD, 180, _same, where=Where.PLAIN_PAYMENT
    ),
    Slip(
        "payments",
        "unknown_contract",
        "contract_id",
        Mode.ADD,
        280,
        _suffixed("payment_id", contract_id="C000000000"),
        where=Where.PLAIN_PAYMENT,
    ),
    Slip(
        "payments",
        "amount_not_positive",
        "amount",
        Mode.ADD,
        40,
        _suffixed("payment_id", amount=Decimal("0.00")),
        where=Where.PLAIN_PAYMENT,
    ),
    Slip(
        "payments",
        "unknown_code",
        "kind",
        Mode.ADD,
        40,
        _suffixed("payment_id", kind="gift"),
        where=Where.PLAIN_PAYMENT,
    ),
    Slip(
        "payments",
        "reversal_of_unknown_payment",
        "reverses",
        Mode.ADD,
        40,
        _takes_back_unknown,
        where=Where.PLAIN_PAYMENT,
    ),
    Slip(
        "payments",
        "already_reversed",
        "reverses",
        Mode.ADD,
        25,
        _suffixed("payment_id"),
        where=Where.REVERSAL,
    ),
    Slip(
        "payments",
        "reversal_of_reversal",
        "reverses",
        Mode.ADD,
        25,
        _takes_back_reversal,
        where=Where.REVERSAL,
    ),
    Slip(
        "payments",
        "reversal_amount_differs",
        "reverses",
        Mode.ADD,
        25,
        _takes_back_other_amount,
        where=Where.PLAIN_PAYMENT,
    ),
)

_AROUND: tuple[Slip, ...] = (
    Slip("contacts", "unknown_code", "channel", Mode.CHANGE, 300, _set(channel="fax")),
    Slip("contacts", "duplicate_row", "", Mode.ADD, 300, _same),
    Slip(
        "contacts",
        "unknown_code",
        "outcome",
        Mode.CHANGE,
        200,
        _set(outcome="maybe"),
        severity="warning",
    ),
    Slip(
        "contacts",
        "unknown_debtor",
        "debtor_id",
        Mode.ADD,
        200,
        _suffixed("contact_id", debtor_id="D000000000", contract_id=None),
    ),
    Slip(
        "promises",
        "end_before_start",
        "due_on",
        Mode.CHANGE,
        800,
        _ends_early("made_on", "due_on"),
    ),
    Slip(
        "promises",
        "contract_of_another_debtor",
        "contract_id",
        Mode.ADD,
        800,
        _suffixed("promise_id", contract_id="C000000001"),
    ),
    Slip("holds", "unknown_code", "kind", Mode.CHANGE, 1_500, _set(kind="holiday")),
    Slip("holds", "end_before_start", "until", Mode.CHANGE, 1_500, _ends_early("from", "until")),
    Slip(
        "collateral",
        "unknown_contract",
        "contract_id",
        Mode.ADD,
        400,
        _suffixed("collateral_id", contract_id="C000000000"),
    ),
    Slip(
        "collateral",
        "negative_amount",
        "value",
        Mode.CHANGE,
        400,
        _set(value=Decimal("-1000000.00")),
        severity="warning",
    ),
    Slip(
        "guarantors",
        "unknown_code",
        "guarantee_kind",
        Mode.CHANGE,
        500,
        _set(guarantee_kind="moral"),
        severity="warning",
    ),
    Slip("outside", "unknown_debtor", "debtor_id", Mode.ADD, 1_500, _set(debtor_id="D000000000")),
)

_IN_TEXT: tuple[Slip, ...] = (
    Slip(
        "debtors",
        "not_a_date",
        "deceased_on",
        Mode.CHANGE,
        100,
        _set(deceased_on="unknown"),
        text_only=True,
    ),
    Slip(
        "contracts",
        "not_a_date",
        "start_date",
        Mode.CHANGE,
        100,
        _set(start_date="2026-02-30"),
        text_only=True,
    ),
    Slip(
        "contracts",
        "not_a_boolean",
        "use_changed",
        Mode.CHANGE,
        100,
        _set(use_changed="perhaps"),
        text_only=True,
    ),
    Slip(
        "contracts",
        "not_a_rate",
        "annual_rate",
        Mode.CHANGE,
        150,
        _set(annual_rate="LPR+30bp"),
        severity="warning",
        text_only=True,
    ),
    Slip(
        "instalments",
        "not_an_amount",
        "principal",
        Mode.CHANGE,
        8,
        _set(principal="一百元"),
        text_only=True,
    ),
    Slip(
        "instalments",
        "not_a_date",
        "due_date",
        Mode.CHANGE,
        8,
        _set(due_date="20261131"),
        text_only=True,
    ),
    Slip(
        "payments",
        "too_many_digits",
        "amount",
        Mode.ADD,
        40,
        _suffixed("payment_id", amount="100.005"),
        where=Where.PLAIN_PAYMENT,
        text_only=True,
    ),
    Slip(
        "payments",
        "date_out_of_range",
        "paid_on",
        Mode.ADD,
        40,
        _suffixed("payment_id", paid_on="0206-11-02"),
        where=Where.PLAIN_PAYMENT,
        text_only=True,
    ),
    Slip(
        "contacts",
        "not_an_instant",
        "at",
        Mode.CHANGE,
        200,
        _set(at="2026-11-03 10:15"),
        text_only=True,
    ),
)

#: Every slip, by table.
SLIPS = _CHANGES + _SCHEDULES + _PAYMENTS + _AROUND + _IN_TEXT
