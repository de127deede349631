"""Brings what was decided of people into their cases: a whole night at once, or one person.

What a case copies is compared first; only cases that differ are written, many in one statement.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import TypeVar

from django.db.models import Q

from recoup.apps.arrangements.queries import PromiseCard, promises_of_many
from recoup.apps.cases.models import Case, Entry
from recoup.apps.cases.recording import Happening, chained
from recoup.apps.cases.rules import (
    CLOSED,
    clear_since,
    closes,
    opens,
    queue_of,
    review_due,
    status_under_holds,
)
from recoup.apps.contacts.queries import ContactCard, last_contacts
from recoup.apps.portfolio.queries import DebtorCard, debtor_cards, debtors_in_arrears
from recoup.kernel import case_status
from recoup.policy.strategy import Strategy
from recoup.records.bulk import Target, bulk, columns_of, table_of
from recoup.web.house import strategy
from recoup.web.masking import masked_name

One = TypeVar("One")
CASES = Target(model=Case, key=("debtor_id",))
ENTRIES = Target(model=Entry, key=("id",))
ROWS_TOGETHER = 2_000
#: What a case copies from the person, by the same names.
COPIED = (
    *("kind", "language", "branch", "team", "contracts", "worst_dpd", "worst_class"),
    *("overdue_base_minor", "exposure_base_minor", "segment", "treatment", "channel"),
    "next_permitted_at",
)
#: Of these, what a timeline tells when it changes.
TOLD = ("bucket", "treatment", "segment", "worst_class")
WRITTEN = (
    *COPIED,
    *("shown_name", "products", "bucket", "priority", "rank", "reasons", "blocked_by", "as_of"),
    *("status", "status_since", "queue", "spell", "opened_on", "closed_on", "clear_since"),
    *("promise_due_on", "promise_minor", "promise_broken_on", "review_due_on", "last_review_on"),
    *("last_contact_at", "last_outcome", "last_channel"),
    *("collector_id", "former_collector_id", "assigned_at", "assigned_why"),
    *("entries", "head_hash", "version"),
)


@dataclass
class Brought:
    """What bringing a night did."""

    opened: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    changed: int = 0


@dataclass(frozen=True, kw_only=True)
class Day:
    """The business date, the instant of the act, and the policy under which cases are brought."""

    on: date
    at: datetime
    strategy: Strategy


def bring_all(day: Day) -> Brought:
    """Open, renew and close cases after a night, in chunks, within the caller's transaction."""
    done = Brought()
    seen: set[str] = set()
    for people in _chunks(debtors_in_arrears()):
        cards = {one.debtor_id: one for one in people}
        seen.update(cards)
        _bring(cards, day, done)
    rest = Case.objects.filter(~Q(queue=CLOSED)).values_list("pk", flat=True)
    for ids in _chunks(iter([key for key in rest if key not in seen])):
        found = debtor_cards(ids)
        _bring({key: found.get(key) for key in ids}, day, done)
    return done


def bring_one(debtor_id: str, day: Day) -> Brought:
    """Bring one person's decision of the day into the case; open one if the thresholds say so.

    By day nothing is closed: that is for the night, once the days without arrears have passed.
    """
    done = Brought()
    found = debtor_cards((debtor_id,))
    _bring({debtor_id: found.get(debtor_id)}, day, done, may_close=False)
    return done


def _chunks(rows: Iterator[One]) -> Iterator[list[One]]:
    while together := list(islice(rows, ROWS_TOGETHER)):
        yield together


def _bring(
    people: Mapping[str, DebtorCard | None], day: Day, done: Brought, *, may_close: bool = True
) -> None:
    rows = Case.objects.select_for_update().filter(pk__in=list(people)).order_by("pk")
    cases = {row.pk: row for row in rows}
    concerned = [
        key
        for key, person in people.items()
        if (key in cases and cases[key].is_open)
        or (person is not None and opens(person=person, strategy=day.strategy))
    ]
    promises = promises_of_many(debtor_ids=concerned)
    met = last_contacts(
        debtor_ids=[key for key in concerned if key not in cases or not cases[key].is_open]
    )
    new: list[Case] = []
    renewed: list[Case] = []
    entries: list[Entry] = []
    for key in concerned:
        person, case = people[key], cases.get(key)
        is_new = case is None
        if case is None:
            assert person is not None
            case = _fresh(person, day)
        if key in met:
            _remember(case, met[key])
        told = _renew(case, person, promises.get(key, ()), day, is_new, may_close)
        if told is None:
            continue
        entries += told
        (new if is_new else renewed).append(case)
        if not case.is_open:
            done.closed.append(key)
        elif any(one.kind == "opened" for one in told):
            done.opened.append(key)
        done.changed += 1
    write_cases(new=new, renewed=renewed, columns=WRITTEN, entries=entries)


def write_cases(
    *,
    new: Sequence[Case] = (),
    renewed: Sequence[Case],
    columns: Sequence[str],
    entries: Sequence[Entry],
) -> None:
    """Write many locked cases at once, with what their timelines tell of it."""
    into = bulk()
    if new:
        into.insert(CASES, table_of(new, columns_of(Case)))
    if renewed:
        into.renew(CASES, table_of(renewed, ("debtor_id", *columns)))
    if entries:
        into.insert(ENTRIES, table_of(entries, columns_of(Entry)))


def _remember(case: Case, contact: ContactCard) -> None:
    """Keep the last contact of a case that is opened: the bank's book knows of earlier ones."""
    case.last_contact_at = contact.at
    case.last_outcome, case.last_channel = contact.outcome, contact.channel


def _fresh(person: DebtorCard, day: Day) -> Case:
    return Case(
        debtor_id=person.debtor_id,
        status=case_status.NEW,
        status_since=day.at,
        opened_on=day.on,
        as_of=day.on,
        collector_id=person.collector_id,
        spell=0,
    )


def _renew(
    case: Case,
    person: DebtorCard | None,
    promises: Sequence[PromiseCard],
    day: Day,
    is_new: bool,
    may_close: bool,
) -> list[Entry] | None:
    """Bring a person's figures into a case; yield the entries, None where nothing differs."""
    before = {name: getattr(case, name) for name in WRITTEN}
    told: list[Entry] = []
    if is_new or not case.is_open:
        told.append(_open(case, person, day))
        before["treatment"] = ""
    if person is not None:
        _copy(case, person)
    _promised(case, promises, day)
    case.clear_since = clear_since(case=case, person=person, on=day.on)
    if may_close and closes(since=case.clear_since, on=day.on, strategy=day.strategy):
        told.append(_close(case, day))
    else:
        told += _status(case, day)
    case.queue = queue_of(case=case, strategy=day.strategy)
    case.review_due_on = review_due(case=case, strategy=day.strategy)
    changes = {
        name: [before[name], getattr(case, name)]
        for name in TOLD
        if before[name] != getattr(case, name)
    }
    if changes and not is_new and before["treatment"]:
        facts = {"changes": changes, "reasons": case.reasons, "as_of": day.on.isoformat()}
        told.append(chained(case, Happening(kind="decision", at=day.at, facts=facts)))
    if all(before[name] == getattr(case, name) for name in WRITTEN):
        return None
    case.as_of = day.on
    return told


def _open(case: Case, person: DebtorCard | None, day: Day) -> Entry:
    case.spell += 1
    case.status, case.status_since = case_status.NEW, day.at
    if case.collector_id is not None:
        case.status = case_status.ASSIGNED
        case.assigned_at = case.assigned_at or day.at
    case.opened_on, case.closed_on, case.clear_since = day.on, None, None
    case.last_review_on = None
    case.version += 1
    facts = {
        "spell": case.spell,
        "as_of": day.on.isoformat(),
        "dpd": person.worst_dpd if person else None,
        "overdue_minor": person.overdue_base_minor if person else None,
        "treatment": person.treatment if person else "",
        "collector": case.collector_id,
    }
    return chained(case, Happening(kind="opened", at=day.at, facts=facts))


def _close(case: Case, day: Day) -> Entry:
    case.status, case.status_since = case_status.moved(before=case.status, after="closed"), day.at
    case.closed_on = day.on
    case.former_collector_id, case.collector_id = case.collector_id, None
    case.assigned_at, case.assigned_why = None, []
    case.version += 1
    facts = {
        "as_of": day.on.isoformat(),
        "clear_since": case.clear_since.isoformat() if case.clear_since else None,
        "opened_on": case.opened_on.isoformat(),
        "collector": case.former_collector_id,
    }
    return chained(case, Happening(kind="closed", at=day.at, facts=facts))


def _status(case: Case, day: Day) -> list[Entry]:
    before = case.status
    after = status_under_holds(
        case=case,
        strategy=day.strategy,
        has_promise=case.promise_due_on is not None,
        worked=case.worked_on is not None,
    )
    if after == before:
        return []
    case.status, case.status_since = case_status.moved(before=before, after=after), day.at
    case.version += 1
    facts = {"before": before, "after": after, "why": "decided"}
    return [chained(case, Happening(kind="status", at=day.at, facts=facts))]


def _copy(case: Case, person: DebtorCard) -> None:
    for name in COPIED:
        setattr(case, name, getattr(person, name))
    case.shown_name = masked_name(person.name)
    case.products = f"|{'|'.join(person.products)}|" if person.products else ""
    case.bucket = _bucket(person)
    case.priority = person.priority or 0
    case.rank = person.worklist_rank
    case.reasons = list(person.worklist_why or person.reasons)
    case.blocked_by = list(person.blocked_by)


def _bucket(person: DebtorCard) -> str:
    return "" if person.worst_dpd is None else strategy().bucket_of(dpd=person.worst_dpd)


def _promised(case: Case, promises: Sequence[PromiseCard], day: Day) -> None:
    """Keep of promises what lists show: the live one due first, and the last broken day."""
    live = sorted((one for one in promises if one.is_live), key=lambda one: one.due_on)
    case.promise_due_on = live[0].due_on if live else None
    case.promise_minor = live[0].missing_minor if live else None
    broken = [one.due_on for one in promises if one.status == "broken"]
    case.promise_broken_on = max(broken) if broken else None
