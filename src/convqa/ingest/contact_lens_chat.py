"""Amazon Connect chats: Contact Lens files, real-time segments (V2) and raw chat transcripts.

https://docs.aws.amazon.com/connect/latest/APIReference/API_connect-contact-lens_ListRealtimeContactAnalysisSegments.html
"""

from collections.abc import Iterator
from dataclasses import replace

from convqa.errors import TranscriptError
from convqa.ingest.codes import channel_of
from convqa.ingest.contact_lens import (
    ROLES,
    contact_id,
    header_metadata,
    participant_roles,
    role_label,
    segments_of,
)
from convqa.ingest.draft import DraftConversation, DraftTurn, JsonValue
from convqa.ingest.fields import (
    JsonObject,
    field_name,
    find,
    get_str,
    has_keys,
    optional_id,
    optional_number,
    optional_str,
)
from convqa.ingest.html_text import html_to_text
from convqa.ingest.times import format_iso_time, parse_iso_time

FORMAT = "contact_lens_chat"


def matches(document: JsonValue) -> bool:
    """Recognise messages with an absolute time, or segments with the union `Time` of V2."""
    items = find(document, "Segments") or find(document, "Transcript")
    if not isinstance(items, list):
        return False
    messages = [find(item, "Transcript") or item for item in items]
    return any(
        has_keys(message, "AbsoluteTime", "ParticipantId")
        or (has_keys(message, "Content") and isinstance(find(message, "Time"), dict))
        for message in messages
    )


def read(document: JsonValue) -> Iterator[DraftConversation | TranscriptError]:
    """Yield the one chat of the document, events such as joining left out."""
    roles = participant_roles(document)
    turns, times = [], []
    for at, message in segments_of(document):
        if str(find(message, "Type") or "MESSAGE").upper() == "MESSAGE":
            turns.append(_turn(message, at, roles))
            times.append(_epoch_s(message, at))
    first_s = min((time for time in times if time is not None), default=None)
    yield DraftConversation(
        id=contact_id(document),
        turns=tuple(
            turn
            if time is None or first_s is None
            else replace(turn, start_s=round(time - first_s, 3))
            for turn, time in zip(turns, times, strict=True)
        ),
        language=optional_str(document, "LanguageCode"),
        channel=channel_of(optional_str(document, "Channel"))
        or ("call" if first_s is None else "chat"),
        started_at=None if first_s is None else format_iso_time(first_s),
        metadata=header_metadata(document),
    )


def _turn(message: JsonObject, at: str, roles: dict[str, str]) -> DraftTurn:
    label = role_label(message, at, roles)
    start_ms = optional_number(message, "Time", "BeginOffsetMillis", at=at)
    end_ms = optional_number(message, "Time", "EndOffsetMillis", at=at)
    return DraftTurn(
        speaker=label or optional_str(message, "DisplayName", at=at),
        text=_text(message, at),
        start_s=None if start_ms is None else start_ms / 1000,
        end_s=None if end_ms is None else end_ms / 1000,
        speaker_id=optional_id(message, "ParticipantId", at=at),
        role=ROLES.get(label.upper()) if label else None,
    )


def _text(message: JsonObject, at: str) -> str:
    content = get_str(message, "Content", at=at)
    kind = optional_str(message, "ContentType", at=at) or "text/plain"
    return html_to_text(content) if kind.startswith("text/html") else content


def _epoch_s(message: JsonObject, at: str) -> float | None:
    name = "AbsoluteTime" if find(message, "AbsoluteTime") else "Time"
    path = (name,) if name == "AbsoluteTime" else ("Time", "AbsoluteTime")
    written = optional_str(message, *path, at=at)
    if written is None:
        return None
    time_s = parse_iso_time(written)
    if time_s is None:
        raise TranscriptError("an ISO 8601 date and time is needed", field=field_name(*path, at=at))
    return time_s
