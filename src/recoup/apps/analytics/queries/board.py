"""The supervisor's board: who carries what, what needs a decision now, what is being done today."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from recoup.apps.cases.queries.cards import CaseCard, HandOverCard
from recoup.apps.cases.queries.days import Load, loads
from recoup.apps.cases.queries.reading import (
    CaseFilter,
    CasePage,
    cases_page,
    overdue_hand_overs,
    overdue_reviews,
)
from recoup.apps.complaints.queries import ComplaintCard, late_ones
from recoup.apps.contacts.queries import ContactCard, staff_contacts
from recoup.apps.people.permissions import Actor, require
from recoup.apps.people.queries import StaffCard, absent_on, collectors, staff_cards

ACTIVITIES = 60


@dataclass(frozen=True, kw_only=True)
class Column:
    """One collector, or the pool of cases that nobody has (``staff`` None)."""

    staff: StaffCard | None
    load: Load
    is_away: bool
    activities: int

    @property
    def fill_percent(self) -> int:
        """How full the desk is: open cases over capacity, 100 is full."""
        if self.staff is None or self.staff.case_capacity == 0:
            return 0
        return min(100 * self.load.open // self.staff.case_capacity, 100)


@dataclass(frozen=True, kw_only=True)
class Activity:
    """One contact that a collector of the board made today."""

    staff: StaffCard
    contact: ContactCard


@dataclass(frozen=True, kw_only=True)
class Board:
    """The team's day: exceptions first, then columns, then what is happening."""

    today: date
    columns: tuple[Column, ...]
    reviews: tuple[CaseCard, ...]
    hand_overs: tuple[HandOverCard, ...]
    breaches: tuple[Activity, ...]
    complaints: tuple[ComplaintCard, ...]
    broken: int
    due_today: int
    untouched: int
    activities: tuple[Activity, ...]
    chosen: str
    cases: CasePage


_NOTHING = Load(
    collector_id=None,
    open=0,
    now=0,
    worked=0,
    untouched=0,
    due_today=0,
    broken=0,
    reviews_overdue=0,
    overdue_base_minor=0,
)


def board(*, actor: Actor, at: datetime, chosen: str = "", page: int = 1) -> Board:
    """Yield the board of the teams within the actor's scope.

    ``chosen``: whose cases are listed, the key of a member of staff as text, or ``nobody`` for the
    pool; when it is empty, the pool if somebody waits there, else the desk that carries most.
    Errors: NotAllowed. A fixed number of queries.
    """
    require(actor, "assign", "cases")
    zone = ZoneInfo(settings.TIME_ZONE)
    today = at.astimezone(zone).date()
    carried = {one.collector_id: one for one in loads(actor=actor, at=at)}
    people = {
        one.staff_id: one for one in collectors(teams=None if actor.whole_bank else actor.teams)
    }
    others = {key for key in carried if key is not None and key not in people}
    people.update(staff_cards(others))
    begun = datetime.combine(today, time(), tzinfo=zone)
    made = staff_contacts(staff_ids=people, since=begun, until=begun + timedelta(days=1))
    acts = [
        Activity(staff=people[one.made_by_id], contact=one)
        for one in reversed(made)
        if one.made_by_id in people
    ]
    away = absent_on(staff_ids=people, on=today)
    columns = [
        Column(
            staff=staff,
            load=carried.get(key, _NOTHING),
            is_away=key in away,
            activities=sum(1 for act in acts if act.staff.staff_id == key),
        )
        for key, staff in sorted(people.items(), key=lambda one: one[1].staff_number)
    ]
    pool = Column(staff=None, load=carried.get(None, _NOTHING), is_away=False, activities=0)
    chosen = chosen or _worth_a_look(pool, columns)
    return Board(
        today=today,
        columns=(pool, *columns),
        reviews=overdue_reviews(actor=actor, today=today, limit=20),
        hand_overs=overdue_hand_overs(actor=actor, at=at),
        breaches=tuple(act for act in acts if act.contact.breaches),
        complaints=late_ones(actor, as_of=today),
        broken=sum(one.broken for one in carried.values()),
        due_today=sum(one.due_today for one in carried.values()),
        untouched=sum(one.untouched for one in carried.values()),
        activities=tuple(acts[:ACTIVITIES]),
        chosen=chosen,
        cases=cases_page(
            actor=actor, narrow=CaseFilter(whose=chosen, state="open"), page=page, today=today
        ),
    )


def _worth_a_look(pool: Column, columns: Sequence[Column]) -> str:
    laden = max(columns, key=lambda one: one.load.open, default=None)
    if pool.load.open or laden is None or laden.staff is None or not laden.load.open:
        return "nobody"
    return str(laden.staff.staff_id)
