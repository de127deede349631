"""Reading of complaints: lists, one with everything that belongs to it, those of a person."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F, Q, QuerySet

from recoup.apps.complaints.clock import counted, law_of
from recoup.apps.complaints.models import Complaint, LinkedContact
from recoup.apps.complaints.queries.cards import (
    AppraisalCard,
    ComplaintCard,
    EntryCard,
    complaint_card,
    entry_card,
)
from recoup.apps.compliance.permissions import seen
from recoup.apps.contacts.queries import ContactCard, contacts_by_id, contacts_of_days
from recoup.apps.people.permissions import Actor, NotFound, require
from recoup.apps.portfolio.queries import SearchHit, find
from recoup.kernel.complaint_days import AnswerBy
from recoup.policy.complaint_law import ComplaintLaw
from recoup.web.house import strategy

#: Rows of one list at most.
MOST_ROWS = 300
#: Debtors offered for one unassigned complaint.
MOST_CANDIDATES = 8


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which complaints a list shows. ``state``: open, mine, over, unmatched, closed, or all."""

    state: str = "open"
    category: str = ""
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How many complaints stand in each state, within scope."""

    open: int
    mine: int
    over: int
    soon: int
    unmatched: int


@dataclass(frozen=True, kw_only=True)
class WholeComplaint:
    """A complaint with its law, its clock, its history, and the contacts that belong to it.

    ``offered``: contacts of the person around the complaint that are not linked yet.
    """

    card: ComplaintCard
    law: ComplaintLaw | None
    clock: AnswerBy | None
    entries: tuple[EntryCard, ...]
    appraisals: tuple[AppraisalCard, ...]
    linked: tuple[ContactCard, ...]
    offered: tuple[ContactCard, ...]


def complaints(actor: Actor, wanted: Wanted, *, as_of: date) -> tuple[ComplaintCard, ...]:
    """Yield the complaints of a list within the actor's sight: those due first, first.

    Errors: NotAllowed. Two queries.
    """
    require(actor, "view", "complaints")
    rows = _narrowed(actor, wanted, as_of=as_of)
    if wanted.state == "closed":
        rows = rows.order_by("-answered_at", "-pk")
    else:
        rows = rows.order_by(F("due_on").asc(nulls_last=True), "received_on", "pk")
    return _within(actor, rows)


def counts(actor: Actor, *, as_of: date) -> Counts:
    """Yield how many open complaints stand where, within the actor's sight. Two queries."""
    require(actor, "view", "complaints")
    found = _within(actor, Complaint.objects.filter(status=Complaint.Status.OPEN), most=None)
    warn = strategy().complaints.warn_days
    standing = [one.standing(as_of=as_of, warn_days=warn) for one in found]
    return Counts(
        open=len(found),
        mine=sum(1 for one in found if one.owner_id == actor.staff_id),
        over=standing.count("over"),
        soon=standing.count("soon"),
        unmatched=sum(1 for one in found if not one.debtor_id),
    )


def _narrowed(actor: Actor, wanted: Wanted, *, as_of: date) -> QuerySet[Complaint]:
    rows = Complaint.objects.all()
    is_open = Q(status=Complaint.Status.OPEN)
    narrow = {
        "open": is_open,
        "mine": is_open & Q(owner_id=actor.staff_id),
        "over": is_open & Q(due_on__lt=as_of),
        "unmatched": is_open & Q(debtor_id=""),
        "closed": Q(status=Complaint.Status.CLOSED),
    }.get(wanted.state)
    if narrow is not None:
        rows = rows.filter(narrow)
    if wanted.category:
        rows = rows.filter(category=wanted.category)
    text = wanted.text.strip()
    if text:
        rows = rows.filter(
            Q(number__icontains=text)
            | Q(debtor_id=text)
            | Q(contract_id=text)
            | Q(complainant__icontains=text)
        )
    return rows


def _within(
    actor: Actor, rows: QuerySet[Complaint], *, most: int | None = MOST_ROWS
) -> tuple[ComplaintCard, ...]:
    """Yield those that the actor may see: of debtors in scope, own ones, and of nobody yet to
    whoever matches them. Whom a complaint is about does not see it."""
    found = list(rows[: MOST_ROWS * 10])
    sight = seen(actor, {row.debtor_id for row in found if row.debtor_id})
    cards = tuple(complaint_card(row) for row in found if _sees(actor, row, sight))
    return cards[:most]


def _sees(actor: Actor, row: Complaint, sight: Collection[str]) -> bool:
    if actor.staff_id is not None and row.about_staff_id == actor.staff_id:
        return False
    if row.debtor_id in actor.conflicts:
        return False
    own = actor.staff_id is not None and actor.staff_id in (row.owner_id, row.taken_by_id)
    if own or actor.is_machine:
        return True
    if not row.debtor_id:
        return actor.may("assign", "complaints") or actor.whole_bank
    return row.debtor_id in sight


def row_in_sight(actor: Actor, number: str, *, lock: bool = False) -> Complaint:
    """Yield a complaint's row, locked if asked. Errors: NotFound, out of sight too."""
    rows = Complaint.objects.select_for_update(of=("self",)) if lock else Complaint.objects.all()
    row = rows.filter(number=number).first() if number else None
    sight = seen(actor, (row.debtor_id,)) if row is not None and row.debtor_id else frozenset()
    if row is None or not _sees(actor, row, sight):
        raise NotFound(what=number)
    return row


def complaint(actor: Actor, number: str) -> ComplaintCard:
    """Yield one complaint. Errors: NotFound, NotAllowed. Two queries."""
    row = row_in_sight(actor, number)
    require(actor, "view", "complaints")
    return complaint_card(row)


def whole_complaint(actor: Actor, number: str, *, as_of: date) -> WholeComplaint:
    """Yield one complaint with everything that belongs to it. Errors: NotFound, NotAllowed."""
    row = row_in_sight(actor, number)
    require(actor, "view", "complaints")
    linked_ids = set(
        LinkedContact.objects.filter(complaint=row).values_list("contact_id", flat=True)
    )
    offered: tuple[ContactCard, ...] = ()
    if row.debtor_id:
        zone = ZoneInfo(settings.TIME_ZONE)
        first = row.received_on - timedelta(days=strategy().complaints.contact_days)
        around = contacts_of_days(
            debtor_id=row.debtor_id,
            since=datetime.combine(first, time(), tzinfo=zone),
            until=datetime.combine(row.received_on + timedelta(days=1), time(), tzinfo=zone),
        )
        offered = tuple(one for one in around if one.contact_id not in linked_ids)
    return WholeComplaint(
        card=complaint_card(row),
        law=law_of(row),
        clock=counted(row, as_of=row.answered_on or as_of),
        entries=tuple(entry_card(one) for one in row.entries.all()),
        appraisals=tuple(
            AppraisalCard(
                by_whom=one.by_whom,
                from_on=one.from_on,
                until_on=one.until_on,
                told_on=one.told_on,
            )
            for one in row.appraisals.all()
        ),
        linked=contacts_by_id(contact_ids=linked_ids) if linked_ids else (),
        offered=offered,
    )


def open_of(*, debtor_ids: Iterable[str]) -> Mapping[str, tuple[ComplaintCard, ...]]:
    """Yield the open complaints of some people, the first received first. One query."""
    rows = Complaint.objects.filter(
        status=Complaint.Status.OPEN, debtor_id__in={one for one in debtor_ids if one}
    ).order_by("received_on", "pk")
    found: dict[str, list[ComplaintCard]] = {}
    for row in rows:
        found.setdefault(row.debtor_id, []).append(complaint_card(row))
    return {debtor_id: tuple(own) for debtor_id, own in found.items()}


def late_ones(actor: Actor, *, as_of: date) -> tuple[ComplaintCard, ...]:
    """Yield the overdue complaints within sight, the longest overdue first. Two queries."""
    if not actor.may("view", "complaints"):
        return ()
    rows = Complaint.objects.filter(status=Complaint.Status.OPEN, due_on__lt=as_of)
    return _within(actor, rows.order_by("due_on", "pk"))


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A debtor who may be the one of an unassigned complaint, and by what it was found."""

    hit: SearchHit
    looked_for: str


def candidates(actor: Actor, card: ComplaintCard) -> tuple[Candidate, ...]:
    """Yield debtors who may be meant: by contract or number named, where to be reached, by name.

    Errors: NotAllowed, for who does not match complaints.
    """
    require(actor, "assign", "complaints")
    found: dict[str, Candidate] = {}
    for text in (card.names, card.reach_at, card.complainant):
        if len(text.strip()) < 2:
            continue
        for hit in find(actor, text, MOST_CANDIDATES).hits:
            found.setdefault(hit.debtor_id, Candidate(hit=hit, looked_for=text))
    return tuple(found.values())[:MOST_CANDIDATES]
