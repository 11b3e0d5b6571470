"""Transcription messages of Genesys Cloud, as sent on `v2.conversations.{id}.transcription`.

A conversation comes in pieces; a list of messages is put together by conversation. Offsets are
milliseconds from the start of the session. Field names: https://developer.genesys.cloud/
analyticsdatamanagement/speechtextanalytics/transcription-notifications.
"""

from collections.abc import Iterator

from convqa.errors import TranscriptError
from convqa.ingest.documents import items_of
from convqa.ingest.draft import DraftConversation, DraftTurn, DraftWord, JsonValue
from convqa.ingest.fields import (
    JsonObject,
    field_name,
    find,
    get_id,
    get_object,
    get_str,
    has_keys,
    optional_number,
    optional_str,
)
from convqa.ingest.genesys import decorated, role_of
from convqa.ingest.spoken import known_confidence, listed_objects
from convqa.ingest.timeline import (
    Instant,
    get_seconds,
    in_order,
    optional_instant,
    optional_seconds,
)

FORMAT = "genesys_messages"

_MS = 1000.0


def matches(document: JsonValue) -> bool:
    """Tell whether a document is, or lists, transcription messages."""
    return any(
        has_keys(find(item, "eventBody"), "conversationId")
        and str(find(item, "topicName")).endswith(".transcription")
        for _, item in items_of(document)
    )


def read(document: JsonValue) -> Iterator[DraftConversation | TranscriptError]:
    """Yield each conversation of the messages; a broken message breaks its conversation."""
    pieces: dict[str, list[tuple[str, JsonObject]]] = {}
    for at, message in items_of(document):
        name = field_name("eventBody", at=at)
        try:
            body = get_object(message, "eventBody", at=at)
            pieces.setdefault(get_id(body, "conversationId", at=name), []).append((name, body))
        except TranscriptError as err:
            yield err
    for conversation_id, bodies in pieces.items():
        try:
            result: DraftConversation | TranscriptError = _conversation(conversation_id, bodies)
        except TranscriptError as err:
            result = err
        yield result


def _conversation(conversation_id: str, bodies: list[tuple[str, JsonObject]]) -> DraftConversation:
    utterances = [
        item
        for name, body in bodies
        for item in listed_objects(body, "transcripts", at=name)
        # What is not final is sent again.
        if item[1].get("isFinal") is not False
    ]
    dialects = (optional_str(utterance, "dialect", at=name) for name, utterance in utterances)
    return DraftConversation(
        id=conversation_id,
        turns=in_order([_turn(utterance, at=name) for name, utterance in utterances]),
        language=next((dialect for dialect in dialects if dialect is not None), None),
        channel="call",
        started_at=next((opened.text for opened in _openings(bodies)), None),
    )


def _openings(bodies: list[tuple[str, JsonObject]]) -> Iterator[Instant]:
    for name, body in bodies:
        opened = optional_instant(body, "sessionStartTimeMs", at=name, per_second=_MS)
        if opened is not None:
            yield opened


def _turn(utterance: JsonObject, *, at: str) -> DraftTurn:
    channel = get_str(utterance, "channel", at=at)
    # The service has sent a single alternative since it dropped its older engines.
    best = get_object(utterance, "alternatives", 0, at=at)
    best_at = field_name("alternatives", 0, at=at)
    start_s = get_seconds(best, "offsetMs", at=best_at, per_second=_MS)
    duration_s = optional_seconds(best, "durationMs", at=best_at, per_second=_MS)
    shown = optional_str(best, "decoratedTranscript", at=best_at)
    text = shown or get_str(best, "transcript", at=best_at)
    return DraftTurn(
        speaker=channel,
        text=text,
        start_s=start_s,
        end_s=None if duration_s is None else round(start_s + duration_s, 6),
        speaker_id=channel,
        confidence=known_confidence(optional_number(best, "confidence", at=best_at)),
        words=decorated(tuple(_words(best, at=best_at)), text),
        role=role_of(channel),
    )


def _words(best: JsonObject, *, at: str) -> Iterator[DraftWord]:
    key = "decoratedWords" if best.get("decoratedWords") else "words"
    for name, word in listed_objects(best, key, at=at):
        start_s = get_seconds(word, "offsetMs", at=name, per_second=_MS)
        duration_s = get_seconds(word, "durationMs", at=name, per_second=_MS)
        yield DraftWord(get_str(word, "word", at=name), start_s, round(start_s + duration_s, 6))
