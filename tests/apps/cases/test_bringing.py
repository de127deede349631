"""A night opens, renews and closes cases; a decision by day renews one."""

from datetime import date, timedelta

import pytest

from recoup.apps.cases import actions
from recoup.apps.cases.bringing import Day, bring_all
from recoup.apps.cases.models import Case, Entry
from recoup.apps.cases.queries import timeline_of
from recoup.apps.people.permissions import MACHINE
from recoup.apps.portfolio.events import DebtorRedecided
from recoup.apps.portfolio.models import Debtor
from recoup.web.house import strategy

AS_OF = date(2026, 11, 20)


def kinds(debtor_id):
    return [one.kind for one in reversed(timeline_of(debtor_id=debtor_id).entries)]


def bring(at, on=AS_OF):
    return bring_all(Day(on=on, at=at, strategy=strategy()))


def test_a_published_night_opens_a_case_for_everybody_whom_a_person_has_to_treat(published_bank):
    wanted = Debtor.objects.filter(
        worst_dpd__gte=1, treatment__in=strategy().cases.treatments
    ).values_list("pk", flat=True)

    assert set(Case.objects.values_list("pk", flat=True)) == set(wanted)
    assert wanted


def test_a_case_copies_what_lists_show_and_hides_the_name(make_debtor, at):
    make_debtor("D1", name="李小明", worst_dpd=47, treatment="call")

    bring(at)

    case = Case.objects.get(pk="D1")
    assert (case.shown_name, case.bucket, case.treatment, case.queue) == ("李**", "M2", "call", 0)
    assert (case.priority, case.overdue_base_minor) == (1_000_008_240, 824_011)
    assert kinds("D1") == ["opened"]


def test_nobody_gets_a_case_for_a_treatment_that_needs_no_hands(make_debtor, at):
    make_debtor("D1", treatment="soft_message")

    bring(at)

    assert not Case.objects.exists()


def test_bringing_the_same_night_twice_writes_nothing(make_debtor, at):
    make_debtor("D1")
    bring(at)

    again = bring(at)

    assert (again.changed, Entry.objects.count()) == (0, 1)


def test_a_changed_treatment_is_told_in_the_timeline(make_debtor, at):
    person = make_debtor("D1", treatment="call")
    bring(at)
    person.treatment = "visit"
    person.save()

    bring(at, AS_OF + timedelta(days=1))

    told = timeline_of(debtor_id="D1").entries[0]
    assert (told.kind, told.facts["changes"]["treatment"]) == ("decision", ["call", "visit"])


def test_a_case_closes_once_nothing_was_overdue_for_the_days_of_the_strategy(make_debtor, at):
    person = make_debtor("D1")
    bring(at)
    person.worst_dpd, person.overdue_base_minor, person.treatment = 0, 0, "no_action"
    person.save()

    bring(at, AS_OF + timedelta(days=1))
    resting = Case.objects.get(pk="D1")
    bring(at, AS_OF + timedelta(days=2))

    case = Case.objects.get(pk="D1")
    assert (resting.is_open, resting.queue) == (True, 2)
    assert (case.status, case.queue, case.closed_on) == ("closed", 9, date(2026, 11, 22))
    assert kinds("D1") == ["opened", "decision", "closed"]


def test_a_closed_case_opens_anew_when_the_person_falls_behind_again(make_debtor, at):
    person = make_debtor("D1")
    bring(at)
    Debtor.objects.filter(pk="D1").update(worst_dpd=0, treatment="no_action")
    bring(at, AS_OF + timedelta(days=1))
    bring(at, AS_OF + timedelta(days=2))
    person.save()

    bring(at, AS_OF + timedelta(days=40))

    case = Case.objects.get(pk="D1")
    assert (case.status, case.spell, case.opened_on) == ("new", 2, date(2026, 12, 30))
    assert timeline_of(debtor_id="D1").is_intact


def test_a_payment_by_day_rests_the_case_at_once(make_debtor, at):
    make_debtor("D1")
    bring(at)
    Debtor.objects.filter(pk="D1").update(
        worst_dpd=0, overdue_base_minor=0, treatment="no_action", channel="", priority=0
    )

    actions.bring_person(DebtorRedecided(debtor_id="D1", as_of=AS_OF, at=at))

    case = Case.objects.get(pk="D1")
    assert (case.queue, case.is_open, case.worst_dpd) == (2, True, 0)


def test_a_hold_that_stops_the_treatment_suspends_the_case(make_debtor, at):
    hold = strategy().holds["dispute"].id
    make_debtor("D1", channel="", blocked_by=[hold])

    bring(at)

    case = Case.objects.get(pk="D1")
    assert (case.status, case.queue) == ("suspended", 2)


def test_a_case_without_an_open_channel_waits(make_debtor, at):
    make_debtor("D1", channel="", blocked_by=["EX-CAP-CALL"])

    bring(at)

    assert Case.objects.get(pk="D1").queue == 1


def test_reviews_are_due_by_the_bucket(make_debtor, at):
    make_debtor("D1", worst_dpd=47)

    bring(at)

    assert Case.objects.get(pk="D1").review_due_on == AS_OF + timedelta(days=14)


def test_an_entry_cannot_be_changed_by_the_model_nor_in_the_database(make_debtor, at):
    make_debtor("D1")
    bring(at)
    entry = Entry.objects.get()

    with pytest.raises(RuntimeError):
        entry.save()
    with pytest.raises(RuntimeError):
        Entry.objects.all().delete()
    with pytest.raises(RuntimeError):
        Entry.objects.filter(pk=entry.pk).update(text="x")


def test_a_chain_tells_a_missing_end(make_debtor, at):
    make_debtor("D1")
    bring(at)
    Case.objects.filter(pk="D1").update(entries=2)

    assert timeline_of(debtor_id="D1").broken_at == 0


def test_a_hundred_cases_are_opened_with_a_fixed_number_of_queries(
    make_debtor, at, django_assert_max_num_queries
):
    for _ in range(30):
        make_debtor()

    with django_assert_max_num_queries(9):
        bring(at)


def test_new_cases_are_spread_by_language_and_load_with_the_reasons(make_debtor, make_staff, at):
    wang, zhou = make_staff("collector", name="wang"), make_staff("collector", name="zhou")
    zhou.spoken, zhou.case_capacity = ["zh"], 2
    zhou.save()
    for _ in range(3):
        make_debtor(language="zh")
    bring(at)

    given = actions.spread(actor=MACHINE, at=at)

    assert given == 3
    assert Case.objects.filter(collector=zhou).count() == 2
    assert Case.objects.filter(collector=wang).count() == 1
    first = Case.objects.filter(collector=zhou).first()
    assert any(one["en"].startswith("speaks") for one in first.assigned_why)
    assert Debtor.objects.get(pk=first.pk).collector_id == zhou.pk


def test_work_of_law_goes_to_counsel_and_nothing_to_the_supervisor(make_debtor, make_staff, at):
    counsel, collector = make_staff("counsel"), make_staff("collector")
    make_staff("supervisor")
    make_debtor("LAW", treatment="legal_review", channel="")
    make_debtor("CALL", treatment="call")
    bring(at)

    given = actions.spread(actor=MACHINE, at=at)

    assert given == 2
    assert Case.objects.get(pk="LAW").collector_id == counsel.pk
    assert Case.objects.get(pk="CALL").collector_id == collector.pk
