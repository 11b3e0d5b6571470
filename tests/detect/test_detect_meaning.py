"""Paraphrases of examples: by vectors made by hand, and how well the shipped model does."""

from pathlib import Path

import numpy as np
import pytest
import yaml
from pydantic import ValidationError

from convqa.config import shipped_models
from convqa.detect.meaning import (
    compile_meanings,
    detect_meanings,
    meaning_texts,
    nearest_meanings,
)
from convqa.encoder import Encoder, list_bundles, load_bundle
from convqa.schema import Conversation, Segment, SegmentedConversation, Source, Span, Turn
from convqa.standard import Standard

DATA = Path(__file__).parent / "meaning" / "sentences.yaml"
VECTORS = {"near": [100, 0], "far": [0, 100], "unlike": [70, 70]}


def standard(rule, **about):
    base = {"id": "base", "kind": "label", "weight": 1, "find": {"act": "greeting"}}
    return Standard.model_validate({
        "name": "own", "version": "1", "languages": ["en"],
        "phrase_lists": [{"id": "list", "language": "en", "phrases": [rule], **about}],
        "sections": [{"id": "s", "criteria": [base]}],
    })  # fmt: skip


def row(values):
    return np.array(values, dtype=np.int8).tobytes()


def found(rule, *said, speaker="agent", tried=detect_meanings, **about):
    """Return the findings in segments with the given vectors; `about` is of the list."""
    segments = tuple(Segment(i, speaker, (Span(i, 0, 1),), "x", "en") for i in range(len(said)))
    talk = Conversation("t", (Turn(speaker, "x"),) * len(said), Source("", "", 0), "en")
    segmented = SegmentedConversation(talk, segments, "en", 1.0)
    vectors = {text: row(values) for text, values in VECTORS.items()}
    compiled = compile_meanings(standard(rule, **about), vectors)
    return list(tried(segmented, [row(values) for values in said], compiled))


RULE = {"id": "rule", "meaning": ["near", "far"]}


def test_a_segment_as_near_as_asked_is_found_with_its_nearest_example():
    (finding,) = found({**RULE, "threshold": 0.9}, [90, 10], [60, 60])
    assert (finding.kind, finding.label, finding.segment) == ("phrase", "list.rule", 0)
    assert finding.detail == "list.rule: meaning 0.99 «near»"
    assert [f.detail for f in found(RULE, [1, 60])] == ["list.rule: meaning 1.00 «far»"]


def test_the_threshold_of_a_rule_takes_the_place_of_the_standards():
    said = [[90, 45]]
    assert len(found({**RULE, "threshold": 0.89}, *said)) == 1
    assert found({**RULE, "threshold": 0.9}, *said) == []
    assert len(found({"id": "rule", "meaning": ["near"], "threshold": 0}, [50, 90])) == 1


def test_what_is_nearer_to_a_counter_example_does_not_count():
    said = [[100, 60]]
    assert len(found(RULE, *said)) == 1
    assert found({**RULE, "unlike": ["unlike"]}, *said) == []


def test_how_near_a_conversation_comes_is_told_of_its_nearest_segment():
    (near,) = found(RULE, [60, 60], [45, 90], [-90, 10], tried=nearest_meanings)
    assert (near.label, near.segment.index, near.threshold) == ("list.rule", 1, 0.62)
    assert (round(near.likeness, 2), near.is_unlike) == (0.89, False)
    (near,) = found({**RULE, "unlike": ["unlike"]}, [100, 60], tried=nearest_meanings)
    assert (round(near.likeness, 2), near.is_unlike) == (0.86, True)
    assert found(RULE, [45, 90], speaker="customer", tried=nearest_meanings) == []


def test_only_the_side_the_list_is_for_is_read():
    assert found(RULE, [90, 10], speaker="customer") == []
    assert len(found(RULE, [90, 10], speaker="customer", role="customer")) == 1


def test_a_forbidden_meaning_is_a_finding_of_its_category():
    (finding,) = found(RULE, [90, 10], forbidden="blame")
    assert (finding.kind, finding.label) == ("forbidden", "blame")


def test_nothing_is_found_where_the_models_did_not_run():
    compiled = compile_meanings(standard(RULE), {t: row(v) for t, v in VECTORS.items()})
    segment = Segment(0, "agent", (Span(0, 0, 1),), "x", "en")
    talk = Conversation("t", (Turn("agent", "x"),), Source("", "", 0), "en")
    segmented = SegmentedConversation(talk, (segment,), "en", 1.0)
    assert list(detect_meanings(segmented, (), compiled)) == []


def test_nothing_is_found_where_only_others_spoke():
    assert found(RULE) == []


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"id": "r"}, "looks for nothing; give say, meaning, or both"),
        ({"id": "r", "say": "x", "unlike": ["y"]}, "unlike and threshold belong to meaning"),
        ({"id": "r", "say": "x", "threshold": 0.5}, "unlike and threshold belong to meaning"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(rule, message):
    with pytest.raises(ValidationError, match=message):
        standard(rule)


def test_each_text_is_encoded_once():
    rule = {"id": "rule", "meaning": ["a", "b"], "unlike": ["c", "a"]}
    assert meaning_texts(standard(rule)) == ["a", "b", "c"]


@pytest.mark.model
def test_paraphrases_on_the_meanings_that_did_not_choose_the_threshold():
    encoder = Encoder(load_bundle(list_bundles(shipped_models())[-1]), threads=1)
    limit = standard(RULE).confidence.meaning
    hits = {"same": 0, "other": 0}
    n = {"same": 0, "other": 0}
    for entry in yaml.safe_load(DATA.read_text(encoding="utf-8")):
        if entry["for"] != "measuring":
            continue
        examples = unit(encoder.encode(entry["examples"]))
        for kind in hits:
            likeness = unit(encoder.encode(entry[kind])) @ examples.T
            hits[kind] += int((likeness.max(axis=1) >= limit).sum())
            n[kind] += len(entry[kind])
    assert n == {"same": 54, "other": 36}
    assert hits["same"] >= 7, f"{hits['same']} of {n['same']} paraphrases"
    assert hits["other"] <= 4, f"{hits['other']} of {n['other']} near misses"


def unit(rows):
    wide = rows.astype(np.float32)
    return wide / np.linalg.norm(wide, axis=1, keepdims=True)
