"""Single texts get the labels of the heads, from the text and its context."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from convqa.detect.classify import (
    ClassifyRequest,
    classify_texts,
    labelled_record,
    parse_classify_line,
)
from convqa.detect.labels import detect_labels
from convqa.encoder import Bundle, Encoder, load_bundle
from convqa.errors import TranscriptError
from convqa.schema import Conversation, Segment, SegmentedConversation, Source, Span, Turn

TINY = Path(__file__).parents[1] / "data" / "tiny-bundle"


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return load_bundle(TINY)


@pytest.fixture(scope="module")
def encoder(bundle) -> Encoder:
    return Encoder(bundle, threads=1)


def request(**changes: object) -> ClassifyRequest:
    record = {"id": "1", "role": "agent", "text": "So sorry.", "context": "I am cross.", **changes}
    return parse_classify_line(json.dumps(record))


def test_results_keep_the_order_and_the_ids(bundle, encoder):
    requests = [request(id=str(n), role=("agent", "customer")[n % 2]) for n in range(5)]
    results = classify_texts(requests, encoder, bundle)
    assert [result.id for result in results] == ["0", "1", "2", "3", "4"]


def test_tasks_depend_on_the_role(bundle, encoder):
    agent, customer, unknown = classify_texts(
        [request(), request(role="customer"), request(role="unknown")], encoder, bundle
    )
    assert agent.empathy is not None
    assert agent.emotion is None
    assert len(agent.forbidden_probabilities) == 9
    assert customer.emotion is not None
    assert customer.empathy is None
    assert customer.forbidden_probabilities == {}
    assert unknown.politeness is None
    assert unknown.acts_probabilities == {}


def test_context_matters_and_blank_context_is_none(bundle, encoder):
    with_context, without, blank, absent = classify_texts(
        [request(), request(context=""), request(context="  "), request(context=None)],
        encoder,
        bundle,
    )
    assert with_context.acts_probabilities != without.acts_probabilities
    assert blank == without == absent


def test_text_has_the_labels_it_has_in_a_conversation_of_which_no_more_is_read(bundle, encoder):
    without_past = replace(bundle.agent, hidden_weights=bundle.agent.hidden_weights[:4])
    bundle = replace(bundle, agent=without_past)
    said = (("customer", "I am cross."), ("agent", "So sorry."))
    segments = tuple(
        Segment(index=n, role=role, spans=(Span(n, 0, len(text)),), text=text, language="en")
        for n, (role, text) in enumerate(said)
    )
    turns = tuple(Turn(role=role, text=text) for role, text in said)
    conversation = Conversation(id="c", turns=turns, source=Source("x", "native", 0))
    findings = detect_labels(
        SegmentedConversation(conversation, segments, "en", 1.0),
        encoder.encode([text for _, text in said]),
        bundle,
    )
    (result,) = classify_texts([request()], encoder, bundle)
    acts = {f.label for f in findings if f.segment == 1 and f.kind == "act" and f.is_present}
    assert set(result.acts) == acts
    for finding in findings:
        if finding.segment == 1 and finding.kind == "politeness":
            assert result.politeness.probabilities[finding.label] == finding.probability


def test_no_requests_give_no_results(bundle, encoder):
    assert classify_texts([], encoder, bundle) == []


def test_record_is_given_back_with_the_labels(bundle, encoder):
    asked = request(lang="en", channel="chat", extra=[1])
    (result,) = classify_texts([asked], encoder, bundle)
    record = labelled_record(asked, result)
    assert (record["id"], record["extra"]) == ("1", [1])
    assert record["politeness"]["label"] in record["politeness"]["probabilities"]
    assert record["emotion"] is None
    assert json.loads(json.dumps(record)) == record


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("no json", ""),
        ("[1]", ""),
        ('{"role": "agent", "text": "x"}', "id"),
        ('{"id": true, "role": "agent", "text": "x"}', "id"),
        ('{"id": "1", "role": "boss", "text": "x"}', "role"),
        ('{"id": "1", "text": "x"}', "role"),
        ('{"id": "1", "role": "agent"}', "text"),
        ('{"id": "1", "role": "agent", "text": 5}', "text"),
        ('{"id": "1", "role": "agent", "text": "x", "context": 5}', "context"),
        ("[" * 100_000, ""),
    ],
)
def test_bad_line_names_the_field_and_shows_no_text(line, field):
    with pytest.raises(TranscriptError) as caught:
        parse_classify_line(line)
    assert caught.value.field == field
    assert "boss" not in str(caught.value)


def test_whole_number_is_an_id():
    assert parse_classify_line('{"id": 7, "role": "agent", "text": ""}').id == "7"
