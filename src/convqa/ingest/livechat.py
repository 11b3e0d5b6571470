"""LiveChat (text.com) chats: threads of events by the chat's users.

Each thread is a conversation of its own. Field names:
https://platform.text.com/docs/messaging/agent-chat-api/data-structures.
"""

from collections.abc import Iterator
from functools import partial

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
    find,
    get_object,
    get_objects,
    get_str,
    optional_id,
    optional_list,
    optional_str,
)
from convqa.ingest.timeline import Message, get_instant, optional_instant, place
from convqa.schema import Role

FORMAT = "livechat"

_ROLES: dict[str, Role] = {"agent": "agent", "customer": "customer"}


def matches(document: JsonValue) -> bool:
    """Tell whether a document is, or lists, chats with users and threads of events."""
    return any(
        isinstance(find(item, "users"), list)
        and (
            isinstance(find(item, "thread", "events"), list)
            or has_item(item, "threads", keys=("events",))
        )
        for _, item in items_of(document, ("chats",))
    )


def read(document: JsonValue) -> Iterator[DraftConversation | TranscriptError]:
    """Yield each thread of the chat, or of the chats of a list."""
    for at, chat in items_of(document, ("chats",)):
        threads: list[tuple[str, JsonValue]] = [(field_name("thread", at=at), find(chat, "thread"))]
        listed = find(chat, "threads")
        if isinstance(listed, list):
            threads = [
                (field_name("threads", index, at=at), item) for index, item in enumerate(listed)
            ]
        try:
            users = _users(get_object(chat, at=at), at=at)
        except TranscriptError as err:
            yield err
            continue
        yield from read_each(threads, partial(_read, users))


def _users(chat: JsonObject, *, at: str) -> dict[str, str]:
    """Return the type (agent, customer) of each user of a chat by id."""
    return {
        get_str(user, "id", at=name): get_str(user, "type", at=name)
        for name, user in get_objects(chat, "users", at=at)
    }


def _read(users: dict[str, str], thread: JsonObject, at: str) -> DraftConversation:
    messages = [
        message
        for name, event in get_objects(thread, "events", at=at)
        if (message := _message(event, users, at=name)) is not None
    ]
    opened = optional_instant(thread, "created_at", at=at)
    turns, started_at = place(messages, opened)
    agents = {turn.agent_id for turn in turns if turn.role == "agent"}
    return DraftConversation(
        id=optional_id(thread, "id", at=at),
        turns=turns,
        channel="chat",
        started_at=started_at,
        agent_id=agents.pop() if len(agents) == 1 else None,
        queue=optional_id(thread, "access", "group_ids", 0, at=at),
        metadata=metadata_of(
            csat=number_at(thread, "properties", "rating", "score"), tags=strings_at(thread, "tags")
        ),
    )


def _message(event: JsonObject, users: dict[str, str], *, at: str) -> Message | None:
    """Return what was written, None for an event without words, such as a file."""
    kind = get_str(event, "type", at=at)
    sent = get_instant(event, "created_at", at=at)
    text = get_str(event, "text", at=at) if kind == "message" else _other_text(event, at=at)
    if not text:
        return None
    author_id = optional_id(event, "author_id", at=at)
    author_type = users.get(author_id or "")
    # API versions before 3.5 say `recipients` for `visibility`.
    is_note = "agents" in (event.get("visibility"), event.get("recipients"))
    is_said = kind in ("message", "rich_message") and not is_note
    return sent, DraftTurn(
        speaker=author_type or author_id or kind,
        text=text,
        speaker_id=author_id,
        agent_id=author_id if author_type == "agent" else None,
        role=_ROLES.get(author_type or "") if is_said else "other",
    )


def _other_text(event: JsonObject, *, at: str) -> str:
    """Return the words of system messages, cards and filled forms, empty where there are none."""
    lines = [optional_str(event, "text", at=at)]
    for index, element in enumerate(optional_list(event, "elements", at=at)):
        name = field_name("elements", index, at=at)
        lines += [optional_str(element, key, at=name) for key in ("title", "subtitle")]
    for index, form_field in enumerate(optional_list(event, "fields", at=at)):
        answer = find(form_field, "answer")
        label = find(form_field, "label") or find(answer, "label")
        name = field_name("fields", index, at=at)
        said = answer if isinstance(answer, str) else optional_str(form_field, "value", at=name)
        lines += [f"{label} {said}" if isinstance(label, str) and said else said]
    return "\n".join(line for line in lines if line)
