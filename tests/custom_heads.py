"""A tiny bundle with random heads of one's own, for tests that need no sensible answers."""

from pathlib import Path

import numpy as np

from convqa.encoder import Bundle, load_bundle
from convqa.encoder.custom import custom_tensors
from convqa.encoder.derive import Change, derive_bundle
from convqa.encoder.manifest import CustomHead, Parent

TINY = Path(__file__).parent / "data" / "tiny-bundle"


def custom_head(name, labels, *, role="agent", activation="sigmoid", threshold=0.5):
    n = len(labels)
    return CustomHead(
        name=name, role=role, activation=activation, labels=labels, scale=(1.0,) * n,
        bias=(0.0,) * n, thresholds=(threshold if activation == "sigmoid" else 0.0,) * n,
    )  # fmt: skip


HEADS = (
    custom_head("refund_explained", ("refund_explained",)),
    custom_head("topic", ("parcel", "bill", "other"), activation="softmax"),
    custom_head("plea", ("plea",), role="customer"),
)


def bundle_with_heads(folder: Path, heads=HEADS, *, seed: int = 3) -> Bundle:
    parent = load_bundle(TINY)
    rng = np.random.default_rng(seed)
    tensors = {}
    for head in heads:
        n = len(head.labels)
        weights = [rng.normal(0, size, (parent.width, n)) for size in (0.02, 0.02, 0.001, 0.02)]
        tensors |= custom_tensors(head.name, weights, rng.normal(0, 0.5, n))
    info = parent.version_info
    change = Change(
        version="0.0.1+1.test",
        parent=Parent(
            name=info.name, version=info.version, sha256=info.sha256, head="test",
            labels_sha256="0" * 64,
        ),
        heads=parent.manifest.heads, custom_heads=heads, tensors=tensors, card="# Tiny\n",
    )  # fmt: skip
    return derive_bundle(parent, folder, change)
