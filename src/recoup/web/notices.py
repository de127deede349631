"""What rooms that stand higher have to say on a person's page: told by them, shown by any room.

A complaint that is open, for instance, stands above the case whose page must say why nothing is
collected and until when. The site names the tellers once; nobody imports upwards.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from recoup.kernel.explain import Words


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One thing to know of a person today. ``is_late``: somebody of the house is late with it.

    Shape: ``address`` leads to the record; it opens to whoever may see that.
    """

    title: Words
    words: Words
    address: str
    is_late: bool = False


Teller = Callable[[str, date], tuple[Notice, ...]]
_tellers: list[Teller] = []


def tell_notices(teller: Teller) -> None:
    """Let somebody say what there is to know of a person on a day; naming it twice counts once."""
    if teller not in _tellers:
        _tellers.append(teller)


def notices_of(debtor_id: str, on: date) -> tuple[Notice, ...]:
    """Yield what there is to know of a person on a day, of all who were named."""
    return tuple(notice for teller in _tellers for notice in teller(debtor_id, on))
