"""Decides one person anew when something happened to him or her by day, and publishes it.

An act draws a ticket in its own transaction, so that none is forgotten whatever dies afterwards.
The worker of re-decisions takes the outstanding ones, the oldest act first; the person's page says
meanwhile that its figures are being refreshed. Several acts on one person are answered by one
decision. Where no worker runs (tests, commands) the decision is made at once, after the commit.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Protocol

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from recoup.apps.arrangements.queries import day_promises, withdrawn_ids
from recoup.apps.closing.models import Redecision
from recoup.apps.closing.queries import worker_works
from recoup.apps.contacts.queries import day_contacts
from recoup.apps.ledger.queries import postings_since
from recoup.apps.people.permissions import MACHINE
from recoup.apps.portfolio.actions import publish_person, want_redecision, want_redecisions
from recoup.apps.portfolio.queries import current_publication, day_holds, debtors_in_arrears
from recoup.apps.portfolio.queries.cards import HoldCard
from recoup.apps.portfolio.queries.publications import result_path
from recoup.engine.day import (
    NO_CHANGES,
    DayBook,
    DayChanges,
    DayContact,
    DayHold,
    DayPromise,
    DayReceipt,
    PersonDecided,
)
from recoup.engine.refusal import DayRefused, NightRefused
from recoup.events.clock import Clock, clock_of_jobs
from recoup.kernel.refusal import Refused
from recoup.web.shown import local

#: The queue's name for the worker that makes re-decisions.
REDECISIONS = "redecisions"
#: How long an act that changes money or holds waits for its decision, so that the next page has it.
WAITS_FOR = timedelta(milliseconds=900)
LOOKS_EVERY = 0.02
MOST_ATTEMPTS = 12
LONGEST_PAUSE = timedelta(minutes=10)
log = logging.getLogger("recoup.closing")


class NothingPublished(Refused):
    """There is no night in the records from which a person could be decided."""

    def __init__(self) -> None:
        super().__init__(
            zh="还没有发布过日终结果，无法重新判定；请先运行日终。",
            en="No night has been published yet, so nobody can be decided anew; run a night first.",
        )


class OfOneDebtor(Protocol):
    """A fact that concerns one person."""

    @property
    def debtor_id(self) -> str:
        """The person."""

    @property
    def at(self) -> datetime:
        """When it happened."""


@dataclass(frozen=True, kw_only=True)
class _Open:
    key: tuple[int, str]
    book: DayBook


class _Warm:
    """Keeps the published night's day book open in this process; opens anew for a new night."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: _Open | None = None
        #: The night and the business date for which a decision was made already.
        self.ready_for: tuple[tuple[int, str], date] | None = None

    def book(self) -> _Open:
        """Yield the open book. Errors: NothingPublished; NightRefused, when it cannot be read."""
        current = current_publication()
        if current is None:
            raise NothingPublished
        key = (current.publication_id, current.result_hash)
        with self._lock:
            if self._open is None or self._open.key != key:
                # The former book is left to whoever still reads it, and goes with the last.
                book = DayBook(result=result_path(current.result_folder))
                self._open = _Open(key=key, book=book)
            return self._open


_warm = _Warm()


def warm_up(*, clock: Clock) -> bool:
    """Make the next decision a quick one; False where no night is published. Cheap when warm.

    Opens the published night's day book and decides somebody for today, for nothing: the first
    decision of a business date plans the flow, which takes a second or two.
    """
    try:
        opened = _warm.book()
        as_of = max(opened.book.as_of, local(clock.instant()).date())
        if _warm.ready_for != (opened.key, as_of):
            some = next(iter(debtors_in_arrears()), None)
            if some is not None:
                opened.book.redecide(
                    debtor_id=some.debtor_id, changes=NO_CHANGES, as_of=as_of, contact_on=as_of
                )
            _warm.ready_for = (opened.key, as_of)
    except (Refused, DayRefused, NightRefused):
        return False
    return True


def day_changes(debtor_id: str) -> DayChanges:
    """Yield everything the desk recorded about a person that the published book does not have."""
    posted = postings_since(debtor_id=debtor_id)
    held = day_holds(debtor_id)
    return DayChanges(
        receipts=tuple(
            DayReceipt(
                payment_id=one.payment_id,
                contract_id=one.contract_id,
                paid_on=one.paid_on,
                amount_minor=one.amount_minor,
            )
            for one in posted.receipts
        ),
        reversed_payment_ids=posted.reversed_payment_ids,
        promises=tuple(
            DayPromise(
                promise_id=one.promise_id,
                contract_id=one.contract_id,
                made_on=one.made_on,
                due_on=one.due_on,
                amount_minor=one.amount_minor,
            )
            for one in day_promises(debtor_id=debtor_id)
        ),
        withdrawn_promise_ids=withdrawn_ids(debtor_id=debtor_id),
        contacts=tuple(
            DayContact(
                contact_id=one.reference,
                contract_id=one.contract_id or None,
                at=one.at,
                channel=one.channel,
                direction=one.direction,
                party=one.party or None,
                number=one.number or None,
                purpose=one.purpose or None,
                outcome=one.outcome or None,
            )
            for one in day_contacts(debtor_id)
        ),
        holds=tuple(_hold(one) for one in held.set),
        lifted_holds=tuple(_hold(one) for one in held.lifted),
    )


def _hold(card: HoldCard) -> DayHold:
    return DayHold(
        kind=card.kind,
        contract_id=card.contract_id or None,
        from_on=card.from_on,
        until_on=card.until_on,
        channel=card.channel or None,
    )


def on_act(event: OfOneDebtor) -> None:
    """Draw a ticket for a person about whom something was recorded."""
    _drawn(debtor_id=event.debtor_id, at=event.at, waits=False)


def on_act_of_weight(event: OfOneDebtor) -> None:
    """Draw a ticket, and let the act wait a moment for the decision: money, reversals, holds."""
    _drawn(debtor_id=event.debtor_id, at=event.at, waits=True)


def on_night_published(event: object) -> None:
    """Want everybody anew about whom the desk knows more than the book that was just published."""
    want_redecisions(Redecision.objects.values_list("debtor_id", flat=True))
    Redecision.objects.update(wanted=F("wanted") + 1, attempts=0, try_at=None, after_night=True)


def _drawn(*, debtor_id: str, at: datetime, waits: bool) -> None:
    ticket = want(debtor_id=debtor_id, at=at)
    act: Callable[[], object]
    if settings.REDECIDE == "inline":
        act = partial(redecide, debtor_id=debtor_id, clock=clock_of_jobs())
    elif waits:
        act = partial(wait_for, debtor_id=debtor_id, ticket=ticket, clock=clock_of_jobs())
    else:
        return
    # Whatever becomes of the decision, the act that was committed stays, and its answer is good.
    transaction.on_commit(act, robust=True)


def want(*, debtor_id: str, at: datetime) -> int:
    """Draw a ticket for a person's re-decision, in the transaction of the act; yield it."""
    with transaction.atomic():
        want_redecision(debtor_id=debtor_id, at=at)
        row, made = Redecision.objects.select_for_update().get_or_create(
            debtor_id=debtor_id, defaults={"wanted": 1, "wanted_at": at}
        )
        if not made:
            row.wanted += 1
            row.wanted_at, row.attempts, row.try_at, row.after_night = at, 0, None, False
            row.save(update_fields=("wanted", "wanted_at", "attempts", "try_at", "after_night"))
    return row.wanted


def is_pending(debtor_id: str) -> bool:
    """Tell whether a person's re-decision is outstanding."""
    return Redecision.outstanding().filter(pk=debtor_id).exists()


def wait_for(*, debtor_id: str, ticket: int, clock: Clock) -> bool:
    """Wait a moment until a ticket's decision is published; tell whether it was."""
    if not worker_works(queue=REDECISIONS, at=clock.instant()):
        return False
    until = clock.nanoseconds() + WAITS_FOR // timedelta(microseconds=1) * 1_000
    pause = threading.Event()
    while clock.nanoseconds() < until:
        if Redecision.objects.filter(pk=debtor_id, made__gte=ticket).exists():
            return True
        pause.wait(LOOKS_EVERY)
    return False


def redecide_outstanding(*, clock: Clock, most: int = 50) -> int:
    """Make outstanding re-decisions, fresh acts before those that a night asked for.

    One that fails is tried again later and later. Yield how many were tried.
    """
    ready = Q(try_at=None) | Q(try_at__lte=clock.instant())
    due = Redecision.outstanding().filter(ready, attempts__lt=MOST_ATTEMPTS)
    found = due.order_by("after_night", "wanted_at").values_list("debtor_id", flat=True)[:most]
    for debtor_id in list(found):
        redecide(debtor_id=debtor_id, clock=clock)
    return len(found)


def _pause(attempts: int) -> timedelta:
    return min(LONGEST_PAUSE, timedelta(seconds=1 << min(attempts, 10)))


def redecide(*, debtor_id: str, clock: Clock) -> bool:
    """Decide a person anew and publish it; tell whether that succeeded.

    What fails is written into the person's row with its sentences, and tried again.
    """
    row = Redecision.objects.filter(pk=debtor_id).first()
    if row is None or row.wanted <= row.made:
        return True
    try:
        _decide(debtor_id=debtor_id, ticket=row.wanted, clock=clock)
    except (Refused, DayRefused, NightRefused) as refused:
        _note(debtor_id=debtor_id, zh=refused.zh, en=refused.en, at=clock.instant())
        return False
    except Exception:
        log.exception("re-decision of %s failed", debtor_id)
        why = {"zh": "重新判定时发生意外；稍后自动重试。"}
        why["en"] = "Something unforeseen happened while deciding anew; it is tried again."
        _note(debtor_id=debtor_id, at=clock.instant(), **why)
        return False
    return True


class _Overtaken(Exception):
    """A later decision has been published meanwhile; this one is forgotten."""


def _decide(*, debtor_id: str, ticket: int, clock: Clock) -> None:
    opened = _warm.book()
    changes = day_changes(debtor_id)
    as_of = max(opened.book.as_of, local(clock.instant()).date())
    # The night tells who may be reached tomorrow; by day people ask about what is left of today.
    decided = opened.book.redecide(
        debtor_id=debtor_id, changes=changes, as_of=as_of, contact_on=as_of
    )
    try:
        _publish(decided=decided, debtor_id=debtor_id, ticket=ticket, at=clock.instant())
    except _Overtaken:
        return


def _publish(*, decided: PersonDecided, debtor_id: str, ticket: int, at: datetime) -> None:
    # The person is locked first, then the ticket, as every act does it.
    with transaction.atomic():
        publish_person(actor=MACHINE, decided=decided, at=at)
        row = Redecision.objects.select_for_update().get(pk=debtor_id)
        if row.made >= ticket:
            raise _Overtaken
        if row.wanted > ticket:
            want_redecision(debtor_id=debtor_id, at=at)
        row.made, row.made_at, row.attempts, row.try_at = ticket, at, 0, None
        row.why_zh = row.why_en = ""
        row.save()


def _note(*, debtor_id: str, zh: str, en: str, at: datetime) -> None:
    row = Redecision.objects.get(pk=debtor_id)
    Redecision.objects.filter(pk=debtor_id).update(
        attempts=F("attempts") + 1, try_at=at + _pause(row.attempts), why_zh=zh, why_en=en
    )
