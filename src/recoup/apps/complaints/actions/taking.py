"""Takes complaints in: from the desk, from anybody on the web; finds whose they are."""

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from recoup.apps.complaints.actions.telling import (
    LONGEST,
    ROOM,
    done,
    handled,
    keeper,
    today,
)
from recoup.apps.complaints.clock import wind
from recoup.apps.complaints.events import ComplaintReceived
from recoup.apps.complaints.models import Complaint
from recoup.apps.complaints.queries.cards import ComplaintCard, complaint_card
from recoup.apps.complaints.refusals import BadComplaint, TooMany
from recoup.apps.complaints.words import CATEGORIES, WORDS
from recoup.apps.people.permissions import MACHINE, Actor, NotFound, require
from recoup.apps.people.queries import staff_cards
from recoup.apps.portfolio.actions import keep_details, lift_kept_holds, set_hold
from recoup.apps.portfolio.queries import contracts_of, debtor
from recoup.events.bus import publish
from recoup.web.house import strategy
from recoup.web.shown import local

#: Complaints that one address may send within the hour.
MOST_AN_HOUR = 5
HOUR = timedelta(hours=1)
PORTAL = "portal"


@dataclass(frozen=True, kw_only=True)
class Intake:
    """What somebody complains of, as it is taken in. ``debtor_id`` empty: not known yet."""

    category: str
    words: str = field(repr=False)
    source: str
    received_on: date
    debtor_id: str = ""
    contract_id: str = ""
    wants: str = field(default="", repr=False)
    complainant: str = field(default="", repr=False)
    relation: str = "debtor"
    reach_at: str = field(default="", repr=False)
    language: str = "zh"
    names: str = field(default="", repr=False)
    about_staff_id: int | None = None
    about_agency: str = ""
    about_number: str = field(default="", repr=False)


def take_in(*, actor: Actor, intake: Intake, at: datetime, client_key: str = "") -> ComplaintCard:
    """Take a complaint in: its number, the day of the answer, and the holds that it sets at once.

    Shape: ``client_key`` names the wish: sent twice, it is one complaint.
    Errors: NotAllowed; NotFound, for a person or contract out of sight; BadComplaint.
    """
    require(actor, "work", ROOM)
    _check(intake, on=today(at))
    with transaction.atomic():
        known = Complaint.objects.filter(client_key=client_key).first() if client_key else None
        if known is not None:
            return complaint_card(known)
        if intake.debtor_id:
            debtor(actor, intake.debtor_id)
            keep_details(debtor_id=intake.debtor_id, at=at)
            _check_contract(intake.debtor_id, intake.contract_id)
        if intake.about_staff_id and not staff_cards((intake.about_staff_id,)):
            raise NotFound(what=str(intake.about_staff_id))
        row = _written(actor, intake, at=at, client_key=client_key)
        hold(row, actor=actor, at=at)
    return complaint_card(row)


def take_in_from_web(*, intake: Intake, sender: str, at: datetime) -> ComplaintCard:
    """Take in what anybody sends by the form on the web; nobody is looked up, nothing is told.

    Shape: ``sender`` is the network address, kept as a hash that changes with the day.
    Errors: BadComplaint; TooMany.
    """
    if not intake.complainant.strip() or not intake.reach_at.strip():
        raise BadComplaint.no_name()
    secret = f"{settings.SECRET_KEY} {today(at)} {sender}"
    sender_hash = hashlib.sha256(secret.encode()).hexdigest()
    said = "|".join(
        (str(today(at)), intake.complainant, intake.reach_at, intake.names, intake.words)
    )
    client_key = f"web-{hashlib.sha256(said.encode()).hexdigest()[:40]}"
    if not Complaint.objects.filter(client_key=client_key).exists():
        lately = Complaint.objects.filter(sender_hash=sender_hash, taken_at__gt=at - HOUR)
        if lately.count() >= MOST_AN_HOUR:
            raise TooMany(phone=settings.COMPLAINT_PHONE)
    card = take_in(actor=MACHINE, intake=intake, at=at, client_key=client_key)
    Complaint.objects.filter(number=card.number, sender_hash="").update(sender_hash=sender_hash)
    return card


def match_person(
    *,
    actor: Actor,
    number: str,
    debtor_id: str,
    version: int | None,
    at: datetime,
    contract_id: str = "",
) -> ComplaintCard:
    """Say whose a complaint is; its holds stand from now on, those of a wrong person are lifted.

    Errors: NotFound, NotAllowed, CannotHandle, Stale.
    """
    require(actor, "assign", ROOM)
    debtor(actor, debtor_id)
    _check_contract(debtor_id, contract_id)
    with transaction.atomic():
        keep_details(debtor_id=debtor_id, at=at)
        row = handled(actor, number, version=version, by_owner=False)
        before = row.debtor_id
        if before and before != debtor_id:
            lift_kept_holds(
                actor=actor,
                debtor_id=before,
                kept_by=keeper(row),
                why=f"{row.number}: {debtor_id}",
                at=at,
                on=today(at),
            )
        row.debtor_id, row.contract_id = debtor_id, contract_id
        done(
            row,
            actor=actor,
            verb="match_complaint",
            kind="matched",
            at=at,
            before={"debtor_id": before},
            after={"debtor_id": debtor_id, "contract_id": contract_id},
        )
        if before != debtor_id:
            hold(row, actor=actor, at=at)
    return complaint_card(row)


def _check(intake: Intake, *, on: date) -> None:
    if not intake.words.strip() or len(intake.words) > LONGEST or len(intake.wants) > LONGEST:
        raise BadComplaint.no_words(most=LONGEST)
    for name, code, known in (
        ("category", intake.category, CATEGORIES),
        ("source", intake.source, WORDS["complaint_source"]),
        ("relation", intake.relation, WORDS["complaint_relation"]),
    ):
        if code not in known:
            raise BadComplaint.unknown_code(field=name, code=code)
    if intake.received_on > on:
        raise BadComplaint.future()


def _check_contract(debtor_id: str, contract_id: str) -> None:
    own = contracts_of((debtor_id,)).get(debtor_id, ())
    if contract_id and contract_id not in {one.contract_id for one in own}:
        raise NotFound(what=contract_id)


def _written(actor: Actor, intake: Intake, *, at: datetime, client_key: str) -> Complaint:
    row = Complaint(
        client_key=client_key or None,
        debtor_id=intake.debtor_id,
        contract_id=intake.contract_id,
        source=intake.source,
        category=intake.category,
        received_on=intake.received_on,
        words=intake.words.strip(),
        wants=intake.wants.strip(),
        complainant=intake.complainant.strip()[:200],
        relation=intake.relation,
        reach_at=intake.reach_at.strip()[:300],
        language="zh" if intake.language.startswith("zh") else "en",
        names=intake.names.strip()[:100],
        about_staff_id=intake.about_staff_id,
        about_agency=intake.about_agency.strip()[:200],
        about_number=intake.about_number.strip()[:60],
        taken_by_id=actor.staff_id,
        taken_at=at,
        starts_on=intake.received_on,
    )
    row.save(force_insert=True)
    row.number = f"TS{local(at):%Y%m%d}-{row.pk:06d}"
    wind(row, as_of=today(at))
    done(
        row,
        actor=actor,
        verb="take_in_complaint",
        kind="received",
        at=at,
        after={
            "number": row.number,
            "category": row.category,
            "source": row.source,
            "received_on": row.received_on.isoformat(),
            "contract_id": row.contract_id,
        },
    )
    publish(
        ComplaintReceived(
            number=row.number,
            debtor_id=row.debtor_id,
            category=row.category,
            source=row.source,
            received_on=row.received_on,
            due_on=row.due_on,
            at=at,
        )
    )
    return row


def hold(row: Complaint, *, actor: Actor, at: datetime) -> None:
    """Set the holds that the bank's policy asks for, on the person, from today on.

    Nothing while nobody knows whose complaint it is.
    """
    if not row.debtor_id:
        return
    word = CATEGORIES[row.category]
    for kind in strategy().complaints.holds_for(row.category):
        set_hold(
            actor=actor,
            debtor_id=row.debtor_id,
            kind=kind,
            from_on=today(at),
            why=f"{row.number} {word.zh} / {word.en}",
            kept_by=keeper(row),
            at=at,
        )
