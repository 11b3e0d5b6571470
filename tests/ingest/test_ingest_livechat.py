import math

import pytest
from golden_files import MISSING, damaged, golden, only_conversation, only_refusal, outline, texts

from convqa.errors import TranscriptError
from convqa.ingest.livechat import matches, read


def test_events_of_a_thread_are_turns():
    chat = only_conversation(read(golden("livechat")))
    assert (chat.id, chat.channel, chat.queue) == ("QJ0MRSHTH1", "chat", "3")
    assert (chat.agent_id, chat.started_at) == ("ola@sklep.example", "2026-03-02T14:00:00.000000Z")
    assert outline(chat) == [
        ("other", "system_message", 0.0, None),
        ("customer", "customer", 5.25, None),
        ("agent", "agent", 30.0, None),
        ("other", "agent", 41.0, None),
        ("agent", "agent", 60.0, None),
    ]
    assert texts(chat)[1] == "Dzień dobry, chcę zwrócić buty."
    assert chat.turns[2].agent_id == "ola@sklep.example"
    assert chat.metadata == {"csat": 1, "tags": ["zwrot"]}


def test_cards_have_their_titles_as_text():
    assert texts(only_conversation(read(golden("livechat"))))[4] == "Etykieta zwrotna\nWażna 14 dni"


def test_older_versions_say_recipients_for_visibility():
    document = golden("livechat")
    for event in document["chats"][0]["thread"]["events"]:
        event["recipients"] = event.pop("visibility")
    assert list(read(document)) == list(read(golden("livechat")))


def test_a_filled_form_is_kept_aside():
    document = golden("livechat")
    document["chats"][0]["thread"]["events"][4] = {
        "type": "filled_form",
        "created_at": "2026-03-02T14:00:01.000000Z",
        "author_id": "b7eff798-f8df-4364-8059-649c35c9ed0c",
        "fields": [{"type": "question", "label": "Numer:", "answer": "77-1"}, {"type": "email"}],
    }
    turn = only_conversation(read(document)).turns[1]
    assert (turn.role, turn.text, turn.start_s) == ("other", "Numer: 77-1", 1.0)


def test_each_thread_of_a_chat_is_a_conversation():
    chat = golden("livechat")["chats"][0]
    thread = chat.pop("thread")
    chat["threads"] = [thread, {"id": "T2", "created_at": thread["created_at"], "events": [{}]}]
    assert matches(chat)
    whole, refusal = read(chat)
    assert len(whole.turns) == 5
    assert isinstance(refusal, TranscriptError)
    assert refusal.field == "threads[1].events[0].type"


def test_who_is_not_among_the_users_is_left_to_the_rules():
    document = damaged("livechat", "chats", 0, "users", value=[])
    turn = only_conversation(read(document)).turns[1]
    assert (turn.role, turn.speaker) == (None, "b7eff798-f8df-4364-8059-649c35c9ed0c")


@pytest.mark.parametrize(
    ("path", "value", "field", "reason"),
    [
        (("thread", "events", 1, "text"), MISSING, "thread.events[1].text", "missing"),
        (("thread", "events", 1, "text"), 5, "thread.events[1].text", "a string"),
        (("thread", "events", 1, "created_at"), MISSING, "thread.events[1].created_at", "missing"),
        (("thread", "events", 1, "created_at"), -1, "thread.events[1].created_at", "negative"),
        (("thread", "events", 1, "created_at"), math.nan, "thread.events[1].created_at", "finite"),
        (("thread", "events"), None, "thread.events", "missing"),
        (("users", 0, "type"), MISSING, "users[0].type", "missing"),
    ],
)
def test_a_refusal_names_the_field(path, value, field, reason):
    refusal = only_refusal(read(damaged("livechat", "chats", 0, *path, value=value)))
    assert refusal.field == f"chats[0].{field}"
    assert reason in refusal.reason
    assert "buty" not in str(refusal)


@pytest.mark.parametrize(
    "document",
    [
        {"chats": [{"history": [], "visitor": {}}]},
        {"users": [], "threads": []},
        {"thread": {"events": []}},
        {"events": []},
    ],
)
def test_other_documents_are_not_taken_for_it(document):
    assert not matches(document)
