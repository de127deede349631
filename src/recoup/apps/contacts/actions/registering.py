"""The register of how to reach a person: consents, agreed hours, preferences, requests to stop.

Consents and agreed hours can open what the law closes, so none is kept without its proof. Nothing
is ever removed: what no longer holds is ended, in the person's words.
"""

from dataclasses import dataclass, field
from datetime import datetime, time

from django.db import transaction

from recoup.apps.contacts.actions.permits import Why, lock_person, void_permits
from recoup.apps.contacts.actions.recording import (
    PARTIES,
    PURPOSES,
    check_contract,
)
from recoup.apps.contacts.actions.stopping import AskedToStop, end_stop, stop
from recoup.apps.contacts.facts import OBLIGORS
from recoup.apps.contacts.models import AgreedHours, Consent, Contact, Preference, StopRequest
from recoup.apps.people.actions import tell_change
from recoup.apps.people.permissions import Actor, NotFound, require
from recoup.apps.portfolio.actions import lift_hold
from recoup.apps.portfolio.queries import debtor, holds_of, proofs_of
from recoup.kernel.refusal import Refused, Stale
from recoup.web.shown import local

LANGUAGES = ("zh", "en")
LEAST_WORDS = 4


class BadEntry(Refused):
    """What was entered cannot be kept in the register; the sentence says what to correct."""


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What proves a consent or an agreement: in words, and by a file of the person's where there
    is one."""

    words: str = field(repr=False)
    file_id: int | None = None


def record_consent(
    *,
    actor: Actor,
    debtor_id: str,
    channel: str,
    given_at: datetime,
    proof: Proof,
    at: datetime,
    purpose: str = "",
    contract_id: str = "",
) -> Consent:
    """Keep that the person agreed to a channel, for one purpose and contract or for all of them.

    Errors: NotAllowed; NotFound; BadEntry.
    """
    require(actor, "work", "contacts")
    debtor(actor, debtor_id)
    _check_code(channel, Contact.Channel.values, zh="渠道", en="channel")
    _check_code(purpose, ("", *PURPOSES), zh="目的", en="purpose")
    _check_past(given_at, at=at)
    check_contract(debtor_id=debtor_id, contract_id=contract_id or None)
    words = _proven(proof, debtor_id)
    with transaction.atomic():
        lock_person(debtor_id)
        row = Consent.objects.create(
            debtor_id=debtor_id,
            channel=channel,
            purpose=purpose,
            contract_id=contract_id,
            given_at=given_at,
            proof=words,
            proof_file_id=proof.file_id,
            recorded_by_id=actor.staff_id,
            recorded_at=at,
        )
        after = {
            "channel": channel,
            "purpose": purpose,
            "contract": contract_id,
            "given_at": given_at.isoformat(),
            "proof": words,
            "file": proof.file_id,
        }
        tell_change(
            actor,
            room="contacts",
            verb="record_consent",
            record="consent",
            record_id=row.pk,
            debtor_id=debtor_id,
            at=at,
            after=after,
        )
    return row


def withdraw_consent(*, actor: Actor, consent_id: int, words: str, at: datetime) -> Consent:
    """Keep that the person took a consent back; permits that may rest on it die.

    Errors: NotAllowed; NotFound; BadEntry.
    """
    require(actor, "work", "contacts")
    known = Consent.objects.filter(pk=consent_id).first()
    if known is None:
        raise NotFound(what=str(consent_id))
    debtor(actor, known.debtor_id)
    said = _in_words(words)
    with transaction.atomic():
        lock_person(known.debtor_id)
        row = Consent.objects.select_for_update().get(pk=consent_id)
        if row.withdrawn_at is not None:
            return row
        row.withdrawn_at, row.withdrawn_why = at, said
        row.save(update_fields=["withdrawn_at", "withdrawn_why"])
        void_permits(debtor_id=row.debtor_id, why=Why.STOP, at=at)
        after = {"channel": row.channel, "purpose": row.purpose}
        tell_change(
            actor,
            room="contacts",
            verb="withdraw_consent",
            record="consent",
            record_id=row.pk,
            debtor_id=row.debtor_id,
            at=at,
            after=after,
            why=said,
        )
    return row


def agree_hours(
    *, actor: Actor, debtor_id: str, begins: time, ends: time, proof: Proof, at: datetime
) -> AgreedHours:
    """Keep the local hours at which the person agreed to be reached.

    Errors: NotAllowed; NotFound; BadEntry.
    """
    require(actor, "work", "contacts")
    debtor(actor, debtor_id)
    if begins == ends:
        raise BadEntry(zh="约定时段的起点与终点相同。", en="The agreed hours end where they begin.")
    words = _proven(proof, debtor_id)
    with transaction.atomic():
        lock_person(debtor_id)
        row = AgreedHours.objects.create(
            debtor_id=debtor_id,
            begins=begins,
            ends=ends,
            proof=words,
            proof_file_id=proof.file_id,
            recorded_by_id=actor.staff_id,
            recorded_at=at,
        )
        after = {"from": f"{begins:%H:%M}", "until": f"{ends:%H:%M}", "proof": words}
        tell_change(
            actor,
            room="contacts",
            verb="agree_hours",
            record="agreed_hours",
            record_id=row.pk,
            debtor_id=debtor_id,
            at=at,
            after=after,
        )
    return row


def end_hours(*, actor: Actor, hours_id: int, words: str, at: datetime) -> AgreedHours:
    """Keep that agreed hours hold no longer. Errors: NotAllowed; NotFound; BadEntry."""
    require(actor, "work", "contacts")
    known = AgreedHours.objects.filter(pk=hours_id).first()
    if known is None:
        raise NotFound(what=str(hours_id))
    debtor(actor, known.debtor_id)
    said = _in_words(words)
    with transaction.atomic():
        lock_person(known.debtor_id)
        row = AgreedHours.objects.select_for_update().get(pk=hours_id)
        if row.ended_at is not None:
            return row
        row.ended_at = at
        row.save(update_fields=["ended_at"])
        void_permits(debtor_id=row.debtor_id, why=Why.STOP, at=at)
        tell_change(
            actor,
            room="contacts",
            verb="end_hours",
            record="agreed_hours",
            record_id=row.pk,
            debtor_id=row.debtor_id,
            at=at,
            after={"ended_at": at.isoformat()},
            why=said,
        )
    return row


@dataclass(frozen=True, kw_only=True)
class Wish:
    """How a person would rather be reached; what is empty was not said."""

    channel: str = ""
    language: str = ""
    begins: time | None = None
    ends: time | None = None
    note: str = ""


def set_preference(
    *, actor: Actor, debtor_id: str, wish: Wish, version: int, at: datetime
) -> Preference:
    """Keep how the person would rather be reached.

    Shape: ``version`` is the one that was seen; 0 where there was none.
    Errors: NotAllowed; NotFound; BadEntry; Stale.
    """
    require(actor, "work", "contacts")
    debtor(actor, debtor_id)
    _check_code(wish.channel, ("", *Contact.Channel.values), zh="渠道", en="channel")
    _check_code(wish.language, ("", *LANGUAGES), zh="语言", en="language")
    if (wish.begins is None) != (wish.ends is None) or (wish.begins and wish.begins == wish.ends):
        raise BadEntry(
            zh="请同时填写从几点到几点，且两者不同。",
            en="Write both from when and until when, and let them differ.",
        )
    with transaction.atomic():
        lock_person(debtor_id)
        row = Preference.objects.select_for_update().filter(pk=debtor_id).first()
        seen = row.version if row else 0
        if seen != version:
            who = str(row.recorded_by) if row and row.recorded_by else ""
            raise Stale(
                what_zh="联系偏好",
                what_en="The preference",
                who=who,
                at=local(row.recorded_at if row else at),
            )
        row = row or Preference(debtor_id=debtor_id, version=0)
        before = _shown(row) if seen else {}
        row.channel, row.language, row.note = wish.channel, wish.language, wish.note.strip()[:300]
        row.begins, row.ends = wish.begins, wish.ends
        row.version, row.recorded_by_id, row.recorded_at = seen + 1, actor.staff_id, at
        row.save()
        tell_change(
            actor,
            room="contacts",
            verb="set_preference",
            record="preference",
            record_id=debtor_id,
            debtor_id=debtor_id,
            at=at,
            before=before,
            after=_shown(row),
        )
    return row


def _shown(row: Preference) -> dict[str, object]:
    return {
        "channel": row.channel,
        "language": row.language,
        "from": f"{row.begins:%H:%M}" if row.begins else None,
        "until": f"{row.ends:%H:%M}" if row.ends else None,
        "note": row.note,
    }


def record_stop(
    *,
    actor: Actor,
    debtor_id: str,
    party: str,
    words: str,
    asked_at: datetime,
    at: datetime,
    number: str = "",
    channel: str = "",
    heard_over: str = "",
) -> StopRequest:
    """Keep that somebody asked not to be contacted, in their words, however we heard of it.

    Shape: ``channel`` empty: over none at all. ``number``: only over that number; a third person is
    known by it. It works at once: permits die, what waits to leave is stopped.
    Errors: NotAllowed; NotFound; BadEntry.
    """
    require(actor, "work", "contacts")
    debtor(actor, debtor_id)
    _check_code(party, PARTIES, zh="对象", en="party")
    _check_code(channel, ("", *Contact.Channel.values), zh="渠道", en="channel")
    _check_code(heard_over, ("", *Contact.Channel.values), zh="途径", en="way it was heard")
    _check_past(asked_at, at=at)
    asked = AskedToStop(
        debtor_id=debtor_id,
        party=party,
        number=number,
        channel=channel,
        heard_over=heard_over,
        words=_in_words(words),
        asked_at=asked_at,
    )
    with transaction.atomic():
        return stop(actor=actor, asked=asked, at=at)


def lift_stop(*, actor: Actor, stop_id: int, words: str, at: datetime) -> StopRequest:
    """Keep that the person wants to be reached again, in the person's own words.

    Who may lift a hold may do this; the hold that came with the request is lifted with it. Of a
    third person it is not asked.
    Errors: NotAllowed; NotFound; BadEntry.
    """
    require(actor, "work", "contacts")
    known = StopRequest.objects.filter(pk=stop_id).first()
    if known is None:
        raise NotFound(what=str(stop_id))
    debtor(actor, known.debtor_id)
    require(actor, "work", "portfolio")
    if known.party not in OBLIGORS:
        raise BadEntry(
            zh="第三人要求不再联系的，不得再联系，也不得解除（CN-CON-10）。",
            en="A third person who refused is never contacted again; this cannot be lifted "
            "(CN-CON-10).",
            rule="CN-CON-10",
        )
    said = _in_words(words)
    with transaction.atomic():
        lock_person(known.debtor_id)
        row = StopRequest.objects.select_for_update().get(pk=stop_id)
        if row.lifted_at is not None:
            return row
        end_stop(row, staff_id=actor.staff_id, why=said, at=at)
        for hold in holds_of(row.debtor_id):
            if hold.hold_id == row.hold_id and hold.lifted_on is None:
                today = local(at).date()
                lift_hold(actor=actor, hold_id=hold.hold_id, why=said, on=today, at=at)
    return row


def _check_code(code: str, known: tuple[str, ...] | list[str], *, zh: str, en: str) -> None:
    if code not in known:
        listed = [one for one in known if one]
        raise BadEntry(
            zh=f"{zh}“{code}”不在可选范围内：{'、'.join(listed)}。",
            en=f"The {en} '{code}' is none of: {', '.join(listed)}.",
        )


def _check_past(when: datetime, *, at: datetime) -> None:
    if when > at:
        raise BadEntry(zh="时间晚于现在。", en="The time lies ahead of now.")


def _in_words(words: str) -> str:
    said = words.strip()
    if len(said) < LEAST_WORDS:
        raise BadEntry(
            zh="请写下本人的原话。", en="Write down what the person said, in the person's words."
        )
    return said[:300]


def _proven(proof: Proof, debtor_id: str) -> str:
    """Yield what proves it, in words. Errors: BadEntry; NotFound, for a file of somebody else."""
    words = proof.words.strip()
    if len(words) < LEAST_WORDS:
        raise BadEntry(
            zh="没有证明不能登记：请写明如何证明（录音编号、签字文件、短信原文）。",
            en="It cannot be kept without its proof: say what proves it (the number of a "
            "recording, a signed paper, the words of a message).",
        )
    own = {one.proof_id for one in proofs_of(debtor_id)} if proof.file_id is not None else set()
    if proof.file_id is not None and proof.file_id not in own:
        raise NotFound(what=str(proof.file_id))
    return words[:300]
