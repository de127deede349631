"""Complaints of a quarter, counted for the regulator and for whoever learns from them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from recoup.apps.complaints.models import Complaint, ComplaintEntry
from recoup.apps.people.permissions import Actor, require
from recoup.kernel.refusal import Refused

FIRST_YEAR, LAST_YEAR = 2000, 2199


class BadQuarter(Refused):
    """What was asked for is no quarter."""

    def __init__(self, *, text: str) -> None:
        super().__init__(
            zh=f"“{text[:20]}”不是季度，请写成 2026Q4。",
            en=f"'{text[:20]}' is no quarter; write it as 2026Q4.",
        )


@dataclass(frozen=True, kw_only=True)
class Quarter:
    """Three months. ``until`` is the first day after them."""

    year: int
    place: int

    @property
    def name(self) -> str:
        """The quarter as people write it: 2026Q4."""
        return f"{self.year}Q{self.place}"

    @property
    def since(self) -> date:
        """Its first day."""
        return date(self.year, self.place * 3 - 2, 1)

    @property
    def until(self) -> date:
        """The first day after it."""
        return self.after.since

    @property
    def after(self) -> "Quarter":
        """The next quarter."""
        last = self.place == 4
        return Quarter(year=self.year + last, place=1 if last else self.place + 1)

    @property
    def before(self) -> "Quarter":
        """The quarter before."""
        first = self.place == 1
        return Quarter(year=self.year - first, place=4 if first else self.place - 1)


def quarter_of(on: date) -> Quarter:
    """Yield the quarter of a day.

    >>> quarter_of(date(2026, 11, 20)).name, quarter_of(date(2026, 11, 20)).until
    ('2026Q4', datetime.date(2027, 1, 1))
    """
    return Quarter(year=on.year, place=(on.month + 2) // 3)


def quarter_named(text: str) -> Quarter:
    """Yield the quarter that a text such as 2026Q4 names. Errors: BadQuarter."""
    year, _, place = text.strip().upper().partition("Q")
    if not (year.isascii() and year.isdigit() and place in ("1", "2", "3", "4")):
        raise BadQuarter(text=text)
    if not FIRST_YEAR <= int(year) <= LAST_YEAR:
        raise BadQuarter(text=text)
    return Quarter(year=int(year), place=int(place))


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One line of the figures: how many ``of`` a kind; ``per_mille`` of all received."""

    of: str
    count: int
    per_mille: int


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Complaints of a quarter.

    Shape: ``received`` in the quarter; ``answered`` in it, of these ``in_time``; ``open_at_end`` of
    all received until its end; ``days`` from the start of the clock to the answer, the median.
    """

    quarter: Quarter
    received: int
    answered: int
    in_time: int
    late: int
    open_at_end: int
    extended: int
    escalated: int
    median_days: int | None
    redress_minor: tuple[tuple[str, int], ...]
    categories: tuple[Figure, ...]
    sources: tuple[Figure, ...]
    findings: tuple[Figure, ...]
    causes: tuple[Figure, ...]
    redress: tuple[Figure, ...]
    agencies: tuple[Figure, ...]


def figures(actor: Actor, quarter: Quarter) -> Figures:
    """Yield the figures of a quarter, over the whole bank. Errors: NotAllowed. Four queries.

    They are of the house, not of one team's debtors: who may read compliance reads them.
    """
    require(actor, "view", "compliance")
    received = list(
        Complaint.objects.filter(
            received_on__gte=quarter.since, received_on__lt=quarter.until
        ).values("category", "source", "about_agency", "step")
    )
    answered = list(
        Complaint.objects.filter(
            answered_on__gte=quarter.since, answered_on__lt=quarter.until
        ).values(
            *("finding", "root_cause", "redress", "redress_minor", "redress_currency"),
            *("due_on", "answered_on", "starts_on"),
        )
    )
    still_open = Complaint.objects.filter(received_on__lt=quarter.until).exclude(
        answered_on__lt=quarter.until
    )
    late = sum(1 for row in answered if row["due_on"] and row["answered_on"] > row["due_on"])
    given: Counter[str] = Counter()
    for row in answered:
        if row["redress_minor"]:
            given[row["redress_currency"]] += row["redress_minor"]
    return Figures(
        quarter=quarter,
        received=len(received),
        answered=len(answered),
        in_time=len(answered) - late,
        late=late,
        open_at_end=still_open.count(),
        extended=ComplaintEntry.objects.filter(
            kind="extended",
            complaint__received_on__gte=quarter.since,
            complaint__received_on__lt=quarter.until,
        ).count(),
        escalated=sum(1 for row in received if row["step"]),
        median_days=_median((row["answered_on"] - row["starts_on"]).days for row in answered),
        redress_minor=tuple(sorted(given.items())),
        categories=_counted(row["category"] for row in received),
        sources=_counted(row["source"] for row in received),
        findings=_counted(row["finding"] for row in answered),
        causes=_counted(row["root_cause"] for row in answered),
        redress=_counted(row["redress"] for row in answered),
        agencies=_counted(row["about_agency"] for row in received),
    )


def _counted(values: Iterable[str]) -> tuple[Figure, ...]:
    counts = Counter(one for one in values if one)
    whole = sum(counts.values())
    return tuple(
        Figure(of=of, count=count, per_mille=count * 1000 // whole)
        for of, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    )


def _median(values: Iterable[int]) -> int | None:
    """Yield the middle one; of an even number the lower."""
    ordered = sorted(values)
    return ordered[(len(ordered) - 1) // 2] if ordered else None
