"""The statistics of experiments, over simulated ones whose truth is known."""

import doctest
from math import sqrt
from statistics import NormalDist

import numpy as np
import pytest

from recoup.policy import experiment_parts
from recoup.trials import estimating, off_policy
from recoup.trials.estimating import (
    FEWEST_PERSONS,
    Sums,
    always_valid_half_width,
    always_valid_p,
    difference,
    fixed_half_width,
    ratio_check,
    sums_of,
)

SEED = 20261127
RUNS, DAYS, A_DAY = 2_000, 90, 30
ALPHA = 0.05


def looked_at_daily(chance, *, before: float, after: float) -> tuple[Sums, Sums]:
    """Sums of challenger and champion on every day of every run: yes-or-no outcomes."""

    def arm(share: float) -> Sums:
        total = chance.binomial(A_DAY, share, size=(RUNS, DAYS)).cumsum(axis=1).astype(float)
        persons = np.broadcast_to(A_DAY * np.arange(1, DAYS + 1, dtype=float), (RUNS, DAYS))
        return Sums(persons=persons[..., None], total=total[..., None], squares=total[..., None])

    return arm(after), arm(before)


def alarms(treated: Sums, control: Sums, half) -> float:
    """The share of runs in which some day's interval kept clear of none."""
    found = difference(treated=treated, control=control)
    enough = treated.persons[..., 0] >= FEWEST_PERSONS
    clear = (np.abs(found.estimate) > half(found.variance)) & enough
    return clear.any(axis=1).mean()


@pytest.mark.parametrize(("share", "tau"), [(0.6, 0.05), (0.3, 0.02), (0.05, 0.02), (0.5, 0.2)])
def test_on_a_a_data_looked_at_daily_at_most_one_in_twenty_alarms(share, tau):
    treated, control = looked_at_daily(np.random.default_rng(SEED), before=share, after=share)

    found = alarms(
        treated,
        control,
        lambda variance: always_valid_half_width(variance=variance, tau=tau, alpha=ALPHA),
    )

    assert found <= ALPHA


def test_a_z_test_peeked_at_daily_would_alarm_far_too_often():
    treated, control = looked_at_daily(np.random.default_rng(SEED), before=0.6, after=0.6)

    peeked = alarms(
        treated, control, lambda variance: fixed_half_width(variance=variance, alpha=ALPHA)
    )

    assert peeked > 4 * ALPHA


def test_money_with_a_heavy_tail_alarms_no_more_often():
    chance = np.random.default_rng(SEED)
    paid = chance.lognormal(8, 1.2, size=(2, 500, DAYS, A_DAY)) * (
        chance.random((2, 500, DAYS, A_DAY)) < 0.4
    )
    arms = [
        Sums(
            persons=np.broadcast_to(A_DAY * np.arange(1.0, DAYS + 1), (500, DAYS))[..., None],
            total=one.sum(-1).cumsum(-1)[..., None],
            squares=(one**2).sum(-1).cumsum(-1)[..., None],
        )
        for one in paid
    ]

    found = alarms(
        *arms, lambda variance: always_valid_half_width(variance=variance, tau=500.0, alpha=ALPHA)
    )

    assert found <= ALPHA


def test_a_real_effect_is_found_in_the_end_and_the_interval_holds_the_truth():
    treated, control = looked_at_daily(np.random.default_rng(SEED), before=0.6, after=0.66)
    found = difference(treated=treated, control=control)
    half = always_valid_half_width(variance=found.variance, tau=0.05, alpha=ALPHA)

    enough = treated.persons[..., 0] >= FEWEST_PERSONS
    missed = ((np.abs(found.estimate - 0.06) > half) & enough).any(axis=1)
    clear_at_last = (found.estimate[:, -1] > half[:, -1]).mean()

    assert missed.mean() <= ALPHA
    assert clear_at_last > 0.8


def test_p_and_interval_agree_on_what_is_clear():
    variance, tau = np.full(200, 0.0004), 0.05
    estimate = np.linspace(-0.1, 0.1, 200)

    half = always_valid_half_width(variance=variance, tau=tau, alpha=ALPHA)
    p = always_valid_p(estimate=estimate, variance=variance, tau=tau)

    assert ((np.abs(estimate) > half) == (p < ALPHA)).all()


def test_people_are_compared_within_strata_only():
    """Shares grew while outcomes fell: without strata the challenger would look far worse."""
    chance = np.random.default_rng(SEED)
    sizes = {"champion": (9_000, 5_000), "challenger": (1_000, 5_000)}
    arms = {}
    for name, counts in sizes.items():
        strata = np.repeat(np.arange(2), counts)
        values = (chance.random(len(strata)) < np.where(strata == 0, 0.7, 0.3)).astype(float)
        arms[name] = (values, strata)
    pooled = [
        sums_of(values, np.zeros(len(strata), int), count=1) for values, strata in arms.values()
    ]
    parted = [sums_of(values, strata, count=2) for values, strata in arms.values()]

    naive = difference(treated=pooled[1], control=pooled[0])
    honest = difference(treated=parted[1], control=parted[0])

    assert naive.estimate < -0.15
    assert abs(honest.estimate) < 3 * sqrt(honest.variance) < 0.03


def test_a_stratum_without_one_of_the_arms_says_nothing():
    alone = sums_of(np.ones(50), np.zeros(50, int), count=2)
    both = sums_of(np.array([1.0, 0, 1, 0] * 20), np.repeat([0, 1], 40), count=2)

    found = difference(treated=alone, control=both)

    assert found.estimate == pytest.approx(0.5)


def test_a_mismatch_of_shares_is_seen_and_chance_is_not():
    shares = {"champion": 882_000, "challenger": 98_000, "hold_out": 20_000}
    sound = ratio_check(
        found=[{"champion": 8_850, "challenger": 950, "hold_out": 200}], shares_ppm=[shares]
    )
    lost = ratio_check(
        found=[{"champion": 8_850, "challenger": 800, "hold_out": 200}], shares_ppm=[shares]
    )
    nowhere = ratio_check(found=[{"a": 10, "b": 1}], shares_ppm=[{"a": 1_000_000, "b": 0}])

    assert (sound.is_mismatched, lost.is_mismatched, nowhere.is_mismatched) == (False, True, True)


def test_the_planned_size_has_the_planned_power():
    chance = np.random.default_rng(SEED)
    persons = 1_468  # of tests/policy/test_experiments.py: 60 % to 65 %, power 80 %
    hits = [chance.binomial(persons, share, size=4_000) for share in (0.65, 0.6)]
    arms = [
        Sums(persons=np.full((4_000, 1), float(persons)), total=h[:, None], squares=h[:, None])
        for h in hits
    ]

    found = difference(treated=arms[0], control=arms[1])
    seen = np.abs(found.estimate) > fixed_half_width(variance=found.variance, alpha=ALPHA)

    assert seen.mean() == pytest.approx(0.8, abs=0.02)


def test_the_example_in_the_docs_is_what_the_code_says():
    assert NormalDist().inv_cdf(0.975) == pytest.approx(1.95996, abs=1e-5)
    for module in (estimating, off_policy, experiment_parts):
        assert doctest.testmod(module).failed == 0
        assert doctest.testmod(module).attempted > 0
