"""A change of a record, told by the action that made it; the compliance room writes the trail."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Change:
    """Who changed what, when, from what to what, and why.

    Shape: ``actor_id`` is the staff number's key, None for the machine (the night, a job);
    ``verb`` and ``room`` name the act; ``record`` is the kind and ``record_id`` the key of what
    changed; ``debtor_id`` the person concerned, if any. ``before`` and ``after`` hold the changed
    fields only, as JSON knows them (dates as ISO text, amounts in minor units). ``begins``: the
    record came to be in this very transaction, so nothing was told of it before.
    """

    at: datetime
    actor_id: int | None
    verb: str
    room: str
    record: str
    record_id: str
    debtor_id: str | None = None
    before: Mapping[str, object] = field(default_factory=dict)
    after: Mapping[str, object] = field(default_factory=dict)
    why: str = ""
    begins: bool = False
