"""The rule by which a challenger becomes champion, on made-up answers."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs torch, which the product does not")
pytest.importorskip("sklearn", reason="training needs scikit-learn")
pytest.importorskip("datasets", reason="training needs datasets")

from sklearn.metrics import f1_score
from training.contest import Answers, Counted, HeldOut, contest, figures
from training.corpora import Example
from training.promotion_rule import reasons_against

from convqa.schema import LANGUAGES

N = 200  # units of each language


def held_out():
    return HeldOut(
        examples=tuple(
            Example(
                id=f"{language}{number}", language=language, role="agent", channel="chat",
                sentences=("x",), context="", split="test", source="segments",
            )
            for language in LANGUAGES for number in range(N)
        ),
        talks=(),
    )  # fmt: skip


def answers(right, *, flagged=2, found=40, seed=3):
    """Return answers to two single-label tasks; `right` gives the share right by task, language."""
    rng = np.random.default_rng(seed)
    tasks = {}
    for task in ("a", "b"):
        counts = np.zeros((N * len(LANGUAGES), 2, 3))
        for row in range(len(counts)):
            true = rng.integers(2)
            share = right.get((task, LANGUAGES[row // N]), right["rest"])
            if rng.random() < share:
                counts[row, true, 0] = 1
            else:
                counts[row, 1 - true, 1] = counts[row, true, 2] = 1
        tasks[task] = Counted(counts, is_macro=True)
    clean = {"all": (flagged * 6, 300)} | dict.fromkeys(LANGUAGES, (flagged, 50))
    return Answers(tasks, clean, clean, {"impolite": (found, 100)})


def reasons(before, after):
    return reasons_against(contest(held_out(), before, after), before, after)


def test_better_everywhere_is_promoted():
    assert reasons(answers({"rest": 0.7}), answers({"rest": 0.85})) == []


def test_same_answers_are_not_better():
    one = answers({"rest": 0.7})
    (reason,) = reasons(one, one)
    assert "not better by more than noise: 0.7" in reason
    assert "+0.000 to +0.000" in reason


def test_gain_within_noise_is_no_gain():
    found = reasons(answers({"rest": 0.7}), answers({"rest": 0.705}, seed=5))
    assert any("not better by more than noise" in reason for reason in found)


@pytest.mark.parametrize("language", ["pl", "en"])
def test_language_that_loses_is_named(language):
    after = answers({"rest": 0.9, ("a", language): 0.6, ("b", language): 0.6})
    found = reasons(answers({"rest": 0.75}), after)
    assert [r.split(":")[0] for r in found] == [f"worse in the language {language}"]


def test_task_that_loses_is_named():
    after = answers({"rest": 0.95} | {("b", language): 0.7 for language in LANGUAGES})
    found = reasons(answers({"rest": 0.8}), after)
    assert any(reason.startswith("worse at b: 0.8") for reason in found)
    assert not any(reason.startswith("worse at a") for reason in found)


def test_more_false_flags_are_refused():
    found = reasons(answers({"rest": 0.7}), answers({"rest": 0.9}, flagged=5))
    assert "more clean conversations are flagged (all): 12 → 30 of 300" in found
    assert "more clean conversations are flagged (ro): 2 → 5 of 50" in found


def test_one_more_flag_in_one_language_is_chance():
    before, after = answers({"rest": 0.7}), answers({"rest": 0.9})
    shifted = dict(after.clean_flagged) | {"pl": (4, 50), "en": (0, 50)}
    assert reasons(before, replace(after, clean_flagged=shifted)) == []


def test_model_that_finds_less_is_refused():
    found = reasons(answers({"rest": 0.7}), answers({"rest": 0.9}, flagged=0, found=30))
    assert found == ["fewer impolite texts are found: 40 → 30 of 100"]


def test_figures_are_those_of_scikit_learn():
    rng = np.random.default_rng(4)
    true, said = rng.integers(0, 3, 400), rng.integers(0, 3, 400)
    said = np.where(rng.random(400) < 0.5, true, said)
    counts = np.zeros((400, 3, 3))
    for row, (t, s) in enumerate(zip(true, said, strict=True)):
        counts[row, s, 0 if s == t else 1] = 1
        counts[row, t, 2] = t != s
    ones = np.ones((1, 400))
    macro = figures(Counted(counts, is_macro=True), ones)[0]
    micro = figures(Counted(counts, is_macro=False), ones)[0]
    assert macro == pytest.approx(f1_score(true, said, average="macro"))
    assert micro == pytest.approx(f1_score(true, said, average="micro"))


def test_resampling_draws_within_the_language_and_pairs_the_bundles():
    before = answers({"rest": 0.7})
    found = contest(held_out(), before, before)
    assert (found.mean.low, found.mean.high) == (0, 0)  # the same draw for both
    other = answers({"rest": 0.75}, seed=5)
    wide = contest(held_out(), before, other).mean
    assert wide.low < wide.change < wide.high
    assert 0.01 < (wide.high - wide.low) / 2 < 0.05
