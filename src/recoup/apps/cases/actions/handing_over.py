"""A case offered to a colleague of another calling: it changes hands once the offer is accepted."""

from datetime import datetime

from django.db import transaction

from recoup.apps.cases.actions.assigning import give, needs_of, taker_of
from recoup.apps.cases.actions.changing import NotPossible, check_version, tell
from recoup.apps.cases.models import Case, HandOver
from recoup.apps.cases.queries.cards import HandOverCard, hand_over_card
from recoup.apps.cases.recording import Happening, append, locked_case, locked_if_there
from recoup.apps.people.permissions import Actor, NotAllowed, NotFound, require
from recoup.apps.people.queries import staff_cards
from recoup.apps.portfolio.actions import lock_persons
from recoup.kernel.assignment import exclusion
from recoup.kernel.explain import Words

#: Callings between which cases are handed over.
ROLES = ("collector", "senior_collector", "loan_officer", "counsel", "supervisor")
TAKEN_OVER = Words(zh="接受移交", en="taken over")


def offer_hand_over(
    *,
    actor: Actor,
    debtor_id: str,
    taker_id: int,
    note: str,
    accept_by: datetime,
    at: datetime,
    version: int | None = None,
) -> HandOverCard:
    """Offer a case to a colleague, with a note and a deadline; one offer at a time.

    Errors: NotAllowed; NotFound; Stale; NotPossible, where the colleague may not have it.
    """
    require(actor, "work", "cases")
    card = staff_cards((taker_id,)).get(taker_id)
    if card is None or not card.is_active:
        raise NotFound(what=str(taker_id))
    with transaction.atomic():
        case = locked_case(actor, debtor_id)
        check_version(case, version)
        _may_give(actor, case)
        role = next((one for one in ROLES if one in card.roles), "")
        _check_offer(case=case, taker_id=taker_id, role=role, note=note, by=accept_by, at=at)
        candidate = taker_of(taker_id, at)
        against = candidate and exclusion(needs=needs_of(case), candidate=candidate)
        if against:
            raise NotPossible(
                zh=f"不能移交给{card.name}：{against.zh}。",
                en=f"The case cannot go to {card.name}: {against.en}.",
                rule="case:assignment",
            )
        row = HandOver.objects.create(
            case=case,
            giver_id=actor.staff_id,
            taker_id=taker_id,
            role=role,
            note=note.strip(),
            offered_at=at,
            accept_by=accept_by,
        )
        _enter(case, row, actor=actor, at=at, kind="hand_over_offered", text=row.note)
    return hand_over_card(row)


def settle_hand_over(
    *, actor: Actor, hand_over_id: int, accept: bool, at: datetime, remark: str = ""
) -> HandOverCard:
    """Accept an offer, and have the case from now on; or decline it, with the reason.

    Only the colleague to whom it was offered can. Errors: NotFound; NotAllowed; NotPossible.
    """
    require(actor, "work", "cases")
    with transaction.atomic():
        case, row = _locked(hand_over_id)
        if row.taker_id != actor.staff_id:
            raise NotFound(what=str(hand_over_id))
        if not accept and not remark.strip():
            raise NotPossible(zh="请写明不接受的原因。", en="Say why you decline.")
        row.status = "accepted" if accept else "declined"
        row.settled_at, row.remark = at, remark.strip()
        row.save(update_fields=["status", "settled_at", "remark"])
        kind = "hand_over_accepted" if accept else "hand_over_declined"
        _enter(case, row, actor=actor, at=at, kind=kind, text=row.remark)
        if accept and case.is_open:
            give(case, staff_id=row.taker_id, at=at, actor=actor, reasons=(TAKEN_OVER,))
    return hand_over_card(row)


def withdraw_hand_over(*, actor: Actor, hand_over_id: int, at: datetime) -> HandOverCard:
    """Take an offer back before it is answered; whoever made it, or who assigns cases."""
    require(actor, "work", "cases")
    with transaction.atomic():
        case, row = _locked(hand_over_id)
        if row.giver_id != actor.staff_id and not actor.may("assign", "cases"):
            raise NotAllowed(verb="assign", room="cases")
        row.status, row.settled_at = "withdrawn", at
        row.save(update_fields=["status", "settled_at"])
        _enter(case, row, actor=actor, at=at, kind="hand_over_withdrawn", text="")
    return hand_over_card(row)


def _may_give(actor: Actor, case: Case) -> None:
    if case.collector_id != actor.staff_id and not actor.may("assign", "cases"):
        raise NotAllowed(verb="assign", room="cases")


def _check_offer(
    *, case: Case, taker_id: int, role: str, note: str, by: datetime, at: datetime
) -> None:
    if not case.is_open:
        raise NotPossible(zh="案件已结案，不能移交。", en="The case is closed already.")
    if not role:
        raise NotPossible(
            zh="该同事不办理案件，不能移交。", en="This colleague does not work cases."
        )
    if case.collector_id == taker_id:
        raise NotPossible(zh="案件已在该同事名下。", en="This colleague has the case already.")
    if not note.strip():
        raise NotPossible(
            zh="请写明移交说明：已做了什么，接下来要做什么。",
            en="Say what was done and what is to be done next.",
        )
    if by <= at:
        raise NotPossible(
            zh="接受期限应晚于现在。", en="The deadline for accepting must lie ahead."
        )
    if HandOver.objects.filter(case=case, status="offered").exists():
        raise NotPossible(
            zh="这件案件已有一项待接受的移交；请先撤回。",
            en="The case has been offered already; take that offer back first.",
        )


def _locked(hand_over_id: int) -> tuple[Case, HandOver]:
    found = HandOver.objects.filter(pk=hand_over_id).first()
    if found is not None:
        lock_persons((found.case_id,))
    case = locked_if_there(found.case_id) if found else None
    if found is None or case is None:
        raise NotFound(what=str(hand_over_id))
    row = HandOver.objects.select_for_update().get(pk=hand_over_id)
    if row.status != "offered":
        raise NotPossible(
            zh="这项移交已经处理过了。", en="This offer was answered or taken back already."
        )
    return case, row


def _enter(case: Case, row: HandOver, *, actor: Actor, at: datetime, kind: str, text: str) -> None:
    facts = {
        "hand_over": row.pk,
        "giver": row.giver_id,
        "taker": row.taker_id,
        "role": row.role,
        "accept_by": row.accept_by.isoformat(),
    }
    append(case, Happening(kind=kind, at=at, actor_id=actor.staff_id, facts=facts, text=text))
    tell(
        actor=actor,
        case=case,
        verb=kind,
        at=at,
        after=facts,
        record="hand_over",
        record_id=str(row.pk),
    )
