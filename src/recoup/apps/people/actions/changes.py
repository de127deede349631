"""Tells the trail what somebody did, in whichever room."""

from collections.abc import Mapping
from datetime import datetime

from recoup.apps.people.permissions import Actor
from recoup.events.bus import publish
from recoup.events.changes import Change


def tell_change(
    actor: Actor,
    *,
    room: str,
    verb: str,
    record: str,
    record_id: object,
    at: datetime,
    debtor_id: str | None = None,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    why: str = "",
) -> None:
    """Tell of a change that a person, or the machine, made; fields as of ``Change``."""
    publish(
        Change(
            at=at,
            actor_id=actor.staff_id,
            verb=verb,
            room=room,
            record=record,
            record_id=str(record_id),
            debtor_id=debtor_id,
            before=before or {},
            after=after or {},
            why=why,
        )
    )
