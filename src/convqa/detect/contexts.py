"""What was said before a segment: the context that every label is judged in."""

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from convqa.encoder import Encoder
from convqa.encoder.heads import N_PAST_BLOCKS, context_vector
from convqa.schema import Role

_PARTIES = ("agent", "customer")


def runs(roles: Sequence[Role]) -> list[tuple[Role, list[int]]]:
    """Return the runs of one party in a sequence of segments: its role and its segment rows.

    Segments of anyone else neither belong to a run nor end one.
    """
    rows = [row for row, role in enumerate(roles) if role in _PARTIES]
    return [(role, list(members)) for role, members in groupby(rows, key=lambda row: roles[row])]


class Surroundings(NamedTuple):
    """What was said before each segment's run, as heads read it; zeros where nothing was.

    `context` is the vector of the run before, which is the other party's: runs alternate; shape
    `(n_segments, width)`. `past`, shape `(n_segments, N_PAST_BLOCKS, width)`, has the vector of the
    last run of the segment's own party, the mean of all that it has said before this run, and the
    mean of all that the other party has said before the context, rounded.
    """

    context: NDArray[np.int8]
    past: NDArray[np.int8]


def surroundings(roles: Sequence[Role], vectors: NDArray[np.int8]) -> Surroundings:
    """Return what was said before each segment of a conversation.

    Args:
        roles: The role of each segment.
        vectors: Their vectors, shape `(n_segments, width)`.
    """
    context = np.zeros_like(vectors)
    past = np.zeros((len(vectors), N_PAST_BLOCKS, vectors.shape[1]), dtype=np.int8)
    ordered = [rows for _, rows in runs(roles)]
    if ordered:
        said = np.stack([context_vector(vectors[rows]) for rows in ordered])
        means = _means_so_far([vectors[rows] for rows in ordered])
        for number, rows in enumerate(ordered[1:], 1):
            context[rows] = said[number - 1]
            if number > 1:
                past[rows, 0] = said[number - 2]
                past[rows, 1] = means[number - 2]
            if number > 2:
                past[rows, 2] = means[number - 3]
    return Surroundings(context, past)


def before_next(roles: Sequence[Role], vectors: NDArray[np.int8], next_role: Role) -> Surroundings:
    """Return what was said before a segment that would come next, without the first dimension.

    Args:
        roles: The role of each segment said.
        vectors: Their vectors, shape `(n_segments, width)`; of the next its role counts alone.
        next_role: Who speaks next.
    """
    padded = np.vstack([vectors, np.zeros((1, vectors.shape[1]), dtype=np.int8)])
    context, past = surroundings([*roles, next_role], padded)
    return Surroundings(context[-1], past[-1])


def _means_so_far(ordered: Sequence[NDArray[np.int8]]) -> NDArray[np.int8]:
    """Return for each run the mean of all that its party has said up to its end, `(n, width)`."""
    totals = np.stack([own.sum(axis=0, dtype=np.int64) for own in ordered])
    sizes = np.array([len(own) for own in ordered])
    means = np.empty(totals.shape, dtype=np.int8)
    for party in (slice(0, None, 2), slice(1, None, 2)):
        n_said = np.cumsum(sizes[party])
        means[party] = np.rint(np.cumsum(totals[party], axis=0) / n_said[:, np.newaxis])
    return means


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
