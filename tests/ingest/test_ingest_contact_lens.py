"""Contact Lens: calls, chats, and the segments of both as they come."""

import pytest
from golden_files import MISSING, damaged, golden, only_conversation

from convqa.errors import TranscriptError
from convqa.ingest import contact_lens, contact_lens_chat

LIVE_CALL = {
    "Segments": [
        {"Transcript": {"Id": "1", "ParticipantId": "AGENT", "ParticipantRole": "AGENT",
                        "Content": "Hi.", "BeginOffsetMillis": 100, "EndOffsetMillis": 900}},
        {"Categories": {}},
    ]
}  # fmt: skip
V2_CALL = {
    "Channel": "VOICE",
    "Segments": [
        {"Transcript": {"Id": "1", "ParticipantId": "a", "ParticipantRole": "AGENT",
                        "Content": "Hi.",
                        "Time": {"BeginOffsetMillis": 100, "EndOffsetMillis": 900}}}
    ],
}  # fmt: skip
RAW_CHAT = {
    "ContactId": "c-1",
    "Participants": [{"ParticipantId": "p"}],
    "Transcript": [
        {"AbsoluteTime": "2026-03-02T10:00:00Z", "Id": "0", "Type": "EVENT", "ParticipantId": "p",
         "ContentType": "application/vnd.amazonaws.connect.event.participant.joined"},
        {"AbsoluteTime": "2026-03-02T10:00:05Z", "Id": "1", "Type": "MESSAGE", "ParticipantId": "p",
         "ParticipantRole": "CUSTOMER", "DisplayName": "Bo", "Content": "Hej",
         "ContentType": "text/plain"},
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("module", "document"), [(contact_lens, LIVE_CALL), (contact_lens_chat, V2_CALL)]
)
def test_segments_of_a_call_as_they_come(module, document):
    assert module.matches(document)
    call = only_conversation(module.read(document))
    (turn,) = call.turns
    assert (call.channel, turn.role, turn.start_s, turn.end_s) == ("call", "agent", 0.1, 0.9)


def test_a_raw_chat_leaves_events_out():
    assert contact_lens_chat.matches(RAW_CHAT)
    chat = only_conversation(contact_lens_chat.read(RAW_CHAT))
    assert (chat.id, chat.started_at) == ("c-1", "2026-03-02T10:00:05+00:00")
    assert [(turn.role, turn.text) for turn in chat.turns] == [("customer", "Hej")]


@pytest.mark.parametrize(
    ("name", "path", "value", "field"),
    [
        ("contact_lens", ("Transcript", 1, "Content"), MISSING, "Transcript[1].Content"),
        ("contact_lens", ("Transcript", 1, "BeginOffsetMillis"), "x",
         "Transcript[1].BeginOffsetMillis"),
        ("contact_lens", ("Transcript", 2), 7, "Transcript[2]"),
        ("contact_lens_chat", ("Transcript", 1, "AbsoluteTime"), "soon",
         "Transcript[1].AbsoluteTime"),
        ("contact_lens_chat", ("Transcript", 0, "Content"), None, "Transcript[0].Content"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named(name, path, value, field):
    module = {"contact_lens": contact_lens, "contact_lens_chat": contact_lens_chat}[name]
    with pytest.raises(TranscriptError) as caught:
        list(module.read(damaged(name, *path, value=value)))
    assert caught.value.field == field


def test_a_participant_without_a_listed_role_stays_unknown():
    document = golden("contact_lens")
    document["Participants"] = []
    call = only_conversation(contact_lens.read(document))
    assert {turn.role for turn in call.turns} == {None}
