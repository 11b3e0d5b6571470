"""Findings of the model on a bundle of random weights: the form is checked, not the sense."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from convqa.config import shipped_models
from convqa.detect.contexts import runs, surroundings
from convqa.detect.labels import detect_labels, detect_labels_batch
from convqa.encoder import Bundle, Encoder, list_bundles, load_bundle
from convqa.encoder.heads import context_vector
from convqa.schema import Conversation, Role, Segment, SegmentedConversation, Source, Span, Turn

TINY = Path(__file__).parents[1] / "data" / "tiny-bundle"
TALK: tuple[tuple[Role, str], ...] = (
    ("agent", "Hello, this is Ann."),
    ("customer", "My parcel is lost."),
    ("customer", "I am cross."),
    ("agent", "So sorry to hear it."),
    ("agent", "I will find it."),
    ("customer", "Thanks, bye."),
)


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return load_bundle(TINY)


@pytest.fixture(scope="module")
def encoder(bundle) -> Encoder:
    return Encoder(bundle, threads=1)


def segmented(said: tuple[tuple[Role, str], ...] = TALK) -> SegmentedConversation:
    turns = tuple(Turn(role=role, text=text) for role, text in said)
    segments = tuple(
        Segment(index=n, role=role, spans=(Span(n, 0, len(text)),), text=text, language="en")
        for n, (role, text) in enumerate(said)
    )
    conversation = Conversation(id="c1", turns=turns, source=Source("x", "native", 0))
    return SegmentedConversation(conversation, segments, "en", 1.0)


def vectors_of(conversation: SegmentedConversation, encoder: Encoder) -> np.ndarray:
    return encoder.encode([segment.text for segment in conversation.segments])


def found(bundle, encoder, said=TALK):
    conversation = segmented(said)
    return detect_labels(conversation, vectors_of(conversation, encoder), bundle)


def test_roles_have_their_own_kinds(bundle, encoder):
    kinds = {(TALK[f.segment][0], f.kind) for f in found(bundle, encoder) if f.segment is not None}
    assert ("agent", "empathy") in kinds
    assert ("customer", "emotion") in kinds
    assert ("agent", "emotion") not in kinds
    assert not kinds & {("customer", "empathy"), ("customer", "forbidden")}


def test_single_label_kinds_hold_for_exactly_one_label_of_a_segment(bundle, encoder):
    findings = found(bundle, encoder)
    for kind, roles in (
        ("politeness", ("agent", "customer")), ("empathy", ("agent",)), ("emotion", ("customer",)),
    ):  # fmt: skip
        present = [f.segment for f in findings if f.kind == kind and f.is_present]
        assert present == [n for n, (role, _) in enumerate(TALK) if role in roles]


def test_findings_follow_the_segments_and_carry_their_spans(bundle, encoder):
    findings = [f for f in found(bundle, encoder) if f.segment is not None]
    assert [f.segment for f in findings] == sorted(f.segment for f in findings)
    for finding in findings:
        turn = finding.segment
        assert finding.spans == (Span(turn, 0, len(TALK[turn][1])),)
        assert finding.source == "model"


def test_only_present_or_likely_labels_are_kept(bundle, encoder):
    floor = bundle.manifest.storage_floor
    findings = found(bundle, encoder)
    assert any(not f.is_present for f in findings if f.segment is not None)
    for finding in findings:
        if finding.segment is not None and not finding.is_present:
            assert finding.probability >= floor


def test_threshold_of_the_bundle_decides_presence(bundle, encoder):
    raised = tuple(
        output.model_copy(update={"thresholds": (1.0,) * len(output.labels)})
        if output.task == "acts" else output
        for output in bundle.agent.outputs
    )  # fmt: skip
    strict = replace(bundle, agent=replace(bundle.agent, outputs=raised))
    acts = [f for f in found(bundle, encoder) if f.kind == "act" and TALK[f.segment][0] == "agent"]
    same = [f for f in found(strict, encoder) if f.kind == "act" and TALK[f.segment][0] == "agent"]
    assert any(f.is_present for f in acts)
    assert not any(f.is_present for f in same)


def test_conversation_has_one_resolution_and_one_ending(bundle, encoder):
    for kind, n in (("resolution", 3), ("ending", 3)):
        labels = [f for f in found(bundle, encoder) if f.kind == kind]
        assert len(labels) == n
        assert sum(f.is_present for f in labels) == 1
        assert all(f.spans == () and f.segment is None for f in labels)
        assert sum(f.probability for f in labels) == pytest.approx(1, abs=2e-4)


def test_unknown_speakers_are_not_judged(bundle, encoder):
    assert found(bundle, encoder, (("unknown", "No."), ("unknown", "Rubbish."))) == []
    mixed = found(bundle, encoder, (*TALK[:2], ("unknown", "Rubbish."), *TALK[2:]))
    assert all(f.segment != 2 for f in mixed)


def test_conversation_without_segments_has_no_findings(bundle):
    nothing = np.zeros((0, bundle.width), dtype=np.int8)
    assert detect_labels(segmented(()), nothing, bundle) == []


def test_batch_finds_what_each_conversation_alone_has(bundle, encoder):
    talks = [segmented(TALK), segmented(TALK[:3]), segmented(()), segmented(TALK[3:])]
    vectors = [vectors_of(talk, encoder) for talk in talks]
    together = detect_labels_batch(talks, vectors, bundle)
    alone = [detect_labels(t, v, bundle) for t, v in zip(talks, vectors, strict=True)]
    assert together == alone
    assert detect_labels_batch([], [], bundle) == []


def test_context_is_the_whole_run_before(encoder):
    conversation = segmented()
    vectors = vectors_of(conversation, encoder)
    contexts = surroundings([role for role, _ in TALK], vectors).context
    assert not contexts[0].any()
    np.testing.assert_array_equal(contexts[1], vectors[0])
    np.testing.assert_array_equal(contexts[3], context_vector(vectors[1:3]))
    np.testing.assert_array_equal(contexts[3], contexts[4])


def test_past_sums_up_what_either_party_has_said():
    vectors = np.array([[9], [2], [4], [20], [50], [7], [1]], dtype=np.int8)
    roles = ["customer", "agent", "agent", "customer", "other", "agent", "customer"]
    past = surroundings(roles, vectors).past[:, :, 0].tolist()
    assert past == [
        [0, 0, 0],  # nothing was said
        [0, 0, 0],  # nothing but the context
        [0, 0, 0],
        [9, 9, 0],  # own last run, the mean of the own, the mean of the other's before the context
        [0, 0, 0],  # nobody's
        [3, 3, 9],
        [20, 14, 3],  # of 14.5
    ]


def test_what_was_said_before_counts(bundle, encoder):
    vectors = vectors_of(segmented(), encoder)
    text, context = vectors[3:4], vectors[2:3]
    past = surroundings([role for role, _ in TALK], vectors).past[3:4]
    head = bundle.customer if TALK[3][0] == "customer" else bundle.agent
    known, unknown = head.logits(text, context, past), head.logits(text, context)
    assert not np.array_equal(known, unknown)
    np.testing.assert_array_equal(head.logits(text, context, np.zeros_like(past)), unknown)


def test_heads_of_older_bundles_read_no_past(bundle, encoder):
    vectors = vectors_of(segmented(), encoder)
    past = surroundings([role for role, _ in TALK], vectors).past
    older = replace(bundle.agent, hidden_weights=bundle.agent.hidden_weights[:4])
    np.testing.assert_array_equal(
        older.logits(vectors, vectors, past), bundle.agent.logits(vectors, vectors)
    )


def test_other_speakers_do_not_end_a_run():
    assert runs(["agent", "other", "agent", "customer", "unknown"]) == [
        ("agent", [0, 2]),
        ("customer", [3]),
    ]


@pytest.mark.model
def test_shipped_model_tells_plain_cases_apart():
    shipped = load_bundle(list_bundles(shipped_models())[-1])
    talk = (
        ("customer", "I have waited three weeks for my parcel and I am really fed up."),
        ("agent", "That is not my problem, you should have ordered earlier."),
        ("agent", "Could you please confirm your date of birth?"),
    )
    likeliest = {}
    for f in found(shipped, Encoder(shipped, threads=1), talk):
        if f.probability > likeliest.get((f.segment, f.kind), (0.0, ""))[0]:
            likeliest[f.segment, f.kind] = (f.probability, f.label)
    told = {place: label for place, (_, label) in likeliest.items()}
    assert told[0, "emotion"] == "negative"
    assert (told[1, "politeness"], told[1, "empathy"]) == ("impolite", "dismissive")
    assert (told[2, "politeness"], told[2, "act"]) == ("polite", "verification")
