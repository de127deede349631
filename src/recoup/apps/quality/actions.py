"""Draws samples, takes scores, and follows a finding from the feedback to its end."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from recoup.apps.contacts.queries import ContactCard, contacts_between
from recoup.apps.people.actions import tell_change
from recoup.apps.people.permissions import MACHINE, Actor, NotAllowed, NotFound, require
from recoup.apps.portfolio.events import NightPublished
from recoup.apps.portfolio.queries import people_with_complaint
from recoup.apps.quality.models import Finding, FindingStep, Sample, SampleWeek, ScoredReview
from recoup.apps.quality.queries import in_sight, monday_of
from recoup.kernel.refusal import Refused, Stale
from recoup.kernel.sampling import ANSWERS, digest_of, drawn, in_share, scored
from recoup.policy.quality import QualityPolicy
from recoup.web.house import quality
from recoup.web.shown import local

State = Finding.State
Why = Sample.Why
SHORTEST_TEXT = 4


class NoPlan(Refused):
    """The strategy does not say how contacts are reviewed."""

    def __init__(self) -> None:
        super().__init__(
            zh="策略没有 quality.yaml，未规定抽样和评分；请先补充。",
            en="The strategy has no quality.yaml: it does not say what is drawn and scored.",
        )


class NotReviewed(Refused):
    """A review or a finding cannot be taken as it is; the sentence says why."""


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """What came of drawing a week. ``again``: it was drawn before, and nothing was done."""

    begins: date
    contacts: int
    samples: int
    again: bool = False


def plan() -> QualityPolicy:
    """Yield how the house reviews contacts. Errors: NoPlan."""
    found = quality()
    if found is None:
        raise NoPlan
    return found


def draw_week(*, actor: Actor, begins: date, at: datetime) -> Drawn:
    """Draw the sample of a week that is over: a share of each person's contacts, and some always.

    Shape: ``begins`` is its Monday. The same week is drawn once, and anybody who draws it again
    with the same seed finds the same contacts.
    Errors: NotAllowed; NoPlan; NotReviewed, for a week that is not over or had no contacts.
    """
    require(actor, "assign", "quality")
    policy = plan()
    first = monday_of(begins)
    since, until = _week(first)
    if until > at:
        raise NotReviewed(
            zh="这一周尚未结束，结束后再抽样。", en="That week is not over; draw it afterwards."
        )
    contacts = reviewable(since=since, until=until, policy=policy)
    with transaction.atomic():
        week, made = SampleWeek.objects.select_for_update().get_or_create(
            begins=first,
            defaults={
                "drawn_at": at,
                "drawn_by_id": actor.staff_id,
                "plan": asdict(policy.sampling),
            },
        )
        if not made:
            return Drawn(
                begins=first, contacts=week.contacts, samples=week.samples.count(), again=True
            )
        if not contacts:
            raise NotReviewed(
                zh="这一周没有可抽取的联系。", en="Nobody made a contact in that week."
            )
        samples = list(_samples(week, contacts, policy, at=at))
        Sample.objects.bulk_create(samples, ignore_conflicts=True)
        week.contacts, week.people = len(contacts), len({one.made_by_id for one in contacts})
        week.save(update_fields=["contacts", "people"])
        tell_change(
            actor,
            room="quality",
            verb="draw_sample",
            record="sample_week",
            record_id=week.pk,
            after={"week": first.isoformat(), "contacts": len(contacts), "samples": len(samples)},
            at=at,
        )
    return Drawn(begins=first, contacts=len(contacts), samples=len(samples))


def draw_due(event: NightPublished) -> None:
    """Hear that a night was published: draw the week that is over, once."""
    policy = quality()
    if policy is None:
        return
    last = monday_of(local(event.at).date()) - timedelta(days=7)
    since, until = _week(last)
    if not reviewable(since=since, until=until, policy=policy):
        return
    if not SampleWeek.objects.filter(begins=last).exists():
        draw_week(actor=MACHINE, begins=last, at=event.at)


def _week(first: date) -> tuple[datetime, datetime]:
    zone = ZoneInfo(settings.TIME_ZONE)
    since = datetime.combine(first, time(), tzinfo=zone)
    return since, datetime.combine(first + timedelta(days=7), time(), tzinfo=zone)


def reviewable(
    *, since: datetime, until: datetime, policy: QualityPolicy
) -> tuple[ContactCard, ...]:
    """Yield the contacts of a week that may be drawn: made by people, over the plan's channels."""
    return tuple(
        one
        for one in contacts_between(since=since, until=until)
        if one.made_by_id is not None and one.channel in policy.sampling.channels
    )


def seed_of(*, policy: QualityPolicy, begins: date) -> str:
    """Yield the seed of one week's sample."""
    return f"{policy.sampling.seed}:{begins.isoformat()}"


def _samples(
    week: SampleWeek, contacts: Sequence[ContactCard], policy: QualityPolicy, *, at: datetime
) -> Iterable[Sample]:
    """Yield the samples of a week: for each contact the weightiest reason for which it is one."""
    seed = seed_of(policy=policy, begins=week.begins)
    why = chosen(contacts=contacts, policy=policy, begins=week.begins)
    due_on = local(at).date() + timedelta(days=policy.review_within_days)
    for one in contacts:
        if one.contact_id not in why or one.made_by_id is None:
            continue
        twice = in_share(
            key=one.reference,
            seed=f"{seed}:calibrate",
            share_ppm=policy.sampling.calibrate_ppm,
        )
        yield Sample(
            week=week,
            contact_id=one.contact_id,
            debtor_id=one.debtor_id,
            staff_id=one.made_by_id,
            channel=one.channel,
            contact_at=one.at,
            why=why[one.contact_id],
            digest=digest_of(seed=seed, key=one.reference),
            is_calibrated=twice,
            due_on=due_on,
            missing=2 if twice else 1,
        )


def chosen(
    *, contacts: Sequence[ContactCard], policy: QualityPolicy, begins: date
) -> Mapping[int, str]:
    """Yield why each contact is reviewed that is: drawn, before a complaint, or against a rule."""
    sampling = policy.sampling
    seed = seed_of(policy=policy, begins=begins)
    by_staff: dict[int, list[ContactCard]] = {}
    for one in contacts:
        if one.made_by_id is not None:
            by_staff.setdefault(one.made_by_id, []).append(one)
    found: dict[int, str] = {}
    for own in by_staff.values():
        keys = drawn(
            keys=[one.reference for one in own],
            seed=seed,
            share_ppm=sampling.share_ppm,
            at_least=sampling.at_least,
            at_most=sampling.at_most,
        )
        found |= {one.contact_id: Why.SHARE for one in own if one.reference in set(keys)}
    complained = people_with_complaint(
        debtor_ids={one.debtor_id for one in contacts},
        since=begins,
        until=begins + timedelta(days=7 + sampling.complaint_days),
    )
    for one in contacts:
        days = complained.get(one.debtor_id, ())
        on = local(one.at).date()
        if any(on <= day <= on + timedelta(days=sampling.complaint_days) for day in days):
            found[one.contact_id] = Why.COMPLAINT
        if one.breaches:
            found[one.contact_id] = Why.BREACH
    return found


def score_contact(
    *, actor: Actor, sample_id: int, answers: Mapping[str, str], remark: str, at: datetime
) -> ScoredReview:
    """Take one reviewer's score of a sample; a second one where it is calibrated.

    Errors: NotAllowed, also of who made the contact; NotFound; NoPlan; NotReviewed, when it was
    scored already, by everybody or by this reviewer, or an answer is missing.
    """
    require(actor, "work", "quality")
    policy = plan()
    with transaction.atomic():
        sample = locked_sample(actor, sample_id)
        if actor.staff_id is None or sample.staff_id == actor.staff_id:
            raise NotAllowed(verb="work", room="quality")
        before = list(sample.reviews.all())
        if sample.missing < 1 or any(one.reviewer_id == actor.staff_id for one in before):
            raise NotReviewed(
                zh="该样本已评分；校准须由另一位质检人员完成。",
                en="It has been scored; another reviewer does the calibration.",
            )
        items = policy.sheet.weights(sample.channel)
        given = {item.id: answers.get(item.id, "") for item in items}
        if any(answer not in ANSWERS for answer in given.values()):
            raise NotReviewed(zh="请为每一项选择答案。", en="Answer every item of the sheet.")
        score = scored(items=items, answers=given)
        row = ScoredReview.objects.create(
            sample=sample,
            reviewer_id=actor.staff_id,
            is_second=bool(before),
            sheet_version=policy.sheet.version,
            answers=given,
            points=score.points,
            not_done=list(score.not_done),
            fatal=list(score.fatal),
            passed=score.passes(passes_from=policy.passes_from),
            remark=remark.strip()[:2000],
            made_at=at,
        )
        sample.missing -= 1
        sample.save(update_fields=["missing"])
        tell_change(
            actor,
            room="quality",
            verb="score_contact",
            record="sample",
            record_id=sample.pk,
            debtor_id=sample.debtor_id,
            after={"points": score.points, "passed": row.passed, "not_done": row.not_done},
            at=at,
        )
    return row


def locked_sample(actor: Actor, sample_id: int) -> Sample:
    """Yield a sample within sight, locked. Errors: NotFound."""
    row = Sample.objects.select_for_update().filter(pk=sample_id).first()
    if row is None or row.staff_id not in in_sight(actor, (row.staff_id,)):
        raise NotFound(what=f"sample {sample_id}")
    return row


def open_finding(
    *,
    actor: Actor,
    sample_id: int,
    feedback: str,
    correction: str,
    due_on: date | None,
    at: datetime,
) -> Finding:
    """Tell the person what a review found, and what is to be corrected by when, if anything.

    Errors: NotAllowed, also of the person; NotFound; NotReviewed, before the review, a second time,
    without words, or for a correction without a day.
    """
    require(actor, "work", "quality")
    wanted = correction.strip()
    with transaction.atomic():
        sample = locked_sample(actor, sample_id)
        if actor.staff_id is None or sample.staff_id == actor.staff_id:
            raise NotAllowed(verb="work", room="quality")
        reviews = list(sample.reviews.all())
        if not reviews or Finding.objects.filter(sample=sample).exists():
            raise NotReviewed(
                zh="请先评分；每个样本只有一份反馈。",
                en="Score it first; a sample has one finding.",
            )
        if bool(wanted) != (due_on is not None) or (due_on and due_on < local(at).date()):
            raise NotReviewed(
                zh="整改要求须同时写明内容和期限，期限不早于今天。",
                en="A correction needs both what is to be done and a day, not before today.",
            )
        row = Finding.objects.create(
            sample=sample,
            staff_id=sample.staff_id,
            items=sorted({item for one in reviews for item in one.not_done}),
            feedback=_words(feedback),
            correction=wanted[:2000],
            due_on=due_on,
            made_by_id=actor.staff_id,
            made_at=at,
        )
        _step(actor, row, kind="told", text=row.feedback, at=at)
    return row


def answer_finding(
    *, actor: Actor, finding_id: int, text: str, version: int, at: datetime
) -> Finding:
    """Take the person's own answer. Errors: NotFound, for anybody else; NotReviewed; Stale."""
    with transaction.atomic():
        row = _locked(finding_id, version)
        if actor.staff_id is None or row.staff_id != actor.staff_id:
            raise NotFound(what=f"finding {finding_id}")
        _in_state(row, (State.TOLD,))
        row.state = State.TO_CORRECT if row.correction else State.ANSWERED
        _step(actor, row, kind="answered", text=_words(text), at=at)
    return row


def report_correction(
    *, actor: Actor, finding_id: int, text: str, version: int, at: datetime
) -> Finding:
    """Take the person's word that it was corrected, and how. Errors: as for the answer."""
    with transaction.atomic():
        row = _locked(finding_id, version)
        if actor.staff_id is None or row.staff_id != actor.staff_id:
            raise NotFound(what=f"finding {finding_id}")
        _in_state(row, (State.TOLD, State.TO_CORRECT))
        if not row.correction:
            raise NotReviewed(zh="没有需要整改的事项。", en="There is nothing to correct.")
        row.state = State.CORRECTED
        _step(actor, row, kind="corrected", text=_words(text), at=at)
    return row


def send_back(
    *, actor: Actor, finding_id: int, text: str, due_on: date, version: int, at: datetime
) -> Finding:
    """Say that it is not corrected yet, with a new day. Errors: NotAllowed; NotFound; Stale."""
    require(actor, "work", "quality")
    with transaction.atomic():
        row = _by_another(actor, finding_id, version)
        _in_state(row, (State.CORRECTED,))
        if due_on < local(at).date():
            raise NotReviewed(zh="期限不早于今天。", en="The day is not before today.")
        row.state, row.due_on = State.TO_CORRECT, due_on
        _step(actor, row, kind="sent_back", text=_words(text), at=at)
    return row


def close_finding(
    *, actor: Actor, finding_id: int, text: str, version: int, at: datetime
) -> Finding:
    """Close a finding: answered without anything to correct, or corrected and confirmed.

    Errors: NotAllowed, also of the person; NotFound; NotReviewed; Stale.
    """
    require(actor, "work", "quality")
    with transaction.atomic():
        row = _by_another(actor, finding_id, version)
        _in_state(row, (State.ANSWERED, State.CORRECTED))
        row.state, row.closed_at = State.CLOSED, at
        _step(actor, row, kind="closed", text=_words(text), at=at)
    return row


def _by_another(actor: Actor, finding_id: int, version: int) -> Finding:
    """Errors: NotFound, out of sight; NotAllowed, for the person; Stale."""
    row = _locked(finding_id, version)
    if row.staff_id not in in_sight(actor, (row.staff_id,)):
        raise NotFound(what=f"finding {finding_id}")
    if actor.staff_id is None or row.staff_id == actor.staff_id:
        raise NotAllowed(verb="work", room="quality")
    return row


def _locked(finding_id: int, version: int) -> Finding:
    row = Finding.objects.select_for_update().filter(pk=finding_id).first()
    if row is None:
        raise NotFound(what=f"finding {finding_id}")
    if row.version != version:
        raise Stale(what_zh="这份反馈", what_en="The finding", who="", at=None)
    return row


def _in_state(row: Finding, states: Collection[str]) -> None:
    if row.state not in states:
        raise NotReviewed(
            zh="此反馈的状态已变化，请刷新页面。",
            en="The finding stands elsewhere now; look again.",
        )


def _words(text: str) -> str:
    """Errors: NotReviewed, where nothing is said."""
    said = text.strip()
    if len(said) < SHORTEST_TEXT:
        raise NotReviewed(zh="请写明具体内容。", en="Say it in words.")
    return said[:2000]


def _step(actor: Actor, row: Finding, *, kind: str, text: str, at: datetime) -> None:
    if actor.staff_id is None:
        raise NotAllowed(verb="work", room="quality")
    row.version += 1
    row.save()
    FindingStep.objects.create(finding=row, kind=kind, by_id=actor.staff_id, at=at, text=text)
    tell_change(
        actor,
        room="quality",
        verb="move_finding",
        record="finding",
        record_id=row.pk,
        debtor_id=row.sample.debtor_id,
        after={"step": kind, "state": row.state, "due_on": row.due_on and row.due_on.isoformat()},
        at=at,
    )
