"""What training makes of texts and labels."""

import json
import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs torch, which the product does not")
pytest.importorskip("sklearn", reason="training needs scikit-learn")

import torch
from training.augment import as_speech, as_typed, without_diacritics
from training.calibrate import (
    best_f1_threshold,
    expected_calibration_error,
    fit_sigmoid,
    fit_softmax,
    rare_flag_threshold,
)
from training.corpora import IN_SETS, Example, part_of, read_segments, split_of
from training.evaluate import figure
from training.label_fixes import corrected_politeness
from training.losses import multi_hot, union_log_probabilities
from training.sentences import split_sentences
from training.settings import Paths
from training.vocabulary import vocabulary_texts

from convqa.encoder.manifest import Output

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("pl", "Proszę podać numer umowy.", "neutral"),
        ("pl", "Bardzo proszę, miłego dnia!", "polite"),
        ("ro", "Trimiteți vă rog o poză.", "neutral"),
        ("ro", "Mulțumesc, vă rog să așteptați.", "polite"),
        ("en", "Please send a picture.", "polite"),
    ],
)
def test_bare_obligatory_form_is_neutral(language, text, expected):
    assert corrected_politeness(language, {"text": text, "politeness": "polite"}) == expected


def test_every_record_has_an_id_of_its_own():
    files = sorted((ROOT / "data" / "authored").glob("*.jsonl"))
    lines = [line for file in files for line in file.read_text("utf-8").split("\n") if line]
    ids = [json.loads(line)["id"] for line in lines]
    assert len(ids) > 50_000
    assert [found for found, n in Counter(ids).items() if n > 1] == []


def test_other_labels_are_not_touched():
    record = {"text": "Proszę podać numer.", "politeness": "impolite"}
    assert corrected_politeness("pl", record) == "impolite"
    assert corrected_politeness("pl", {"text": "Proszę."}) is None


def test_turn_is_cut_where_sentences_end():
    assert split_sentences("Hi there. How are you? I paid 3.50 kr.") == (
        "Hi there.",
        "How are you?",
        "I paid 3.50 kr.",
    )
    assert split_sentences("no end") == ("no end",)


def test_speech_has_neither_capitals_nor_punctuation():
    spoken = as_speech("Hello, Ann! It's late.", "en", random.Random(1))
    assert spoken == spoken.lower()
    assert not set(spoken) & set(",.!?")


def test_typed_text_keeps_most_letters():
    text = "Paczka jeszcze nie dotarła, proszę o pomoc"
    typed = as_typed(text, "pl", random.Random(2))
    assert abs(len(typed) - len(text)) <= 4


def test_diacritics_become_plain_letters():
    assert without_diacritics("łąka, ærø, până, på") == "laka, aro, pana, pa"


def test_pieces_are_counted_in_what_is_trained_on(tmp_path):
    authored = tmp_path / "authored"
    authored.mkdir()
    segment = {
        "lang": "en", "role": "customer", "channel": "chat", "context": "", "acts": [],
        "emotion": "neutral",
    }  # fmt: skip
    for name, n in (("segments.1", 30), ("segments.3", 5)):
        records = [segment | {"id": f"{name}-{k}", "text": f"{name} {k}"} for k in range(n)]
        lines = "".join(json.dumps(record) + "\n" for record in records)
        (authored / f"en.{name}.jsonl").write_text(lines, encoding="utf-8")
    paths = Paths(corpora=tmp_path, base=tmp_path, work=tmp_path, settings=tmp_path)
    train = part_of(read_segments(tmp_path), "train", tmp_path)
    counted = [text for text in vocabulary_texts(paths) if text]
    assert counted == [item.sentences[0] for item in train]
    assert counted


def test_union_follows_the_priority_of_labels():
    logits = torch.tensor([[9.0, 0.0, 0.0], [0.0, 0.0, 9.0], [0.0, 9.0, 0.0]])
    owners = torch.tensor([0, 0, 1])
    found = union_log_probabilities(logits, owners, 2, "politeness").exp()
    assert found[0].argmax() == 2  # polite and impolite sentences make an impolite turn
    assert found[1].argmax() == 1
    assert torch.allclose(found.sum(dim=1), torch.ones(2), atol=1e-3)


def test_acts_nobody_looked_for_are_left_out():
    example = Example(
        id="1", language="en", role="agent", channel="chat", sentences=("Hi",), context="",
        split="train", source="segments", acts=frozenset({"greeting"}),
        unknown_acts=("disclosure",),
    )  # fmt: skip
    labels = ("greeting", "disclosure", "closing")
    assert multi_hot([example], "acts", labels).tolist() == [[1, -1, 0]]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("en.segments.3", {"test"}), ("da.transcripts.2", {"test"}), ("sv.transcripts.7", {"dev"}),
        ("pl.segments.1", {"train", "dev"}), ("ro.transcripts.6", {"train", "dev"}),
    ],
)  # fmt: skip
def test_held_out_files_are_for_tests_alone_and_clean_ones_for_thresholds(name, expected):
    path = Path(f"{name}.jsonl")
    assert {split_of(path, f"record-{n}", dev=20) for n in range(50)} == expected


def test_temperature_makes_overconfident_logits_honest():
    rng = np.random.default_rng(0)
    target = rng.integers(0, 3, 3000)
    logits = rng.normal(0, 1, (3000, 3))
    logits[np.arange(3000), target] += 1.5
    found = fit_softmax(logits * 5, target)
    honest = fit_softmax(logits, target)
    assert found.scale[0] == pytest.approx(honest.scale[0] / 5, rel=0.05)


def test_sigmoid_offset_follows_the_share_of_positives():
    rng = np.random.default_rng(1)
    target = (rng.random((2000, 2)) < np.array([0.1, 0.9])).astype(float)
    found = fit_sigmoid(np.zeros((2000, 2)), target)
    shares = 1 / (1 + np.exp(-found.apply(np.zeros((1, 2)))))
    np.testing.assert_allclose(shares[0], [0.1, 0.9], atol=0.03)


def test_unknown_entries_do_not_count():
    target = np.array([[1.0], [-1.0], [0.0], [-1.0]])
    assert np.isfinite(fit_sigmoid(np.array([[1.0], [50.0], [-1.0], [-50.0]]), target).bias).all()


def test_rare_flag_threshold_keeps_false_flags_rare():
    values = np.linspace(0, 1, 101)
    target = np.zeros(101)
    threshold = rare_flag_threshold(values, target, share=0.05)
    assert (values >= threshold).mean() <= 0.05
    assert (values >= threshold - 0.02).mean() > 0.05


def test_best_threshold_lies_between_the_classes():
    values = np.array([0.1, 0.2, 0.3, 0.6, 0.7, 0.8])
    threshold = best_f1_threshold(values, np.array([0, 0, 0, 1, 1, 1]))
    assert 0.3 < threshold <= 0.6


def test_calibration_error_is_the_gap_to_the_truth():
    right = np.array([True] * 5 + [False] * 5)
    assert expected_calibration_error(np.full(10, 0.9), right, bins=1) == pytest.approx(0.4)


def test_figure_of_a_rare_label_is_not_claimed():
    rng = np.random.default_rng(0)
    three, two = ({"scale": (1,) * n, "bias": (0,) * n, "thresholds": (0,) * n} for n in (3, 2))
    labels = ("polite", "neutral", "impolite")
    politeness = Output(task="politeness", labels=labels, activation="softmax", **three)
    for n_rare, expected in ((19, False), (20, True)):
        truth = np.repeat(np.eye(3, dtype=int), (400, 400, n_rare), axis=0)
        one = figure(politeness, "segments", "en", truth, truth.astype(bool))
        assert (one.positives, one.is_measurable, one.value) == (n_rare, expected, 1.0)
    acts = Output(task="acts", labels=("greeting", "closing"), activation="sigmoid", **two)
    truth = (rng.random((400, 2)) < 0.01).astype(int)
    one = figure(acts, "segments", "en", truth, truth.astype(bool))
    assert one.positives == truth.sum()


def test_answers_to_one_situation_are_on_one_side_of_the_split():
    data = Path(__file__).parents[2] / "data"
    sides = {}
    for item in read_segments(data):
        if item.file in IN_SETS and item.context:
            sides.setdefault((item.file, item.language, item.context), set()).add(item.split)
    assert {len(found) for found in sides.values()} == {1}
    assert set.union(*sides.values()) == {"train", "dev"}
