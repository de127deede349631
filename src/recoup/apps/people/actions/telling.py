"""Tells the trail what an act of this room has changed."""

from collections.abc import Mapping
from datetime import datetime

from recoup.apps.people.actions.changes import tell_change
from recoup.apps.people.permissions import Actor


def tell(
    *,
    actor: Actor,
    at: datetime,
    verb: str,
    record: str,
    record_id: object,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    why: str = "",
) -> None:
    """Publish a change of one of the room's records; only what differs is told."""
    old, new = dict(before or {}), dict(after or {})
    same = {key for key in old.keys() & new.keys() if old[key] == new[key]}
    tell_change(
        actor,
        room="people",
        verb=verb,
        record=record,
        record_id=record_id,
        at=at,
        before={key: value for key, value in old.items() if key not in same},
        after={key: value for key, value in new.items() if key not in same},
        why=why.strip(),
    )
