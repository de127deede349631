"""The manager's dashboard: one slice of the book, as it stands now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from recoup.apps.analytics.models import NightFigures
from recoup.apps.analytics.rates import (
    Recovery,
    Roll,
    Step,
    cure_bp,
    funnel,
    recovery,
    rolls,
    worked,
)
from recoup.apps.arrangements.queries import promises_made
from recoup.apps.cases.queries.days import Cycle, collection_cycle
from recoup.apps.contacts.queries import reached_since
from recoup.apps.people.permissions import Actor, require
from recoup.apps.people.queries import StaffCard, staff_cards
from recoup.apps.portfolio.queries import current_publication
from recoup.apps.portfolio.queries.figures import (
    BookFigures,
    BucketMove,
    LateContract,
    Slice,
    TreatmentCount,
    blocked_counts,
    book_figures,
    bucket_moves,
    late_contracts,
    persons_in_arrears,
    treatment_counts,
)
from recoup.kernel.fair_comparison import Compared, compare
from recoup.web.house import pack, strategy

PERIOD_DAYS = 30
CYCLE_DAYS = 90
TREND_NIGHTS = 90


@dataclass(frozen=True, kw_only=True)
class CollectorFigures:
    """One collector beside what the house would have made of the same list."""

    staff: StaffCard | None
    compared: Compared


@dataclass(frozen=True, kw_only=True)
class TrendPoint:
    """One night's headline. Minor units of the base currency."""

    as_of: date
    overdue_minor: int
    over_90_exposure_minor: int
    exposure_minor: int


@dataclass(frozen=True, kw_only=True)
class Dashboard:
    """Everything on the manager's screen for one slice, on one business date."""

    as_of: date
    currency: str
    narrow: Slice
    by: str
    buckets: tuple[str, ...]
    totals: BookFigures
    persons_in_arrears: int
    places: tuple[BookFigures, ...]
    moves: tuple[BucketMove, ...]
    rolls: tuple[Roll, ...]
    cure_bp: int | None
    recovery: Recovery
    cycle: Cycle
    funnel: tuple[Step, ...]
    treatments: tuple[TreatmentCount, ...]
    blocked: Mapping[str, int]
    collectors: tuple[CollectorFigures, ...]
    vintages: tuple[Mapping[str, Any], ...]
    trend: tuple[TrendPoint, ...]


def dashboard(*, actor: Actor, narrow: Slice, by: str = "product") -> Dashboard | None:
    """Yield the dashboard of a slice within the actor's scope; None before the first night.

    Errors: NotAllowed. A fixed number of queries, whatever the size of the book.
    """
    require(actor, "view", "analytics")
    publication = current_publication()
    if publication is None:
        return None
    as_of, currency = publication.as_of, pack().base_currency
    buckets = [(bucket.name, bucket.from_dpd) for bucket in strategy().buckets]
    order = [name for name, _ in buckets]
    moves = bucket_moves(actor=actor, narrow=narrow, buckets=buckets)
    found = rolls(moves, order)
    late = late_contracts(actor=actor, narrow=narrow, as_of=as_of, currency=currency)
    whole = actor.whole_bank and narrow == Slice()
    return Dashboard(
        as_of=as_of,
        currency=currency,
        narrow=narrow,
        by=by,
        buckets=tuple(order),
        totals=book_figures(actor=actor, narrow=narrow)[0],
        persons_in_arrears=persons_in_arrears(actor=actor, narrow=narrow),
        places=book_figures(actor=actor, narrow=narrow, by=by),
        moves=moves,
        rolls=found,
        cure_bp=cure_bp(found, order),
        recovery=recovery(late),
        cycle=collection_cycle(
            actor=actor,
            since=as_of - timedelta(days=CYCLE_DAYS),
            until=as_of + timedelta(days=1),
            collector_id=narrow.collector_id,
        ),
        funnel=_funnel(late, as_of),
        treatments=treatment_counts(actor=actor, narrow=narrow),
        blocked=blocked_counts(actor=actor, narrow=narrow),
        collectors=_collectors(late, buckets),
        vintages=_vintages(as_of) if whole else (),
        trend=_trend() if whole else (),
    )


def _funnel(late: tuple[LateContract, ...], as_of: date) -> tuple[Step, ...]:
    zone = ZoneInfo(settings.TIME_ZONE)
    first = as_of - timedelta(days=PERIOD_DAYS - 1)
    until = as_of + timedelta(days=1)
    tried = reached_since(
        since=datetime.combine(first, time(), tzinfo=zone),
        until=datetime.combine(until, time(), tzinfo=zone),
    )
    return funnel(
        late={one.debtor_id for one in late},
        tried={one.debtor_id for one in tried},
        reached={one.debtor_id for one in tried if one.is_rpc},
        promised={one.debtor_id for one in promises_made(since=first, until=until)},
        paid={one.debtor_id for one in late if one.collected_minor > 0},
    )


def _collectors(
    late: tuple[LateContract, ...], buckets: list[tuple[str, int]]
) -> tuple[CollectorFigures, ...]:
    names = {first: name for name, first in buckets}
    compared = compare(worked(late, names, sorted(names)))
    staff = staff_cards(one.collector for one in compared)
    listed = [CollectorFigures(staff=staff.get(one.collector), compared=one) for one in compared]
    return tuple(
        sorted(listed, key=lambda one: (-(one.compared.index_ppm or 0), one.compared.collector))
    )


def _vintages(as_of: date) -> tuple[Mapping[str, Any], ...]:
    kept = NightFigures.objects.filter(as_of=as_of).first()
    return tuple(kept.figures["vintages"]) if kept else ()


def _trend() -> tuple[TrendPoint, ...]:
    kept = NightFigures.objects.order_by("-as_of")[:TREND_NIGHTS]
    points = [
        TrendPoint(
            as_of=one.as_of,
            overdue_minor=one.figures["total"]["overdue_minor"],
            over_90_exposure_minor=one.figures["total"]["over_90_exposure_minor"],
            exposure_minor=one.figures["total"]["exposure_minor"],
        )
        for one in kept
    ]
    return tuple(reversed(points))
