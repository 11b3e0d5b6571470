"""Heads of an organisation's own: linear in the same blocks that the built-in heads read.

The sums are of whole numbers below 2**53, as in `convqa.encoder.heads`, so that the batch cannot
matter.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convqa.encoder.heads import (
    N_BLOCKS,
    Float,
    Int8,
    multiply_exactly,
    pair_features,
    probabilities,
)
from convqa.encoder.manifest import CustomHead
from convqa.encoder.weights import Tensors, take

_INT16 = 32767


@dataclass(frozen=True, slots=True)
class CustomSegmentHead:
    """A custom head with its weights: one whole-number matrix `(width, n_labels)` a block."""

    head: CustomHead
    weights: tuple[Float, ...]
    scales: Float
    bias: Float

    @classmethod
    def from_tensors(
        cls, head: CustomHead, tensors: Tensors, *, width: int, where: str
    ) -> "CustomSegmentHead":
        """Build the head from the tensors `custom.<name>.…` of a bundle.

        Raises:
            ModelBundleError: A tensor is missing or has another shape than the manifest needs.
        """
        prefix, n_labels = f"custom.{head.name}", len(head.labels)
        return cls(
            head=head,
            weights=tuple(
                take(tensors, f"{prefix}.weight.{block}", (width, n_labels), where=where)
                for block in range(N_BLOCKS)
            ),
            scales=take(tensors, f"{prefix}.scales", (N_BLOCKS,), where=where),
            bias=take(tensors, f"{prefix}.bias", (n_labels,), where=where),
        )

    def logits(self, text: Int8, context: Int8) -> Float:
        """Return uncalibrated logits, shape `(n, n_labels)`."""
        total = np.tile(self.bias, (len(text), 1))
        for features, weights, scale in zip(
            pair_features(text, context), self.weights, self.scales, strict=True
        ):
            total += multiply_exactly(features, weights) * scale
        return total

    def predict(self, text: Int8, context: Int8) -> Float:
        """Return calibrated probabilities, shape `(n, n_labels)`, rows in input order.

        Args:
            text: Vectors of the segments, shape `(n, width)`.
            context: `context_vector` of the other party's preceding run, zeros where none.
        """
        return probabilities(self.logits(text, context), self.head)


def custom_tensors(
    name: str, weights: Sequence[Float], bias: Float
) -> dict[str, NDArray[np.generic]]:
    """Return the tensors `custom.<name>.…` of a head as whole numbers.

    Args:
        name: Name of the head.
        weights: One matrix `(width, n_labels)` a block of `pair_features`, in its units.
        bias: Shape `(n_labels,)`.
    """
    tensors: dict[str, NDArray[np.generic]] = {}
    scales = []
    for number, block in enumerate(weights):
        scale = max(float(np.abs(block).max()), np.finfo(np.float64).tiny) / _INT16
        whole = np.rint(block / scale).astype(np.int16)
        tensors[f"custom.{name}.weight.{number}"] = np.ascontiguousarray(whole)
        scales.append(scale)
    tensors[f"custom.{name}.scales"] = np.array(scales)
    tensors[f"custom.{name}.bias"] = np.ascontiguousarray(bias, dtype=np.float64)
    return tensors
