"""Experiments in which nothing differs, drawn over real people and looked at every day."""

import duckdb
import numpy as np
import pytest
from tests.real.superlender import ABSENT, DATA, loans

from recoup.policy.experiment_parts import place_of
from recoup.trials.estimating import (
    FEWEST_PERSONS,
    Sums,
    always_valid_half_width,
    difference,
    fixed_half_width,
)

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not DATA.is_dir(), reason=ABSENT),
]

RUNS, ALPHA, TAU = 100, 0.05, 0.05
FIRST = """
SELECT debtor_id, MIN_BY(due_on - DATE '2016-01-01', due_on) AS day,
    MIN_BY(paid_on > due_on, due_on) AS late
FROM every_loan GROUP BY debtor_id ORDER BY debtor_id
"""


def test_at_most_one_in_twenty_alarms_where_a_peeked_z_test_alarms_in_every_fourth():
    connection = duckdb.connect()
    connection.register("every_loan", loans(connection).to_arrow_table())
    rows = connection.sql(FIRST).fetchnumpy()
    names, day = rows["debtor_id"].tolist(), rows["day"].astype(int)
    late = rows["late"].astype(float)
    assert len(names) > 4_000
    days = int(day.max()) + 1
    alarms = {"always valid": 0, "peeked": 0}

    for run in range(RUNS):
        place = [place_of(experiment=f"nothing-{run}", debtor_id=name) for name in names]
        treated = np.array(place) < 500_000

        def sums(who) -> Sums:
            def daily(values):
                return np.bincount(day[who], weights=values[who], minlength=days).cumsum()[:, None]

            return Sums(persons=daily(np.ones_like(late)), total=daily(late), squares=daily(late))

        arms = sums(treated), sums(~treated)
        found = difference(treated=arms[0], control=arms[1])
        enough = np.minimum(*(arm.persons[:, 0] for arm in arms)) >= FEWEST_PERSONS
        for name, half in (
            (
                "always valid",
                always_valid_half_width(variance=found.variance, tau=TAU, alpha=ALPHA),
            ),
            ("peeked", fixed_half_width(variance=found.variance, alpha=ALPHA)),
        ):
            alarms[name] += bool(((np.abs(found.estimate) > half) & enough).any())

    assert alarms["always valid"] <= ALPHA * RUNS
    assert alarms["peeked"] >= 0.25 * RUNS
