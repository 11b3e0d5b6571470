"""Figures of a head with counts and intervals, over all, by label and by language."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convqa.encoder.heads import Float
from convqa.heads.fit import Rows

_N_RESAMPLES = 1000
_SEED = 0
# With fewer rows or positives than these a figure of a language would be chance.
LEAST_ROWS = 20
LEAST_POSITIVES = 5


@dataclass(frozen=True, slots=True)
class Share:
    """A value with its 95 % interval from resampled conversations; None where nothing counts."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """How well decisions fit the labels of a group of rows; all in [0, 1], higher is better.

    `f1` is macro-F1 over the labels where exactly one holds, else micro-F1; of a single label its
    F1. `n_positives` counts labels that hold.
    """

    group: str
    n_rows: int
    n_positives: int
    precision: Share
    recall: Share
    f1: Share


Bool = NDArray[np.bool_]


def figures_of(
    decided: Bool,
    target: Float,
    groups: Rows,
    labels: Sequence[str],
    languages: Sequence[str],
    *,
    is_softmax: bool,
) -> tuple[Figure, ...]:
    """Return the figure of all rows, then of each label, then of each language.

    Args:
        decided: Held-out decisions, shape `(n, n_labels)`.
        target: What people said, 0 or 1.
        groups: The group of each row; intervals come from resampling groups.
        labels: The labels of the columns.
        languages: The language of each row.
        is_softmax: Whether exactly one label holds.
    """
    truth = target > 0
    every = np.ones(len(truth), dtype=np.bool_)
    found = [_figure("all", decided, truth, groups, every, is_macro=is_softmax)]
    if len(labels) > 1:
        for place, label in enumerate(labels):
            column = slice(place, place + 1)
            found.append(
                _figure(label, decided[:, column], truth[:, column], groups, every, is_macro=False)
            )
    spoken = np.array(languages)
    for language in dict.fromkeys(languages):
        rows = np.asarray(spoken == language)
        found.append(_figure(language, decided, truth, groups, rows, is_macro=is_softmax))
    return tuple(found)


def interval_of_gain(gains: Float, groups: Rows) -> Share:
    """Return the mean of the gains of the rows and its interval over resampled groups."""
    totals = _by_group(gains[:, np.newaxis], groups)[:, 0]
    sizes = _by_group(np.ones((len(gains), 1)), groups)[:, 0]
    draws = _resamples(len(totals))
    low, high = np.percentile((draws @ totals) / np.maximum(draws @ sizes, 1), [2.5, 97.5])
    return Share(float(gains.mean()), float(low), float(high))


def f1_of(decided: Bool, target: Float, *, is_macro: bool) -> float | None:
    """Return the F1 of all rows, as `Figure.f1` without its interval."""
    counts = _counts(decided, target > 0).sum(axis=0, keepdims=True)
    value = float(_f1(counts, is_macro=is_macro)[0])
    return None if np.isnan(value) else value


def _figure(
    group: str, decided: Bool, truth: Bool, groups: Rows, rows: Bool, *, is_macro: bool
) -> Figure:
    decided, truth, groups = decided[rows], truth[rows], groups[rows]
    per_group = _by_group(_counts(decided, truth).reshape(len(truth), -1), groups)
    counts = per_group.reshape(len(per_group), 3, -1)
    drawn = np.tensordot(_resamples(len(counts)), counts, axes=1)
    total = counts.sum(axis=0, keepdims=True)
    return Figure(
        group=group,
        n_rows=len(truth),
        n_positives=int(truth.sum()),
        precision=_share(_ratio(total, 1), _ratio(drawn, 1)),
        recall=_share(_ratio(total, 2), _ratio(drawn, 2)),
        f1=_share(_f1(total, is_macro=is_macro), _f1(drawn, is_macro=is_macro)),
    )


def _counts(decided: Bool, truth: Bool) -> Float:
    """Return hits, false alarms and misses of each row and label, shape `(n, 3, n_labels)`."""
    parts = (decided & truth, decided & ~truth, ~decided & truth)
    return np.stack(parts, axis=1).astype(np.float64)


def _by_group(values: Float, groups: Rows) -> Float:
    names, places = np.unique(groups, return_inverse=True)
    totals = np.zeros((len(names), values.shape[1]))
    np.add.at(totals, places, values)
    return totals


def _resamples(n_groups: int) -> Float:
    """Return how often each group is drawn in each resample, shape `(n_resamples, n_groups)`."""
    rng = np.random.default_rng(_SEED)
    drawn: Float = rng.multinomial(
        n_groups, np.full(n_groups, 1 / n_groups), size=_N_RESAMPLES
    ).astype(np.float64)
    return drawn


def _ratio(counts: Float, other: int) -> Float:
    """Return hits / (hits + false alarms or misses) over all labels, NaN where nothing counts."""
    hits, others = counts[:, 0].sum(axis=-1), counts[:, other].sum(axis=-1)
    return _divided(hits, hits + others)


def _f1(counts: Float, *, is_macro: bool) -> Float:
    hits, wrong = counts[:, 0], counts[:, 1] + counts[:, 2]
    if not is_macro:
        hits, wrong = hits.sum(axis=-1, keepdims=True), wrong.sum(axis=-1, keepdims=True)
        return _divided(2 * hits[:, 0], 2 * hits[:, 0] + wrong[:, 0])
    scores = _divided(2 * hits, 2 * hits + wrong)
    is_true = (counts[:, 0] + counts[:, 2]) > 0  # labels that nobody gave do not count
    return _divided(np.where(is_true, np.nan_to_num(scores), 0).sum(axis=-1), is_true.sum(axis=-1))


def _divided(part: Float, whole: Float) -> Float:
    return np.where(whole > 0, part / np.maximum(whole, 1e-12), np.nan)


def _share(value: Float, drawn: Float) -> Share:
    known = drawn[~np.isnan(drawn)]
    if np.isnan(value[0]) or len(known) == 0:
        return Share(None)
    low, high = np.percentile(known, [2.5, 97.5])
    return Share(float(value[0]), float(low), float(high))
