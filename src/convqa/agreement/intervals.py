"""Intervals for shares, right also for small counts and shares near 0 and 1."""

from dataclasses import dataclass
from math import sqrt

# The 97.5 % quantile of the normal distribution: two-sided 95 % intervals.
_Z = 1.959964


@dataclass(frozen=True, slots=True)
class Interval:
    """A share in [0, 1] and its 95 % interval `[low, high]`."""

    share: float
    low: float
    high: float


def wilson_interval(n_hits: int, n: int) -> Interval:
    """Return the share `n_hits / n` with its Wilson score interval (Wilson 1927).

    Raises:
        ValueError: `n` is 0 or `n_hits` is not in `[0, n]`.
    """
    if not 0 <= n_hits <= n or n == 0:
        raise ValueError(f"a share needs 0 <= hits <= n and n > 0, not {n_hits} of {n}")
    share = n_hits / n
    centre = share + _Z**2 / (2 * n)
    margin = _Z * sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    scale = 1 + _Z**2 / n
    return Interval(share, max(0.0, (centre - margin) / scale), min(1.0, (centre + margin) / scale))
