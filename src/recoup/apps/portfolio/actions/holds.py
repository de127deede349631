"""Holds set and lifted at the desk."""

from datetime import date, datetime

from django.db import transaction

from recoup.apps.people.permissions import Actor, NotFound
from recoup.apps.portfolio.actions.acts import WrongEntry, begin, record, staff_id_of
from recoup.apps.portfolio.events import HoldLifted, HoldSet
from recoup.apps.portfolio.models import Contract, Hold, Proof
from recoup.apps.portfolio.queries.cards import TAKEN_BACK, HoldCard
from recoup.apps.portfolio.queries.debtors import hold_card
from recoup.engine.book.contract import CHANNELS, HOLDS
from recoup.events.bus import publish


def set_hold(
    *,
    actor: Actor,
    debtor_id: str,
    kind: str,
    why: str,
    at: datetime,
    from_on: date,
    until_on: date | None = None,
    contract_id: str | None = None,
    channel: str | None = None,
    proof_id: int | None = None,
    kept_by: str = "",
) -> HoldCard:
    """Put a hold on a person, or on one contract; from the first day, no longer on ``until_on``.

    Everybody who works cases may set one, and the machine when a message asks for it: it protects
    the person. ``kept_by`` is the ``room:record`` on which it hangs: then who works in that room
    sets it, and only ``lift_kept_holds`` ends it. Errors: NotFound, NotAllowed, WrongEntry.
    """
    with transaction.atomic():
        begin(actor, debtor_id, verb="work", room=kept_by.partition(":")[0] or "cases")
        _check(kind, why, from_on, until_on, channel)
        _check_proof(proof_id, debtor_id)
        _check_contract(contract_id, debtor_id)
        row = Hold.objects.create(
            debtor_id=debtor_id,
            contract_id=contract_id or "",
            kind=kind,
            from_on=from_on,
            until_on=until_on,
            channel=channel or "",
            from_night=False,
            set_by_id=actor.staff_id,
            set_at=at,
            why=why.strip(),
            proof_id=proof_id,
            kept_by=kept_by,
        )
        record(
            actor,
            verb="set_hold",
            record="hold",
            record_id=row.pk,
            debtor_id=debtor_id,
            at=at,
            after={
                "kind": kind,
                "contract": contract_id or "",
                "from": from_on.isoformat(),
                "until": until_on.isoformat() if until_on else None,
                "channel": channel or "",
                "proof": proof_id,
            },
            why=row.why,
        )
        publish(
            HoldSet(
                hold_id=row.pk,
                debtor_id=debtor_id,
                contract_id=contract_id or None,
                kind=kind,
                from_on=from_on,
                until_on=until_on,
                channel=channel or None,
                at=at,
            )
        )
    return hold_card(row)


def _check(kind: str, why: str, from_on: date, until_on: date | None, channel: str | None) -> None:
    if kind not in HOLDS:
        raise WrongEntry(zh=f"没有“{kind}”这种暂停。", en=f"There is no hold of the kind '{kind}'.")
    if channel and channel not in CHANNELS:
        raise WrongEntry(zh=f"没有“{channel}”这个渠道。", en=f"There is no channel '{channel}'.")
    if not why.strip():
        raise WrongEntry(zh="请写明设置暂停的原因。", en="Say why the hold is set.")
    if until_on is not None and until_on <= from_on:
        raise WrongEntry(
            zh="结束日期应晚于开始日期。", en="The hold must end after the day on which it begins."
        )


def _check_contract(contract_id: str | None, debtor_id: str) -> None:
    own = Contract.objects.filter(pk=contract_id, debtor_id=debtor_id)
    if contract_id and not own.exists():
        raise NotFound(what=contract_id)


def _check_proof(proof_id: int | None, debtor_id: str) -> None:
    if proof_id is not None and not Proof.objects.filter(pk=proof_id, debtor=debtor_id).exists():
        raise NotFound(what=f"proof {proof_id}")


def lift_hold(
    *,
    actor: Actor,
    hold_id: int,
    why: str,
    at: datetime,
    on: date,
    proof_id: int | None = None,
) -> HoldCard:
    """End a hold on a day, with the reason; one from the bank's book too.

    Errors: NotFound, NotAllowed, WrongEntry, also for a hold that hangs on a record.
    """
    found = Hold.objects.filter(pk=hold_id).first()
    if found is None:
        raise NotFound(what=f"hold {hold_id}")
    with transaction.atomic():
        begin(actor, found.debtor_id)
        row = Hold.objects.select_for_update().get(pk=hold_id)
        if row.lifted_on is not None:
            raise WrongEntry(
                zh=f"该暂停已于 {row.lifted_on} 解除。",
                en=f"The hold was lifted on {row.lifted_on}.",
            )
        if row.kept_by:
            raise WrongEntry(
                zh=f"该暂停随“{row.kept_by.partition(':')[2]}”而设，办结后自动解除。",
                en=f"This hold hangs on {row.kept_by.partition(':')[2]} and is lifted with it.",
            )
        if not why.strip():
            raise WrongEntry(zh="请写明解除的原因。", en="Say why the hold is lifted.")
        _check_proof(proof_id, row.debtor_id)
        row.lift_proof_id = proof_id
        _lift(actor, row, on=on, why=why.strip(), at=at)
    return hold_card(row)


def lift_kept_holds(
    *, actor: Actor, debtor_id: str, kept_by: str, why: str, at: datetime, on: date
) -> int:
    """End the holds that hang on a record, now that it is done with; yield how many.

    Shape: ``kept_by`` is ``room:record``; the duty is that of who works in the room.
    Errors: NotFound, NotAllowed.
    """
    with transaction.atomic():
        begin(actor, debtor_id, verb="work", room=kept_by.partition(":")[0])
        own = {"debtor_id": debtor_id, "kept_by": kept_by, "lifted_on": None}
        rows = list(Hold.objects.select_for_update(of=("self",)).filter(**own))
        for row in rows:
            _lift(actor, row, on=on, why=why, at=at)
    return len(rows)


def take_back_holds(*, actor: Actor, debtor_id: str, set_because: str, at: datetime) -> int:
    """End holds that an own act had set by mistake, from their first day on; yield how many.

    Shape: ``set_because`` is the reason with which the act had set them. Whoever may set a hold may
    take back an own one with the act; every other hold is lifted with a reason (``lift_hold``).
    Errors: NotFound, NotAllowed.
    """
    with transaction.atomic():
        begin(actor, debtor_id, verb="work", room="cases")
        rows = Hold.objects.select_for_update().filter(
            debtor_id=debtor_id,
            from_night=False,
            lifted_on=None,
            set_by_id=staff_id_of(actor),
            why=set_because,
        )
        for row in rows:
            _lift(actor, row, on=row.from_on, why=TAKEN_BACK, at=at)
    return len(rows)


def _lift(actor: Actor, row: Hold, *, on: date, why: str, at: datetime) -> None:
    row.lifted_on, row.lifted_by_id, row.lift_why = on, staff_id_of(actor), why
    row.save(update_fields=("lifted_on", "lifted_by", "lift_why", "lift_proof"))
    record(
        actor,
        verb="lift_hold",
        record="hold",
        record_id=row.pk,
        debtor_id=row.debtor_id,
        at=at,
        after={"lifted_on": on.isoformat()},
        why=row.lift_why,
    )
    publish(
        HoldLifted(
            hold_id=row.pk,
            debtor_id=row.debtor_id,
            contract_id=row.contract_id or None,
            kind=row.kind,
            from_on=row.from_on,
            channel=row.channel or None,
            lifted_on=on,
            at=at,
        )
    )
