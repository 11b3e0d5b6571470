"""Zendesk Chat (formerly Zopim) exports: chats with their `history`, and offline messages.

Field names: https://developer.zendesk.com/api-reference/live-chat/chat-api/chats.
"""

import re
from collections.abc import Iterator

from convqa.errors import TranscriptError
from convqa.ingest.documents import items_of, metadata_of, read_each, strings_at
from convqa.ingest.draft import DraftConversation, DraftTurn, JsonValue
from convqa.ingest.fields import (
    JsonObject,
    find,
    get_objects,
    get_str,
    optional_id,
    optional_list,
    optional_str,
)
from convqa.ingest.timeline import Message, get_instant, optional_instant, place
from convqa.schema import Role

FORMAT = "zendesk_chat"

_ROLES: dict[str, Role] = {"visitor": "customer", "agent": "agent"}
# `agent:trigger` and `agent:system` write by themselves; an employee is `agent:` and a number.
_EMPLOYEE = re.compile(r"agent:(\d+)", re.ASCII)


def matches(document: JsonValue) -> bool:
    """Tell whether a document is, or lists, chats with a history or offline messages."""
    return any(
        isinstance(find(item, "visitor"), dict)
        and (
            isinstance(find(item, "history"), list) or find(item, "type") in ("chat", "offline_msg")
        )
        for _, item in items_of(document, ("chats",))
    )


def read(document: JsonValue) -> Iterator[DraftConversation | TranscriptError]:
    """Yield the chat, or each of an export."""
    yield from read_each(items_of(document, ("chats",)), _read_chat)


def _read_chat(chat: JsonObject, at: str) -> DraftConversation:
    opened = optional_instant(chat, "timestamp", at=at)
    if chat.get("type") == "offline_msg":
        text = get_str(chat, "message", at=at)
        messages: list[Message] = [(opened, DraftTurn("visitor", text, role="customer"))]
    else:
        messages = [
            message
            for name, item in get_objects(chat, "history", at=at)
            if (message := _message(item, at=name)) is not None
        ]
    turns, started_at = place(messages, opened)
    agents = optional_list(chat, "agent_ids", at=at)
    return DraftConversation(
        id=optional_id(chat, "id", at=at),
        turns=turns,
        channel="chat",
        started_at=started_at,
        agent_id=optional_id(chat, "agent_ids", 0, at=at) if len(agents) == 1 else None,
        queue=optional_str(chat, "department_name", at=at),
        metadata=metadata_of(
            csat=optional_str(chat, "rating", at=at), tags=strings_at(chat, "tags")
        ),
    )


def _message(item: JsonObject, *, at: str) -> Message | None:
    """Return what was written, None for events without words: somebody joins, rates, leaves."""
    text = optional_str(item, "msg", at=at)
    if item.get("type") != "chat.msg" and text is None:
        return None
    sender = optional_str(item, "sender_type", at=at)
    nick = optional_str(item, "nick", at=at)
    employee = _EMPLOYEE.fullmatch(nick or "")
    agent_id = optional_id(item, "agent_id", at=at) or (employee[1] if employee else None)
    role: Role = "other"
    if item.get("type") == "chat.msg":
        kind = sender or ("agent" if employee else nick) or ""
        role = _ROLES.get(kind.lower(), "other")
    return get_instant(item, "timestamp", at=at), DraftTurn(
        speaker=sender or nick,
        text=get_str(item, "msg", at=at),
        speaker_id=nick,
        agent_id=agent_id,
        role=role,
    )
