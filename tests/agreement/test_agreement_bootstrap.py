import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa.agreement import cohen_kappa, estimate_alpha, estimate_kappa, krippendorff_alpha

# Krippendorff 2011, «Computing Krippendorff's Alpha-Reliability», section C: four observers,
# twelve units, missing answers; nominal alpha is 0.743.
OBSERVED = (
    "1 1 . 1", "2 2 3 2", "3 3 3 3", "3 3 3 3", "2 2 2 2", "1 2 3 4", "4 4 4 4", "1 1 2 1",
    "2 2 2 2", ". 5 5 5", ". . 1 1", ". . 3 .",
)  # fmt: skip


def units():
    return [[label for label in line.split() if label != "."] for line in OBSERVED]


def test_alpha_is_that_of_the_published_example():
    assert krippendorff_alpha(units()) == pytest.approx(0.743, abs=0.0005)
    found = estimate_alpha(units())
    assert found.value == pytest.approx(0.743, abs=0.0005)
    assert found.n_units == 11
    assert found.low < 0.743 < found.high <= 1


@pytest.mark.parametrize("same", [[], [["a"]], [["a", "a"], ["a", "a"]]])
def test_alpha_needs_two_answers_and_two_labels(same):
    assert krippendorff_alpha(same) is None
    assert estimate_alpha(same).value is None


def test_kappa_of_a_table_by_hand():
    # 20 + 15 of 50 agree: 0.7; by chance 0.5 · 0.6 + 0.5 · 0.4 = 0.5 (the first says yes 25 times,
    # the second 30 times).
    found = estimate_kappa(
        {("yes", "yes"): 20, ("yes", "no"): 5, ("no", "yes"): 10, ("no", "no"): 15}
    )
    assert found.value == pytest.approx(0.4)
    assert found.n_units == 50
    # The large-sample standard error is about 0.128.
    assert found.low == pytest.approx(0.4 - 1.96 * 0.128, abs=0.04)
    assert found.high == pytest.approx(0.4 + 1.96 * 0.128, abs=0.04)


def test_interval_needs_some_conversations_and_narrows_with_more():
    few = estimate_kappa({("a", "a"): 2, ("b", "b"): 1, ("a", "b"): 1})
    assert few.value is not None
    assert few.low is None
    some, many = (
        estimate_kappa({("a", "a"): 6 * n, ("b", "b"): 3 * n, ("a", "b"): n}) for n in (2, 200)
    )
    assert many.high - many.low < (some.high - some.low) / 5
    assert some.value == pytest.approx(many.value)


LABELS = st.sampled_from(["pass", "fail", "na"])


@given(st.lists(st.tuples(LABELS, LABELS), max_size=30))
def test_estimates_are_those_of_the_plain_measures(pairs):
    counted = {pair: pairs.count(pair) for pair in pairs}
    first, second = [a for a, _ in pairs], [b for _, b in pairs]
    for found, plain in (
        (estimate_kappa(counted).value, cohen_kappa(first, second)),
        (estimate_alpha(pairs).value, krippendorff_alpha(pairs)),
    ):
        assert (found is None) == (plain is None)
        assert found is None or math.isclose(found, plain, abs_tol=1e-9)


@given(st.lists(st.tuples(LABELS, LABELS), min_size=5, max_size=30))
def test_more_agreement_never_lowers_alpha(pairs):
    before = krippendorff_alpha(pairs)
    after = krippendorff_alpha([(a, a) for a, _ in pairs])
    assert after is None or after == 1
    assert before is None or before <= 1
