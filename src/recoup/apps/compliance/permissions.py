"""Who acts, as far as this room must know, and which debtors that person sees.

The room stands below the debtors' room and beside the people's room, so it knows neither: an actor
is whatever has these properties, and sight of debtors is asked of whoever the site names.
"""

from collections.abc import Callable, Collection
from typing import Protocol

from recoup.kernel.duties import NotAllowed
from recoup.kernel.refusal import NotFound

__all__ = ["Acting", "NotAllowed", "NotFound", "Sight", "ask_sight_of", "require", "seen"]


class Acting(Protocol):
    """Who acts: the people's room makes such values."""

    @property
    def staff_id(self) -> int | None:
        """The key of the member of staff; None for the machine."""

    @property
    def name(self) -> str:
        """The name, as it is shown."""

    @property
    def whole_bank(self) -> bool:
        """Whether every debtor is seen."""

    @property
    def approves_up_to_minor(self) -> int:
        """The largest amount this person may approve."""

    @property
    def conflicts(self) -> frozenset[str]:
        """Debtors this person may not handle."""

    def may(self, verb: str, room: str) -> bool:
        """Tell whether the duty is there."""


Sight = Callable[[Acting, Collection[str]], frozenset[str]]
_asked: list[Sight] = []


def ask_sight_of(sight: Sight) -> None:
    """Name who tells which debtors an actor sees; the site does so once."""
    _asked[:] = [sight]


def seen(actor: Acting, debtor_ids: Collection[str]) -> frozenset[str]:
    """Yield those of the debtors that the actor sees; none, as long as nobody can tell."""
    if actor.whole_bank:
        return frozenset(debtor_ids)
    return _asked[0](actor, debtor_ids) if _asked and debtor_ids else frozenset()


def require(actor: Acting, verb: str, room: str) -> None:
    """Pass if the actor has the duty. Errors: NotAllowed."""
    if not actor.may(verb, room):
        raise NotAllowed(verb=verb, room=room)
