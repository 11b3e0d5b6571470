"""What the other party said just before: the context that every label is judged in."""

from collections.abc import Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from convqa.encoder import Encoder
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


def pair_vectors(
    texts: Sequence[str], contexts: Sequence[Sequence[str]], encoder: Encoder
) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Return the vectors of single texts and of their contexts, as heads read them.

    Args:
        texts: Each taken whole.
        contexts: For each text the segments that the other party said before it; blank ones do
            not count, and none at all gives zeros.
        encoder: The encoder of the heads' bundle.

    Returns:
        Two arrays of shape `(len(texts), width)`.
    """
    said = [[part for part in parts if part.strip()] for parts in contexts]
    vectors = encoder.encode([*texts, *(part for parts in said for part in parts)])
    own, others = vectors[: len(texts)], vectors[len(texts) :]
    ends = np.cumsum([len(parts) for parts in said], dtype=np.int64)
    before = np.zeros_like(own)
    for row, (end, parts) in enumerate(zip(ends.tolist(), said, strict=True)):
        before[row] = context_vector(others[end - len(parts) : end])
    return own, before
