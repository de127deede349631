"""Reading of contracts, schedules, receipts, guarantors and collateral.

Details of persons whom the desk does not meet are not in the records; they are read from the result
of the published night, and callers see no difference.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from recoup.apps.people.permissions import Actor, NotFound, require
from recoup.apps.portfolio.models import (
    BookReceipt,
    CollateralItem,
    Contract,
    Debtor,
    Guarantor,
    Instalment,
)
from recoup.apps.portfolio.queries import from_night
from recoup.apps.portfolio.queries.cards import (
    BookReceiptCard,
    CollateralCard,
    ContractCard,
    GuarantorCard,
    InstalmentCard,
    by_key,
    card_of,
)
from recoup.apps.portfolio.queries.debtors import visible
from recoup.apps.portfolio.queries.publications import current_result

#: Numbers of receipts looked up by one query.
NUMBERS_AT_ONCE = 500


def contract_card(row: Contract) -> ContractCard:
    """Yield the card of a contract."""
    return card_of(ContractCard, row)


def contract(actor: Actor, contract_id: str) -> ContractCard:
    """Yield a contract of a debtor whom the actor may see. Errors: NotFound, NotAllowed."""
    row = Contract.objects.filter(
        pk=contract_id, debtor__in=Debtor.objects.filter(visible(actor))
    ).first()
    if row is None:
        raise NotFound(what=contract_id)
    require(actor, "view", "portfolio")
    return contract_card(row)


def contract_cards(contract_ids: Iterable[str]) -> Mapping[str, ContractCard]:
    """Yield contracts by id, whatever the scope; ids not there are left out. One query."""
    rows = Contract.objects.filter(pk__in=set(contract_ids))
    return {row.pk: contract_card(row) for row in rows}


def contracts_of(debtor_ids: Iterable[str]) -> Mapping[str, tuple[ContractCard, ...]]:
    """Yield the contracts of debtors, by debtor, in order of their id. One query."""
    rows = Contract.objects.filter(debtor_id__in=set(debtor_ids)).order_by("pk")
    return by_key((contract_card(row) for row in rows), "debtor_id")


def schedule_of(contract_id: str) -> tuple[InstalmentCard, ...]:
    """Yield a contract's schedule, in order. Errors: NotFound, when there is no such contract."""
    if _is_detailed(contract_id):
        rows = Instalment.objects.filter(contract_id=contract_id).order_by("due_on", "seq")
        return tuple(card_of(InstalmentCard, row) for row in rows)
    result = current_result()
    return from_night.schedule(result, contract_id) if result else ()


def book_receipts_of(contract_id: str) -> tuple[BookReceiptCard, ...]:
    """Yield the receipts that the published book has of a contract, in order of day and id.

    Errors: NotFound, when there is no such contract.
    """
    if _is_detailed(contract_id):
        rows = BookReceipt.objects.filter(contract_id=contract_id).order_by("paid_on", "pk")
        return tuple(card_of(BookReceiptCard, row) for row in rows)
    result = current_result()
    return from_night.receipts(result, contract_id) if result else ()


@dataclass(frozen=True, kw_only=True)
class ReceiptInBook:
    """Where a receipt of a given number stands in the book, and what the book says of it."""

    payment_id: str
    contract_id: str
    paid_on: date
    amount_minor: int
    is_waiver: bool
    is_reversed: bool


def latest_receipts(
    contract_ids: Iterable[str], *, until: date, limit: int
) -> tuple[ReceiptInBook, ...]:
    """Yield the latest receipts of some contracts that are in the records, newest first. One query.

    Those that the book dates after ``until`` have not come in yet and are left out. Of persons
    whose details are not in the records there are none here.
    """
    rows = BookReceipt.objects.filter(contract_id__in=set(contract_ids), paid_on__lte=until)
    return tuple(
        ReceiptInBook(
            payment_id=row.pk,
            contract_id=row.contract_id,
            paid_on=row.paid_on,
            amount_minor=row.amount_minor,
            is_waiver=row.is_waiver,
            is_reversed=row.is_reversed,
        )
        for row in rows.order_by("-paid_on", "-pk")[:limit]
    )


def book_receipts_with(payment_ids: Sequence[str]) -> Mapping[str, ReceiptInBook]:
    """Yield the receipts of these numbers that the records have of the published book, by number.

    Receipts of people whose details are not in the records are not found. One query per 500.
    """
    found = {}
    for first in range(0, len(payment_ids), NUMBERS_AT_ONCE):
        rows = BookReceipt.objects.filter(pk__in=payment_ids[first : first + NUMBERS_AT_ONCE])
        for row in rows:
            found[row.pk] = card_of(ReceiptInBook, row)
    return found


def _is_detailed(contract_id: str) -> bool:
    found = Contract.objects.filter(pk=contract_id).values_list("debtor__is_detailed", flat=True)
    detailed = found.first()
    if detailed is None:
        raise NotFound(what=contract_id)
    return detailed


def guarantors_of(debtor_id: str) -> tuple[GuarantorCard, ...]:
    """Yield those who stand for a debtor's contracts, by contract."""
    if _person_is_detailed(debtor_id):
        rows = Guarantor.objects.filter(contract__debtor_id=debtor_id)
        return tuple(
            card_of(GuarantorCard, row) for row in rows.order_by("contract_id", "guarantor_id")
        )
    result = current_result()
    return from_night.guarantors(result, debtor_id) if result else ()


def collateral_of(debtor_id: str) -> tuple[CollateralCard, ...]:
    """Yield what secures a debtor's contracts, by contract and rank."""
    if _person_is_detailed(debtor_id):
        rows = CollateralItem.objects.filter(contract__debtor_id=debtor_id)
        ordered = rows.select_related("contract").order_by("contract_id", "rank", "pk")
        return tuple(
            card_of(CollateralCard, row, currency=row.contract.currency) for row in ordered
        )
    result = current_result()
    return from_night.collateral(result, debtor_id) if result else ()


def _person_is_detailed(debtor_id: str) -> bool:
    """Tell whether a person's details are in the records; of nobody, there is nothing to read."""
    found = Debtor.objects.filter(pk=debtor_id).values_list("is_detailed", flat=True).first()
    return found is not False
