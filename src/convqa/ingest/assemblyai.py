"""AssemblyAI transcripts: `utterances` by speaker label or channel, times in milliseconds.

Field names: https://www.assemblyai.com/docs/api-reference/transcripts/get.
"""

from collections.abc import Iterator

from convqa.errors import TranscriptError
from convqa.ingest.documents import has_item, read_each
from convqa.ingest.draft import DraftConversation, DraftTurn, JsonValue
from convqa.ingest.fields import (
    JsonObject,
    find,
    get_objects,
    get_str,
    has_keys,
    optional_id,
    optional_number,
    optional_str,
)
from convqa.ingest.spoken import (
    SpokenWord,
    WordFields,
    known_confidence,
    read_words,
    rebuild_turns,
)
from convqa.ingest.timeline import get_seconds, in_order, optional_seconds

FORMAT = "assemblyai"

_MS = 1000.0
_WORDS = WordFields(("text",), "start", "end", _MS)


def matches(document: JsonValue) -> bool:
    """Tell whether a document is a transcript with utterances or words and its audio."""
    if has_keys(document, "audio_url") or has_keys(document, "audio_duration"):
        return has_keys(document, "utterances") or has_keys(document, "words")
    return has_item(document, "utterances", keys=("speaker", "text", "start", "end", "words"))


def read(document: JsonValue) -> Iterator[DraftConversation | TranscriptError]:
    """Yield the call."""
    yield from read_each([("", document)], _read_call)


def _read_call(call: JsonObject, at: str) -> DraftConversation:
    if find(call, "status") == "error":
        raise TranscriptError("error; a transcript with status completed is needed", field="status")
    if find(call, "utterances"):
        utterances = get_objects(call, "utterances", at=at)
        turns = in_order([_utterance(item, at=name) for name, item in utterances])
    else:
        # Without speaker labels the service gives words alone.
        words = get_objects(call, "words", at=at)
        turns = rebuild_turns([_word(item, at=name) for name, item in words])
    return DraftConversation(
        id=optional_id(call, "id", at=at),
        turns=turns,
        language=optional_str(call, "language_code", at=at),
        channel="call",
    )


def _speaker(item: JsonObject, *, at: str) -> str | None:
    speaker = optional_id(item, "speaker", at=at)
    return optional_id(item, "channel", at=at) if speaker is None else speaker


def _utterance(item: JsonObject, *, at: str) -> DraftTurn:
    speaker = _speaker(item, at=at)
    return DraftTurn(
        speaker=speaker,
        text=get_str(item, "text", at=at),
        start_s=optional_seconds(item, "start", at=at, per_second=_MS),
        end_s=optional_seconds(item, "end", at=at, per_second=_MS),
        speaker_id=speaker,
        confidence=known_confidence(optional_number(item, "confidence", at=at)),
        words=read_words(item, "words", _WORDS, at=at),
    )


def _word(item: JsonObject, *, at: str) -> SpokenWord:
    return SpokenWord(
        speaker=_speaker(item, at=at),
        text=get_str(item, "text", at=at),
        start_s=get_seconds(item, "start", at=at, per_second=_MS),
        end_s=get_seconds(item, "end", at=at, per_second=_MS),
        confidence=known_confidence(optional_number(item, "confidence", at=at)),
    )
