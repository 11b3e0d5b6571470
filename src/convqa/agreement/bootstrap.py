"""Agreement beyond chance with intervals, from resampled conversations.

A conversation is answered as a whole, so it is drawn as a whole: of one criterion each conversation
is one unit. Units with the same answers are counted together, so many cost no more than few.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convqa.agreement.measures import krippendorff_alpha

Float = NDArray[np.float64]

# The ends of a 95 % interval move by less than 0.01 between seeds at this many.
_N_RESAMPLES = 2_000
_SEED = 0
# Under this many conversations the resamples are too few different ones to say anything.
_LEAST_UNITS = 5


@dataclass(frozen=True, slots=True)
class Estimate:
    """A coefficient of agreement, at most 1, and its 95 % interval `[low, high]`.

    `value` is None where it is not defined; `low` and `high` are None there and where there are
    fewer than five units.
    """

    value: float | None
    low: float | None
    high: float | None
    n_units: int


def estimate_kappa(pairs: Mapping[tuple[str, str], int]) -> Estimate:
    """Return Cohen's kappa of two raters with its interval.

    Args:
        pairs: How many conversations had which two labels, the first rater's first.
    """
    counts = {pair: n for pair, n in pairs.items() if n > 0}
    labels = sorted({label for pair in counts for label in pair})
    tables = np.zeros((len(counts), len(labels), len(labels)))
    for row, (first, second) in enumerate(counts):
        tables[row, labels.index(first), labels.index(second)] = 1
    return _estimate(tables, list(counts.values()), _kappas)


def estimate_alpha(units: Iterable[Sequence[str]]) -> Estimate:
    """Return Krippendorff's alpha for nominal labels with its interval.

    Args:
        units: For each conversation the labels that people gave it; fewer than two do not count.
    """
    patterns = Counter(tuple(sorted(labels)) for labels in units if len(labels) > 1)
    labels = sorted({label for pattern in patterns for label in pattern})
    tables = np.zeros((len(patterns), len(labels), len(labels)))
    for row, pattern in enumerate(patterns):
        counts = np.array([pattern.count(label) for label in labels], dtype=np.float64)
        tables[row] = (np.outer(counts, counts) - np.diag(counts)) / (len(pattern) - 1)
    found = _estimate(tables, list(patterns.values()), _alphas)
    plain = krippendorff_alpha(p for p, n in patterns.items() for _ in range(n))
    return Estimate(plain, found.low, found.high, found.n_units)


def _estimate(
    tables: Float, counts: Sequence[int], coefficients: Callable[[Float], Float]
) -> Estimate:
    """Return the coefficient of summed tables of shape `(n_patterns, k, k)` and its interval."""
    n = sum(counts)
    if n == 0:
        return Estimate(None, None, None, 0)
    whole = float(coefficients(np.tensordot([counts], tables, axes=1))[0])
    if np.isnan(whole):
        return Estimate(None, None, None, n)
    if n < _LEAST_UNITS:
        return Estimate(whole, None, None, n)
    shares = np.array(counts, dtype=np.float64) / n
    drawn = np.random.default_rng(_SEED).multinomial(n, shares, size=_N_RESAMPLES)
    resampled = coefficients(np.tensordot(drawn.astype(np.float64), tables, axes=1))
    # A resample in which only one label was drawn has no coefficient.
    defined = resampled[~np.isnan(resampled)]
    low, high = np.percentile(defined, (2.5, 97.5)).tolist()
    return Estimate(whole, low, high, n)


def _kappas(tables: Float) -> Float:
    """Return kappa for each table of shape `(n, k, k)`, NaN where it is not defined."""
    n = tables.sum(axis=(1, 2))
    observed = np.trace(tables, axis1=1, axis2=2) / n
    expected = (tables.sum(axis=2) * tables.sum(axis=1)).sum(axis=1) / n**2
    return _beyond_chance(1 - observed, 1 - expected)


def _alphas(tables: Float) -> Float:
    """Return alpha for each table of coincidences, NaN where it is not defined."""
    totals = tables.sum(axis=2)
    n = totals.sum(axis=1)
    observed = 1 - np.trace(tables, axis1=1, axis2=2) / n
    expected = 1 - (totals * (totals - 1)).sum(axis=1) / (n * (n - 1))
    return _beyond_chance(observed, expected)


def _beyond_chance(observed: Float, expected: Float) -> Float:
    is_defined = expected > 1e-12  # rounding, where all labels are the same
    return np.where(is_defined, 1 - observed / np.where(is_defined, expected, 1.0), np.nan)
