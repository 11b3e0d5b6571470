"""Quantise the fine-tuned encoder and write `encoder.onnx`.

Run as `python -m training.export`. The range of each product's input is measured on training texts
of all six languages; outlying channels are tamed by moving a factor into the weights (SmoothQuant,
Xiao et al. 2023, https://arxiv.org/abs/2211.10438).
"""

import logging
import random
import shutil
from collections.abc import Mapping

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn

from convqa.encoder.bundle import ENCODER
from training.augment import augment
from training.corpora import read_conversations, read_segments
from training.graph import InputRange, Shape, build_encoder
from training.model import VECTOR_SCALE, ConvqaNetwork
from training.settings import Paths, bundle_file, run_step
from training.start import trained_network

logger = logging.getLogger(__name__)

# What is tried for each product: how much of an outlying channel moves into the weights (0: none),
# and the percentile at which the range is cut.
_SMOOTHINGS = (0.0, 0.5, 0.7, 0.85, 1.0)
_PERCENTILES = (100.0, 99.99)
_ERROR_TOKENS = 1500


def calibration_texts(paths: Paths, n: int, *, seed: int = 3) -> list[str]:
    """Return training texts of all languages and both roles, some disturbed as in training."""
    rng = random.Random(seed)  # noqa: S311
    examples = [item for item in read_segments(paths.corpora) if item.split == "train"]
    for talk in read_conversations(paths.corpora):
        examples += [turn for turn in talk.turns if turn.split == "train"]
    chosen = rng.sample(examples, min(n, len(examples)))
    texts = [" ".join(item.sentences) for item in chosen]
    return [
        augment(text, item.language, item.channel, rng) if rng.random() < 0.3 else text
        for text, item in zip(texts, chosen, strict=True)
    ]


@torch.no_grad()
def measure_inputs(
    network: ConvqaNetwork, tokenizer: Tokenizer, texts: list[str]
) -> dict[str, NDArray[np.float32]]:
    """Return the inputs of every product on some texts, shape `(n_tokens, n_channels)`."""
    kept: dict[str, list[NDArray[np.float32]]] = {}
    hooks = []

    def listen(name: str, module: nn.Module) -> None:
        def hook(_module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
            kept.setdefault(name, []).append(inputs[0].flatten(0, -2).float().numpy())

        hooks.append(module.register_forward_pre_hook(hook))

    for number, layer in enumerate(network.encoder.bert.encoder.layer):
        listen(f"{number}.qkv", layer.attention.self.query)
        listen(f"{number}.context", layer.attention.output.dense)
        listen(f"{number}.ffn", layer.intermediate.dense)
        listen(f"{number}.gelu", layer.output.dense)
    for text in texts:  # one by one, so that no padding is measured
        ids = torch.tensor([tokenizer.encode(text).ids])
        network.encoder(ids, torch.ones_like(ids))
    for hook in hooks:
        hook.remove()
    return {name: np.concatenate(parts) for name, parts in kept.items()}


def input_ranges(
    inputs: Mapping[str, NDArray[np.float32]], weights: Mapping[str, NDArray[np.float32]]
) -> dict[str, InputRange]:
    """Choose range and smoothing of each product's input by the error of the product."""
    found = {}
    for name, values in inputs.items():
        weight = _weight_of(name, weights)
        candidates = [
            _candidate(values, weight, alpha, percentile)
            for alpha in _SMOOTHINGS
            for percentile in _PERCENTILES
        ]
        sample = values[:: max(1, len(values) // _ERROR_TOKENS)]
        errors = [product_error(sample, weight, candidate) for candidate in candidates]
        found[name] = candidates[int(np.argmin(errors))]
    return found


def product_error(
    values: NDArray[np.float32], weight: NDArray[np.float32], given: InputRange
) -> float:
    """Return the mean squared error of `values @ weight.T` when both are rounded to 8 bits."""
    step = (given.high - given.low) / 255
    zero = np.rint(-given.low / step)
    integers = np.clip(np.rint(values / given.smoothing / step) + zero, 0, 255) - zero
    smoothed = weight.T * given.smoothing[:, None]
    column = np.abs(smoothed).max(axis=0) / 127 + 1e-12
    rounded = np.rint(smoothed / column) * column
    difference = (integers * step).astype(np.float32) @ rounded.astype(np.float32)
    difference -= values @ weight.T
    return float(np.square(difference).mean())


def _candidate(
    values: NDArray[np.float32], weight: NDArray[np.float32], alpha: float, percentile: float
) -> InputRange:
    smoothing = _smoothing(values, weight, alpha)
    tail = (100 - percentile) / 2
    low, high = np.percentile(values / smoothing, [tail, 100 - tail])
    return InputRange(min(float(low), 0.0), max(float(high), 0.0), smoothing)


def _smoothing(
    values: NDArray[np.float32], weight: NDArray[np.float32], alpha: float
) -> NDArray[np.float32]:
    if alpha == 0:
        return np.ones(values.shape[1], dtype=np.float32)
    activation = np.abs(values).max(axis=0) + 1e-6
    column = np.abs(weight).max(axis=0) + 1e-6
    factors = activation**alpha / column ** (1 - alpha)
    return (factors / np.exp(np.log(factors).mean())).astype(np.float32)


def _weight_of(name: str, weights: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
    layer, point = name.split(".")
    prefix = f"encoder.layer.{layer}."
    if point == "qkv":
        return np.concatenate(
            [weights[f"{prefix}attention.self.{p}.weight"] for p in ("query", "key", "value")]
        )
    keys = {
        "context": "attention.output.dense", "ffn": "intermediate.dense", "gelu": "output.dense",
    }  # fmt: skip
    return weights[f"{prefix}{keys[point]}.weight"]


def encoder_shape(network: ConvqaNetwork, max_tokens: int) -> Shape:
    """Return the sizes of a network's encoder."""
    config = network.encoder.bert.config
    return Shape(
        layers=config.num_hidden_layers, width=config.hidden_size,
        heads=config.num_attention_heads, epsilon=config.layer_norm_eps, max_tokens=max_tokens,
        vector_scale=VECTOR_SCALE,
    )  # fmt: skip


def export(paths: Paths) -> None:
    """Write `encoder.onnx` to the working folder; one that is kept is copied."""
    settings = paths.load()
    if settings.base.bundle is not None and settings.base.keeps_encoder:
        shutil.copyfile(bundle_file(settings.base.bundle, ENCODER), paths.work / "encoder.onnx")
        return
    network, tokenizer = trained_network(paths)
    texts = calibration_texts(paths, settings.export.calibration_texts)
    inputs = measure_inputs(network, tokenizer, texts)
    weights = {k: v.float().numpy() for k, v in network.encoder.bert.state_dict().items()}
    ranges = input_ranges(inputs, weights)
    shape = encoder_shape(network, settings.fine_tune.max_tokens)
    model = build_encoder(weights, ranges, shape)
    onnx.save(model, paths.work / "encoder.onnx")
    size = (paths.work / "encoder.onnx").stat().st_size
    logger.info("encoder.onnx: %.1f MB", size / 1e6)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    run_step("export", export)
