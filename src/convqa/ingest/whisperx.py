"""WhisperX (and Whisper) transcripts: segments with times, words and, if diarised, speakers.

Written to https://github.com/m-bain/whisperX. Alignment can drop the times of a word, and the
speaker is missing on segments and words that diarisation did not cover.
"""

from collections.abc import Iterator
from statistics import fmean

from convqa.errors import TranscriptError
from convqa.ingest.draft import DraftConversation, DraftTurn, DraftWord, JsonValue
from convqa.ingest.fields import (
    JsonObject,
    find,
    get_number,
    get_objects,
    get_str,
    optional_list,
    optional_number,
    optional_str,
)

FORMAT = "whisperx"


def matches(document: JsonValue) -> bool:
    """Recognise segments with `start`, `end` and `text` beside `word_segments` or `language`."""
    segments = find(document, "segments")
    if not isinstance(document, dict) or not isinstance(segments, list):
        return False
    has_segments = all(
        isinstance(segment, dict) and {"start", "end", "text"} <= segment.keys()
        for segment in segments
    )
    return has_segments and ("word_segments" in document or "language" in document)


def read(document: JsonValue) -> Iterator[DraftConversation | TranscriptError]:
    """Yield the one call of the document."""
    yield DraftConversation(
        id=None,
        turns=tuple(_turn(segment, at) for at, segment in get_objects(document, "segments")),
        language=optional_str(document, "language"),
        channel="call",
    )


def _turn(segment: JsonObject, at: str) -> DraftTurn:
    words = [word for word in optional_list(segment, "words", at=at) if isinstance(word, dict)]
    scores = [
        score for word in words if (score := optional_number(word, "score", at=at)) is not None
    ]
    return DraftTurn(
        speaker=optional_str(segment, "speaker", at=at),
        text=get_str(segment, "text", at=at).strip(),
        start_s=get_number(segment, "start", at=at),
        end_s=get_number(segment, "end", at=at),
        confidence=round(min(1.0, max(0.0, fmean(scores))), 4) if scores else None,
        words=tuple(_word(word, at) for word in words if word.keys() >= {"word", "start", "end"}),
    )


def _word(word: JsonObject, at: str) -> DraftWord:
    return DraftWord(
        get_str(word, "word", at=at),
        get_number(word, "start", at=at),
        get_number(word, "end", at=at),
    )
