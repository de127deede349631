"""Who handles a complaint, how long it may take, what belongs to it, and its answer."""

import subprocess
from dataclasses import replace
from datetime import date, timedelta

import pytest

from recoup.apps.complaints.actions import (
    Answering,
    add_new_facts,
    answer_complaint,
    begin_appraisal,
    choose_period,
    end_appraisal,
    escalate_late,
    escalate_on_new_day,
    link_contacts,
    name_owner,
    read_letter,
    tell_complainant,
)
from recoup.apps.complaints.models import Complaint, ComplaintEntry
from recoup.apps.complaints.queries import (
    complaint,
    counts,
    figures,
    quarter_named,
    similar_to,
    whole_complaint,
)
from recoup.apps.complaints.queries.figures import BadQuarter
from recoup.apps.complaints.refusals import (
    BadComplaint,
    CannotHandle,
    NoLetterhead,
    NoSuchPeriod,
)
from recoup.apps.compliance.actions import decide_approval
from recoup.apps.compliance.actions.approvals import MakerIsChecker
from recoup.apps.compliance.queries import approvals_of
from recoup.apps.contacts.models import Contact
from recoup.apps.contacts.queries import may_contact
from recoup.apps.people.permissions import NotAllowed, NotFound
from recoup.apps.portfolio.models import Hold
from recoup.kernel.refusal import Stale
from recoup.policy.texts import TextForbidden

ON = date(2026, 11, 20)
ANSWER = Answering(
    finding="upheld",
    answer="记录显示，当日确实拨打了八次电话。",
    redress="apology",
    redress_words="我们向您道歉，并已限制拨打次数。",
    root_cause="rule",
)


def test_a_complex_one_gets_thirty_days_with_a_reason(take, compliance, at):
    card = take()

    with pytest.raises(BadComplaint):
        choose_period(
            actor=compliance, number=card.number, period="complex", why=" ", version=None, at=at
        )
    chosen = choose_period(
        actor=compliance,
        number=card.number,
        period="complex",
        why="多方核实",
        version=card.version,
        at=at,
    )

    assert (chosen.period, chosen.due_on) == ("complex", date(2026, 12, 20))


def test_the_last_thirty_days_need_a_second_pair_of_eyes(take, compliance, act_as, at):
    card = take()
    choose_period(
        actor=compliance, number=card.number, period="extended", why="等待鉴定", version=None, at=at
    )
    assert complaint(compliance, card.number).due_on == date(2026, 12, 5)
    approval = approvals_of(room="complaints", record_id=card.number)[0]
    answer = {"approval_id": approval.approval_id, "approve": True, "remark": "", "at": at}
    with pytest.raises(MakerIsChecker):
        decide_approval(actor=compliance, **answer)
    with pytest.raises(NotAllowed):
        decide_approval(actor=act_as("collector", scope=("bank", "")), **answer)

    decide_approval(actor=act_as("supervisor"), **answer)

    extended = complaint(compliance, card.number)
    assert (extended.period, extended.due_on) == ("extended", date(2027, 1, 19))
    tell_complainant(
        actor=compliance, number=card.number, on=ON, words="电话告知", version=None, at=at
    )
    assert complaint(compliance, card.number).told_on == ON


def test_an_extension_that_is_refused_leaves_the_day(take, compliance, act_as, at):
    card = take()
    choose_period(
        actor=compliance, number=card.number, period="extended", why="等待", version=None, at=at
    )
    approval = approvals_of(room="complaints", record_id=card.number)[0]

    decide_approval(
        actor=act_as("supervisor"),
        approval_id=approval.approval_id,
        approve=False,
        remark="理由不足",
        at=at,
    )

    assert complaint(compliance, card.number).due_on == date(2026, 12, 5)
    assert ComplaintEntry.objects.last().kind == "extension_refused"


def test_a_period_that_the_law_has_not_is_refused(take, compliance, at):
    with pytest.raises(NoSuchPeriod, match="simple, complex, extended"):
        choose_period(
            actor=compliance, number=take().number, period="ever", why="x", version=None, at=at
        )


def test_new_facts_start_the_clock_again(take, compliance, at):
    card = take(received_on=date(2026, 11, 10))
    assert card.due_on == date(2026, 11, 25)

    again = add_new_facts(
        actor=compliance, number=card.number, on=ON, words="补充录音", version=None, at=at
    )

    assert (again.starts_on, again.due_on) == (ON, date(2026, 12, 5))


def test_an_appraisal_of_which_the_complainant_was_told_is_left_out(take, compliance, at):
    card = take(received_on=date(2026, 11, 10))
    begin_appraisal(
        actor=compliance,
        number=card.number,
        by_whom="司法鉴定中心",
        from_on=date(2026, 11, 12),
        is_told=True,
        version=None,
        at=at,
    )
    with pytest.raises(CannotHandle):
        begin_appraisal(
            actor=compliance,
            number=card.number,
            by_whom="另一家",
            from_on=ON,
            is_told=True,
            version=None,
            at=at,
        )

    ended = end_appraisal(
        actor=compliance, number=card.number, until_on=date(2026, 11, 18), version=None, at=at
    )

    assert ended.due_on == date(2026, 12, 1)
    whole = whole_complaint(compliance, card.number, as_of=ON)
    assert whole.clock.left_out_days == 6


def test_only_who_handles_it_acts_and_never_whom_it_is_about(
    take, collector, compliance, act_as, at
):
    other = act_as("collector", name="李雷")
    card = take(actor=other, about_staff_id=collector.staff_id)
    with pytest.raises(NotAllowed):
        name_owner(actor=other, number=card.number, staff_id=other.staff_id, version=None, at=at)
    with pytest.raises(CannotHandle):
        name_owner(
            actor=compliance, number=card.number, staff_id=collector.staff_id, version=None, at=at
        )
    with pytest.raises(CannotHandle):
        choose_period(
            actor=other, number=card.number, period="complex", why="x", version=None, at=at
        )

    stranger = act_as("collector", team="T2")
    with pytest.raises(CannotHandle, match="scope"):
        name_owner(
            actor=compliance, number=card.number, staff_id=stranger.staff_id, version=None, at=at
        )

    name_owner(actor=compliance, number=card.number, staff_id=other.staff_id, version=None, at=at)

    choose_period(actor=other, number=card.number, period="complex", why="x", version=None, at=at)
    assert counts(other, as_of=ON).mine == 1


def test_the_later_of_two_is_told_who_was_first(take, compliance, act_as, at):
    card = take()
    boss = act_as("supervisor")
    name_owner(
        actor=compliance, number=card.number, staff_id=boss.staff_id, version=card.version, at=at
    )

    with pytest.raises(Stale, match="合规"):
        choose_period(
            actor=boss,
            number=card.number,
            period="complex",
            why="x",
            version=card.version,
            at=at,
        )


def logged(debtor_id, at, **more):
    values = {"channel": "call", "direction": "out", "party": "debtor", "outcome": "no_answer"}
    return Contact.objects.create(debtor_id=debtor_id, at=at, recorded_at=at, **(values | more))


def test_contacts_of_the_thirty_days_before_are_offered_and_linked(
    take, make_debtor, compliance, at
):
    near, far = (logged("D1", at - timedelta(days=days)) for days in (29, 31))
    foreign = logged(make_debtor("D2").pk, at)
    card = take()
    whole = whole_complaint(compliance, card.number, as_of=ON)
    assert [one.contact_id for one in whole.offered] == [near.pk]

    link_contacts(
        actor=compliance, number=card.number, contact_ids=[near.pk, far.pk], version=None, at=at
    )

    whole = whole_complaint(compliance, card.number, as_of=ON)
    assert {one.contact_id for one in whole.linked} == {near.pk, far.pk}
    assert whole.offered == ()
    with pytest.raises(NotFound):
        link_contacts(
            actor=compliance, number=card.number, contact_ids=[foreign.pk], version=None, at=at
        )


def test_similar_ones_say_why(take, make_debtor, compliance, collector, act_as):
    make_debtor("D2")
    taker = act_as("collector", name="收单")
    first = take(actor=taker, about_staff_id=collector.staff_id, about_number="02100001")
    same = take(actor=taker, contract_id="C1", category="service")
    alike = take(
        actor=taker, debtor_id="D2", about_staff_id=collector.staff_id, about_number="02100001"
    )
    take(actor=taker, debtor_id="D2", category="service", about_staff_id=collector.staff_id)
    take(
        actor=taker,
        debtor_id="D2",
        about_staff_id=collector.staff_id,
        received_on=ON - timedelta(days=181),
    )

    found = {one.card.number: one.reasons for one in similar_to(compliance, first)}

    assert found == {same.number: ("person",), alike.number: ("staff", "number")}


def test_the_answer_closes_it_lifts_its_hold_and_makes_a_letter(take, compliance, at):
    card = take()
    name_owner(
        actor=compliance, number=card.number, staff_id=compliance.staff_id, version=None, at=at
    )

    done = answer_complaint(
        actor=compliance, number=card.number, answering=ANSWER, version=None, at=at
    )

    assert (done.status, done.finding, done.answered_on, done.was_late) == (
        "closed",
        "upheld",
        ON,
        False,
    )
    assert Hold.objects.get().lifted_on == ON
    assert may_contact(debtor_id="D1", channel="call", at=at).allowed
    _, path = read_letter(actor=compliance, number=card.number, at=at)
    said = subprocess.run(
        ["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True
    ).stdout.decode()
    plain = said.replace(" ", "")
    for part in (
        *("示例银行", card.number, "投诉答复函", "拨打了八次电话", "向您道歉", "95001"),
        *("2026年12月5日", "金融监管部门", "调解", "贷后部"),
    ):
        assert part in plain, part


def test_its_hold_stays_while_another_complaint_is_open(take, compliance, at):
    first, second = take(), take(category="service")

    answer_complaint(actor=compliance, number=first.number, answering=ANSWER, version=None, at=at)

    assert not may_contact(debtor_id="D1", channel="call", at=at).allowed
    answer_complaint(actor=compliance, number=second.number, answering=ANSWER, version=None, at=at)
    assert may_contact(debtor_id="D1", channel="call", at=at).allowed


def test_an_answer_may_name_what_is_given_back_and_no_other_amount(take, compliance, at):
    card = take()
    given = replace(ANSWER, redress="refund", redress_minor=12_345)
    with pytest.raises(TextForbidden):
        answer_complaint(
            actor=compliance,
            number=card.number,
            answering=replace(given, answer="多收了999.99元。"),
            version=None,
            at=at,
        )
    assert Complaint.objects.get().status == "open"

    done = answer_complaint(
        actor=compliance, number=card.number, answering=given, version=None, at=at
    )

    assert (done.redress_minor, done.redress_currency) == (12_345, "CNY")


def test_without_a_letterhead_nothing_is_closed(take, compliance, at, settings):
    settings.LETTERHEAD = {"zh": dict.fromkeys(("name", "address", "phone", "unit"), "")}
    card = take()

    with pytest.raises(NoLetterhead, match="RECOUP_BANK_NAME_ZH"):
        answer_complaint(
            actor=compliance, number=card.number, answering=ANSWER, version=None, at=at
        )

    assert complaint(compliance, card.number).is_open
    assert Hold.objects.get().lifted_on is None


def test_new_facts_open_an_answered_one_again_with_its_hold(take, compliance, at):
    card = take()
    answer_complaint(actor=compliance, number=card.number, answering=ANSWER, version=None, at=at)
    with pytest.raises(CannotHandle):
        answer_complaint(
            actor=compliance, number=card.number, answering=ANSWER, version=None, at=at
        )

    again = add_new_facts(
        actor=compliance, number=card.number, on=ON, words="又打来了", version=None, at=at
    )

    assert again.is_open
    assert not may_contact(debtor_id="D1", channel="call", at=at).allowed
    kinds = [one.kind for one in ComplaintEntry.objects.order_by("pk")]
    assert kinds == ["received", "answered", "reopened"]


def test_late_ones_go_up_once_a_step(take, compliance, at):
    card = take(received_on=date(2026, 11, 4))
    assert escalate_late(at=at) == 1
    assert escalate_late(at=at) == 0
    assert complaint(compliance, card.number).step == 1

    assert escalate_late(at=at + timedelta(days=7)) == 1

    assert complaint(compliance, card.number).step == 2
    assert [one.facts["step"] for one in ComplaintEntry.objects.filter(kind="escalated")] == [1, 2]
    assert counts(compliance, as_of=ON).over == 1


def test_on_the_last_day_nothing_is_late(take, at):
    take(received_on=date(2026, 11, 5))

    assert escalate_late(at=at) == 0


def test_the_worker_looks_once_a_day(take, at):
    take(received_on=date(2026, 11, 4))

    assert escalate_on_new_day(at=at, last=ON) == ON
    assert Complaint.objects.get().step == 0
    assert escalate_on_new_day(at=at, last=None) == ON
    assert Complaint.objects.get().step == 1


def test_the_quarters_figures_count_what_was_received_and_what_was_answered(
    take, compliance, collector, at
):
    early = take(received_on=date(2026, 9, 30), category="words", source="letter")
    take(category="words", about_agency="某某公司")
    take(received_on=date(2026, 11, 1))
    answer_complaint(
        actor=compliance,
        number=early.number,
        answering=replace(ANSWER, redress="refund", redress_minor=5_000),
        version=None,
        at=at,
    )
    escalate_late(at=at)

    found = figures(compliance, quarter_named("2026q4"))

    assert (found.received, found.answered, found.in_time, found.late) == (2, 1, 0, 1)
    assert (found.open_at_end, found.escalated, found.median_days) == (2, 1, 51)
    assert found.redress_minor == (("CNY", 5_000),)
    assert [(one.of, one.count, one.per_mille) for one in found.categories] == [
        ("too_often", 1, 500),
        ("words", 1, 500),
    ]
    assert [one.of for one in found.agencies] == ["某某公司"]
    before = figures(compliance, quarter_named("2026Q3"))
    assert (before.received, before.open_at_end) == (1, 1)
    with pytest.raises(NotAllowed):
        figures(collector, quarter_named("2026Q4"))


@pytest.mark.parametrize("text", ["2026", "2026Q5", "Q1", "26Q1", "２０２６Q1"])
def test_what_is_no_quarter_is_refused(text):
    with pytest.raises(BadQuarter):
        quarter_named(text)
