import copy
import math

import pytest
from golden_files import MISSING, damaged, golden, only_conversation, only_refusal, outline, texts

from convqa.errors import TranscriptError
from convqa.ingest.draft import DraftWord
from convqa.ingest.genesys_messages import matches, read


def test_utterances_are_turns_of_both_channels():
    call = only_conversation(read(golden("genesys_messages")))
    assert (call.id, call.language, call.channel) == (
        "5a7de2b1-1111-4222-8333-00000000000a", "en-GB", "call",
    )  # fmt: skip
    assert call.started_at == "2026-03-02T11:00:00+00:00"
    assert outline(call) == [("agent", "INTERNAL", 0.5, 2.1), ("customer", "EXTERNAL", 2.6, 4.5)]
    assert texts(call) == ["Good day, Ana speaking.", "my order never came"]
    assert call.turns[0].words[1] == DraftWord("day,", 0.8, 1.1)


def test_the_messages_of_a_list_are_put_together_by_conversation():
    first = golden("genesys_messages")
    later = copy.deepcopy(first)
    later["eventBody"]["transcripts"] = [later["eventBody"]["transcripts"][1]]
    later["eventBody"]["transcripts"][0]["alternatives"][0]["offsetMs"] = 9000
    other = damaged("genesys_messages", "eventBody", "conversationId", value="c-2")
    ongoing = copy.deepcopy(first)
    del ongoing["eventBody"]["transcripts"]
    calls = list(read([ongoing, later, other, first]))
    assert [(call.id[-3:], len(call.turns)) for call in calls] == [("00a", 3), ("c-2", 2)]
    assert [turn.start_s for turn in calls[0].turns] == [0.5, 2.6, 9.0]


def test_what_is_not_final_is_sent_again_and_left_out():
    document = damaged("genesys_messages", "eventBody", "transcripts", 1, "isFinal", value=False)
    assert len(only_conversation(read(document)).turns) == 1


UTTERANCE = ("eventBody", "transcripts", 0)


@pytest.mark.parametrize(
    ("path", "value", "field", "reason"),
    [
        ((*UTTERANCE, "channel"), MISSING, "eventBody.transcripts[0].channel", "missing"),
        (
            (*UTTERANCE, "alternatives", 0, "offsetMs"), -500,
            "eventBody.transcripts[0].alternatives[0].offsetMs", "negative",
        ),
        (
            (*UTTERANCE, "alternatives", 0, "durationMs"), math.nan,
            "eventBody.transcripts[0].alternatives[0].durationMs", "finite",
        ),
        (
            (*UTTERANCE, "alternatives"), [],
            "eventBody.transcripts[0].alternatives[0]", "missing",
        ),
        (("eventBody", "transcripts"), "x", "eventBody.transcripts", "a list"),
        (("eventBody", "conversationId"), None, "eventBody.conversationId", "missing"),
    ],
)  # fmt: skip
def test_a_refusal_names_the_field(path, value, field, reason):
    refusal = only_refusal(read(damaged("genesys_messages", *path, value=value)))
    assert refusal.field == field
    assert reason in refusal.reason
    assert "speaking" not in str(refusal)


def test_a_broken_message_leaves_other_conversations_whole():
    broken = damaged("genesys_messages", *UTTERANCE, "channel", value=MISSING)
    broken["eventBody"]["conversationId"] = "c-2"
    whole, refusal = read([golden("genesys_messages"), broken])
    assert len(whole.turns) == 2
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
