"""What the readers of JSON documents share: conversations one by one, and metadata."""

from collections.abc import Callable, Iterable, Iterator

from convqa.errors import TranscriptError
from convqa.ingest.draft import DraftConversation, JsonValue
from convqa.ingest.fields import JsonObject, field_name, find, get_object, has_keys

ReadOne = Callable[[JsonObject, str], DraftConversation]


def read_each(
    items: Iterable[tuple[str, JsonValue]], read_one: ReadOne
) -> Iterator[DraftConversation | TranscriptError]:
    """Yield one draft for each named item, and the error in the place of a broken one."""
    for at, item in items:
        try:
            result: DraftConversation | TranscriptError = read_one(get_object(item, at=at), at)
        except TranscriptError as err:
            result = err
        yield result


def items_of(document: JsonValue, *paths: tuple[str, ...]) -> list[tuple[str, JsonValue]]:
    """Return the conversations of an export with their names in the document.

    They are the items of a document that is a list itself, else those of the list at the first of
    `paths` that exists, else the document alone.
    """
    if isinstance(document, list):
        return [(field_name(index), item) for index, item in enumerate(document)]
    for path in paths:
        found = find(document, *path)
        if isinstance(found, list):
            return [(field_name(*path, index), item) for index, item in enumerate(found)]
    return [("", document)]


def has_item(value: JsonValue, *path: str | int, keys: tuple[str, ...]) -> bool:
    """Tell whether the list at a path has an object with all these keys.

    Readers recognise their format by any item, so that one broken item does not hide the others.
    """
    found = find(value, *path)
    return isinstance(found, list) and any(has_keys(item, *keys) for item in found)


def strings_at(value: JsonValue, *path: str | int, key: str | None = None) -> list[JsonValue]:
    """Return the strings of a list, or of the objects of a list under `key`; [] where none are."""
    found = find(value, *path)
    if not isinstance(found, list):
        return []
    named = found if key is None else [find(item, key) for item in found]
    return [item for item in named if isinstance(item, str) and item]


def number_at(value: JsonValue, *path: str | int) -> float | None:
    """Return the number of a piece of metadata, None where there is none."""
    found = find(value, *path)
    return found if isinstance(found, int | float) and not isinstance(found, bool) else None


def metadata_of(**values: JsonValue) -> dict[str, JsonValue]:
    """Return the values that say something, by name."""
    return {key: value for key, value in values.items() if value not in (None, "", [])}
