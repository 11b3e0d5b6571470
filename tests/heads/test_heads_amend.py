"""Units near the errors of a head: what they reach, and when they are refused."""

from dataclasses import replace

import numpy as np
import pytest

from convqa.encoder import load_bundle
from convqa.encoder.heads import N_PAST_BLOCKS, SegmentHead
from convqa.encoder.manifest import Columns
from convqa.heads.amend import Case, amend, changed_rows, choose_reach
from convqa.heads.fit import Problem
from convqa.heads.inputs import RowVectors
from convqa.heads.units import HeadTensors, Layer, Units
from custom_heads import TINY

WIDTH = 32


def vectors(n=80, *, width=WIDTH, seed=0):
    rng = np.random.default_rng(seed)

    def drawn():
        rows = rng.normal(size=(n, width))
        rows *= 16 * np.sqrt(width) / np.linalg.norm(rows, axis=1, keepdims=True)
        return np.clip(np.rint(rows), -127, 127).astype(np.int8)

    return RowVectors(drawn(), drawn(), np.zeros((n, N_PAST_BLOCKS, width), dtype=np.int8))


def near(rows, share, seed=1):
    """Return vectors that have a share of rows in them, the rest by chance."""
    other = vectors(len(rows.text), width=rows.text.shape[1], seed=seed)
    mixed = share * rows.text + np.sqrt(1 - share**2) * other.text
    return replace(rows, text=np.rint(mixed).astype(np.int8))


def case(n=80, *, wrong=(3, 9), rows=None):
    """A head that says no to all, where the labels of a few rows say yes."""
    target = np.zeros((n, 1))
    target[list(wrong)] = 1
    problem = Problem(
        features=np.zeros((n, 0)), offsets=np.full((n, 1), -3.0), target=target,
        groups=np.arange(n) // 2, is_softmax=False, strengths=(), is_correction=True,
        movable=np.ones(1, dtype=bool),
    )  # fmt: skip
    columns = Columns(
        activation="sigmoid", labels=("a",), scale=(1.0,), bias=(0.0,), thresholds=(0.5,)
    )
    return Case(problem, rows or vectors(n), ("en", "nb") * (n // 2), columns)


def test_a_unit_is_one_at_home_falls_with_distance_and_is_silent_beyond_its_reach():
    rows = vectors(1, width=384)
    units = Units.at(rows, 0.6)
    assert units.values(rows)[0, 0] == pytest.approx(1)
    found = [units.values(near(rows, share))[0, 0] for share in (0.9, 0.8, 0.7, 0.5)]
    assert found == sorted(found, reverse=True)
    assert found[0] > 0.5
    assert found[-1] == 0


def test_another_context_counts_against_it():
    rows, other = vectors(1, width=384), vectors(1, width=384, seed=5)
    moved = replace(rows, context=other.context)
    assert Units.at(rows, 0.6).values(moved)[0, 0] < 0.6


def test_whole_numbers_give_what_was_fitted_and_leave_other_outputs():
    bundle = load_bundle(TINY)
    head, rows, others = bundle.agent, vectors(12), vectors(200, seed=4)
    near_by = near(rows, 0.9)
    columns = slice(0, 3)
    weights = np.random.default_rng(2).normal(0, 5, (12, 3))
    layer = Layer(Units.at(rows, 0.6), weights)
    writing = HeadTensors.of("agent", head, columns, np.ones(3))
    writing.join(layer)
    tensors = writing.tensors(bundle) | {
        "agent.hidden.scales": head.hidden_scales,
        "agent.hidden.steps": np.array([head.hidden_steps]),
        "agent.output.scale": np.array([head.output_scale]),
    }
    (manifest,) = (h for h in bundle.manifest.heads if h.name == "agent")
    new = SegmentHead.from_tensors(manifest, tensors, width=WIDTH, where="here")
    for each in (rows, near_by, others):
        before, after = (h.logits(each.text, each.context) for h in (head, new))
        np.testing.assert_allclose(
            after[:, columns] - before[:, columns], layer.logits(each), atol=0.02
        )
        assert after[:, 3:].tobytes() == before[:, 3:].tobytes()


def test_errors_come_right_and_no_other_row_moves():
    given = case()
    choice = choose_reach(given)
    assert (choice.refusal, choice.reach) == ("", 0.6)
    after = given.problem.offsets + amend(given, choice.reach).logits(given.vectors)
    assert changed_rows(given, given.problem.offsets, after) == (2, 0)


def test_what_is_worded_nearly_the_same_comes_right_in_another_conversation():
    rows = vectors(80)
    copies = near(rows, 0.97)
    for number in (3, 9, 15):
        rows.text[number + 30], rows.context[number + 30] = (
            copies.text[number],
            rows.context[number],
        )
    given = case(rows=rows, wrong=(3, 9, 15, 33, 39, 45))
    choice = choose_reach(given)
    assert changed_rows(given, given.problem.offsets, choice.found.logits) == (6, 0)


def test_the_reach_is_cut_where_held_out_rows_get_worse():
    # Nearly the same words elsewhere have the other label, in a language of its own.
    rows = vectors(80, width=384)
    copies = near(rows, 0.87)
    for number in (3, 9):
        rows.text[number + 30], rows.context[number + 30] = (
            copies.text[number],
            rows.context[number],
        )
    given = case(rows=rows)
    given.problem.target[10] = 1  # so that the language has something to lose
    given.problem.offsets[10] = 3
    given.problem.target[11] = 1
    given.problem.offsets[11] = 3
    assert choose_reach(given).reach == 0.8


def test_contradictions_are_refused():
    rows = vectors(80)
    for number in (3, 9):
        rows.text[number + 30], rows.context[number + 30] = rows.text[number], rows.context[number]
    given = case(rows=rows)
    given.problem.target[11] = 1
    given.problem.offsets[11] = 3
    refusal = choose_reach(given).refusal
    assert "held-out conversations come out worse" in refusal


def test_rows_that_are_all_right_leave_nothing_to_learn():
    given = case(wrong=())
    assert "right on every row" in choose_reach(given).refusal
    still = amend(given, 0.6).logits(given.vectors)
    assert not still.any()


def test_the_choice_does_not_depend_on_chance():
    given = case()
    one, two = (amend(replace(given), 0.6).weights for _ in range(2))
    assert one.tobytes() == two.tobytes()
