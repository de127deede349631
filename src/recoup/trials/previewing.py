"""Builds the log of an off-policy preview: what each arm, and the new strategy, would have done.

The probability of an action is that of all arms that take it: two arms that would both have called
do not part a person's chances. So every arm is decided over the same night with everybody in it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from recoup.engine.again import people_again, rules_of_result
from recoup.engine.one_person import PersonRules
from recoup.engine.refusal import NightRefused
from recoup.policy.experiment_parts import digits_of
from recoup.policy.strategy import Strategy
from recoup.policy.strategy_parts import PPM
from recoup.trials.assignments import Assignments, Night
from recoup.trials.off_policy import Log
from recoup.trials.outcomes import Outcomes

FEATURES = ("worst_dpd", "overdue_base_minor", "exposure_base_minor", "contracts")


@dataclass(frozen=True, kw_only=True)
class _Acted:
    """People of one night: what was done, with what probability, what would be done."""

    place: list[int]
    action: list[str]
    proposed: list[str]
    probability: list[float]
    proposed_probability: list[float]
    features: list[list[float]]


def logged(
    *, assignments: Assignments, outcomes: Outcomes, proposed: Strategy
) -> tuple[Log, tuple[str, ...]]:
    """Yield the log of an experiment's people who count, and the treatments behind its codes.

    Shape: each person on the night of assignment. Errors: NightRefused, where a night decided anew
    is not what its result says.
    """
    entered = assignments.people.column("entered_on").to_pylist()
    usable = outcomes.usable
    parts = [
        _night(assignments, night, proposed, places)
        for night in assignments.nights
        if (places := [n for n, day in enumerate(entered) if day == night.as_of and usable[n]])
    ]
    if not parts:
        raise NightRefused(
            zh="还没有任何人的观察期结束，无从预估。",
            en="Nobody's window has ended yet; there is nothing to preview from.",
        )
    return _joined(assignments, outcomes, parts)


def _night(
    assignments: Assignments, night: Night, proposed: Strategy, places: Sequence[int]
) -> _Acted:
    rules = rules_of_result(night.folder)
    experiment = assignments.experiment.id
    shares = night.experiments.probabilities_ppm(experiment=experiment, on=night.as_of)
    by_arm = {arm: _of_arm(night, rules, experiment, arm) for arm, ppm in shares.items() if ppm}
    would = _by_person(people_again(result=night.folder, rules=rules, strategy=proposed))
    standing = _by_person_rows(pq.read_table(night.folder / "people.parquet"))
    acted = _Acted(
        place=list(places),
        action=[],
        proposed=[],
        probability=[],
        proposed_probability=[],
        features=[],
    )
    names = assignments.people.column("debtor_id").to_pylist()
    arms = assignments.people.column("arm").to_pylist()
    for place in places:
        name = names[place]
        action = str(standing[name]["treatment"])
        if by_arm[arms[place]][name] != action:
            raise NightRefused(
                zh=f"{night.folder}：债务人 {name} 重新判定为 {by_arm[arms[place]][name]}，"
                f"而结果为 {action}；无法据此预估。",
                en=f"{night.folder}: debtor {name} is decided anew as {by_arm[arms[place]][name]}, "
                f"but the result says {action}; nothing can be previewed from it.",
            )
        acted.action.append(action)
        acted.proposed.append(would[name])
        acted.probability.append(_probability(by_arm, shares, name, action))
        acted.proposed_probability.append(_probability(by_arm, shares, name, would[name]))
        acted.features.append([float(standing[name][key] or 0) for key in FEATURES])
    return acted


def _of_arm(night: Night, rules: PersonRules, experiment: str, arm: str) -> Mapping[str, str]:
    tried = rules.strategy.experiments.all_in(experiment=experiment, arm=arm, on=night.as_of)
    strategy = replace(rules.strategy, experiments=tried)
    return _by_person(people_again(result=night.folder, rules=rules, strategy=strategy))


def _by_person(people: pa.Table) -> Mapping[str, str]:
    names = people.column("debtor_id").to_pylist()
    return dict(zip(names, people.column("treatment").to_pylist(), strict=True))


def _by_person_rows(people: pa.Table) -> Mapping[str, Mapping[str, Any]]:
    rows = people.select(["debtor_id", "treatment", *FEATURES]).to_pylist()
    return {row["debtor_id"]: row for row in rows}


def _probability(
    by_arm: Mapping[str, Mapping[str, str]], shares: Mapping[str, int], name: str, action: str
) -> float:
    return sum(shares[arm] for arm, done in by_arm.items() if done[name] == action) / PPM


def _joined(
    assignments: Assignments, outcomes: Outcomes, parts: Sequence[_Acted]
) -> tuple[Log, tuple[str, ...]]:
    actions = [one for part in parts for one in part.action]
    proposed = [one for part in parts for one in part.proposed]
    known = tuple(sorted({*actions, *proposed}))
    places = np.array([one for part in parts for one in part.place], np.int64)
    names = assignments.people.column("debtor_id").take(pa.array(places)).to_pylist()
    log = Log(
        features=np.log1p(np.array([row for part in parts for row in part.features], np.float64)),
        action=_codes(actions, known),
        probability=np.array([one for part in parts for one in part.probability]),
        outcome=outcomes.value[places],
        proposed=_codes(proposed, known),
        supported=np.array([one > 0 for part in parts for one in part.proposed_probability]),
        fold=np.array(list(_folds(names)), np.int64),
    )
    return log, known


def _codes(words: Sequence[str], known: Sequence[str]) -> npt.NDArray[np.int64]:
    return np.array([known.index(word) for word in words], np.int64)


def _folds(names: Sequence[str]) -> Iterator[int]:
    """Yield 0 or 1 for each person, by another lot than that of any experiment."""
    for name in names:
        yield int(digits_of(experiment="fold", debtor_id=name)[-1], 16) % 2
