"""Calls by click: the gate is asked once more, then the exchange rings collector and person.

The permit that the page shows may be minutes old; the exchange gets one of the moment of dialling.
It lives until the outcome is logged, and counts as an attempt meanwhile. Where the exchange
records, it does so under the call's name, which is noted with the contact.
"""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from recoup.apps.contacts.actions.messages import NotPermitted
from recoup.apps.contacts.actions.permits import Intended, Why, check_live, decided, lock_person
from recoup.apps.contacts.models import CallSeat, GateDecision, PermitState, PhoneCall
from recoup.apps.people.permissions import Actor, NotAllowed, NotFound, require
from recoup.apps.portfolio.queries import debtor
from recoup.channels.call_control import (
    ENDED,
    RINGING,
    TALKING,
    CallControl,
    CallNotBegun,
    CallWanted,
)
from recoup.events.bus import publish
from recoup.events.changes import Change
from recoup.kernel.contact_rules import Permit
from recoup.kernel.refusal import Refused

#: So long after dialling the outcome may be logged under the call's permit.
CALL_LIFE = timedelta(hours=12)
#: A call of which the exchange tells nothing is looked after for so long.
LOOKED_AFTER = timedelta(hours=24)
MOST_LOOKED_AT = 100
_SEAT = re.compile(r"[0-9A-Za-z_.*#-]{1,40}")
_SEEN = {
    RINGING: PhoneCall.State.RINGING,
    TALKING: PhoneCall.State.TALKING,
    ENDED: PhoneCall.State.ENDED,
}
log = logging.getLogger(__name__)

_controls: list[Callable[[], CallControl | None]] = []


class NoSeat(Refused):
    """Nobody knows at which extension to ring the collector, or no exchange is connected."""


@dataclass(frozen=True, kw_only=True)
class Dialled:
    """A call that was begun; ``decision`` is the permit under which its outcome is logged."""

    call_id: str
    decision: GateDecision
    number: str = field(repr=False)


def tell_call_control(control: Callable[[], CallControl | None]) -> None:
    """Name who yields the exchange's adapter, None without one; the site does so once."""
    _controls[:] = [control]


def call_control() -> CallControl | None:
    """Yield the adapter of the exchange that is connected, if any."""
    return _controls[0]() if _controls else None


def seat_of(actor: Actor) -> str:
    """Yield the extension of whoever acts; empty where none is known."""
    found = CallSeat.objects.filter(staff_id=actor.staff_id or 0).first()
    return found.extension if found else ""


def set_seat(*, actor: Actor, extension: str, at: datetime) -> None:
    """Note at which extension to ring whoever acts; empty: none. Errors: NotAllowed; NoSeat."""
    require(actor, "work", "contacts")
    if actor.staff_id is None:
        raise NotAllowed(verb="work", room="contacts")
    wanted = extension.strip()
    if wanted and _SEAT.fullmatch(wanted) is None:
        raise NoSeat(
            zh="分机号只能由字母、数字和 . _ - * # 组成。",
            en="An extension is made of letters, digits and . _ - * # only.",
        )
    with transaction.atomic():
        if wanted:
            CallSeat.objects.update_or_create(
                staff_id=actor.staff_id, defaults={"extension": wanted, "set_at": at}
            )
        else:
            CallSeat.objects.filter(staff_id=actor.staff_id).delete()
        publish(
            Change(
                at=at,
                actor_id=actor.staff_id,
                verb="set_seat",
                room="contacts",
                record="seat",
                record_id=str(actor.staff_id),
                after={"extension": wanted},
            )
        )


def place_call(*, actor: Actor, debtor_id: str, decision_id: int, at: datetime) -> Dialled:
    """Have the exchange ring the collector, then the person, under a permit of this moment.

    Shape: ``decision_id`` is the permit that the page shows; it makes way for a new one.
    Errors: NotAllowed; NotFound; NoSeat; PermitIsDead; NotPermitted; CallNotBegun, and the permit
    is given back.
    """
    require(actor, "work", "contacts")
    debtor(actor, debtor_id)
    if actor.staff_id is None:
        raise NotAllowed(verb="work", room="contacts")
    control, seat = call_control(), seat_of(actor)
    if control is None or not seat:
        raise NoSeat(
            zh="没有连接电话系统，或未登记您的分机；请直接拨号。",
            en="No exchange is connected, or your extension is not known; dial by hand.",
        )
    asked = GateDecision.objects.filter(
        pk=decision_id, debtor_id=debtor_id, channel="call", asked_by_id=actor.staff_id
    ).first()
    if asked is None:
        raise NotFound(what=str(decision_id))
    call, permit = _taken(actor, asked, control, seat, at=at)
    wanted = CallWanted(
        call_id=call.call_id, debtor_id=debtor_id, number=permit.number or "", seat=seat
    )
    try:
        control.begin(permit=permit, call=wanted, at=at)
    except CallNotBegun:
        _not_begun(call, at=at)
        raise
    except Exception:
        # Whether somebody is rung cannot be known: the attempt counts, the outcome can be logged.
        log.exception("call %s: not known whether it began", call.call_id)
        PhoneCall.objects.filter(pk=call.pk).update(state=PhoneCall.State.UNSURE)
    return Dialled(call_id=call.call_id, decision=call.decision, number=permit.number or "")


def _taken(
    actor: Actor, asked: GateDecision, control: CallControl, seat: str, *, at: datetime
) -> tuple[PhoneCall, Permit]:
    """Judge anew and keep the call, in one transaction. Errors: PermitIsDead; NotPermitted."""
    with transaction.atomic():
        lock_person(asked.debtor_id)
        check_live(decision_id=asked.pk, debtor_id=asked.debtor_id, at=at)
        PermitState.objects.filter(pk=asked.pk).update(void_at=at, void_why=Why.RENEWED)
        intended = Intended(
            debtor_id=asked.debtor_id,
            channel=asked.channel,
            party=asked.party,
            number=asked.number,
            purpose=asked.purpose,
            contract_id=asked.contract_id,
            reveals_debt=bool(asked.facts.get("reveals_debt", True)),
        )
        answered = decided(actor=actor, intended=intended, at=at, life=CALL_LIFE)
        if answered.permit is not None:
            call = PhoneCall.objects.create(
                call_id=f"recoup-{answered.decision.pk}",
                debtor_id=asked.debtor_id,
                decision=answered.decision,
                staff_id=asked.asked_by_id or 0,
                seat=seat,
                provider=control.provider,
                recording=control.recording_of(f"recoup-{answered.decision.pk}"),
                begun_at=at,
            )
            _tell(actor, call, verb="place_call", at=at)
            return call, answered.permit
    # Raised after the transaction, so that the refusal is kept.
    raise NotPermitted(answered.decision)


def _not_begun(call: PhoneCall, *, at: datetime) -> None:
    with transaction.atomic():
        call.state, call.ended_at = PhoneCall.State.NOT_BEGUN, at
        call.save(update_fields=["state", "ended_at"])
        PermitState.objects.filter(pk=call.decision_id, used_at=None, void_at=None).update(
            void_at=at, void_why=Why.GIVEN_BACK
        )


def look_after_calls(*, control: CallControl, at: datetime) -> int:
    """Note what became of calls under way; yield how many were looked at."""
    under_way = PhoneCall.objects.filter(ended_at=None).order_by("pk")[:MOST_LOOKED_AT]
    looked = 0
    for call in under_way:
        looked += 1
        seen = control.look(call_id=call.call_id)
        is_late = at - call.begun_at > LOOKED_AFTER
        call.state = _SEEN.get(seen, call.state)
        if seen == ENDED or is_late:
            call.ended_at = at
        call.save(update_fields=["state", "ended_at"])
    return looked


def _tell(actor: Actor, call: PhoneCall, *, verb: str, at: datetime) -> None:
    publish(
        Change(
            at=at,
            actor_id=actor.staff_id,
            verb=verb,
            room="contacts",
            record="phone_call",
            record_id=str(call.pk),
            debtor_id=call.debtor_id,
            after={"call": call.call_id, "decision": call.decision_id, "provider": call.provider},
        )
    )
