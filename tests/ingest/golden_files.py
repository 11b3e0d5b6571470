"""The golden files of the formats, and copies of them with one thing broken."""

import json
from pathlib import Path

from convqa.errors import TranscriptError
from convqa.ingest.draft import DraftConversation, JsonValue

FOLDER = Path(__file__).parents[1] / "data" / "formats"
MISSING = object()


def golden(name: str) -> JsonValue:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def damaged(name: str, *path: str | int, value: object) -> JsonValue:
    """Return the golden document with another value at a path, or nothing where it is MISSING."""
    document = golden(name)
    *steps, last = path
    place = document
    for step in steps:
        place = place[step]
    if value is MISSING:
        del place[last]
    else:
        place[last] = value
    return document


def only_conversation(drafts) -> DraftConversation:
    [draft] = drafts
    assert isinstance(draft, DraftConversation), draft
    return draft


def only_refusal(drafts) -> TranscriptError:
    [draft] = drafts
    assert isinstance(draft, TranscriptError), draft
    return draft


def outline(conversation: DraftConversation) -> list[tuple]:
    """Return role, speaker, start and end of each turn."""
    return [(t.role, t.speaker, t.start_s, t.end_s) for t in conversation.turns]


def texts(conversation: DraftConversation) -> list[str]:
    return [turn.text for turn in conversation.turns]
