"""Says which document stands for an item that a court asks for."""

from datetime import datetime

from django.db import transaction

from recoup.apps.evidence.missing import items_of, wanted
from recoup.apps.evidence.models import Filing
from recoup.apps.people.permissions import Actor, NotFound, require
from recoup.apps.portfolio.queries import debtor
from recoup.events.bus import publish
from recoup.events.changes import Change
from recoup.events.evidence import PaperAsked, papers_of


def file_paper(*, actor: Actor, debtor_id: str, item: str, paper: str, at: datetime) -> None:
    """Let a document of the person stand for an item; an empty ``paper`` takes it back.

    Errors: NotFound, outside the scope, for an item or a document that is not there; NotAllowed.
    """
    debtor(actor, debtor_id)
    require(actor, "work", "cases")
    if actor.staff_id is None:
        raise NotFound(what=item)  # the machine files nothing
    if item not in {one.code for one in items_of(on=at.date())}:
        raise NotFound(what=item)
    asked = PaperAsked(debtor_id=debtor_id, language="zh", at=at)
    if paper and paper not in {one.key for one in papers_of(asked)}:
        raise NotFound(what=paper)
    before = wanted(debtor_id=debtor_id, item=item)
    with transaction.atomic():
        Filing.objects.create(
            debtor_id=debtor_id, item=item, paper=paper, at=at, made_by_id=actor.staff_id
        )
        publish(
            Change(
                at=at,
                actor_id=actor.staff_id,
                verb="file_paper",
                room="evidence",
                record="filing",
                record_id=f"{debtor_id}:{item}",
                debtor_id=debtor_id,
                before={"paper": before},
                after={"paper": paper},
            )
        )
