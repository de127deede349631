"""Writes the ledger: receipts, reversals, and what the night's book says of them.

The only place where postings are written. A reversal above the amount that a person may approve
waits for a second pair of eyes; taking back one's own slip within a few minutes does not.
"""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef

from recoup.apps.compliance.actions import request_approval
from recoup.apps.compliance.events import ApprovalDecided
from recoup.apps.ledger.events import PostingConfirmed, ReceiptPosted, ReceiptReversed
from recoup.apps.ledger.finding import FoundReceipt, find_receipt
from recoup.apps.ledger.models import Confirmation, Missing, Posting
from recoup.apps.ledger.policies import desk_day, rules_in_force
from recoup.apps.ledger.queries import PostingCard, Reversal, card
from recoup.apps.ledger.records import CHANNELS
from recoup.apps.ledger.refusals import BadReceipt, CannotReverse, KeyTaken, NumberTaken
from recoup.apps.people.permissions import Actor, require
from recoup.apps.portfolio.actions import keep_details
from recoup.apps.portfolio.events import NightPublished
from recoup.apps.portfolio.queries import (
    ContractCard,
    book_receipts_with,
    contract,
    contract_cards,
)
from recoup.engine.book.contract import AMOUNT_LIMIT_MAJOR
from recoup.events.bus import publish
from recoup.events.changes import Change
from recoup.kernel.money import exponent
from recoup.web.shown import local

ROOM = "ledger"
REVERSE = "reverse_receipt"
#: Within so many minutes a person takes back an own posting that the book has not, alone.
UNDO_MINUTES = 10
#: How long a confirmed receipt is watched for vanishing from the book again.
WATCHED_FOR = timedelta(days=400)
LONGEST_KEY = 200
LONGEST_ID = 64
LONGEST_NOTE = 300


def post_receipt(
    *,
    actor: Actor,
    idempotency_key: str,
    contract_id: str,
    paid_on: date,
    amount_minor: int,
    channel: str,
    note: str = "",
    at: datetime,
    payment_id: str = "",
) -> PostingCard:
    """Post money that came in; the same key with the same content yields the same posting again.

    ``payment_id`` is the bank's own number of the payment, where it is known: by it the night's
    book is recognised as having the receipt. Without one, the ledger gives a number.
    Errors: NotAllowed, NotFound, KeyTaken, NumberTaken, BadReceipt, NoNight.
    """
    require(actor, "post", ROOM)
    loan = contract(actor, contract_id)
    _check_texts(idempotency_key=idempotency_key, payment_id=payment_id, note=note)
    wanted = Posting(
        payment_id=payment_id or _number("R", idempotency_key, at),
        kind=Posting.Kind.RECEIPT,
        contract_id=loan.contract_id,
        debtor_id=loan.debtor_id,
        currency=loan.currency,
        paid_on=paid_on,
        amount_minor=amount_minor,
        channel=channel,
        note=note,
        idempotency_key=idempotency_key,
        made_by_id=actor.staff_id,
        made_at=at,
    )
    earlier = Posting.objects.filter(idempotency_key=idempotency_key).first()
    if earlier is not None:
        return _same(earlier, wanted, numbered=bool(payment_id))
    check_receipt(loan=loan, paid_on=paid_on, amount_minor=amount_minor, channel=channel, at=at)
    if payment_id and book_receipts_with((payment_id,)):
        raise NumberTaken(payment_id=payment_id, in_book=True)
    try:
        with transaction.atomic():
            # Locks the person, and keeps the receipts of the person's contracts in the records.
            keep_details(debtor_id=loan.debtor_id, at=at)
            wanted.save()
            _tell(wanted, verb="post_receipt", actor_id=actor.staff_id, why=note)
            publish(
                ReceiptPosted(
                    payment_id=wanted.payment_id,
                    contract_id=wanted.contract_id,
                    debtor_id=wanted.debtor_id,
                    amount_minor=amount_minor,
                    currency=wanted.currency,
                    paid_on=paid_on,
                    channel=channel,
                    actor_id=actor.staff_id,
                    at=at,
                )
            )
    except IntegrityError:
        # Somebody else was faster with the same key or the same number.
        earlier = Posting.objects.filter(idempotency_key=idempotency_key).first()
        if earlier is not None:
            return _same(earlier, wanted, numbered=bool(payment_id))
        if Posting.objects.filter(payment_id=wanted.payment_id).exists():
            raise NumberTaken(payment_id=wanted.payment_id, in_book=False) from None
        raise
    return card(posting=wanted)


def check_receipt(
    *, loan: ContractCard, paid_on: date, amount_minor: int, channel: str, at: datetime
) -> None:
    """Pass if a receipt can be right. Errors: BadReceipt, NoNight."""
    if channel not in CHANNELS:
        raise BadReceipt.unknown_channel(channel=channel, known=CHANNELS)
    if amount_minor <= 0:
        raise BadReceipt.not_positive()
    if amount_minor >= AMOUNT_LIMIT_MAJOR * 10 ** exponent(loan.currency):
        raise BadReceipt.too_large(currency=loan.currency)
    on = desk_day(at, as_of=rules_in_force().as_of)
    if paid_on > on:
        raise BadReceipt.in_future(paid_on=paid_on, on=on)
    if loan.start_on is not None and paid_on < loan.start_on:
        raise BadReceipt.before_start(paid_on=paid_on, start_on=loan.start_on)
    if loan.gone_on is not None:
        raise BadReceipt.gone(contract_id=loan.contract_id, gone_on=loan.gone_on)


def reverse_receipt(
    *, actor: Actor, payment_id: str, why: str, at: datetime, contract_id: str = ""
) -> Reversal:
    """Take a receipt of the ledger or of the book back, by an entry of its own.

    Above the amount that the actor may approve, nothing is posted yet: the wish waits for somebody
    else's approval. ``contract_id`` helps to find a receipt of the book whose details are not in
    the records. Errors: NotAllowed, NotFound, CannotReverse, AlreadyWaiting.
    """
    require(actor, "post", ROOM)
    if not why.strip() or len(why) > LONGEST_NOTE:
        raise CannotReverse.no_reason()
    with transaction.atomic():
        found = find_receipt(actor=actor, payment_id=payment_id, contract_id=contract_id, lock=True)
        keep_details(debtor_id=found.loan.debtor_id, at=at)
        _still_stands(found)
        base_minor = _in_base(found)
        within = actor.is_machine or _is_own_slip(found, actor, at)
        if within or base_minor <= actor.approves_up_to_minor:
            posting = _reverse(found, made_by=actor.staff_id, why=why, at=at)
            return Reversal(posting=card(posting=posting), approval_id=None)
        approval = request_approval(
            actor=actor,
            kind=REVERSE,
            room=ROOM,
            record_id=payment_id,
            debtor_id=found.loan.debtor_id,
            amount_minor=base_minor,
            payload={"payment_id": payment_id, "contract_id": found.loan.contract_id},
            why=why,
            at=at,
        )
    return Reversal(posting=None, approval_id=approval.approval_id)


def execute_reversal(event: ApprovalDecided) -> None:
    """Post the reversal that a second pair of eyes has approved; a listener.

    Errors: CannotReverse, when the receipt was taken back meanwhile; then nothing is decided.
    """
    if event.room != ROOM or event.kind != REVERSE or not event.approved:
        return
    payload: Mapping[str, object] = event.payload
    machine = Actor(staff_id=None, name="", whole_bank=True)
    with transaction.atomic():
        found = find_receipt(
            actor=machine,
            payment_id=str(payload["payment_id"]),
            contract_id=str(payload["contract_id"]),
            lock=True,
        )
        _still_stands(found)
        _reverse(
            found,
            made_by=event.maker_id,
            why=event.why,
            at=event.at,
            approval_id=event.approval_id,
            checker_id=event.checker_id,
        )


def confirm_postings(event: NightPublished) -> None:
    """Mark the postings that the published book has now; a listener.

    From then on the book's row counts and the posting does not. A reversal is confirmed once the
    book shows its receipt as reversed. Four queries, however many postings wait.
    """
    waiting = list(Posting.objects.filter(confirmation=None))
    ids = {row.payment_id for row in waiting} | {row.reverses for row in waiting if row.reverses}
    book = book_receipts_with(sorted(ids))
    made = []
    for row in waiting:
        is_reversal = row.kind == Posting.Kind.REVERSAL
        found = book.get(row.reverses or "" if is_reversal else row.payment_id)
        if found is None or (is_reversal and not found.is_reversed):
            continue
        agrees = (found.contract_id, found.amount_minor, found.paid_on) == (
            row.contract_id,
            row.amount_minor,
            row.paid_on,
        )
        made.append(
            Confirmation(
                posting=row,
                as_of=event.as_of,
                agrees=agrees,
                book_contract_id=found.contract_id,
                book_amount_minor=found.amount_minor,
                book_paid_on=found.paid_on,
                confirmed_at=event.at,
            )
        )
    Confirmation.objects.bulk_create(made, batch_size=500)
    _note_missing(event)
    for one in made:
        publish(
            PostingConfirmed(
                payment_id=one.posting.payment_id,
                contract_id=one.posting.contract_id,
                debtor_id=one.posting.debtor_id,
                as_of=event.as_of,
                agrees=one.agrees,
                at=event.at,
            )
        )


def _note_missing(event: NightPublished) -> None:
    """Note the receipts that a book had and the published one has no more, and say so in the trail.

    A receipt taken back is no question, nor one of a contract that has left the book. Postings of
    the last WATCHED_FOR are looked at.
    """
    taken_back = Posting.objects.filter(reverses=OuterRef("payment_id"))
    confirmed = Posting.objects.filter(
        ~Exists(taken_back),
        kind=Posting.Kind.RECEIPT,
        confirmation__as_of__lt=event.as_of,
        made_at__gte=event.at - WATCHED_FOR,
    )
    known = {row.payment_id: row for row in confirmed.iterator()}
    gone = known.keys() - book_receipts_with(sorted(known)).keys()
    loans = contract_cards({known[key].contract_id for key in gone})
    lost = {
        known[key].pk: known[key]
        for key in sorted(gone)
        if known[key].contract_id in loans and loans[known[key].contract_id].gone_on is None
    }
    Missing.objects.exclude(posting_id__in=list(lost)).delete()
    noted = set(Missing.objects.values_list("posting_id", flat=True))
    new = [row for key, row in lost.items() if key not in noted]
    Missing.objects.bulk_create(
        [Missing(posting=row, since=event.as_of) for row in new], batch_size=500
    )
    for row in new:
        publish(
            Change(
                at=event.at,
                actor_id=None,
                verb="miss_receipt",
                room=ROOM,
                record="posting",
                record_id=row.payment_id,
                debtor_id=row.debtor_id,
                after={"missing_since": event.as_of.isoformat()},
            )
        )


def _still_stands(found: FoundReceipt) -> None:
    back = Posting.objects.filter(reverses=found.payment_id).first()
    if back is not None:
        raise CannotReverse.done(payment_id=found.payment_id, by=back.payment_id)
    if found.book is not None and found.book.is_reversed:
        raise CannotReverse.done(payment_id=found.payment_id, by="")
    if found.book is not None and found.book.is_waiver:
        raise CannotReverse.waiver(payment_id=found.payment_id)


def _is_own_slip(found: FoundReceipt, actor: Actor, at: datetime) -> bool:
    posting = found.posting
    if posting is None or found.book is not None or posting.made_by_id != actor.staff_id:
        return False
    return bool(at - posting.made_at <= timedelta(minutes=UNDO_MINUTES))


def _in_base(found: FoundReceipt) -> int:
    """Yield the amount in the base currency, rounded up, to hold it against a limit."""
    loan = found.loan
    if loan.currency == rules_in_force().pack.base_currency:
        return found.amount_minor
    if not loan.exposure_minor or loan.exposure_base_minor is None:
        raise CannotReverse.no_rate(amount_minor=found.amount_minor, currency=loan.currency)
    return -(-found.amount_minor * loan.exposure_base_minor // loan.exposure_minor)


def _reverse(
    found: FoundReceipt,
    *,
    made_by: int | None,
    why: str,
    at: datetime,
    approval_id: int | None = None,
    checker_id: int | None = None,
) -> Posting:
    loan = found.loan
    posting = Posting(
        payment_id=_number("X", found.payment_id, at),
        kind=Posting.Kind.REVERSAL,
        contract_id=loan.contract_id,
        debtor_id=loan.debtor_id,
        currency=loan.currency,
        paid_on=found.paid_on,
        amount_minor=found.amount_minor,
        note=why.strip(),
        reverses=found.payment_id,
        reverses_book=found.book is not None,
        approval_id=approval_id,
        made_by_id=made_by,
        made_at=at,
    )
    try:
        with transaction.atomic():
            posting.save()
    except IntegrityError:
        raise CannotReverse.done(payment_id=found.payment_id, by="") from None
    more = {} if approval_id is None else {"approval_id": approval_id, "checker_id": checker_id}
    _tell(posting, verb="reverse_receipt", actor_id=made_by, why=why.strip(), **more)
    publish(
        ReceiptReversed(
            payment_id=found.payment_id,
            reversal_id=posting.payment_id,
            contract_id=loan.contract_id,
            debtor_id=loan.debtor_id,
            amount_minor=found.amount_minor,
            currency=loan.currency,
            paid_on=found.paid_on,
            why=why.strip(),
            actor_id=made_by,
            at=at,
        )
    )
    return posting


def _same(earlier: Posting, wanted: Posting, *, numbered: bool) -> PostingCard:
    """Yield the earlier posting of a key, if it says what is wanted now. Errors: KeyTaken."""
    compared = ["contract_id", "paid_on", "amount_minor", "channel", "note"]
    if numbered:
        compared.append("payment_id")
    if any(getattr(earlier, name) != getattr(wanted, name) for name in compared):
        raise KeyTaken(payment_id=earlier.payment_id)
    return card(posting=earlier)


def _check_texts(*, idempotency_key: str, payment_id: str, note: str) -> None:
    if not idempotency_key or len(idempotency_key) > LONGEST_KEY:
        raise BadReceipt.too_long(field="idempotency_key", most=LONGEST_KEY)
    if len(payment_id) > LONGEST_ID or payment_id != payment_id.strip():
        raise BadReceipt.too_long(field="payment_id", most=LONGEST_ID)
    if len(note) > LONGEST_NOTE:
        raise BadReceipt.too_long(field="note", most=LONGEST_NOTE)


def _number(letter: str, key: str, at: datetime) -> str:
    """Yield a number of the ledger's own: the day, and digits that follow from the key alone."""
    digits = hashlib.sha256(f"{letter}:{key}".encode()).hexdigest()[:12].upper()
    return f"{letter}{local(at):%Y%m%d}-{digits}"


def _tell(posting: Posting, *, verb: str, actor_id: int | None, why: str, **more: object) -> None:
    publish(
        Change(
            at=posting.made_at,
            actor_id=actor_id,
            verb=verb,
            room=ROOM,
            record="posting",
            record_id=posting.payment_id,
            debtor_id=posting.debtor_id,
            after={
                "kind": str(posting.kind),
                "contract_id": posting.contract_id,
                "paid_on": posting.paid_on.isoformat(),
                "amount_minor": posting.amount_minor,
                "currency": posting.currency,
                "channel": posting.channel,
                "reverses": posting.reverses,
                **more,
            },
            why=why,
        )
    )
