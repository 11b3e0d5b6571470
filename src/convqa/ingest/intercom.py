"""Intercom conversations: the opening `source` and the `conversation_parts`, bodies in HTML.

Notes, bots and what is sent automatically are kept with the role `other`. Field names:
https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations.
"""

from collections.abc import Iterator

from convqa.errors import TranscriptError
from convqa.ingest.documents import items_of, metadata_of, number_at, read_each, strings_at
from convqa.ingest.draft import DraftConversation, DraftTurn, JsonValue
from convqa.ingest.fields import (
    JsonObject,
    field_name,
    find,
    get_object,
    get_objects,
    get_str,
    has_keys,
    optional_id,
    optional_str,
)
from convqa.ingest.html_text import html_to_text
from convqa.ingest.timeline import Instant, Message, get_instant, place
from convqa.schema import Role

FORMAT = "intercom"

_ROLES: dict[str, Role] = {
    "user": "customer",
    "lead": "customer",
    "contact": "customer",
    "admin": "agent",
    "bot": "other",
    "team": "other",
}
# An opening message delivered so carries an admin's name, but no admin wrote it to this customer.
_AUTOMATIC = frozenset({"automated", "campaigns_initiated", "operator_initiated"})


def matches(document: JsonValue) -> bool:
    """Tell whether a document is, or lists, conversations with Intercom's parts."""
    return any(
        find(item, "type") == "conversation"
        and (has_keys(item, "conversation_parts") or has_keys(item, "source"))
        for _, item in items_of(document, ("conversations",))
    )


def read(document: JsonValue) -> Iterator[DraftConversation | TranscriptError]:
    """Yield the conversation, or each of a list."""
    yield from read_each(items_of(document, ("conversations",)), _read_conversation)


def _read_conversation(conversation: JsonObject, at: str) -> DraftConversation:
    opened = get_instant(conversation, "created_at", at=at)
    found = [_opening(conversation, opened, at=at)] + [
        _part(part, at=name)
        for name, part in get_objects(
            conversation, "conversation_parts", "conversation_parts", at=at
        )
    ]
    turns, started_at = place([message for message in found if message is not None], opened)
    agent_id = optional_id(conversation, "admin_assignee_id", at=at)
    team = optional_id(conversation, "team_assignee_id", at=at)
    return DraftConversation(
        id=optional_id(conversation, "id", at=at),
        turns=turns,
        channel="chat",
        started_at=started_at,
        # 0 stands for nobody.
        agent_id=None if agent_id == "0" else agent_id,
        team=None if team == "0" else team,
        metadata=metadata_of(
            csat=number_at(conversation, "conversation_rating", "rating"),
            tags=strings_at(conversation, "tags", "tags", key="name"),
        ),
    )


def _opening(conversation: JsonObject, opened: Instant, *, at: str) -> Message | None:
    # Versions of the API before 2.0 say `conversation_message`.
    key = "source" if "source" in conversation else "conversation_message"
    if conversation.get(key) is None:
        return None
    source = get_object(conversation, key, at=at)
    is_automatic = str(source.get("delivered_as")) in _AUTOMATIC
    turn = _turn(source, is_aside=is_automatic, at=field_name(key, at=at))
    return None if turn is None else (opened, turn)


def _part(part: JsonObject, *, at: str) -> Message | None:
    """Return a part with words, None for an event without any, such as an assignment."""
    is_note = "note" in get_str(part, "part_type", at=at)
    sent = get_instant(part, "created_at", at=at)
    turn = _turn(part, is_aside=is_note, at=at)
    return None if turn is None else (sent, turn)


def _turn(message: JsonObject, *, is_aside: bool, at: str) -> DraftTurn | None:
    body = optional_str(message, "body", at=at)
    if body is None:
        return None
    author_at = field_name("author", at=at)
    author = get_object(message, "author", at=at)
    author_type = get_str(author, "type", at=author_at)
    author_id = optional_id(author, "id", at=author_at)
    role = _ROLES.get(author_type)
    if is_aside and role != "customer":
        role = "other"
    return DraftTurn(
        speaker=author_type,
        text=html_to_text(body),
        speaker_id=author_id,
        agent_id=author_id if author_type == "admin" else None,
        role=role,
    )
