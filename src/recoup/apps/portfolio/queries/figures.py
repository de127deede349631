"""Figures over many contracts, as they stand now: the night's, with the day's re-decisions in them.

On the book: an active contract that still owes something. ``over_30`` is more than 30 days past
due; ``_before`` is 30 days earlier. Amounts are minor units of the base currency; a contract
without a known rate adds nothing to them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Case, Count, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from recoup.apps.people.permissions import Actor, ScopeColumns, in_scope
from recoup.apps.portfolio.models import BookReceipt, Contract, Debtor

NON_PERFORMING = ("substandard", "doubtful", "loss")
MONTH_DAYS = 30
#: Dimensions that figures may be told by, with the column that holds them.
DIMENSIONS = {"product": "product", "branch": "branch", "team": "team"}
_COLUMNS = ScopeColumns(collector="debtor__collector_id", products="debtor__products")


@dataclass(frozen=True, kw_only=True)
class Slice:
    """What figures are narrowed to; empty narrows nothing."""

    product: str = ""
    branch: str = ""
    team: str = ""
    collector_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class BookFigures:
    """What a slice of the book has outstanding and in arrears; ``place`` names it, or is empty."""

    place: str
    accounts: int
    exposure_minor: int
    overdue_accounts: int
    overdue_minor: int
    over_30_accounts: int
    over_30_exposure_minor: int
    over_60_accounts: int
    over_60_exposure_minor: int
    over_90_accounts: int
    over_90_exposure_minor: int
    npl_accounts: int
    npl_exposure_minor: int
    overdue_accounts_before: int
    over_90_accounts_before: int


@dataclass(frozen=True, kw_only=True)
class BucketMove:
    """How many contracts went from one bucket 30 days ago to one bucket now."""

    before: str
    now: str
    accounts: int
    exposure_minor: int


@dataclass(frozen=True, kw_only=True)
class LateContract:
    """A contract that was late 30 days ago: what it still owes overdue, what came in since."""

    contract_id: str
    debtor_id: str
    collector_id: int | None
    product: str
    security: str
    dpd_before: int
    dpd: int | None
    overdue_minor: int
    collected_minor: int


@dataclass(frozen=True, kw_only=True)
class TreatmentCount:
    """Persons of one treatment, and how many of them may not be contacted now."""

    treatment: str
    persons: int
    blocked: int
    overdue_minor: int


def _contracts(actor: Actor, narrow: Slice) -> "QuerySet[Contract]":
    rows = Contract.objects.filter(in_scope(actor, _COLUMNS), gone_on=None)
    for column in ("product", "branch", "team"):
        if getattr(narrow, column):
            rows = rows.filter(**{column: getattr(narrow, column)})
    if narrow.collector_id is not None:
        rows = rows.filter(debtor__collector_id=narrow.collector_id)
    return rows


def book_figures(*, actor: Actor, narrow: Slice, by: str = "") -> tuple[BookFigures, ...]:
    """Yield the figures of a slice in one row, or a row per value of a dimension. One query."""
    on_book = Q(status="active", exposure_minor__gt=0)
    rows = _contracts(actor, narrow).filter(on_book)
    counts: dict[str, Count | Coalesce] = {
        "accounts": Count("pk"),
        "exposure_minor": _sum("exposure_base_minor", Q()),
        "overdue_accounts": Count("pk", filter=Q(dpd__gt=0)),
        "overdue_minor": _sum("overdue_base_minor", Q(dpd__gt=0)),
        "npl_accounts": Count("pk", filter=Q(asset_class__in=NON_PERFORMING)),
        "npl_exposure_minor": _sum("exposure_base_minor", Q(asset_class__in=NON_PERFORMING)),
        "overdue_accounts_before": Count("pk", filter=Q(dpd_prev__gt=0)),
        "over_90_accounts_before": Count("pk", filter=Q(dpd_prev__gt=90)),
    }
    for days in (30, 60, 90):
        counts[f"over_{days}_accounts"] = Count("pk", filter=Q(dpd__gt=days))
        counts[f"over_{days}_exposure_minor"] = _sum("exposure_base_minor", Q(dpd__gt=days))
    if not by:
        return (BookFigures(place="", **rows.aggregate(**counts)),)
    column = DIMENSIONS[by]
    found = rows.values(column).annotate(**counts).order_by(F("overdue_minor").desc(), column)
    return tuple(BookFigures(place=row.pop(column), **row) for row in found)


def _sum(column: str, condition: Q) -> Coalesce:
    return Coalesce(Sum(column, filter=condition), Value(0))


def bucket_moves(
    *, actor: Actor, narrow: Slice, buckets: Sequence[tuple[str, int]]
) -> tuple[BucketMove, ...]:
    """Yield the moves between buckets since 30 days ago. One query.

    ``buckets``: (name, first day past due in it), in rising order. Contracts that owe nothing and
    were not late are left out; those paid off since say ``paid_off``.
    """
    whens = [When(dpd_prev__gte=first, then=Value(name)) for name, first in reversed(buckets)]
    rows = (
        _contracts(actor, narrow)
        .exclude(status__in=("written_off", "transferred"))
        .filter(Q(exposure_minor__gt=0) | Q(dpd_prev__gt=0), dpd__isnull=False)
        .annotate(
            before=Case(*whens, default=Value(buckets[0][0])),
            now=Case(When(exposure_minor=0, then=Value("paid_off")), default=F("bucket")),
        )
        .values("before", "now")
        .annotate(accounts=Count("pk"), exposure=_sum("exposure_base_minor", Q()))
        .order_by("before", "now")
    )
    return tuple(
        BucketMove(
            before=row["before"],
            now=row["now"],
            accounts=row["accounts"],
            exposure_minor=row["exposure"],
        )
        for row in rows
    )


def late_contracts(
    *, actor: Actor, narrow: Slice, as_of: date, currency: str
) -> tuple[LateContract, ...]:
    """Yield the contracts that were late 30 days ago, with what the book received since.

    Of one currency: money that came in is not converted. Two queries.
    """
    rows = (
        _contracts(actor, narrow)
        .filter(currency=currency, dpd_prev__gt=0)
        .exclude(status="transferred")
    )
    receipts = (
        BookReceipt.objects.filter(
            contract__in=rows,
            paid_on__gt=as_of - timedelta(days=MONTH_DAYS),
            paid_on__lte=as_of,
            is_waiver=False,
            is_reversed=False,
        )
        .values("contract_id")
        .annotate(collected=Sum("amount_minor"))
    )
    collected = {row["contract_id"]: row["collected"] for row in receipts}
    found = rows.order_by("pk").values_list(
        *("pk", "debtor_id", "debtor__collector_id", "product", "security", "dpd_prev", "dpd"),
        "overdue_base_minor",
    )
    return tuple(
        LateContract(
            contract_id=pk,
            debtor_id=debtor_id,
            collector_id=collector,
            product=product,
            security=security,
            dpd_before=before,
            dpd=dpd,
            overdue_minor=overdue or 0,
            collected_minor=collected.get(pk, 0),
        )
        for pk, debtor_id, collector, product, security, before, dpd, overdue in found
    )


def treatment_counts(*, actor: Actor, narrow: Slice) -> tuple[TreatmentCount, ...]:
    """Yield how many persons each treatment has, most first. One query."""
    rows = _debtors(actor, narrow).exclude(treatment="").values("treatment")
    found = rows.annotate(
        persons=Count("pk"),
        blocked=Count("pk", filter=~Q(blocked_by=[])),
        overdue=_sum("overdue_base_minor", Q()),
    ).order_by("-persons", "treatment")
    return tuple(
        TreatmentCount(
            treatment=row["treatment"],
            persons=row["persons"],
            blocked=row["blocked"],
            overdue_minor=row["overdue"],
        )
        for row in found
    )


def blocked_counts(*, actor: Actor, narrow: Slice) -> dict[str, int]:
    """Yield how many overdue persons each rule or hold keeps from being contacted. One query.

    A person held by two rules counts under both.
    """
    rows = _debtors(actor, narrow).filter(worst_dpd__gt=0).exclude(blocked_by=[])
    counted: dict[str, int] = {}
    for rules in rows.values_list("blocked_by", flat=True).iterator(chunk_size=5000):
        for rule in rules:
            counted[rule] = counted.get(rule, 0) + 1
    return dict(sorted(counted.items(), key=lambda one: (-one[1], one[0])))


def persons_in_arrears(*, actor: Actor, narrow: Slice) -> int:
    """Yield how many persons owe something overdue. One query."""
    return _debtors(actor, narrow).filter(worst_dpd__gt=0).count()


def _debtors(actor: Actor, narrow: Slice) -> "QuerySet[Debtor]":
    rows = Debtor.objects.filter(in_scope(actor), gone_on=None)
    for column in ("branch", "team"):
        if getattr(narrow, column):
            rows = rows.filter(**{column: getattr(narrow, column)})
    if narrow.product:
        rows = rows.filter(products__contains=f"|{narrow.product}|")
    if narrow.collector_id is not None:
        rows = rows.filter(collector_id=narrow.collector_id)
    return rows
