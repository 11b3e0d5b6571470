"""What the other party said just before: the context that every label is judged in."""

from collections.abc import Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from convqa.encoder.heads import context_vector
from convqa.schema import Role

_PARTIES = ("agent", "customer")


def runs(roles: Sequence[Role]) -> list[tuple[Role, list[int]]]:
    """Return the runs of one party in a sequence of segments: its role and its segment rows.

    Segments of anyone else neither belong to a run nor end one.
    """
    rows = [row for row, role in enumerate(roles) if role in _PARTIES]
    return [(role, list(members)) for role, members in groupby(rows, key=lambda row: roles[row])]


def preceding_contexts(roles: Sequence[Role], vectors: NDArray[np.int8]) -> NDArray[np.int8]:
    """Return for each segment the vector of the run before its own, zeros where there is none.

    Args:
        roles: The role of each segment.
        vectors: Their vectors, shape `(n_segments, width)`.

    Runs of the two parties alternate, so the run before is always the other party's.
    """
    contexts = np.zeros_like(vectors)
    before = np.zeros(vectors.shape[1], dtype=np.int8)
    for _, rows in runs(roles):
        contexts[rows] = before
        before = context_vector(vectors[rows])
    return contexts
