"""One person whole, as the gate needs it many times a second."""

from dataclasses import dataclass

from recoup.apps.portfolio.models import ContactPoint, Contract, Debtor, Hold
from recoup.apps.portfolio.queries.cards import (
    ContactPointCard,
    ContractCard,
    DebtorCard,
    HoldCard,
)
from recoup.apps.portfolio.queries.debtors import contact_points, debtor_card, hold_card
from recoup.apps.portfolio.queries.loans import contract_card
from recoup.records.often import Often

_DEBTOR = Often(lambda key: Debtor.objects.filter(pk=key))
_CONTRACTS = Often(lambda key: Contract.objects.filter(debtor_id=key).order_by("pk"))
_HOLDS = Often(lambda key: Hold.objects.filter(debtor_id=key))
_POINTS = Often(lambda key: ContactPoint.objects.filter(debtor_id=key))


@dataclass(frozen=True, kw_only=True)
class WholePerson:
    """A debtor with contracts, holds and where to be met; orders as of the single queries."""

    debtor: DebtorCard
    contracts: tuple[ContractCard, ...]
    holds: tuple[HoldCard, ...]
    points: tuple[ContactPointCard, ...]


def whole_person(debtor_id: str) -> WholePerson | None:
    """Yield a person whole, whatever the scope; None when there is none. Four queries."""
    row = next(iter(_DEBTOR(debtor_id)), None)
    if row is None:
        return None
    return WholePerson(
        debtor=debtor_card(row),
        contracts=tuple(contract_card(one) for one in _CONTRACTS(debtor_id)),
        holds=tuple(hold_card(one) for one in _HOLDS(debtor_id)),
        points=contact_points(row, _POINTS(debtor_id)),
    )
