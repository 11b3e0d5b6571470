"""A text has one vector, whatever is encoded beside it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convqa.config import shipped_models
from convqa.encoder import Encoder, list_bundles, load_bundle
from convqa.encoder.cache import VectorCache
from convqa.encoder.session import GraphEncoder
from convqa.errors import ModelBundleError

TINY = Path(__file__).parents[1] / "data" / "tiny-bundle"
WORDS = ("hei", "takk", "sorry", "proszę", "bună", "Where", "is", "my", "parcel", "123", "?", "så")


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(load_bundle(TINY), threads=1)


def texts_of_many_lengths(n: int, *, longest: int, seed: int = 11) -> list[str]:
    rng = np.random.default_rng(seed)
    sizes = rng.integers(0, longest, n)
    return [" ".join(rng.choice(WORDS, size)) + f" {number}" for number, size in enumerate(sizes)]


def assert_same_in_any_company(
    encoder: Encoder, texts: list[str], *, single: Encoder | None = None, seed: int = 3
) -> None:
    alone = np.concatenate([(single or encoder).encode([text]) for text in texts])
    rng = np.random.default_rng(seed)
    for _ in range(3):
        order = rng.permutation(len(texts))
        start = 0
        while start < len(order):
            rows = order[start : start + int(rng.integers(1, 70))]
            together = encoder.encode([texts[row] for row in rows])
            np.testing.assert_array_equal(together, alone[rows])
            start += len(rows)


def test_text_has_same_vector_alone_and_in_any_batch(encoder):
    assert_same_in_any_company(encoder, texts_of_many_lengths(120, longest=12))


def test_number_of_threads_changes_no_vector(encoder):
    texts = texts_of_many_lengths(60, longest=12)
    two = Encoder(load_bundle(TINY), threads=2)
    np.testing.assert_array_equal(encoder.encode(texts), two.encode(texts))


@settings(deadline=None, max_examples=25)
@given(st.lists(st.text(max_size=60), max_size=8))
def test_any_text_is_encoded_in_order(encoder, texts):
    vectors = encoder.encode(texts)
    assert vectors.shape == (len(texts), encoder.width)
    assert vectors.dtype == np.int8
    for text, vector in zip(texts, vectors, strict=True):
        np.testing.assert_array_equal(encoder.encode([text])[0], vector)


# Prints the vectors of some texts by a bundle. `cpu_flags` is replaced because an emulated
# processor shows the /proc/cpuinfo of the real one.
_ON_ANOTHER_PROCESSOR = """
import json, sys
from pathlib import Path
import convqa.cpu
convqa.cpu.cpu_flags = frozenset
from convqa.encoder import Encoder, load_bundle
encoder = Encoder(load_bundle(Path(sys.argv[1])), threads=1)
print(json.dumps(encoder.encode(json.loads(sys.argv[2])).tolist()))
"""


@pytest.mark.model
@pytest.mark.qemu
@pytest.mark.slow
def test_processor_without_vnni_gives_the_same_vectors():
    shipped, texts = list_bundles(shipped_models())[-1], ["Hei, hvor er pakken min?", "Takk!"]
    command = [sys.executable, "-c", _ON_ANOTHER_PROCESSOR, str(shipped), json.dumps(texts)]
    emulated = subprocess.run(
        ["qemu-x86_64", "-cpu", "Haswell", *command], capture_output=True, text=True,
        timeout=300,
    )  # fmt: skip
    assert emulated.returncode == 0, emulated.stderr
    expected = Encoder(load_bundle(shipped), threads=1).encode(texts)
    np.testing.assert_array_equal(json.loads(emulated.stdout.splitlines()[-1]), expected)


def test_different_texts_have_different_vectors(encoder):
    vectors = encoder.encode(["where is my parcel", "takk for hjelpen", ""])
    assert len({vector.tobytes() for vector in vectors}) == 3


def test_long_text_is_cut_at_max_tokens(encoder):
    assert encoder.count_tokens(["a " * 500]).tolist() == [32]
    start = "a b c d e f g h i j k l m n o p"
    np.testing.assert_array_equal(encoder.encode([start + " q"]), encoder.encode([start + " z"]))


def test_tokens_count_the_special_ones(encoder):
    assert encoder.count_tokens(["", "ab"]).tolist() == [2, 5]


def test_no_texts_give_no_vectors(encoder):
    assert encoder.encode([]).shape == (0, encoder.width)


def test_cache_gives_what_the_encoder_gives(encoder):
    texts = texts_of_many_lengths(30, longest=8)
    cache = VectorCache(encoder, max_texts=10)
    cache.encode(texts[:20])
    vectors, counts = cache.rows([*texts, texts[0]])
    np.testing.assert_array_equal(vectors, encoder.encode([*texts, texts[0]]))
    assert list(counts) == encoder.count_tokens([*texts, texts[0]]).tolist()


def test_cache_forgets_oldest_texts(encoder):
    cache = VectorCache(encoder, max_texts=2)
    for text in ("one", "two", "one", "three"):
        cache.encode([text])
    assert list(cache._known) == ["one", "three"]


def test_broken_graph_is_one_clear_error(tmp_path):
    graph = tmp_path / "encoder.onnx"
    graph.write_bytes(b"no graph")
    with pytest.raises(ModelBundleError, match=r"encoder\.onnx: onnxruntime cannot load the graph"):
        GraphEncoder(graph, TINY / "tokenizer.json", max_tokens=32, threads=1)


def test_broken_tokenizer_is_one_clear_error(tmp_path):
    tokenizer = tmp_path / "tokenizer.json"
    tokenizer.write_text("{}")
    with pytest.raises(ModelBundleError, match=r"tokenizer\.json: is no tokenizer"):
        GraphEncoder(TINY / "encoder.onnx", tokenizer, max_tokens=32, threads=1)


def test_graph_of_another_width_is_refused(tmp_path):
    bundle = load_bundle(TINY)
    shutil.copytree(TINY, tmp_path, dirs_exist_ok=True)
    other = bundle.manifest.model_copy(update={"width": 16})
    object.__setattr__(bundle, "manifest", other)
    with pytest.raises(ModelBundleError, match="gives vectors of 32, the manifest says 16"):
        Encoder(bundle, threads=1)


@pytest.mark.model
@pytest.mark.slow
def test_shipped_encoder_gives_thousand_texts_same_vector_in_any_company():
    folders = list_bundles(shipped_models())
    bundle = load_bundle(folders[-1])
    texts = texts_of_many_lengths(1000, longest=20)
    single = Encoder(bundle, threads=1)
    assert_same_in_any_company(Encoder(bundle, threads=2), texts, single=single)
