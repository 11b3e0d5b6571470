"""The golden files of the vendors, read as a user's files are."""

import json

import pytest
from golden_files import FOLDER, golden
from test_ingest_vendor_damage import FILES, READERS

from convqa.ingest.options import IngestOptions
from convqa.ingest.readers import FORMATS, read_conversations
from convqa.ingest.settings import shipped_settings
from convqa.schema import Conversation


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_vendors_file_is_recognised_and_read_whole(name):
    conversations = list(read_conversations(str(FOLDER / f"{name}.json"), IngestOptions()))
    assert all(isinstance(item, Conversation) for item in conversations)
    assert {item.source.format for item in conversations} == {FILES[name]}
    drafts = list(READERS[FILES[name]].read(golden(name)))
    assert [[turn.text for turn in item.turns] for item in conversations] == [
        [turn.text for turn in draft.turns] for draft in drafts
    ]


@pytest.mark.parametrize("name", sorted(FILES))
def test_every_word_is_found_in_its_turn(name):
    for conversation in read_conversations(str(FOLDER / f"{name}.json"), IngestOptions()):
        for draft in READERS[FILES[name]].read(golden(name)):
            if draft.id in (None, conversation.id):
                assert [len(turn.words) for turn in conversation.turns] == [
                    len(turn.words) for turn in draft.turns
                ]


@pytest.mark.parametrize("name", sorted(FILES))
def test_no_speaker_with_a_known_role_stays_unknown(name):
    conversations = read_conversations(str(FOLDER / f"{name}.json"), IngestOptions())
    roles = {turn.role for item in conversations for turn in item.turns}
    # These files give numbers or letters of speakers and nothing else.
    is_diarised = FILES[name] in ("assemblyai", "azure", "deepgram", "transcribe")
    assert ("unknown" in roles) == is_diarised


@pytest.mark.parametrize("name", ["zendesk_chat", "livechat"])
def test_an_export_larger_than_a_record_is_read_chat_by_chat(name, tmp_path):
    chat = golden(name)["chats"][0]
    chat["padding"] = "x" * (shipped_settings().limits.max_record_bytes // 3)
    path = tmp_path / "export.json"
    path.write_text(json.dumps({"count": 4, "chats": [chat] * 4}), encoding="utf-8")
    found = list(read_conversations(str(path), IngestOptions()))
    assert [item.source.format for item in found] == [name] * 4


@pytest.mark.parametrize("name", sorted(set(FILES.values())))
def test_a_format_can_be_asked_for_by_name(name):
    assert name in FORMATS
