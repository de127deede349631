"""Differences between arms: how large, how sure, and whether one may look yet.

Everything is reckoned from sums (persons, total, squares), one column per stratum, so that a test
can look at a thousand simulated experiments every day at once. People are compared within strata
only: those who were assigned while the shares were the same.

Sources: fixed horizon, the two-sample z test. Sequential, the mixture sequential probability ratio
test (Robbins 1970; Johari, Koomen, Pekelis, Walsh, Operations Research 70(3), 2022) with a normal
mixture of standard deviation ``tau`` over the difference. Sample-ratio mismatch, Pearson's
chi-square.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import erfc, exp, gamma, log, sqrt
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
#: Fewer people in an arm than this say nothing: the tests rest on means that are nearly normal.
FEWEST_PERSONS = 100
#: Fewer people of a stratum in an arm have no variance worth the name.
FEWEST_OF_STRATUM = 2
#: Below this probability the shares found are not those that were planned.
MISMATCH = 0.001


@dataclass(frozen=True, kw_only=True)
class Sums:
    """People, their outcomes added up, and the squares; the last axis is the stratum."""

    persons: Floats
    total: Floats
    squares: Floats

    @property
    def mean(self) -> Floats:
        """Outcome per person over all strata; not a number where there is nobody."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(self.total.sum(-1) / self.persons.sum(-1))


def sums_of(values: Floats, strata: npt.NDArray[np.int64], *, count: int) -> Sums:
    """Yield the sums of one arm's people in each of ``count`` strata."""
    return Sums(
        persons=np.bincount(strata, minlength=count).astype(np.float64),
        total=np.bincount(strata, weights=values, minlength=count).astype(np.float64),
        squares=np.bincount(strata, weights=values**2, minlength=count).astype(np.float64),
    )


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Treated less control, and the variance of that figure; not a number where unknown."""

    estimate: Floats
    variance: Floats


def difference(*, treated: Sums, control: Sums) -> Difference:
    """Yield the difference of means within strata, weighted by the people of each stratum.

    Shape: strata in which an arm has fewer than two people are left out.

    Example: one stratum; 4 of 10 against 3 of 10.

    >>> few = lambda hits: sums_of(np.array([1.0] * hits + [0.0] * (10 - hits)),
    ...                            np.zeros(10, np.int64), count=1)
    >>> found = difference(treated=few(4), control=few(3))
    >>> round(float(found.estimate), 6), round(float(found.variance), 6)
    (0.1, 0.05)
    """
    both = (treated.persons >= FEWEST_OF_STRATUM) & (control.persons >= FEWEST_OF_STRATUM)
    weights = np.where(both, treated.persons + control.persons, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        weights = weights / weights.sum(-1, keepdims=True)
        apart = np.where(both, _mean(treated) - _mean(control), 0.0)
        spread = np.where(both, _variance_of_mean(treated) + _variance_of_mean(control), 0.0)
        return Difference(
            estimate=np.asarray((weights * apart).sum(-1)),
            variance=np.asarray((weights**2 * spread).sum(-1)),
        )


def _mean(sums: Sums) -> Floats:
    return np.asarray(sums.total / sums.persons)


def _variance_of_mean(sums: Sums) -> Floats:
    inside = sums.squares - sums.total**2 / sums.persons
    return np.asarray(np.maximum(inside, 0.0) / (sums.persons - 1) / sums.persons)


def fixed_half_width(*, variance: Floats, alpha: float) -> Floats:
    """Yield half the width of the interval for one look, at the size that was planned."""
    return np.asarray(NormalDist().inv_cdf(1 - alpha / 2) * np.sqrt(variance))


def always_valid_half_width(*, variance: Floats, tau: float, alpha: float) -> Floats:
    """Yield half the width of the interval that holds however often one looks.

    Shape: the values d of the true difference at which the mixture likelihood ratio
    sqrt(V / (V + tau^2)) exp(tau^2 (estimate - d)^2 / (2 V (V + tau^2))) is below 1 / alpha.

    Example: standard error 0.02, tau 0.05, alpha 5 %: wider than the 0.0392 of a single look.

    >>> round(float(always_valid_half_width(variance=np.array(0.0004), tau=0.05, alpha=0.05)), 4)
    0.0608
    """
    both = variance + tau**2
    with np.errstate(divide="ignore", invalid="ignore"):  # no variance, no width
        inside = 2 * log(1 / alpha) + np.log(both / variance)
        return np.asarray(np.sqrt(variance * both / tau**2 * inside))


def always_valid_p(*, estimate: Floats, variance: Floats, tau: float) -> Floats:
    """Yield the probability of a difference so large under none, valid at every look."""
    both = variance + tau**2
    exponent = tau**2 * estimate**2 / (2 * variance * both)
    ratio = np.sqrt(variance / both) * np.exp(np.minimum(exponent, 700.0))
    return np.asarray(np.minimum(1.0, 1.0 / ratio))


def chi_square_p(*, statistic: float, freedom: int) -> float:
    """Yield the probability of a chi-square at least so large.

    Example: the customary bounds of 5 %.

    >>> [round(chi_square_p(statistic=x, freedom=k), 3) for x, k in ((3.841, 1), (5.991, 2),
    ...                                                              (7.815, 3), (9.488, 4))]
    [0.05, 0.05, 0.05, 0.05]
    """
    half = statistic / 2
    if freedom % 2:
        found, step = erfc(sqrt(half)), 0.5
    else:
        found, step = exp(-half), 1.0
    while step < freedom / 2:
        found += half**step * exp(-half) / gamma(step + 1)
        step += 1
    return min(1.0, found)


@dataclass(frozen=True, kw_only=True)
class RatioCheck:
    """Whether the people are spread over the arms as the shares say."""

    expected: Mapping[str, float]
    found: Mapping[str, int]
    statistic: float
    p: float

    @property
    def is_mismatched(self) -> bool:
        """Whether something other than the lot decided who is seen."""
        return self.p < MISMATCH


def ratio_check(
    *, found: Sequence[Mapping[str, int]], shares_ppm: Sequence[Mapping[str, int]]
) -> RatioCheck:
    """Yield the check over all strata: people found in each arm, and each arm's share in ppm.

    Example: 1,000 people, half and half planned, 560 to 440 found.

    >>> check = ratio_check(found=[{"a": 560, "b": 440}],
    ...                     shares_ppm=[{"a": 500_000, "b": 500_000}])
    >>> round(check.statistic, 1), check.is_mismatched
    (14.4, True)
    """
    expected: dict[str, float] = {}
    seen: dict[str, int] = {}
    for people, shares in zip(found, shares_ppm, strict=True):
        everybody = sum(people.values())
        for arm, ppm in shares.items():
            expected[arm] = expected.get(arm, 0.0) + everybody * ppm / 1_000_000
            seen[arm] = seen.get(arm, 0) + people.get(arm, 0)
    known = [arm for arm, wanted in expected.items() if wanted > 0]
    statistic = sum((seen[arm] - expected[arm]) ** 2 / expected[arm] for arm in known)
    # Somebody in an arm that nobody can be drawn into is a mismatch beyond reckoning.
    if any(seen[arm] and not expected[arm] for arm in expected):
        return RatioCheck(expected=expected, found=seen, statistic=float("inf"), p=0.0)
    p = chi_square_p(statistic=statistic, freedom=len(known) - 1) if len(known) > 1 else 1.0
    return RatioCheck(expected=expected, found=seen, statistic=statistic, p=p)
