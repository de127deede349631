"""In which order to visit places: from the nearest to the nearest, then without crossings.

Whole numbers only, so that the same places give the same order on every machine. Distances are as
the crow flies; the order is a proposal that whoever drives may change.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isqrt

#: Cosines of whole degrees, in thousandths.
_COSINE = (
    *(1000, 1000, 999, 999, 998, 996, 995, 993, 990, 988),
    *(985, 982, 978, 974, 970, 966, 961, 956, 951, 946),
    *(940, 934, 927, 921, 914, 906, 899, 891, 883, 875),
    *(866, 857, 848, 839, 829, 819, 809, 799, 788, 777),
    *(766, 755, 743, 731, 719, 707, 695, 682, 669, 656),
    *(643, 629, 616, 602, 588, 574, 559, 545, 530, 515),
    *(500, 485, 469, 454, 438, 423, 407, 391, 375, 358),
    *(342, 326, 309, 292, 276, 259, 242, 225, 208, 191),
    *(174, 156, 139, 122, 105, 87, 70, 52, 35, 17),
    *(0,),
)
#: Metres of one degree of latitude.
_DEGREE = 111_320
MILLION = 1_000_000
#: Passes over the whole way; each one that finds nothing shorter ends the search.
_MOST_PASSES = 60


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where something is. Units: millionths of a degree, WGS 84; north and east are positive."""

    latitude_e6: int
    longitude_e6: int

    @property
    def is_on_earth(self) -> bool:
        """Whether there is such a place."""
        return abs(self.latitude_e6) <= 90 * MILLION and abs(self.longitude_e6) <= 180 * MILLION


def metres_between(one: Place, other: Place) -> int:
    """Yield the distance of two places of one region, in metres, to about one in a hundred.

    >>> bund = Place(latitude_e6=31_240_000, longitude_e6=121_490_000)
    >>> tower = Place(latitude_e6=31_240_000, longitude_e6=121_500_000)
    >>> metres_between(bund, tower)
    954
    """
    middle = abs(one.latitude_e6 + other.latitude_e6) // (2 * MILLION)
    north = abs(one.latitude_e6 - other.latitude_e6)
    east = abs(one.longitude_e6 - other.longitude_e6)
    east = min(east, 360 * MILLION - east) * _COSINE[min(middle, 90)] // 1000
    return isqrt(north * north + east * east) * _DEGREE // MILLION


def shortest_order(places: Sequence[Place]) -> tuple[int, ...]:
    """Yield the indexes of places in an order that makes a short way, open at both ends.

    Shape: of every place as a beginning the way from nearest to nearest is tried; the shortest is
    then cleared of crossings by turning stretches round (2-opt). Equal ways: the lower index first.

    >>> line = [Place(latitude_e6=0, longitude_e6=x) for x in (30_000, 10_000, 40_000, 20_000)]
    >>> shortest_order(line)
    (1, 3, 0, 2)
    """
    if len(places) < 2:
        return tuple(range(len(places)))
    apart = [[metres_between(one, other) for other in places] for one in places]
    tries = (_nearest_first(apart, first) for first in range(len(places)))
    best = min(tries, key=lambda way: (_length(apart, way), way))
    return tuple(_untangled(apart, best))


def way_length(places: Sequence[Place], order: Sequence[int]) -> int:
    """Yield the metres of a way over places in an order."""
    return sum(metres_between(places[one], places[other]) for one, other in pairwise(order))


def _nearest_first(apart: Sequence[Sequence[int]], first: int) -> list[int]:
    way, left = [first], set(range(len(apart))) - {first}
    while left:
        here = way[-1]
        nearest = min(left, key=lambda one: (apart[here][one], one))
        way.append(nearest)
        left.remove(nearest)
    return way


def _length(apart: Sequence[Sequence[int]], way: Sequence[int]) -> int:
    return sum(apart[one][other] for one, other in pairwise(way))


def _untangled(apart: Sequence[Sequence[int]], way: list[int]) -> list[int]:
    """Turn stretches round as long as that makes the way shorter."""
    last = len(way) - 1
    for _ in range(_MOST_PASSES):
        shorter = False
        for begin in range(last):
            for end in range(begin + 1, last + 1):
                gain = _gain(apart, way, begin, end)
                if gain > 0:
                    way[begin : end + 1] = reversed(way[begin : end + 1])
                    shorter = True
        if not shorter:
            break
    return way


def _gain(apart: Sequence[Sequence[int]], way: Sequence[int], begin: int, end: int) -> int:
    """Yield by how many metres the way gets shorter when a stretch is turned round."""
    gain = 0
    if begin > 0:
        gain += apart[way[begin - 1]][way[begin]] - apart[way[begin - 1]][way[end]]
    if end < len(way) - 1:
        gain += apart[way[end]][way[end + 1]] - apart[way[begin]][way[end + 1]]
    return gain
