"""Facts of the room: a night has ended, well or not."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, kw_only=True)
class NightEnded:
    """A night ended. Shape: ``status`` is done, refused, failed or interrupted."""

    night_id: int
    as_of: date
    status: str
    publication_id: int | None
    at: datetime
