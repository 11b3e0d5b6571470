"""Write the small random bundle that the tests of the product load.

Run as `python -m training.tiny_bundle tests/data/tiny-bundle`. It has every file of a real bundle
and says nothing sensible.
"""

import argparse
import hashlib
import json
import string
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from convqa.encoder.heads import N_PAST_BLOCKS
from convqa.encoder.manifest import FORMAT_VERSION, Head, Manifest, Output
from convqa.schema import LANGUAGES
from training.graph import InputRange, Shape, build_encoder
from training.integer_heads import integer_conversation_head, integer_role_head
from training.labels import ENDING, RESOLUTION
from training.model import OUTPUTS, SINGLE_LABEL, VECTOR_SCALE

_SHAPE = Shape(layers=1, width=32, heads=4, epsilon=1e-12, max_tokens=32, vector_scale=VECTOR_SCALE)
_FEED_FORWARD = 64
_HIDDEN = 8


def tiny_tokenizer() -> Tokenizer:
    """Return a tokenizer that spells every word."""
    letters = string.ascii_letters + string.digits + "åæøäöąćęłńóśźżăâîșț.,!?'-[]"
    pieces = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0)]
    pieces += [(letter, -4.0) for letter in letters]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return tokenizer


def _weights(rng: np.random.Generator, n_pieces: int) -> dict[str, NDArray[np.float32]]:
    width = _SHAPE.width
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (n_pieces, width),
        "embeddings.position_embeddings.weight": (_SHAPE.max_tokens, width),
        "embeddings.token_type_embeddings.weight": (2, width),
    }
    layer = "encoder.layer.0."
    for part in ("query", "key", "value"):
        shapes[f"{layer}attention.self.{part}.weight"] = (width, width)
    shapes[f"{layer}attention.output.dense.weight"] = (width, width)
    shapes[f"{layer}intermediate.dense.weight"] = (_FEED_FORWARD, width)
    shapes[f"{layer}output.dense.weight"] = (width, _FEED_FORWARD)
    weights = {name: rng.normal(0, 0.3, shape).astype(np.float32) for name, shape in shapes.items()}
    for name, shape in shapes.items():
        if name.startswith(layer):
            weights[name.replace("weight", "bias")] = np.zeros(shape[0], dtype=np.float32)
    norms = (
        "embeddings.LayerNorm",
        f"{layer}attention.output.LayerNorm",
        f"{layer}output.LayerNorm",
    )
    for norm in norms:
        weights[f"{norm}.weight"] = np.ones(width, dtype=np.float32)
        weights[f"{norm}.bias"] = np.zeros(width, dtype=np.float32)
    return weights


def _output(task: str, labels: tuple[str, ...]) -> Output:
    n = len(labels)
    is_single = task in (*SINGLE_LABEL, "resolution", "ending")
    return Output(
        task=task, activation="softmax" if is_single else "sigmoid", labels=labels,
        scale=(1.0,) * n, bias=(0.0,) * n, thresholds=(0.0 if is_single else 0.5,) * n,
    )  # fmt: skip


def write_tiny_bundle(folder: Path, *, seed: int = 5) -> None:
    """Write a bundle of random weights, the same for the same seed."""
    folder.mkdir(parents=True, exist_ok=True)
    rng, past_rng = np.random.default_rng(seed), np.random.default_rng(seed + 1)
    tokenizer = tiny_tokenizer()
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    weights = _weights(rng, tokenizer.get_vocab_size())
    ranges = {
        f"0.{point}": InputRange(-4.0, 4.0, np.ones(size, dtype=np.float32))
        for point, size in (
            ("qkv", _SHAPE.width), ("context", _SHAPE.width), ("ffn", _SHAPE.width),
            ("gelu", _FEED_FORWARD),
        )
    }  # fmt: skip
    onnx.save(build_encoder(weights, ranges, _SHAPE), folder / "encoder.onnx")
    tensors: dict[str, NDArray[np.generic]] = {}
    heads = []
    n_features = 6 + 2 * _SHAPE.width
    for role, outputs in OUTPUTS.items():
        n_labels = sum(len(labels) for labels in outputs.values())
        n_features += 5 * n_labels
        state = {
            "hidden.weight": rng.normal(0, 0.2, (_HIDDEN, 4 * _SHAPE.width)),
            "past.weight": past_rng.normal(0, 0.2, (_HIDDEN, N_PAST_BLOCKS * _SHAPE.width)),
            "hidden.bias": rng.normal(0, 0.2, _HIDDEN),
            "output.weight": rng.normal(0, 0.5, (n_labels, _HIDDEN)),
            "output.bias": rng.normal(0, 0.5, n_labels),
        }
        tensors.update(integer_role_head(role, state))
        found = tuple(_output(task, labels) for task, labels in outputs.items())
        heads.append(Head(name=role, outputs=found))
    n_ends = len(RESOLUTION) + len(ENDING)
    tensors.update(
        integer_conversation_head(rng.normal(0, 0.002, (n_features, n_ends)), np.zeros(n_ends))
    )
    whole = (_output("resolution", RESOLUTION), _output("ending", ENDING))
    heads.append(Head(name="conversation", outputs=whole))
    save_file(tensors, folder / "heads.safetensors")
    _write_manifest(folder, tuple(heads))


def _write_manifest(folder: Path, heads: tuple[Head, ...]) -> None:
    names = ("encoder.onnx", "heads.safetensors", "tokenizer.json")
    manifest = Manifest(
        format_version=FORMAT_VERSION, name="tiny", version="0.0.1", languages=LANGUAGES,
        width=_SHAPE.width, max_tokens=_SHAPE.max_tokens, vector_scale=VECTOR_SCALE,
        storage_floor=0.05, heads=heads, data_sets=(),
        files={n: hashlib.sha256((folder / n).read_bytes()).hexdigest() for n in names},
    )  # fmt: skip
    text = json.dumps(manifest.model_dump(), indent=1) + "\n"
    (folder / "manifest.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m training.tiny_bundle")
    parser.add_argument("folder", type=Path)
    write_tiny_bundle(parser.parse_args().folder)
