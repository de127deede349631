"""Who has a case: claimed, assigned, undone, handed over; notes, tasks, reviews."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from django.db import DatabaseError, connection, connections, transaction

from recoup.apps.cases import actions
from recoup.apps.cases.bringing import Day, bring_all
from recoup.apps.cases.models import Case, Entry, HandOver
from recoup.apps.cases.queries import overdue_hand_overs, overdue_reviews, timeline_of
from recoup.apps.people.permissions import NotAllowed, NotFound
from recoup.apps.people.queries import actor_of
from recoup.apps.portfolio.models import Debtor
from recoup.kernel.case_status import IllegalMove, moved
from recoup.kernel.refusal import Stale
from recoup.web.house import strategy

AS_OF = date(2026, 11, 20)
ALL_OK = {
    name: {"result": "ok", "remark": ""}
    for name in ("contact_points", "ability", "collateral", "legal_dates", "strategy")
}


@pytest.fixture
def open_cases(make_debtor, at):
    def make(count: int = 1, **more: object) -> list[str]:
        ids = [make_debtor(**more).pk for _ in range(count)]
        with transaction.atomic():
            bring_all(Day(on=AS_OF, at=at, strategy=strategy()))
        return ids

    return make


def test_a_case_moves_only_along_its_table():
    assert moved(before="assigned", after="in_work") == "in_work"
    with pytest.raises(IllegalMove) as refused:
        moved(before="closed", after="promised")
    assert "待分案" in refused.value.zh


def test_claim_next_takes_the_highest_rank_of_the_pool(make_debtor, act_as, at):
    make_debtor("LOW", priority=1)
    make_debtor("HIGH", priority=9)
    bring_all(Day(on=AS_OF, at=at, strategy=strategy()))
    actor = act_as("collector")

    claimed = actions.claim_next(actor=actor, at=at)

    assert (claimed.debtor_id, claimed.collector_id) == ("HIGH", actor.staff_id)
    assert Debtor.objects.get(pk="HIGH").collector_id == actor.staff_id
    assert timeline_of(debtor_id="HIGH").entries[0].kind == "assigned"


def test_an_empty_pool_gives_nothing(act_as, at):
    assert actions.claim_next(actor=act_as("collector"), at=at) is None


def test_nobody_claims_a_relative(open_cases, make_staff, at):
    open_cases()
    staff = make_staff("collector")
    staff.conflicts = list(Case.objects.values_list("pk", flat=True))
    staff.save()

    assert actions.claim_next(actor=actor_of(staff_id=staff.pk, at=at), at=at) is None


def test_a_full_desk_claims_nothing_more(open_cases, make_staff, at):
    open_cases(2)
    staff = make_staff("collector")
    staff.case_capacity = 1
    staff.save()
    actor = actor_of(staff_id=staff.pk, at=at)
    actions.claim_next(actor=actor, at=at)

    with pytest.raises(actions.NotPossible):
        actions.claim_next(actor=actor, at=at)


@pytest.mark.django_db(transaction=True)
def test_two_collectors_who_claim_at_once_never_get_the_same_case(open_cases, make_staff, at):
    open_cases(24)
    people = [actor_of(staff_id=make_staff("collector").pk, at=at) for _ in range(4)]
    start = Barrier(len(people))

    def claim_six(actor):
        try:
            start.wait()
            return [actions.claim_next(actor=actor, at=at).debtor_id for _ in range(6)]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=len(people)) as threads:
        claimed = list(threads.map(claim_six, people))

    every = [debtor_id for own in claimed for debtor_id in own]
    assert len(every) == len(set(every)) == 24
    assert not Case.objects.filter(collector=None).exists()
    assert all(timeline_of(debtor_id=one).is_intact for one in every)


def test_a_move_is_undone_as_a_whole_within_seconds(open_cases, act_as, make_staff, at):
    ids = open_cases(3)
    supervisor, taker = act_as("supervisor"), make_staff("collector")
    move = actions.assign(actor=supervisor, debtor_ids=ids, staff_id=taker.pk, at=at)

    actions.undo_move(actor=supervisor, move_id=move.move_id, at=at + timedelta(seconds=9))

    assert not Case.objects.exclude(collector=None).exists()
    assert set(Case.objects.values_list("status", flat=True)) == {"new"}


def test_a_minute_later_a_move_stays(open_cases, act_as, make_staff, at):
    ids = open_cases()
    supervisor = act_as("supervisor")
    move = actions.assign(
        actor=supervisor, debtor_ids=ids, staff_id=make_staff("collector").pk, at=at
    )

    with pytest.raises(actions.NotPossible):
        actions.undo_move(actor=supervisor, move_id=move.move_id, at=at + timedelta(minutes=1))


def test_who_would_undo_leaves_alone_what_somebody_changed_meanwhile(
    open_cases, act_as, make_staff, at
):
    (debtor_id,) = open_cases()
    supervisor, other = act_as("supervisor"), act_as("supervisor")
    first, second = make_staff("collector"), make_staff("collector")
    move = actions.assign(actor=supervisor, debtor_ids=[debtor_id], staff_id=first.pk, at=at)
    actions.assign(actor=other, debtor_ids=[debtor_id], staff_id=second.pk, at=at)

    undone = actions.undo_move(actor=supervisor, move_id=move.move_id, at=at)

    assert undone.refused == (debtor_id,)
    assert Case.objects.get(pk=debtor_id).collector_id == second.pk


def test_the_later_of_two_assignments_from_one_page_is_told(open_cases, act_as, make_staff, at):
    (debtor_id,) = open_cases()
    version = Case.objects.get(pk=debtor_id).version
    taker, other = make_staff("collector"), make_staff("collector")
    supervisor = act_as("supervisor", name="first supervisor")
    actions.assign(actor=supervisor, debtor_ids=[debtor_id], staff_id=taker.pk, at=at)

    with pytest.raises(Stale) as told:
        actions.assign(
            actor=act_as("supervisor"),
            debtor_ids=[debtor_id],
            staff_id=other.pk,
            versions={debtor_id: version},
            at=at,
        )

    assert "first supervisor" in told.value.en
    assert Case.objects.get(pk=debtor_id).collector_id == taker.pk


def test_a_case_cannot_be_given_to_a_relative(open_cases, act_as, make_staff, at):
    (debtor_id,) = open_cases()
    kin = make_staff("collector")
    kin.conflicts = [debtor_id]
    kin.save()

    with pytest.raises(actions.NotPossible):
        actions.assign(actor=act_as("supervisor"), debtor_ids=[debtor_id], staff_id=kin.pk, at=at)


def test_a_collector_assigns_nothing_and_sees_no_other_team(open_cases, act_as, at):
    (debtor_id,) = open_cases()

    with pytest.raises(NotAllowed):
        actions.assign(actor=act_as("collector"), debtor_ids=[debtor_id], staff_id=None, at=at)
    with pytest.raises(NotFound):
        actions.add_note(actor=act_as("collector", team="T9"), debtor_id=debtor_id, text="x", at=at)


def test_a_hand_over_counts_once_it_is_accepted(open_cases, act_as, make_staff, at):
    (debtor_id,) = open_cases()
    giver = act_as("collector")
    actions.claim_next(actor=giver, at=at)
    counsel = make_staff("counsel", scope=("team", "T9"))
    offer = actions.offer_hand_over(
        actor=giver,
        debtor_id=debtor_id,
        taker_id=counsel.pk,
        note="papers are complete",
        accept_by=at + timedelta(days=1),
        at=at,
    )
    before = Case.objects.get(pk=debtor_id).collector_id

    actions.settle_hand_over(
        actor=actor_of(staff_id=counsel.pk, at=at),
        hand_over_id=offer.hand_over_id,
        accept=True,
        at=at,
    )

    assert before == giver.staff_id
    assert Case.objects.get(pk=debtor_id).collector_id == counsel.pk
    kinds = [one.kind for one in timeline_of(debtor_id=debtor_id).entries]
    assert kinds[:3] == ["assigned", "hand_over_accepted", "hand_over_offered"]


def test_a_declined_offer_says_why_and_changes_nothing(open_cases, act_as, make_staff, at):
    (debtor_id,) = open_cases()
    giver, taker = act_as("supervisor"), make_staff("loan_officer")
    offer = actions.offer_hand_over(
        actor=giver,
        debtor_id=debtor_id,
        taker_id=taker.pk,
        note="knows the person",
        accept_by=at + timedelta(days=1),
        at=at,
    )
    taking = actor_of(staff_id=taker.pk, at=at)

    with pytest.raises(actions.NotPossible):
        actions.settle_hand_over(actor=taking, hand_over_id=offer.hand_over_id, accept=False, at=at)
    actions.settle_hand_over(
        actor=taking,
        hand_over_id=offer.hand_over_id,
        accept=False,
        remark="on leave next week",
        at=at,
    )

    assert HandOver.objects.get().status == "declined"
    assert Case.objects.get(pk=debtor_id).collector_id is None


def test_an_unanswered_offer_is_overdue_after_its_deadline(open_cases, act_as, make_staff, at):
    (debtor_id,) = open_cases()
    supervisor = act_as("supervisor")
    actions.offer_hand_over(
        actor=supervisor,
        debtor_id=debtor_id,
        taker_id=make_staff("counsel").pk,
        note="please",
        accept_by=at + timedelta(hours=1),
        at=at,
    )

    assert not overdue_hand_overs(actor=supervisor, at=at)
    assert overdue_hand_overs(actor=supervisor, at=at + timedelta(hours=2))


def test_a_note_is_taken_back_by_a_new_entry(open_cases, act_as, at):
    (debtor_id,) = open_cases()
    actor = act_as("collector")
    note = actions.add_note(actor=actor, debtor_id=debtor_id, text="lives with parents", at=at)

    actions.withdraw_note(actor=actor, debtor_id=debtor_id, place=note.place, at=at)

    last = timeline_of(debtor_id=debtor_id)
    assert (last.entries[0].kind, last.entries[0].corrects) == ("note_withdrawn", note.place)
    assert "lives with parents" in {one.text for one in last.entries}
    assert last.is_intact


def test_a_task_is_done_and_opened_again(open_cases, act_as, at):
    (debtor_id,) = open_cases()
    actor = act_as("collector")
    task = actions.add_task(
        actor=actor, debtor_id=debtor_id, kind="call_back", title="call at five", due_at=at, at=at
    )
    done = actions.finish_task(actor=actor, task_id=task.task_id, version=task.version, at=at)

    again = actions.reopen_task(actor=actor, task_id=task.task_id, at=at + timedelta(seconds=5))

    assert (done.is_open, again.is_open) == (False, True)


def test_a_task_changed_meanwhile_is_told(open_cases, act_as, at):
    (debtor_id,) = open_cases()
    actor = act_as("collector")
    task = actions.add_task(
        actor=actor, debtor_id=debtor_id, kind="check", title="address", due_at=at, at=at
    )
    actions.finish_task(actor=actor, task_id=task.task_id, version=1, at=at)

    with pytest.raises(Stale):
        actions.cancel_task(actor=act_as("supervisor"), task_id=task.task_id, version=1, at=at)


def test_a_review_answers_every_point_and_sets_the_next_day(open_cases, act_as, at):
    (debtor_id,) = open_cases(worst_dpd=47)
    actor = act_as("collector")

    with pytest.raises(actions.NotPossible):
        actions.record_review(actor=actor, debtor_id=debtor_id, checked={}, changes="", at=at)
    actions.record_review(actor=actor, debtor_id=debtor_id, checked=ALL_OK, changes="", at=at)

    case = Case.objects.get(pk=debtor_id)
    assert (case.last_review_on, case.review_due_on) == (AS_OF, date(2026, 12, 4))


def test_an_overdue_review_is_found_by_the_supervisor(open_cases, act_as, at):
    open_cases(worst_dpd=47)
    supervisor = act_as("supervisor")

    assert not overdue_reviews(actor=supervisor, today=date(2026, 12, 4))
    assert overdue_reviews(actor=supervisor, today=date(2026, 12, 5))


def test_the_database_itself_refuses_to_change_a_timeline(open_cases):
    open_cases()

    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE cases_entry SET text = 'forged'")

    assert not Entry.objects.filter(text="forged").exists()
