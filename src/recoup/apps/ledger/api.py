"""Receipts and statements of account for programs: the bank's core system posts money here."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

from ninja import Header, Router
from pydantic import Field

from recoup.api.calls import ApiCall, Shown, Wanted, once
from recoup.api.problems import PROBLEMS
from recoup.apps.ledger.actions import post_receipt, reverse_receipt
from recoup.apps.ledger.queries import CHANNELS, posting, statement

router = Router(tags=["ledger"])
ReceiptChannel = StrEnum("ReceiptChannel", {one.upper(): one for one in CHANNELS})  # type: ignore[misc]
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=8, max_length=120)]
Id = Annotated[str, Field(min_length=1, max_length=64)]


class ReceiptWanted(Wanted):
    """Money that came in for a contract. ``payment_id``: the bank's own number of the payment."""

    contract_id: Id
    paid_on: date
    amount_minor: Annotated[int, Field(ge=1, le=10**15)]
    channel: ReceiptChannel
    note: Annotated[str, Field(max_length=300)] = ""
    payment_id: Annotated[str, Field(max_length=64)] = ""


class ReversalWanted(Wanted):
    """Why a receipt is taken back."""

    why: Annotated[str, Field(min_length=1, max_length=300)]
    contract_id: Annotated[str, Field(max_length=64)] = ""


class PostingShown(Shown):
    """A posting of the ledger; amounts in minor units of the currency."""

    payment_id: str
    kind: str
    contract_id: str
    debtor_id: str
    currency: str
    paid_on: date
    amount_minor: int
    channel: str
    note: str
    reverses: str | None
    reversed_by: str | None
    made_at: datetime
    confirmed_as_of: date | None


class ReversalShown(Shown):
    """A reversal: posted, or waiting for somebody else's approval of that number."""

    posting: PostingShown | None
    approval_id: int | None


class PartsShown(Shown):
    """An amount by what it is for."""

    fee_minor: int
    interest_minor: int
    principal_minor: int
    unplaced_minor: int
    total_minor: int


class PlacedShown(Shown):
    """Where a part of a receipt went, and by which rule."""

    seq: int
    due_on: date
    part: str
    amount_minor: int
    rule: str


class LineShown(Shown):
    """One line of the account."""

    on: date
    kind: str
    key: str
    amount: PartsShown
    balance: PartsShown
    booked_on: date | None
    is_posted: bool
    is_reversed: bool
    placed: list[PlacedShown]


class ProofShown(Shown):
    """Two ways to one amount."""

    name: str
    counted_minor: int
    found_minor: int
    holds: bool


class AccountShown(Shown):
    """A statement of account up to and including a day."""

    since: date | None
    on: date
    opening: PartsShown
    lines: list[LineShown]
    closing: PartsShown
    fell_due: PartsShown
    received_minor: int
    waived_minor: int
    due_today_minor: int
    ahead_minor: int
    proofs: list[ProofShown]


class WordsShown(Shown):
    """A sentence in both languages."""

    zh: str
    en: str


class RuleShown(Shown):
    """The rule by which receipts were placed."""

    rule_id: str
    sentence: WordsShown
    source: WordsShown


class StatementShown(Shown):
    """The same statement that the screen and the PDF show."""

    contract_id: str
    debtor_id: str
    product: str
    currency: str
    principal_minor: int | None
    start_on: date | None
    on: date
    as_of: date
    at: datetime
    account: AccountShown
    rule: RuleShown


@router.post("/receipts", response={200: PostingShown, **PROBLEMS}, summary="Post a receipt")
def post_one(request: ApiCall, wanted: ReceiptWanted, idempotency_key: Key) -> dict[str, Any]:
    """Post a receipt and decide the person again; the same key gives the same posting."""

    def act() -> PostingShown:
        made = post_receipt(
            actor=request.actor,
            idempotency_key=f"api:{request.auth.token_id}:{idempotency_key}",
            contract_id=wanted.contract_id,
            paid_on=wanted.paid_on,
            amount_minor=wanted.amount_minor,
            channel=wanted.channel.value,
            note=wanted.note,
            payment_id=wanted.payment_id,
            at=request.at,
        )
        return PostingShown.model_validate(made)

    return once(request, wanted, act)


@router.get("/receipts/{payment_id}", response={200: PostingShown, **PROBLEMS}, summary="A receipt")
def one_receipt(request: ApiCall, payment_id: str) -> PostingShown:
    """Show a posting of the ledger."""
    return PostingShown.model_validate(posting(actor=request.actor, payment_id=payment_id))


@router.post(
    "/receipts/{payment_id}/reversal",
    response={200: ReversalShown, **PROBLEMS},
    summary="Take a receipt back",
)
def reverse_one(request: ApiCall, payment_id: str, wanted: ReversalWanted) -> dict[str, Any]:
    """Take a receipt back by an entry of its own; above a limit somebody else must approve."""

    def act() -> ReversalShown:
        made = reverse_receipt(
            actor=request.actor,
            payment_id=payment_id,
            why=wanted.why,
            contract_id=wanted.contract_id,
            at=request.at,
        )
        return ReversalShown.model_validate(made)

    return once(request, wanted, act)


@router.get(
    "/contracts/{contract_id}/statement",
    response={200: StatementShown, **PROBLEMS},
    summary="A statement of account",
)
def contract_statement(
    request: ApiCall, contract_id: str, since: date | None = None
) -> StatementShown:
    """Show where every unit came from and went; ``since``: from that day on, after an opening."""
    found = statement(actor=request.actor, contract_id=contract_id, at=request.at, since=since)
    return StatementShown.model_validate(found)
