import math

import pytest
from golden_files import MISSING, damaged, golden, only_conversation, only_refusal, outline, texts

from convqa.ingest.call_analytics import matches, read
from convqa.ingest.draft import DraftWord


def test_turns_have_the_roles_and_times_of_the_file():
    call = only_conversation(read(golden("call_analytics")))
    assert (call.id, call.language, call.channel) == ("claims-call-0042", "en-GB", "call")
    assert outline(call) == [
        ("agent", "AGENT", 0.44, 2.4),
        ("customer", "CUSTOMER", 3.45, 6.8),
        ("agent", "AGENT", 7.2, 10.24),
    ]


def test_marks_of_redaction_pass_unchanged():
    call = only_conversation(read(golden("call_analytics")))
    assert texts(call)[1] == "This is [PII] and my parcel is a week late."


def test_words_have_times_and_punctuation_is_no_word():
    first = only_conversation(read(golden("call_analytics"))).turns[0]
    assert [word.text for word in first.words] == ["Parcel", "desk", "Owen", "speaking"]
    assert first.words[2] == DraftWord("Owen", 1.4, 1.8)
    assert first.confidence == 0.975


def test_nothing_is_kept_on_the_mood_of_the_agent():
    call = only_conversation(read(golden("call_analytics")))
    assert call.metadata == {"categories": ["late-delivery"], "customer_sentiment": -2.5}


def test_a_role_that_is_neither_is_left_to_the_rules():
    document = damaged("call_analytics", "Transcript", 0, "ParticipantRole", value="SYSTEM")
    first = only_conversation(read(document)).turns[0]
    assert (first.role, first.speaker) == (None, "SYSTEM")


@pytest.mark.parametrize(
    ("path", "value", "field", "reason"),
    [
        ((1, "Content"), MISSING, "Transcript[1].Content", "missing"),
        ((1, "ParticipantRole"), MISSING, "Transcript[1].ParticipantRole", "missing"),
        ((1, "Content"), {}, "Transcript[1].Content", "a string is needed, not an object"),
        ((0, "BeginOffsetMillis"), -440, "Transcript[0].BeginOffsetMillis", "negative"),
        ((0, "EndOffsetMillis"), math.nan, "Transcript[0].EndOffsetMillis", "finite"),
        ((0, "Items", 1, "Confidence"), True, "Transcript[0].Items[1].Confidence", "number"),
    ],
)
def test_a_refusal_names_the_field(path, value, field, reason):
    refusal = only_refusal(read(damaged("call_analytics", "Transcript", *path, value=value)))
    assert refusal.field == field
    assert reason in refusal.reason
    assert "parcel" not in str(refusal)


@pytest.mark.parametrize(
    "document",
    [
        {"JobStatus": "COMPLETED", "Transcript": [{"ParticipantId": "x", "Content": "x"}]},
        {"Participants": [], "Transcript": []},
        {"JobName": "x", "Transcript": {}},
        {"jobName": "x", "results": {}},
    ],
)
def test_other_documents_are_not_taken_for_it(document):
    assert not matches(document)
