"""Texts → int8 vectors, each the same whatever else is encoded beside it.

The graph is static (fixed scales, no statistic of the batch). Texts are run together only with
others of the same number of tokens, so nothing is padded; a batch has at least two rows, because a
product with a single row takes another path in onnxruntime.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from onnxruntime.capi.onnxruntime_pybind11_state import (
    Fail,
    InvalidArgument,
    InvalidGraph,
    InvalidProtobuf,
    NoSuchFile,
    RuntimeException,
)
from tokenizers import Tokenizer

from convqa.cpu import adds_byte_products_exactly
from convqa.encoder.bundle import ENCODER, TOKENIZER, Bundle
from convqa.errors import ModelBundleError

_MIN_ROWS = 2
_MAX_ROWS = 32
_TOKENS_PER_BATCH = 1024  # measured: larger batches leave the cache and are slower

# onnxruntime's errors have no common base of their own.
_LOAD_ERRORS = (
    Fail, InvalidArgument, InvalidGraph, InvalidProtobuf, NoSuchFile, RuntimeException,
)  # fmt: skip


class GraphEncoder:
    """An inference session over a graph; safe to use from one thread at a time."""

    def __init__(self, graph: Path, tokenizer: Path, *, max_tokens: int, threads: int) -> None:
        """Load the graph and the tokenizer.

        Args:
            graph: ONNX file, `input_ids` (n, length) int32 → `vectors` (n, width) int8.
            tokenizer: `tokenizer.json`.
            max_tokens: Where a text is cut, special tokens counted.
            threads: Threads that it may use; results do not depend on it.

        Raises:
            ModelBundleError: The graph or the tokenizer cannot be loaded.
        """
        self._session = _session(graph, threads)
        self._width = int(self._session.get_outputs()[0].shape[-1])
        self._tokenizer = _tokenizer(tokenizer)
        self._tokenizer.enable_truncation(max_tokens)
        self._tokenizer.no_padding()

    @property
    def width(self) -> int:
        """Return the length of a vector."""
        return self._width

    def encode(self, texts: Sequence[str]) -> NDArray[np.int8]:
        """Return one vector a text, shape `(len(texts), width)`, in the order of the texts.

        A text longer than the bundle's `max_tokens` is cut; an empty one has a vector too. A text
        that is given twice is encoded once.
        """
        return self.encode_counted(texts)[0]

    def encode_counted(self, texts: Sequence[str]) -> tuple[NDArray[np.int8], NDArray[np.int32]]:
        """Return what `encode` and `count_tokens` return, reading the texts once."""
        distinct = list(dict.fromkeys(texts))
        ids = [encoding.ids for encoding in self._tokenizer.encode_batch(distinct)]
        vectors = np.zeros((len(distinct), self._width), dtype=np.int8)
        for rows, batch in _batches(ids):
            vectors[rows] = self._session.run(None, {"input_ids": batch})[0][: len(rows)]
        counts = np.array([len(tokens) for tokens in ids], dtype=np.int32)
        row_of = {text: row for row, text in enumerate(distinct)}
        order = np.array([row_of[text] for text in texts], dtype=np.int64)
        return vectors[order], counts[order]

    def count_tokens(self, texts: Sequence[str]) -> NDArray[np.int32]:
        """Return the number of tokens that each text is encoded with, special tokens counted."""
        encodings = self._tokenizer.encode_batch(list(texts))
        return np.array([len(encoding.ids) for encoding in encodings], dtype=np.int32)


class Encoder(GraphEncoder):
    """The encoder of a bundle."""

    def __init__(self, bundle: Bundle, *, threads: int) -> None:
        """Load the graph and the tokenizer of a checked bundle.

        Raises:
            ModelBundleError: The graph cannot be read or does not fit the manifest.
        """
        super().__init__(
            bundle.path / ENCODER,
            bundle.path / TOKENIZER,
            max_tokens=bundle.manifest.max_tokens,
            threads=threads,
        )
        if self.width != bundle.width:
            raise ModelBundleError(
                f"{bundle.path / ENCODER}: gives vectors of {self.width}, "
                f"the manifest says {bundle.width}"
            )


def _batches(ids: Sequence[Sequence[int]]) -> Iterator[tuple[list[int], NDArray[np.int32]]]:
    """Yield row numbers and their token ids, rows of one length together."""
    by_length: dict[int, list[int]] = {}
    for row, tokens in enumerate(ids):
        by_length.setdefault(len(tokens), []).append(row)
    for length, members in sorted(by_length.items()):
        size = min(_MAX_ROWS, max(_MIN_ROWS, _TOKENS_PER_BATCH // length))
        for start in range(0, len(members), size):
            rows = members[start : start + size]
            batch = [ids[row] for row in rows]
            batch += [batch[0]] * (_MIN_ROWS - len(rows))
            yield rows, np.array(batch, dtype=np.int32)


def _session(path: Path, threads: int) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Threads that spin while they wait would take the cores of the other workers.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if not adds_byte_products_exactly():
        # Signed weights become unsigned, whose products are added in 32 bits: the same results.
        options.add_session_config_entry("session.x64quantprecision", "1")
    try:
        return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except _LOAD_ERRORS as err:
        raise ModelBundleError(f"{path}: onnxruntime cannot load the graph") from err


def _tokenizer(path: Path) -> Tokenizer:
    try:
        return Tokenizer.from_file(str(path))
    except Exception as err:  # tokenizers raises no other class
        raise ModelBundleError(f"{path}: is no tokenizer that can be loaded") from err
