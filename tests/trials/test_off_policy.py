"""Previews from simulated logs whose truth is known."""

from dataclasses import replace

import numpy as np
import pytest

from recoup.trials.off_policy import Log, effective_size, preview

SEED = 20261127
RUNS, PERSONS = 200, 3_000


def simulated(chance, *, persons: int = PERSONS, binary: bool = True) -> tuple[Log, float]:
    """A log of three actions, one of them rare, and the value that the new strategy would have.

    Who is long overdue pays less, and is helped more by action 2; the new strategy gives action 2
    to them and action 0 to the rest.
    """
    features = chance.normal(size=(persons, 2))
    shares = np.array([0.7, 0.2, 0.1])
    action = chance.choice(3, size=persons, p=shares)
    late = features[:, 0] > 0
    proposed = np.where(late, 2, 0)

    def expected(actions):
        gain = np.where(actions == 2, 0.15 * late, 0.05 * (actions == 1))
        return 0.5 - 0.1 * np.tanh(features[:, 0]) + gain

    drawn = expected(action)
    outcome = (
        (chance.random(persons) < drawn).astype(float)
        if binary
        else drawn * chance.lognormal(0, 1, persons) / np.exp(0.5)
    )
    log = Log(
        features=features,
        action=action,
        probability=shares[action],
        outcome=outcome,
        proposed=proposed,
        supported=np.ones(persons, bool),
        fold=chance.integers(0, 2, persons),
    )
    # Of everybody, not of these people: half are late.
    grid = np.linspace(-8, 8, 200_001)
    weight = np.exp(-(grid**2) / 2)
    values = 0.5 - 0.1 * np.tanh(grid) + 0.15 * (grid > 0)
    return log, float((weight * values).sum() / weight.sum())


@pytest.mark.parametrize("binary", [True, False], ids=["cured", "money with a heavy tail"])
def test_nine_in_ten_intervals_cover_the_truth(binary):
    chance = np.random.default_rng(SEED)
    covered = {"snips": 0, "doubly_robust": 0}
    for _ in range(RUNS):
        log, truth = simulated(chance, binary=binary)
        found = preview(log)
        for name in covered:
            estimate = getattr(found, name)
            covered[name] += estimate.low <= truth <= estimate.high

    assert min(covered.values()) >= 0.9 * RUNS


def test_the_doubly_robust_estimate_is_surer_where_the_model_knows_something():
    chance = np.random.default_rng(SEED)
    log, _ = simulated(chance)
    strong = replace(log, outcome=log.features[:, 1] * 5 + chance.normal(size=PERSONS))

    found = preview(strong)

    assert found.doubly_robust.high - found.doubly_robust.low < 0.5 * (
        found.snips.high - found.snips.low
    )


def test_what_was_done_is_not_what_would_be():
    log, truth = simulated(np.random.default_rng(SEED), persons=40_000)

    found = preview(log)

    assert found.logged.high < truth
    assert found.snips.value == pytest.approx(truth, abs=0.02)
    assert found.doubly_robust.value == pytest.approx(truth, abs=0.02)


def test_below_the_stated_size_nothing_is_shown():
    log, _ = simulated(np.random.default_rng(SEED), persons=300)

    found = preview(log)

    assert found.refused == "too_few"
    assert found.effective < 200
    assert found.snips is None
    assert found.doubly_robust is None
    assert preview(log, least=20).snips is not None


def test_a_strategy_that_no_arm_resembles_cannot_be_previewed():
    log, _ = simulated(np.random.default_rng(SEED))
    supported = np.arange(PERSONS) % 5 > 0

    found = preview(replace(log, supported=supported))

    assert (found.refused, found.unsupported) == ("unsupported", PERSONS // 5)


def test_people_whom_no_arm_resembles_are_left_out_and_counted():
    log, truth = simulated(np.random.default_rng(SEED), persons=20_000)
    supported = np.arange(20_000) % 20 > 0
    # Wherever nobody looks, the log holds nonsense.
    outcome = np.where(supported, log.outcome, 1_000.0)

    found = preview(replace(log, supported=supported, outcome=outcome))

    assert found.unsupported == 1_000
    assert found.snips.value == pytest.approx(truth, abs=0.03)


def test_nobody_in_common_is_an_effective_size_of_nought():
    assert effective_size(np.zeros(5)) == 0
