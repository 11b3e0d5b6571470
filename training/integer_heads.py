"""Write trained heads as the whole numbers that scoring computes with."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from convqa.encoder.heads import BLOCK_LIMITS, FLOAT32_EXACT, N_BLOCKS, N_PAST_BLOCKS
from training.model import VECTOR_SCALE

_INT16 = 32767
_HIDDEN_STEPS = 1024.0  # of a hidden value of 1; hidden values stay far below the 1024 that fit
# The largest weight of a block that is multiplied in float32 has at least as many steps, which is
# what 8 bits have; those of 0.8.0 would have 795 to 1,823, and be off by .1 to .2 %.
_FEWEST_STEPS = 255
_INT_STEPS = 2**20  # of the largest weight of the linear head over conversations

# The blocks of `pair_features`, and those of the past, are whole numbers of these fractions of what
# training saw.
_PAIR_UNITS = (1 / VECTOR_SCALE, 1 / VECTOR_SCALE, 1 / VECTOR_SCALE**2, 1 / VECTOR_SCALE)
_PAST_UNITS = (1 / VECTOR_SCALE,) * N_PAST_BLOCKS

Array = NDArray[np.float32]
Tensors = dict[str, NDArray[np.generic]]


def integer_role_head(role: str, state: Mapping[str, NDArray[np.float32]]) -> Tensors:
    """Return the tensors `<role>.…` of a bundle from the weights of a `RoleHead`."""
    blocks = [
        *np.split(state["hidden.weight"].astype(np.float64), N_BLOCKS, axis=1),
        *np.split(state["past.weight"].astype(np.float64), N_PAST_BLOCKS, axis=1),
    ]
    tensors: Tensors = {}
    scales = []
    for number, (block, unit, limit) in enumerate(
        zip(blocks, _PAIR_UNITS + _PAST_UNITS, BLOCK_LIMITS, strict=True)
    ):
        scale = _hidden_step(block, limit)
        tensors[f"{role}.hidden.weight.{number}"] = np.rint(block.T / scale).astype(np.int16)
        scales.append(scale * unit)
    output = state["output.weight"].astype(np.float64)
    scale = np.abs(output).max() / _INT16
    tensors[f"{role}.hidden.scales"] = np.array(scales)
    tensors[f"{role}.hidden.bias"] = state["hidden.bias"].astype(np.float64)
    tensors[f"{role}.hidden.steps"] = np.array([_HIDDEN_STEPS])
    tensors[f"{role}.output.weight"] = np.rint(output.T / scale).astype(np.int16)
    tensors[f"{role}.output.scale"] = np.array([scale / _HIDDEN_STEPS])
    tensors[f"{role}.output.bias"] = state["output.bias"].astype(np.float64)
    return {name: np.ascontiguousarray(value) for name, value in tensors.items()}


def _hidden_step(block: NDArray[np.float64], limit: int) -> float:
    """Return the weight that becomes 1: the least with which scoring may multiply in float32.

    A block that would have too few steps then, such as that of products of two vectors, is left to
    float64 and has those of int16.

    Args:
        block: Shape `(n_hidden, width)`.
        limit: The largest value that the weights are multiplied with.
    """
    largest = float(np.abs(block).max())
    if largest == 0:  # of a past that was never learnt
        return 1.0
    fine = largest / _INT16
    room = FLOAT32_EXACT / limit - block.shape[1] / 2  # each weight may be rounded up by a half
    if room <= 0:
        return fine
    step = max(float(np.abs(block).sum(axis=1).max()) / room, fine)
    return step if step <= largest / _FEWEST_STEPS else fine


def float_role_head(role: str, tensors: Mapping[str, NDArray[np.generic]]) -> dict[str, Array]:
    """Return the weights of a `RoleHead` from the tensors of a bundle: what was rounded above.

    Those of the past are zeros where the bundle has none.
    """
    scales = tensors[f"{role}.hidden.scales"]
    units = (_PAIR_UNITS + _PAST_UNITS)[: len(scales)]
    blocks = [
        tensors[f"{role}.hidden.weight.{number}"].T * (scales[number] / unit)
        for number, unit in enumerate(units)
    ]
    past = blocks[N_BLOCKS:] or [np.zeros_like(blocks[0])] * N_PAST_BLOCKS
    output = tensors[f"{role}.output.weight"].T * (tensors[f"{role}.output.scale"] * _HIDDEN_STEPS)
    state = {
        "hidden.weight": np.concatenate(blocks[:N_BLOCKS], axis=1),
        "hidden.bias": tensors[f"{role}.hidden.bias"],
        "past.weight": np.concatenate(past, axis=1),
        "output.weight": output, "output.bias": tensors[f"{role}.output.bias"],
    }  # fmt: skip
    return {name: value.astype(np.float32) for name, value in state.items()}


def integer_conversation_head(weight: NDArray[np.float64], bias: NDArray[np.float64]) -> Tensors:
    """Return the tensors `conversation.…` of a bundle; `weight` is (n_features, n_labels)."""
    scale = np.abs(weight).max() / _INT_STEPS
    return {
        "conversation.weight": np.ascontiguousarray(np.rint(weight / scale).astype(np.int32)),
        "conversation.scale": np.array([scale]),
        "conversation.bias": bias.astype(np.float64),
    }
