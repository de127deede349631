"""Counts contacts and the gate's answers of a period for the regulator, as known at an instant.

Every figure is counted from the records themselves; what was recorded, withdrawn or told by a
provider after that instant is left out, so that the same question always has the same answer.
"""

from collections import Counter
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, ExtractHour

from recoup.apps.contacts.models import Contact, DeliveryReceipt, GateDecision, Message
from recoup.events.evidence import Figure, FigureTable, Period
from recoup.kernel.explain import Words

_OF_THE_DESK = Q(book_contact_id=None) | Q(book_contact_id__startswith="desk-")


def contact_figures(period: Period) -> tuple[FigureTable, ...]:
    """Yield what was asked and made, by channel and outcome, by hour, and refusals by rule."""
    made = _made(period)
    return (_summary(made, period), _by_outcome(made, period), _by_hour(made), _refusals(period))


def _made(period: Period) -> QuerySet[Contact]:
    withdrawn = Q(withdrawn_at=None) | Q(withdrawn_at__gte=period.known)
    return Contact.objects.filter(
        withdrawn,
        at__gte=period.since,
        at__lt=period.until,
        recorded_at__lt=period.known,
        direction=Contact.Direction.OUT,
    ).order_by()


def _decisions(period: Period) -> QuerySet[GateDecision]:
    until = min(period.until, period.known)
    return GateDecision.objects.filter(at__gte=period.since, at__lt=until)


def _summary(made: QuerySet[Contact], period: Period) -> FigureTable:
    asked, permitted = _decisions(period).count(), _decisions(period).filter(permitted=True).count()
    desk = made.filter(_OF_THE_DESK)
    counts = {
        "asked": asked,
        "permitted": permitted,
        "refused": asked - permitted,
        "contacts": made.count(),
        "against_rules": desk.exclude(breaches=[]).count(),
        "without_permit": desk.filter(decision=None).count(),
    }
    return FigureTable(
        name="summary",
        title=Words(zh="概览", en="At a glance"),
        columns=(Words(zh="项目", en="Figure"),),
        kinds=("contact_figure",),
        figures=tuple(Figure(of=(name,), count=count) for name, count in counts.items()),
    )


def _by_outcome(made: QuerySet[Contact], period: Period) -> FigureTable:
    """A message's outcome is what its receipts had told by then."""
    told = DeliveryReceipt.objects.filter(
        message__contact=OuterRef("pk"), recorded_at__lt=period.known
    )
    last = told.order_by("-recorded_at", "-pk").values("outcome")[:1]
    written = made.annotate(is_message=Exists(Message.objects.filter(contact=OuterRef("pk"))))
    counts: Counter[tuple[str, str]] = Counter()
    plain = written.filter(is_message=False).values("channel", said=F("outcome"))
    arrived = Exists(told.filter(outcome="delivered"))
    sent = written.filter(is_message=True).annotate(arrived=arrived)
    for rows in (
        plain,
        sent.filter(arrived=True).values("channel", said=Value("delivered")),
        sent.filter(arrived=False).values("channel", said=Coalesce(Subquery(last), Value(""))),
    ):
        for row in rows.annotate(many=Count("pk")):
            counts[(row["channel"], row["said"])] += row["many"]
    return FigureTable(
        name="contacts",
        title=Words(zh="按渠道与结果", en="Contacts by channel and outcome"),
        columns=(Words(zh="渠道", en="Channel"), Words(zh="结果", en="Outcome")),
        kinds=("channel", "outcome"),
        figures=tuple(Figure(of=of, count=count) for of, count in sorted(counts.items())),
    )


def _by_hour(made: QuerySet[Contact]) -> FigureTable:
    hour = ExtractHour("at", tzinfo=ZoneInfo(settings.TIME_ZONE))
    rows = made.annotate(hour=hour).values("hour").annotate(many=Count("pk"))
    counts = {row["hour"]: row["many"] for row in rows}
    return FigureTable(
        name="contacts_in_hour",
        title=Words(zh="按一天中的时刻", en="Contacts by hour of the day"),
        columns=(Words(zh="时刻", en="Hour"),),
        kinds=("",),
        figures=tuple(
            Figure(of=(f"{number:02d}:00",), count=counts[number]) for number in sorted(counts)
        ),
    )


def _refusals(period: Period) -> FigureTable:
    counts: Counter[str] = Counter()
    refused = _decisions(period).filter(permitted=False).values_list("reasons", flat=True)
    for reasons in refused.iterator():
        counts.update({str(one["rule"]) for one in reasons})
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return FigureTable(
        name="refusals",
        title=Words(zh="拒绝次数（按规则）", en="Refusals by rule"),
        columns=(Words(zh="规则", en="Rule"),),
        kinds=("",),
        figures=tuple(Figure(of=(rule,), count=count) for rule, count in ordered),
    )
