"""Heads of one's own among the findings and the answers of `classify`."""

import numpy as np
import pytest

from convqa.detect.classify import ClassifyRequest, classify_texts, labelled_record
from convqa.detect.labels import detect_labels, detect_labels_batch
from convqa.encoder import Encoder, load_bundle
from convqa.schema import Conversation, Segment, SegmentedConversation, Source, Span, Turn
from custom_heads import TINY, bundle_with_heads

TALK = (
    ("agent", "Hello, this is Ann."),
    ("customer", "My parcel is lost."),
    ("agent", "So sorry to hear it."),
    ("agent", "I will find it."),
    ("customer", "Thanks, bye."),
)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return bundle_with_heads(tmp_path_factory.mktemp("heads") / "new")


@pytest.fixture(scope="module")
def encoder(bundle):
    return Encoder(bundle, threads=1)


def segmented(said):
    turns = tuple(Turn(role=role, text=text) for role, text in said)
    segments = tuple(
        Segment(index=n, role=role, spans=(Span(n, 0, len(text)),), text=text, language="en")
        for n, (role, text) in enumerate(said)
    )
    conversation = Conversation(id="c1", turns=turns, source=Source("x", "native", 0))
    return SegmentedConversation(conversation, segments, "en", 1.0)


def vectors_of(conversation, encoder):
    return encoder.encode([segment.text for segment in conversation.segments])


def test_findings_of_other_kinds_stay_as_they_are(bundle, encoder):
    talk = segmented(TALK)
    vectors = vectors_of(talk, encoder)
    with_heads = detect_labels(talk, vectors, bundle)
    without = detect_labels(talk, vectors, load_bundle(TINY))
    assert [f for f in with_heads if f.kind != "head"] == without
    assert len(with_heads) > len(without)


def test_a_head_reads_the_segments_of_its_role_under_its_name(bundle, encoder):
    talk = segmented(TALK)
    found = [f for f in detect_labels(talk, vectors_of(talk, encoder), bundle) if f.kind == "head"]
    topics = [f for f in found if f.label.startswith("topic.")]
    assert {f.label for f in topics} <= {"topic.parcel", "topic.bill", "topic.other"}
    agents = [n for n, (role, _) in enumerate(TALK) if role == "agent"]
    assert [f.segment for f in topics if f.is_present] == agents
    assert {TALK[f.segment][0] for f in found if f.label == "plea"} <= {"customer"}
    assert all(f.spans == talk.segments[f.segment].spans for f in found)
    assert [f.segment for f in found] == sorted(f.segment for f in found)


def test_a_conversation_has_the_same_findings_in_any_company(bundle, encoder):
    talks = [segmented(TALK), segmented(TALK[:2]), segmented(TALK[1:]), segmented(())]
    vectors = [vectors_of(talk, encoder) for talk in talks]
    together = detect_labels_batch(talks, vectors, bundle)
    assert together == [detect_labels(t, v, bundle) for t, v in zip(talks, vectors, strict=True)]


def test_classify_gives_what_a_conversation_has(bundle, encoder):
    talk = segmented((("customer", "My parcel is lost."), ("agent", "I will find it.")))
    found = detect_labels(talk, vectors_of(talk, encoder), bundle)
    request = ClassifyRequest("1", "agent", "I will find it.", "My parcel is lost.")
    (result,) = classify_texts([request], encoder, bundle)
    kept = {f.label: f.probability for f in found if f.kind == "head" and f.segment == 1}
    topics = {f"topic.{k}": v for k, v in result.heads["topic"].probabilities.items()}
    assert kept.items() <= {**topics, **result.heads["refund_explained"].probabilities}.items()
    assert kept
    assert result.heads["plea"] is None


def test_record_has_heads_only_where_the_bundle_has(bundle, encoder):
    request = ClassifyRequest("1", "agent", "Hello.", record={"id": "1"})
    (result,) = classify_texts([request], encoder, bundle)
    heads = labelled_record(request, result)["heads"]
    assert set(heads) == {"refund_explained", "topic", "plea"}
    assert len(heads["topic"]["labels"]) == 1
    assert np.isclose(sum(heads["topic"]["probabilities"].values()), 1, atol=1e-3)
    tiny = load_bundle(TINY)
    (result,) = classify_texts([request], Encoder(tiny, threads=1), tiny)
    assert "heads" not in labelled_record(request, result)
