"""Finds debtors by what staff type: a name, a number, a masked number, a contract."""

from recoup.apps.people.permissions import Actor, require
from recoup.apps.portfolio.queries.cards import SearchHit


def search(actor: Actor, text: str, limit: int = 20) -> tuple[SearchHit, ...]:
    """Yield debtors within the actor's scope that match a text, the surest matches first."""
    require(actor, "view", "portfolio")
    return ()
