import math

import pytest
from golden_files import MISSING, damaged, golden, only_conversation, only_refusal, outline, texts

from convqa.ingest.google_insights import matches, read


def test_entries_are_turns_timed_from_the_first():
    conversation = only_conversation(read(golden("google_insights")))
    assert conversation.id is None
    assert conversation.started_at == "2026-03-02T09:00:00+00:00"
    assert outline(conversation) == [
        ("other", "AUTOMATED_AGENT", 0.0, None),
        ("agent", "AGENT", 12.5, None),
        ("customer", "CUSTOMER", 19.25, None),
        ("agent", "AGENT", 27.0, None),
    ]
    assert texts(conversation)[2] == "Factura mea este greșită de trei luni!"
    assert [turn.speaker_id for turn in conversation.turns] == ["3", "2", "1", "2"]
    assert [turn.agent_id for turn in conversation.turns] == [None, "2", None, "2"]
    assert conversation.metadata == {"categories": ["Facturare", "Reclamații"]}


def test_end_users_are_customers():
    document = damaged("google_insights", "entries", 2, "role", value="END_USER")
    assert only_conversation(read(document)).turns[2].role == "customer"


def test_small_times_are_offsets_and_no_dates():
    document = golden("google_insights")
    for number, entry in enumerate(document["entries"]):
        entry["start_timestamp_usec"] = 2_000_000 * (number + 1)
    conversation = only_conversation(read(document))
    assert conversation.started_at is None
    assert [turn.start_s for turn in conversation.turns] == [2.0, 4.0, 6.0, 8.0]


def test_entries_may_lack_times():
    document = golden("google_insights")
    for entry in document["entries"]:
        del entry["start_timestamp_usec"]
    conversation = only_conversation(read(document))
    assert conversation.started_at is None
    assert {turn.start_s for turn in conversation.turns} == {None}


@pytest.mark.parametrize(
    ("path", "value", "field", "reason"),
    [
        ((1, "text"), MISSING, "entries[1].text", "missing"),
        ((1, "role"), 2, "entries[1].role", "a string"),
        ((2, "start_timestamp_usec"), -1, "entries[2].start_timestamp_usec", "negative"),
        ((2, "start_timestamp_usec"), math.nan, "entries[2].start_timestamp_usec", "finite"),
        ((2, "start_timestamp_usec"), "ieri", "entries[2].start_timestamp_usec", "ISO 8601"),
        ((2, "start_timestamp_usec"), 1e30, "entries[2].start_timestamp_usec", "no date"),
        ((3, "user_id"), [], "entries[3].user_id", "whole number"),
    ],
)
def test_a_refusal_names_the_field(path, value, field, reason):
    refusal = only_refusal(read(damaged("google_insights", "entries", *path, value=value)))
    assert refusal.field == field
    assert reason in refusal.reason
    assert "Factura" not in str(refusal)


@pytest.mark.parametrize(
    "document",
    [{"entries": []}, {"entries": [{"text": "x", "role": "AGENT"}]}, {"entry": [{}]}, [[]]],
)
def test_other_documents_are_not_taken_for_it(document):
    assert not matches(document)
