"""What every act on a case shares: staleness, the trail, moves along the table of states."""

from collections.abc import Mapping
from datetime import datetime

from recoup.apps.cases.events import CaseStatusChanged
from recoup.apps.cases.models import Case, Entry
from recoup.apps.cases.recording import Happening, append
from recoup.apps.cases.rules import queue_of
from recoup.apps.people.permissions import Actor
from recoup.apps.people.queries import staff_cards
from recoup.events.bus import publish
from recoup.events.changes import Change
from recoup.kernel.case_status import moved
from recoup.kernel.refusal import Refused, Stale
from recoup.web.house import strategy
from recoup.web.shown import local


class NotPossible(Refused):
    """The act cannot be done as asked; the sentence says why and what can."""


def check_version(case: Case, version: int | None) -> None:
    """Pass if nobody changed the case since the page was read. Errors: Stale.

    ``version`` None: the act does not rest on what the page showed.
    """
    if version is None or version == case.version:
        return
    last = Entry.objects.filter(case=case).order_by("-place").first()
    who = staff_cards([last.actor_id]) if last and last.actor_id else {}
    name = next((one.name for one in who.values()), "")
    raise Stale(
        what_zh="这件案件",
        what_en="This case",
        who=name,
        at=local(last.at) if last else None,
    )


def tell(
    *,
    actor: Actor,
    case: Case,
    verb: str,
    at: datetime,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    why: str = "",
    record: str = "case",
    record_id: str = "",
) -> None:
    """Tell the trail of a change."""
    publish(
        Change(
            at=at,
            actor_id=actor.staff_id,
            verb=verb,
            room="cases",
            record=record,
            record_id=record_id or case.pk,
            debtor_id=case.pk,
            before=before or {},
            after=after or {},
            why=why,
        )
    )


def move_status(
    case: Case, after: str, *, at: datetime, actor_id: int | None, why: str = ""
) -> bool:
    """Move a locked case along its table of states, with an entry; tell whether it moved.

    Errors: IllegalMove.
    """
    before = case.status
    case.status = moved(before=before, after=after)
    case.queue = queue_of(case=case, strategy=strategy())
    if before == after:
        case.save(update_fields=["queue"])
        return False
    case.status_since = at
    case.version += 1
    append(
        case,
        Happening(
            kind="status",
            at=at,
            actor_id=actor_id,
            facts={"before": before, "after": after, "why": why},
        ),
        changed=("status", "status_since", "queue", "version"),
    )
    publish(
        CaseStatusChanged(debtor_id=case.pk, before=before, after=after, staff_id=actor_id, at=at)
    )
    return True
