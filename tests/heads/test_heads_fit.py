"""The fit, its folds, its thresholds and its figures, on made-up numbers."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from convqa.encoder.manifest import Columns
from convqa.errors import ConfigError
from convqa.heads.curve import learning_curve
from convqa.heads.decisions import held_out_decisions, own_rule, rest_label, with_precision
from convqa.heads.figures import f1_of, figures_of, interval_of_gain
from convqa.heads.fit import (
    CrossValidation,
    Problem,
    assign_folds,
    cross_validate,
    fit_linear,
    five_folds,
    judge,
)


def problem(n=120, d=20, *, n_labels=1, noise=0.5, seed=0, **changes):
    rng = np.random.default_rng(seed)
    features = rng.normal(0, 1 / np.sqrt(d), (n, d))
    scores = features @ rng.normal(0, 4, (d, n_labels)) + rng.normal(0, noise, (n, n_labels))
    if n_labels == 1:
        target = (scores > 0.5).astype(float)
    else:
        target = np.eye(n_labels)[scores.argmax(axis=1)]
    given = {
        "features": features, "offsets": np.zeros_like(target), "target": target,
        "groups": np.arange(n) // 2, "is_softmax": n_labels > 1, "strengths": (3.0, 0.3, 0.03),
        "is_correction": False, "movable": np.ones(n_labels, dtype=bool),
    }  # fmt: skip
    return Problem(**{**given, **changes})


@pytest.mark.parametrize("d", [20, 200])
def test_fit_is_that_of_logistic_regression(d):
    given = problem(d=d)
    fit = fit_linear(given, 0.1)
    other = LogisticRegression(C=10, tol=1e-8, max_iter=5000)
    other.fit(given.features, given.target[:, 0])
    np.testing.assert_allclose(fit.weights[:, 0], other.coef_[0], atol=0.02)
    np.testing.assert_allclose(fit.bias, other.intercept_, atol=0.02)


def test_stronger_pull_moves_less_and_still_labels_stay():
    given = problem(n_labels=3, is_correction=True, movable=np.array([True, True, False]))
    sizes = [np.abs(fit_linear(given, strength).weights).sum() for strength in (100, 10, 1)]
    assert sizes == sorted(sizes)
    fit = fit_linear(given, 1.0)
    assert not fit.weights[:, 2].any()
    assert fit.bias[2] == 0


def test_only_weights_that_may_move_do():
    movable = np.zeros((21, 3), dtype=bool)
    movable[4, 1] = True
    fit = fit_linear(problem(n_labels=3, is_correction=True, movable=movable), 1.0)
    assert np.argwhere(fit.weights).tolist() == [[4, 1]]
    assert not fit.bias.any()


def test_folds_of_a_correction_part_no_group_and_spread_what_is_wrong():
    groups, is_wrong = np.arange(60) // 2, (np.arange(60) < 20).astype(np.int64)
    folds = five_folds(is_wrong, groups)
    assert all(len(set(folds[groups == group])) == 1 for group in groups)
    assert np.bincount(folds[is_wrong > 0]).tolist() == [4] * 5
    assert set(five_folds(np.eye(1, 60, dtype=np.int64)[0], groups)) == set(range(5))
    with pytest.raises(ConfigError, match="label more conversations"):
        five_folds(is_wrong, np.zeros(60, dtype=np.int64))


def test_no_group_is_on_both_sides():
    given = problem()
    folds = assign_folds(given, 5)
    for group in set(given.groups.tolist()):
        assert len(set(folds[given.groups == group])) == 1
    assert set(folds) == set(range(5))


def test_rows_that_cannot_be_parted_have_no_folds():
    given = problem()
    assert assign_folds(replace(given, groups=np.zeros(len(given.groups), dtype=int)), 5) is None
    assert assign_folds(replace(given, target=np.ones_like(given.target)), 5) is None


def test_held_out_logits_know_nothing_of_random_labels():
    given = problem(n=300)
    target = np.random.default_rng(3).permutation(given.target)
    found = cross_validate(replace(given, target=target))
    truth = target[:, 0] > 0
    positives, negatives = found.logits[truth, 0], found.logits[~truth, 0]
    area = (positives[:, None] > negatives[None]).mean()
    assert 0.35 < area < 0.65
    found = cross_validate(given)
    truth = given.target[:, 0] > 0
    assert (found.logits[truth, 0][:, None] > found.logits[~truth, 0][None]).mean() > 0.85


def columns(n=1, **changes):
    given = {
        "activation": "sigmoid", "labels": tuple("abc"[:n]), "scale": (1.0,) * n,
        "bias": (0.0,) * n, "thresholds": (0.5,) * n,
    }  # fmt: skip
    return Columns(**{**given, **changes})


def test_threshold_reaches_the_wanted_precision():
    rng = np.random.default_rng(0)
    target = (rng.random((400, 1)) < 0.3).astype(float)
    logits = rng.normal(0, 1, (400, 1)) + 2 * target - 1
    for wanted in (0.6, 0.8, 0.9):
        rule = with_precision(columns(), logits, target, wanted, rest=None)
        found = 1 / (1 + np.exp(-logits)) >= rule.columns.thresholds[0]
        assert target[found].mean() >= wanted
        assert not rule.missed
    # Higher precision costs recall, so the least threshold is taken.
    low = with_precision(columns(), logits, target, 0.6, rest=None).columns.thresholds[0]
    high = with_precision(columns(), logits, target, 0.9, rest=None).columns.thresholds[0]
    assert low < high


def test_precision_out_of_reach_is_told():
    rng = np.random.default_rng(0)
    target = (rng.random((200, 1)) < 0.2).astype(float)
    rule = with_precision(columns(), rng.normal(0, 1, (200, 1)), target, 0.95, rest=None)
    assert rule.missed == ("a",)


def test_slope_makes_probabilities_honest():
    rng = np.random.default_rng(0)
    honest = rng.normal(0, 1.5, (3000, 1))
    target = (rng.random((3000, 1)) < 1 / (1 + np.exp(-honest))).astype(float)
    rule = own_rule(honest * 4, target, ("a",), is_softmax=False, precision=None)
    assert rule.columns.scale[0] == pytest.approx(0.25, abs=0.03)
    assert rule.columns.thresholds == (0.5,)


@pytest.mark.parametrize(
    ("labels", "rest"), [(("lost", "none"), 1), (("other", "z"), 0), (("a", "b"), 0)]
)
def test_rest_is_named_or_the_commonest(labels, rest):
    assert rest_label(labels, np.array([[1, 0], [1, 0], [0, 1]])) == rest


def test_held_out_decisions_do_not_depend_on_the_held_out_labels():
    given = problem(n=200)
    found, _ = judge(given)
    before = held_out_decisions(found, given.target, ("a",), is_softmax=False, precision=0.9)
    rows = found.folds == 0
    changed = given.target.copy()
    changed[rows] = 1 - changed[rows]
    after = held_out_decisions(found, changed, ("a",), is_softmax=False, precision=0.9)
    np.testing.assert_array_equal(before[rows], after[rows])


def test_figures_count_and_bound():
    target = np.array([[1.0], [1], [0], [0], [1], [0]])
    decided = np.array([[True], [False], [True], [False], [True], [False]])
    groups = np.arange(6)
    every, english, _ = figures_of(
        decided, target, groups, ("a",), ["en", "en", "en", "nb", "nb", "nb"], is_softmax=False
    )
    assert (every.n_rows, every.n_positives) == (6, 3)
    assert every.precision.value == pytest.approx(2 / 3)
    assert every.f1.value == pytest.approx(2 / 3)
    assert every.f1.low <= every.f1.value <= every.f1.high
    assert (english.group, english.n_rows) == ("en", 3)
    assert english.f1.value == pytest.approx(0.5)


def test_macro_f1_is_the_mean_of_the_labels_that_are_true():
    target = np.eye(3)[[0, 0, 1, 1]]
    decided = np.eye(3)[[0, 1, 1, 1]] > 0
    assert f1_of(decided, target, is_macro=True) == pytest.approx((2 / 3 + 0.8) / 2)


def test_interval_is_wider_where_rows_of_a_group_go_together():
    gains = np.repeat(np.random.default_rng(0).normal(0.1, 1, 40), 5)
    apart = interval_of_gain(gains, np.arange(200))
    together = interval_of_gain(gains, np.repeat(np.arange(40), 5))
    assert apart.high - apart.low < 0.6 * (together.high - together.low)


def test_curve_says_that_more_would_help_a_hard_problem_and_not_a_learnt_one():
    def verdict(given):
        found, strength = judge(given)

        def fitted(rows, held):
            return fit_linear(given.part(rows), strength).logits(given.part(held))

        return learning_curve(given, found, fitted, lambda _: None)

    hard = verdict(problem(n=160, d=60, noise=0.1))
    assert hard.verdict == "more"
    assert hard.points[0].n_rows < hard.points[-1].n_rows == 128
    assert hard.points[0].log_loss > hard.points[-1].log_loss
    assert verdict(problem(n=1200, d=3, noise=2.0)).verdict == "enough"


def test_losses_are_those_of_the_held_out_rows():
    given = problem(n=4)
    found = CrossValidation(np.array([[0.0], [0], [0], [0]]), np.zeros(4, dtype=int), 1)
    assert found.loss(given) == pytest.approx(np.log(2))
