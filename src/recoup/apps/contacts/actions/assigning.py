"""Gives a reply that nobody could be found for to the person who wrote it."""

from datetime import datetime

from django.db import transaction

from recoup.apps.contacts.actions.permits import lock_person
from recoup.apps.contacts.actions.recording import PARTIES, contact_of_reply
from recoup.apps.contacts.actions.registering import BadEntry
from recoup.apps.contacts.actions.stopping import AskedToStop, stop
from recoup.apps.contacts.models import ReplyReceived
from recoup.apps.people.permissions import Actor, NotFound, require
from recoup.apps.portfolio.queries import debtor
from recoup.events.bus import publish
from recoup.events.changes import Change
from recoup.kernel.refusal import Stale


def assign_reply(
    *, actor: Actor, reply_id: int, debtor_id: str, party: str, at: datetime
) -> ReplyReceived:
    """Say who wrote a reply: it goes into the person's history, and what it asks is done.

    A reply that asks to stop stops its channel for that person too; for others who have the number
    it stays stopped until they say otherwise.
    Errors: NotAllowed; NotFound; BadEntry; Stale, when somebody has assigned it meanwhile.
    """
    require(actor, "assign", "contacts")
    person = debtor(actor, debtor_id)
    if party not in PARTIES:
        raise BadEntry(zh="请选择是谁写的。", en="Say who wrote it.")
    with transaction.atomic():
        lock_person(person.debtor_id)
        row = ReplyReceived.objects.select_for_update().filter(pk=reply_id).first()
        if row is None:
            raise NotFound(what=str(reply_id))
        if row.debtor_id:
            raise Stale(what_zh="这条回复", what_en="This reply", who="", at=None)
        row.debtor_id, row.party = person.debtor_id, party
        row.contact = contact_of_reply(
            debtor_id=person.debtor_id,
            channel=row.channel,
            party=party,
            number=row.address,
            text=row.text,
            at=row.at,
            now=at,
        )
        row.save(update_fields=["debtor_id", "party", "contact"])
        if row.stop_word:
            asked = AskedToStop(
                debtor_id=person.debtor_id,
                party=party,
                number=row.address,
                channel=row.channel,
                heard_over=row.channel,
                words=row.text,
                asked_at=row.at,
            )
            stop(actor=actor, asked=asked, at=at)
        publish(
            Change(
                at=at,
                actor_id=actor.staff_id,
                verb="assign_reply",
                room="contacts",
                record="reply",
                record_id=str(row.pk),
                debtor_id=person.debtor_id,
                after={"channel": row.channel, "party": party, "stop_word": row.stop_word},
            )
        )
    return row
