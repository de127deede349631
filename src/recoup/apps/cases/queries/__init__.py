"""Reading of cases, days, timelines; to other rooms as frozen records."""

from recoup.apps.cases.queries.cards import (
    CaseCard,
    EntryCard,
    HandOverCard,
    MoveCard,
    ReviewCard,
    TaskCard,
    Timeline,
)
from recoup.apps.cases.queries.days import Load, MyDay, Strip, loads, my_day, strip
from recoup.apps.cases.queries.reading import (
    CaseFilter,
    CasePage,
    case_cards,
    case_of,
    cases_page,
    hand_overs_for,
    hand_overs_of,
    overdue_hand_overs,
    overdue_reviews,
    reviews_of,
    tasks_of,
)
from recoup.apps.cases.queries.timelines import timeline_of

__all__ = [
    "CaseCard",
    "CaseFilter",
    "CasePage",
    "EntryCard",
    "HandOverCard",
    "Load",
    "MoveCard",
    "MyDay",
    "ReviewCard",
    "Strip",
    "TaskCard",
    "Timeline",
    "case_cards",
    "case_of",
    "cases_page",
    "hand_overs_for",
    "hand_overs_of",
    "loads",
    "my_day",
    "overdue_hand_overs",
    "overdue_reviews",
    "reviews_of",
    "strip",
    "tasks_of",
    "timeline_of",
]
