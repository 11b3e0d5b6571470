"""The vectors that the exported graph gives, which the heads are finally fitted and judged on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from convqa.detect.contexts import before_next
from convqa.encoder.heads import context_vector
from training.corpora import Example
from training.sentences import split_sentences


class TextEncoder(Protocol):
    """Gives texts their vectors, shape `(len(texts), width)`."""

    def encode(self, texts: list[str]) -> NDArray[np.int8]:
        """Return one row a text."""
        ...


class VectorTable:
    """Vectors of many texts, each encoded once."""

    def __init__(self, encoder: TextEncoder, texts: Iterable[str]) -> None:
        """Encode the distinct texts."""
        distinct = sorted(set(texts))
        self._rows = {text: row for row, text in enumerate(distinct)}
        self._vectors = encoder.encode(distinct)

    def of(self, texts: Sequence[str]) -> NDArray[np.int8]:
        """Return the vectors of some texts, one row each."""
        if not texts:
            return np.zeros((0, self._vectors.shape[1]), dtype=np.int8)
        return self._vectors[[self._rows[text] for text in texts]]


def texts_of(examples: Iterable[Example]) -> set[str]:
    """Return every text that an example may be read through, with all that was said before it."""
    found: set[str] = set()
    for example in examples:
        found.update(example.sentences)
        found.add(" ".join(example.sentences))
        if example.context:
            found.add(example.context)
            found.update(split_sentences(example.context))
        for _, sentences in example.before:
            found.update(sentences)
    return found


def whole(example: Example) -> Example:
    """Return the example with its turn in one piece, as `classify` reads it."""
    return replace(example, sentences=(" ".join(example.sentences),))


@dataclass(frozen=True, slots=True)
class HeadInputs:
    """Vectors of the sentences of some examples, and the example that each belongs to.

    `past` is that of `surroundings`, shape `(n, N_PAST_BLOCKS, width)`.
    """

    examples: tuple[Example, ...]
    text: NDArray[np.int8]
    context: NDArray[np.int8]
    past: NDArray[np.int8]
    owners: NDArray[np.int64]


def head_inputs(examples: Sequence[Example], table: VectorTable, *, is_split: bool) -> HeadInputs:
    """Return what a head reads of examples of one role.

    Args:
        examples: Of one role.
        table: The vectors of their texts.
        is_split: In sentences, as conversations are scored; else whole, as `classify` reads texts.
            Both with what was said before: calibrated without it, politeness of turns falls
            from .872 to .861 (held out).
    """
    chosen = tuple(item if is_split else whole(item) for item in examples)
    texts, contexts, pasts, owners = [], [], [], []
    for row, example in enumerate(chosen):
        vectors = table.of(example.sentences)
        parts = split_sentences(example.context) if is_split else (example.context,)
        context = context_vector(table.of([part for part in parts if part]))
        texts.append(vectors)
        contexts.append(np.tile(context, (len(vectors), 1)))
        pasts.append(np.tile(_past(example, table), (len(vectors), 1, 1)))
        owners += [row] * len(vectors)
    return HeadInputs(
        chosen, np.concatenate(texts), np.concatenate(contexts), np.concatenate(pasts),
        np.array(owners, dtype=np.int64),
    )  # fmt: skip


def _past(example: Example, table: VectorTable) -> NDArray[np.int8]:
    """Return what sums up the conversation before an example, shape `(N_PAST_BLOCKS, width)`."""
    said = [(role, text) for role, sentences in example.before for text in sentences]
    vectors = table.of([text for _, text in said])
    return before_next([role for role, _ in said], vectors, example.role).past
