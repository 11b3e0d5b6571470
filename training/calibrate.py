"""Make probabilities honest and choose thresholds, both on development data only.

Single-label tasks get one temperature (Guo et al. 2017, https://arxiv.org/abs/1706.04599) and an
offset a label, the others one slope for the task and an offset a label (Platt 1999); offsets are
held near zero where examples are few.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Float = NDArray[np.float64]

_GRID = np.round(np.arange(0.10, 0.91, 0.02), 2)
# Offsets are drawn to 0 as by one positive and one negative pseudo-example (a broad prior).
_OFFSET_PRIOR = 0.25


@dataclass(frozen=True, slots=True)
class Calibration:
    """`scale * logit + bias` is calibrated, element by element of a task's columns."""

    scale: Float
    bias: Float

    def apply(self, logits: Float) -> Float:
        """Return calibrated logits."""
        return logits * self.scale + self.bias


def fit_softmax(logits: Float, target: NDArray[np.int64]) -> Calibration:
    """Fit one temperature and an offset a label by the likelihood of `target`."""
    n_labels = logits.shape[1]

    def loss(values: Float) -> float:
        scaled = logits * np.exp(values[0]) + values[1:]
        top = scaled.max(axis=1)
        log_sum = top + np.log(np.exp(scaled - top[:, None]).sum(axis=1))
        picked = scaled[np.arange(len(target)), target]
        return float((log_sum - picked).sum() + _OFFSET_PRIOR * (values[1:] ** 2).sum())

    found = minimize(loss, np.zeros(1 + n_labels)).x
    return Calibration(np.full(n_labels, np.exp(found[0])), found[1:])


def fit_sigmoid(logits: Float, target: Float) -> Calibration:
    """Fit one slope and an offset a label; entries of `target` are 1, 0, or -1 where unknown."""
    known = target >= 0

    def loss(values: Float) -> float:
        scaled = logits * np.exp(values[0]) + values[1:]
        losses = np.logaddexp(0, scaled) - np.where(target > 0, scaled, 0)
        return float((losses * known).sum() + _OFFSET_PRIOR * (values[1:] ** 2).sum())

    found = minimize(loss, np.zeros(1 + logits.shape[1])).x
    return Calibration(np.full(logits.shape[1], np.exp(found[0])), found[1:])


def best_f1_threshold(probabilities: Float, target: Float) -> float:
    """Return the threshold with the best F1, drawn a quarter of the way to 0.5, for one label."""
    known = target >= 0
    truth, values = target[known] > 0, probabilities[known]
    if not truth.any():
        return 0.5
    scores = [f1(truth, values >= threshold) for threshold in _GRID]
    best = _GRID[np.flatnonzero(np.isclose(scores, max(scores)))]
    return float(round(0.75 * best.mean() + 0.25 * 0.5, 3))


def rare_flag_threshold(probabilities: Float, target: Float, *, share: float) -> float:
    """Return the least threshold at which at most `share` of the negatives are flagged."""
    negatives = np.sort(probabilities[target == 0])[::-1]
    allowed = int(share * len(negatives))
    if allowed >= len(negatives):
        return 0.5
    return float(np.clip(np.round(negatives[allowed] + 0.001, 3), 0.05, 0.97))


def f1(truth: NDArray[np.bool_], guess: NDArray[np.bool_]) -> float:
    """Return F1 of one label, 0 without true positives."""
    hits = float((truth & guess).sum())
    return 2 * hits / max(1.0, float(truth.sum() + guess.sum())) if hits else 0.0


def expected_calibration_error(
    confidences: Sequence[float] | Float,
    correct: Sequence[bool] | NDArray[np.bool_],
    bins: int = 10,
) -> float:
    """Return the mean gap between confidence and accuracy over equally filled bins."""
    order = np.argsort(np.asarray(confidences))
    values = np.asarray(confidences, dtype=np.float64)[order]
    right = np.asarray(correct, dtype=np.float64)[order]
    gaps = [
        abs(value.mean() - hit.mean()) * len(value)
        for value, hit in zip(
            np.array_split(values, bins), np.array_split(right, bins), strict=True
        )
        if len(value)
    ]
    return float(sum(gaps) / len(values))
