import copy
import math

import pytest
from golden_files import MISSING, damaged, golden, only_conversation, only_refusal, outline, texts

from convqa.errors import TranscriptError
from convqa.ingest.draft import DraftWord
from convqa.ingest.genesys_messages import matches, read

UTTERANCE = ("eventBody", "transcripts", 0)


def test_utterances_are_turns_of_both_channels():
    call = only_conversation(read(golden("genesys_messages")))
    assert (call.id, call.language, call.channel) == (
        "5a7de2b1-1111-4222-8333-00000000000a", "en-GB", "call",
    )  # fmt: skip
    assert call.started_at == "2026-03-02T11:00:00+00:00"
    assert outline(call) == [("agent", "INTERNAL", 0.5, 2.1), ("customer", "EXTERNAL", 2.6, 4.5)]
    assert texts(call) == ["Good day, Ana speaking.", "my order never came"]
    assert call.turns[0].words[1] == DraftWord("day,", 0.8, 1.1)


def test_messages_are_put_together_by_conversation_in_order_of_time():
    first, second = golden("genesys_messages")
    first["eventBody"]["transcripts"][0]["alternatives"][0]["offsetMs"] = 9000
    other = copy.deepcopy(second)
    other["eventBody"]["conversationId"] = "c-2"
    ongoing = copy.deepcopy(first)
    del ongoing["eventBody"]["transcripts"]
    calls = list(read([ongoing, first, other, second]))
    assert [(call.id[-3:], len(call.turns)) for call in calls] == [("00a", 2), ("c-2", 1)]
    assert [turn.start_s for turn in calls[0].turns] == [2.6, 9.0]


def test_a_single_message_is_read_too():
    message = golden("genesys_messages")[1]
    assert matches(message)
    assert texts(only_conversation(read(message))) == ["my order never came"]


def test_what_is_not_final_is_sent_again_and_left_out():
    document = damaged("genesys_messages", 1, *UTTERANCE, "isFinal", value=False)
    assert len(only_conversation(read(document)).turns) == 1


@pytest.mark.parametrize(
    ("path", "value", "field", "reason"),
    [
        ((0, *UTTERANCE, "channel"), MISSING, "[0].eventBody.transcripts[0].channel", "missing"),
        (
            (0, *UTTERANCE, "alternatives", 0, "offsetMs"), -500,
            "[0].eventBody.transcripts[0].alternatives[0].offsetMs", "negative",
        ),
        (
            (0, *UTTERANCE, "alternatives", 0, "durationMs"), math.nan,
            "[0].eventBody.transcripts[0].alternatives[0].durationMs", "finite",
        ),
        (
            (0, *UTTERANCE, "alternatives"), [],
            "[0].eventBody.transcripts[0].alternatives[0]", "missing",
        ),
        ((0, "eventBody", "transcripts"), "x", "[0].eventBody.transcripts", "a list"),
        ((0, "eventBody", "conversationId"), None, "[0].eventBody.conversationId", "missing"),
    ],
)  # fmt: skip
def test_a_refusal_names_the_field(path, value, field, reason):
    refusal = only_refusal(read(damaged("genesys_messages", *path, value=value)[:1]))
    assert refusal.field == field
    assert reason in refusal.reason
    assert "speaking" not in str(refusal)


def test_a_broken_message_leaves_other_conversations_whole():
    document = damaged("genesys_messages", 1, *UTTERANCE, "channel", value=MISSING)
    document[1]["eventBody"]["conversationId"] = "c-2"
    whole, refusal = read(document)
    assert len(whole.turns) == 1
    assert isinstance(refusal, TranscriptError)
    assert refusal.field == "[1].eventBody.transcripts[0].channel"


@pytest.mark.parametrize(
    "document",
    [
        {"topicName": "v2.conversations.x.transcription"},
        {"topicName": "v2.users.x.presence", "eventBody": {"conversationId": "x"}},
        {"transcripts": [{"phrases": []}]},
        [],
    ],
)
def test_other_documents_are_not_taken_for_it(document):
    assert not matches(document)
