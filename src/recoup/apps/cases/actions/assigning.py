"""Who has a case: given, taken back, spread over a team, claimed, and undone for ten seconds."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Count, Q

from recoup.apps.cases.actions.changing import NotPossible, check_version, tell
from recoup.apps.cases.events import CaseAssigned
from recoup.apps.cases.models import Case, Move
from recoup.apps.cases.queries.cards import CaseCard, MoveCard, case_card
from recoup.apps.cases.recording import Happening, append, visible
from recoup.apps.cases.rules import CLOSED, queue_of
from recoup.apps.people.permissions import MACHINE, Actor, NotFound, require
from recoup.apps.people.queries import StaffCard, absent_on, collectors, staff_cards
from recoup.apps.portfolio.actions import lock_persons, set_collector
from recoup.events.bus import publish
from recoup.kernel.assignment import Candidate, Choice, Needs, choose, exclusion
from recoup.kernel.case_status import ASSIGNED, IN_WORK, NEW
from recoup.kernel.explain import Words
from recoup.web.house import strategy
from recoup.web.shown import local
from recoup.web.words import WORDS

#: A move can be undone this long; the page shows ten seconds, a slow line gets some more.
UNDO = timedelta(seconds=15)
MOST_AT_ONCE = 2_000
#: Cases of the pool that are looked at for one claim; others may hold the first of them.
MOST_TRIED = 100
#: The skill that a treatment asks for.
SKILLS = {
    "hardship_care": "hardship",
    "legal_review": "legal",
    "visit": "visit",
    "senior_call": "large",
}
CLAIMED = Words(zh="本人领取", en="claimed")
GIVEN = Words(zh="由主管分配", en="given by a supervisor")


@dataclass(frozen=True, kw_only=True)
class Taker:
    """Somebody who may have cases, as the kernel looks at candidates."""

    card: StaffCard
    candidate: Candidate


def needs_of(case: Case) -> Needs:
    """Yield what a case asks of whoever has it."""
    skill = SKILLS.get(case.treatment, "")
    if not skill and case.kind in ("small_business", "non_retail"):
        skill = case.kind
    if not skill and "mortgage" in case.product_codes:
        skill = "mortgage"
    return Needs(
        debtor_id=case.pk,
        skill=skill,
        skill_named=_named("skill", skill),
        language=case.language,
        language_named=_named("language", case.language),
        team=case.team,
        known_to=case.former_collector_id,
    )


def _named(kind: str, code: str) -> Words | None:
    word = WORDS.get(kind, {}).get(code)
    return Words(zh=word.zh, en=word.en) if word else None


def takers(*, cards: Iterable[StaffCard], on: date) -> dict[int, Taker]:
    """Yield members of staff as candidates, with their open cases and absences. Two queries."""
    found = {card.staff_id: card for card in cards if card.is_active}
    away = absent_on(found, on)
    loads = dict(
        Case.objects.filter(collector_id__in=found, queue__lt=CLOSED)
        .values_list("collector_id")
        .annotate(cases=Count("pk"))
    )
    return {
        key: Taker(card=card, candidate=_candidate(card, loads.get(key, 0), key in away))
        for key, card in found.items()
    }


def _candidate(card: StaffCard, load: int, is_absent: bool) -> Candidate:
    return Candidate(
        id=card.staff_id,
        name=card.name,
        skills=frozenset(card.skills),
        languages=frozenset(card.spoken),
        team=card.team,
        load=load,
        capacity=card.case_capacity,
        conflicts=card.conflicts,
        is_absent=is_absent,
    )


def suggest(*, actor: Actor, debtor_id: str, at: datetime) -> Choice:
    """Yield who should have a case and why, and who may not. Errors: NotAllowed; NotFound."""
    require(actor, "assign", "cases")
    case = Case.objects.filter(visible(actor), pk=debtor_id).first()
    if case is None:
        raise NotFound(what=debtor_id)
    people = takers(cards=collectors(), on=local(at).date())
    return choose(needs=needs_of(case), candidates=[one.candidate for one in people.values()])


def assign(
    *,
    actor: Actor,
    debtor_ids: Sequence[str],
    staff_id: int | None,
    at: datetime,
    why: str = "",
    versions: Mapping[str, int] | None = None,
) -> MoveCard:
    """Give cases to somebody, or back to the pool (None); one move that can be undone as a whole.

    Shape: ``versions`` are those that the page showed, where it did. Cases that the taker may not
    have (conflict of interest) stay where they are and are named in ``refused``.
    Errors: NotAllowed; NotFound; Stale; NotPossible, when the taker cannot have any case.
    """
    require(actor, "assign", "cases")
    wanted = _once(debtor_ids)
    with transaction.atomic():
        taker = taker_of(staff_id, at)
        cases = _locked(actor, wanted)
        moved: list[dict[str, object]] = []
        refused: list[str] = []
        for case in cases:
            check_version(case, (versions or {}).get(case.pk))
            laden = replace(taker, load=taker.load + len(moved)) if taker else None
            stands_against = exclusion(needs=needs_of(case), candidate=laden) if laden else None
            if stands_against is not None:
                refused.append(case.pk)
                continue
            moved.append(give(case, staff_id=staff_id, at=at, actor=actor, reasons=(GIVEN,)))
        if refused and not moved:
            raise NotPossible(
                zh="不能把这些案件分给该同事：存在利益冲突，或在手案件已满，或当日不在岗。",
                en="These cases cannot go to this colleague: a conflict of interest, no room for "
                "another case, or away today.",
                rule="case:assignment",
            )
        move = Move.objects.create(
            at=at, actor_id=actor.staff_id, collector_id=staff_id, cases=moved, why=why
        )
    return _move_card(move, refused)


def undo_move(*, actor: Actor, move_id: int, at: datetime) -> MoveCard:
    """Take a move of cases back, for some seconds, by whoever made it.

    Cases that somebody has changed meanwhile stay, and are named in ``refused``.
    Errors: NotFound; NotPossible, when it is too late.
    """
    with transaction.atomic():
        move = Move.objects.select_for_update().filter(pk=move_id).first()
        if move is None or move.actor_id != actor.staff_id:
            raise NotFound(what=str(move_id))
        if move.undone_at is not None:
            return _move_card(move, ())
        if at - move.at > UNDO:
            raise NotPossible(
                zh="撤销时间已过；请重新分配。",
                en="It is too late to undo this; assign the cases again instead.",
            )
        before = {str(one["debtor_id"]): one for one in move.cases}
        refused = []
        lock_persons(before)
        rows = Case.objects.select_for_update().filter(pk__in=before).order_by("pk")
        for case in rows:
            if case.version != before[case.pk]["version"]:
                refused.append(case.pk)
                continue
            former = before[case.pk]["before"]
            give(case, staff_id=former, at=at, actor=actor, reasons=(), undone=True)
        move.undone_at = at
        move.save(update_fields=["undone_at"])
    return _move_card(move, refused)


def claim_next(*, actor: Actor, at: datetime) -> CaseCard | None:
    """Take the next case from the pool: the first by rank that this person may have.

    Two people who claim at once never get the same case: on PostgreSQL the second passes over
    persons whom the first holds, on SQLite the second waits for the first transaction to end.
    None: the pool holds nothing for this person. Errors: NotAllowed; NotPossible, when there is no
    room.
    """
    require(actor, "work", "cases")
    if actor.staff_id is None:
        raise NotFound(what="staff")
    with transaction.atomic():
        taker = taker_of(actor.staff_id, at)
        assert taker is not None
        if taker.load >= taker.capacity:
            raise NotPossible(
                zh=f"您在手的案件已有 {taker.load} 件，达到上限 {taker.capacity} 件；"
                "请先办结一些，或请主管调整。",
                en=f"You have {taker.load} open cases, and {taker.capacity} is your limit; finish "
                "some first, or ask your supervisor.",
                rule="case:capacity",
            )
        case = _first_free(actor, taker)
        if case is None:
            return None
        moved = give(case, staff_id=actor.staff_id, at=at, actor=actor, reasons=(CLAIMED,))
        Move.objects.create(
            at=at, actor_id=actor.staff_id, collector_id=actor.staff_id, cases=[moved]
        )
    return case_card(case)


def last_move(*, actor: Actor, debtor_id: str) -> int | None:
    """Yield the key of the last move that this person made with a case, for its undo."""
    rows = Move.objects.filter(actor_id=actor.staff_id, undone_at=None).order_by("-pk")
    for move in rows[:5]:
        if any(one["debtor_id"] == debtor_id for one in move.cases):
            return move.pk
    return None


def _first_free(actor: Actor, taker: Candidate) -> Case | None:
    pool = visible(actor)
    if taker.team:
        pool |= Q(team=taker.team)
    free = Case.objects.filter(pool, collector=None, queue=0).exclude(pk__in=taker.conflicts)
    ranked = free.order_by("-priority", "debtor_id").values_list("pk", flat=True)
    for debtor_id in ranked[:MOST_TRIED]:
        if lock_persons((debtor_id,), free_only=True):
            # Whoever was faster may have taken it since the list was read.
            case = free.select_for_update().filter(pk=debtor_id).first()
            if case is not None:
                return case
    return None


def taker_of(staff_id: int | None, at: datetime) -> Candidate | None:
    if staff_id is None:
        return None
    card = staff_cards((staff_id,)).get(staff_id)
    if card is None or not card.is_active:
        raise NotFound(what=str(staff_id))
    return takers(cards=(card,), on=local(at).date())[staff_id].candidate


def _once(debtor_ids: Sequence[str]) -> list[str]:
    wanted = sorted(set(debtor_ids))
    if len(wanted) > MOST_AT_ONCE:
        raise NotPossible(
            zh=f"一次最多分配 {MOST_AT_ONCE} 件案件。",
            en=f"At most {MOST_AT_ONCE} cases can be assigned at once.",
        )
    return wanted


def _locked(actor: Actor, wanted: Collection[str]) -> list[Case]:
    lock_persons(wanted)
    rows = Case.objects.select_for_update().filter(visible(actor), pk__in=wanted, queue__lt=CLOSED)
    cases = list(rows.order_by("pk"))
    missing = sorted(set(wanted) - {case.pk for case in cases})
    if missing:
        raise NotFound(what=", ".join(missing[:5]))
    return cases


def give(
    case: Case,
    *,
    staff_id: int | None,
    at: datetime,
    actor: Actor,
    reasons: Sequence[Words],
    undone: bool = False,
) -> dict[str, object]:
    """Put a locked case into somebody's hands, with an entry; yield what undo needs."""
    before = case.collector_id
    case.former_collector_id = before
    case.collector_id = staff_id
    case.assigned_at = at if staff_id is not None else None
    case.assigned_why = [{"zh": one.zh, "en": one.en} for one in reasons]
    if case.status == NEW and staff_id is not None:
        case.status, case.status_since = ASSIGNED, at
    elif case.status in (ASSIGNED, IN_WORK) and staff_id is None:
        case.status, case.status_since = NEW, at
    case.queue = queue_of(case=case, strategy=strategy())
    case.version += 1
    append(
        case,
        Happening(
            kind="assigned",
            at=at,
            actor_id=actor.staff_id,
            facts={
                "before": before,
                "collector": staff_id,
                "reasons": case.assigned_why,
                "undone": undone,
            },
        ),
        changed=(
            *("former_collector_id", "collector", "assigned_at", "assigned_why"),
            *("status", "status_since", "queue", "version"),
        ),
    )
    set_collector(actor=MACHINE, debtor_id=case.pk, staff_id=staff_id, at=at)
    tell(
        actor=actor,
        case=case,
        verb="undo_assign" if undone else "assign",
        at=at,
        before={"collector": before},
        after={"collector": staff_id},
    )
    publish(
        CaseAssigned(
            debtor_id=case.pk,
            before=before,
            collector_id=staff_id,
            staff_id=actor.staff_id,
            at=at,
        )
    )
    return {"debtor_id": case.pk, "before": before, "version": case.version}


def _move_card(move: Move, refused: Iterable[str]) -> MoveCard:
    return MoveCard(
        move_id=move.pk,
        at=move.at,
        actor_id=move.actor_id,
        collector_id=move.collector_id,
        debtor_ids=tuple(str(one["debtor_id"]) for one in move.cases),
        refused=tuple(refused),
    )
