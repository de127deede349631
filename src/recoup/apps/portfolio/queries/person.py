"""One person whole, as the gate needs it many times a second."""

from dataclasses import dataclass, field

from recoup.apps.people.permissions import Actor, NotFound, require, sees
from recoup.apps.portfolio.models import ContactPoint, Contract, Debtor, Hold
from recoup.apps.portfolio.queries.cards import (
    ContactPointCard,
    ContractCard,
    DebtorCard,
    HoldCard,
)
from recoup.apps.portfolio.queries.debtors import (
    contact_points,
    debtor_card,
    hold_card,
    products_of,
)
from recoup.apps.portfolio.queries.loans import contract_card
from recoup.records.often import Often

_DEBTOR = Often(lambda key: Debtor.objects.filter(pk=key))
_HELD = Often(lambda key: Debtor.objects.select_for_update(no_key=True).filter(pk=key))
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


@dataclass(frozen=True, kw_only=True)
class HeldPerson:
    """A debtor's row as read by the transaction that holds it; only ``whole_person`` opens it."""

    row: Debtor = field(repr=False)


def hold_person(actor: Actor, debtor_id: str) -> HeldPerson:
    """Hold a debtor whom the actor may see for the rest of the transaction.

    Others who ask of the person wait. Errors: NotFound, NotAllowed. One query.
    """
    row = next(iter(_HELD(debtor_id)), None)
    if row is None or debtor_id in actor.conflicts or not _is_seen(actor, row):
        raise NotFound(what=debtor_id)
    require(actor, "view", "portfolio")
    return HeldPerson(row=row)


def _is_seen(actor: Actor, row: Debtor) -> bool:
    return sees(
        actor,
        branch=row.branch,
        team=row.team,
        collector_id=row.collector_id,
        products=products_of(row.products),
    )


def whole_person(debtor_id: str, *, held: HeldPerson | None = None) -> WholePerson | None:
    """Yield a person whole, whatever the scope; None when there is none. Four queries.

    ``held``: what ``hold_person`` gave, so that the debtor is not read twice.
    """
    row = held.row if held else next(iter(_DEBTOR(debtor_id)), None)
    if row is None:
        return None
    return WholePerson(
        debtor=debtor_card(row),
        contracts=tuple(contract_card(one) for one in _CONTRACTS(debtor_id)),
        holds=tuple(hold_card(one) for one in _HOLDS(debtor_id)),
        points=contact_points(row, _POINTS(debtor_id)),
    )
