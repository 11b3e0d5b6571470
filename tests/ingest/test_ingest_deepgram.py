import math

import pytest
from golden_files import (
    MISSING,
    damaged,
    golden,
    only_conversation,
    only_refusal,
    outline,
    texts,
)

from convqa.ingest.deepgram import matches, read
from convqa.ingest.draft import DraftWord


def test_utterances_are_turns_of_numbered_speakers():
    call = only_conversation(read(golden("deepgram")))
    assert call.id == "6f1f7c0e-7a55-4c43-9a0e-2f6f4f6f9a10"
    assert call.channel == "call"
    assert outline(call) == [(None, "0", 0.4, 3.2), (None, "1", 4.1, 6.0), (None, "0", 6.4, 9.0)]
    assert texts(call)[1] == "My bill doubled in a month."
    assert call.turns[1].confidence == 0.91


def test_the_date_of_the_transcription_is_not_the_date_of_the_call():
    assert only_conversation(read(golden("deepgram"))).started_at is None


def test_words_keep_their_times_and_their_punctuated_form():
    words = only_conversation(read(golden("deepgram"))).turns[0].words
    assert len(words) == 11
    assert words[0] == DraftWord("Hello,", 0.4, 0.7)
    assert words[-1] == DraftWord("help?", 2.8, 3.2)


def test_channels_without_utterances_are_merged_by_time():
    call = only_conversation(read(golden("deepgram_channels")))
    assert call.language == "sv"
    assert outline(call) == [(None, "0", 0.5, 2.3), (None, "1", 2.8, 4.8), (None, "0", 5.0, 7.2)]
    assert texts(call) == [
        "Hej och välkommen till Bredbandsbyn.",
        "Internet har legat nere i två dagar.",
        "Jag beklagar, jag felanmäler det nu.",
    ]
    assert call.turns[1].words[-1] == DraftWord("dagar.", 4.3, 4.8)


def test_words_of_diarised_audio_are_cut_at_each_change_of_speaker():
    document = golden("deepgram")
    words = [word for item in document["results"]["utterances"] for word in item["words"]]
    document["results"]["channels"][0]["alternatives"][0]["words"] = words
    del document["results"]["utterances"]
    call = only_conversation(read(document))
    assert [(turn.speaker, turn.text) for turn in call.turns] == [
        ("0", "Hello, this is Nora from Hillside Water. How can I help?"),
        ("1", "My bill doubled in a month."),
    ]


def test_paragraphs_serve_where_there_are_no_words():
    call = only_conversation(read(golden("deepgram_paragraphs")))
    assert outline(call) == [(None, "0", 0.2, 2.0), (None, "1", 2.5, 5.5)]
    assert texts(call) == ["Hej du taler med Mette.", "Jeg vil gerne opsige. Tak."]


def test_the_channel_is_the_speaker_of_an_utterance_of_several_channels():
    document = damaged("deepgram", "results", "utterances", 1, "channel", value=1)
    document["results"]["utterances"][1]["speaker"] = 0  # counted in each channel anew
    document["results"]["channels"] *= 2
    speakers = [turn.speaker for turn in only_conversation(read(document)).turns]
    assert speakers == ["0", "1", "0"]


def test_an_end_may_be_missing():
    document = damaged("deepgram", "results", "utterances", 2, "end", value=MISSING)
    assert only_conversation(read(document)).turns[2].end_s is None


@pytest.mark.parametrize(
    ("path", "value", "field", "reason"),
    [
        (("utterances", 1, "transcript"), MISSING, "results.utterances[1].transcript", "missing"),
        (("utterances", 1, "start"), MISSING, "results.utterances[1].start", "missing"),
        (("utterances", 1, "transcript"), 7, "results.utterances[1].transcript", "a string"),
        (("utterances", 0, "start"), -0.1, "results.utterances[0].start", "negative"),
        (("utterances", 0, "end"), math.nan, "results.utterances[0].end", "finite"),
        (("utterances", 0, "words", 2, "end"), "x", "results.utterances[0].words[2].end", "number"),
        (("utterances", 1), None, "results.utterances[1]", "an object"),
        (("utterances", 1, "speaker"), 0.5, "results.utterances[1].speaker", "whole number"),
    ],
)
def test_a_refusal_names_the_field(path, value, field, reason):
    refusal = only_refusal(read(damaged("deepgram", "results", *path, value=value)))
    assert refusal.field == field
    assert reason in refusal.reason
    assert "bill" not in str(refusal)


def test_a_channel_without_words_and_paragraphs_is_refused():
    document = damaged(
        "deepgram_paragraphs", "results", "channels", 0, "alternatives", 0, "paragraphs",
        value=MISSING,
    )  # fmt: skip
    refusal = only_refusal(read(document))
    assert refusal.field == "results.channels[0].alternatives[0].paragraphs.paragraphs"


@pytest.mark.parametrize(
    "document",
    [
        {"results": {"items": [], "transcripts": []}},
        {"results": {"channels": [{}]}},
        {"utterances": []},
        {"results": [{"utterances": []}]},
        [],
        None,
    ],
)
def test_other_documents_are_not_taken_for_it(document):
    assert not matches(document)
