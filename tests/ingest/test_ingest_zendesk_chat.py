import math

import pytest
from golden_files import MISSING, damaged, golden, outline, texts

from convqa.errors import TranscriptError
from convqa.ingest.zendesk_chat import matches, read


def test_messages_of_the_history_are_turns():
    chat, _ = read(golden("zendesk_chat"))
    assert (chat.id, chat.channel, chat.queue) == ("2603.10.Sx8jAAA1", "chat", "Abonnement")
    assert (chat.agent_id, chat.started_at) == ("7712", "2026-03-02T11:00:00Z")
    assert outline(chat) == [
        ("customer", "Visitor", 2.0, None),
        ("other", "Trigger", 4.0, None),
        ("agent", "Agent", 32.0, None),
    ]
    assert texts(chat)[0] == "Hej, jeg vil gerne opsige."
    assert [turn.agent_id for turn in chat.turns] == [None, None, "7712"]
    assert chat.metadata == {"csat": "good", "tags": ["opsigelse"]}


def test_an_offline_message_is_a_conversation_of_one_turn():
    _, message = read(golden("zendesk_chat"))
    assert outline(message) == [("customer", "visitor", 0.0, None)]
    assert texts(message) == ["Hvornår har I åbent?"]


def test_senders_are_told_by_their_nick_where_nothing_else_tells_them():
    document = golden("zendesk_chat")
    for item in document["chats"][0]["history"]:
        item.pop("sender_type", None)
        item.pop("agent_id", None)
    chat, _ = read(document)
    assert [turn.role for turn in chat.turns] == ["customer", "other", "agent"]
    assert chat.turns[2].agent_id == "7712"


def test_words_of_other_events_are_kept_aside():
    document = damaged(
        "zendesk_chat", "chats", 0, "history", 3, "msg", value="Sofie er med i samtalen"
    )
    chat, _ = read(document)
    assert [turn.role for turn in chat.turns] == ["customer", "other", "other", "agent"]


def test_a_single_chat_is_read_too():
    [chat] = read(golden("zendesk_chat")["chats"][0])
    assert chat.id == "2603.10.Sx8jAAA1"


@pytest.mark.parametrize(
    ("path", "value", "field", "reason"),
    [
        (("history", 1, "msg"), MISSING, "history[1].msg", "missing"),
        (("history", 1, "msg"), {"x": 1}, "history[1].msg", "a string"),
        (("history", 4, "timestamp"), MISSING, "history[4].timestamp", "missing"),
        (("history", 4, "timestamp"), math.nan, "history[4].timestamp", "finite"),
        (("history", 4, "timestamp"), -3, "history[4].timestamp", "negative"),
        (("history",), MISSING, "history", "missing"),
        (("department_name",), 31, "department_name", "a string"),
    ],
)
def test_a_refusal_names_the_field_and_the_others_go_on(path, value, field, reason):
    refusal, other = read(damaged("zendesk_chat", "chats", 0, *path, value=value))
    assert isinstance(refusal, TranscriptError)
    assert refusal.field == f"chats[0].{field}"
    assert reason in refusal.reason
    assert "opsige" not in str(refusal)
    assert other.id == "2603.10.Sx8jAAA2"


@pytest.mark.parametrize(
    "document",
    [
        {"chats": []},
        {"chats": [{"id": "x", "users": [], "thread": {"events": []}}]},
        {"history": [], "id": "x"},
        {"visitor": {}, "type": "visit"},
    ],
)
def test_other_documents_are_not_taken_for_it(document):
    assert not matches(document)
