"""Agreement of two sequences of labels given to the same things in the same order."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counted:
    """Counts of one label: found rightly, found wrongly, and missed."""

    true_positive: int
    false_positive: int
    false_negative: int

    @property
    def support(self) -> int:
        """How often the label is true."""
        return self.true_positive + self.false_negative

    @property
    def precision(self) -> float | None:
        """Share of the found ones that are right, None where none was found."""
        found = self.true_positive + self.false_positive
        return self.true_positive / found if found else None

    @property
    def recall(self) -> float | None:
        """Share of the true ones that were found, None where none is true."""
        return self.true_positive / self.support if self.support else None


def count_label(y_true: Sequence[str], y_pred: Sequence[str], label: str) -> Counted:
    """Return the counts of one label."""
    pairs = list(zip(y_true, y_pred, strict=True))
    return Counted(
        true_positive=sum(t == p == label for t, p in pairs),
        false_positive=sum(t != label and p == label for t, p in pairs),
        false_negative=sum(t == label and p != label for t, p in pairs),
    )


def f1(counted: Counted) -> float | None:
    """Return 2·TP / (2·TP + FP + FN) in [0, 1], higher is better; None where nothing is counted."""
    total = 2 * counted.true_positive + counted.false_positive + counted.false_negative
    return 2 * counted.true_positive / total if total else None


def macro_f1(y_true: Sequence[str], y_pred: Sequence[str]) -> float | None:
    """Return the unweighted mean F1 of the labels that are true at least once."""
    scores = [f1(count_label(y_true, y_pred, label)) or 0.0 for label in sorted(set(y_true))]
    return sum(scores) / len(scores) if scores else None


def cohen_kappa(first: Sequence[str], second: Sequence[str]) -> float | None:
    """Return Cohen's kappa in [-1, 1]: agreement beyond chance (Cohen 1960).

    None where nothing was labelled, or where chance alone already agrees always.
    """
    n = len(first)
    if n == 0:
        return None
    observed = sum(a == b for a, b in zip(first, second, strict=True)) / n
    counts = Counter(first), Counter(second)
    expected = sum(counts[0][label] * counts[1][label] for label in counts[0]) / n**2
    return None if expected == 1 else (observed - expected) / (1 - expected)


def krippendorff_alpha(units: Iterable[Sequence[str]]) -> float | None:
    """Return Krippendorff's alpha for nominal labels, at most 1: agreement beyond chance.

    Args:
        units: For each thing that was labelled, the labels that people gave it, in any order; one
            with fewer than two says nothing about agreement.

    None where nothing was labelled twice, or where only one label was used, so that no disagreement
    was possible. Source: Krippendorff 2011, «Computing Krippendorff's Alpha-Reliability».
    """
    observed = 0.0
    totals: Counter[str] = Counter()
    for labels in units:
        n = len(labels)
        if n < 2:
            continue
        counts = Counter(labels)
        totals.update(counts)
        observed += sum(count * (n - count) for count in counts.values()) / (n - 1)
    n_labels = totals.total()
    expected = sum(count * (n_labels - count) for count in totals.values())
    return None if expected == 0 else 1 - (n_labels - 1) * observed / expected
