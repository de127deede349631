"""Reading of samples, scores and findings, and the figures made of them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Prefetch, Q, QuerySet

from recoup.apps.people.permissions import Actor, NotFound, require
from recoup.apps.people.queries import StaffCard, colleagues_in_sight, staff_cards
from recoup.apps.quality.models import Finding, FindingStep, Sample, SampleWeek, ScoredReview

#: Rows of one list at most.
MOST_ROWS = 200
#: Weeks that the figures look back.
WEEKS = 12


@dataclass(frozen=True, kw_only=True)
class ScoreCard:
    """One reviewer's score. ``points`` None where nothing applied."""

    reviewer_id: int
    is_second: bool
    sheet_version: int
    answers: Mapping[str, str]
    points: int | None
    not_done: tuple[str, ...]
    fatal: tuple[str, ...]
    passed: bool
    remark: str
    made_at: datetime


@dataclass(frozen=True, kw_only=True)
class SampleCard:
    """A contact that is to be reviewed, or was; ``missing`` says how many scores it waits for."""

    sample_id: int
    begins: date
    contact_id: int
    debtor_id: str
    staff_id: int
    channel: str
    contact_at: datetime
    why: str
    digest: str
    is_calibrated: bool
    due_on: date
    missing: int
    scores: tuple[ScoreCard, ...]
    finding_id: int | None

    @property
    def first(self) -> ScoreCard | None:
        """The score that counts."""
        return next((one for one in self.scores if not one.is_second), None)

    @property
    def second(self) -> ScoreCard | None:
        """The score of the calibration."""
        return next((one for one in self.scores if one.is_second), None)

    @property
    def differs(self) -> tuple[str, ...]:
        """Items that the two reviewers saw otherwise."""
        if self.first is None or self.second is None:
            return ()
        other = self.second.answers
        return tuple(
            item for item, answer in self.first.answers.items() if other.get(item) != answer
        )


@dataclass(frozen=True, kw_only=True)
class StepCard:
    """What somebody said or did about a finding."""

    kind: str
    by_id: int
    at: datetime
    text: str


@dataclass(frozen=True, kw_only=True)
class FindingCard:
    """A finding, and how it went. ``is_late``: its day is past and it is not corrected."""

    finding_id: int
    sample_id: int
    debtor_id: str
    staff_id: int
    channel: str
    contact_at: datetime
    items: tuple[str, ...]
    feedback: str
    correction: str
    due_on: date | None
    state: str
    made_by_id: int
    made_at: datetime
    closed_at: datetime | None
    version: int
    steps: tuple[StepCard, ...]

    def is_late(self, on: date) -> bool:
        """Tell whether the correction is late on a day."""
        waits = self.state in (Finding.State.TOLD, Finding.State.TO_CORRECT)
        return waits and self.due_on is not None and self.due_on < on


@dataclass(frozen=True, kw_only=True)
class PersonFigures:
    """One person's reviews of a period. ``points``: the mean of those scored, rounded down."""

    staff: StaffCard
    reviewed: int
    waiting: int
    points: int | None
    passed: int
    fatal: int
    open_findings: int
    late_findings: int


@dataclass(frozen=True, kw_only=True)
class ItemFigures:
    """How often an item was not done, of how often it applied."""

    item_id: str
    not_done: int
    applied: int

    @property
    def per_mille(self) -> int:
        """Not done, in thousandths of where it applied."""
        return self.not_done * 1000 // self.applied if self.applied else 0


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Reviews of a period. ``agreed``: answers on which both reviewers agreed, of ``compared``."""

    people: tuple[PersonFigures, ...]
    items: tuple[ItemFigures, ...]
    calibrated: tuple[SampleCard, ...]
    agreed: int
    compared: int

    @property
    def agreement(self) -> int:
        """Agreement of two reviewers, in percent of what both scored."""
        return self.agreed * 100 // self.compared if self.compared else 0


def monday_of(on: date) -> date:
    """Yield the Monday of a day's week."""
    return on - timedelta(days=on.weekday())


def in_sight(actor: Actor, staff_ids: Collection[int]) -> frozenset[int]:
    """Yield those members of staff whom the actor may look up, also those who have left."""
    if actor.whole_bank or actor.is_machine:
        return frozenset(staff_ids)
    return frozenset(colleagues_in_sight(actor)) & frozenset(staff_ids)


def sample_card(row: Sample) -> SampleCard:
    """Yield the card of a sample fetched with its week, reviews and finding."""
    finding = getattr(row, "finding", None)
    return SampleCard(
        sample_id=row.pk,
        begins=row.week.begins,
        contact_id=row.contact_id,
        debtor_id=row.debtor_id,
        staff_id=row.staff_id,
        channel=row.channel,
        contact_at=row.contact_at,
        why=row.why,
        digest=row.digest,
        is_calibrated=row.is_calibrated,
        due_on=row.due_on,
        missing=row.missing,
        scores=tuple(_score(one) for one in row.reviews.all()),
        finding_id=finding.pk if finding else None,
    )


def _score(row: ScoredReview) -> ScoreCard:
    return ScoreCard(
        reviewer_id=row.reviewer_id,
        is_second=row.is_second,
        sheet_version=row.sheet_version,
        answers=row.answers,
        points=row.points,
        not_done=tuple(row.not_done),
        fatal=tuple(row.fatal),
        passed=row.passed,
        remark=row.remark,
        made_at=row.made_at,
    )


def _samples() -> "QuerySet[Sample]":
    return Sample.objects.select_related("week", "finding").prefetch_related("reviews")


def _staff_condition(actor: Actor) -> Q:
    """Yield the condition on rows with a ``staff`` that keeps those in sight. One query at most."""
    return Q() if actor.whole_bank else Q(staff_id__in=list(colleagues_in_sight(actor)))


def to_review(actor: Actor) -> tuple[SampleCard, ...]:
    """Yield what this reviewer may score now, the most urgent first. Four queries at most.

    Not contacts of the reviewer's own, and none that the reviewer has scored already.
    """
    require(actor, "work", "quality")
    rows = _samples().filter(_staff_condition(actor), missing__gt=0)
    mine = actor.staff_id or 0
    rows = rows.exclude(staff_id=mine).exclude(reviews__reviewer_id=mine)
    return tuple(sample_card(row) for row in rows[:MOST_ROWS])


def sample(actor: Actor, sample_id: int) -> SampleCard:
    """Yield one sample of somebody in sight. Errors: NotFound."""
    row = _samples().filter(pk=sample_id).first()
    if row is None or row.staff_id not in in_sight(actor, (row.staff_id,)):
        raise NotFound(what=f"sample {sample_id}")
    return sample_card(row)


def weeks(limit: int = WEEKS) -> tuple[SampleWeek, ...]:
    """Yield the weeks that were drawn, the latest first. One query."""
    return tuple(SampleWeek.objects.all()[:limit])


def samples_of_week(actor: Actor, begins: date) -> tuple[SampleCard, ...]:
    """Yield a week's samples in sight, by person and digest. Four queries at most."""
    require(actor, "view", "quality")
    rows = _samples().filter(_staff_condition(actor), week__begins=begins)
    return tuple(sample_card(row) for row in rows.order_by("staff_id", "digest")[:MOST_ROWS])


def findings(actor: Actor, *, is_open: bool = True) -> tuple[FindingCard, ...]:
    """Yield findings in sight: those that are open, or the latest closed. Three queries at most."""
    require(actor, "view", "quality")
    rows = _findings().filter(_staff_condition(actor))
    if is_open:
        return tuple(finding_card(row) for row in rows.exclude(state="closed")[:MOST_ROWS])
    closed = rows.filter(state="closed").order_by("-closed_at")
    return tuple(finding_card(row) for row in closed[:MOST_ROWS])


def _findings() -> "QuerySet[Finding]":
    steps = Prefetch("steps", queryset=FindingStep.objects.order_by("pk"))
    return Finding.objects.select_related("sample").prefetch_related(steps)


def finding_card(row: Finding) -> FindingCard:
    """Yield the card of a finding fetched with its sample and steps."""
    return FindingCard(
        finding_id=row.pk,
        sample_id=row.sample_id,
        debtor_id=row.sample.debtor_id,
        staff_id=row.staff_id,
        channel=row.sample.channel,
        contact_at=row.sample.contact_at,
        items=tuple(row.items),
        feedback=row.feedback,
        correction=row.correction,
        due_on=row.due_on,
        state=row.state,
        made_by_id=row.made_by_id,
        made_at=row.made_at,
        closed_at=row.closed_at,
        version=row.version,
        steps=tuple(
            StepCard(kind=one.kind, by_id=one.by_id, at=one.at, text=one.text)
            for one in row.steps.all()
        ),
    )


def finding(actor: Actor, finding_id: int) -> FindingCard:
    """Yield a finding: to the person concerned, and to whoever may look at the person's reviews.

    Errors: NotFound; NotAllowed.
    """
    row = _findings().filter(pk=finding_id).first()
    own = row is not None and row.staff_id == actor.staff_id
    if row is None or not (own or row.staff_id in in_sight(actor, (row.staff_id,))):
        raise NotFound(what=f"finding {finding_id}")
    if not own:
        require(actor, "view", "quality")
    return finding_card(row)


def own_samples(actor: Actor) -> tuple[SampleCard, ...]:
    """Yield the reviews of the actor's own contacts, the latest first. Two queries."""
    rows = _samples().filter(staff_id=actor.staff_id or 0).exclude(reviews=None)
    return tuple(sample_card(row) for row in rows.order_by("-contact_at")[:MOST_ROWS])


def own_findings(actor: Actor) -> tuple[FindingCard, ...]:
    """Yield the findings told to the actor, open ones first. Two queries."""
    rows = _findings().filter(staff_id=actor.staff_id or 0)
    found = [finding_card(row) for row in rows.order_by("-made_at")[:MOST_ROWS]]
    return tuple(sorted(found, key=lambda one: one.state == Finding.State.CLOSED))


def figures(actor: Actor, *, on: date) -> Figures:
    """Yield the figures of the last twelve weeks, of staff in sight. Six queries at most."""
    require(actor, "view", "quality")
    since = monday_of(on) - timedelta(days=7 * WEEKS)
    rows = _samples().filter(_staff_condition(actor), week__begins__gte=since)
    cards = [sample_card(row) for row in rows]
    by_staff: dict[int, list[SampleCard]] = {}
    for one in cards:
        by_staff.setdefault(one.staff_id, []).append(one)
    told = findings(actor)
    people = staff_cards(by_staff)
    calibrated = tuple(one for one in cards if one.second is not None)
    compared = sum(len(one.first.answers) for one in calibrated if one.first)
    differing = sum(len(one.differs) for one in calibrated)
    return Figures(
        people=tuple(
            _of_person(people[key], own, [one for one in told if one.staff_id == key], on=on)
            for key, own in sorted(by_staff.items())
            if key in people
        ),
        items=_of_items(cards),
        calibrated=calibrated,
        agreed=compared - differing,
        compared=compared,
    )


def _of_person(
    staff: StaffCard, cards: Iterable[SampleCard], told: Collection[FindingCard], *, on: date
) -> PersonFigures:
    own = list(cards)
    firsts = [one.first for one in own if one.first is not None]
    points = [one.points for one in firsts if one.points is not None]
    return PersonFigures(
        staff=staff,
        reviewed=len(firsts),
        waiting=sum(1 for one in own if one.first is None),
        points=sum(points) // len(points) if points else None,
        passed=sum(1 for one in firsts if one.passed),
        fatal=sum(1 for one in firsts if one.fatal),
        open_findings=len(told),
        late_findings=sum(1 for one in told if one.is_late(on)),
    )


def _of_items(cards: Iterable[SampleCard]) -> tuple[ItemFigures, ...]:
    applied: dict[str, int] = {}
    missed: dict[str, int] = {}
    for one in cards:
        if one.first is None:
            continue
        for item, answer in one.first.answers.items():
            applied[item] = applied.get(item, 0) + (answer != "na")
            missed[item] = missed.get(item, 0) + (answer == "no")
    found = [
        ItemFigures(item_id=item, not_done=missed[item], applied=applied[item]) for item in applied
    ]
    return tuple(sorted(found, key=lambda one: (-one.per_mille, one.item_id)))
