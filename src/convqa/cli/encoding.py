"""The encoder of a run's model, for examples (`meaning:`) that the run does not know yet."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from convqa.rescore import Encode
    from convqa.standard import Standard


def examples_of(
    standards: "Sequence[Standard]", runs: Sequence[Path], model: str | None
) -> dict[str, bytes]:
    """Return the vectors of all examples of some standards, by text."""
    from convqa.rescore import example_vectors

    encode = encoder_of(runs, model)
    return {
        text: vector
        for standard in standards
        for text, vector in example_vectors(standard, runs, encode).items()
    }


def encoder_of(runs: Sequence[Path], model: str | None) -> "Encode | None":
    """Return an encoder that is loaded when it is first asked, None where the model is not at hand.

    Args:
        runs: Runs of one model.
        model: The bundle, else the shipped one that the runs name.

    Raises:
        ModelBundleError: `model` is not the model of the runs.
    """
    import numpy as np
    from numpy.typing import NDArray

    from convqa.encoder import Encoder, load_bundle
    from convqa.encoder.bundle import read_manifest as read_bundle
    from convqa.errors import ModelBundleError
    from convqa.registry import find_bundle, shipped_bundles
    from convqa.store.manifest import read_manifest

    used = {read_manifest(run).model.sha256 for run in runs}
    folders = [find_bundle(model)] if model is not None else shipped_bundles()
    fitting = [folder for folder in folders if used == {read_bundle(folder)[1]}]
    if model is not None and not fitting:
        raise ModelBundleError(
            f"{folders[0]}: is not the model of {', '.join(map(str, runs))}; vectors of two "
            "models cannot be compared; what another model finds, such as a new head, needs "
            f"`convqa score … --model {model}`"
        )
    if not fitting:
        return None

    def encode(texts: Sequence[str]) -> NDArray[np.int8]:
        return Encoder(load_bundle(fitting[0]), threads=1).encode(texts)

    return encode
