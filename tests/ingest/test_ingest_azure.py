import math

import pytest
from golden_files import MISSING, damaged, golden, only_conversation, only_refusal, outline, texts

from convqa.ingest.azure import matches, read
from convqa.ingest.draft import DraftWord


def test_recognised_phrases_are_turns_of_diarised_speakers():
    call = only_conversation(read(golden("azure_batch")))
    assert (call.id, call.language, call.channel) == ("samtale-311", "nb-NO", "call")
    assert outline(call) == [
        (None, "1", 0.76, 2.8),
        (None, "2", 4.0, 7.5),
        (None, "1", 8.25, 10.25),
    ]
    assert call.turns[0].confidence == 0.91
    assert call.turns[0].words[4] == DraftWord("Ola.", 2.1, 2.8)


def test_the_best_alternative_is_what_was_said():
    assert texts(only_conversation(read(golden("azure_batch"))))[0] == "Hei, du snakker med Ola."


@pytest.mark.parametrize(
    ("phrases", "unit"),
    [("offsetInTicks", 1), ("offsetMilliseconds", 10_000)],
)
def test_every_unit_gives_the_same_times(phrases, unit):
    document = golden("azure_batch")
    for phrase in document["recognizedPhrases"]:
        ticks = phrase.pop("offsetInTicks")
        del phrase["offset"]
        phrase[phrases] = ticks / unit
    assert [turn.start_s for turn in only_conversation(read(document)).turns] == [0.76, 4.0, 8.25]


def test_iso_durations_serve_where_nothing_else_is():
    document = golden("azure_batch")
    for phrase in document["recognizedPhrases"]:
        del phrase["offsetInTicks"], phrase["durationInTicks"]
    document["recognizedPhrases"][3]["offset"] = "PT1M8.25S"
    assert [(t.start_s, t.end_s) for t in only_conversation(read(document)).turns] == [
        (0.76, 2.8),
        (4.0, 7.5),
        (68.25, 70.25),
    ]


def test_a_phrase_without_success_counts_where_it_has_words():
    document = damaged("azure_batch", "recognizedPhrases", 2, "recognitionStatus", value="Error")
    assert len(only_conversation(read(document)).turns) == 3


def test_words_as_recognised_serve_where_none_are_displayed():
    document = golden("azure_batch")
    best = document["recognizedPhrases"][0]["nBest"][0]
    del best["displayWords"]
    best["words"] = [{"word": "hei", "offset": "PT0.76S", "duration": "PT0.2S", "confidence": 0.9}]
    words = only_conversation(read(document)).turns[0].words
    assert words == (DraftWord("hei", 0.76, 0.96),)


def test_channels_of_fast_transcription_are_speakers_and_merged_by_time():
    call = only_conversation(read(golden("azure_fast")))
    assert (call.id, call.language) == (None, "da-DK")
    assert outline(call) == [(None, "0", 0.4, 2.3), (None, "1", 3.0, 5.2), (None, "0", 6.0, 7.5)]
    assert texts(call)[1] == "Jeg kan ikke logge ind."
    assert call.turns[0].words[4] == DraftWord("Freja.", 1.7, 2.3)


def test_the_signature_of_an_address_is_no_part_of_the_id():
    document = damaged("azure_batch", "source", value="https://x.example/a/ring-7.mp3?sig=abc")
    assert only_conversation(read(document)).id == "ring-7"


@pytest.mark.parametrize(
    ("path", "value", "field", "reason"),
    [
        ((0, "nBest", 0, "display"), MISSING, "[0].nBest[0].display", "missing"),
        ((0, "nBest"), [], "[0].nBest[0]", "missing"),
        ((2, "offsetInTicks"), -1, "[2].offsetInTicks", "negative"),
        ((2, "durationInTicks"), math.nan, "[2].durationInTicks", "finite"),
        ((2, "durationInTicks"), "long", "[2].durationInTicks", "finite number"),
        ((0, "speaker"), {}, "[0].speaker", "whole number"),
        ((0, "nBest", 0, "displayWords", 1), 3, "[0].nBest[0].displayWords[1]", "an object"),
    ],
)
def test_a_refusal_names_the_field(path, value, field, reason):
    refusal = only_refusal(read(damaged("azure_batch", "recognizedPhrases", *path, value=value)))
    assert refusal.field == f"recognizedPhrases{field}"
    assert reason in refusal.reason
    assert "Ola" not in str(refusal)


def test_an_offset_that_is_no_duration_is_refused():
    document = damaged("azure_batch", "recognizedPhrases", 0, "offset", value="0.76 s")
    del document["recognizedPhrases"][0]["offsetInTicks"]
    refusal = only_refusal(read(document))
    assert (refusal.field, "PT0.76S" in refusal.reason) == ("recognizedPhrases[0].offset", True)


def test_a_fast_phrase_without_text_is_refused():
    refusal = only_refusal(read(damaged("azure_fast", "phrases", 1, "text", value=MISSING)))
    assert refusal.field == "phrases[1].text"


@pytest.mark.parametrize(
    "document",
    [
        {"phrases": []},
        {"recognizedPhrases": {}},
        {"transcripts": [{"phrases": []}]},
        {"combinedPhrases": []},
    ],
)
def test_other_documents_are_not_taken_for_it(document):
    assert not matches(document)
