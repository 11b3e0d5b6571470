import math

import pytest
from golden_files import MISSING, damaged, golden, only_conversation, only_refusal, outline, texts

from convqa.errors import TranscriptError
from convqa.ingest.zendesk import matches, read


def test_events_are_turns_of_users_agents_and_bots():
    ticket = only_conversation(read(golden("zendesk")))
    assert (ticket.id, ticket.channel, ticket.started_at) == (
        "5512",
        "chat",
        "2026-03-02T08:00:00Z",
    )
    assert outline(ticket) == [
        ("other", "bot", 0.0, None),
        ("customer", "user", 20.0, None),
        ("other", "agent", 60.0, None),
        ("agent", "agent", 150.5, None),
    ]
    assert [turn.agent_id for turn in ticket.turns] == [None, None, "412", "412"]
    assert ticket.turns[1].speaker_id == "7001"


def test_html_becomes_text():
    assert texts(only_conversation(read(golden("zendesk"))))[3] == (
        "Hei Kari,\ndet beklager jeg.\nPengene er på vei & kommer i morgen."
    )


def test_newest_first_is_turned_round():
    document = golden("zendesk")
    document["events"].reverse()
    assert list(read(document)) == list(read(golden("zendesk")))


def test_an_attachment_is_no_turn():
    document = golden("zendesk")
    document["events"][1]["content"] = {"type": "image", "mediaUrl": "https://x.example/1.png"}
    assert len(only_conversation(read(document)).turns) == 3


def test_a_log_without_the_number_of_its_ticket_has_no_id():
    assert only_conversation(read(damaged("zendesk", "ticket_id", value=MISSING))).id is None


def test_each_log_of_a_list_stands_alone():
    broken = damaged("zendesk", "events", 1, "author", value="Kari")
    whole, refusal = read([golden("zendesk"), broken])
    assert whole.id == "5512"
    assert isinstance(refusal, TranscriptError)
    assert refusal.field == "[1].events[1].author"


@pytest.mark.parametrize(
    ("path", "value", "field", "reason"),
    [
        ((1, "content", "text"), MISSING, "events[1].content.text", "missing"),
        ((1, "content"), MISSING, "events[1].content", "missing"),
        ((3, "content", "body"), ["x"], "events[3].content.body", "a string"),
        ((3, "created_at"), MISSING, "events[3].created_at", "missing"),
        ((3, "created_at"), "i går", "events[3].created_at", "ISO 8601"),
        ((3, "created_at"), -7, "events[3].created_at", "negative"),
        ((3, "created_at"), math.nan, "events[3].created_at", "finite"),
        ((0, "author", "type"), 3, "events[0].author.type", "a string"),
    ],
)
def test_a_refusal_names_the_field(path, value, field, reason):
    refusal = only_refusal(read(damaged("zendesk", "events", *path, value=value)))
    assert refusal.field == field
    assert reason in refusal.reason
    assert "trukket" not in str(refusal)


@pytest.mark.parametrize(
    "document",
    [
        {"events": []},
        {"events": [{"type": "message", "author_id": "x", "created_at": "x", "text": "x"}]},
        {"conversations": [{"events": []}]},
        [{"turns": []}],
    ],
)
def test_other_documents_are_not_taken_for_it(document):
    assert not matches(document)
