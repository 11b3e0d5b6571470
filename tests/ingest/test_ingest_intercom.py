import math

import pytest
from golden_files import MISSING, damaged, golden, outline, texts

from convqa.errors import TranscriptError
from convqa.ingest.intercom import matches, read


def test_the_source_and_the_parts_are_turns():
    conversation, _ = read(golden("intercom"))
    assert (conversation.id, conversation.channel) == ("151000000123", "chat")
    assert (conversation.agent_id, conversation.team) == ("9001", "55")
    assert conversation.started_at == "2026-03-02T08:00:00+00:00"
    assert outline(conversation) == [
        ("customer", "user", 0.0, None),
        ("other", "bot", 5.0, None),
        ("other", "admin", 30.0, None),
        ("agent", "admin", 120.0, None),
        ("agent", "admin", 290.0, None),
    ]
    assert [turn.agent_id for turn in conversation.turns] == [None, None, "9001", "9001", "9001"]
    assert conversation.metadata == {"csat": 4, "tags": ["leverans"]}


def test_bodies_are_text_without_markup_and_pictures():
    conversation, _ = read(golden("intercom"))
    assert texts(conversation)[3] == (
        "Hej Elin,\njag förstår att det är tråkigt.\nPaketet kommer i morgon – spårning: länk"
    )


def test_a_conversation_of_its_opening_alone_is_read():
    _, second = read(golden("intercom"))
    assert outline(second) == [("customer", "lead", 0.0, None)]
    assert second.agent_id is None


def test_what_a_campaign_sends_is_not_the_agents_word():
    document = golden("intercom")
    source = document["conversations"][0]["source"]
    source["author"] = {"type": "admin", "id": "9001"}
    source["delivered_as"] = "campaigns_initiated"
    assert next(read(document)).turns[0].role == "other"
    source["delivered_as"] = "admin_initiated"
    assert next(read(document)).turns[0].role == "agent"


def test_the_opening_of_older_versions_is_read():
    document = golden("intercom")
    conversation = document["conversations"][0]
    conversation["conversation_message"] = conversation.pop("source")
    assert list(read(document)) == list(read(golden("intercom")))


def test_a_single_conversation_and_a_bare_list_are_read():
    conversations = golden("intercom")["conversations"]
    assert [draft.id for draft in read(conversations)] == ["151000000123", "151000000124"]
    assert [draft.id for draft in read(conversations[1])] == ["151000000124"]


PART = ("conversation_parts", "conversation_parts", 3)


@pytest.mark.parametrize(
    ("path", "value", "field", "reason"),
    [
        ((*PART, "author"), MISSING, ".conversation_parts[3].author", "missing"),
        ((*PART, "created_at"), MISSING, ".conversation_parts[3].created_at", "missing"),
        ((*PART, "created_at"), -1, ".conversation_parts[3].created_at", "negative"),
        ((*PART, "created_at"), math.nan, ".conversation_parts[3].created_at", "finite"),
        ((*PART, "body"), 12, ".conversation_parts[3].body", "a string is needed, not a number"),
        ((*PART, "part_type"), None, ".conversation_parts[3].part_type", "missing"),
        (("conversation_parts", "conversation_parts"), {}, ".conversation_parts", "a list"),
        (("conversation_parts",), MISSING, ".conversation_parts", "missing"),
        (("created_at",), "igår", "", "ISO 8601"),
    ],
)
def test_a_refusal_names_the_field_and_the_others_go_on(path, value, field, reason):
    refusal, other = read(damaged("intercom", "conversations", 0, *path, value=value))
    assert isinstance(refusal, TranscriptError)
    assert refusal.field == "conversations[0]." + (
        f"conversation_parts{field}" if field else "created_at"
    )
    assert reason in refusal.reason
    assert "paket" not in str(refusal).lower()
    assert other.id == "151000000124"


@pytest.mark.parametrize(
    "document",
    [
        {"conversations": []},
        {"type": "conversation", "id": "1"},
        {
            "type": "conversation.list",
            "conversations": [{"transcript": {"transcriptSegments": []}}],
        },
        {"type": "conversation_part", "source": {}},
    ],
)
def test_other_documents_are_not_taken_for_it(document):
    assert not matches(document)
