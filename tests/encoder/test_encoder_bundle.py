"""A bundle is whole or it is one clear error."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from convqa.config import shipped_models
from convqa.encoder import list_bundles, load_bundle
from convqa.encoder.heads import N_BLOCKS, N_PAST_BLOCKS
from convqa.encoder.weights import take
from convqa.errors import ModelBundleError

TINY = Path(__file__).parents[1] / "data" / "tiny-bundle"


@pytest.fixture
def bundle(tmp_path) -> Path:
    return Path(shutil.copytree(TINY, tmp_path / "tiny" / "0.0.1"))


def rewrite(folder: Path, **changes: object) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, **changes}))


def test_identity_is_name_version_and_digest_of_manifest(bundle):
    found = load_bundle(bundle).version_info
    assert (found.name, found.version) == ("tiny", "0.0.1")
    rewrite(bundle, storage_floor=0.2)
    assert load_bundle(bundle).version_info.sha256 != found.sha256


def test_bundle_of_the_first_format_whose_heads_read_no_past_still_answers(bundle):
    tensors = load_file(bundle / "heads.safetensors")
    for role in ("agent", "customer"):
        for block in range(N_BLOCKS, N_BLOCKS + N_PAST_BLOCKS):
            del tensors[f"{role}.hidden.weight.{block}"]
        tensors[f"{role}.hidden.scales"] = tensors[f"{role}.hidden.scales"][:N_BLOCKS]
    save_file(tensors, bundle / "heads.safetensors")
    files = json.loads((bundle / "manifest.json").read_text())["files"]
    digest = hashlib.sha256((bundle / "heads.safetensors").read_bytes()).hexdigest()
    rewrite(bundle, format_version=1, files={**files, "heads.safetensors": digest})
    old, new = load_bundle(bundle).agent, load_bundle(TINY).agent
    assert (old.reads_past, new.reads_past) == (False, True)
    rows = np.ones((2, 3, N_PAST_BLOCKS, 32), dtype=np.int8)
    text, context, past = rows[0, :, 0], rows[1, :, 0], rows[0]
    np.testing.assert_array_equal(old.logits(text, context, past), new.logits(text, context))
    assert (new.logits(text, context, past) != new.logits(text, context)).any()


def test_pinned_digest_is_taken(bundle):
    digest = load_bundle(bundle).version_info.sha256
    assert load_bundle(bundle, sha256=digest.upper()).version_info.sha256 == digest


def test_other_digest_than_pinned_is_refused(bundle):
    with pytest.raises(ModelBundleError, match="was asked for"):
        load_bundle(bundle, sha256="0" * 64)


@pytest.mark.parametrize("name", ["encoder.onnx", "tokenizer.json", "heads.safetensors"])
def test_changed_file_is_refused(bundle, name):
    content = bytearray((bundle / name).read_bytes())
    content[len(content) // 2] ^= 1
    (bundle / name).write_bytes(content)
    with pytest.raises(ModelBundleError, match=f"{name}: sha256 is"):
        load_bundle(bundle)


@pytest.mark.parametrize("name", ["encoder.onnx", "heads.safetensors", "manifest.json"])
def test_missing_file_is_named(bundle, name):
    (bundle / name).unlink()
    with pytest.raises(ModelBundleError, match=f"{name}: cannot be read"):
        load_bundle(bundle)


def test_manifest_that_names_no_encoder_is_refused(bundle):
    files = json.loads((bundle / "manifest.json").read_text())["files"]
    del files["encoder.onnx"]
    rewrite(bundle, files=files)
    with pytest.raises(ModelBundleError, match=r"names no encoder\.onnx"):
        load_bundle(bundle)


def test_file_outside_the_bundle_is_refused(bundle):
    files = json.loads((bundle / "manifest.json").read_text())["files"]
    rewrite(bundle, files={**files, "../secret": "0" * 64})
    with pytest.raises(ModelBundleError, match="must be a file of the bundle"):
        load_bundle(bundle)


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"format_version": 3}, "format_version"),
        ({"width": 0}, "width"),
        ({"unheard_of": 1}, "unheard_of"),
        ({"heads": []}, "heads must be agent, customer and conversation"),
    ],
)
def test_manifest_error_names_the_field(bundle, changes, where):
    rewrite(bundle, **changes)
    with pytest.raises(ModelBundleError, match=where):
        load_bundle(bundle)


def test_labels_without_thresholds_are_refused(bundle):
    heads = json.loads((bundle / "manifest.json").read_text())["heads"]
    heads[0]["outputs"][0]["thresholds"] = [0.5]
    rewrite(bundle, heads=heads)
    with pytest.raises(ModelBundleError, match="must each have 3 numbers"):
        load_bundle(bundle)


def test_heads_of_another_shape_are_refused(bundle):
    rewrite(bundle, width=16)
    with pytest.raises(ModelBundleError, match="the manifest needs"):
        load_bundle(bundle)


def test_calibration_without_numbers_is_refused(bundle):
    heads = json.loads((bundle / "manifest.json").read_text())["heads"]
    heads[0]["outputs"][0]["scale"][1] = float("nan")
    rewrite(bundle, heads=heads)
    with pytest.raises(ModelBundleError, match=r"scale\.1: Input should be a finite number"):
        load_bundle(bundle)


def test_weights_without_numbers_are_refused():
    tensors = {"head.bias": np.array([0.0, np.inf])}
    with pytest.raises(ModelBundleError, match=r"head\.bias holds values that are no numbers"):
        take(tensors, "head.bias", (2,), where="heads.safetensors")


def test_manifest_that_is_no_json_is_refused(bundle):
    (bundle / "manifest.json").write_text("{")
    with pytest.raises(ModelBundleError, match=r"manifest\.json: the file"):
        load_bundle(bundle)


def test_bundles_are_listed_by_name_and_version(bundle):
    assert list_bundles(bundle.parents[1]) == [bundle]


@pytest.mark.model
def test_shipped_bundle_is_whole_and_small():
    folders = list_bundles(shipped_models())
    assert folders
    for folder in folders:
        load_bundle(folder)
        assert sum(file.stat().st_size for file in folder.iterdir()) < 50e6
