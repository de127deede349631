"""A collector's day: what is left, in which order, what is due, what was done."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Q, Sum

from recoup.apps.cases.models import Case, Entry, Task
from recoup.apps.cases.queries.cards import CaseCard, HandOverCard, TaskCard, case_card, task_card
from recoup.apps.cases.queries.reading import hand_overs_for
from recoup.apps.cases.recording import visible
from recoup.apps.people.permissions import Actor, require

#: Rows of the worklist on one page; further ones follow with "more".
LINES = 60
AGAIN = ("no_answer", "busy")
#: A broken promise counts on the strip so many days.
BROKEN_DAYS = 7


@dataclass(frozen=True, kw_only=True)
class Strip:
    """The figures of the day for one collector. Amounts in minor units of the base currency."""

    left: int
    again: int
    done: int
    later: int
    resting: int
    due_today: int
    broken: int
    contacts: int
    breaches: int
    promised_minor: int
    pool: int

    @property
    def total(self) -> int:
        """Cases of today's work: those left and those worked."""
        return self.left + self.done


@dataclass(frozen=True, kw_only=True)
class MyDay:
    """What a collector sees in the morning. ``lines`` are those of the chosen part of the list."""

    strip: Strip
    part: str
    lines: tuple[CaseCard, ...]
    has_more: bool
    tasks: tuple[TaskCard, ...]
    offers: tuple[HandOverCard, ...]


#: Parts of a collector's list: to do, try again, promises due today, broken, later, resting, done.
PARTS = ("todo", "again", "due", "broken", "later", "resting", "done")


def my_day(*, actor: Actor, at: datetime, part: str = "todo", lines: int = LINES) -> MyDay:
    """Yield the day of whoever asks: figures, a part of the list, tasks, offers. Six queries."""
    require(actor, "work", "cases")
    zone = ZoneInfo(settings.TIME_ZONE)
    today = at.astimezone(zone).date()
    mine = Case.objects.filter(collector_id=actor.staff_id)
    rows = mine.filter(_part(part, today)).order_by("-priority", "debtor_id")
    found = list(rows[: lines + 1])
    until = datetime.combine(today + timedelta(days=1), time(), tzinfo=zone)
    tasks = Task.objects.filter(
        assignee_id=actor.staff_id, done_at=None, cancelled_at=None, due_at__lt=until
    )
    return MyDay(
        strip=strip(actor=actor, at=at),
        part=part,
        lines=tuple(case_card(row) for row in found[:lines]),
        has_more=len(found) > lines,
        tasks=tuple(task_card(row) for row in tasks.order_by("due_at", "pk")[:50]),
        offers=hand_overs_for(actor=actor),
    )


def _part(part: str, today: date) -> Q:
    since = today - timedelta(days=BROKEN_DAYS)
    parts = {
        "todo": Q(queue=0) & ~_worked(today),
        "again": Q(queue=0, worked_on=today, last_outcome__in=AGAIN),
        "due": Q(queue__lt=9, promise_due_on__lte=today),
        "broken": Q(queue__lt=9, promise_broken_on__gte=since),
        "later": Q(queue=1),
        "resting": Q(queue=2),
        "done": Q(queue__lt=9, worked_on=today),
    }
    return parts.get(part, parts["todo"])


def _worked(today: date) -> Q:
    return Q(worked_on__isnull=False, worked_on=today)


def strip(*, actor: Actor, at: datetime) -> Strip:
    """Yield the figures of the day. Three queries."""
    zone = ZoneInfo(settings.TIME_ZONE)
    today = at.astimezone(zone).date()
    begun = datetime.combine(today, time(), tzinfo=zone)
    counts = Case.objects.filter(collector_id=actor.staff_id, queue__lt=9).aggregate(
        left=Count("pk", filter=_part("todo", today)),
        again=Count("pk", filter=_part("again", today)),
        done=Count("pk", filter=Q(worked_on=today)),
        later=Count("pk", filter=Q(queue=1)),
        resting=Count("pk", filter=Q(queue=2)),
        due_today=Count("pk", filter=_part("due", today)),
        broken=Count("pk", filter=_part("broken", today)),
    )
    acts = Entry.objects.filter(
        actor_id=actor.staff_id, at__gte=begun, kind__in=("contact", "promise")
    ).values_list("kind", "facts")
    done = list(acts)
    pool = Case.objects.filter(team__in=actor.teams, collector=None, queue=0)[:100].count()
    return Strip(
        **counts,
        contacts=sum(1 for kind, _ in done if kind == "contact"),
        breaches=sum(1 for kind, facts in done if kind == "contact" and facts.get("breaches")),
        promised_minor=sum(
            int(facts.get("amount_minor", 0)) for kind, facts in done if kind == "promise"
        ),
        pool=pool,
    )


@dataclass(frozen=True, kw_only=True)
class Load:
    """What a collector has on the desk, for the supervisor's board.

    ``untouched`` cases were never contacted; ``oldest_on`` is the earliest opening among them.
    """

    collector_id: int | None
    open: int
    now: int
    worked: int
    untouched: int
    due_today: int
    broken: int
    reviews_overdue: int
    overdue_base_minor: int


def loads(*, actor: Actor, at: datetime) -> tuple[Load, ...]:
    """Yield the load of every collector with cases within scope, and of the pool (None)."""
    require(actor, "assign", "cases")
    zone = ZoneInfo(settings.TIME_ZONE)
    today = at.astimezone(zone).date()
    rows = (
        Case.objects.filter(visible(actor), queue__lt=9)
        .values("collector_id")
        .annotate(
            cases=Count("pk"),
            now=Count("pk", filter=Q(queue=0)),
            worked=Count("pk", filter=Q(worked_on=today)),
            untouched=Count("pk", filter=Q(last_contact_at=None)),
            due_today=Count("pk", filter=_part("due", today)),
            broken=Count("pk", filter=_part("broken", today)),
            reviews_overdue=Count("pk", filter=Q(review_due_on__lt=today)),
            overdue=Sum("overdue_base_minor"),
        )
        .order_by("collector_id")
    )
    return tuple(
        Load(
            collector_id=row["collector_id"],
            open=row["cases"],
            now=row["now"],
            worked=row["worked"],
            untouched=row["untouched"],
            due_today=row["due_today"],
            broken=row["broken"],
            reviews_overdue=row["reviews_overdue"],
            overdue_base_minor=row["overdue"] or 0,
        )
        for row in rows
    )


@dataclass(frozen=True, kw_only=True)
class Cycle:
    """How long cases lasted that were closed in a period: how many, and the middle one's days."""

    closed: int
    median_days: int | None


def collection_cycle(*, actor: Actor, since: date, until: date, collector_id: int | None) -> Cycle:
    """Yield the days from opening to closing of the cases closed in [since, until). One query."""
    rows = Case.objects.filter(visible(actor), closed_on__gte=since, closed_on__lt=until)
    if collector_id is not None:
        rows = rows.filter(former_collector_id=collector_id)
    lasted = sorted(
        (closed - opened).days
        for opened, closed in rows.values_list("opened_on", "closed_on")
        if closed is not None
    )
    return Cycle(closed=len(lasted), median_days=lasted[len(lasted) // 2] if lasted else None)
