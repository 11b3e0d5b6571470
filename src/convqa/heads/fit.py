"""The linear fit behind every head, and its cross-validation over groups of rows.

A head of one's own starts from nothing; a built-in head is fitted again as a correction of its
logits that is drawn to zero, so that what the labels do not speak of stays. Both are one problem:
minimise the log-loss of `offsets + features @ weights + bias` plus `strength / 2 * |weights|²`.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.model_selection import StratifiedGroupKFold

from convqa.encoder.heads import Float
from convqa.errors import ConfigError

Rows = NDArray[np.int64]

# What a free intercept is drawn to 0 with: only so that a label which a fold lacks stays finite.
_FREE = 1e-3
_N_FOLDS = 5
_N_INNER_FOLDS = 3
_SEED = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """What is to be fitted.

    `features` has shape `(n, d)` with a mean squared length of about 1; `offsets` and `target`
    `(n, n_labels)`, the target 0 or 1; `groups` is one number a row: rows of one group are never
    parted. `strengths` are tried from strong to weak. `is_correction` says
    that the intercepts are drawn to 0 too. Only `movable` labels are fitted, or, where it has shape
    `(d + 1, n_labels)`, only such weights (the last row for the intercepts; `n >= d` then).
    """

    features: Float
    offsets: Float
    target: Float
    groups: Rows
    is_softmax: bool
    strengths: tuple[float, ...]
    is_correction: bool
    movable: NDArray[np.bool_]

    def part(self, rows: Rows) -> "Problem":
        """Return the problem of some of the rows."""
        return replace(
            self, features=self.features[rows], offsets=self.offsets[rows],
            target=self.target[rows], groups=self.groups[rows],
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fit:
    """Weights of shape `(d, n_labels)` and an intercept a label."""

    weights: Float
    bias: Float

    def logits(self, problem: Problem) -> Float:
        """Return the logits of the rows of a problem."""
        return problem.offsets + problem.features @ self.weights + self.bias


@dataclass(frozen=True, slots=True)
class CrossValidation:
    """Logits of each row from a fit that has not seen its group; `folds` numbers the fits."""

    logits: Float
    folds: Rows
    n_folds: int

    def losses(self, problem: Problem) -> Float:
        """Return the held-out log-loss of each row."""
        return row_losses(self.logits, problem.target, is_softmax=problem.is_softmax)

    def loss(self, problem: Problem) -> float:
        """Return the mean held-out log-loss of a row; lower is better."""
        return float(self.losses(problem).mean())


def row_losses(logits: Float, target: Float, *, is_softmax: bool) -> Float:
    """Return the log-loss of each row; lower is better; summed over labels where sigmoid."""
    if is_softmax:
        return np.asarray(-(target * (logits - _log_sum(logits))).sum(axis=1))
    losses: Float = (np.logaddexp(0, logits) - target * logits).sum(axis=1)
    return losses


def fit_linear(problem: Problem, strength: float) -> Fit:
    """Return the weights of least penalised loss."""
    n_labels = problem.target.shape[1]
    # With fewer rows than features the solution lies in the space of the rows.
    rotation, features = _row_space(problem.features)
    inputs = np.hstack([features, np.ones((len(features), 1))])
    penalty = np.full((inputs.shape[1], 1), strength)
    if not problem.is_correction:
        penalty[-1] = _FREE

    def loss(values: Float) -> tuple[float, Float]:
        weights = values.reshape(-1, n_labels)
        logits = problem.offsets + inputs @ weights
        error = _probabilities(logits, is_softmax=problem.is_softmax) - problem.target
        total = row_losses(logits, problem.target, is_softmax=problem.is_softmax).sum()
        gradient = (inputs.T @ error + penalty * weights) * problem.movable
        return float(total + 0.5 * (penalty * weights**2).sum()), gradient.ravel()

    start = np.zeros(inputs.shape[1] * n_labels)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 500}).x
    weights = found.reshape(-1, n_labels)
    return Fit(rotation @ weights[:-1], weights[-1])


def choose_strength(problem: Problem, n_folds: int) -> float:
    """Return the strength with the least loss over folds; the strongest where none can be tried."""
    folds = assign_folds(problem, n_folds)
    if folds is None:
        return problem.strengths[0]
    losses = []
    for strength in problem.strengths:
        logits = _held_out(problem, folds, [strength] * (int(folds.max()) + 1))
        losses.append(row_losses(logits, problem.target, is_softmax=problem.is_softmax).sum())
    return problem.strengths[int(np.argmin(losses))]


def cross_validate(problem: Problem) -> CrossValidation | None:
    """Return held-out logits; the strength of each fold is chosen without it.

    None where the rows cannot be parted into two folds.
    """
    folds = assign_folds(problem, _N_FOLDS)
    if folds is None:
        return None
    n_folds = int(folds.max()) + 1
    chosen = [
        choose_strength(problem.part(np.flatnonzero(folds != fold)), _N_INNER_FOLDS)
        for fold in range(n_folds)
    ]
    return CrossValidation(_held_out(problem, folds, chosen), folds, n_folds)


def judge(problem: Problem) -> tuple[CrossValidation, float]:
    """Return held-out logits, and the strength for the fit to all rows.

    Raises:
        ConfigError: The rows cannot be parted into two folds that both have what is asked for.
    """
    found = cross_validate(problem)
    if found is None:
        raise ConfigError(
            "the labels cannot be parted by conversation into two halves that both have rows with "
            "and without each label; label more conversations"
        )
    return found, choose_strength(problem, _N_FOLDS)


def five_folds(classes: Rows, groups: Rows) -> Rows:
    """Return the fold of each row, of five or as many as there are groups, classes spread evenly.

    Raises:
        ConfigError: There is only one group.
    """
    n = min(_N_FOLDS, len(set(groups.tolist())))
    if n < 2:
        raise ConfigError(
            "the labels cannot be parted by conversation into two halves; label more conversations"
        )
    counts = np.bincount(classes)
    is_rare = counts[counts > 0].min() < n
    return _spread(np.zeros_like(classes) if is_rare else classes, groups, n)


def assign_folds(problem: Problem, n_folds: int) -> Rows | None:
    """Return the fold of each row, labels spread evenly, or None where there cannot be two."""
    classes = _strata(problem, n_folds)
    is_any = not problem.is_softmax and problem.target.shape[1] > 1
    groups_of = [len(set(problem.groups[classes == c].tolist())) for c in sorted(set(classes))]
    n = min(n_folds, len(set(problem.groups.tolist())), max(2, min(groups_of)))
    counts = np.bincount(classes)
    if n < 2 or (len(groups_of) < 2 and not is_any) or counts[counts > 0].min() < n:
        return None
    return _spread(classes, problem.groups, n)


def _spread(classes: Rows, groups: Rows, n: int) -> Rows:
    splitter = StratifiedGroupKFold(n_splits=n, shuffle=True, random_state=_SEED)
    folds = np.zeros(len(classes), dtype=np.int64)
    for fold, (_, held) in enumerate(splitter.split(classes, classes, groups)):
        folds[held] = fold
    return folds


def _strata(problem: Problem, n_folds: int) -> Rows:
    """Return what rows are spread by: which label, whether yes, or whether the rarest of many."""
    target = problem.target
    if problem.is_softmax:
        return np.asarray(np.argmax(target, axis=1), dtype=np.int64)
    held = target.sum(axis=0)
    least = np.minimum(held, len(target) - held)
    if target.shape[1] > 1 and least.max() < n_folds:
        return np.zeros(len(target), dtype=np.int64)
    usable = np.where(least >= min(n_folds, least.max()), least, np.inf)
    return np.asarray(target[:, int(np.argmin(usable))], dtype=np.int64)


def _held_out(problem: Problem, folds: Rows, strengths: list[float]) -> Float:
    logits = np.zeros_like(problem.offsets)
    for fold, strength in enumerate(strengths):
        held = np.flatnonzero(folds == fold)
        fit = fit_linear(problem.part(np.flatnonzero(folds != fold)), strength)
        logits[held] = fit.logits(problem.part(held))
    return logits


def _row_space(features: Float) -> tuple[Float, Float]:
    """Return `(rotation, rotated)` with `features == rotated @ rotation.T`."""
    if len(features) >= features.shape[1]:
        return np.eye(features.shape[1]), features
    left, sizes, right = np.linalg.svd(features, full_matrices=False)
    return right.T, left * sizes


def _probabilities(logits: Float, *, is_softmax: bool) -> Float:
    if is_softmax:
        return np.asarray(np.exp(logits - _log_sum(logits)))
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -60, 60))))


def _log_sum(logits: Float) -> Float:
    top = logits.max(axis=1, keepdims=True)
    return np.asarray(top + np.log(np.exp(logits - top).sum(axis=1, keepdims=True)))
