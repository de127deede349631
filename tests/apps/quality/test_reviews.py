"""Reviews: drawn so that anybody can draw them again, scored, told, corrected to the end."""

import hashlib
from dataclasses import replace
from datetime import date, timedelta

import pytest

from recoup.apps.contacts.models import Contact
from recoup.apps.people.models import Staff
from recoup.apps.people.permissions import MACHINE, NotAllowed, NotFound
from recoup.apps.people.queries import actor_of
from recoup.apps.portfolio.actions import set_hold
from recoup.apps.quality import actions
from recoup.apps.quality.actions import (
    NotReviewed,
    answer_finding,
    close_finding,
    draw_week,
    open_finding,
    report_correction,
    score_contact,
    send_back,
)
from recoup.apps.quality.models import Finding, Sample, SampleWeek
from recoup.apps.quality.queries import figures, finding, own_findings, sample, to_review
from recoup.kernel.refusal import Stale
from recoup.kernel.sampling import drawn, in_share
from recoup.policy.locate import strategies_folder
from recoup.policy.quality import load_quality
from recoup.policy.strategy_findings import StrategyRefused

MONDAY = date(2026, 11, 9)
GOOD = dict.fromkeys(
    (
        *("identity", "who_we_are", "third_parties", "respect", "amount", "listened", "options"),
        "record",
    ),
    "yes",
)


@pytest.fixture
def caller(make_staff):
    return make_staff("collector")


@pytest.fixture
def reviewer(act_as):
    return act_as("supervisor")


@pytest.fixture
def calls(make_contract, caller, at):
    """Forty calls of the caller in the week before the last, and one against a rule."""
    debtor_id = make_contract("C1").debtor_id
    return [
        Contact.objects.create(
            debtor_id=debtor_id,
            at=at - timedelta(days=10, minutes=number),
            channel="call",
            direction="out",
            party="debtor",
            outcome="right_party",
            made_by=caller,
            recorded_at=at,
            breaches=[{"rule": "R", "source": "s", "zh": "不可", "en": "no"}] if not number else [],
        )
        for number in range(40)
    ]


@pytest.fixture
def drawn_sample(calls, reviewer, at):
    """The breach of the drawn week."""
    draw_week(actor=reviewer, begins=MONDAY, at=at)
    return Sample.objects.get(why="breach")


def scored(actor, row, at, **answers):
    return score_contact(actor=actor, sample_id=row.pk, answers=GOOD | answers, remark="", at=at)


def test_an_auditor_draws_the_same_sample_with_nothing_but_the_seed(calls, reviewer, at):
    made = draw_week(actor=reviewer, begins=MONDAY + timedelta(days=3), at=at)

    week = SampleWeek.objects.get()
    # Written anew, as an auditor would: five in a hundred of forty are two, the lowest digests.
    digests = {
        hashlib.md5(f"{week.plan['seed']}:2026-11-09:desk-{one.pk}".encode()).hexdigest(): one.pk
        for one in calls
    }
    wanted = {digests[digest] for digest in sorted(digests)[:2]} | {calls[0].pk}
    assert set(Sample.objects.values_list("contact_id", flat=True)) == wanted
    assert (made.contacts, week.contacts, week.people) == (40, 40, 1)
    assert Sample.objects.get(contact_id=calls[0].pk).why == "breach"
    assert draw_week(actor=reviewer, begins=MONDAY, at=at).again


def test_contacts_before_a_complaint_are_always_reviewed(calls, reviewer, at, make_contract):
    set_hold(
        actor=MACHINE,
        debtor_id=calls[0].debtor_id,
        kind="complaint",
        from_on=MONDAY + timedelta(days=8),
        why="the tone",
        at=at,
    )

    draw_week(actor=reviewer, begins=MONDAY, at=at)

    assert Sample.objects.filter(why="complaint").count() == 39


def test_a_week_that_is_not_over_or_was_idle_is_not_drawn(reviewer, at):
    with pytest.raises(NotReviewed, match="Nobody"):
        draw_week(actor=reviewer, begins=MONDAY, at=at)
    assert not SampleWeek.objects.exists()
    with pytest.raises(NotReviewed, match="not over"):
        draw_week(actor=reviewer, begins=at.date(), at=at)


def test_a_fatal_item_makes_the_whole_worth_nothing(drawn_sample, reviewer, at):
    made = scored(reviewer, drawn_sample, at, respect="no")

    assert (made.points, made.passed, made.fatal) == (0, False, ["respect"])


def test_points_are_the_weight_of_what_was_done_of_what_applied(drawn_sample, reviewer, at):
    made = scored(reviewer, drawn_sample, at, options="no", amount="na")

    # 100 in all, 10 do not apply, 10 were not done.
    assert (made.points, made.passed, made.not_done) == (88, True, ["options"])


def test_nobody_scores_own_contacts_and_nobody_twice(drawn_sample, caller, reviewer, act_as, at):
    caller.roles.add(Staff.objects.get(pk=reviewer.staff_id).roles.get())
    with pytest.raises(NotAllowed):
        scored(actor_of(staff_id=caller.pk, at=at), drawn_sample, at)
    with pytest.raises(NotReviewed, match="Answer every item"):
        scored(reviewer, drawn_sample, at, respect="")
    with pytest.raises(NotFound):
        scored(act_as("supervisor", team="T9"), drawn_sample, at)
    scored(reviewer, drawn_sample, at)
    with pytest.raises(NotReviewed):
        scored(reviewer, drawn_sample, at)


def test_a_calibrated_contact_waits_for_a_second_reviewer_and_shows_where_they_differ(
    drawn_sample, reviewer, act_as, at
):
    Sample.objects.filter(pk=drawn_sample.pk).update(is_calibrated=True, missing=2)
    other = act_as("supervisor")
    scored(reviewer, drawn_sample, at)
    assert drawn_sample.pk not in {one.sample_id for one in to_review(reviewer)}
    assert drawn_sample.pk in {one.sample_id for one in to_review(other)}

    scored(other, drawn_sample, at, options="no")

    assert sample(reviewer, drawn_sample.pk).differs == ("options",)
    found = figures(reviewer, on=at.date())
    assert (found.agreed, found.compared, found.agreement) == (7, 8, 87)


def test_a_finding_goes_from_feedback_to_its_end(drawn_sample, caller, reviewer, at):
    person = actor_of(staff_id=caller.pk, at=at)
    scored(reviewer, drawn_sample, at, options="no")
    due_on = at.date() + timedelta(days=7)
    made = open_finding(
        actor=reviewer,
        sample_id=drawn_sample.pk,
        feedback="Offer a plan before asking for the whole sum.",
        correction="Listen to two model calls.",
        due_on=due_on,
        at=at,
    )
    assert own_findings(person)[0].items == ("options",)

    def version():
        return Finding.objects.get().version

    given = {"finding_id": made.pk, "at": at}
    answer_finding(actor=person, text="I will.", version=version(), **given)
    with pytest.raises(NotReviewed):
        close_finding(actor=reviewer, text="Too early.", version=version(), **given)
    report_correction(actor=person, text="Listened to both.", version=version(), **given)
    send_back(actor=reviewer, text="One more.", due_on=due_on, version=version(), **given)
    report_correction(actor=person, text="And a third.", version=version(), **given)
    with pytest.raises(Stale):
        close_finding(actor=reviewer, text="Heard it.", version=1, **given)
    close_finding(actor=reviewer, text="Heard it.", version=version(), **given)

    told = finding(person, made.pk)
    assert told.state == "closed"
    assert [one.kind for one in told.steps] == [
        *("told", "answered", "corrected", "sent_back", "corrected", "closed"),
    ]


def test_only_the_person_answers_and_only_another_closes(drawn_sample, caller, reviewer, at):
    person = actor_of(staff_id=caller.pk, at=at)
    with pytest.raises(NotReviewed, match="Score it first"):
        open_finding(
            actor=reviewer,
            sample_id=drawn_sample.pk,
            feedback="x",
            correction="",
            due_on=None,
            at=at,
        )
    scored(reviewer, drawn_sample, at)
    made = open_finding(
        actor=reviewer,
        sample_id=drawn_sample.pk,
        feedback="Very well done.",
        correction="",
        due_on=None,
        at=at,
    )
    given = {"finding_id": made.pk, "version": made.version, "at": at}
    with pytest.raises(NotFound):
        answer_finding(actor=reviewer, text="I say so.", **given)
    answer_finding(actor=person, text="Thank you.", **given)
    with pytest.raises(NotAllowed):
        close_finding(actor=person, text="Closed.", finding_id=made.pk, version=3, at=at)


def test_a_correction_that_is_late_stands_in_the_figures(drawn_sample, reviewer, at):
    scored(reviewer, drawn_sample, at)
    open_finding(
        actor=reviewer,
        sample_id=drawn_sample.pk,
        feedback="Say who is calling.",
        correction="Read the opening.",
        due_on=at.date(),
        at=at,
    )

    found = figures(reviewer, on=at.date() + timedelta(days=1))

    person = found.people[0]
    assert (person.reviewed, person.open_findings, person.late_findings) == (1, 1, 1)
    assert person.points == 100


def test_a_share_is_never_more_than_there_is_and_the_split_is_fair():
    keys = [f"desk-{number}" for number in range(4000)]

    calibrated = sum(in_share(key=key, seed="s", share_ppm=200_000) for key in keys)

    assert drawn(keys=["a"], seed="s", share_ppm=50_000, at_least=3, at_most=8) == ("a",)
    assert len(drawn(keys=keys, seed="s", share_ppm=500_000, at_least=1, at_most=8)) == 8
    assert 720 < calibrated < 880


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("  share_ppm: 50000\n", "share_out_of_range"),
        ("  at_most: 8\n", "at_most_below_least"),
        ("passes_from: 80\n", "key_missing"),
        ("    - {id: record,", "name_twice"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(tmp_path, line, code):
    text = (strategies_folder() / "example" / "quality.yaml").read_text(encoding="utf-8")
    wrong = {
        "share_out_of_range": "  share_ppm: 2000000\n",
        "at_most_below_least": "  at_most: 0\n",
        "key_missing": "",
        "name_twice": "    - {id: options,",
    }[code]
    assert line in text
    (tmp_path / "quality.yaml").write_text(text.replace(line, wrong), encoding="utf-8")

    with pytest.raises(StrategyRefused) as refused:
        load_quality(tmp_path)

    assert code in {one.code for one in refused.value.findings}


def test_pages_lead_from_the_draw_to_the_closed_finding(
    calls, caller, reviewer, at, client, monkeypatch
):
    monkeypatch.setattr("recoup.site.presence.now", lambda: at)
    never = replace(actions.plan(), sampling=replace(actions.plan().sampling, calibrate_ppm=0))
    monkeypatch.setattr(actions, "quality", lambda: never)
    backend = "django.contrib.auth.backends.ModelBackend"
    client.force_login(Staff.objects.get(pk=reviewer.staff_id), backend=backend)
    client.cookies["django_language"] = "en"
    week = client.post("/quality/draw", {"begins": "2026-11-09"}, follow=True).content.decode()
    row = Sample.objects.get(why="breach")
    sheet = client.get(f"/quality/samples/{row.pk}/").content.decode()
    answers = {f"item-{name}": value for name, value in GOOD.items()} | {"item-options": "no"}
    after = client.post(f"/quality/samples/{row.pk}/score", answers, follow=True)
    told = client.post(
        f"/quality/samples/{row.pk}/finding",
        {"feedback": "Offer a plan.", "correction": "", "due_on": ""},
        follow=True,
    )
    client.force_login(caller, backend=backend)
    mine = client.get("/quality/mine/").content.decode()
    made = Finding.objects.get()
    step = {"step": "answer", "text": "I will.", "version": made.version}
    answered = client.post(f"/quality/findings/{made.pk}/move", step, follow=True)
    shut = client.get("/quality/figures/")

    assert f"desk-{row.contact_id}" in week
    assert "told nobody else of the debt" in sheet
    assert "Scored: 90 points." in after.content.decode()
    assert "Offer a plan." in told.content.decode()
    assert "Offer a plan." in mine
    assert "answered" in answered.content.decode()
    assert shut.status_code == 403
