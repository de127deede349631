"""What a new strategy would have brought, from what an experiment logged: two estimates at once.

A logged action counts for the new strategy where the new one would have done the same, weighed by
one over the probability with which the action was drawn. SNIPS takes the weighed mean of those
alone; the doubly robust estimate starts from a model of the outcome and corrects it by them. Where
the two are far apart, neither is to be believed.

Sources: Swaminathan, Joachims, "The self-normalized estimator for counterfactual learning", NIPS
2015; Dudík, Langford, Li, "Doubly robust policy evaluation and learning", ICML 2011; effective
sample size, Kong 1992. The model is fitted on one half of the people and used on the other.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
#: Below this effective sample size no estimate is shown.
LEAST_EFFECTIVE = 200
#: More people than this, in parts per million, for whom no arm could have done what the new
#: strategy does: then the log says too little of it.
MOST_UNSUPPORTED_PPM = 100_000
#: Penalty on the model's coefficients, per person; the features are standardised.
RIDGE = 1e-3


@dataclass(frozen=True, kw_only=True)
class Log:
    """What was done with each person, with what probability, what came of it; and what would be.

    Shape: one row per person. ``features`` numbers known before the action; ``probability`` of the
    action that was taken; ``proposed`` the new strategy's action, ``supported`` whether any arm
    could have taken it; ``fold`` 0 or 1, by chance.
    """

    features: Floats
    action: Codes
    probability: Floats
    outcome: Floats
    proposed: Codes
    supported: npt.NDArray[np.bool_]
    fold: Codes


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A mean per person with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Preview:
    """The new strategy beside what was done; estimates are None where too few people speak.

    ``matched``: people with whom the new strategy would have done what was done.
    """

    persons: int
    unsupported: int
    matched: int
    effective: float
    logged: Estimate
    snips: Estimate | None
    doubly_robust: Estimate | None
    refused: str = ""


def preview(log: Log, *, least: int = LEAST_EFFECTIVE) -> Preview:
    """Yield both estimates, or why there are none.

    Shape: people whom no arm could have treated as the new strategy would are left out and counted.
    """
    kept = log.supported
    same = (log.action == log.proposed) & kept
    weights = np.where(same, 1 / log.probability, 0.0)[kept]
    persons, unsupported = len(kept), int((~kept).sum())
    effective = effective_size(weights)
    refused = ""
    if unsupported * 1_000_000 > MOST_UNSUPPORTED_PPM * persons:
        refused = "unsupported"
    elif effective < least:
        refused = "too_few"
    outcome = log.outcome[kept]
    return Preview(
        persons=persons,
        unsupported=unsupported,
        matched=int(same.sum()),
        effective=effective,
        logged=_mean(log.outcome),
        snips=None if refused else snips(weights=weights, outcome=outcome),
        doubly_robust=None if refused else _doubly_robust(log, kept, weights),
        refused=refused,
    )


def effective_size(weights: Floats) -> float:
    """Yield how many people with equal weights would say as much.

    Example: two of weight 1 and one of weight 2 say as much as 2.67.

    >>> round(effective_size(np.array([1.0, 1.0, 2.0])), 2)
    2.67
    """
    squares = float((weights**2).sum())
    return float(weights.sum()) ** 2 / squares if squares else 0.0


def snips(*, weights: Floats, outcome: Floats) -> Estimate:
    """Yield the weighed mean, with the interval of a ratio of means.

    Example: weights 2 and 4, outcomes 1 and 0: (2 x 1 + 4 x 0) / 6.

    >>> round(snips(weights=np.array([2.0, 4.0]), outcome=np.array([1.0, 0.0])).value, 4)
    0.3333
    """
    whole = weights.sum()
    value = float((weights * outcome).sum() / whole)
    variance = float((weights**2 * (outcome - value) ** 2).sum() / whole**2)
    return _interval(value, variance)


def _doubly_robust(log: Log, kept: npt.NDArray[np.bool_], weights: Floats) -> Estimate:
    model = _OutcomeModel(log)
    taken = model.expects(log.action)[kept]
    proposed = model.expects(log.proposed)[kept]
    return _mean(proposed + weights * (log.outcome[kept] - taken))


class _OutcomeModel:
    """The outcome that the other half's model expects of an action."""

    def __init__(self, log: Log) -> None:
        self._features = _standardised(log.features)
        self._fold = log.fold
        self._fitted = {
            fold: self._fit(log, log.fold != fold) for fold in np.unique(log.fold).tolist()
        }

    def _fit(self, log: Log, rows: npt.NDArray[np.bool_]) -> dict[int, Floats]:
        """Yield coefficients by action; of an action without people, those of all of them."""
        fitted = {}
        for action in (*np.unique(log.action[rows]).tolist(), -1):
            chosen = rows if action == -1 else rows & (log.action == action)
            fitted[action] = _ridge(self._features[chosen], log.outcome[chosen])
        return fitted

    def expects(self, actions: Codes) -> Floats:
        """Yield the outcome expected of each person under these actions."""
        found = np.zeros(len(actions))
        for fold, fitted in self._fitted.items():
            for action in np.unique(actions).tolist():
                rows = (self._fold == fold) & (actions == action)
                found[rows] = self._features[rows] @ fitted.get(action, fitted[-1])
        return found


def _standardised(features: Floats) -> Floats:
    spread = features.std(axis=0)
    scaled = (features - features.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return np.column_stack([np.ones(len(features)), scaled])


def _ridge(features: Floats, outcome: Floats) -> Floats:
    penalty = np.eye(features.shape[1]) * RIDGE * max(len(outcome), 1)
    penalty[0, 0] = 0.0 if len(outcome) else 1.0
    found = np.linalg.solve(features.T @ features + penalty, features.T @ outcome)
    return np.asarray(found, np.float64)


def _mean(values: Floats) -> Estimate:
    count = len(values)
    variance = float(values.var(ddof=1)) / count if count > 1 else float("nan")
    return _interval(float(values.mean()) if count else float("nan"), variance)


def _interval(value: float, variance: float) -> Estimate:
    half = NormalDist().inv_cdf(0.975) * variance**0.5
    return Estimate(value=value, low=value - half, high=value + half)
