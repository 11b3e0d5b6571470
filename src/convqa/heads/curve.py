"""The learning curve: what fewer labels would have given, and so whether more would help."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from convqa.encoder.heads import Float
from convqa.heads.figures import Share, interval_of_gain
from convqa.heads.fit import CrossValidation, Problem, Rows, row_losses

_SHARES = (0.25, 0.5, 0.75, 1.0)
_N_ORDERS = 3  # a part of the conversations is drawn so often, and the results averaged
_SEED = 0
# A doubling that lowers the log-loss by less than this is not worth another day of labelling.
_WORTHWHILE = 0.02

Verdict = Literal["more", "enough", "unclear"]


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """Held-out log-loss (lower is better) and F1 of fits to about `n_rows` labels."""

    n_rows: int
    log_loss: float
    f1: float | None


@dataclass(frozen=True, slots=True)
class Curve:
    """The points, what the last doubling of the labels gained in log-loss, and what that says."""

    points: tuple[CurvePoint, ...]
    gain: Share
    verdict: Verdict


def learning_curve(
    problem: Problem,
    found: CrossValidation,
    fitted: Callable[[Rows, Rows], Float],
    f1: Callable[[Float], float | None],
) -> Curve:
    """Return the curve over growing parts of the conversations of each training fold.

    Args:
        problem: All rows.
        found: The folds.
        fitted: The logits of held-out rows, the second, by a fit to the first.
        f1: F1 of held-out logits.
    """
    points, losses = [], {}
    for share in _SHARES:
        orders = range(_N_ORDERS if share < 1 else 1)
        runs = [_held_out(problem, found, fitted, share, order) for order in orders]
        by_row = [
            row_losses(logits, problem.target, is_softmax=problem.is_softmax) for logits, _ in runs
        ]
        losses[share] = np.mean(by_row, axis=0)
        scores = [score for logits, _ in runs if (score := f1(logits)) is not None]
        points.append(
            CurvePoint(
                n_rows=round(float(np.mean([n for _, n in runs]))),
                log_loss=float(losses[share].mean()),
                f1=float(np.mean(scores)) if scores else None,
            )
        )
    gain = interval_of_gain(losses[0.5] - losses[1.0], problem.groups)
    return Curve(tuple(points), gain, _verdict(gain))


def _verdict(gain: Share) -> Verdict:
    if gain.high is not None and gain.high < _WORTHWHILE:
        return "enough"
    if gain.low is not None and gain.low > 0:
        return "more"
    return "unclear"


def _held_out(
    problem: Problem,
    found: CrossValidation,
    fitted: Callable[[Rows, Rows], Float],
    share: float,
    order: int,
) -> tuple[Float, float]:
    """Return held-out logits of fits to a share of the groups, and their mean number of rows."""
    logits = np.zeros_like(problem.offsets)
    sizes = []
    for fold in range(found.n_folds):
        held = np.flatnonzero(found.folds == fold)
        rows = _some_groups(problem, np.flatnonzero(found.folds != fold), share, order)
        logits[held] = fitted(rows, held)
        sizes.append(len(rows))
    return logits, float(np.mean(sizes))


def _some_groups(problem: Problem, rows: Rows, share: float, order: int) -> Rows:
    if share >= 1:
        return rows
    groups = np.unique(problem.groups[rows])
    rng = np.random.default_rng([_SEED, order])
    chosen: NDArray[np.int64] = rng.permutation(groups)[: max(1, round(share * len(groups)))]
    return rows[np.isin(problem.groups[rows], chosen)]
