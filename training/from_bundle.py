"""Read a bundle back into the network that is trained, to go on from it.

The weights are those of the bundle's 8-bit graph (`training.graph`) and whole-number heads, turned
into float32: a bundle is all that an organisation needs to train on with its own reviews.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import NodeProto, numpy_helper
from safetensors.numpy import load_file
from transformers import BertConfig, BertModel

from training.integer_heads import float_role_head
from training.model import OUTPUTS

Array = NDArray[np.float32]

_LAYER_NORM_POINTS = {"attention.norm": "attention.output.LayerNorm", "norm": "output.LayerNorm"}
_UNSIGNED_ZERO = 128  # of the weights of bundles up to 0.7.0
_PRODUCTS = {
    "context": "attention.output.dense", "ffn": "intermediate.dense", "gelu": "output.dense",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Graph:
    constants: Mapping[str, NDArray[np.generic]]
    nodes: Mapping[str, NodeProto]

    def product(self, name: str) -> tuple[Array, Array]:
        """Return weight (out, in) and bias of a product."""
        integers = self.constants[f"{name}.weight"]
        zero = _UNSIGNED_ZERO if integers.dtype == np.uint8 else 0
        turned = (integers.astype(np.float32) - zero) * self.constants[f"{name}.factors"]
        if f"{name}.smooth" in self.constants:
            turned = turned * self.constants[f"{name}.smooth"][:, None]
        return turned.T.astype(np.float32), self.constants[f"{name}.bias"].astype(np.float32)

    def norm(self, name: str, key: str) -> dict[str, Array]:
        """Return the state of a layer norm under the name that the network gives it."""
        parts = {"weight": "gain", "bias": "shift"}
        return {f"{key}.{own}": self.constants[f"{name}.{its}"] for own, its in parts.items()}


def bundle_encoder(bundle: Path) -> BertModel:
    """Return the encoder of a bundle in float32.

    Args:
        bundle: Folder of a bundle that `training.assemble` wrote.
    """
    model = onnx.load(bundle / "encoder.onnx")
    constants = {item.name: numpy_helper.to_array(item) for item in model.graph.initializer}
    graph = _Graph(constants, {node.name: node for node in model.graph.node})
    n_layers = sum(name.endswith(".qkv.weight") for name in constants)
    words = constants["word_table"] * constants["word_scales"]
    places = constants["position_table"]
    n_heads, size = constants[graph.nodes["0.query.apart"].input[1]][2:]
    epsilon = next(a.f for a in graph.nodes["embeddings.norm"].attribute if a.name == "epsilon")
    config = BertConfig(
        vocab_size=len(words), hidden_size=words.shape[1], num_hidden_layers=n_layers,
        num_attention_heads=int(n_heads), intermediate_size=len(constants["0.ffn.bias"]),
        max_position_embeddings=len(places), type_vocab_size=1, layer_norm_eps=epsilon,
        hidden_act="gelu", hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    state = {
        "embeddings.word_embeddings.weight": words,
        "embeddings.position_embeddings.weight": places,  # those of the token type are in them
        "embeddings.token_type_embeddings.weight": np.zeros((1, words.shape[1])),
        **graph.norm("embeddings.norm", "embeddings.LayerNorm"),
    }
    for layer in range(n_layers):
        state |= _layer(graph, layer, query_scale=1 / np.sqrt(size))
    encoder = BertModel(config, add_pooling_layer=False)
    encoder.load_state_dict({k: torch.tensor(v, dtype=torch.float32) for k, v in state.items()})
    return encoder


def _layer(graph: _Graph, layer: int, *, query_scale: float) -> dict[str, Array]:
    prefix = f"encoder.layer.{layer}."
    joint_weight, joint_bias = graph.product(f"{layer}.qkv")
    state = {}
    for part, weight, bias, scale in zip(
        ("query", "key", "value"), np.split(joint_weight, 3), np.split(joint_bias, 3),
        (query_scale, 1.0, 1.0), strict=True,
    ):  # fmt: skip
        state[f"{prefix}attention.self.{part}.weight"] = weight / scale
        state[f"{prefix}attention.self.{part}.bias"] = bias / scale
    for point, key in _PRODUCTS.items():
        weight, bias = graph.product(f"{layer}.{point}")
        state |= {f"{prefix}{key}.weight": weight, f"{prefix}{key}.bias": bias}
    for point, key in _LAYER_NORM_POINTS.items():
        state |= graph.norm(f"{layer}.{point}", f"{prefix}{key}")
    return state


def bundle_heads(bundle: Path, *, hidden: int | None = None) -> dict[str, torch.Tensor]:
    """Return the state of the heads over segments, named as in `ConvqaNetwork.heads`.

    Args:
        bundle: Folder of the bundle.
        hidden: Width that the hidden layers shall have, if not that of the bundle. What is added
            starts at random and has no say yet, so the heads answer as before (Chen et al. 2016,
            https://arxiv.org/abs/1511.05641).

    Raises:
        ValueError: The bundle's hidden layers are wider than `hidden`.
    """
    tensors = load_file(bundle / "heads.safetensors")
    return {
        f"{role}.{name}": value
        for role in OUTPUTS
        for name, value in _widened(float_role_head(role, tensors), hidden).items()
    }


def _widened(state: Mapping[str, Array], hidden: int | None) -> dict[str, torch.Tensor]:
    found = {name: torch.from_numpy(value) for name, value in state.items()}
    n_before, n_features = found["hidden.weight"].shape
    n_new = 0 if hidden is None else hidden - n_before
    if n_new < 0:
        raise ValueError(f"hidden: the heads of the bundle have {n_before}, so at least that")
    if n_new:
        with torch.device("cpu"):  # where the bundle's tensors are
            fresh = torch.nn.Linear(n_features, n_new)
            mute = torch.zeros(len(found["output.bias"]), n_new)
            blind = torch.zeros(n_new, found["past.weight"].shape[1])
        for name, more, dim in (
            ("hidden.weight", fresh.weight, 0), ("hidden.bias", fresh.bias, 0),
            ("past.weight", blind, 0), ("output.weight", mute, 1),
        ):  # fmt: skip
            found[name] = torch.cat([found[name], more.detach()], dim=dim)
    return found
