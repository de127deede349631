"""Handles complaints: who does, how long it may take, what is new, which contacts belong to it."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from recoup.apps.complaints.actions.taking import hold
from recoup.apps.complaints.actions.tasks import give_task
from recoup.apps.complaints.actions.telling import (
    LONGEST,
    ROOM,
    check_handler,
    check_version,
    done,
    handled,
    locked,
    today,
)
from recoup.apps.complaints.clock import law_of
from recoup.apps.complaints.models import Appraisal, Complaint, LinkedContact, NewFacts
from recoup.apps.complaints.queries.cards import ComplaintCard, complaint_card
from recoup.apps.complaints.refusals import BadComplaint, CannotHandle, NoSuchPeriod
from recoup.apps.compliance.actions import request_approval
from recoup.apps.compliance.events import ApprovalDecided
from recoup.apps.compliance.permissions import seen
from recoup.apps.contacts.queries import contacts_by_id
from recoup.apps.people.permissions import Actor, NotFound
from recoup.apps.people.queries import actor_of, staff_cards

EXTEND = "extend_complaint"


def name_owner(
    *, actor: Actor, number: str, staff_id: int, version: int | None, at: datetime
) -> ComplaintCard:
    """Say who handles a complaint; somebody who works cases finds it among the day's tasks.

    Errors: NotFound, NotAllowed, CannotHandle (also of whom it is about, and of who does not see
    the person), Stale.
    """
    with transaction.atomic():
        row = handled(actor, number, version=version, by_owner=False)
        named = staff_cards((staff_id,)).get(staff_id)
        if named is None or not named.is_active:
            raise NotFound(what=str(staff_id))
        if row.about_staff_id == staff_id:
            raise CannotHandle.about_yourself()
        if row.debtor_id and not seen(actor_of(staff_id=staff_id, at=at), (row.debtor_id,)):
            raise CannotHandle.out_of_sight(name=named.name)
        before, row.owner_id = row.owner_id, staff_id
        give_task(row, staff_id=staff_id, at=at)
        done(
            row,
            actor=actor,
            verb="name_complaint_owner",
            kind="owner",
            at=at,
            before={"owner": before},
            after={"owner": staff_id},
        )
    return complaint_card(row)


def choose_period(
    *, actor: Actor, number: str, period: str, why: str, version: int | None, at: datetime
) -> ComplaintCard:
    """Choose how long the answer may take, with the reason; what somebody above must approve waits.

    Errors: NotFound, NotAllowed, CannotHandle, Stale, NoSuchPeriod; ReasonMissing, AlreadyWaiting.
    """
    with transaction.atomic():
        row = handled(actor, number, version=version)
        law = law_of(row)
        chosen = law.period(period) if law else None
        if law is None or chosen is None:
            raise NoSuchPeriod(name=period, law=law)
        if not why.strip():
            raise BadComplaint.missing(zh="原因", en="the reason")
        if not chosen.needs_approval:
            before, row.period = row.period, period
            done(
                row,
                actor=actor,
                verb="choose_complaint_period",
                kind="period",
                at=at,
                text=why.strip(),
                before={"period": before},
                after={"period": period, "rule": law.rule_id},
            )
            return complaint_card(row)
        request_approval(
            actor=actor,
            kind=EXTEND,
            room=ROOM,
            record_id=row.number or "",
            debtor_id=row.debtor_id,
            amount_minor=0,
            payload={"number": row.number, "period": period, "rule": law.rule_id},
            why=why,
            at=at,
        )
        done(
            row,
            actor=actor,
            verb="choose_complaint_period",
            kind="extension_asked",
            at=at,
            text=why.strip(),
            after={"period": period, "rule": law.rule_id},
        )
    return complaint_card(row)


def execute_extension(event: ApprovalDecided) -> None:
    """Extend the period that a second pair of eyes has approved, or note that it has not.

    Errors: CannotHandle, where the complaint was answered meanwhile; then nothing is decided.
    """
    if event.room != ROOM or event.kind != EXTEND:
        return
    with transaction.atomic():
        row = Complaint.objects.select_for_update(of=("self",)).get(number=event.record_id)
        if row.status != Complaint.Status.OPEN and event.approved:
            raise CannotHandle.answered()
        checker = Actor(staff_id=event.checker_id, name="", whole_bank=True)
        before = row.period
        if event.approved:
            row.period = str(event.payload["period"])
        done(
            row,
            actor=checker,
            verb="extend_complaint" if event.approved else "refuse_complaint_extension",
            kind="extended" if event.approved else "extension_refused",
            at=event.at,
            text=event.remark or event.why,
            before={"period": before},
            after={"period": row.period},
        )


def tell_complainant(
    *, actor: Actor, number: str, on: date, words: str, version: int | None, at: datetime
) -> ComplaintCard:
    """Note that the complainant was told of a longer period, or of an appraisal under way.

    Errors: NotFound, NotAllowed, CannotHandle, Stale, BadComplaint.
    """
    with transaction.atomic():
        row = handled(actor, number, version=version)
        _check_day(row, on, at=at)
        row.told_on = on
        row.appraisals.filter(told_on=None).update(told_on=on)
        done(
            row,
            actor=actor,
            verb="tell_complainant",
            kind="told",
            at=at,
            text=words.strip()[:LONGEST],
            after={"told_on": on.isoformat()},
        )
    return complaint_card(row)


def add_new_facts(
    *, actor: Actor, number: str, on: date, words: str, version: int | None, at: datetime
) -> ComplaintCard:
    """Record something new; by the pack's rule the period begins again, and an answered complaint
    is opened again with its holds.

    Errors: NotFound, NotAllowed, CannotHandle, Stale, BadComplaint.
    """
    with transaction.atomic():
        row = locked(actor, number)
        check_handler(actor, row, by_owner=True)
        check_version(row, version)
        _check_day(row, on, at=at)
        if not words.strip():
            raise BadComplaint.missing(zh="新的事实", en="what is new")
        NewFacts.objects.create(
            complaint=row, on=on, words=words.strip(), made_by_id=actor.staff_id, made_at=at
        )
        was_closed = row.status == Complaint.Status.CLOSED
        if was_closed:
            row.status = Complaint.Status.OPEN
            row.answered_at = row.answered_on = row.answered_by_id = None
            row.step = 0
            hold(row, actor=actor, at=at)
        done(
            row,
            actor=actor,
            verb="add_complaint_facts",
            kind="reopened" if was_closed else "new_facts",
            at=at,
            text=words.strip(),
            after={"on": on.isoformat()},
        )
    return complaint_card(row)


def begin_appraisal(
    *,
    actor: Actor,
    number: str,
    by_whom: str,
    from_on: date,
    is_told: bool,
    version: int | None,
    at: datetime,
) -> ComplaintCard:
    """Send a complaint to an appraisal outside the house; its days do not count if it was told.

    Errors: NotFound, NotAllowed, CannotHandle, Stale, BadComplaint.
    """
    with transaction.atomic():
        row = handled(actor, number, version=version)
        _check_day(row, from_on, at=at)
        if not by_whom.strip():
            raise BadComplaint.missing(zh="鉴定机构", en="by whom")
        if row.appraisals.filter(until_on=None).exists():
            raise CannotHandle.appraised(is_running=True)
        Appraisal.objects.create(
            complaint=row,
            by_whom=by_whom.strip()[:200],
            from_on=from_on,
            told_on=today(at) if is_told else None,
            made_by_id=actor.staff_id,
            made_at=at,
        )
        done(
            row,
            actor=actor,
            verb="begin_appraisal",
            kind="appraisal_begun",
            at=at,
            text=by_whom.strip(),
            after={"from_on": from_on.isoformat(), "told": is_told},
        )
    return complaint_card(row)


def end_appraisal(
    *, actor: Actor, number: str, until_on: date, version: int | None, at: datetime
) -> ComplaintCard:
    """End the appraisal under way; ``until_on`` is the first day that counts again.

    Errors: NotFound, NotAllowed, CannotHandle, Stale, BadComplaint.
    """
    with transaction.atomic():
        row = handled(actor, number, version=version)
        running = row.appraisals.filter(until_on=None).first()
        if running is None:
            raise CannotHandle.appraised(is_running=False)
        _check_day(row, until_on, at=at)
        running.until_on = max(until_on, running.from_on)
        running.save(update_fields=["until_on"])
        done(
            row,
            actor=actor,
            verb="end_appraisal",
            kind="appraisal_ended",
            at=at,
            after={"until_on": running.until_on.isoformat()},
        )
    return complaint_card(row)


def link_contacts(
    *, actor: Actor, number: str, contact_ids: Iterable[int], version: int | None, at: datetime
) -> ComplaintCard:
    """Say which contacts of the person a complaint is about; those not named are unlinked.

    Errors: NotFound, also for a contact of somebody else; NotAllowed, CannotHandle, Stale.
    """
    wanted = set(contact_ids)
    with transaction.atomic():
        row = handled(actor, number, version=version)
        if not row.debtor_id:
            raise CannotHandle.no_person()
        own = {
            one.contact_id
            for one in contacts_by_id(contact_ids=wanted)
            if one.debtor_id == row.debtor_id
        }
        if own != wanted:
            raise NotFound(what=", ".join(str(one) for one in sorted(wanted - own)))
        row.contacts.exclude(contact_id__in=wanted).delete()
        LinkedContact.objects.bulk_create(
            [LinkedContact(complaint=row, contact_id=one) for one in sorted(wanted)],
            ignore_conflicts=True,
        )
        done(
            row,
            actor=actor,
            verb="link_complaint_contacts",
            kind="contacts",
            at=at,
            after={"contacts": sorted(wanted)},
        )
    return complaint_card(row)


def note_complaint(*, actor: Actor, number: str, text: str, at: datetime) -> ComplaintCard:
    """Write a note into the history. Errors: NotFound, NotAllowed, CannotHandle, BadComplaint."""
    if not text.strip() or len(text) > LONGEST:
        raise BadComplaint.missing(zh="备注", en="the note")
    with transaction.atomic():
        row = handled(actor, number, version=None)
        done(row, actor=actor, verb="note_complaint", kind="note", at=at, text=text.strip())
    return complaint_card(row)


def _check_day(row: Complaint, on: date, *, at: datetime) -> None:
    if on > today(at):
        raise BadComplaint.future()
    if on < row.received_on:
        raise BadComplaint.before_receipt()
