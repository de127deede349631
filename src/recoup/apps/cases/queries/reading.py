"""Reading of one case and of lists of cases."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F, Q, QuerySet
from django.db.models.expressions import OrderBy

from recoup.apps.cases.models import Case, HandOver, Review, Task
from recoup.apps.cases.queries.cards import (
    CaseCard,
    HandOverCard,
    ReviewCard,
    TaskCard,
    case_card,
    hand_over_card,
    review_card,
    task_card,
)
from recoup.apps.cases.recording import visible
from recoup.apps.people.permissions import Actor, NotFound, require

PAGE = 50
SORTS: Mapping[str, tuple[str, ...]] = {
    "rank": ("-priority", "debtor_id"),
    "overdue": ("-overdue_base_minor", "debtor_id"),
    "dpd": ("-worst_dpd", "debtor_id"),
    "opened": ("opened_on", "debtor_id"),
    "contact": ("last_contact_at", "debtor_id"),
}


@dataclass(frozen=True, kw_only=True)
class CaseFilter:
    """What a list is narrowed to; empty texts narrow nothing.

    ``whose``: mine, nobody, or the key of a member of staff as text. ``state``: open, now, later,
    resting, closed, or a status. ``contact``: untouched (never contacted), worked (today).
    """

    whose: str = ""
    state: str = "open"
    team: str = ""
    branch: str = ""
    product: str = ""
    bucket: str = ""
    treatment: str = ""
    review: str = ""
    contact: str = ""
    person: str = ""
    sort: str = "rank"


@dataclass(frozen=True, kw_only=True)
class CasePage:
    """A page of a list. ``has_more`` tells of another page; ``total`` counts up to a limit."""

    cases: tuple[CaseCard, ...]
    page: int
    total: int
    is_total_exact: bool

    @property
    def has_more(self) -> bool:
        """Whether another page follows."""
        return self.page * PAGE < self.total

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // PAGE))


#: Counting stops here: nobody reads ten thousand rows, and counting all of them costs.
MOST_COUNTED = 10_000


def case_of(actor: Actor, debtor_id: str) -> CaseCard:
    """Yield a person's case within the actor's scope. Errors: NotAllowed; NotFound. One query."""
    require(actor, "view", "cases")
    row = Case.objects.filter(visible(actor), pk=debtor_id).first()
    if row is None:
        raise NotFound(what=debtor_id)
    return case_card(row)


def case_cards(debtor_ids: Iterable[str]) -> Mapping[str, CaseCard]:
    """Yield cases by person, whatever the scope; who has none is left out. One query."""
    rows = Case.objects.filter(pk__in=set(debtor_ids))
    return {row.pk: case_card(row) for row in rows}


def cases_page(*, actor: Actor, narrow: CaseFilter, page: int, today: date) -> CasePage:
    """Yield a page of the cases within the actor's scope. Two queries."""
    require(actor, "view", "cases")
    rows = narrowed(actor=actor, narrow=narrow, today=today)
    total = rows.order_by()[: MOST_COUNTED + 1].count()
    here = max(1, min(page, -(-min(total, MOST_COUNTED) // PAGE) or 1))
    found = rows.order_by(*_order(narrow.sort))[(here - 1) * PAGE : here * PAGE]
    return CasePage(
        cases=tuple(case_card(row) for row in found),
        page=here,
        total=min(total, MOST_COUNTED),
        is_total_exact=total <= MOST_COUNTED,
    )


def _order(sort: str) -> list[str | OrderBy]:
    names = SORTS.get(sort, SORTS["rank"])
    return (
        [
            F(name[1:]).desc(nulls_last=True)
            if name.startswith("-")
            else F(name).asc(nulls_first=True)
            for name in names
        ]
        if sort in ("overdue", "dpd", "contact")
        else list(names)
    )


def narrowed(*, actor: Actor, narrow: CaseFilter, today: date) -> "QuerySet[Case]":
    """Yield the rows of a list, narrowed and within scope."""
    rows = Case.objects.filter(visible(actor))
    rows = rows.filter(_state(narrow.state)) if narrow.state else rows
    if narrow.whose == "mine":
        rows = rows.filter(collector_id=actor.staff_id)
    elif narrow.whose == "nobody":
        rows = rows.filter(collector=None)
    elif narrow.whose.isdigit():
        rows = rows.filter(collector_id=int(narrow.whose))
    for column in ("team", "branch", "bucket", "treatment"):
        if getattr(narrow, column):
            rows = rows.filter(**{column: getattr(narrow, column)})
    if narrow.product:
        rows = rows.filter(products__contains=f"|{narrow.product}|")
    if narrow.review == "overdue":
        rows = rows.filter(review_due_on__lt=today)
    if narrow.contact == "untouched":
        rows = rows.filter(last_contact_at=None)
    elif narrow.contact == "worked":
        rows = rows.filter(worked_on=today)
    if narrow.person:
        rows = rows.filter(pk=narrow.person)
    return rows


def _state(state: str) -> Q:
    by_queue = {"now": 0, "later": 1, "resting": 2, "closed": 9}
    if state in by_queue:
        return Q(queue=by_queue[state])
    if state == "open":
        return Q(queue__lt=9)
    return Q(status=state)


def tasks_of(*, debtor_id: str) -> tuple[TaskCard, ...]:
    """Yield a case's tasks, open ones first, then by when they are due. One query."""
    rows = Task.objects.filter(case_id=debtor_id, cancelled_at=None)
    ordered = rows.order_by(F("done_at").desc(nulls_first=True), "due_at", "pk")
    return tuple(task_card(row) for row in ordered[:50])


def hand_overs_of(*, debtor_id: str) -> tuple[HandOverCard, ...]:
    """Yield the hand-overs of a case, the latest first. One query."""
    rows = HandOver.objects.filter(case_id=debtor_id)
    return tuple(hand_over_card(row) for row in rows[:20])


def hand_overs_for(*, actor: Actor) -> tuple[HandOverCard, ...]:
    """Yield the offers that wait for this person's answer, the most urgent first. One query."""
    rows = HandOver.objects.filter(taker_id=actor.staff_id, status="offered")
    return tuple(hand_over_card(row) for row in rows.order_by("accept_by", "pk"))


def overdue_hand_overs(*, actor: Actor, at: datetime) -> tuple[HandOverCard, ...]:
    """Yield offers within scope that nobody answered in time, the oldest first. One query."""
    mine = Case.objects.filter(visible(actor))
    rows = HandOver.objects.filter(status="offered", accept_by__lt=at, case__in=mine)
    return tuple(hand_over_card(row) for row in rows.order_by("accept_by", "pk")[:200])


def reviews_of(*, debtor_id: str) -> tuple[ReviewCard, ...]:
    """Yield the reviews of an account, the latest first. One query."""
    return tuple(review_card(row) for row in Review.objects.filter(case_id=debtor_id)[:20])


def overdue_reviews(*, actor: Actor, today: date, limit: int = 200) -> tuple[CaseCard, ...]:
    """Yield open cases within scope whose review is overdue, the longest first. One query."""
    rows = Case.objects.filter(visible(actor), queue__lt=9, review_due_on__lt=today)
    return tuple(case_card(row) for row in rows.order_by("review_due_on", "debtor_id")[:limit])
