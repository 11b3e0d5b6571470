"""vCon: dialogs, parties, and transcripts that stand in `analysis`."""

import base64
import json

import pytest
from golden_files import damaged, golden, only_conversation

from convqa.errors import TranscriptError
from convqa.ingest.vcon import matches, read

WHISPER = {"segments": [{"start": 0.5, "end": 2.0, "text": "Hi."}], "language": "en"}


def recording(**analysis):
    return {
        "vcon": "0.0.2",
        "uuid": "u",
        "parties": [],
        "dialog": [{"type": "recording", "start": "2026-03-02T09:00:00Z", "parties": [0, 1]}],
        "analysis": [{"type": "transcript", "dialog": 0, **analysis}],
    }


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (WHISPER, "json"),
        (json.dumps(WHISPER), "json"),
        (json.dumps(WHISPER), "none"),
        (base64.urlsafe_b64encode(json.dumps(WHISPER).encode()).decode().rstrip("="), "base64url"),
        ("Agent: Hi.", "none"),
    ],
)
def test_a_transcript_comes_in_any_encoding(body, encoding):
    call = only_conversation(read(recording(body=body, encoding=encoding)))
    assert [turn.text for turn in call.turns] == ["Hi."]
    assert call.channel == "call"


def test_a_transcript_of_a_vendor_is_read_by_the_reader_for_it():
    call = only_conversation(read(recording(vendor="d", body=golden("deepgram"), encoding="json")))
    assert len(call.turns) == 3
    assert call.turns[0].words[0].text == "Hello,"


@pytest.mark.parametrize(
    ("analysis", "field", "reason"),
    [
        ({"url": "https://never.example/t"}, "analysis[0].url", "never fetched"),
        ({"body": {"a": 1}}, "analysis[0].body", "no known format"),
        ({"body": "{oops", "encoding": "json"}, "analysis[0].body", "no valid JSON"),
        ({"body": "abc*", "encoding": "base64url"}, "analysis[0].body", ""),
        ({"body": {"segments": [{**WHISPER["segments"][0], "start": "x"}], "language": "en"}},
         "analysis[0].body.segments[0].start", "a finite number"),
        ({"type": "summary", "body": "x"}, "dialog[0]", "no transcript"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named(analysis, field, reason):
    with pytest.raises(TranscriptError) as caught:
        list(read(recording(**analysis)))
    assert caught.value.field == field
    assert reason in caught.value.reason


def test_a_text_that_lies_at_a_url_is_refused():
    document = golden("vcon")
    document["dialog"][0] = {"type": "text", "parties": 0, "url": "https://never.example/m"}
    with pytest.raises(TranscriptError, match=r"dialog\[0\].url: lies at a URL"):
        list(read(document))


@pytest.mark.parametrize(
    ("document", "form"),
    [
        ({"payload": "e30", "signatures": [{"protected": "", "signature": ""}]}, "signed"),
        ({"protected": "", "recipients": [{}], "iv": "", "ciphertext": "", "tag": ""}, "encrypted"),
    ],
)
def test_signed_and_encrypted_vcons_are_told(document, form):
    assert matches(document)
    with pytest.raises(TranscriptError, match=f"a {form} vCon"):
        list(read(document))


def test_the_agent_of_a_text_is_known_by_address():
    call = only_conversation(read(golden("vcon")))
    assert call.turns[1].agent_id == "nora@hillside.example"
    assert call.agent_id == "nora@hillside.example"
    assert call.turns[0].agent_id is None


def test_a_message_may_begin_with_a_brace():
    dialog = {"type": "text", "parties": [0], "body": "{name}, hello", "encoding": "none"}
    chat = only_conversation(read({"vcon": "0.0.2", "parties": [], "dialog": [dialog]}))
    assert [turn.text for turn in chat.turns] == ["{name}, hello"]


def test_a_party_that_does_not_exist_is_unknown():
    chat = only_conversation(read(damaged("vcon", "dialog", 0, "originator", value=9)))
    assert (chat.turns[0].speaker, chat.turns[0].role) == (None, None)


def test_dialogs_come_in_order_of_time():
    document = golden("vcon")
    document["dialog"].reverse()
    assert only_conversation(read(document)) == only_conversation(read(golden("vcon")))
