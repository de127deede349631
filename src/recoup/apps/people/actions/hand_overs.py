"""Gives a portfolio to a colleague: offered with deadline and note, accepted, returned."""

from datetime import datetime

from django.db import transaction

from recoup.apps.people.actions.staff import FieldRefused, locked_staff
from recoup.apps.people.actions.telling import tell
from recoup.apps.people.events import PortfolioHandedOver, PortfolioReturned
from recoup.apps.people.models import PortfolioHandOver, Scope, Staff
from recoup.apps.people.permissions import Actor, NotFound, require
from recoup.apps.people.queries import takes_cases
from recoup.events.bus import publish
from recoup.kernel.refusal import Refused

Status = PortfolioHandOver.Status


class HandOverSettled(Refused):
    """The hand-over is not in the state that the act needs."""


def offer_portfolio(
    *,
    actor: Actor,
    giver_id: int,
    taker_id: int,
    note: str,
    accept_by: datetime,
    until: datetime | None,
    at: datetime,
) -> int:
    """Offer a portfolio to a colleague; it counts once accepted. Yield the key.

    One offers the own portfolio (duty ``work cases``); that of others needs ``assign people``.
    ``until`` None: until it is returned. Errors: NotFound, NotAllowed, FieldRefused.
    """
    with transaction.atomic():
        giver = locked_staff(actor, giver_id)
        verb, room = ("work", "cases") if giver.pk == actor.staff_id else ("assign", "people")
        require(actor, verb, room)
        taker = Staff.objects.filter(pk=taker_id, is_active=True).first()
        if taker is None or taker.pk == giver.pk or not takes_cases(taker):
            raise FieldRefused(
                zh="接收人必须是另一位在岗、能办理案件的同事。",
                en="The taker is another active colleague who works cases.",
            )
        if not note.strip():
            raise FieldRefused(
                zh="请写几句交接说明，让同事知道从哪里开始。",
                en="Write a note, so that your colleague knows where to begin.",
            )
        if accept_by <= at or (until is not None and until <= accept_by):
            raise FieldRefused(
                zh="接收期限应在现在之后，结束时间应在接收期限之后。",
                en="The time to accept lies ahead, and the end lies after it.",
            )
        _settle_lapsed(giver, taker, at)
        running = PortfolioHandOver.objects.filter(
            giver=giver, taker=taker, status__in=(Status.OFFERED, Status.ACCEPTED)
        )
        if running.exists():
            raise FieldRefused(
                zh=f"已有一份交接给{taker}的组合尚未结束。",
                en=f"A hand-over to {taker} is running already.",
            )
        made = PortfolioHandOver.objects.create(
            giver=giver,
            taker=taker,
            note=note.strip(),
            accept_by=accept_by,
            until=until,
            offered_at=at,
        )
        _tell(made, verb="offer_portfolio", actor=actor, at=at, before="", why=note)
    return made.pk


def accept_portfolio(*, actor: Actor, hand_over_id: int, at: datetime) -> None:
    """Take an offered portfolio; from now on its debtors are in the taker's scope.

    Errors: NotFound, HandOverSettled (settled already, or the deadline has passed).
    """
    with transaction.atomic():
        found = _locked(hand_over_id, actor, parties=("taker",))
        _must_be(found, Status.OFFERED)
        if found.accept_by <= at or (found.until is not None and found.until <= at):
            raise HandOverSettled(
                zh="接收期限已过；请同事重新提出交接。",
                en="The time to accept has passed; ask your colleague to offer it again.",
            )
        found.status, found.settled_at = Status.ACCEPTED, at
        found.save()
        Scope.objects.update_or_create(
            staff=found.taker,
            kind=Scope.Kind.PORTFOLIO,
            value=str(found.giver_id),
            defaults={"until": found.until, "hand_over": found},
        )
        _tell(found, verb="accept_portfolio", actor=actor, at=at, before=Status.OFFERED)
        publish(
            PortfolioHandedOver(
                hand_over_id=found.pk,
                giver_id=found.giver_id,
                taker_id=found.taker_id,
                until=found.until,
                at=at,
            )
        )


def decline_portfolio(*, actor: Actor, hand_over_id: int, remark: str, at: datetime) -> None:
    """Say no to an offer (the taker), or take it back (the giver), with a remark.

    Errors: NotFound, HandOverSettled, FieldRefused.
    """
    with transaction.atomic():
        found = _locked(hand_over_id, actor, parties=("taker", "giver"))
        _must_be(found, Status.OFFERED)
        if not remark.strip():
            raise FieldRefused(zh="请写明原因。", en="Say why, in a few words.")
        found.status, found.settled_at, found.remark = Status.DECLINED, at, remark.strip()
        found.save()
        _tell(
            found, verb="decline_portfolio", actor=actor, at=at, before=Status.OFFERED, why=remark
        )


def return_portfolio(*, actor: Actor, hand_over_id: int, remark: str, at: datetime) -> None:
    """End an accepted hand-over before its time: the taker, the giver, or who assigns people.

    Errors: NotFound, HandOverSettled.
    """
    with transaction.atomic():
        found = _locked(hand_over_id, actor, parties=("taker", "giver"), assigner=True)
        _must_be(found, Status.ACCEPTED)
        found.status, found.returned_at, found.remark = Status.RETURNED, at, remark.strip()
        found.save()
        Scope.objects.filter(hand_over=found).delete()
        _tell(
            found, verb="return_portfolio", actor=actor, at=at, before=Status.ACCEPTED, why=remark
        )
        publish(
            PortfolioReturned(
                hand_over_id=found.pk, giver_id=found.giver_id, taker_id=found.taker_id, at=at
            )
        )


def _locked(
    hand_over_id: int, actor: Actor, *, parties: tuple[str, ...], assigner: bool = False
) -> PortfolioHandOver:
    """Yield a hand-over of the actor's, or one to settle for others. Errors: NotFound."""
    found = (
        PortfolioHandOver.objects.select_for_update(of=("self",))
        .select_related("giver", "taker")
        .filter(pk=hand_over_id)
        .first()
    )
    if found is None:
        raise NotFound(what=f"{hand_over_id}")
    if actor.staff_id in {getattr(found, f"{party}_id") for party in parties}:
        return found
    if not assigner:
        raise NotFound(what=f"{hand_over_id}")
    locked_staff(actor, found.giver_id)
    require(actor, "assign", "people")
    return found


def _must_be(hand_over: PortfolioHandOver, status: str) -> None:
    if hand_over.status != status:
        raise HandOverSettled(
            zh="这份交接的状态已经改变，请刷新后再看。",
            en="This hand-over has been settled meanwhile; open the page again.",
        )


def _settle_lapsed(giver: Staff, taker: Staff, at: datetime) -> None:
    """Close hand-overs between the two whose time has passed, so that a new one can begin."""
    between = PortfolioHandOver.objects.filter(giver=giver, taker=taker)
    between.filter(status=Status.OFFERED, accept_by__lte=at).update(
        status=Status.LAPSED, settled_at=at
    )
    between.filter(status=Status.ACCEPTED, until__lte=at).update(
        status=Status.LAPSED, returned_at=at
    )


def _tell(
    hand_over: PortfolioHandOver,
    *,
    verb: str,
    actor: Actor,
    at: datetime,
    before: str,
    why: str = "",
) -> None:
    until = hand_over.until.isoformat() if hand_over.until else None
    tell(
        actor=actor,
        at=at,
        verb=verb,
        record="hand_over",
        record_id=hand_over.pk,
        before={"status": before} if before else {},
        after={
            "status": hand_over.status,
            "giver": hand_over.giver.staff_number,
            "taker": hand_over.taker.staff_number,
            "until": until,
        },
        why=why,
    )
