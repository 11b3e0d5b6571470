import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa.agreement import (
    cohen_kappa,
    count_label,
    f1,
    macro_f1,
    wilson_interval,
)


def test_wilson_interval_of_a_published_example():
    # 8 of 10: Brown, Cai and DasGupta (2001) give about 0.49 to 0.94.
    interval = wilson_interval(8, 10)
    assert interval.share == 0.8
    assert interval.low == pytest.approx(0.490, abs=0.001)
    assert interval.high == pytest.approx(0.943, abs=0.001)


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_interval_holds_its_share(case):
    interval = wilson_interval(*case)
    assert 0 <= interval.low <= interval.share + 1e-12
    assert interval.share - 1e-12 <= interval.high <= 1


@pytest.mark.parametrize("case", [(1, 0), (-1, 3), (4, 3)])
def test_impossible_shares_are_refused(case):
    with pytest.raises(ValueError, match="a share needs"):
        wilson_interval(*case)


def test_f1_counts_what_was_missed_and_what_was_wrong():
    counted = count_label(["a", "a", "a", "b"], ["a", "b", "a", "a"], "a")
    assert (counted.true_positive, counted.false_positive, counted.false_negative) == (2, 1, 1)
    assert f1(counted) == pytest.approx(2 / 3)
    assert counted.precision == pytest.approx(2 / 3)


def test_f1_of_a_label_that_never_occurs_is_none():
    assert f1(count_label(["b"], ["b"], "a")) is None


def test_macro_f1_weighs_rare_labels_like_common_ones():
    assert macro_f1(["a"] * 9 + ["b"], ["a"] * 10) == pytest.approx((18 / 19 + 0) / 2)


def test_cohen_kappa_of_a_worked_example():
    # 20 both yes, 15 both no, 5 and 10 apart: observed 0.70, expected 0.50, kappa 0.40.
    first = ["y"] * 25 + ["n"] * 25
    second = ["y"] * 20 + ["n"] * 5 + ["y"] * 10 + ["n"] * 15
    assert cohen_kappa(first, second) == pytest.approx(0.4)


def test_cohen_kappa_is_none_where_chance_always_agrees():
    assert cohen_kappa(["y", "y"], ["y", "y"]) is None
    assert cohen_kappa([], []) is None
