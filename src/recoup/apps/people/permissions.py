"""Who may do what, to whom: duties say the verb and the room, scopes say over which debtors.

Two different refusals. Outside the scope a record does not exist for the person (NotFound); inside
it, a missing duty is told (NotAllowed).
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from django.db.models import Q

from recoup.kernel.duties import NotAllowed
from recoup.kernel.refusal import NotFound

__all__ = [
    "MACHINE",
    "Actor",
    "NotAllowed",
    "NotFound",
    "ScopeColumns",
    "in_scope",
    "require",
    "sees",
]


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who acts: the member of staff with duties and scopes of this moment, or the machine.

    Shape: ``duties`` as ``verb room``; ``branches``, ``teams``, ``products`` codes; ``portfolios``
    staff keys whose cases are seen; ``whole_bank`` sees every debtor. ``staff_id`` None: the
    machine itself (the night, a job), which may do everything and is named so in the record.
    """

    staff_id: int | None
    name: str
    language: str = "zh-hans"
    roles: frozenset[str] = frozenset()
    duties: frozenset[str] = frozenset()
    whole_bank: bool = False
    branches: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()
    products: frozenset[str] = frozenset()
    portfolios: frozenset[int] = frozenset()
    approves_up_to_minor: int = 0
    #: Debtors this person may not handle.
    conflicts: frozenset[str] = field(default_factory=frozenset)
    borrowed: bool = False

    @property
    def is_machine(self) -> bool:
        """Whether the machine acts, not a person."""
        return self.staff_id is None

    def may(self, verb: str, room: str) -> bool:
        """Tell whether the duty is there."""
        return self.is_machine or f"{verb} {room}" in self.duties


#: The machine: the night, jobs, web hooks.
MACHINE = Actor(staff_id=None, name="recoup", whole_bank=True)


def require(actor: Actor, verb: str, room: str) -> None:
    """Pass if the actor has the duty. Errors: NotAllowed."""
    if not actor.may(verb, room):
        raise NotAllowed(verb=verb, room=room)


@dataclass(frozen=True, kw_only=True)
class ScopeColumns:
    """How a model names the columns that scopes are drawn by.

    ``products`` holds product codes between bars, ``|credit_card|mortgage|``.
    """

    branch: str = "branch"
    team: str = "team"
    collector: str = "collector_id"
    products: str = "products"


def in_scope(actor: Actor, columns: ScopeColumns | None = None) -> Q:
    """Yield the condition on a model's rows that keeps those within the actor's scopes."""
    names = columns or ScopeColumns()
    if actor.whole_bank:
        return Q()
    condition = Q(pk__in=())
    for codes, column in ((actor.branches, names.branch), (actor.teams, names.team)):
        if codes:
            condition |= Q(**{f"{column}__in": sorted(codes)})
    if actor.portfolios:
        condition |= Q(**{f"{names.collector}__in": sorted(actor.portfolios)})
    for product in sorted(actor.products):
        condition |= Q(**{f"{names.products}__contains": f"|{product}|"})
    return condition


def sees(
    actor: Actor, *, branch: str, team: str, collector_id: int | None, products: Collection[str]
) -> bool:
    """Tell for one record what ``in_scope`` asks of rows."""
    return (
        actor.whole_bank
        or branch in actor.branches
        or team in actor.teams
        or (collector_id is not None and collector_id in actor.portfolios)
        or not actor.products.isdisjoint(products)
    )
