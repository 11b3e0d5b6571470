"""From held-out logits to honest probabilities, thresholds and decisions."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from convqa.encoder.heads import Float, decide, probabilities
from convqa.encoder.manifest import Columns
from convqa.heads.fit import CrossValidation, row_losses

# Likelier than not, where no precision is asked for.
_EVEN = 0.5
# A precision seen on fewer found rows than this says nothing.
_LEAST_FOUND = 5
# The slope of a calibration is looked for between these logarithms: a factor of about 7 each way.
_SLOPES = (-2.0, 2.0)


@dataclass(frozen=True, slots=True)
class Rule:
    """How logits are read: the columns with scale and thresholds, and which label is the rest.

    `missed` are labels for which the wanted precision was not reached.
    """

    columns: Columns
    missed: tuple[str, ...] = ()


def own_rule(
    logits: Float,
    target: Float,
    labels: tuple[str, ...],
    *,
    is_softmax: bool,
    precision: float | None,
) -> Rule:
    """Return scale and thresholds of a head of one's own, from held-out logits.

    One slope makes the probabilities honest (Platt 1999). Without a wanted precision a label holds
    where it is likelier than not, of several the likeliest.
    """
    slope = float(np.exp(_log_slope(logits, target, is_softmax=is_softmax)))
    columns = Columns(
        activation="softmax" if is_softmax else "sigmoid",
        labels=labels,
        scale=(round(slope, 5),) * len(labels),
        bias=(0.0,) * len(labels),
        thresholds=(0.0 if is_softmax else _EVEN,) * len(labels),
    )
    if precision is None:
        return Rule(columns)
    rest = rest_label(labels, target) if is_softmax else None
    return with_precision(columns, logits, target, precision, rest=rest)


def with_precision(
    columns: Columns, logits: Float, target: Float, precision: float, *, rest: int | None
) -> Rule:
    """Return the columns with the least thresholds that reach a precision on held-out logits.

    Args:
        columns: Labels with scale and bias.
        logits: Held-out logits, shape `(n, n_labels)`.
        target: 0 or 1, of the same shape.
        precision: Wanted share of the found ones that are right, in (0, 1).
        rest: The label that holds when no other does, which needs no threshold.
    """
    values = probabilities(logits, columns)
    thresholds, missed = [], []
    for place, label in enumerate(columns.labels):
        if place == rest:
            thresholds.append(0.0)
            continue
        threshold, is_reached = _threshold(values[:, place], target[:, place] > 0, precision)
        thresholds.append(threshold)
        if not is_reached:
            missed.append(label)
    return Rule(columns.model_copy(update={"thresholds": tuple(thresholds)}), tuple(missed))


def rest_label(labels: tuple[str, ...], target: Float) -> int:
    """Return the label that holds when none is sure enough: `none`, `other`, else the commonest."""
    for name in ("none", "other"):
        if name in labels:
            return labels.index(name)
    return int(np.argmax(target.sum(axis=0)))


def held_out_decisions(
    found: CrossValidation,
    target: Float,
    labels: tuple[str, ...],
    *,
    is_softmax: bool,
    precision: float | None,
) -> NDArray[np.bool_]:
    """Return the decisions on each fold by a rule that was made from the other folds."""
    decided = np.zeros(target.shape, dtype=np.bool_)
    for fold in range(found.n_folds):
        held, others = found.folds == fold, found.folds != fold
        rule = own_rule(
            found.logits[others], target[others], labels, is_softmax=is_softmax,
            precision=precision,
        )  # fmt: skip
        decided[held] = decide(probabilities(found.logits[held], rule.columns), rule.columns)
    return decided


def _threshold(values: Float, truth: NDArray[np.bool_], precision: float) -> tuple[float, bool]:
    """Return the least threshold with the wanted precision, else that of the best, and if so."""
    order = np.argsort(-values, kind="stable")
    ranked, hits = values[order], np.cumsum(truth[order])
    found = np.arange(1, len(ranked) + 1)
    is_end = np.append(ranked[:-1] != ranked[1:], True)  # equal values stand or fall together
    is_usable = is_end & (found >= min(_LEAST_FOUND, max(1, int(truth.sum()))))
    # As if one more had been wrong: of many thresholds the least is taken that happens to do well.
    shares = np.where(is_usable, hits / (found + 1), -1.0)
    good = np.flatnonzero(shares >= precision)
    last = int(good[-1]) if len(good) else int(np.argmax(shares))
    below = float(ranked[last + 1]) if last + 1 < len(ranked) else 0.0
    between = (float(ranked[last]) + below) / 2
    return float(np.clip(round(between, 3), 0.001, 0.999)), bool(len(good))


def _log_slope(logits: Float, target: Float, *, is_softmax: bool) -> float:
    def loss(log_slope: float) -> float:
        scaled = logits * np.exp(log_slope)
        total = row_losses(scaled, target, is_softmax=is_softmax).sum()
        # A weak prior at 1, worth about one row, keeps a perfect separation finite.
        return float(total + 0.5 * log_slope**2)

    return float(minimize_scalar(loss, bounds=_SLOPES, method="bounded").x)
