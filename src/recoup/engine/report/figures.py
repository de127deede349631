"""The figures of the morning page, drawn from one night's output.

Shape: a connection that knows the views ``decisions``, ``people``, ``worklist`` and ``rejects`` in,
one frozen record of counts and sums out. The statements lie in ``figures.sql``; each is one pass
with a small result, and what remains to be added up is added up here, in integers.
"""

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from importlib.resources import files
from typing import Any, Protocol

import pyarrow as pa

from recoup.kernel.calendar import add_months, day_number

MONTH_DAYS = 30
NEW = "new"
PAID_OFF = "paid_off"
CLASSES = ("normal", "special_mention", "substandard", "doubtful", "loss", "unknown")
SHOWN_PLACES = 300
#: A curve of a vintage is followed for five years on book at most.
MOST_MONTHS = 60
_NAMED = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


class Queryable(Protocol):
    """What the page needs of an engine: one statement in, one Arrow table out."""

    def query(self, sql: str, /) -> pa.Table: ...


@dataclass(frozen=True)
class Bucket:
    """A stage of arrears as the strategy names it, with the first day past due that is in it."""

    name: str
    from_dpd: int


@dataclass(frozen=True)
class Place:
    """What a product, a branch, a team or the whole book has outstanding and in arrears.

    Units: accounts are contracts; amounts minor units of the base currency; ``over_30`` means more
    than 30 days past due; ``_before`` is 30 days earlier.
    """

    name: str
    accounts: int
    without_rate: int
    exposure_minor: int
    overdue_accounts: int
    overdue_minor: int
    overdue_exposure_minor: int
    over_30_accounts: int
    over_30_exposure_minor: int
    over_60_accounts: int
    over_60_exposure_minor: int
    over_90_accounts: int
    over_90_exposure_minor: int
    npl_accounts: int
    npl_exposure_minor: int
    overdue_accounts_before: int
    over_30_accounts_before: int
    over_60_accounts_before: int
    over_90_accounts_before: int
    off_book_accounts: int
    off_book_overdue_minor: int
    unknown_accounts: int


@dataclass(frozen=True)
class Places:
    """The places of one kind, greatest arrears first, and how many more are in the rest."""

    rows: tuple[Place, ...]
    rest: Place | None
    rest_count: int


@dataclass(frozen=True)
class Move:
    """How many accounts went from one bucket 30 days ago to one bucket now."""

    before: str
    now: str
    accounts: int
    exposure_minor: int


@dataclass(frozen=True)
class Rates:
    """Where the accounts of one bucket of 30 days ago are now."""

    before: str
    accounts: int
    cured: int
    paid_off: int
    better: int
    same: int
    worse: int


@dataclass(frozen=True)
class Vintage:
    """The contracts of one quarter of start, followed month by month on book.

    Shape: cell m - 1 of a curve is how much had ever been more than 30 (90) days past due by the
    time each contract had been on the book for m months. A curve ends with the age that every
    contract of the quarter has reached, or with MOST_MONTHS.
    Units: ``months_on_book`` full months since the youngest contract's start; accounts are
    contracts, ``_minor`` their principal as lent, in minor units of the base currency.
    """

    year: int
    quarter: int
    months_on_book: int
    accounts: int
    paid_off_accounts: int
    without_rate: int
    principal_minor: int
    over_30_accounts: tuple[int, ...]
    over_30_minor: tuple[int, ...]
    over_90_accounts: tuple[int, ...]
    over_90_minor: tuple[int, ...]


@dataclass(frozen=True)
class Team:
    """One team's morning: lines on its list, people it could reach, lines it has room for."""

    name: str
    listed: int
    to_reach: int
    capacity: int | None
    by_treatment: Mapping[str, int]


@dataclass(frozen=True)
class Treatment:
    """One treatment over the whole book."""

    name: str
    accounts: int
    blocked_accounts: int
    listed: int
    overdue_minor: int


@dataclass(frozen=True)
class Arm:
    """One arm of an experiment."""

    experiment: str
    name: str
    accounts: int


@dataclass(frozen=True)
class Blocked:
    """One rule or hold that forbids contact, and what it holds back; accounts may have several."""

    id: str
    accounts: int
    overdue_accounts: int
    overdue_minor: int


@dataclass(frozen=True)
class AssetClass:
    """One class of the classification."""

    name: str
    accounts: int
    exposure_minor: int


@dataclass(frozen=True)
class Binding:
    """One rule that set a class, and for how many accounts it did."""

    id: str
    asset_class: str
    accounts: int
    exposure_minor: int


@dataclass(frozen=True)
class Unexamined:
    """One rule that could not be examined because a fact is missing."""

    id: str
    accounts: int


@dataclass(frozen=True)
class Currency:
    """What is on the book in one currency, in its own minor units."""

    code: str
    accounts: int
    without_rate: int
    overdue_accounts: int
    overdue_minor: int
    exposure_minor: int


@dataclass(frozen=True)
class Reject:
    """One kind of finding in one table of the book, with an example sentence."""

    table: str
    code: str
    severity: str
    column: str
    findings: int
    sentence_zh: str
    sentence_en: str


@dataclass(frozen=True)
class Figures:
    """Everything the morning page counts."""

    as_of: date
    before: date
    buckets: tuple[Bucket, ...]
    decided: int
    total: Place
    people_in_arrears: int
    products: Places
    branches: Places
    teams: Places
    moves: tuple[Move, ...]
    rates: tuple[Rates, ...]
    vintages: tuple[Vintage, ...]
    work: tuple[Team, ...]
    treatments: tuple[Treatment, ...]
    arms: tuple[Arm, ...]
    blocked_accounts: int
    blocked_overdue_accounts: int
    blocked_overdue_minor: int
    blocked: tuple[Blocked, ...]
    classes: tuple[AssetClass, ...]
    binding: tuple[Binding, ...]
    unexamined: tuple[Unexamined, ...]
    currencies: tuple[Currency, ...]
    rejects: tuple[Reject, ...]


def statements() -> dict[str, str]:
    """Yield the text of every named statement of ``figures.sql``."""
    text = (files("recoup.engine.report") / "figures.sql").read_text(encoding="utf-8")
    parts = _NAMED.split(text)[1:]
    return {
        name: body.strip().rstrip(";") for name, body in zip(parts[::2], parts[1::2], strict=True)
    }


def gather_figures(
    *,
    engine: Queryable,
    as_of: date,
    buckets: Sequence[Bucket],
    capacity: Mapping[str, int],
) -> Figures:
    """Yield the figures of one night.

    Shape: ``buckets`` as the strategy names them, the first being the one without arrears;
    ``capacity`` = worklist lines per team and day, a missing team having no limit.
    """
    ask = _Asker(engine, as_of=as_of, buckets=buckets)
    places = ask("places") + ask("arrears")
    total = _summed(places, name="")
    moves = ask("moves")
    held = ask("blocked")
    listed = ask("listed")
    decided_rows = ask("treatments")
    return Figures(
        as_of=as_of,
        before=ask.month_ago,
        buckets=tuple(buckets),
        decided=sum(row["accounts"] for row in decided_rows),
        total=total,
        people_in_arrears=ask("people_in_arrears")[0]["people"],
        products=_by(places, "product"),
        branches=_by(places, "branch"),
        teams=_by(places, "team"),
        moves=_moves(moves),
        rates=_rates(moves, [bucket.name for bucket in buckets]),
        vintages=_vintages(ask("vintages"), as_of),
        work=_work(listed, ask("people_to_reach"), capacity),
        treatments=_treatments(decided_rows, listed),
        arms=_arms(decided_rows),
        blocked_accounts=sum(row["accounts"] for row in held),
        blocked_overdue_accounts=sum(row["overdue_accounts"] for row in held),
        blocked_overdue_minor=sum(row["overdue_minor"] for row in held),
        blocked=_blocked(held),
        classes=_classes(ask("classes")),
        binding=_binding(ask("binding")),
        unexamined=_unexamined(ask("unexamined")),
        currencies=tuple(Currency(code=row.pop("currency"), **row) for row in ask("currencies")),
        rejects=tuple(_reject(row) for row in ask("rejects")),
    )


class _Asker:
    """Puts the named statements to the engine, with the strategy's buckets filled in."""

    def __init__(self, engine: Queryable, *, as_of: date, buckets: Sequence[Bucket]) -> None:
        self._engine = engine
        self._statements = statements()
        self.month_ago = as_of - timedelta(days=MONTH_DAYS)
        self._fill = {
            "{{ bucket_before }}": bucket_sql(column="dpd_prev", buckets=buckets),
            "{{ month_ago }}": f"DATE '{self.month_ago.isoformat()}'",
            "{{ as_of }}": f"DATE '{as_of.isoformat()}'",
        }

    def __call__(self, name: str) -> list[dict[str, Any]]:
        sql = self._statements[name]
        for mark, text in self._fill.items():
            sql = sql.replace(mark, text)
        rows: list[dict[str, Any]] = self._engine.query(sql).to_pylist()
        return rows


def bucket_sql(*, column: str, buckets: Sequence[Bucket]) -> str:
    """Yield the SQL expression that names the bucket of a column of days past due.

    Example:
        >>> bucket_sql(column="dpd", buckets=[Bucket("C", 0), Bucket("M1", 1)])
        "CASE WHEN dpd >= 1 THEN 'M1' WHEN dpd >= 0 THEN 'C' END"
    """
    falling = sorted(buckets, key=lambda bucket: bucket.from_dpd, reverse=True)
    whens = (
        "WHEN {} >= {} THEN '{}'".format(column, bucket.from_dpd, bucket.name.replace("'", "''"))
        for bucket in falling
    )
    return f"CASE {' '.join(whens)} END"


def _summed(rows: Iterable[Mapping[str, Any]], *, name: str) -> Place:
    sums: Counter[str] = Counter()
    for row in rows:
        for field in fields(Place)[1:]:
            sums[field.name] += row.get(field.name, 0)
    return Place(name=name, **{field.name: sums[field.name] for field in fields(Place)[1:]})


def _by(rows: Iterable[Mapping[str, Any]], key: str) -> Places:
    """Sort rows into places by one key; a long list keeps its greatest and sums the rest."""
    groups: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row[key] or ""].append(row)
    every = [_summed(group, name=name) for name, group in groups.items()]
    places = [place for place in every if place.accounts or place.overdue_accounts_before]
    places.sort(key=lambda place: (-place.overdue_minor, place.name))
    kept, rest = places[:SHOWN_PLACES], places[SHOWN_PLACES:]
    rest_rows = [row for place in rest for row in groups[place.name]]
    return Places(
        rows=tuple(kept),
        rest=_summed(rest_rows, name="") if rest else None,
        rest_count=len(rest),
    )


def _moves(rows: Iterable[Mapping[str, Any]]) -> tuple[Move, ...]:
    return tuple(
        Move(
            before=row["before"],
            now=row["now"],
            accounts=row["accounts"],
            exposure_minor=row["exposure_minor"],
        )
        for row in rows
    )


def _rates(rows: Sequence[Mapping[str, Any]], order: Sequence[str]) -> tuple[Rates, ...]:
    """For each bucket of 30 days ago, share out its accounts by where they are now."""
    found = []
    for rank, before in enumerate(order):
        fates: Counter[str] = Counter()
        for row in rows:
            if row["before"] == before:
                fates[_fate(row["now"], rank, order)] += row["accounts"]
        found.append(
            Rates(
                before=before,
                accounts=fates.total(),
                **{name: fates[name] for name in ("cured", "paid_off", "better", "same", "worse")},
            )
        )
    return tuple(found)


def _fate(now: str, rank: int, order: Sequence[str]) -> str:
    if now == PAID_OFF:
        return "paid_off"
    now_rank = order.index(now)
    if now_rank == rank:
        return "same"
    if now_rank > rank:
        return "worse"
    return "cured" if now_rank == 0 else "better"


def _vintages(rows: Iterable[Mapping[str, Any]], as_of: date) -> tuple[Vintage, ...]:
    quarters: defaultdict[tuple[int, int], list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        quarters[row["start_year"], row["start_quarter"]].append(row)
    return tuple(
        _vintage(year=year, quarter=quarter, rows=own, as_of=as_of)
        for (year, quarter), own in sorted(quarters.items())
    )


def _vintage(*, year: int, quarter: int, rows: Sequence[Mapping[str, Any]], as_of: date) -> Vintage:
    age = full_months(since=max(row["latest_start_on"] for row in rows), until=as_of)
    names = ("accounts", "paid_off_accounts", "without_rate", "principal_minor")
    whole = {name: sum(row[name] for row in rows) for name in names}
    over_30, over_90 = "over_30_month", "over_90_month"
    return Vintage(
        year=year,
        quarter=quarter,
        months_on_book=age,
        over_30_accounts=_curve(rows, over_30, "accounts", age),
        over_30_minor=_curve(rows, over_30, "principal_minor", age),
        over_90_accounts=_curve(rows, over_90, "accounts", age),
        over_90_minor=_curve(rows, over_90, "principal_minor", age),
        **whole,
    )


def _curve(rows: Iterable[Mapping[str, Any]], month: str, column: str, age: int) -> tuple[int, ...]:
    """Add up a column by the month in which rows entered; cell m - 1 holds all up to month m."""
    entered: Counter[int] = Counter()
    for row in rows:
        if row[month] is not None:
            entered[row[month]] += row[column]
    return tuple(itertools.accumulate(entered[m] for m in range(1, min(age, MOST_MONTHS) + 1)))


def full_months(*, since: date, until: date) -> int:
    """Yield how many whole months have passed; from a month's end to a shorter one's end is one.

    Example:
        >>> full_months(since=date(2026, 1, 31), until=date(2026, 2, 28))
        1
        >>> full_months(since=date(2026, 1, 31), until=date(2026, 3, 30))
        1
    """
    months = (until.year - since.year) * 12 + until.month - since.month
    if add_months(day_number(since), months) > day_number(until):
        months -= 1
    return max(0, months)


def _work(
    listed: Iterable[Mapping[str, Any]],
    to_reach: Iterable[Mapping[str, Any]],
    capacity: Mapping[str, int],
) -> tuple[Team, ...]:
    lists: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for row in listed:
        lists[row["team"] or ""][row["treatment"]] = row["people"]
    reach = {row["team"] or "": row["people"] for row in to_reach}
    teams = [
        Team(
            name=team,
            listed=sum(lists[team].values()),
            to_reach=max(reach.get(team, 0), sum(lists[team].values())),
            capacity=capacity.get(team),
            by_treatment=dict(lists[team]),
        )
        for team in {*lists, *reach}
    ]
    return tuple(sorted(teams, key=lambda team: (-team.to_reach, team.name)))


def _treatments(
    rows: Iterable[Mapping[str, Any]], listed: Iterable[Mapping[str, Any]]
) -> tuple[Treatment, ...]:
    names = ("accounts", "blocked_accounts", "overdue_minor")
    sums: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        sums[row["treatment"] or ""].update({name: row[name] for name in names})
    lines: Counter[str] = Counter()
    for row in listed:
        lines[row["treatment"] or ""] += row["people"]
    found = [
        Treatment(name=name, listed=lines[name], **{n: counted[n] for n in names})
        for name, counted in sums.items()
    ]
    return tuple(sorted(found, key=lambda treatment: (-treatment.accounts, treatment.name)))


def _arms(rows: Iterable[Mapping[str, Any]]) -> tuple[Arm, ...]:
    counts: Counter[tuple[str, str]] = Counter()
    for row in rows:
        if row["arm"]:
            counts[row["experiment"], row["arm"]] += row["accounts"]
    return tuple(
        Arm(experiment=experiment, name=name, accounts=count)
        for (experiment, name), count in sorted(counts.items())
    )


def _blocked(rows: Iterable[Mapping[str, Any]]) -> tuple[Blocked, ...]:
    names = ("accounts", "overdue_accounts", "overdue_minor")
    sums: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        for rule in set(row["blocked_by"]):
            sums[rule].update({name: row[name] for name in names})
    found = [Blocked(id=rule, **{n: counted[n] for n in names}) for rule, counted in sums.items()]
    return tuple(sorted(found, key=lambda blocked: (-blocked.accounts, blocked.id)))


def _classes(rows: Iterable[Mapping[str, Any]]) -> tuple[AssetClass, ...]:
    found = {row["asset_class"]: row for row in rows}
    nought = {"accounts": 0, "exposure_minor": 0}
    held = {name: found.get(name, nought) for name in CLASSES}
    return tuple(
        AssetClass(name=name, accounts=row["accounts"], exposure_minor=row["exposure_minor"])
        for name, row in held.items()
    )


def _binding(rows: Iterable[Mapping[str, Any]]) -> tuple[Binding, ...]:
    sums: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in rows:
        for rule in set(row["asset_class_rules"]):
            sums[row["asset_class"], rule].update(
                accounts=row["accounts"], exposure_minor=row["exposure_minor"]
            )
    found = [
        Binding(
            id=rule,
            asset_class=name,
            accounts=counted["accounts"],
            exposure_minor=counted["exposure_minor"],
        )
        for (name, rule), counted in sums.items()
    ]
    found.sort(key=lambda row: (-CLASSES.index(row.asset_class), -row.accounts, row.id))
    return tuple(found)


def _unexamined(rows: Iterable[Mapping[str, Any]]) -> tuple[Unexamined, ...]:
    counts: Counter[str] = Counter()
    for row in rows:
        for rule in set(row["asset_class_unexamined"]):
            counts[rule] += row["accounts"]
    found = [Unexamined(id=rule, accounts=count) for rule, count in counts.items()]
    return tuple(sorted(found, key=lambda row: (-row.accounts, row.id)))


def _reject(row: Mapping[str, Any]) -> Reject:
    return Reject(
        table=row["table"] or "",
        code=row["code"] or "",
        severity=row["severity"] or "",
        column=row["column"] or "",
        findings=row["findings"],
        sentence_zh=row["sentence_zh"] or "",
        sentence_en=row["sentence_en"] or "",
    )
