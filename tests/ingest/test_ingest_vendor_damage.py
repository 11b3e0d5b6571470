"""Every value of every golden file of a vendor, broken in every way: refused or read, no crash."""

import copy
from importlib import import_module

import pytest
from golden_files import MISSING, golden

from convqa.errors import TranscriptError
from convqa.ingest.draft import DraftConversation

READERS = {
    name: import_module(f"convqa.ingest.{name}")
    for name in (
        "assemblyai", "azure", "call_analytics", "chatwoot", "deepgram", "genesys",
        "genesys_messages", "google_insights", "google_insights_api", "intercom", "livechat",
        "pca", "transcribe", "zendesk", "zendesk_chat",
    )
}  # fmt: skip
FILES = {
    **{name: name for name in READERS if name != "azure"},
    "azure_batch": "azure", "azure_fast": "azure", "deepgram_channels": "deepgram",
    "deepgram_paragraphs": "deepgram", "transcribe_channels": "transcribe",
}  # fmt: skip
VALUES = [MISSING, None, True, -1, 1e300, 10**400, float("nan"), "x", "", [], {}, [{}], [1]]
# Keys whose strings are the words of somebody.
SAID = {
    "text", "transcript", "punctuated_word", "word", "content", "Content", "DisplayText",
    "OriginalText", "Text", "display", "displayText", "body", "msg", "message", "decoratedText",
    "decoratedTranscript",
}  # fmt: skip


def paths_of(value, path=()):
    items = value.items() if isinstance(value, dict) else ()
    items = enumerate(value) if isinstance(value, list) else items
    for key, item in items:
        yield (*path, key)
        yield from paths_of(item, (*path, key))


def broken_copies(document):
    for *steps, last in paths_of(document):
        for value in VALUES:
            broken = copy.deepcopy(document)
            place = broken
            for step in steps:
                place = place[step]
            if value is MISSING:
                del place[last]
            else:
                place[last] = value
            yield broken


def words_said(value, key=None):
    if isinstance(value, dict):
        return {word for name, item in value.items() for word in words_said(item, name)}
    if isinstance(value, list):
        return {word for item in value for word in words_said(item, key)}
    # Short words are also words of messages ("a number is needed").
    return {word for word in str(value).split() if len(word) > 7} if key in SAID else set()


@pytest.mark.parametrize("name", sorted(FILES))
def test_each_file_is_recognised_by_its_own_reader_alone(name):
    document = golden(name)
    assert [key for key, reader in READERS.items() if reader.matches(document)] == [FILES[name]]


@pytest.mark.parametrize("name", sorted(FILES))
def test_damage_is_refused_or_read_and_nothing_said_is_told(name):
    document = golden(name)
    said = words_said(document)
    n_refused = 0
    for broken in broken_copies(document):
        reader = READERS[FILES[name]]
        assert reader.matches(broken) in (True, False)
        for draft in reader.read(broken):
            if isinstance(draft, TranscriptError):
                n_refused += 1
                assert draft.field
                assert not said.intersection(str(draft).split())
            else:
                assert isinstance(draft, DraftConversation)
    assert n_refused > 10
