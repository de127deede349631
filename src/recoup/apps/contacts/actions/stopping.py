"""Somebody asks us to stop: kept in their words, and everything that was to reach them dies.

One way in for every such request, whoever tells of it: a reply with a stop word, a complaint of the
provider, a call, a letter. The debtor's own request is also a hold, which the night reads.
"""

from dataclasses import dataclass, field
from datetime import datetime

from recoup.apps.contacts.actions.permits import Why, lock_person, void_permits
from recoup.apps.contacts.events import StopAsked, StopLifted
from recoup.apps.contacts.facts import DEBTOR, NO_CONTACT, STOP
from recoup.apps.contacts.models import Contact, Message, StopRequest
from recoup.apps.people.permissions import MACHINE, Actor
from recoup.apps.portfolio.actions import set_hold
from recoup.apps.portfolio.events import HoldLifted
from recoup.apps.portfolio.queries import holds_of
from recoup.events.bus import publish
from recoup.events.changes import Change
from recoup.web.shown import local


@dataclass(frozen=True, kw_only=True)
class AskedToStop:
    """What was asked: by whom, over which number, for which channel (empty: all of them)."""

    debtor_id: str
    party: str
    asked_at: datetime
    words: str = field(default="", repr=False)
    number: str = field(default="", repr=False)
    channel: str = ""
    heard_over: str = ""
    contact: Contact | None = None


def stop(*, actor: Actor, asked: AskedToStop, at: datetime) -> StopRequest:
    """Keep a request to stop, once, and let it work at once; within a transaction.

    Permits die, messages that wait are stopped, and the debtor's own request becomes a hold.
    """
    lock_person(asked.debtor_id)
    about = {
        "debtor_id": asked.debtor_id,
        "party": asked.party,
        "number": asked.number,
        "channel": asked.channel,
    }
    known = StopRequest.objects.filter(**about, lifted_at=None).first()
    if known is not None:
        return known
    row = StopRequest.objects.create(
        **about,
        asked_at=asked.asked_at,
        heard_over=asked.heard_over,
        words=asked.words[:300],
        contact=asked.contact,
        recorded_by_id=actor.staff_id,
        recorded_at=at,
    )
    void_permits(debtor_id=asked.debtor_id, why=Why.STOP, at=at)
    stop_waiting(debtor_id=asked.debtor_id, said=Why.STOP, at=at)
    if asked.party == DEBTOR:
        row.hold_id = _hold(actor, row, at=at)
        row.save(update_fields=["hold_id"])
    _tell(actor, row, at=at)
    return row


def reason_of_hold(row: StopRequest) -> str:
    """Yield the reason of the hold that comes with a request: by it the hold is found again."""
    return f"desk-{row.contact_id}: {STOP}" if row.contact_id else f"stop-{row.pk}: {STOP}"


def _hold(actor: Actor, row: StopRequest, *, at: datetime) -> int | None:
    """Whoever may log what was said may not have every other duty: the request binds all the same.

    A request heard in a contact is the collector's own act, which the collector can take back.
    """
    return set_hold(
        actor=actor if row.contact_id else MACHINE,
        debtor_id=row.debtor_id,
        kind=NO_CONTACT,
        from_on=local(row.asked_at).date(),
        channel=row.channel or None,
        why=reason_of_hold(row),
        at=at,
    ).hold_id


def stop_waiting(*, debtor_id: str, said: str, at: datetime) -> int:
    """Stop the messages of a person that wait to leave and were never handed over; yield how many.

    One that a provider may have already is looked at by the worker, which knows what to do.
    """
    waiting = Message.objects.select_for_update().filter(
        debtor_id=debtor_id, state=Message.State.QUEUED, tries=0
    )
    rows = list(waiting)
    for row in rows:
        row.state, row.said, row.receipt_at = Message.State.STOPPED, said, at
        row.save(update_fields=["state", "said", "receipt_at"])
        publish(
            Change(
                at=at,
                actor_id=None,
                verb="stop_message",
                room="contacts",
                record="message",
                record_id=str(row.pk),
                debtor_id=debtor_id,
                after={"state": row.state, "decision": row.decision_id, "said": said},
            )
        )
    return len(rows)


def _tell(actor: Actor, row: StopRequest, *, at: datetime) -> None:
    publish(
        Change(
            at=at,
            actor_id=actor.staff_id,
            verb="take_stop",
            room="contacts",
            record="stop_request",
            record_id=str(row.pk),
            debtor_id=row.debtor_id,
            after={
                "party": row.party,
                "channel": row.channel,
                "heard_over": row.heard_over,
                "asked_at": row.asked_at.isoformat(),
            },
        )
    )
    publish(
        StopAsked(
            stop_id=row.pk,
            debtor_id=row.debtor_id,
            party=row.party,
            channel=row.channel,
            words=row.words,
            staff_id=actor.staff_id,
            at=at,
        )
    )


def end_stop(
    row: StopRequest, *, staff_id: int | None, why: str, at: datetime, told: bool = True
) -> None:
    """Let a request bind no longer, with the words by which it was taken back."""
    row.lifted_at, row.lifted_why, row.lifted_by_id = at, why[:300], staff_id
    row.save(update_fields=["lifted_at", "lifted_why", "lifted_by"])
    publish(
        Change(
            at=at,
            actor_id=staff_id,
            verb="lift_stop",
            room="contacts",
            record="stop_request",
            record_id=str(row.pk),
            debtor_id=row.debtor_id,
            after={"party": row.party, "channel": row.channel},
            why=row.lifted_why,
        )
    )
    if told:
        publish(
            StopLifted(
                stop_id=row.pk,
                debtor_id=row.debtor_id,
                party=row.party,
                channel=row.channel,
                words=row.lifted_why,
                staff_id=staff_id,
                at=at,
            )
        )


def hear_hold_lifted(event: HoldLifted) -> None:
    """Hear that a hold was lifted: the request that had set it binds no longer."""
    if event.kind != NO_CONTACT:
        return
    rows = StopRequest.objects.filter(
        debtor_id=event.debtor_id, hold_id=event.hold_id, lifted_at=None
    )
    for row in rows:
        hold = next(
            (one for one in holds_of(event.debtor_id) if one.hold_id == event.hold_id), None
        )
        end_stop(
            row,
            staff_id=hold.lifted_by_id if hold else None,
            why=hold.lift_why if hold else "",
            at=event.at,
            told=False,
        )
