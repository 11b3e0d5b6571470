"""Chatwoot conversations: messages with a type (0 in, 1 out, 2 activity, 3 template) and sender.

Field names: https://developers.chatwoot.com/api-reference/messages/get-messages, whose answer is
read as well as conversations with `messages`, alone or in a list.
"""

from collections.abc import Iterator

from convqa.errors import TranscriptError
from convqa.ingest.documents import (
    has_item,
    items_of,
    metadata_of,
    number_at,
    read_each,
    strings_at,
)
from convqa.ingest.draft import DraftConversation, DraftTurn, JsonValue
from convqa.ingest.fields import (
    JsonObject,
    field_name,
    get_id,
    get_objects,
    get_str,
    has_keys,
    optional_id,
    optional_object,
    optional_str,
)
from convqa.ingest.timeline import Message, get_instant, place
from convqa.schema import Role

FORMAT = "chatwoot"

# The API gives numbers, webhooks give names.
_ROLES: dict[str, Role] = {
    "0": "customer",
    "incoming": "customer",
    "1": "agent",
    "outgoing": "agent",
    "2": "other",
    "activity": "other",
    "3": "other",
    "template": "other",
}
_BOTS = frozenset({"agent_bot", "captain_assistant"})


def matches(document: JsonValue) -> bool:
    """Tell whether a document is, or lists, conversations with typed messages."""
    keys = ("message_type", "content", "created_at")
    return any(
        has_item(item, _messages_key(item), keys=keys) for _, item in _conversations(document)
    )


def read(document: JsonValue) -> Iterator[DraftConversation | TranscriptError]:
    """Yield the conversation, or each of a list."""
    yield from read_each(_conversations(document), _read_conversation)


def _conversations(document: JsonValue) -> list[tuple[str, JsonValue]]:
    if has_item(document, "payload", keys=("message_type",)):
        return [("", document)]
    return items_of(document, ("data", "payload"), ("payload",))


def _messages_key(conversation: JsonValue) -> str:
    return "messages" if has_keys(conversation, "messages") else "payload"


def _read_conversation(conversation: JsonObject, at: str) -> DraftConversation:
    found = list(get_objects(conversation, _messages_key(conversation), at=at))
    messages = [message for name, item in found if (message := _message(item, at=name)) is not None]
    turns, started_at = place(messages)
    meta = optional_object(conversation, "meta", at=at)
    ids = [optional_id(item, "conversation_id", at=name) for name, item in found[:1]]
    ratings = (
        number_at(item, "content_attributes", "submitted_values", "csat_survey_response", "rating")
        for _, item in found
    )
    return DraftConversation(
        id=optional_id(conversation, "id", at=at) or next(iter(ids), None),
        turns=turns,
        channel="chat",
        started_at=started_at,
        agent_id=optional_id(meta, "assignee", "id", at=field_name("meta", at=at)),
        team=optional_str(meta, "team", "name", at=field_name("meta", at=at)),
        queue=optional_id(conversation, "inbox_id", at=at),
        metadata=metadata_of(
            csat=next((rating for rating in ratings if rating is not None), None),
            tags=strings_at(conversation, "labels"),
        ),
    )


def _message(item: JsonObject, *, at: str) -> Message | None:
    """Return what was written, None for a message without words, such as an attachment."""
    kind = get_id(item, "message_type", at=at)
    sent = get_instant(item, "created_at", at=at)
    if item.get("content") is None and "content" in item:
        return None
    text = get_str(item, "content", at=at)
    sender_at = field_name("sender", at=at)
    sender = optional_object(item, "sender", at=at)
    sender_type = optional_str(sender, "type", at=sender_at)
    sender_id = optional_id(sender, "id", at=sender_at)
    role = _ROLES.get(kind)
    is_aside = item.get("private") is True or sender_type in _BOTS
    return sent, DraftTurn(
        speaker=sender_type or kind,
        text=text,
        speaker_id=None if sender_id is None else f"{sender_type}:{sender_id}",
        agent_id=sender_id if sender_type == "user" else None,
        role="other" if is_aside else role,
    )
