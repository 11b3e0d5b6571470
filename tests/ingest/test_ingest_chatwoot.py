import math

import pytest
from golden_files import MISSING, damaged, golden, only_conversation, only_refusal, outline, texts

from convqa.errors import TranscriptError
from convqa.ingest.chatwoot import matches, read

PAYLOAD = ("data", "payload", 0)


def test_messages_are_turns_and_notes_and_activity_are_kept_aside():
    chat = only_conversation(read(golden("chatwoot")))
    assert (chat.id, chat.channel, chat.queue) == ("812", "chat", "9")
    assert (chat.agent_id, chat.team) == ("7", "Livrări")
    assert chat.started_at == "2026-03-02T12:00:00+00:00"
    assert outline(chat) == [
        ("customer", "contact", 0.0, None),
        ("other", "2", 10.0, None),
        ("other", "user", 40.0, None),
        ("agent", "user", 70.0, None),
        ("other", "3", 150.0, None),
    ]
    assert texts(chat)[3] == "Ne pare rău, ajunge mâine."
    assert chat.turns[3].agent_id == "7"
    assert chat.metadata == {"csat": 5, "tags": ["livrare"]}


def test_a_contact_and_a_user_with_the_same_number_are_two_speakers():
    document = damaged("chatwoot", *PAYLOAD, "messages", 0, "sender", "id", value=7)
    speakers = {turn.speaker_id for turn in only_conversation(read(document)).turns}
    assert speakers == {"contact:7", "user:7", None}


def test_what_a_bot_sends_is_not_the_agents_word():
    document = damaged("chatwoot", *PAYLOAD, "messages", 3, "sender", "type", value="agent_bot")
    assert only_conversation(read(document)).turns[3].role == "other"


def test_types_may_be_names():
    document = golden("chatwoot")
    names = ["incoming", "outgoing", "activity", "template"]
    for message in document["data"]["payload"][0]["messages"]:
        message["message_type"] = names[message["message_type"]]
    assert [turn.role for turn in only_conversation(read(document)).turns] == [
        "customer", "other", "other", "agent", "other",
    ]  # fmt: skip


def test_the_answer_of_the_messages_endpoint_is_one_conversation():
    messages = golden("chatwoot")["data"]["payload"][0]["messages"]
    document = {"meta": {"labels": [], "assignee": {"id": 7}}, "payload": messages}
    assert matches(document)
    chat = only_conversation(read(document))
    assert (chat.id, chat.agent_id, len(chat.turns)) == ("812", "7", 5)


def test_a_message_without_words_is_no_turn():
    document = damaged("chatwoot", *PAYLOAD, "messages", 0, "content", value=None)
    assert len(only_conversation(read(document)).turns) == 4


def test_each_conversation_of_a_list_stands_alone():
    broken = damaged("chatwoot", *PAYLOAD, "messages", 1, "message_type", value=MISSING)
    document = golden("chatwoot")
    document["data"]["payload"].append(broken["data"]["payload"][0])
    whole, refusal = read(document)
    assert whole.id == "812"
    assert isinstance(refusal, TranscriptError)
    assert refusal.field == "data.payload[1].messages[1].message_type"


@pytest.mark.parametrize(
    ("path", "value", "field", "reason"),
    [
        ((3, "content"), MISSING, "messages[3].content", "missing"),
        ((3, "content"), {"a": 1}, "messages[3].content", "a string"),
        ((3, "created_at"), MISSING, "messages[3].created_at", "missing"),
        ((3, "created_at"), -1, "messages[3].created_at", "negative"),
        ((3, "created_at"), math.nan, "messages[3].created_at", "finite"),
        ((3, "message_type"), 0.5, "messages[3].message_type", "whole number"),
        ((3, "sender"), "Elena", "messages[3].sender", "an object"),
    ],
)
def test_a_refusal_names_the_field(path, value, field, reason):
    refusal = only_refusal(read(damaged("chatwoot", *PAYLOAD, "messages", *path, value=value)))
    assert refusal.field == f"data.payload[0].{field}"
    assert reason in refusal.reason
    assert "mâine" not in str(refusal)


@pytest.mark.parametrize(
    "document",
    [
        {"messages": [{"role": "user", "content": "x"}]},
        {"payload": []},
        {"data": {"payload": [{"messages": []}]}},
        [{"message_type": 0, "content": "x"}],
    ],
)
def test_other_documents_are_not_taken_for_it(document):
    assert not matches(document)
