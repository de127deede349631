"""Who was assigned to which arm of an experiment, and when: read from a folder of nights' results.

A person takes part from the first night on which one of the person's contracts is eligible, with
the arm drawn then. Nights with the same shares are one stratum: people are compared within it only.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from recoup.engine.backends.duck import Duck
from recoup.engine.explaining import read_manifest
from recoup.engine.placing import MARK
from recoup.engine.refusal import NightRefused
from recoup.policy.experiment_parts import Experiment, Experiments
from recoup.policy.experiments import FILE, read_experiments
from recoup.policy.strategy_findings import StrategyFindings
from recoup.policy.yaml_tree import read_tree

_ASSIGNED = """
WITH seen AS (
    SELECT DISTINCT debtor_id, as_of, arm, arm_probability_ppm AS ppm
    FROM decisions WHERE experiment = $experiment
), entered AS (
    SELECT debtor_id, MIN(as_of) AS entered_on, ARG_MIN(arm, as_of) AS arm,
        ARG_MIN(ppm, as_of) AS ppm
    FROM seen GROUP BY debtor_id
), moved AS (
    SELECT seen.debtor_id, MIN(seen.as_of) AS moved_on
    FROM seen JOIN entered ON entered.debtor_id = seen.debtor_id AND seen.arm <> entered.arm
    GROUP BY seen.debtor_id
)
SELECT entered.debtor_id, entered_on, arm, ppm, moved_on
FROM entered LEFT JOIN moved ON moved.debtor_id = entered.debtor_id
ORDER BY entered.debtor_id
"""


@dataclass(frozen=True, kw_only=True)
class Night:
    """One night's result, with what the strategy tried out then."""

    folder: Path
    as_of: date
    currency: str
    experiments: Experiments


@dataclass(frozen=True, kw_only=True)
class Assignments:
    """The people of an experiment, one row each, in order of debtor_id.

    Shape: ``people`` has debtor_id, entered_on, arm, ppm (with which the arm was drawn), and
    moved_on: the first night with another arm, null for nearly all. ``shares``: the probabilities
    of each stratum; ``stratum`` has each person's.
    """

    experiment: Experiment
    nights: tuple[Night, ...]
    people: pa.Table
    shares: tuple[Mapping[str, int], ...]
    stratum: npt.NDArray[np.int64]

    @cached_property
    def arms(self) -> tuple[str, ...]:
        """Every arm into which anybody could be drawn, the champion first."""
        return tuple(dict.fromkeys(arm for shares in self.shares for arm in shares))

    @property
    def last_on(self) -> date:
        """The business date of the last night."""
        return self.nights[-1].as_of


def read_nights(folders: Sequence[Path]) -> tuple[Night, ...]:
    """Yield the nights of these folders, by date; each is a result, or holds results.

    Errors: NightRefused, for a folder without results, a trial run, two results of one date, or
    what the kept strategy says of experiments.
    """
    found = sorted(
        (_night(one) for folder in folders for one in _results_in(folder)),
        key=lambda night: (night.as_of, str(night.folder)),
    )
    for earlier, later in pairwise(found):
        if earlier.as_of == later.as_of:
            raise NightRefused(
                zh=f"营业日期 {later.as_of} 有两份结果：{earlier.folder} 与 {later.folder}；"
                "请只保留实际执行的那一份。",
                en=f"There are two results of {later.as_of}: {earlier.folder} and {later.folder}; "
                "name only the one that was acted on.",
            )
    return tuple(found)


def _results_in(folder: Path) -> Iterable[Path]:
    if (folder / MARK).is_file():
        return (folder,)
    found = sorted(one.parent for one in folder.glob(f"*/{MARK}")) if folder.is_dir() else []
    if not found:
        raise NightRefused(
            zh=f"{folder} 中没有日终结果（没有 {MARK}）。",
            en=f"{folder} holds no result of a night (no {MARK}).",
        )
    return found


def _night(folder: Path) -> Night:
    manifest: Mapping[str, Any] = read_manifest(folder)
    if "dry_run" in manifest:
        raise NightRefused(
            zh=f"{folder} 是试运行的结果，从未执行，不能用来评估实验。",
            en=f"{folder} is the result of a trial run, never acted on; an experiment cannot be "
            "read from it.",
        )
    return Night(
        folder=folder,
        as_of=date.fromisoformat(manifest["as_of"]),
        currency=manifest["base_currency"],
        experiments=_kept_experiments(folder / "policy" / "strategy" / manifest["strategy"]["id"]),
    )


def _kept_experiments(folder: Path) -> Experiments:
    if not (folder / FILE).is_file():
        return Experiments()
    findings = StrategyFindings()
    node = read_tree(path=folder / FILE, shown_as=f"{folder}/{FILE}", findings=findings)
    found = None if node is None else read_experiments(node=node, findings=findings)
    if found is None or findings.sorted():
        first = findings.sorted()[0]
        raise NightRefused(
            zh=f"{first.place}：{first.sentence.zh}", en=f"{first.place}: {first.sentence.en}"
        )
    return found


def read_assignments(*, nights: Sequence[Night], experiment: str, duck: Duck) -> Assignments:
    """Yield the people of one experiment from the nights' decisions.

    Errors: NightRefused, where no night knows the experiment, nobody was assigned, or what was
    logged is not what the kept strategy says.
    """
    running = [night for night in nights if _runs(night, experiment)]
    if not running:
        known = sorted({one.id for night in nights for one in night.experiments.experiments})
        raise NightRefused(
            zh=f"这些结果中没有实验“{experiment}”；有：{'、'.join(known) or '无'}。",
            en=f"The results know no experiment '{experiment}'; there are: "
            f"{', '.join(known) or 'none'}.",
        )
    duck.view("decisions", [night.folder / "decisions.parquet" for night in running])
    people = duck.query(_ASSIGNED, {"experiment": experiment})
    if not people.num_rows:
        raise NightRefused(
            zh=f"实验“{experiment}”还没有任何人参加。",
            en=f"Nobody has taken part in the experiment '{experiment}' yet.",
        )
    by_day, shares = _strata(running, experiment)
    days = people.column("entered_on").to_pylist()
    found = Assignments(
        experiment=_last_known(running, experiment),
        nights=tuple(nights),
        people=people,
        shares=shares,
        stratum=np.array([by_day[day] for day in days], np.int64),
    )
    _refuse_other_probabilities(found)
    return found


def _runs(night: Night, experiment: str) -> bool:
    """Whether people were assigned on a night, and its result says so."""
    one = night.experiments.named(experiment)
    if one is None or not one.is_in_force(on=night.as_of):
        return False
    return "experiment" in pq.read_schema(night.folder / "decisions.parquet").names


def _last_known(nights: Sequence[Night], experiment: str) -> Experiment:
    found = nights[-1].experiments.named(experiment)
    assert found is not None
    return found


def _strata(
    nights: Sequence[Night], experiment: str
) -> tuple[Mapping[date, int], tuple[Mapping[str, int], ...]]:
    by_day, shares = {}, []
    for night in nights:
        own = dict(night.experiments.probabilities_ppm(experiment=experiment, on=night.as_of))
        if own not in shares:
            shares.append(own)
        by_day[night.as_of] = shares.index(own)
    return by_day, tuple(shares)


def _refuse_other_probabilities(found: Assignments) -> None:
    """Refuse a log in which a probability is not the one of the kept strategy."""
    rows = zip(
        found.people.column("debtor_id").to_pylist(),
        found.people.column("arm").to_pylist(),
        found.people.column("ppm").to_pylist(),
        found.stratum.tolist(),
        strict=True,
    )
    for debtor_id, arm, ppm, stratum in rows:
        if found.shares[stratum].get(arm) != ppm:
            raise NightRefused(
                zh=f"债务人 {debtor_id} 的组别 {arm} 记录的概率为 {ppm} ppm，"
                f"与当晚保存的策略（{found.shares[stratum].get(arm)}）不符。",
                en=f"Debtor {debtor_id} is logged in arm {arm} with {ppm} ppm, but the strategy "
                f"kept that night says {found.shares[stratum].get(arm)}.",
            )
