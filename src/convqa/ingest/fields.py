"""Typed access to JSON documents: every refusal names the field and what would be right.

`get_…` demands a value, `optional_…` returns None where it is missing or null; both refuse a value
of the wrong type. A path is a sequence of keys and indices. `at` is where the given value itself
stands in the document, so that a refusal names the whole way:

    for at, phrase in get_objects(document, "results", "phrases"):
        start_s = get_number(phrase, "start", at=at)
    # TranscriptError: results.phrases[3].start: a number is needed, not a string

Messages give types and names of fields, never values, for values may be transcript text.
"""

import math
from collections.abc import Iterator
from typing import TypeAlias

from convqa.errors import TranscriptError
from convqa.ingest.draft import JsonValue
from convqa.values import read_number

JsonObject: TypeAlias = dict[str, JsonValue]

_TYPE_NAMES = {
    type(None): "null", bool: "true or false", int: "a number", float: "a number",
    str: "a string", list: "a list", dict: "an object",
}  # fmt: skip


def field_name(*path: str | int, at: str = "") -> str:
    """Return the dotted name of a path, such as `results.phrases[3].start`."""
    name = at
    for key in path:
        if isinstance(key, int):
            name += f"[{key}]"
        else:
            name += f".{key}" if name else key
    return name


def find(value: JsonValue, *path: str | int) -> JsonValue:
    """Return what stands at a path, or None where any step of it is missing or of another kind."""
    for key in path:
        if isinstance(key, str) and isinstance(value, dict):
            value = value.get(key)
        elif isinstance(key, int) and isinstance(value, list) and -len(value) <= key < len(value):
            value = value[key]
        else:
            return None
    return value


def has_keys(value: JsonValue, *keys: str) -> bool:
    """Tell whether a value is an object with all these keys."""
    return isinstance(value, dict) and all(key in value for key in keys)


def get_object(value: JsonValue, *path: str | int, at: str = "") -> JsonObject:
    """Return the object at a path."""
    found = find(value, *path)
    if isinstance(found, dict):
        return found
    raise _refusal(found, "an object", *path, at=at)


def get_list(value: JsonValue, *path: str | int, at: str = "") -> list[JsonValue]:
    """Return the list at a path."""
    found = find(value, *path)
    if isinstance(found, list):
        return found
    raise _refusal(found, "a list", *path, at=at)


def get_objects(
    value: JsonValue, *path: str | int, at: str = ""
) -> Iterator[tuple[str, JsonObject]]:
    """Yield each object of the list at a path with its own name, such as `turns[3]`.

    Raises:
        TranscriptError: There is no list at the path, or an item of it is no object.
    """
    for index, item in enumerate(get_list(value, *path, at=at)):
        yield field_name(*path, index, at=at), get_object(item, at=field_name(*path, index, at=at))


def get_str(value: JsonValue, *path: str | int, at: str = "") -> str:
    """Return the string at a path; it may be empty."""
    found = find(value, *path)
    if isinstance(found, str):
        return found
    raise _refusal(found, "a string", *path, at=at)


def get_number(value: JsonValue, *path: str | int, at: str = "") -> float:
    """Return the finite number at a path; a string that holds one ("0.76") is accepted.

    Amazon Transcribe, among others, writes numbers as strings.
    """
    found = find(value, *path)
    number = read_number(found)
    if number is None:
        raise _refusal(found, "a finite number", *path, at=at)
    return number


def get_id(value: JsonValue, *path: str | int, at: str = "") -> str:
    """Return the string or whole number at a path as a string, for identifiers."""
    found = optional_id(value, *path, at=at)
    if found is None:
        raise _refusal(None, "a string or a whole number", *path, at=at)
    return found


def optional_object(value: JsonValue, *path: str | int, at: str = "") -> JsonObject:
    """Return the object at a path, an empty one where it is missing or null."""
    return {} if find(value, *path) is None else get_object(value, *path, at=at)


def optional_list(value: JsonValue, *path: str | int, at: str = "") -> list[JsonValue]:
    """Return the list at a path, an empty one where it is missing or null."""
    return [] if find(value, *path) is None else get_list(value, *path, at=at)


def optional_str(value: JsonValue, *path: str | int, at: str = "") -> str | None:
    """Return the string at a path, or None where it is missing, null or empty."""
    return None if find(value, *path) is None else get_str(value, *path, at=at) or None


def optional_number(value: JsonValue, *path: str | int, at: str = "") -> float | None:
    """Return the number at a path as `get_number` does, or None where it is missing or null."""
    return None if find(value, *path) in (None, "") else get_number(value, *path, at=at)


def optional_id(value: JsonValue, *path: str | int, at: str = "") -> str | None:
    """Return the string or whole number at a path as a string, or None where there is none."""
    found = find(value, *path)
    if found is None or found == "":
        return None
    if isinstance(found, str):
        return found
    if isinstance(found, int) and not isinstance(found, bool):
        return str(found)
    raise _refusal(found, "a string or a whole number", *path, at=at)


def _refusal(found: JsonValue, needed: str, *path: str | int, at: str) -> TranscriptError:
    if found is None:
        reason = f"missing; {needed} is needed"
    elif isinstance(found, float) and not math.isfinite(found):
        reason = f"not finite; {needed} is needed"
    else:
        reason = f"{needed} is needed, not {_TYPE_NAMES[type(found)]}"
    return TranscriptError(reason, field=field_name(*path, at=at))
