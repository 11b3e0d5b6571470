"""Label rows → what a head reads, exactly as in scoring: redacted, cut, encoded, in context."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from convqa.detect.contexts import before_next
from convqa.encoder import Encoder
from convqa.encoder.heads import N_PAST_BLOCKS, Float, pair_features
from convqa.heads.fit import Rows
from convqa.heads.labels import LabelRow, SaidBefore
from convqa.redact import redact_text
from convqa.schema import Role
from convqa.text import sentence_spans

# How much the blocks beside the text's own vector count at the start. Measured on the 74 sample
# labels: all of 0.3, 0.5 and 1 are within 0.02 of each other in area under the curve.
_BESIDE = 0.5
_BLOCK_FACTORS = (1.0, _BESIDE, _BESIDE, _BESIDE)
_OTHER: dict[Role, Role] = {"agent": "customer", "customer": "agent"}


@dataclass(frozen=True, slots=True)
class RowVectors:
    """Vectors of the texts and of their contexts, shape `(n, width)`, and what was said before.

    `past` is that of `convqa.detect.contexts.surroundings`, zeros where it is not known.
    """

    text: NDArray[np.int8]
    context: NDArray[np.int8]
    past: NDArray[np.int8]

    def part(self, rows: Rows) -> "RowVectors":
        """Return the vectors of some of the rows."""
        return RowVectors(self.text[rows], self.context[rows], self.past[rows])


def row_vectors(
    rows: Sequence[LabelRow], encoder: Encoder, *, with_past: bool = False
) -> RowVectors:
    """Return the vectors of label rows; personal data is replaced first, as before scoring.

    Args:
        rows: The rows.
        encoder: That of the bundle whose heads read them.
        with_past: Whether the conversation before is wanted too; else `past` is zeros.
    """
    said = [_said_before(row, with_past=with_past) for row in rows]
    texts = [
        _redacted(row.text, row.language, _last_run(segments))
        for row, segments in zip(rows, said, strict=True)
    ]
    vectors = encoder.encode([*texts, *(text for segments in said for _, text in segments)])
    context = np.zeros((len(rows), encoder.width), dtype=np.int8)
    past = np.zeros((len(rows), N_PAST_BLOCKS, encoder.width), dtype=np.int8)
    end = len(rows)
    for number, (row, segments) in enumerate(zip(rows, said, strict=True)):
        start, end = end, end + len(segments)
        around = before_next([role for role, _ in segments], vectors[start:end], row.role)
        context[number] = around.context
        if with_past and row.before:
            past[number] = around.past
    return RowVectors(vectors[: len(rows)], context, past)


def _said_before(row: LabelRow, *, with_past: bool) -> list[SaidBefore]:
    """Return the segments before a row's run, of the last run alone where more is not wanted."""
    said = row.before or ((_OTHER[row.role], row.context),)
    runs = [list(run) for _, run in groupby(said, key=lambda entry: entry[0])]
    if runs[-1][0][0] == row.role:  # the row's own run is not before it
        runs.pop()
    segments: list[SaidBefore] = []
    for run in runs if with_past else runs[-1:]:
        question = _last_run(segments)
        for role, text in run:
            redacted = _redacted(text, row.language, question)
            spans = sentence_spans(redacted, row.language)
            parts = (redacted[start:end] for start, end in spans)
            segments += [(role, part) for part in parts if part.strip()]
    return segments


def _last_run(segments: Sequence[SaidBefore]) -> str:
    """Return what was said last by one party, in one piece: what the next words may answer."""
    runs = [[text for _, text in run] for _, run in groupby(segments, key=lambda entry: entry[0])]
    return " ".join(runs[-1]) if runs else ""


@lru_cache(maxsize=100_000)
def _redacted(text: str, language: str, question: str) -> str:
    return redact_text(text, language, question=question).text


@dataclass(frozen=True, slots=True)
class Scaled:
    """Features of a mean squared length of 1 in each part, and the factor of each column."""

    features: Float
    factors: Float


def pair_inputs(vectors: RowVectors) -> Scaled:
    """Return the blocks that heads read, side by side, scaled for the fit."""
    blocks, factors = [], []
    for whole, factor in zip(
        pair_features(vectors.text, vectors.context), _BLOCK_FACTORS, strict=True
    ):
        block = whole.astype(np.float64)  # in which the fit is made
        scale = factor / _length(block)
        blocks.append(block * scale)
        factors.append(np.full(block.shape[1], scale))
    return Scaled(np.hstack(blocks), np.concatenate(factors))


def row_groups(rows: Sequence[LabelRow]) -> Rows:
    """Return a number for each row: equal within a conversation, and where a text is repeated.

    Agents repeat themselves; a text that was learnt from one conversation must not be asked in
    another.
    """
    keys = [(f"conversation {row.conversation_id}", f"text {_plain(row.text)}") for row in rows]
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        parent.setdefault(key, key)
        while parent[key] != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    for conversation, text in keys:
        parent[root(text)] = root(conversation)
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(root(c), len(numbers)) for c, _ in keys], dtype=np.int64)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _length(block: Float) -> float:
    """Return the root of the mean squared length of the rows, 1 where all are zero."""
    return float(np.sqrt((block**2).sum(axis=1).mean())) or 1.0
