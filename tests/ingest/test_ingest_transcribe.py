import pytest
from golden_files import MISSING, damaged, golden, only_conversation, only_refusal, outline, texts

from convqa.ingest.draft import DraftWord
from convqa.ingest.transcribe import matches, read

TURNS = [(None, "spk_0", 0.1, 2.6), (None, "spk_1", 3.0, 4.4), (None, "spk_0", 4.9, 5.9)]
TEXTS = ["Hej, du har kommit till Sparbanken Å.", "Mitt kort är spärrat.", "Det löser vi."]


def test_items_become_turns_at_each_change_of_speaker():
    call = only_conversation(read(golden("transcribe")))
    assert (call.id, call.language, call.channel) == ("samtal-2026-03-02-0007", "sv-SE", "call")
    assert outline(call) == TURNS
    assert texts(call) == TEXTS


def test_punctuation_stands_behind_its_word_without_a_space():
    first = only_conversation(read(golden("transcribe"))).turns[0]
    assert first.words[0] == DraftWord("Hej,", 0.1, 0.4)
    assert first.words[-1] == DraftWord("Å.", 2.2, 2.6)


def test_confidence_is_the_mean_of_the_words_without_punctuation():
    assert only_conversation(read(golden("transcribe"))).turns[2].confidence == 0.99


def test_speakers_are_taken_from_the_segments_where_items_lack_them():
    document = golden("transcribe")
    for item in document["results"]["items"]:
        del item["speaker_label"]
    call = only_conversation(read(document))
    assert outline(call) == TURNS
    assert texts(call) == TEXTS


def test_a_word_outside_all_segments_has_no_speaker():
    document = damaged(
        "transcribe", "results", "speaker_labels", "segments", 2, "end_time", value="5.2"
    )
    for item in document["results"]["items"]:
        del item["speaker_label"]
    assert [turn.speaker for turn in only_conversation(read(document)).turns][2:] == ["spk_0", None]


def test_channels_are_speakers():
    call = only_conversation(read(golden("transcribe_channels")))
    assert outline(call) == [(None, "ch_0", 0.2, 0.9), (None, "ch_1", 1.4, 2.9)]
    assert texts(call) == ["Good morning.", "Hi, I want to move house."]


def test_channels_are_found_where_items_do_not_name_them():
    document = golden("transcribe_channels")
    for item in document["results"]["items"]:
        del item["channel_label"]
    call = only_conversation(read(document))
    assert [(turn.speaker, turn.text) for turn in call.turns] == [
        ("ch_0", "Good morning."),
        ("ch_1", "Hi"),
    ]


def test_a_single_speaker_is_cut_at_pauses():
    document = golden("transcribe")
    del document["results"]["speaker_labels"]
    for item in document["results"]["items"]:
        del item["speaker_label"]
    # The pauses are 0.4 and 0.5 s, below the least pause that ends an utterance.
    assert len(only_conversation(read(document)).turns) == 1
    for item in document["results"]["items"][14:17]:
        item["start_time"] = str(float(item["start_time"]) + 1)
        item["end_time"] = str(float(item["end_time"]) + 1)
    assert texts(only_conversation(read(document)))[1] == "Det löser vi."


@pytest.mark.parametrize(
    ("path", "value", "field", "reason"),
    [
        (("items", 2, "start_time"), MISSING, "results.items[2].start_time", "missing"),
        (("items", 2, "start_time"), "soon", "results.items[2].start_time", "finite number"),
        (("items", 2, "end_time"), "-1.0", "results.items[2].end_time", "negative"),
        (("items", 2, "end_time"), "NaN", "results.items[2].end_time", "finite number"),
        (("items", 3, "alternatives"), [], "results.items[3].alternatives[0].content", "missing"),
        (("items", 3), "x", "results.items[3]", "an object"),
        (("speaker_labels", "segments"), {}, "results.speaker_labels.segments", "a list"),
    ],
)
def test_a_refusal_names_the_field(path, value, field, reason):
    refusal = only_refusal(read(damaged("transcribe", "results", *path, value=value)))
    assert refusal.field == field
    assert reason in refusal.reason
    assert "Sparbanken" not in str(refusal)


@pytest.mark.parametrize(
    "document",
    [
        {"results": {"items": []}},
        {"results": {"transcripts": [], "items": {}}},
        {"JobName": "x", "Transcript": []},
        {"transcripts": [{"phrases": []}]},
        [1],
    ],
)
def test_other_documents_are_not_taken_for_it(document):
    assert not matches(document)
