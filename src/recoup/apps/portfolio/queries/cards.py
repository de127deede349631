"""The frozen records in which this room tells other rooms what it knows.

Names, numbers and addresses are whole in them and kept out of ``repr``: pages show them masked.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any, TypeVar

Card = TypeVar("Card")


def card_of(kind: type[Card], row: object, **more: object) -> Card:
    """Yield a card whose fields are the row's columns of the same names; lists become tuples."""
    values: dict[str, Any] = {}
    for one in fields(kind):  # type: ignore[arg-type]
        value = more[one.name] if one.name in more else getattr(row, one.name)
        values[one.name] = tuple(value) if isinstance(value, list) else value
    return kind(**values)


def by_key(cards: Iterable[Card], key: str) -> Mapping[str, tuple[Card, ...]]:
    """Yield cards gathered under one of their fields, in their order."""
    found: dict[str, list[Card]] = {}
    for one in cards:
        found.setdefault(getattr(one, key), []).append(one)
    return {name: tuple(own) for name, own in found.items()}


@dataclass(frozen=True, kw_only=True)
class PublicationCard:
    """A night in the records. ``counts``: new, changed, gone, same rows per table.

    ``changed`` False: this very result was there already, and nothing was written.
    """

    publication_id: int
    as_of: date
    published_at: datetime
    result_folder: str
    result_hash: str
    counts: Mapping[str, Mapping[str, int]]
    is_current: bool
    changed: bool = True


@dataclass(frozen=True, kw_only=True)
class DebtorCard:
    """A debtor with the decision in force. Amounts in minor units of the base currency."""

    debtor_id: str
    name: str = field(repr=False)
    kind: str
    id_type: str
    id_number: str = field(repr=False)
    phone: str = field(repr=False)
    email: str = field(repr=False)
    language: str
    time_zone: str
    region: str
    deceased_on: date | None
    bankrupt_on: date | None
    vulnerable: bool | None
    branch: str
    team: str
    #: Product codes.
    products: tuple[str, ...]
    contracts: int
    overdue_contracts: int
    undecided_contracts: int
    overdue_base_minor: int | None
    exposure_base_minor: int | None
    worst_dpd: int | None
    worst_class: str
    leading_contract_id: str
    segment: str
    treatment: str
    channel: str
    priority: int | None
    permitted_channels: tuple[str, ...]
    blocked_by: tuple[str, ...]
    next_permitted_at: datetime | None
    reasons: tuple[str, ...]
    worklist_rank: int | None
    worklist_due: date | None
    worklist_why: tuple[str, ...]
    worklist_why_zh: str
    worklist_why_en: str
    gone_on: date | None
    #: Schedules, receipts and the like are in the records, not only in the night's files.
    is_detailed: bool
    redecision_pending: bool
    redecided_at: datetime | None
    collector_id: int | None
    as_of: date
    source_row: int


@dataclass(frozen=True, kw_only=True)
class ContractCard:
    """A loan. Amounts in minor units of its currency; ``*_base_minor`` of the base currency."""

    contract_id: str
    debtor_id: str
    product: str
    currency: str
    principal_minor: int | None
    annual_rate_ppm: int | None
    penalty_rate_ppm: int | None
    start_on: date | None
    maturity_on: date | None
    branch: str
    team: str
    officer: str
    security: str
    status: str
    restructured_on: date | None
    written_off_on: date | None
    bad_code: str
    dpd: int | None
    dpd_prev: int | None
    max_dpd_12m: int | None
    overdue_principal_minor: int | None
    overdue_interest_minor: int | None
    overdue_fee_minor: int | None
    outstanding_principal_minor: int | None
    exposure_minor: int | None
    overdue_base_minor: int | None
    exposure_base_minor: int | None
    overdue_instalments: int | None
    bucket: str
    asset_class: str
    asset_class_rules: tuple[str, ...]
    asset_class_unexamined: tuple[str, ...]
    asset_class_unknown_why: str
    roll: str
    paid_ratio_3m_bp: int | None
    paid_ratio_6m_bp: int | None
    paid_ratio_12m_bp: int | None
    broken_promises_6m: int | None
    segment: str
    treatment: str
    channel: str
    priority: int | None
    arm: str
    blocked_by: tuple[str, ...]
    reasons: tuple[str, ...]
    gone_on: date | None
    as_of: date
    source_row: int

    @property
    def overdue_minor(self) -> int | None:
        """Everything overdue, in the contract's currency; None where it is not known."""
        parts = (
            self.overdue_principal_minor,
            self.overdue_interest_minor,
            self.overdue_fee_minor,
        )
        known = [part for part in parts if part is not None]
        return sum(known) if len(known) == len(parts) else None


@dataclass(frozen=True, kw_only=True)
class InstalmentCard:
    """One instalment, as the contract has it. Units: minor units of the contract's currency."""

    seq: int
    due_on: date
    principal_minor: int
    interest_minor: int
    fee_minor: int

    @property
    def due_minor(self) -> int:
        """Principal, interest and fee together."""
        return self.principal_minor + self.interest_minor + self.fee_minor


@dataclass(frozen=True, kw_only=True)
class BookReceiptCard:
    """A receipt or waiver that the bank's book has; a reversed one counts for nothing."""

    payment_id: str
    paid_on: date
    amount_minor: int
    is_waiver: bool
    is_reversed: bool
    source_row: int


@dataclass(frozen=True, kw_only=True)
class GuarantorCard:
    """Someone who stands for a contract."""

    contract_id: str
    guarantor_id: str
    name: str = field(repr=False)
    guarantee_kind: str
    guaranteed_until: date | None


@dataclass(frozen=True, kw_only=True)
class CollateralCard:
    """A thing that secures a contract. Units: minor units of the contract's currency."""

    collateral_id: str
    contract_id: str
    currency: str
    kind: str
    value_minor: int | None
    valued_on: date | None
    registered_on: date | None
    insured_until: date | None
    rank: int | None


@dataclass(frozen=True, kw_only=True)
class ContactPointCard:
    """A number or address. ``contact_point_id`` None: the night has it, the records have not.

    ``is_valid`` None: nobody has judged it. ``added_by_id`` None: it came with the bank's book.
    ``found_on`` and ``basis``: when a traced one was found, and what makes that lawful.
    """

    contact_point_id: int | None
    debtor_id: str
    kind: str
    value: str = field(repr=False)
    source: str
    party: str
    is_valid: bool | None
    checked_at: datetime | None
    checked_by_id: int | None
    note: str
    from_night: bool
    added_by_id: int | None
    added_at: datetime | None
    version: int
    found_on: date | None = None
    basis: str = ""


#: Why a hold ended that an act had set by mistake: it never was in force.
TAKEN_BACK = "taken back"


@dataclass(frozen=True, kw_only=True)
class HoldCard:
    """A hold. In force from ``from_on``, no longer on ``until_on`` or ``lifted_on``.

    ``contract_id`` empty: on the person. ``from_night``: the bank's book has it. ``kept_by``: the
    ``room:record`` with which it is lifted, where it hangs on one.
    """

    hold_id: int
    debtor_id: str
    contract_id: str
    kind: str
    from_on: date
    until_on: date | None
    channel: str
    from_night: bool
    set_by_id: int | None
    set_at: datetime | None
    why: str
    lifted_on: date | None
    lifted_by_id: int | None
    lift_why: str
    kept_by: str
    proof_id: int | None
    lift_proof_id: int | None

    @property
    def keeper(self) -> str:
        """The record on which the hold hangs; empty where it hangs on none."""
        return self.kept_by.partition(":")[2]

    def in_force(self, on: date) -> bool:
        """Tell whether the hold binds on a day."""
        ends = [day for day in (self.until_on, self.lifted_on) if day is not None]
        return self.from_on <= on and all(on < end for end in ends)


@dataclass(frozen=True, kw_only=True)
class IncomeLine:
    """A line of an income and expense statement, per month, in minor units."""

    side: str
    code: str
    amount_minor: int
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class IncomeCard:
    """One version of a debtor's income and expense statement."""

    statement_id: int
    debtor_id: str
    version: int
    stated_on: date
    currency: str
    lines: tuple[IncomeLine, ...]
    made_by_id: int
    made_at: datetime


@dataclass(frozen=True, kw_only=True)
class CircumstanceCard:
    """Something in a debtor's life that matters to a plan, by its code."""

    circumstance_id: int
    debtor_id: str
    code: str
    is_cause: bool
    from_on: date | None
    until_on: date | None
    note: str = field(repr=False)
    made_by_id: int
    made_at: datetime


@dataclass(frozen=True, kw_only=True)
class ProofCard:
    """A file that proves something; ``sha256`` is the hash of its content."""

    proof_id: int
    debtor_id: str
    title: str
    file_name: str
    media_type: str
    size: int
    sha256: str
    circumstance_id: int | None
    made_by_id: int
    made_at: datetime


@dataclass(frozen=True, kw_only=True)
class SearchHit:
    """A debtor found, and by what: name, phone, phone_part, id_number, contract, debtor ..."""

    debtor_id: str
    name: str = field(repr=False)
    phone: str = field(repr=False)
    kind: str
    matched: str
    contract_id: str
    team: str
    worst_dpd: int | None
    overdue_base_minor: int | None
    treatment: str
    gone_on: date | None
