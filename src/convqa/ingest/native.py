"""convqa's own transcript: an object with `turns`, each with `role` and `text`.

Keys that mean nothing to us are ignored in turns; those of the conversation that hold single values
are kept in its metadata.
"""

from collections.abc import Iterator

from convqa.errors import TranscriptError
from convqa.ingest.codes import channel_of
from convqa.ingest.draft import DraftConversation, DraftTurn, JsonValue
from convqa.ingest.fields import (
    JsonObject,
    find,
    get_list,
    get_object,
    optional_id,
    optional_number,
    optional_object,
    optional_str,
)
from convqa.schema import Role

FORMAT = "native"

_KEYS = frozenset(
    {"id", "language", "lang", "channel", "started_at", "agent_id", "team", "queue", "metadata"}
    | {"turns"}
)
_ROLES: dict[str, Role] = {
    "agent": "agent", "customer": "customer", "other": "other", "unknown": "unknown",
}  # fmt: skip


def matches(document: JsonValue) -> bool:
    """Recognise an object with a list of turns, of which some have a `text` or a `role`."""
    turns = find(document, "turns")
    if not isinstance(turns, list):
        return False
    return not turns or any(
        isinstance(turn, dict) and ("text" in turn or "role" in turn) for turn in turns
    )


def read(document: JsonValue) -> Iterator[DraftConversation | TranscriptError]:
    """Yield the one conversation of the document."""
    record = get_object(document)
    metadata: dict[str, JsonValue] = {
        key: value
        for key, value in record.items()
        if key not in _KEYS and isinstance(value, str | int | float)
    }
    metadata.update(optional_object(record, "metadata"))
    channel = optional_str(record, "channel")
    if channel is not None and channel_of(channel) is None:
        metadata.setdefault("channel", channel)
    yield DraftConversation(
        id=optional_id(record, "id"),
        turns=tuple(_turn(turn, index) for index, turn in enumerate(get_list(record, "turns"))),
        language=optional_str(record, "language") or optional_str(record, "lang"),
        channel=channel_of(channel),
        started_at=optional_str(record, "started_at"),
        agent_id=optional_id(record, "agent_id"),
        team=optional_id(record, "team"),
        queue=optional_id(record, "queue"),
        metadata=metadata,
    )


def _turn(turn: JsonValue, index: int) -> DraftTurn:
    if not isinstance(turn, dict):
        raise TranscriptError("an object is needed", field=f"turns[{index}]")
    text = turn.get("text")
    if not isinstance(text, str):
        missing = "missing; " if text is None else ""
        raise TranscriptError(f"{missing}a string is needed", field=f"turns[{index}].text")
    label = turn.get("role")
    role = _ROLES.get(label) if isinstance(label, str) else None
    return DraftTurn(
        None if role else _label(turn, index),
        text,
        _number(turn, "start", index),
        _number(turn, "end", index),
        _id(turn, "speaker_id", index),
        _id(turn, "agent_id", index),
        _number(turn, "confidence", index),
        (),
        role,
    )


def _label(turn: JsonObject, index: int) -> str | None:
    return optional_str(turn, "role", at=f"turns[{index}]") or _id(turn, "speaker", index)


# These two are called six times a turn: the common cases are settled before names are built.
def _number(turn: JsonObject, key: str, index: int) -> float | None:
    value = turn.get(key)
    if value is None or type(value) is float:
        return value
    return optional_number(turn, key, at=f"turns[{index}]")


def _id(turn: JsonObject, key: str, index: int) -> str | None:
    value = turn.get(key)
    if value is None:
        return None
    return optional_id(turn, key, at=f"turns[{index}]")
