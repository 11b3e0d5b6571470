"""Label rows → what a head reads, exactly as in scoring: redacted, cut, encoded, in context."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convqa.detect.contexts import pair_vectors, surroundings
from convqa.encoder import Encoder
from convqa.encoder.heads import N_PAST_BLOCKS, Float, pair_features
from convqa.heads.fit import Rows
from convqa.heads.labels import LabelRow, SaidBefore
from convqa.redact import redact_text
from convqa.text import sentence_spans

# How much the blocks beside the text's own vector count at the start. Measured on the 74 sample
# labels: all of 0.3, 0.5 and 1 are within 0.02 of each other in area under the curve.
_BESIDE = 0.5
_BLOCK_FACTORS = (1.0, _BESIDE, _BESIDE, _BESIDE)


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


def row_vectors(rows: Sequence[LabelRow], encoder: Encoder) -> RowVectors:
    """Return the vectors of label rows; personal data is replaced first, as before scoring."""
    contexts = [redact_text(row.context, row.language).text for row in rows]
    texts = [
        redact_text(row.text, row.language, question=context).text
        for row, context in zip(rows, contexts, strict=True)
    ]
    parts = [_sentences(context, row.language) for row, context in zip(rows, contexts, strict=True)]
    return RowVectors(*pair_vectors(texts, parts, encoder), _past_vectors(rows, encoder))


def _past_vectors(rows: Sequence[LabelRow], encoder: Encoder) -> NDArray[np.int8]:
    """Return what sums up the conversation before each row, `(n, N_PAST_BLOCKS, width)`."""
    said = [_said_before(row) for row in rows]
    vectors = encoder.encode([text for segments in said for _, text in segments])
    found = np.zeros((len(rows), N_PAST_BLOCKS, encoder.width), dtype=np.int8)
    here = np.zeros((1, encoder.width), dtype=np.int8)  # of the row itself only its role counts
    end = 0
    for number, (row, segments) in enumerate(zip(rows, said, strict=True)):
        start, end = end, end + len(segments)
        roles = [role for role, _ in segments] + [row.role]
        found[number] = surroundings(roles, np.vstack([vectors[start:end], here])).past[-1]
    return found


def _said_before(row: LabelRow) -> list[SaidBefore]:
    """Return the segments before a row, with what each asks for known when the next is redacted."""
    segments: list[SaidBefore] = []
    question = ""
    for role, said in row.before:
        text = redact_text(said, row.language, question=question).text
        segments += [(role, part) for part in _sentences(text, row.language) if part.strip()]
        question = text
    return segments


def _sentences(text: str, language: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text, language)]


@dataclass(frozen=True, slots=True)
class Scaled:
    """Features of a mean squared length of 1 in each part, and the factor of each column."""

    features: Float
    factors: Float


def pair_inputs(vectors: RowVectors) -> Scaled:
    """Return the blocks that heads read, side by side, scaled for the fit."""
    blocks, factors = [], []
    for block, factor in zip(
        pair_features(vectors.text, vectors.context), _BLOCK_FACTORS, strict=True
    ):
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
