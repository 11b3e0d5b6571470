"""Hidden units that answer only near one text, so that a correction of it moves nothing else.

The vectors of a bundle all have about the same length, so a product with one of them tells how
near a text is, and a unit that begins to answer at some nearness is a hidden unit like any other:
a built-in head takes it in as further columns, with no new kind of arithmetic.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convqa.encoder.bundle import HEADS, Bundle
from convqa.encoder.heads import Float, SegmentHead
from convqa.errors import ModelBundleError
from convqa.heads.inputs import RowVectors

# How much of the distance is that of the contexts. Measured with 240 rows of each of four tasks:
# without it 73 of 13,340 other segments come right or go wrong, with it 3.
CONTEXT_SHARE = 0.25
_INT16, _INT32 = 32767, 2.0**31
# The steps of a unit at its own text; hidden values of trained units go up to some 2**14.
_PEAK = 2.0**13
# A sum of whole numbers below this is exact; a hidden value is below 2**20.
_EXACT, _HIDDEN_MAX = 2.0**53, 2.0**20


@dataclass(frozen=True, slots=True)
class Units:
    """Units at some rows: 1 at the row itself, falling to 0 at a cosine of `reach`, in (0, 1).

    `text` and `context` are the vectors of the rows, shape `(n_units, width)`.
    """

    text: Float
    context: Float
    reach: float

    @classmethod
    def at(cls, vectors: RowVectors, reach: float) -> "Units":
        """Return the units at rows."""
        return cls(vectors.text.astype(np.float64), vectors.context.astype(np.float64), reach)

    def values(self, vectors: RowVectors) -> Float:
        """Return what the units answer to rows, shape `(n, n_units)`, from 0 to about 1."""
        text, context = vectors.text.astype(np.float64), vectors.context.astype(np.float64)
        far = self._lengths - text @ self.text.T
        far += CONTEXT_SHARE * ((self.context**2).sum(axis=1) - context @ self.context.T)
        return np.asarray(np.maximum(0, 1 - far / (self._lengths * (1 - self.reach))))

    @property
    def _lengths(self) -> Float:
        return np.asarray(np.maximum((self.text**2).sum(axis=1), 1))

    def columns(self, head: SegmentHead) -> tuple[Float, Float, Float, Float]:
        """Return the units as columns of a head's hidden layer.

        Returns:
            Whole-number weights of the text block and of the context block, `(width, n_units)`;
            the bias; and the hidden value of each unit at its own row, its peak.
        """
        own, other = head.hidden_scales[0], head.hidden_scales[1]
        largest = np.maximum(
            np.abs(self.text).max(axis=1) / own,
            CONTEXT_SHARE * np.abs(self.context).max(axis=1) / other,
        )
        slope = self._lengths * (1 - self.reach) * head.hidden_steps
        factor = np.minimum(_INT16 / np.maximum(largest, 1), _PEAK / slope)
        text = np.rint(self.text.T * factor / own)
        context = np.rint(CONTEXT_SHARE * self.context.T * factor / other)
        peak = factor * slope
        at_home = (self.text.T * text).sum(axis=0) * own
        at_home += (self.context.T * context).sum(axis=0) * other
        return text, context, peak / head.hidden_steps - at_home, peak


@dataclass(frozen=True, slots=True)
class Layer:
    """Units with the calibrated logits that each adds at its own row, `(n_units, n_labels)`."""

    units: Units
    weights: Float

    def logits(self, vectors: RowVectors) -> Float:
        """Return what is added to the calibrated logits of rows, shape `(n, n_labels)`."""
        return np.asarray(self.units.values(vectors) @ self.weights)


@dataclass(slots=True)
class HeadTensors:
    """The tensors of a built-in head while a correction of one task is written into them.

    The columns of the other tasks get zeros, so that what they give stays bit by bit.
    """

    role: str
    head: SegmentHead
    columns: slice
    scale: Float

    blocks: list[Float]
    hidden_bias: Float
    weight: Float
    bias: Float

    @classmethod
    def of(cls, role: str, head: SegmentHead, columns: slice, scale: Float) -> "HeadTensors":
        """Return the tensors of a head as it is; `scale` is the calibration of the task."""
        blocks = [block.astype(np.float64) for block in head.hidden_weights]
        return cls(
            role, head, columns, scale, blocks, head.hidden_bias.copy(),
            head.output_weight.copy(), head.output_bias.copy(),
        )  # fmt: skip

    def join(self, layer: Layer) -> None:
        """Add the units of a layer."""
        text, context, bias, peak = layer.units.columns(self.head)
        silent = [np.zeros_like(text)] * (len(self.blocks) - 2)
        self.blocks = [
            np.hstack([block, new])
            for block, new in zip(self.blocks, (text, context, *silent), strict=True)
        ]
        self.hidden_bias = np.concatenate([self.hidden_bias, bias])
        rows = np.zeros((len(peak), self.weight.shape[1]))
        rows[:, self.columns] = np.rint(
            layer.weights / self.scale / self.head.output_scale / peak[:, np.newaxis]
        )
        self.weight = np.vstack([self.weight, rows])

    def tensors(self, bundle: Bundle) -> dict[str, NDArray[np.generic]]:
        """Return the tensors as a bundle holds them.

        Raises:
            ModelBundleError: A weight would grow beyond what is added exactly.
        """
        sums = np.abs(self.weight).sum(axis=0)
        if sums.max() * _HIDDEN_MAX >= _EXACT or np.abs(self.weight).max() >= _INT32:
            raise ModelBundleError(
                f"{bundle.path / HEADS}: the correction does not fit its whole numbers; start from "
                "a bundle that was corrected less often"
            )
        found: dict[str, NDArray[np.generic]] = {
            f"{self.role}.hidden.weight.{number}": np.ascontiguousarray(block, dtype=np.int16)
            for number, block in enumerate(self.blocks)
        }
        return found | {
            f"{self.role}.hidden.bias": self.hidden_bias,
            f"{self.role}.output.weight": self.weight.astype(np.int32),
            f"{self.role}.output.bias": self.bias,
        }
