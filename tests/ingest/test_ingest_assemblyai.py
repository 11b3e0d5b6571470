import math

import pytest
from golden_files import MISSING, damaged, golden, only_conversation, only_refusal, outline, texts

from convqa.ingest.assemblyai import matches, read
from convqa.ingest.draft import DraftWord


def test_utterances_are_turns_with_times_in_seconds():
    call = only_conversation(read(golden("assemblyai")))
    assert (call.id, call.language, call.channel) == (
        "9ea68fd3-f953-42c1-9742-976c447fb463", "pl", "call",
    )  # fmt: skip
    assert outline(call) == [(None, "A", 0.25, 3.1), (None, "B", 3.6, 6.4), (None, "A", 6.9, 9.8)]
    assert texts(call)[2] == "Bardzo mi przykro, już to sprawdzam."
    assert call.turns[0].words[1] == DraftWord("dobry,", 0.52, 0.9)
    assert call.turns[0].confidence == 0.97


def test_missing_times_of_an_utterance_stay_missing():
    document = damaged("assemblyai", "utterances", 1, "start", value=None)
    assert only_conversation(read(document)).turns[1].start_s is None


def test_words_without_their_times_are_left_out():
    document = damaged("assemblyai", "utterances", 0, "words", 0, "start", value=None)
    assert only_conversation(read(document)).turns[0].words[0].text == "dobry,"


def test_without_utterances_turns_are_made_of_the_words():
    document = golden("assemblyai")
    document["words"] = [
        {"text": "Halo?", "start": 100, "end": 500, "confidence": 0.9, "speaker": None},
        {"text": "Tak.", "start": 1500, "end": 1700, "confidence": 0.7, "speaker": None},
    ]
    document["utterances"] = None
    call = only_conversation(read(document))
    assert outline(call) == [(None, None, 0.1, 0.5), (None, None, 1.5, 1.7)]
    assert texts(call) == ["Halo?", "Tak."]


def test_the_channel_is_the_speaker_where_no_label_is():
    document = golden("assemblyai")
    for number, utterance in enumerate(document["utterances"]):
        del utterance["speaker"]
        utterance["channel"] = str(number % 2 + 1)
    assert [turn.speaker for turn in only_conversation(read(document)).turns] == ["1", "2", "1"]


@pytest.mark.parametrize(
    ("path", "value", "field", "reason"),
    [
        (("utterances", 1, "text"), MISSING, "utterances[1].text", "missing"),
        (("utterances", 1, "text"), ["x"], "utterances[1].text", "a string is needed, not a list"),
        (("utterances", 2, "start"), -5, "utterances[2].start", "negative"),
        (("utterances", 2, "end"), math.inf, "utterances[2].end", "finite"),
        (("utterances", 0, "words", 3, "text"), None, "utterances[0].words[3].text", "missing"),
        (("status",), "error", "status", "completed"),
    ],
)
def test_a_refusal_names_the_field(path, value, field, reason):
    refusal = only_refusal(read(damaged("assemblyai", *path, value=value)))
    assert refusal.field == field
    assert reason in refusal.reason
    assert "fakturę" not in str(refusal)


@pytest.mark.parametrize(
    "document",
    [
        {"id": "1", "turns": [], "audio_url": "x"},
        {"utterances": [{"speaker": "A", "text": "x"}]},
        {"results": {"utterances": [{"speaker": 0, "transcript": "x"}]}},
        {"segments": [], "word_segments": []},
        "utterances",
    ],
)
def test_other_documents_are_not_taken_for_it(document):
    assert not matches(document)
