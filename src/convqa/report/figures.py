"""Means with intervals, from sums that can be added up one conversation at a time."""

from dataclasses import dataclass
from math import sqrt

from convqa.agreement import Interval, wilson_interval

# Below this a figure says more about chance, or about one person's bad day, than about a group
# (design.md, «Principles about people»).
SMALLEST_GROUP = 5

_Z = 1.959964  # the 97.5 % quantile of the normal distribution


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean score in [0, 100] with its 95 % interval `[low, high]`, None where n is too small."""

    value: float
    low: float | None
    high: float | None


@dataclass(slots=True)
class Moments:
    """Number, sum and sum of squares of scores."""

    n: int = 0
    total: float = 0.0
    squares: float = 0.0

    def add(self, score: float) -> None:
        """Count one score, 0–100."""
        self.n += 1
        self.total += score
        self.squares += score * score

    def merge(self, other: "Moments") -> None:
        """Count all scores of another group."""
        self.n += other.n
        self.total += other.total
        self.squares += other.squares

    def mean(self) -> Mean | None:
        """Return the mean with its t interval, without one below five scores, None without any."""
        if self.n == 0:
            return None
        value = self.total / self.n
        if self.n < SMALLEST_GROUP:
            return Mean(value, None, None)
        variance = max(0.0, (self.squares - self.n * value * value) / (self.n - 1))
        margin = t_quantile(self.n - 1) * sqrt(variance / self.n)
        return Mean(value, max(0.0, value - margin), min(100.0, value + margin))


def share(n_hits: int, n: int) -> Interval | None:
    """Return a share with its Wilson interval, None of nothing."""
    return wilson_interval(n_hits, n) if n else None


def t_quantile(degrees: int) -> float:
    """Return the 97.5 % quantile of Student's t for 4 or more degrees of freedom.

    The expansion 26.7.5 of Abramowitz and Stegun; at 4 degrees it gives 2.769 (exact: 2.776), at 10
    and more it is right to 0.001.
    """
    z = _Z
    return (
        z
        + (z**3 + z) / (4 * degrees)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * degrees**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * degrees**3)
    )
