"""Numbers and addresses that staff add, and their judgement whether one still serves."""

import re
from datetime import date, datetime

from django.db import transaction

from recoup.apps.people.permissions import Actor, NotFound
from recoup.apps.portfolio.actions.acts import WrongEntry, begin, record, staff_id_of
from recoup.apps.portfolio.circumstances import SOURCES, TRACED
from recoup.apps.portfolio.events import ContactPointJudged, ProfileChanged
from recoup.apps.portfolio.models import ContactPoint, Debtor
from recoup.apps.portfolio.queries.cards import ContactPointCard
from recoup.apps.portfolio.queries.debtors import contact_point_card
from recoup.engine.book.contract import PARTIES
from recoup.events.bus import publish
from recoup.kernel.refusal import Stale
from recoup.web.shown import local

_PHONE = re.compile(r"\+?[0-9][0-9 \-()]{4,24}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_NOT_IN_NUMBERS = re.compile(r"[ \-()]")


def add_contact_point(
    *,
    actor: Actor,
    debtor_id: str,
    kind: str,
    value: str,
    source: str,
    at: datetime,
    party: str = "debtor",
    note: str = "",
    found_on: date | None = None,
    basis: str = "",
) -> ContactPointCard:
    """Add a number or an address with its source.

    Shape: one that was traced (``TRACED``) also says when it was found and on what lawful basis.
    One from a source that the law refuses is kept, so that it is known where it came from; the gate
    lets nobody use it.
    Errors: NotFound, NotAllowed, WrongEntry.
    """
    kept = _plain(kind, value)
    with transaction.atomic():
        begin(actor, debtor_id, verb="work", room="contacts")
        if source not in SOURCES:
            raise WrongEntry(
                zh="请说明号码或地址的来源。", en="Say where the number or address comes from."
            )
        _check_trace(source, basis=basis, found_on=found_on, today=local(at).date())
        if party not in PARTIES:
            raise WrongEntry(zh="请选择这是谁的联系方式。", en="Say whose it is.")
        same = {"debtor_id": debtor_id, "kind": kind, "value": kept, "party": party}
        if ContactPoint.objects.filter(**same).exists():
            raise WrongEntry(
                zh="该联系方式已登记。", en="This number or address is recorded already."
            )
        row = ContactPoint.objects.create(
            **same,
            source=source,
            note=note.strip(),
            found_on=found_on,
            basis=basis.strip()[:300],
            added_by_id=staff_id_of(actor),
            added_at=at,
        )
        record(
            actor,
            verb="add_contact_point",
            record="contact_point",
            record_id=row.pk,
            debtor_id=debtor_id,
            at=at,
            after={
                "kind": kind,
                "value": kept,
                "source": source,
                "party": party,
                "found_on": found_on.isoformat() if found_on else None,
                "basis": row.basis,
            },
        )
        publish(
            ProfileChanged(debtor_id=debtor_id, record="contact_point", record_id=row.pk, at=at)
        )
    return contact_point_card(row)


def _check_trace(source: str, *, basis: str, found_on: date | None, today: date) -> None:
    if found_on is not None and found_on > today:
        raise WrongEntry(zh="查得日期晚于今天。", en="It cannot have been found after today.")
    if source in TRACED and (found_on is None or len(basis.strip()) < 4):
        raise WrongEntry(
            zh="查找所得的号码或地址，请写明哪一天查得、依据什么（授权书、公开渠道、何人告知）。",
            en="For a number or address that was traced, say on which day and on what lawful basis "
            "(an authorisation, a public source, who told it).",
        )


def _plain(kind: str, value: str) -> str:
    """Yield a number without spaces and strokes, an address without spaces around it."""
    text = value.strip()
    if kind == ContactPoint.Kind.PHONE and _PHONE.fullmatch(text):
        return _NOT_IN_NUMBERS.sub("", text)
    if kind == ContactPoint.Kind.EMAIL and len(text) <= 200 and _EMAIL.fullmatch(text):
        return text
    if kind == ContactPoint.Kind.ADDRESS and 4 <= len(text) <= 300:
        return text
    raise WrongEntry(
        zh="这不是可用的电话号码、电子邮箱或地址，请检查后重新填写。",
        en="This is no telephone number, e-mail address or postal address; check it.",
    )


def judge_contact_point(
    *,
    actor: Actor,
    contact_point_id: int,
    is_valid: bool,
    version: int,
    at: datetime,
    note: str = "",
) -> ContactPointCard:
    """Record whether a number or an address still serves. Errors: NotFound, NotAllowed, Stale."""
    found = ContactPoint.objects.filter(pk=contact_point_id).first()
    if found is None:
        raise NotFound(what=f"contact point {contact_point_id}")
    with transaction.atomic():
        begin(actor, found.debtor_id, verb="work", room="contacts")
        row = ContactPoint.objects.select_for_update().get(pk=contact_point_id)
        if row.version != version:
            who = str(row.checked_by) if row.checked_by else ""
            raise Stale(
                what_zh="这条联系方式", what_en="This contact point", who=who, at=row.checked_at
            )
        before = row.is_valid
        row.is_valid, row.checked_at, row.checked_by_id = is_valid, at, actor.staff_id
        row.note, row.version = note.strip()[:300] or row.note, row.version + 1
        row.save(update_fields=("is_valid", "checked_at", "checked_by", "note", "version"))
        record(
            actor,
            verb="judge_contact_point",
            record="contact_point",
            record_id=row.pk,
            debtor_id=row.debtor_id,
            at=at,
            before={"is_valid": before},
            after={"is_valid": is_valid},
            why=note.strip(),
        )
        publish(
            ContactPointJudged(
                contact_point_id=row.pk,
                debtor_id=row.debtor_id,
                kind=row.kind,
                is_valid=is_valid,
                at=at,
            )
        )
    return contact_point_card(row)


def debtor_of_point(contact_point_id: int) -> Debtor:
    """Yield whose contact point it is. Errors: NotFound."""
    row = ContactPoint.objects.select_related("debtor").filter(pk=contact_point_id).first()
    if row is None:
        raise NotFound(what=f"contact point {contact_point_id}")
    return row.debtor
