"""Records promises and lets the kernel find what became of them; nobody types a status."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from recoup.apps.arrangements.book import BookPromise, book_promises
from recoup.apps.arrangements.events import (
    PromiseBroken,
    PromiseKept,
    PromisePartlyKept,
    PromiseRecorded,
    PromiseReopened,
    PromisesLapsed,
    PromiseWithdrawn,
)
from recoup.apps.arrangements.matching import Found, lapses_on, matched
from recoup.apps.arrangements.models import Promise
from recoup.apps.arrangements.queries import PromiseCard, card
from recoup.apps.arrangements.refusals import BadPromise, CannotWithdraw, Stale
from recoup.apps.ledger.events import ReceiptPosted, ReceiptReversed
from recoup.apps.ledger.queries import (
    desk_day,
    rules_in_force,
    standing_receipts,
    unconfirmed,
)
from recoup.apps.people.permissions import Actor, NotFound, require
from recoup.apps.portfolio.actions import keep_details, lock_persons
from recoup.apps.portfolio.events import NightPublished
from recoup.apps.portfolio.queries import (
    ContractCard,
    contracts_of,
    current_publication,
    debtor,
)
from recoup.engine.book.contract import CHANNELS, PARTIES
from recoup.engine.promise_book import DeskPromise, DeskReceipt, DeskRows
from recoup.events.bus import publish
from recoup.events.changes import Change
from recoup.policy.strategy import Strategy
from recoup.web.shown import local
from recoup.web.words import WORDS

ROOM = "arrangements"
LONGEST_NOTE = 300
#: Rows written by one statement.
BATCH = 500
_SETTLED = {
    Promise.Status.KEPT: PromiseKept,
    Promise.Status.PARTLY_KEPT: PromisePartlyKept,
    Promise.Status.BROKEN: PromiseBroken,
    Promise.Status.OPEN: PromiseReopened,
}


def record_promise(
    *,
    actor: Actor,
    debtor_id: str,
    contract_id: str | None,
    amount_minor: int,
    due_on: date,
    channel: str,
    party: str,
    at: datetime,
    note: str = "",
    above_owed: bool = False,
) -> PromiseCard:
    """Record that somebody promised to pay an amount by a day; what was paid already today counts.

    ``contract_id`` None: money on any contract of the person. ``above_owed``: more than is owed is
    meant. Errors: NotFound, NotAllowed, BadPromise, NoNight.
    """
    person = debtor(actor, debtor_id)
    require(actor, "work", ROOM)
    rules = rules_in_force()
    on = desk_day(at, as_of=rules.as_of)
    loans = contracts_of((debtor_id,)).get(debtor_id, ())
    if contract_id is not None and contract_id not in {loan.contract_id for loan in loans}:
        raise NotFound(what=contract_id)
    named = [loan for loan in loans if contract_id in (None, loan.contract_id)]
    _check(
        amount_minor=amount_minor,
        due_on=due_on,
        channel=channel,
        party=party,
        note=note,
        on=on,
        strategy=rules.strategy,
    )
    currency = _currency(debtor_id=person.debtor_id, loans=named)
    _check_owed(amount_minor=amount_minor, loans=named, currency=currency, above_owed=above_owed)
    with transaction.atomic():
        keep_details(debtor_id=debtor_id, at=at)
        _refuse_twice(debtor_id, contract_id, amount_minor=amount_minor, due_on=due_on)
        row = Promise(
            promise_id=_number(debtor_id, contract_id, amount_minor, due_on, actor, at),
            debtor_id=debtor_id,
            contract_id=contract_id or "",
            currency=currency,
            amount_minor=amount_minor,
            made_on=on,
            due_on=due_on,
            lapses_on=lapses_on(due_on=due_on, tolerance=rules.strategy.promise_tolerance),
            channel=channel,
            party=party,
            note=note.strip(),
            made_by_id=actor.staff_id,
            made_at=at,
        )
        row.save(force_insert=True)
        _tell(row, verb="record_promise", actor=actor, at=at, before={}, after=_content(row))
        fact = _fact(row, on=on, at=at)
        publish(PromiseRecorded(**fact, channel=channel, party=party, actor_id=actor.staff_id))
        rematch(debtor_id=debtor_id, on=on, at=at)
        row.refresh_from_db()
    return card(row)


def withdraw_promise(
    *, actor: Actor, promise_id: str, why: str, version: int, at: datetime
) -> PromiseCard:
    """Take an open promise back, with the reason; it stays in the records as withdrawn.

    Errors: NotFound, NotAllowed, CannotWithdraw, Stale (``version`` is the one that was seen).
    """
    with transaction.atomic():
        known = Promise.objects.filter(promise_id=promise_id).first()
        if known is None:
            raise NotFound(what=promise_id)
        debtor(actor, known.debtor_id)
        require(actor, "work", ROOM)
        lock_persons((known.debtor_id,))
        row = Promise.objects.select_for_update().get(pk=known.pk)
        word = WORDS["promise"][row.status]
        if row.version != version:
            raise Stale(promise_id=promise_id, zh=word.zh, en=word.en)
        if row.status != Promise.Status.OPEN:
            raise CannotWithdraw.settled(promise_id=promise_id, zh=word.zh, en=word.en)
        if not why.strip() or len(why) > LONGEST_NOTE:
            raise CannotWithdraw.no_reason()
        row.status = Promise.Status.WITHDRAWN
        row.matched_minor = 0
        row.withdrawn_why, row.withdrawn_by_id, row.withdrawn_at = why.strip(), actor.staff_id, at
        row.version += 1
        row.save()
        _tell(
            row,
            verb="withdraw_promise",
            actor=actor,
            at=at,
            why=row.withdrawn_why,
            before={"status": str(Promise.Status.OPEN)},
            after={"status": row.status},
        )
        on = desk_day(at, as_of=rules_in_force().as_of)
        fact = _fact(row, on=on, at=at)
        publish(PromiseWithdrawn(**fact, why=row.withdrawn_why, actor_id=actor.staff_id))
        rematch(debtor_id=row.debtor_id, on=on, at=at)
    return card(row)


def rematch(*, debtor_id: str, on: date, at: datetime) -> tuple[PromiseCard, ...]:
    """Let the kernel match one person's promises with all receipts that count; yield what changed.

    The rows are locked first, so that two receipts at once cannot each miss the other.
    """
    with transaction.atomic():
        lock_persons((debtor_id,))
        rows = list(Promise.objects.select_for_update().filter(debtor_id=debtor_id).order_by("pk"))
        if not rows:
            return ()
        tolerance = rules_in_force().strategy.promise_tolerance
        receipts = standing_receipts(debtor_id=debtor_id)
        found = matched(promises=rows, receipts=receipts, on=on, tolerance=tolerance)
        return _settle(rows=rows, found=found, on=on, at=at)


def rematch_lapsed(*, on: date, at: datetime) -> int:
    """Match the promises whose time is over by a day on which no night was published; how many.

    The night itself matches all of them; this is for the days between, and whoever decides people
    hears of each person.
    """
    lapsed = Promise.objects.filter(status=Promise.Status.OPEN, lapses_on__lte=on)
    debtor_ids = sorted(set(lapsed.values_list("debtor_id", flat=True)))
    changed = 0
    for debtor_id in debtor_ids:
        with transaction.atomic():
            found = rematch(debtor_id=debtor_id, on=on, at=at)
            if found:
                publish(PromisesLapsed(debtor_id=debtor_id, on=on, at=at))
        changed += len(found)
    return changed


def rematch_on_new_day(*, at: datetime, last: date | None) -> date | None:
    """Match the lapsed promises if the house's day is not the last one seen; yield the day.

    For a worker that asks again and again: a promise breaks on its day, also when no night comes.
    None: no night has been published yet.
    """
    today = local(at).date()
    if today == last:
        return last
    publication = current_publication()
    if publication is None:
        return None
    rematch_lapsed(on=desk_day(at, as_of=publication.as_of), at=at)
    return today


def rematch_for_receipt(event: ReceiptPosted | ReceiptReversed) -> None:
    """Match the person's promises again when money came in or was taken back; a listener."""
    on = desk_day(event.at, as_of=rules_in_force().as_of)
    rematch(debtor_id=event.debtor_id, on=on, at=event.at)


def rematch_book(event: NightPublished) -> None:
    """Bring the published book's promises into the records, matched; a listener.

    Set-wise for the whole book and for what the desk recorded since; only differences are written.
    History that the book brings along is told to nobody; a change of status is.
    """
    strategy = rules_in_force().strategy
    with transaction.atomic(savepoint=False):
        before = {row.promise_id: row for row in Promise.objects.all().iterator()}
        known = book_promises(desk=_desk_rows(before.values()))
        new = [_row_of(one, strategy=strategy) for one in known if one.promise_id not in before]
        for row in new:
            row.matched_on = event.as_of
        Promise.objects.bulk_create(new, batch_size=BATCH)
        for one in known:
            if one.in_book and one.promise_id in before:
                _adopt(before[one.promise_id], one, strategy=strategy)
        _settle(
            rows=[before[one.promise_id] for one in known if one.promise_id in before],
            found={
                one.promise_id: Found(status=one.status, matched_minor=one.matched_minor)
                for one in known
            },
            on=event.as_of,
            at=event.at,
        )


def _desk_rows(rows: Iterable[Promise]) -> DeskRows:
    """Yield what the desk recorded: promises that the book may not have, receipts, reversals."""
    listed = list(rows)
    posted = unconfirmed()
    return DeskRows(
        promises=[
            DeskPromise(
                promise_id=row.promise_id,
                debtor_id=row.debtor_id,
                contract_id=row.contract_id or None,
                made_on=row.made_on,
                due_on=row.due_on,
                amount_minor=row.amount_minor,
            )
            for row in listed
            if not row.in_book and row.status != Promise.Status.WITHDRAWN
        ],
        receipts=[
            DeskReceipt(
                payment_id=one.payment_id,
                contract_id=one.contract_id,
                paid_on=one.paid_on,
                amount_minor=one.amount_minor,
            )
            for one in posted.receipts
        ],
        reversed_payment_ids=posted.reversed_payment_ids,
        withdrawn_promise_ids=frozenset(
            row.promise_id for row in listed if row.status == Promise.Status.WITHDRAWN
        ),
    )


def _settle(
    *, rows: Sequence[Promise], found: Mapping[str, Found], on: date, at: datetime
) -> tuple[PromiseCard, ...]:
    """Write what the kernel found where it differs, and tell each change of status."""
    changed, turned = [], []
    for row in rows:
        now = found.get(row.promise_id)
        if now is None or (row.status, row.matched_minor) == (now.status, now.matched_minor):
            continue
        if row.status != now.status:
            turned.append((row, row.status))
        row.status, row.matched_minor, row.matched_on = now.status, now.matched_minor, on
        row.version += 1
        changed.append(row)
    Promise.objects.bulk_update(
        changed, ("status", "matched_minor", "matched_on", "version"), batch_size=BATCH
    )
    for row, before in turned:
        _tell(
            row,
            verb="match_promise",
            actor=None,
            at=at,
            before={"status": before},
            after={"status": row.status, "matched_minor": row.matched_minor},
        )
        publish(_SETTLED[Promise.Status(row.status)](**_fact(row, on=on, at=at)))
    return tuple(card(row) for row in changed)


def _row_of(one: BookPromise, *, strategy: Strategy) -> Promise:
    return Promise(
        promise_id=one.promise_id,
        debtor_id=one.debtor_id,
        contract_id=one.contract_id or "",
        currency=one.currency,
        amount_minor=one.amount_minor,
        made_on=one.made_on,
        due_on=one.due_on,
        lapses_on=lapses_on(due_on=one.due_on, tolerance=strategy.promise_tolerance),
        in_book=True,
        status=one.status,
        matched_minor=one.matched_minor,
    )


def _adopt(row: Promise, one: BookPromise, *, strategy: Strategy) -> None:
    """Take over what the book says of a promise, the first time that it has it, or says otherwise.

    The agreement stands in the book; what became of it is counted once, from the book's row.
    """
    said = _row_of(one, strategy=strategy)
    names = ("contract_id", "currency", "amount_minor", "made_on", "due_on", "lapses_on")
    differs = [name for name in names if getattr(row, name) != getattr(said, name)]
    if row.in_book and not differs:
        return
    for name in differs:
        setattr(row, name, getattr(said, name))
    row.in_book = True
    row.matched_minor = min(row.matched_minor, row.amount_minor)
    row.version += 1
    row.save()


def _check(
    *,
    amount_minor: int,
    due_on: date,
    channel: str,
    party: str,
    note: str,
    on: date,
    strategy: Strategy,
) -> None:
    if amount_minor <= 0:
        raise BadPromise.not_positive()
    if due_on < on:
        raise BadPromise.day_past(due_on=due_on, on=on)
    days = strategy.promise_horizon_days
    if days is not None and due_on > on + timedelta(days=days):
        raise BadPromise.too_far(
            due_on=due_on, last=on + timedelta(days=days), days=days, strategy=strategy.id
        )
    if channel not in CHANNELS:
        raise BadPromise.unknown_code(field="channel", code=channel, known=tuple(CHANNELS))
    if party not in PARTIES:
        raise BadPromise.unknown_code(field="party", code=party, known=tuple(PARTIES))
    if len(note) > LONGEST_NOTE:
        raise BadPromise.note_too_long(most=LONGEST_NOTE)


def _currency(*, debtor_id: str, loans: Sequence[ContractCard]) -> str:
    found = sorted({loan.currency for loan in loans})
    if not found:
        raise BadPromise.no_contract(debtor_id=debtor_id)
    if len(found) > 1:
        raise BadPromise.name_contract(currencies=tuple(found))
    return found[0]


def _check_owed(
    *, amount_minor: int, loans: Sequence[ContractCard], currency: str, above_owed: bool
) -> None:
    """Refuse more than is owed, unless it is meant; all passes where that is not known."""
    if above_owed or any(loan.exposure_minor is None for loan in loans):
        return
    # Of a loan whose principal is nearly paid, what is overdue can be more than the exposure.
    owed = sum(max(loan.exposure_minor or 0, loan.overdue_minor or 0) for loan in loans)
    if amount_minor > owed:
        raise BadPromise.above_owed(amount_minor=amount_minor, owed_minor=owed, currency=currency)


def _refuse_twice(
    debtor_id: str, contract_id: str | None, *, amount_minor: int, due_on: date
) -> None:
    same = Promise.objects.filter(
        debtor_id=debtor_id,
        contract_id=contract_id or "",
        amount_minor=amount_minor,
        due_on=due_on,
        status=Promise.Status.OPEN,
    ).first()
    if same is not None:
        raise BadPromise.recorded(promise_id=same.promise_id, at=same.made_at)


def _number(
    debtor_id: str,
    contract_id: str | None,
    amount_minor: int,
    due_on: date,
    actor: Actor,
    at: datetime,
) -> str:
    """Yield an id of the desk's own: the day, and digits that follow from what was promised."""
    content = [debtor_id, contract_id, amount_minor, due_on, actor.staff_id, at.isoformat()]
    text = "|".join(str(one) for one in content)
    return f"P{local(at):%Y%m%d}-{hashlib.sha256(text.encode()).hexdigest()[:12].upper()}"


def _fact(row: Promise, *, on: date, at: datetime) -> dict[str, Any]:
    return {
        "promise_id": row.promise_id,
        "debtor_id": row.debtor_id,
        "contract_id": row.contract_id or None,
        "amount_minor": row.amount_minor,
        "matched_minor": row.matched_minor,
        "currency": row.currency,
        "due_on": row.due_on,
        "on": on,
        "at": at,
    }


def _content(row: Promise) -> dict[str, object]:
    return {
        "contract_id": row.contract_id,
        "amount_minor": row.amount_minor,
        "currency": row.currency,
        "due_on": row.due_on.isoformat(),
        "channel": row.channel,
        "party": row.party,
    }


def _tell(
    row: Promise,
    *,
    verb: str,
    actor: Actor | None,
    at: datetime,
    before: Mapping[str, object],
    after: Mapping[str, object],
    why: str = "",
) -> None:
    publish(
        Change(
            at=at,
            actor_id=actor.staff_id if actor else None,
            verb=verb,
            room=ROOM,
            record="promise",
            record_id=row.promise_id,
            debtor_id=row.debtor_id,
            before=before,
            after=after,
            why=why,
        )
    )
