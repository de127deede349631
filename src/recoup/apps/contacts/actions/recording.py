"""Logs contacts and takes back what was logged by mistake; brings in the contacts of the book."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from recoup.apps.contacts.actions.permits import lock_person, use_permit
from recoup.apps.contacts.actions.stopping import AskedToStop, end_stop, reason_of_hold, stop
from recoup.apps.contacts.bringing import bring_contacts
from recoup.apps.contacts.events import ContactRecorded, ContactWithdrawn
from recoup.apps.contacts.facts import DEBTOR, STOP
from recoup.apps.contacts.models import Contact, GateDecision, PhoneCall, StopRequest
from recoup.apps.contacts.queries import ContactCard, card, may_contact
from recoup.apps.people.permissions import MACHINE, Actor, NotAllowed, NotFound, require
from recoup.apps.portfolio.actions import judge_contact_point, take_back_holds
from recoup.apps.portfolio.events import NightPublished
from recoup.apps.portfolio.queries import (
    contact_points_of,
    contracts_of,
    current_result,
    debtor,
    ids_in_arrears,
)
from recoup.apps.portfolio.queries.cards import TAKEN_BACK
from recoup.events.bus import publish
from recoup.events.changes import Change
from recoup.kernel.contact_facts import same_number
from recoup.kernel.refusal import Refused

PARTIES = ("debtor", "co_obligor", "guarantor", "listed_contact", "other")
PURPOSES = ("collect", "notice", "service", "restore_contact")
OUTCOMES = (
    *("answered", "right_party", "no_answer", "busy", "invalid", "promise"),
    *("refused", "asked_to_stop", "delivered", "failed"),
)
#: How long a contact that was logged by mistake can be taken back by whoever logged it.
#: Characters of the reference by which a recording is found.
LONGEST_REFERENCE = 300
UNDO = timedelta(seconds=15)
#: How far ahead of the desk's clock a contact may be dated: clocks differ a little.
AHEAD = timedelta(minutes=5)
#: How long ago a contact may have been that is logged at the desk.
BACK = timedelta(days=31)


class BadContact(Refused):
    """What was logged is no contact of the book contract, or cannot have happened."""


class TooLate(Refused):
    """A contact can be taken back for some seconds only."""


@dataclass(frozen=True, kw_only=True)
class ContactLogged:
    """The contact as recorded; ``again`` when the client's key was known and nothing was done."""

    contact: ContactCard
    again: bool = False


def record_contact(
    *,
    actor: Actor,
    debtor_id: str,
    at: datetime,
    channel: str,
    direction: str = "out",
    party: str = DEBTOR,
    number: str = "",
    purpose: str = "collect",
    outcome: str = "",
    note: str = "",
    recording: str = "",
    contract_id: str | None = None,
    contact_id: str | None = None,
    recorded_at: datetime | None = None,
    only_this_channel: bool = False,
    decision_id: int | None = None,
) -> ContactLogged:
    """Log a contact as it happened.

    Shape: ``recording`` is where a recording lies, by the bank's own reference; ``contact_id`` is a
    key of the client's by which the same contact is logged once;
    ``recorded_at`` the instant of the act where it differs from ``at``, the contact's. An outbound
    contact against which the gate stood is recorded all the same, with the rules it broke. A debtor
    who asks not to be contacted is not, from now on (``only_this_channel``: over that channel); a
    number that is not in use is marked so. ``decision_id`` is the gate's permit under which the
    contact was made: it is used by this.
    Errors: NotAllowed; NotFound; BadContact; PermitIsDead.
    """
    require(actor, "work", "contacts")
    now = recorded_at or at
    person = debtor(actor, debtor_id)
    _check_codes(channel=channel, direction=direction, party=party, purpose=purpose, what=outcome)
    check_contract(debtor_id=debtor_id, contract_id=contract_id)
    _check_instant(at=at, now=now)
    _check_recording(recording.strip())
    with transaction.atomic():
        # The person first: whoever sends the same contact twice at once finds it then.
        lock_person(person.debtor_id)
        known = Contact.objects.filter(client_key=contact_id).first() if contact_id else None
        if known is not None:
            return ContactLogged(contact=card(known), again=True)
        permit = _permit_used(decision_id, debtor_id=debtor_id, channel=channel, at=at)
        number = permit.number if permit else number
        number = number or _number_used(debtor_id=person.debtor_id, channel=channel, party=party)
        row = Contact(
            debtor_id=person.debtor_id,
            contract_id=contract_id or "",
            at=at,
            channel=channel,
            direction=direction,
            party=party,
            number=number,
            purpose=purpose,
            outcome=outcome,
            note=note.strip(),
            recording=recording.strip(),
            client_key=contact_id,
            decision=permit,
            made_by_id=actor.staff_id,
            recorded_at=now,
        )
        row.breaches = [] if permit else _breaches(row)
        _save_with_call(row)
        _tell(actor, row)
        _follow_up(actor, row, only_this_channel=only_this_channel)
    return ContactLogged(contact=card(row))


def _save_with_call(row: Contact) -> None:
    """Save a contact; one of a call by click has the call's recording, and the call knows it."""
    dialled = PhoneCall.objects.filter(decision=row.decision).first() if row.decision_id else None
    if dialled is not None:
        row.recording = row.recording or dialled.recording
    row.save()
    if dialled is not None:
        PhoneCall.objects.filter(pk=dialled.pk).update(contact=row)


def withdraw_contact(*, actor: Actor, contact_id: int, at: datetime) -> ContactCard:
    """Take back a contact that was logged by mistake; it stays on record and counts for nothing.

    The hold that came with it is taken back as well; a mark on a number is not, it is judged anew.
    Errors: NotAllowed; NotFound; TooLate.
    """
    require(actor, "work", "contacts")
    with transaction.atomic():
        known = Contact.objects.filter(pk=contact_id).first()
        if known is None:
            raise NotFound(what=str(contact_id))
        debtor(actor, known.debtor_id)
        lock_person(known.debtor_id)
        row = Contact.objects.select_for_update().get(pk=contact_id)
        if row.made_by_id != actor.staff_id:
            raise NotAllowed(verb="work", room="contacts")
        if row.withdrawn_at is not None:
            return card(row)
        if at - row.recorded_at > UNDO:
            raise TooLate(
                zh="这条联系记录已不能撤回；如有错误，请新增一条备注说明。",
                en="This contact can no longer be taken back; add a note that says what was wrong.",
            )
        row.withdrawn_at = at
        row.save(update_fields=["withdrawn_at"])
        for asked in StopRequest.objects.select_for_update().filter(contact=row, lifted_at=None):
            end_stop(asked, staff_id=actor.staff_id, why=TAKEN_BACK, at=at, told=False)
            because = reason_of_hold(asked)
            take_back_holds(actor=actor, debtor_id=row.debtor_id, set_because=because, at=at)
        publish(
            Change(
                at=at,
                actor_id=actor.staff_id,
                verb="withdraw_contact",
                room="contacts",
                record="contact",
                record_id=str(row.pk),
                debtor_id=row.debtor_id,
                after={"withdrawn_at": at.isoformat()},
            )
        )
        publish(
            ContactWithdrawn(
                contact_id=row.pk, debtor_id=row.debtor_id, staff_id=actor.staff_id, at=at
            )
        )
    return card(row)


def contact_of_message(*, decision: GateDecision, made_by_id: int | None, at: datetime) -> Contact:
    """Record the contact that a message is, in the transaction that takes it to be sent."""
    row = Contact.objects.create(
        debtor_id=decision.debtor_id,
        contract_id=decision.contract_id,
        at=at,
        channel=decision.channel,
        direction=Contact.Direction.OUT,
        party=decision.party,
        number=decision.number,
        purpose=decision.purpose,
        decision=decision,
        made_by_id=made_by_id,
        recorded_at=at,
    )
    _tell(MACHINE, row)
    return row


def contact_of_reply(
    *, debtor_id: str, channel: str, party: str, number: str, text: str, at: datetime, now: datetime
) -> Contact:
    """Record that somebody wrote back, in these words."""
    row = Contact.objects.create(
        debtor_id=debtor_id,
        at=min(at, now),
        channel=channel,
        direction=Contact.Direction.IN,
        party=party,
        number=number,
        purpose="service",
        outcome="answered",
        note=text,
        recorded_at=now,
    )
    _tell(MACHINE, row)
    return row


def _permit_used(
    decision_id: int | None, *, debtor_id: str, channel: str, at: datetime
) -> GateDecision | None:
    """Use the permit that was named. Errors: PermitIsDead; NotFound; BadContact."""
    if decision_id is None:
        return None
    decision = use_permit(decision_id=decision_id, debtor_id=debtor_id, at=at)
    if decision.channel != channel:
        raise BadContact(
            zh="许可是为另一种渠道签发的；请为本次联系重新申请。",
            en="The permit is for another channel; ask for one for this contact.",
        )
    return decision


def _check_codes(*, channel: str, direction: str, party: str, purpose: str, what: str) -> None:
    wanted = (
        ("渠道", "channel", channel, tuple(Contact.Channel.values)),
        ("方向", "direction", direction, tuple(Contact.Direction.values)),
        ("对象", "party", party, PARTIES),
        ("目的", "purpose", purpose, PURPOSES),
        ("结果", "outcome", what, ("", *OUTCOMES)),
    )
    for zh, en, code, codes in wanted:
        if code not in codes:
            raise BadContact(
                zh=f"{zh}“{code}”不在可选范围内：{'、'.join(one for one in codes if one)}。",
                en=f"The {en} '{code}' is none of: {', '.join(one for one in codes if one)}.",
            )


def _check_instant(*, at: datetime, now: datetime) -> None:
    if at > now + AHEAD:
        raise BadContact(
            zh="联系时间晚于现在；请改正后再登记。",
            en="The contact is dated later than now; correct the time and log it again.",
        )
    if at < now - BACK:
        raise BadContact(
            zh=f"联系时间早于 {BACK.days} 天前；这样早的联系请随账册报送。",
            en=f"The contact is dated more than {BACK.days} days back; contacts of so long ago "
            "come with the bank's book.",
        )


def _check_recording(reference: str) -> None:
    if len(reference) > LONGEST_REFERENCE:
        raise BadContact(
            zh=f"录音编号最多 {LONGEST_REFERENCE} 个字符；请填写录音系统中的编号。",
            en=f"A recording's reference has {LONGEST_REFERENCE} characters at most; give the one "
            "of the recording system.",
        )


def check_contract(*, debtor_id: str, contract_id: str | None) -> None:
    """Pass if a contract is the person's own, or none is named. Errors: NotFound."""
    if contract_id is None:
        return
    own = {one.contract_id for one in contracts_of((debtor_id,)).get(debtor_id, ())}
    if contract_id not in own:
        raise NotFound(what=contract_id)


def _number_used(*, debtor_id: str, channel: str, party: str) -> str:
    """The number that is at hand where none was named: the first one still in use."""
    kind = {"email": "email"}.get(channel, "phone")
    if channel not in ("call", "ai_call", "sms", "im", "email"):
        return ""
    points = [
        one
        for one in contact_points_of(debtor_id)
        if one.kind == kind and one.party == party and one.is_valid is not False
    ]
    return points[0].value if points else ""


def _breaches(contact: Contact) -> list[dict[str, str]]:
    """Yield the rules that stood against an outbound contact before it was made."""
    if contact.direction != Contact.Direction.OUT:
        return []
    answer = may_contact(
        debtor_id=contact.debtor_id,
        channel=contact.channel,
        party=contact.party,
        number=contact.number,
        purpose=contact.purpose,
        at=contact.at,
    )
    return [
        {
            "rule": one.rule,
            "source": one.source,
            "zh": one.zh,
            "en": one.en,
            "origin": one.origin,
        }
        for one in answer.reasons
    ]


def _tell(actor: Actor, row: Contact) -> None:
    rules = tuple(str(one["rule"]) for one in row.breaches)
    publish(
        Change(
            at=row.recorded_at,
            actor_id=actor.staff_id,
            verb="record_contact",
            room="contacts",
            record="contact",
            record_id=str(row.pk),
            debtor_id=row.debtor_id,
            after={
                "at": row.at.isoformat(),
                "channel": row.channel,
                "direction": row.direction,
                "party": row.party,
                "purpose": row.purpose,
                "outcome": row.outcome,
                "breaches": list(rules),
            },
        )
    )
    publish(
        ContactRecorded(
            contact_id=row.pk,
            debtor_id=row.debtor_id,
            contract_id=row.contract_id,
            at=row.at,
            channel=row.channel,
            direction=row.direction,
            party=row.party,
            purpose=row.purpose,
            outcome=row.outcome,
            note=row.note,
            staff_id=actor.staff_id,
            breaches=rules,
            recorded_at=row.recorded_at,
            recording=row.recording,
        )
    )


def _follow_up(actor: Actor, row: Contact, *, only_this_channel: bool) -> None:
    """What an outcome brings with it, whatever other duties the collector has or has not."""
    if row.outcome == STOP:
        # The debtor's word binds whatever number it was said over; another person is the number.
        asked = AskedToStop(
            debtor_id=row.debtor_id,
            party=row.party,
            number="" if row.party == DEBTOR else row.number,
            channel=row.channel if only_this_channel else "",
            heard_over=row.channel,
            words=row.note,
            asked_at=row.at,
            contact=row,
        )
        stop(actor=actor, asked=asked, at=row.recorded_at)
    if row.outcome == "invalid" and row.number:
        mark_invalid(actor=actor, debtor_id=row.debtor_id, number=row.number, at=row.recorded_at)


def mark_invalid(*, actor: Actor, debtor_id: str, number: str, at: datetime) -> None:
    """Mark a person's number or address as not in use. Errors: NotAllowed; Stale."""
    for point in contact_points_of(debtor_id):
        if point.contact_point_id is None or point.is_valid is False:
            continue
        if same_number(point.value, number):
            judge_contact_point(
                actor=actor,
                contact_point_id=point.contact_point_id,
                is_valid=False,
                version=point.version,
                at=at,
            )


def bring_night(event: NightPublished) -> None:
    """Hear that a night was published: add the contacts that its book has of people in arrears."""
    result = current_result()
    if result is None:
        return
    bring_contacts(result=result, as_of=event.as_of, debtor_ids=ids_in_arrears(), at=event.at)
