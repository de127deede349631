"""What takes an act back, for ten seconds, as a page offers it."""

from dataclasses import dataclass, field

#: Where a page that leads on to another keeps what that one offers to undo.
UNDO_SESSION = "cases_undo"


@dataclass(frozen=True, kw_only=True)
class Undo:
    """Where to send what takes an act back, for ten seconds."""

    address: str
    fields: tuple[tuple[str, str], ...] = field(default=())
