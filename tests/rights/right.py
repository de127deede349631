"""What one address of the desk asks of who opens it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

#: Anybody at all; anybody who has signed in.
OPEN = "open"
SIGNED_IN = "signed in"


@dataclass(frozen=True, kw_only=True)
class Right:
    """What an address asks, and how to open it.

    ``duty`` is ``verb room``, OPEN or SIGNED_IN. ``scoped``: it names a debtor's record, which does
    not exist for who has the duty over other debtors only. ``arguments`` fills the address from the
    world, by name of what the world holds; ``data`` is the form that a post sends (``{contract}``
    and the like are filled in too). ``role``: who has the duty, where the standard roles' first
    holder is not the one meant. ``own``: only the one person who made the record, or to whom it was
    offered, is let in; everybody else is refused with 403 or 404.
    """

    duty: str
    scoped: bool = False
    method: str = "get"
    arguments: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, str] = field(default_factory=dict)
    role: str = ""
    own: bool = False
