"""Vectors of the exported graph, kept between the steps that need the same ones."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
from numpy.typing import NDArray

from convqa.encoder.bundle import ENCODER, TOKENIZER
from convqa.encoder.session import GraphEncoder
from training.settings import needed

_DIGEST = b"encoder_sha256"


class KeptVectors:
    """The encoder in a working folder; what it encoded once is read from `vectors.feather`.

    Another encoder or tokenizer in the folder begins another file.
    """

    def __init__(self, work: Path, *, max_tokens: int) -> None:
        """Read what an earlier step kept."""
        encoder = needed(work / ENCODER, after="export")
        tokenizer = needed(work / TOKENIZER, after="vocabulary")
        self._encoder = GraphEncoder(encoder, tokenizer, max_tokens=max_tokens, threads=2)
        self._path = work / "vectors.feather"
        digest = hashlib.sha256(str(max_tokens).encode())
        for file in (encoder, tokenizer):
            digest.update(file.read_bytes())
        self._digest = digest.hexdigest().encode()
        self._known = self._read()

    def encode(self, texts: Sequence[str]) -> NDArray[np.int8]:
        """Return the vectors of texts, shape `(len(texts), width)`."""
        missing = sorted({text for text in texts if text not in self._known})
        if missing:
            rows = self._encoder.encode(missing)
            self._known |= {text: row.tobytes() for text, row in zip(missing, rows, strict=True)}
            self._write()
        found = b"".join(self._known[text] for text in texts)
        return np.frombuffer(found, dtype=np.int8).reshape(len(texts), -1).copy()

    def _read(self) -> dict[str, bytes]:
        if not self._path.exists():
            return {}
        table = feather.read_table(self._path)
        if (table.schema.metadata or {}).get(_DIGEST) != self._digest:
            return {}
        columns = (table[name].to_pylist() for name in ("text", "vector"))
        return dict(zip(*columns, strict=True))

    def _write(self) -> None:
        table = pa.table(
            {"text": list(self._known), "vector": list(self._known.values())},
            metadata={_DIGEST: self._digest},
        )
        written = self._path.with_suffix(".part")
        feather.write_feather(table, written)
        written.replace(self._path)
