"""Brings one person's details into the records between two nights."""

from datetime import date
from pathlib import Path

from recoup.apps.portfolio.models import (
    BookReceipt,
    CollateralItem,
    ContactPoint,
    Contract,
    Debtor,
    Guarantor,
    Instalment,
)
from recoup.apps.portfolio.queries import from_night
from recoup.apps.portfolio.queries.debtors import contact_points_of
from recoup.apps.portfolio.queries.publications import current_result

#: Rows written at once.
BATCH = 500
#: The hash of nothing that a night publishes.
UNLIKE = -1


def publish_details(debtor: Debtor) -> None:
    """Write the details of a person from the published night; nothing if they are there already.

    Their hashes are those of no row, so that the next night writes them anew or takes them out.
    """
    result = current_result()
    if debtor.is_detailed or result is None:
        return
    points = contact_points_of(debtor.pk)
    contracts = Contract.objects.filter(debtor=debtor)
    dated = {"as_of": debtor.as_of}
    for contract in contracts:
        Instalment.objects.bulk_create(
            (
                Instalment(
                    contract=contract,
                    seq=one.seq,
                    due_on=one.due_on,
                    principal_minor=one.principal_minor,
                    interest_minor=one.interest_minor,
                    fee_minor=one.fee_minor,
                    source_row=0,
                    **dated,
                )
                for one in from_night.schedule(result, contract.pk)
            ),
            batch_size=BATCH,
        )
        BookReceipt.objects.bulk_create(
            (
                BookReceipt(
                    contract=contract,
                    payment_id=one.payment_id,
                    paid_on=one.paid_on,
                    amount_minor=one.amount_minor,
                    is_waiver=one.is_waiver,
                    is_reversed=one.is_reversed,
                    source_row=one.source_row,
                    **dated,
                )
                for one in from_night.receipts(result, contract.pk)
            ),
            batch_size=BATCH,
        )
    contracts.update(schedule_hash=UNLIKE, receipts_hash=UNLIKE)
    _write_security(debtor, result)
    ContactPoint.objects.bulk_create(
        ContactPoint(
            debtor=debtor,
            kind=one.kind,
            value=one.value,
            source=one.source,
            party=one.party,
            from_night=True,
        )
        for one in points
        if one.contact_point_id is None
    )
    debtor.is_detailed = True
    debtor.save(update_fields=("is_detailed",))


def _write_security(debtor: Debtor, result: Path) -> None:
    rest: dict[str, date | int] = {"as_of": debtor.as_of, "source_row": 0}
    Guarantor.objects.bulk_create(
        (
            Guarantor(
                contract_id=one.contract_id,
                guarantor_id=one.guarantor_id,
                name=one.name,
                guarantee_kind=one.guarantee_kind,
                guaranteed_until=one.guaranteed_until,
                **rest,
            )
            for one in from_night.guarantors(result, debtor.pk)
        ),
        batch_size=BATCH,
    )
    CollateralItem.objects.bulk_create(
        (
            CollateralItem(
                collateral_id=one.collateral_id,
                contract_id=one.contract_id,
                kind=one.kind,
                value_minor=one.value_minor,
                valued_on=one.valued_on,
                registered_on=one.registered_on,
                insured_until=one.insured_until,
                rank=one.rank,
                **rest,
            )
            for one in from_night.collateral(result, debtor.pk)
        ),
        batch_size=BATCH,
    )
