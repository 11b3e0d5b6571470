"""Vectors of texts that were seen before: agents repeat themselves all night."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from convqa.encoder.session import Encoder

# About 55 MB with the texts: those of at least 2,000 conversations. Beyond it the oldest texts are
# forgotten and encoded again if they come back, with the same result.
_MAX_TEXTS = 60_000


class VectorCache:
    """Encodes each distinct text once; least recently asked for is forgotten first."""

    def __init__(self, encoder: Encoder, *, max_texts: int = _MAX_TEXTS) -> None:
        """Start empty.

        Args:
            encoder: Encodes what is not known yet.
            max_texts: Texts that are remembered between calls of `encode`.
        """
        self._encoder = encoder
        self._max_texts = max_texts
        self._known: dict[str, tuple[NDArray[np.int8], int]] = {}

    def encode(self, texts: Iterable[str]) -> None:
        """Make the vectors of all texts known; those of a whole chunk at once fill the batches."""
        wanted = dict.fromkeys(texts)
        fresh = []
        for text in wanted:
            entry = self._known.pop(text, None)
            if entry is None:
                fresh.append(text)
            else:
                self._known[text] = entry
        excess = len(self._known) + len(fresh) - self._max_texts
        for text in [t for t in self._known if t not in wanted][: max(0, excess)]:
            del self._known[text]
        vectors, counts = self._encoder.encode_counted(fresh)
        for text, vector, count in zip(fresh, vectors, counts.tolist(), strict=True):
            self._known[text] = (vector.copy(), count)

    def rows(self, texts: Iterable[str]) -> tuple[NDArray[np.int8], Sequence[int]]:
        """Return the vectors, shape `(n_texts, width)`, and the numbers of tokens, in order."""
        listed = list(texts)
        if any(text not in self._known for text in listed):
            self.encode(listed)
        vectors = np.zeros((len(listed), self._encoder.width), dtype=np.int8)
        counts = []
        for row, text in enumerate(listed):
            vectors[row], count = self._known[text]
            counts.append(count)
        return vectors, counts
