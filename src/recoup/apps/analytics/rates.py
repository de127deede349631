"""Rates drawn from figures, in basis points; nothing here asks the records anything."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from recoup.apps.portfolio.queries.figures import BucketMove, LateContract
from recoup.kernel.fair_comparison import WorkedPerson

BASIS_POINTS = 10_000
PAID_OFF = "paid_off"


def share_bp(part: int, whole: int) -> int | None:
    """Yield a share in basis points, rounded down; None of nothing.

    >>> share_bp(1, 3), share_bp(1, 0)
    (3333, None)
    """
    return part * BASIS_POINTS // whole if whole > 0 else None


@dataclass(frozen=True, kw_only=True)
class Roll:
    """Where the contracts of one bucket of 30 days ago are now, in counts and basis points."""

    before: str
    accounts: int
    cured: int
    better: int
    same: int
    worse: int

    @property
    def cured_bp(self) -> int | None:
        """Share that owes nothing overdue any more."""
        return share_bp(self.cured, self.accounts)

    @property
    def better_bp(self) -> int | None:
        """Share in an earlier bucket."""
        return share_bp(self.better, self.accounts)

    @property
    def same_bp(self) -> int | None:
        """Share in the same bucket."""
        return share_bp(self.same, self.accounts)

    @property
    def worse_bp(self) -> int | None:
        """Share in a later bucket: the roll rate."""
        return share_bp(self.worse, self.accounts)


def rolls(moves: Iterable[BucketMove], order: Sequence[str]) -> tuple[Roll, ...]:
    """Yield the roll of every bucket that anything was in 30 days ago, in rising order."""
    rank = {name: place for place, name in enumerate(order)}
    counted: dict[str, dict[str, int]] = {}
    for move in moves:
        own = counted.setdefault(move.before, {"cured": 0, "better": 0, "same": 0, "worse": 0})
        before, now = rank.get(move.before, 0), rank.get(move.now, 0)
        if now == before and move.now != PAID_OFF:
            own["same"] += move.accounts
        elif move.now == PAID_OFF or now == 0:
            own["cured"] += move.accounts
        else:
            own["better" if now < before else "worse"] += move.accounts
    return tuple(
        Roll(before=name, accounts=sum(counted[name].values()), **counted[name])
        for name in order
        if name in counted
    )


def cure_bp(found: Iterable[Roll], order: Sequence[str]) -> int | None:
    """Yield the share of contracts late 30 days ago that owe nothing overdue now."""
    late = [roll for roll in found if roll.before != order[0]]
    return share_bp(sum(roll.cured for roll in late), sum(roll.accounts for roll in late))


@dataclass(frozen=True, kw_only=True)
class Recovery:
    """What came in of what was late: collected, and collected plus what is still overdue."""

    collected_minor: int
    due_minor: int

    @property
    def rate_bp(self) -> int | None:
        """Share of it that came in."""
        return share_bp(self.collected_minor, self.due_minor)


def recovery(late: Iterable[LateContract]) -> Recovery:
    """Yield the recovery over contracts that were late 30 days ago."""
    collected = still = 0
    for one in late:
        collected += one.collected_minor
        still += one.overdue_minor
    return Recovery(collected_minor=collected, due_minor=collected + still)


def worked(
    late: Iterable[LateContract], bucket_of: Mapping[int, str] | None, first_days: Sequence[int]
) -> tuple[WorkedPerson, ...]:
    """Yield late contracts as the fair comparison takes them; those of nobody's list are left out.

    Difficulty is told apart by bucket 30 days ago, product and security.
    """
    names = bucket_of or {first: str(first) for first in first_days}

    def bucket(dpd: int) -> str:
        return names[max(first for first in first_days if first <= dpd)]

    return tuple(
        WorkedPerson(
            collector=one.collector_id,
            stratum=f"{bucket(one.dpd_before)}|{one.product}|{one.security}",
            overdue_minor=one.overdue_minor + one.collected_minor,
            collected_minor=one.collected_minor,
        )
        for one in late
        if one.collector_id is not None and one.overdue_minor + one.collected_minor > 0
    )


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of the funnel: persons who came so far."""

    code: str
    persons: int


def funnel(
    *, late: set[str], tried: set[str], reached: set[str], promised: set[str], paid: set[str]
) -> tuple[Step, ...]:
    """Yield how many persons came from being late to being tried, reached, promising, paying.

    Each step counts those of the step before only, so that a payment by somebody who was never
    called is not called a success of the call.
    """
    steps, left = [Step(code="late", persons=len(late))], late
    for code, those in (("tried", tried), ("reached", reached), ("promised", promised)):
        left = left & those
        steps.append(Step(code=code, persons=len(left)))
    steps.append(Step(code="paid", persons=len(left & paid)))
    return tuple(steps)
