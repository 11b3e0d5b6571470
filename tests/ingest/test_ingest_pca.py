import math

import pytest
from golden_files import MISSING, damaged, golden, only_conversation, only_refusal, outline, texts

from convqa.ingest.draft import DraftWord
from convqa.ingest.pca import matches, read


def test_segments_have_the_shown_label_of_their_speaker():
    call = only_conversation(read(golden("pca")))
    assert (call.id, call.language, call.channel, call.agent_id) == (
        "2a1c9f00-7777-4c1e-9b7e-0a4f0f6c0042", "en-US", "call", "maria.h",
    )  # fmt: skip
    assert call.started_at == "2026-03-02T09:30:00"
    assert outline(call) == [
        ("other", "IVR", 0.0, 2.9),
        (None, "Agent", 3.2, 6.4),
        (None, "Customer", 7.1, 9.6),
    ]
    assert [turn.speaker_id for turn in call.turns] == ["IVR", "spk_0", "spk_1"]
    assert [turn.agent_id for turn in call.turns] == [None, "maria.h", None]


def test_words_lose_the_space_that_the_file_puts_before_them():
    words = only_conversation(read(golden("pca"))).turns[1].words
    assert words[1] == DraftWord("Maria", 3.8, 4.3)


def test_the_original_text_serves_where_none_is_shown():
    document = damaged("pca", "SpeechSegments", 2, "DisplayText", value=MISSING)
    assert texts(only_conversation(read(document)))[2] == "I want my money back."


def test_a_label_that_is_not_in_the_header_is_the_speaker():
    document = damaged("pca", "SpeechSegments", 1, "SegmentSpeaker", value="spk_7")
    assert only_conversation(read(document)).turns[1].speaker == "spk_7"


def test_categories_and_the_customers_sentiment_are_kept():
    call = only_conversation(read(golden("pca")))
    assert call.metadata == {"categories": ["refund"], "customer_sentiment": -1.8}


def test_an_unusual_date_in_the_header_does_not_refuse_the_call():
    document = damaged("pca", "ConversationAnalytics", "ConversationTime", value="2 March")
    assert only_conversation(read(document)).started_at is None


@pytest.mark.parametrize(
    ("path", "value", "field", "reason"),
    [
        (
            ("SpeechSegments", 1, "SegmentSpeaker"), MISSING,
            "SpeechSegments[1].SegmentSpeaker", "missing",
        ),
        (
            ("SpeechSegments", 1, "SegmentStartTime"), -1,
            "SpeechSegments[1].SegmentStartTime", "negative",
        ),
        (
            ("SpeechSegments", 1, "SegmentEndTime"), math.nan,
            "SpeechSegments[1].SegmentEndTime", "finite",
        ),
        (("SpeechSegments", 1, "DisplayText"), 3, "SpeechSegments[1].DisplayText", "a string"),
        (
            ("ConversationAnalytics", "SpeakerLabels", 0, "DisplayText"), None,
            "ConversationAnalytics.SpeakerLabels[0].DisplayText", "missing",
        ),
        (
            ("SpeechSegments", 1, "WordConfidence", 0, "StartTime"), [],
            "SpeechSegments[1].WordConfidence[0].StartTime", "number",
        ),
    ],
)  # fmt: skip
def test_a_refusal_names_the_field(path, value, field, reason):
    refusal = only_refusal(read(damaged("pca", *path, value=value)))
    assert refusal.field == field
    assert reason in refusal.reason
    assert "Maria" not in str(refusal)


@pytest.mark.parametrize(
    "document",
    [{"ConversationAnalytics": {}}, {"SpeechSegments": []}, {"ConversationCharacteristics": {}}, 1],
)
def test_other_documents_are_not_taken_for_it(document):
    assert not matches(document)
