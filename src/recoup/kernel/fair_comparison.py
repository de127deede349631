"""Compares collectors over lists of different difficulty.

A list of fresh card arrears is easier than one of old business loans. So each person on a list is
put into a stratum (bucket, product, security: whatever the caller names), the house's recovery
in that stratum is what anybody would have collected there, and a collector is held against the sum
of it. The index is collected over expected, in parts per million: 1,000,000 is as the house does.

Chance is shown, not hidden: ``low_ppm`` and ``high_ppm`` span about nineteen in twenty of the
results that the same list would have brought an average collector, and lists too small to say
anything have no index at all. The collector's own persons are left out of the rates held against
the list, so that nobody with a large list is compared mainly with their own work.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isqrt

PPM = 1_000_000
#: A list of fewer persons is told as it is, without an index.
FEWEST_PERSONS = 20
#: Standard deviations of the band, in hundredths: about 95 % of what chance does.
BAND_HUNDREDTHS = 196


@dataclass(frozen=True, kw_only=True)
class WorkedPerson:
    """One person on one list: whose list, how hard, what was overdue, what came in.

    Units: minor units of one currency; ``collected_minor`` is never more than was overdue.
    """

    collector: int
    stratum: str
    overdue_minor: int
    collected_minor: int


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One collector's list beside what the house would have made of it.

    Units: minor units; ``*_ppm`` parts per million of the expected amount. None where the list is
    too small, or where nobody else works such persons.
    """

    collector: int
    persons: int
    overdue_minor: int
    collected_minor: int
    expected_minor: int | None
    index_ppm: int | None
    low_ppm: int | None
    high_ppm: int | None


@dataclass
class _Sums:
    persons: int = 0
    overdue: int = 0
    collected: int = 0
    squares: int = 0

    def add(self, worked: WorkedPerson) -> None:
        self.persons += 1
        self.overdue += worked.overdue_minor
        self.collected += worked.collected_minor
        self.squares += worked.collected_minor**2


def compare(worked: Iterable[WorkedPerson]) -> tuple[Compared, ...]:
    """Yield one comparison per collector, in order of collector.

    Example: two collectors, one stratum, thirty persons each owing 100.00; one collects half of it,
    the other a quarter. Each is held against the other's rate.

    >>> rows = [WorkedPerson(collector=1, stratum="M1", overdue_minor=10_000,
    ...                      collected_minor=5_000) for _ in range(30)]
    >>> rows += [WorkedPerson(collector=2, stratum="M1", overdue_minor=10_000,
    ...                       collected_minor=2_500) for _ in range(30)]
    >>> [(one.collector, one.expected_minor, one.index_ppm) for one in compare(rows)]
    [(1, 75000, 2000000), (2, 150000, 500000)]
    """
    lists: dict[int, dict[str, _Sums]] = {}
    house: dict[str, _Sums] = {}
    for one in worked:
        lists.setdefault(one.collector, {}).setdefault(one.stratum, _Sums()).add(one)
        house.setdefault(one.stratum, _Sums()).add(one)
    return tuple(_compared(collector, lists[collector], house) for collector in sorted(lists))


def _compared(collector: int, own: Mapping[str, _Sums], house: Mapping[str, _Sums]) -> Compared:
    persons = sum(sums.persons for sums in own.values())
    expected = _expected(own, house)
    told = expected if persons >= FEWEST_PERSONS else None
    collected = sum(sums.collected for sums in own.values())
    low = high = None
    if told:
        band = BAND_HUNDREDTHS * isqrt(_variance(own, house)) // 100
        low, high = (max(told - band, 0) * PPM // told, (told + band) * PPM // told)
    return Compared(
        collector=collector,
        persons=persons,
        overdue_minor=sum(sums.overdue for sums in own.values()),
        collected_minor=collected,
        expected_minor=told,
        index_ppm=collected * PPM // told if told else None,
        low_ppm=low,
        high_ppm=high,
    )


def _others(own: _Sums, all_of_it: _Sums) -> Sequence[int]:
    """Yield persons, overdue and collected of everybody else in a stratum."""
    return (
        all_of_it.persons - own.persons,
        all_of_it.overdue - own.overdue,
        all_of_it.collected - own.collected,
    )


def _expected(own: Mapping[str, _Sums], house: Mapping[str, _Sums]) -> int | None:
    """Yield the sum over strata of the list's overdue times everybody else's rate."""
    expected = 0
    for stratum, sums in own.items():
        _, overdue, collected = _others(sums, house[stratum])
        if overdue <= 0:
            return None
        expected += sums.overdue * collected // overdue
    return expected


def _variance(own: Mapping[str, _Sums], house: Mapping[str, _Sums]) -> int:
    """Yield the variance of what a list brings: the house's, per person, in each stratum."""
    total = 0
    for stratum, sums in own.items():
        all_of_it = house[stratum]
        mean = all_of_it.collected // all_of_it.persons
        per_person = max(all_of_it.squares // all_of_it.persons - mean**2, 0)
        total += per_person * sums.persons
    return total
