"""Conversation files for Google's Customer Experience Insights: `entries`, times in µs since 1970.

Field names: https://cloud.google.com/contact-center/insights/docs/conversation-data-format.
"""

from collections.abc import Iterator

from convqa.errors import TranscriptError
from convqa.ingest.documents import has_item, metadata_of, read_each, strings_at
from convqa.ingest.draft import DraftConversation, DraftTurn, JsonValue
from convqa.ingest.fields import (
    JsonObject,
    get_objects,
    get_str,
    optional_id,
)
from convqa.ingest.timeline import Message, optional_instant, place
from convqa.schema import Role

FORMAT = "google_insights"

_US = 1_000_000.0
_ROLES: dict[str, Role] = {
    "AGENT": "agent",
    "CUSTOMER": "customer",
    "END_USER": "customer",
    "AUTOMATED_AGENT": "other",
}


def matches(document: JsonValue) -> bool:
    """Tell whether a document has entries with a role and a user or a time in µs."""
    return has_item(document, "entries", keys=("text", "role", "start_timestamp_usec")) or has_item(
        document, "entries", keys=("text", "role", "user_id")
    )


def read(document: JsonValue) -> Iterator[DraftConversation | TranscriptError]:
    """Yield the conversation; the file says neither its id, its language nor its channel."""
    yield from read_each([("", document)], _read_conversation)


def _read_conversation(document: JsonObject, at: str) -> DraftConversation:
    entries = get_objects(document, "entries", at=at)
    turns, started_at = place([_message(entry, at=name) for name, entry in entries])
    return DraftConversation(
        id=None,
        turns=turns,
        started_at=started_at,
        metadata=metadata_of(
            categories=strings_at(document, "conversation_info", "categories", key="display_name")
        ),
    )


def _message(entry: JsonObject, *, at: str) -> Message:
    role = get_str(entry, "role", at=at)
    user_id = optional_id(entry, "user_id", at=at)
    turn = DraftTurn(
        speaker=role,
        text=get_str(entry, "text", at=at),
        speaker_id=user_id,
        agent_id=user_id if role == "AGENT" else None,
        role=_ROLES.get(role),
    )
    return optional_instant(entry, "start_timestamp_usec", at=at, per_second=_US), turn
