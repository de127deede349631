"""Who looked at what is masked, and who took data out of the house."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from recoup.apps.compliance.actions.approvals import ReasonMissing
from recoup.apps.compliance.models import Export, Reveal
from recoup.apps.compliance.permissions import Acting, NotFound, require, seen
from recoup.apps.compliance.queries import stamp
from recoup.events.bus import publish
from recoup.events.changes import Change

#: The shortest reason that says anything.
SHORTEST_REASON = 2


def reveal(*, actor: Acting, debtor_id: str, field: str, reason: str, at: datetime) -> None:
    """Record that a masked field of a debtor is about to be shown; the caller shows it then.

    ``field`` names it as the record does: ``phone``, ``id_number``, ``contact_point:12``.
    Errors: NotFound, outside the scope; NotAllowed, without the duty; ReasonMissing.
    """
    if not seen(actor, (debtor_id,)):
        raise NotFound(what=debtor_id)
    require(actor, "reveal", "portfolio")
    if len(reason.strip()) < SHORTEST_REASON or actor.staff_id is None:
        raise ReasonMissing
    with transaction.atomic():
        Reveal.objects.create(
            at=at,
            actor_id=actor.staff_id,
            debtor_id=debtor_id,
            field=field,
            reason=reason.strip(),
        )
        publish(
            Change(
                at=at,
                actor_id=actor.staff_id,
                verb="reveal",
                room="portfolio",
                record="debtor",
                record_id=debtor_id,
                debtor_id=debtor_id,
                after={"field": field},
                why=reason.strip(),
            )
        )


def record_export(
    *,
    actor: Acting,
    kind: str,
    parameters: Mapping[str, object],
    rows: int,
    sha256: str,
    at: datetime,
) -> str:
    """Record a file that leaves the house; yield the watermark that stands in it.

    The watermark names who, the staff number, the instant and the export's number. ``sha256`` is
    that of the content before the watermark is put in, or empty where it is not known. The room
    that exports has checked the duty.
    """
    if actor.staff_id is None:
        raise NotFound(what=kind)
    with transaction.atomic():
        made = Export.objects.create(
            at=at,
            actor_id=actor.staff_id,
            kind=kind,
            parameters=dict(parameters),
            rows=rows,
            stamp=stamp(staff_id=actor.staff_id, at=at),
            sha256=sha256,
        )
        publish(
            Change(
                at=at,
                actor_id=actor.staff_id,
                verb="export",
                room="compliance",
                record="export",
                record_id=str(made.pk),
                after={"kind": kind, "parameters": dict(parameters), "rows": rows},
            )
        )
    return made.watermark
