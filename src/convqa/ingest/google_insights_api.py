"""Conversations as the API of Google's Customer Experience Insights gives them, with transcript.

The REST API writes names in camelCase, exports of the protobuf messages in snake_case; both are
read. Field names: https://cloud.google.com/contact-center/insights/docs/reference/rest/v1/
projects.locations.conversations.
"""

import re
from collections.abc import Iterator

from convqa.errors import TranscriptError
from convqa.ingest.documents import items_of, metadata_of, number_at, read_each
from convqa.ingest.draft import DraftConversation, DraftTurn, DraftWord, JsonValue
from convqa.ingest.fields import (
    JsonObject,
    field_name,
    find,
    get_objects,
    get_str,
    optional_id,
    optional_number,
    optional_object,
    optional_str,
)
from convqa.ingest.spoken import known_confidence, listed_objects
from convqa.ingest.timeline import Message, get_seconds, optional_instant, place
from convqa.schema import Channel, Role

FORMAT = "google_insights_api"

_DURATION = re.compile(r"\d+(?:\.\d{1,9})?s", re.ASCII)
_CHANNELS: dict[str, Channel] = {"PHONE_CALL": "call", "CHAT": "chat"}
_ROLES: dict[str, Role] = {
    "HUMAN_AGENT": "agent",
    "END_USER": "customer",
    "AUTOMATED_AGENT": "other",
}


def matches(document: JsonValue) -> bool:
    """Tell whether a document has, or lists, conversations with a transcript in segments."""
    items = items_of(document, ("conversations",))
    return any(isinstance(_segments(item), list) for _, item in items)


def read(document: JsonValue) -> Iterator[DraftConversation | TranscriptError]:
    """Yield the conversation, or each of a list."""
    yield from read_each(items_of(document, ("conversations",)), _read_conversation)


def _key(value: JsonValue, name: str) -> str:
    """Return a camelCase name as the object has it: unchanged, or in snake_case."""
    snake = re.sub(r"[A-Z]", lambda match: "_" + match[0].lower(), name)
    return snake if isinstance(value, dict) and snake in value else name


def _segments(conversation: JsonValue) -> JsonValue:
    transcript = find(conversation, "transcript")
    return find(transcript, _key(transcript, "transcriptSegments"))


def _read_conversation(conversation: JsonObject, at: str) -> DraftConversation:
    opened = optional_instant(conversation, _key(conversation, "startTime"), at=at)
    key = _key(conversation.get("transcript"), "transcriptSegments")
    segments = list(get_objects(conversation, "transcript", key, at=at))
    turns, started_at = place([_message(segment, at=name) for name, segment in segments], opened)
    quality_key = _key(conversation, "qualityMetadata")
    quality = optional_object(conversation, quality_key, at=at)
    agent_key = _key(quality, "agentInfo")
    agent = find(quality, agent_key, 0)
    agent_at = field_name(quality_key, agent_key, 0, at=at)
    agent_id = optional_id(conversation, _key(conversation, "agentId"), at=at)
    name = optional_str(conversation, "name", at=at)
    return DraftConversation(
        id=None if name is None else name.rpartition("/")[2],
        turns=turns,
        language=_language(conversation, segments, at=at),
        channel=_CHANNELS.get(str(find(conversation, "medium"))),
        started_at=started_at,
        agent_id=agent_id or optional_id(agent, _key(agent, "agentId"), at=agent_at),
        team=optional_str(agent, "team", at=agent_at),
        metadata=metadata_of(csat=number_at(quality, _key(quality, "customerSatisfactionRating"))),
    )


def _language(
    conversation: JsonObject, segments: list[tuple[str, JsonObject]], *, at: str
) -> str | None:
    language = optional_str(conversation, _key(conversation, "languageCode"), at=at)
    if language is not None or not segments:
        return language
    name, first = segments[0]
    return optional_str(first, _key(first, "languageCode"), at=name)


def _message(segment: JsonObject, *, at: str) -> Message:
    """Return a segment, timed by its words where it has any, else by its date."""
    participant_key = _key(segment, "segmentParticipant")
    participant = optional_object(segment, participant_key, at=at)
    participant_at = field_name(participant_key, at=at)
    role = optional_str(participant, "role", at=participant_at)
    user_id = optional_id(participant, _key(participant, "userId"), at=participant_at)
    channel = optional_id(segment, _key(segment, "channelTag"), at=at)
    words = tuple(_words(segment, at=at))
    turn = DraftTurn(
        speaker=role or channel,
        text=get_str(segment, "text", at=at),
        start_s=words[0].start_s if words else None,
        end_s=words[-1].end_s if words else None,
        speaker_id=user_id or channel,
        agent_id=user_id if role == "HUMAN_AGENT" else None,
        confidence=known_confidence(optional_number(segment, "confidence", at=at)),
        words=words,
        role=_ROLES.get(role or ""),
    )
    sent = optional_instant(segment, _key(segment, "messageTime"), at=at)
    return (None if words else sent), turn


def _words(segment: JsonObject, *, at: str) -> Iterator[DraftWord]:
    for name, word in listed_objects(segment, "words", at=at):
        start_s = _offset(word, "startOffset", at=name)
        end_s = _offset(word, "endOffset", at=name)
        if end_s is not None:
            # The start of the very first word may be left out: protobuf omits zeros.
            yield DraftWord(get_str(word, "word", at=name), start_s or 0.0, end_s)


def _offset(word: JsonObject, name: str, *, at: str) -> float | None:
    """Return a protobuf duration: `"1.500s"`, or an object of seconds and nanoseconds."""
    key = _key(word, name)
    found = word.get(key)
    if found is None:
        return None
    if isinstance(found, str) and _DURATION.fullmatch(found):
        return float(found[:-1])
    if isinstance(found, dict):
        whole_s = get_seconds({"seconds": 0, **found}, "seconds", at=field_name(key, at=at))
        nanos = get_seconds({"nanos": 0, **found}, "nanos", at=field_name(key, at=at))
        return whole_s + nanos / 1e9
    raise TranscriptError(
        'a duration of at least 0 such as "1.500s" is needed', field=field_name(key, at=at)
    )
