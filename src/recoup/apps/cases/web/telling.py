"""How a timeline is told: entries with names, and before them what the bank's book knows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings

from recoup.apps.cases.queries import EntryCard, Timeline, timeline_of
from recoup.apps.cases.queries.timelines import SHOWN
from recoup.apps.cases.web.asked import names_of
from recoup.apps.contacts.queries import ContactCard, contacts_of
from recoup.apps.people.permissions import Actor
from recoup.apps.portfolio.queries import ContractCard, ReceiptInBook, contracts_of, latest_receipts

#: Facts of an entry that are keys of staff.
STAFF_FACTS = ("collector", "before", "taker", "giver", "assignee")
#: Sorts of entries to which the book's contacts, or its receipts, belong.
OF_CONTACTS, OF_MONEY = ("", "contacts"), ("", "money")
MOST_FROM_BOOK = 200
#: Of each sort, where all sorts are told together: the case's own story comes first.
FEW_FROM_BOOK = 12


@dataclass(frozen=True, kw_only=True)
class Told:
    """An entry as the page tells it: names beside keys, and what takes it back, if anything."""

    entry: EntryCard
    who: str
    people: Mapping[str, str]
    is_taken_back: bool = False
    may_take_back: bool = False
    from_book: bool = False


@dataclass(frozen=True, kw_only=True)
class Telling:
    """A timeline told: chained entries and, between them, what the bank's book knows."""

    timeline: Timeline
    lines: tuple[Told, ...]
    has_more: bool


def telling(
    *,
    debtor_id: str,
    sort: str,
    limit: int,
    actor: Actor,
    until: date,
    contracts: Sequence[ContractCard] | None = None,
    also: Sequence[int | None] = (),
) -> tuple[Telling, Mapping[int, str]]:
    """Yield a timeline told, and the names of all staff in it and of ``also``. Six queries at most.

    Shape: ``sort`` narrows it; ``until`` is today; ``contracts`` are the
    person's, where the caller has them.
    """
    timeline = timeline_of(debtor_id=debtor_id, sort=sort, limit=limit)
    staff = names_of({*_mentioned(timeline), *also})
    lines = list(_chained(timeline, actor=actor, staff=staff))
    most = MOST_FROM_BOOK if sort or limit > SHOWN else FEW_FROM_BOOK
    if sort in OF_CONTACTS:
        met = [one for one in contacts_of(debtor_id=debtor_id) if one.from_book]
        lines += [_contact(one) for one in met[:most]]
    if sort in OF_MONEY:
        loans = contracts_of((debtor_id,)).get(debtor_id, ()) if contracts is None else contracts
        known = {one.facts.get("payment") for one in timeline.entries}
        currencies = {one.contract_id: one.currency for one in loans}
        found = latest_receipts(currencies, until=until, limit=most)
        lines += [
            _receipt(one, currencies[one.contract_id])
            for one in found
            if one.payment_id not in known and not one.is_reversed
        ]
    lines.sort(key=lambda one: (one.entry.at, one.entry.place), reverse=True)
    told = Telling(
        timeline=timeline,
        lines=tuple(lines[:limit]),
        has_more=timeline.total > len(timeline.entries) or most == FEW_FROM_BOOK,
    )
    return told, staff


def _mentioned(timeline: Timeline) -> set[int]:
    found: set[int] = set()
    for one in timeline.entries:
        if one.actor_id:
            found.add(one.actor_id)
        found.update(key for name in STAFF_FACTS if isinstance(key := one.facts.get(name), int))
    return found


def _chained(timeline: Timeline, *, actor: Actor, staff: Mapping[int, str]) -> Sequence[Told]:
    taken = {one.corrects for one in timeline.entries if one.kind == "note_withdrawn"}
    return [
        Told(
            entry=one,
            who=staff.get(one.actor_id, "") if one.actor_id else "",
            people={
                name: staff.get(key, "")
                for name in STAFF_FACTS
                if isinstance(key := one.facts.get(name), int)
            },
            is_taken_back=one.place in taken,
            may_take_back=one.kind == "note"
            and one.actor_id == actor.staff_id
            and one.place not in taken,
        )
        for one in timeline.entries
    ]


def _contact(contact: ContactCard) -> Told:
    facts = {
        "channel": contact.channel,
        "direction": contact.direction,
        "outcome": contact.outcome,
        "party": contact.party or "debtor",
        "purpose": contact.purpose or "collect",
        "breaches": [],
    }
    return _from_book("contact", contact.at, facts)


def _receipt(receipt: ReceiptInBook, currency: str) -> Told:
    at = datetime.combine(receipt.paid_on, time(), tzinfo=ZoneInfo(settings.TIME_ZONE))
    facts = {
        "amount_minor": receipt.amount_minor,
        "currency": currency,
        "paid_on": receipt.paid_on.isoformat(),
        "contract": receipt.contract_id,
    }
    return _from_book("receipt", at, facts)


def _from_book(kind: str, at: datetime, facts: Mapping[str, object]) -> Told:
    entry = EntryCard(
        place=0, at=at, actor_id=None, kind=kind, facts=facts, text="", corrects=None, hash_own=""
    )
    return Told(entry=entry, who="", people={}, from_book=True)
