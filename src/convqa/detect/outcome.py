"""How a conversation ended, as numbers: what the head for resolution and ending reads.

Everything is a whole number (probabilities in thousandths), so that the head's sums are exact.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convqa.detect.contexts import runs
from convqa.encoder.heads import context_vector
from convqa.schema import Role

_STEPS = 1000  # of a probability
_LONGEST = 6  # runs and segments are counted up to 2**6


@dataclass(frozen=True, slots=True)
class SegmentLabels:
    """Probabilities of the segments of one conversation.

    `agent` and `customer` give for each task an array `(n, n_labels)` over the segments of that
    role, in order.
    """

    roles: Sequence[Role]
    agent: Mapping[str, NDArray[np.float64]]
    customer: Mapping[str, NDArray[np.float64]]


def conversation_features(labelled: SegmentLabels, vectors: NDArray[np.int8]) -> NDArray[np.int64]:
    """Return the features of one conversation, shape `(n_features,)`.

    For each role the labels in its last run, in its last two, in the last third of its segments and
    in all (largest probability), and their mean; who spoke last and how much was said; the vectors
    of the last run of each role.
    """
    parts: list[NDArray[np.int64]] = []
    ordered = runs(labelled.roles)
    for role, values in (("agent", labelled.agent), ("customer", labelled.customer)):
        table = np.rint(np.concatenate(list(values.values()), axis=1) * _STEPS).astype(np.int64)
        sizes = [len(rows) for party, rows in ordered if party == role]
        parts += _pools(table, sizes)
    parts.append(_course(ordered))
    for role in ("agent", "customer"):
        last = next((rows for party, rows in reversed(ordered) if party == role), [])
        parts.append(context_vector(vectors[last]).astype(np.int64))
    return np.concatenate(parts)


def _pools(table: NDArray[np.int64], sizes: Sequence[int]) -> list[NDArray[np.int64]]:
    if len(table) == 0:
        return [np.zeros(table.shape[1], dtype=np.int64)] * 5
    last, last_two = sizes[-1], sum(sizes[-2:])
    third = -(-len(table) // 3)
    mean = np.rint(table.sum(axis=0) / len(table)).astype(np.int64)
    return [table[-n:].max(axis=0) for n in (last, last_two, third, len(table))] + [mean]


def _course(ordered: Sequence[tuple[Role, Sequence[int]]]) -> NDArray[np.int64]:
    """Return who spoke first and last, and how long, each up to `_STEPS`."""
    if not ordered:
        return np.zeros(6, dtype=np.int64)
    n_segments = sum(len(rows) for _, rows in ordered)
    by_customer = sum(len(rows) for role, rows in ordered if role == "customer")
    numbers = [
        float(ordered[0][0] == "agent"),
        float(ordered[-1][0] == "agent"),
        min(_LONGEST, np.log2(len(ordered))) / _LONGEST,
        min(_LONGEST, np.log2(n_segments)) / _LONGEST,
        by_customer / n_segments,
        min(_LONGEST, len(ordered[-1][1])) / _LONGEST,
    ]
    course: NDArray[np.int64] = np.rint(np.array(numbers) * _STEPS).astype(np.int64)
    return course
