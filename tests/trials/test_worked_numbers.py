"""The numbers worked out in docs/algorithms/experiments.md, from the code."""

from datetime import date
from math import sqrt
from pathlib import Path

import numpy as np
import pytest

from recoup.policy.bilingual import Bilingual
from recoup.policy.experiment_parts import (
    Challenger,
    Experiment,
    Experiments,
    HoldOut,
    Plan,
    Share,
    digits_of,
    place_of,
)
from recoup.trials.estimating import always_valid_half_width, fixed_half_width, ratio_check
from recoup.trials.off_policy import effective_size, snips

PAGE = Path(__file__).resolve().parents[2] / "docs" / "algorithms" / "experiments.md"
PLAN = Plan(
    outcome="cured",
    days=30,
    baseline=600_000,
    effect=50_000,
    deviation=0,
    power_ppm=800_000,
    alpha_ppm=50_000,
    persons=1_468,
)


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def experiment(*challengers: Challenger) -> Experiment:
    return Experiment(
        id="e",
        name=Bilingual(zh="试", en="try"),
        from_on=date(2026, 3, 1),
        until_on=None,
        challengers=challengers,
        plan=PLAN,
    )


def test_places(page):
    for debtor_id in ("D1", "D16"):
        asked = {"experiment": "first-slip-2026", "debtor_id": debtor_id}
        row = f"| `first-slip-2026:{debtor_id}` | `{digits_of(**asked)}` | {place_of(**asked):,} |"
        assert row in page


def test_lanes(page):
    march, april = date(2026, 3, 1), date(2026, 4, 1)
    tried = experiment(
        Challenger(
            name="a",
            shares=(Share(from_on=march, ppm=100_000), Share(from_on=april, ppm=200_000)),
        ),
        Challenger(name="b", shares=(Share(from_on=march, ppm=50_000),)),
    )

    def lanes(arm: str) -> str:
        own = [lane for lane in tried.lanes(on=april) if lane.arm == arm]
        return ", ".join(f"[{lane.begins:,}, {lane.ends:,})" for lane in own)

    assert f"| 1 April | *a* to 20 % | {lanes('a')} | {lanes('b')} |" in page


def test_probabilities(page):
    tried = Experiments(
        hold_out=HoldOut(id="h", ppm=20_000),
        experiments=(
            experiment(
                Challenger(
                    name="challenger", shares=(Share(from_on=date(2026, 3, 1), ppm=100_000),)
                )
            ),
        ),
    )
    found = tried.probabilities_ppm(experiment="e", on=date(2026, 3, 1))
    for arm, share in (("hold_out", ""), ("challenger", "10 %"), ("champion", "90 %")):
        row = f"| {arm} | {share} | {found[arm]:,} ppm |"
        assert row.replace("|  |", "| |") in page


def test_intervals_sizes_and_estimates(page):
    variance = np.array(0.0004)
    half = float(always_valid_half_width(variance=variance, tau=0.05, alpha=0.05))
    once = float(fixed_half_width(variance=variance, alpha=0.05))
    check = ratio_check(found=[{"a": 560, "b": 440}], shares_ppm=[{"a": 500_000, "b": 500_000}])
    few = snips(weights=np.array([2.0, 4.0]), outcome=np.array([1.0, 0.0]))

    assert half == pytest.approx(sqrt(0.000464 * 7.9725), abs=5e-5)
    for shown in (
        f"is {half:.4f}.",
        f"± {once:.4f}",
        f"{check.statistic:.1f}, p = {check.p:.5f}",
        f"= {PLAN.persons_needed:,}.",
        f"= {few.value:.4f};",
        f"= {effective_size(np.array([1.0, 1.0, 2.0])):.2f}.",
    ):
        assert shown in page
