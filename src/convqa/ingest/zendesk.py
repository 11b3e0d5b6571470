"""Zendesk conversation log of a ticket: messages, comments and internal notes as `events`.

A comment is internal where `metadata.public` is false. Field names:
https://developer.zendesk.com/documentation/ticketing/reference-guides/conversation-log-events-reference.
"""

from collections.abc import Iterator

from convqa.errors import TranscriptError
from convqa.ingest.documents import has_item, items_of, read_each
from convqa.ingest.draft import DraftConversation, DraftTurn, JsonValue
from convqa.ingest.fields import (
    JsonObject,
    field_name,
    find,
    get_object,
    get_objects,
    get_str,
    optional_id,
    optional_str,
)
from convqa.ingest.html_text import html_to_text
from convqa.ingest.timeline import Message, get_instant, place
from convqa.schema import Role

FORMAT = "zendesk"

_ROLES: dict[str, Role] = {
    "user": "customer",
    "end-user": "customer",
    "end_user": "customer",
    "agent": "agent",
    "admin": "agent",
    "bot": "other",
    "system": "other",
}


def matches(document: JsonValue) -> bool:
    """Tell whether a document is, or lists, logs of events with an author and content."""
    keys = ("type", "author", "content", "created_at")
    items = items_of(document, ("tickets",))
    return any(has_item(item, "events", keys=keys) for _, item in items)


def read(document: JsonValue) -> Iterator[DraftConversation | TranscriptError]:
    """Yield the ticket's conversation, or each of a list of logs."""
    yield from read_each(items_of(document, ("tickets",)), _read_log)


def _read_log(log: JsonObject, at: str) -> DraftConversation:
    messages = [
        message
        for name, event in get_objects(log, "events", at=at)
        if (message := _message(event, at=name)) is not None
    ]
    turns, started_at = place(messages)
    return DraftConversation(
        # The log itself does not name its ticket; exports that do use one of these keys.
        id=optional_id(log, "ticket_id", at=at) or optional_id(log, "id", at=at),
        turns=turns,
        channel="chat",
        started_at=started_at,
    )


def _message(event: JsonObject, *, at: str) -> Message | None:
    """Return what was written, None for an event without words such as an attachment."""
    author_at = field_name("author", at=at)
    author = get_object(event, "author", at=at)
    author_type = get_str(author, "type", at=author_at)
    user_id = optional_id(author, "zen:support:user_id", at=author_at)
    text = _text(get_object(event, "content", at=at), at=field_name("content", at=at))
    sent = get_instant(event, "created_at", at=at)
    if text is None:
        return None
    is_note = find(event, "metadata", "public") is False
    return sent, DraftTurn(
        speaker=author_type,
        text=text,
        speaker_id=user_id or optional_id(author, "zen:sunco:user_id", at=author_at),
        agent_id=user_id if author_type == "agent" else None,
        role="other" if is_note else _ROLES.get(author_type),
    )


def _text(content: JsonObject, *, at: str) -> str | None:
    kind = get_str(content, "type", at=at)
    if kind == "html":
        return html_to_text(get_str(content, "body", at=at))
    if kind == "text":
        return get_str(content, "text", at=at)
    return optional_str(content, "text", at=at) or optional_str(content, "body", at=at)
