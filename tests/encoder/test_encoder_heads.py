"""Heads compute on whole numbers, so nothing depends on the batch."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convqa.encoder import load_bundle
from convqa.encoder.heads import (
    BLOCK_LIMITS,
    MAX_CONTEXT_SEGMENTS,
    context_vector,
    decide,
    multiply_exactly,
    narrow_if_exact,
    pair_features,
    probabilities,
)
from convqa.encoder.manifest import Output
from convqa.errors import ModelBundleError

TINY = Path(__file__).parents[1] / "data" / "tiny-bundle"


def output(activation: str, **changes: object) -> Output:
    fields = {
        "task": "politeness", "activation": activation, "labels": ("a", "b", "c"),
        "scale": (1.0,) * 3, "bias": (0.0,) * 3,
        "thresholds": (0.0 if activation == "softmax" else 0.5,) * 3,
    }  # fmt: skip
    return Output.model_validate({**fields, **changes})


def random_vectors(n: int, *, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(-127, 128, (n, 32), dtype=np.int8)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 39), min_size=1, max_size=40))
def test_row_has_same_logits_in_any_batch(rows):
    head = load_bundle(TINY).agent
    text, context = random_vectors(40, seed=1), random_vectors(40, seed=2)
    whole = head.logits(text, context)
    np.testing.assert_array_equal(head.logits(text[rows], context[rows]), whole[rows])


def test_weights_are_float32_only_while_every_sum_is_exact():
    rng = np.random.default_rng(3)
    weights = rng.integers(-300, 301, (384, 64)).astype(np.float64)
    weights[:, 0] = 341.0  # 384 * 341 * 128 is just below 2**24
    features = rng.integers(-127, 128, (50, 384)).astype(np.float32)
    features[0] = 127.0
    fast = narrow_if_exact(weights, 128)
    assert fast.dtype == np.float32
    exact = features.astype(np.int64) @ weights.astype(np.int64)
    np.testing.assert_array_equal(multiply_exactly(features, fast), exact)
    weights[:, 0] = 342.0
    assert narrow_if_exact(weights, 128).dtype == np.float64
    assert narrow_if_exact(weights, 127).dtype == np.float32


def test_head_answers_in_float32_as_in_float64_in_any_batch():
    head = load_bundle(TINY).agent
    weights = [np.rint(block / 100) for block in head.hidden_weights]
    quick = tuple(
        narrow_if_exact(block, limit) for block, limit in zip(weights, BLOCK_LIMITS, strict=False)
    )
    assert [block.dtype == np.float32 for block in quick[:4]] == [True, True, False, True]
    text, context = random_vectors(40, seed=1), random_vectors(40, seed=2)
    text[0], context[0] = -128, 127  # as far apart as bytes can be
    found = replace(head, hidden_weights=quick).logits(text, context)
    np.testing.assert_array_equal(
        found, replace(head, hidden_weights=tuple(weights)).logits(text, context)
    )
    rows = [5, 0, 5]
    np.testing.assert_array_equal(
        replace(head, hidden_weights=quick).logits(text[rows], context[rows]), found[rows]
    )


def test_softmax_probabilities_sum_to_one():
    found = probabilities(np.array([[2.0, 0.0, -1.0]]), output("softmax"))
    np.testing.assert_allclose(found, [[0.8438, 0.1142, 0.042]], atol=1e-4)


def test_calibration_scales_and_shifts_each_logit():
    found = probabilities(
        np.array([[1.0, 1.0, 1.0]]), output("sigmoid", scale=(2.0,) * 3, bias=(0.0, -2.0, -4.0))
    )
    np.testing.assert_allclose(found, [[0.8808, 0.5, 0.1192]])


def test_extreme_logits_stay_in_bounds():
    for activation in ("softmax", "sigmoid"):
        found = probabilities(np.array([[1e6, -1e6, 0.0]]), output(activation))
        assert found[0, 0] == 1
        assert found[0, 1] == 0


def test_single_label_is_the_likeliest_that_reaches_its_threshold():
    values = np.array([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7], [0.04, 0.05, 0.91]])
    careful = output("softmax", thresholds=(0.0, 0.0, 0.9))
    free = output("softmax", thresholds=(0.0, 0.0, 0.0))
    assert decide(values, free).argmax(axis=1).tolist() == [0, 2, 2]
    assert decide(values, careful).argmax(axis=1).tolist() == [0, 1, 2]
    assert decide(values, careful).sum(axis=1).tolist() == [1, 1, 1]


def test_single_labels_need_one_that_always_holds():
    with pytest.raises(ValueError, match="one label must have threshold 0"):
        output("softmax", thresholds=(0.5, 0.5, 0.5))


def test_sigmoid_label_holds_from_its_threshold_on():
    found = decide(np.array([[0.5, 0.49, 0.9]]), output("sigmoid", thresholds=(0.5, 0.5, 0.91)))
    assert found.tolist() == [[True, False, False]]


def test_context_is_the_rounded_mean_of_the_last_segments():
    vectors = np.zeros((MAX_CONTEXT_SEGMENTS + 1, 2), dtype=np.int8)
    vectors[0] = 100  # too long ago
    vectors[-1] = (8, -12)
    assert context_vector(vectors).tolist() == [1, -2]
    assert context_vector(vectors[:0]).tolist() == [0, 0]


def test_pair_features_are_whole_and_symmetric_where_they_should_be():
    text, context = random_vectors(3, seed=4), random_vectors(3, seed=5)
    own, other, product, distance = pair_features(text, context)
    assert np.array_equal(product, own * other)
    assert np.array_equal(distance, pair_features(context, text)[3])
    assert np.abs(product).max() <= 127 * 127


def test_features_of_another_number_are_refused():
    head = load_bundle(TINY).conversation
    with pytest.raises(ModelBundleError, match="use a bundle that was built for it"):
        head.predict(np.zeros((1, 3), dtype=np.int64))
