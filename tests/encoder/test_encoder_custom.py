"""Heads of one's own: they join a new bundle, and compute on whole numbers."""

import hashlib
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convqa.encoder import load_bundle
from convqa.encoder.custom import CustomSegmentHead, custom_tensors
from convqa.errors import ConfigError, ModelBundleError
from custom_heads import HEADS, TINY, bundle_with_heads, custom_head

WIDTH = 384


def random_vectors(n, *, seed, width=32):
    return np.random.default_rng(seed).integers(-127, 128, (n, width), dtype=np.int8)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 39), min_size=1, max_size=40))
def test_row_has_the_same_bits_in_any_batch(rows):
    rng = np.random.default_rng(0)
    weights = [rng.normal(0, 1, (WIDTH, 3)) for _ in range(4)]
    tensors = custom_tensors("topic", weights, rng.normal(0, 1, 3))
    head = CustomSegmentHead.from_tensors(HEADS[1], tensors, width=WIDTH, where="here")
    text = random_vectors(40, seed=1, width=WIDTH)
    context = random_vectors(40, seed=2, width=WIDTH)
    whole = head.logits(text, context)
    assert head.logits(text[rows], context[rows]).tobytes() == whole[rows].tobytes()


def test_whole_numbers_keep_what_the_weights_say():
    rng = np.random.default_rng(4)
    weights = [rng.normal(0, size, (32, 1)) for size in (1.0, 1.0, 0.01, 1.0)]
    tensors = custom_tensors("a", weights, np.array([0.25]))
    head = CustomSegmentHead.from_tensors(custom_head("a", ("a",)), tensors, width=32, where="here")
    text, context = random_vectors(5, seed=1), random_vectors(5, seed=2)
    own, other = text.astype(float), context.astype(float)
    blocks = (own, other, own * other, np.abs(own - other))
    expected = sum(b @ w for b, w in zip(blocks, weights, strict=True)) + 0.25
    np.testing.assert_allclose(head.logits(text, context), expected, rtol=1e-3, atol=0.5)


def test_derived_bundle_says_where_it_comes_from(tmp_path):
    bundle = bundle_with_heads(tmp_path / "new")
    parent = load_bundle(TINY)
    assert bundle.manifest.parent.sha256 == parent.version_info.sha256
    assert bundle.version_info.version == "0.0.1+1.test"
    assert [own.head for own in bundle.custom] == list(HEADS)
    files = json.loads((tmp_path / "new" / "manifest.json").read_text())["files"]
    assert sorted([*files, "manifest.json"]) == sorted(
        path.name for path in (tmp_path / "new").iterdir()
    )
    for name, digest in files.items():
        content = (tmp_path / "new" / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest


def test_parent_and_its_heads_stay_as_they_are(tmp_path):
    before = {path.name: path.read_bytes() for path in TINY.iterdir()}
    bundle = bundle_with_heads(tmp_path / "new")
    assert {path.name: path.read_bytes() for path in TINY.iterdir()} == before
    text, context = random_vectors(9, seed=1), random_vectors(9, seed=2)
    old = load_bundle(TINY).agent.predict(text, context)
    for task, values in bundle.agent.predict(text, context).items():
        assert values.tobytes() == old[task].tobytes()


def test_folder_with_something_in_it_is_refused(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(ConfigError, match="is there already"):
        bundle_with_heads(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_empty_folder_is_taken(tmp_path):
    assert bundle_with_heads(tmp_path).custom


def test_two_heads_of_one_name_are_refused(tmp_path):
    bundle_with_heads(tmp_path / "new")
    path = tmp_path / "new" / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["custom_heads"].append(manifest["custom_heads"][0])
    path.write_text(json.dumps(manifest))
    with pytest.raises(ModelBundleError, match="two heads are named refund_explained"):
        load_bundle(tmp_path / "new")


def test_head_without_weights_is_refused(tmp_path):
    bundle_with_heads(tmp_path / "new")
    path = tmp_path / "new" / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["custom_heads"][0]["name"] = "another"
    path.write_text(json.dumps(manifest))
    with pytest.raises(ModelBundleError, match=r"has no custom\.another\.weight\.0"):
        load_bundle(tmp_path / "new")
