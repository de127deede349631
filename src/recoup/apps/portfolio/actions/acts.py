"""What every act upon a debtor begins with."""

from functools import partial

from recoup.apps.people.actions import tell_change
from recoup.apps.people.permissions import Actor, NotFound, require
from recoup.apps.portfolio.models import Debtor
from recoup.apps.portfolio.queries.debtors import debtor_in_scope
from recoup.kernel.refusal import Refused


class WrongEntry(Refused):
    """What was entered cannot be recorded; the sentence says what to correct."""


#: Tells the trail of a change in this room; see ``tell_change``.
record = partial(tell_change, room="portfolio")


def begin(actor: Actor, debtor_id: str, *, verb: str = "work", room: str = "portfolio") -> Debtor:
    """Yield the debtor's row, locked, for an act. Errors: NotFound, NotAllowed.

    Scope comes first: a person out of scope does not exist for the actor.
    """
    row = debtor_in_scope(actor, debtor_id, lock=True)
    require(actor, verb, room)
    return row


def staff_id_of(actor: Actor) -> int:
    """Yield who answers for an entry that a person must make. Errors: NotFound, for the machine."""
    if actor.staff_id is None:
        raise NotFound(what="staff")
    return actor.staff_id
