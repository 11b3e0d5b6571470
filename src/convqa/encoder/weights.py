"""The integer weights of the heads, read from and written to `heads.safetensors`."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from convqa.errors import ModelBundleError

Tensors = Mapping[str, NDArray[np.generic]]


def read_tensors(path: Path) -> Tensors:
    """Return the tensors of a safetensors file by name.

    Raises:
        ModelBundleError: The file is damaged.
    """
    try:
        return load_file(path)
    except (SafetensorError, OSError, TypeError, ValueError) as err:
        raise ModelBundleError(f"{path}: is no safetensors file; fetch the bundle again") from err


def take(tensors: Tensors, name: str, shape: tuple[int, ...], *, where: str) -> NDArray[np.float64]:
    """Return a tensor as float64, which holds the integers of the weights exactly.

    Raises:
        ModelBundleError: It is missing, has another shape, or holds what is no number.
    """
    tensor = tensors.get(name)
    if tensor is None:
        raise ModelBundleError(f"{where}: has no {name}; the heads do not fit the manifest")
    if tensor.shape != shape:
        raise ModelBundleError(
            f"{where}: {name} has shape {tensor.shape}, the manifest needs {shape}"
        )
    values = np.ascontiguousarray(tensor, dtype=np.float64)
    if not np.isfinite(values).all():
        raise ModelBundleError(f"{where}: {name} holds values that are no numbers; train again")
    return values
