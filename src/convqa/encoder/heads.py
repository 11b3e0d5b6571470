"""The heads: int8 vectors → calibrated probabilities, the same in any batch.

Every matrix product is taken of integers whose sums stay below 2**53, where float64 is exact, or
below 2**24, where float32 is, in half the time: the order in which a library adds them, and so the
batch and the number of threads, cannot matter. What follows a product is done element by element.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convqa.encoder.manifest import Columns, Head, Output
from convqa.encoder.weights import Tensors, take
from convqa.errors import ModelBundleError

Int8 = NDArray[np.int8]
Float = NDArray[np.float64]
Float32 = NDArray[np.float32]

# A run of turns is summed up by its last segments: what was said long before does not call for an
# answer any more. No turn of the training conversations has more.
MAX_CONTEXT_SEGMENTS = 8

# Probabilities are compared with thresholds and shown; further digits would only be noise.
_DECIMALS = 4

N_BLOCKS = 4
# The vectors that sum up what was said before: see `convqa.detect.contexts`.
N_PAST_BLOCKS = 3
_HIDDEN_MAX = 2.0**20  # times int16 weights and 2**10 inputs stays below 2**53
FLOAT32_EXACT = 2.0**24
# The largest value of each block of `pair_features`, and then of each vector of the past.
BLOCK_LIMITS = (128, 128, 128 * 128, 255, *[128] * N_PAST_BLOCKS)


def context_vector(vectors: Int8) -> Int8:
    """Return the vector of a run: the mean of the vectors of its last segments, rounded.

    Args:
        vectors: One row for each segment of the run, in order; none gives zeros.
    """
    if len(vectors) == 0:
        return np.zeros(vectors.shape[1], dtype=np.int8)
    last = vectors[-MAX_CONTEXT_SEGMENTS:]
    mean = last.sum(axis=0, dtype=np.int64) / len(last)
    rounded: Int8 = np.rint(mean).astype(np.int8)
    return rounded


def pair_features(text: Int8, context: Int8) -> tuple[Float32, ...]:
    """Return the four blocks that a head reads of a pair, each `(n, width)`, whole numbers.

    The vector, that of the other party's preceding run, their product and their distance.
    """
    own, other = text.astype(np.float32), context.astype(np.float32)
    return own, other, own * other, np.abs(own - other)


def multiply_exactly(features: Float32, weights: Float32 | Float) -> Float:
    """Return the matrix product of whole numbers, whose sums the type of the weights can hold."""
    if weights.dtype == np.float32:
        return (features @ weights).astype(np.float64)
    return features.astype(np.float64) @ weights


def multiply_runs(features: Float32, weights: Float32 | Float) -> Float:
    """Return `multiply_exactly`; a row equal to the one before it is not multiplied again.

    Segments of a run have the same context and the same past; the other blocks hardly repeat.
    """
    is_new = np.ones(len(features), dtype=np.bool_)
    is_new[1:] = (features[1:] != features[:-1]).any(axis=1)
    if is_new.all():
        return multiply_exactly(features, weights)
    repeated: Float = multiply_exactly(features[is_new], weights)[np.cumsum(is_new) - 1]
    return repeated


def narrow_if_exact(weights: Float, limit: int) -> Float32 | Float:
    """Return whole-number weights as float32 where no sum can reach what that type cannot hold.

    Args:
        weights: Shape `(width, n_hidden)`.
        limit: The largest value that they are multiplied with.
    """
    is_exact = np.abs(weights).sum(axis=0).max(initial=0) * limit < FLOAT32_EXACT
    return weights.astype(np.float32) if is_exact else weights


def probabilities(logits: Float, output: Columns) -> Float:
    """Return calibrated probabilities of one output's logits, rounded to four decimals."""
    calibrated = logits * np.array(output.scale) + np.array(output.bias)
    if output.activation == "sigmoid":
        values = 1 / (1 + np.exp(-np.clip(calibrated, -60, 60)))
    else:
        powers = np.exp(calibrated - calibrated.max(axis=1, keepdims=True))
        total = powers[:, 0].copy()
        for column in range(1, powers.shape[1]):
            total += powers[:, column]
        values = powers / total[:, np.newaxis]
    rounded: Float = np.round(values, _DECIMALS)
    return rounded


def decide(values: Float, output: Columns) -> NDArray[np.bool_]:
    """Return which labels hold, shape of `values`; exactly one a row where softmax."""
    thresholds = np.array(output.thresholds)
    if output.activation == "sigmoid":
        return values >= thresholds
    return likeliest(np.where(values >= thresholds, values, -1.0))


def likeliest(values: Float) -> NDArray[np.bool_]:
    """Return which label has the largest value of its row, shape of `values`, one a row."""
    best = np.argmax(values, axis=1)
    return np.asarray(best[:, np.newaxis] == np.arange(values.shape[1]))


@dataclass(frozen=True, slots=True)
class SegmentHead:
    """The head of one role: a hidden layer over the pair of vectors, then all outputs at once.

    `hidden_weights` has one matrix `(width, n_hidden)` a block of `pair_features`, and then one for
    each vector of the past; heads of bundles up to 0.7.0 have none of these.
    """

    outputs: tuple[Output, ...]
    hidden_weights: tuple[Float32 | Float, ...]
    hidden_scales: Float
    hidden_bias: Float
    hidden_steps: float
    output_weight: Float
    output_scale: float
    output_bias: Float

    @classmethod
    def from_tensors(cls, head: Head, tensors: Tensors, *, width: int, where: str) -> "SegmentHead":
        """Build the head from the tensors `<name>.…` of a bundle.

        Raises:
            ModelBundleError: A tensor is missing or has another shape than the manifest needs.
        """
        n_labels = sum(len(output.labels) for output in head.outputs)
        bias = tensors.get(f"{head.name}.hidden.bias")
        if bias is None or bias.ndim != 1:
            raise ModelBundleError(f"{where}: has no vector {head.name}.hidden.bias")
        n_hidden = len(bias)
        reads_past = f"{head.name}.hidden.weight.{N_BLOCKS}" in tensors
        n_blocks = N_BLOCKS + N_PAST_BLOCKS * reads_past

        def get(name: str, *shape: int) -> Float:
            return take(tensors, f"{head.name}.{name}", shape, where=where)

        return cls(
            outputs=head.outputs,
            hidden_weights=tuple(
                narrow_if_exact(get(f"hidden.weight.{block}", width, n_hidden), limit)
                for block, limit in enumerate(BLOCK_LIMITS[:n_blocks])
            ),
            hidden_scales=get("hidden.scales", n_blocks),
            hidden_bias=get("hidden.bias", n_hidden),
            hidden_steps=float(get("hidden.steps", 1)[0]),
            output_weight=get("output.weight", n_hidden, n_labels),
            output_scale=float(get("output.scale", 1)[0]),
            output_bias=get("output.bias", n_labels),
        )

    @property
    def reads_past(self) -> bool:
        """Whether what was said before the context counts."""
        return len(self.hidden_weights) > N_BLOCKS

    def hidden(self, text: Int8, context: Int8, past: Int8 | None = None) -> Float:
        """Return the hidden values, whole numbers of shape `(n, n_hidden)`."""
        total = np.tile(self.hidden_bias, (len(text), 1))
        blocks = pair_features(text, context)
        if past is not None and self.reads_past:
            blocks += tuple(np.moveaxis(past.astype(np.float32), 1, 0))
        for number, features in enumerate(blocks):
            product = multiply_runs(features, self.hidden_weights[number])
            product *= self.hidden_scales[number]
            total += product
        total *= self.hidden_steps
        return np.clip(np.rint(total, out=total), 0, _HIDDEN_MAX, out=total)

    def logits(self, text: Int8, context: Int8, past: Int8 | None = None) -> Float:
        """Return uncalibrated logits, shape `(n, n_labels)`, columns of all outputs in order."""
        hidden = self.hidden(text, context, past)
        return (hidden @ self.output_weight) * self.output_scale + self.output_bias

    def predict(self, text: Int8, context: Int8, past: Int8 | None = None) -> Mapping[str, Float]:
        """Return calibrated probabilities of each task, `(n, n_labels)`, rows in input order.

        Args:
            text: Vectors of the segments, shape `(n, width)`.
            context: `context_vector` of the other party's preceding run, zeros where none.
            past: What was said before, shape `(n, N_PAST_BLOCKS, width)`, zeros where nothing was;
                None where only text and context are known.
        """
        return _split(self.logits(text, context, past), self.outputs)


@dataclass(frozen=True, slots=True)
class ConversationHead:
    """The head of whole conversations: linear in whole-number features of `detect.outcome`."""

    outputs: tuple[Output, ...]
    weight: Float
    scale: float
    bias: Float

    @classmethod
    def from_tensors(cls, head: Head, tensors: Tensors, *, where: str) -> "ConversationHead":
        """Build the head from the tensors `conversation.…` of a bundle.

        Raises:
            ModelBundleError: A tensor is missing or has another shape than the manifest needs.
        """
        n_labels = sum(len(output.labels) for output in head.outputs)
        weight = tensors.get("conversation.weight")
        n_features = len(weight) if weight is not None and weight.ndim == 2 else 0
        return cls(
            outputs=head.outputs,
            weight=take(tensors, "conversation.weight", (n_features, n_labels), where=where),
            scale=float(take(tensors, "conversation.scale", (1,), where=where)[0]),
            bias=take(tensors, "conversation.bias", (n_labels,), where=where),
        )

    def logits(self, features: NDArray[np.int64]) -> Float:
        """Return uncalibrated logits of conversations, shape `(n, n_labels)`.

        Raises:
            ModelBundleError: The head was trained on features of another number.
        """
        if features.shape[1] != len(self.weight):
            raise ModelBundleError(
                f"the conversation head reads {len(self.weight)} features and this version of "
                f"convqa gives {features.shape[1]}; use a bundle that was built for it"
            )
        return (features.astype(np.float64) @ self.weight) * self.scale + self.bias

    def predict(self, features: NDArray[np.int64]) -> Mapping[str, Float]:
        """Return calibrated probabilities of each task, `(n, n_labels)`."""
        return _split(self.logits(features), self.outputs)


def _split(logits: Float, outputs: Sequence[Output]) -> dict[str, Float]:
    """Cut the columns of all outputs apart and calibrate each."""
    found: dict[str, Float] = {}
    start = 0
    for output in outputs:
        end = start + len(output.labels)
        found[output.task] = probabilities(np.ascontiguousarray(logits[:, start:end]), output)
        start = end
    return found
