"""What may happen to one person between two nights, and what of it is refused."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

from recoup.engine.book.contract import (
    AMOUNT_LIMIT_MAJOR,
    CHANNELS,
    DIRECTIONS,
    HOLDS,
    MOST_AMOUNT_DIGITS,
    OUTCOMES,
    PARTIES,
    PURPOSES,
)
from recoup.engine.refusal import DayRefused

#: No amount in minor units may reach this, whatever the currency.
AMOUNT_LIMIT_MINOR = AMOUNT_LIMIT_MAJOR * 10**MOST_AMOUNT_DIGITS


@dataclass(frozen=True, kw_only=True)
class DayReceipt:
    """Money received on a contract, or waived. Units: minor units of the contract's currency."""

    payment_id: str
    contract_id: str
    paid_on: date
    amount_minor: int
    is_waiver: bool = False


@dataclass(frozen=True, kw_only=True)
class DayPromise:
    """A promise to pay; ``contract_id`` None promises money on any contract of the person."""

    promise_id: str
    contract_id: str | None
    made_on: date
    due_on: date
    amount_minor: int


@dataclass(frozen=True, kw_only=True)
class DayContact:
    """A contact that took place, in the codes of the book contract; ``at`` knows its offset."""

    contact_id: str
    contract_id: str | None
    at: datetime
    channel: str
    direction: str
    party: str | None
    number: str | None
    purpose: str | None
    outcome: str | None


@dataclass(frozen=True, kw_only=True)
class DayHold:
    """A hold on a contract, or on the person: in force from ``from_on``, no longer on
    ``until_on``."""

    kind: str
    contract_id: str | None
    from_on: date
    until_on: date | None
    channel: str | None


@dataclass(frozen=True, kw_only=True)
class DayChanges:
    """Everything recorded about one person since the night; the order of rows says nothing.

    ``reversed_payment_ids`` name payments of the book or receipts of the day: they count for
    nothing from the beginning. ``withdrawn_promise_ids`` name promises of the book or of the day
    that count for nothing either; unknown ones are passed over. ``lifted_holds`` are holds that end
    with the business date: they are found by kind, contract, first day and channel; their
    ``until_on`` is not looked at. A row that the book has already, word for word, counts once.
    """

    receipts: tuple[DayReceipt, ...] = ()
    reversed_payment_ids: frozenset[str] = frozenset()
    promises: tuple[DayPromise, ...] = ()
    withdrawn_promise_ids: frozenset[str] = frozenset()
    contacts: tuple[DayContact, ...] = ()
    holds: tuple[DayHold, ...] = ()
    lifted_holds: tuple[DayHold, ...] = ()


NO_CHANGES = DayChanges()


class DayBeforeNight(DayRefused):
    """The day asked for lies before the night's business date."""

    def __init__(self, *, as_of: date, night: date) -> None:
        super().__init__(
            zh=f"要求的日期 {as_of} 早于日终的营业日期 {night}；之前的日子请用当晚的结果。",
            en=f"The day asked for, {as_of}, lies before the night's business date {night}; ask "
            "the result of that night.",
        )


class NoSuchDebtor(DayRefused, LookupError):
    """The result holds no debtor with that id."""

    def __init__(self, *, debtor_id: str) -> None:
        super().__init__(
            zh=f"结果中没有债务人“{debtor_id}”；"
            "可能不在账册中，或其行已被拒收（见 rejects.parquet）。",
            en=f"The result has no debtor '{debtor_id}'; the debtor may not be in the book, or the "
            "row was refused (see rejects.parquet).",
        )


class ContractOfAnother(DayRefused, LookupError):
    """A change names a contract that the person does not have."""

    def __init__(self, *, contract_id: str, debtor_id: str) -> None:
        super().__init__(
            zh=f"债务人“{debtor_id}”没有合同“{contract_id}”：它属于他人、不在账册中，"
            "或其合同行已被拒收；请核对后重新登记。",
            en=f"The debtor '{debtor_id}' has no contract '{contract_id}': it is another's, is not "
            "in the book, or its own row was refused. Check it and record the change again.",
        )


class NoSuchPayment(DayRefused, LookupError):
    """A reversal names a payment that neither the person's book nor the day has."""

    def __init__(self, *, payment_id: str, debtor_id: str) -> None:
        super().__init__(
            zh=f"要冲正的流水“{payment_id}”既不在债务人“{debtor_id}”的账册中，也不是当日的还款。",
            en=f"The payment '{payment_id}' that is to be reversed is neither in the book of the "
            f"debtor '{debtor_id}' nor a receipt of the day.",
        )


class NoSuchHold(DayRefused, LookupError):
    """A hold that is to be lifted is not there."""

    def __init__(self, *, hold: DayHold, debtor_id: str) -> None:
        on = hold.contract_id or ""
        super().__init__(
            zh=f"债务人“{debtor_id}”没有自 {hold.from_on} 起的“{hold.kind}”暂停{on}，无从解除。",
            en=f"The debtor '{debtor_id}' has no hold '{hold.kind}' from {hold.from_on} "
            f"{f'on {on} ' if on else ''}that could be lifted.",
        )


class RowsRefused(DayRefused, ValueError):
    """Rows of the contract itself were refused: what its receipts paid cannot be said."""

    def __init__(self, *, contract_id: str, code: str) -> None:
        super().__init__(
            zh=f"合同“{contract_id}”自身的行被拒收（{code}，见 rejects.parquet），"
            "还款去向无法确定；请更正账册后重跑日终。",
            en=f"Rows of the contract '{contract_id}' itself were refused ({code}, see "
            "rejects.parquet): where its receipts went cannot be said. Correct the book and run "
            "the night again.",
        )


class BadChange(DayRefused, ValueError):
    """A change holds a value that the book contract does not allow."""

    def __init__(self, *, table: str, key: str, column: str, value: object, why: "_Why") -> None:
        super().__init__(
            zh=f"{table} “{key}”的 {column} 为“{value}”：{why.zh}。",
            en=f"{table} '{key}', {column} is '{value}': {why.en}.",
        )

    @classmethod
    def too_large(cls, receipt: DayReceipt) -> Self:
        """Yield the refusal of a receipt with which its contract could no longer be counted."""
        return cls(
            table="payments",
            key=receipt.payment_id,
            column="amount_minor",
            value=receipt.amount_minor,
            why=_TOO_LARGE,
        )


class ChangeContradicts(DayRefused, ValueError):
    """A change has the id of a row of the book or of another change, but says something else."""

    def __init__(self, *, table: str, key: str) -> None:
        super().__init__(
            zh=f"{table} “{key}”已有一行，内容与此不同；同一编号不能有两种内容，请更正后重新登记。",
            en=f"{table} '{key}' is there already and says something else; one id cannot mean two "
            "things. Correct it and record it again.",
        )


@dataclass(frozen=True)
class _Why:
    zh: str
    en: str


_NO_ID = _Why("编号为空", "the id is empty")
_NOT_POSITIVE = _Why("金额必须大于零", "an amount must be greater than zero")
_TOO_LARGE = _Why("金额过大", "the amount is too large")
_EARLY = _Why("早于开始日期", "it lies before the first day")
_NO_OFFSET = _Why("时刻没有时区", "the instant has no offset")


@dataclass(frozen=True)
class _Cell:
    table: str
    key: str
    column: str
    value: object

    def refuse(self, why: _Why) -> BadChange:
        return BadChange(
            table=self.table, key=self.key, column=self.column, value=self.value, why=why
        )


def check_changes(changes: DayChanges) -> None:
    """Refuse values that the intake would refuse in a book. Errors: BadChange."""
    for receipt in changes.receipts:
        _check_id("payments", receipt.payment_id)
        _check_amount("payments", receipt.payment_id, receipt.amount_minor)
    for promise in changes.promises:
        _check_id("promises", promise.promise_id)
        _check_amount("promises", promise.promise_id, promise.amount_minor)
        _check_order("promises", promise.promise_id, "due_on", promise.made_on, promise.due_on)
    for contact in changes.contacts:
        _check_contact(contact)
    for hold in (*changes.holds, *changes.lifted_holds):
        _check_code(_Cell("holds", hold.kind, "kind", hold.kind), HOLDS)
        if hold.channel is not None:
            _check_code(_Cell("holds", hold.kind, "channel", hold.channel), CHANNELS)
        _check_order("holds", hold.kind, "until_on", hold.from_on, hold.until_on)


def _check_contact(contact: DayContact) -> None:
    key = contact.contact_id
    _check_id("contacts", key)
    if contact.at.utcoffset() is None:
        raise _Cell("contacts", key, "at", contact.at).refuse(_NO_OFFSET)
    for column, codes in _contact_codes():
        value = getattr(contact, column)
        if value is not None or column in ("channel", "direction"):
            _check_code(_Cell("contacts", key, column, value), codes)


def _contact_codes() -> Iterator[tuple[str, Sequence[str]]]:
    yield "channel", CHANNELS
    yield "direction", DIRECTIONS
    yield "party", PARTIES
    yield "purpose", PURPOSES
    yield "outcome", OUTCOMES


def _check_id(table: str, key: str) -> None:
    if not key:
        raise _Cell(table, key, "id", key).refuse(_NO_ID)


def _check_amount(table: str, key: str, amount: int) -> None:
    cell = _Cell(table, key, "amount_minor", amount)
    if amount <= 0:
        raise cell.refuse(_NOT_POSITIVE)
    if amount >= AMOUNT_LIMIT_MINOR:
        raise cell.refuse(_TOO_LARGE)


def _check_order(table: str, key: str, column: str, first: date, last: date | None) -> None:
    if last is not None and last < first:
        raise _Cell(table, key, column, last).refuse(_EARLY)


def _check_code(cell: _Cell, codes: Sequence[str]) -> None:
    if cell.value not in codes:
        listed = ", ".join(codes)
        raise cell.refuse(_Why(f"只能是 {listed}", f"it must be one of {listed}"))
