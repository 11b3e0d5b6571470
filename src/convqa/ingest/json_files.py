"""JSON files: one document, one a line, or a long list of them, each recognised by itself."""

import io
import re
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from convqa.errors import TranscriptError
from convqa.ingest import genesys_messages, vcon
from convqa.ingest.draft import DocumentFormat, DraftConversation, JsonValue
from convqa.ingest.encodings import rewound
from convqa.ingest.fields import find
from convqa.ingest.found import Found
from convqa.ingest.json_formats import EMBEDDED_FORMATS, recognise_document
from convqa.ingest.json_text import (
    JsonText,
    has_list,
    json_lines,
    json_values,
    list_items,
    parse_json,
)
from convqa.ingest.mapped import fitting_mapping, read_mapped
from convqa.ingest.options import IngestOptions
from convqa.ingest.source_file import SourceFile

DOCUMENT_FORMATS: dict[str, DocumentFormat] = {
    **EMBEDDED_FORMATS,
    vcon.FORMAT: DocumentFormat(vcon.matches, vcon.read),
}

Parsed: TypeAlias = "JsonValue | TranscriptError"

# The key under which an export of several conversations has them, if nothing else is said, and
# that of the exports of chats by Zendesk and LiveChat.
_LIST_KEY = "conversations"
_LIST_KEYS = (_LIST_KEY, "chats")
_KEY_NAME = re.compile(r"[A-Za-z_][\w.:-]{0,30}", re.ASCII)


def read_json_file(file: SourceFile, options: IngestOptions) -> Iterator[Found]:
    """Yield what a JSON file holds, each document in the format it is recognised to be in."""
    yield from _read(file, options, DOCUMENT_FORMATS)


def read_json_as(name: str, file: SourceFile, options: IngestOptions) -> Iterator[Found]:
    """Yield what a JSON file holds whose documents are all said to be in one format."""
    yield from _read(file, options, {name: DOCUMENT_FORMATS[name]})


def _read(
    file: SourceFile, options: IngestOptions, formats: Mapping[str, DocumentFormat]
) -> Iterator[Found]:
    for document, line in _documents(
        _texts(file, options, formats), max_bytes=options.limits.max_record_bytes
    ):
        if isinstance(document, TranscriptError):
            yield Found(document, line, "json")
        else:
            yield from _read_document(document, line, options, formats)


def _documents(texts: Iterator[JsonText], *, max_bytes: int) -> Iterator[tuple[Parsed, int]]:
    """Yield the document in each text with its line; messages that follow each other are one list.

    A stream of transcription messages has a part of a conversation on each line.
    """
    parts: list[JsonValue] = []
    first_line = n_bytes = 0
    for text in texts:
        document = _parsed(text)
        is_part = not isinstance(document, TranscriptError) and genesys_messages.matches(document)
        size = 0 if isinstance(text.data, TranscriptError) else len(text.data)
        if parts and (not is_part or n_bytes + size > max_bytes):
            yield parts, first_line
            parts, n_bytes = [], 0
        if is_part and not isinstance(document, TranscriptError):
            first_line = first_line if parts else text.line
            parts += document if isinstance(document, list) else [document]
            n_bytes += size
        else:
            yield document, text.line
    if parts:
        yield parts, first_line


def _parsed(text: JsonText) -> Parsed:
    if isinstance(text.data, TranscriptError):
        return text.data
    try:
        return parse_json(text.data)
    except TranscriptError as err:
        return err


def _read_document(
    document: JsonValue,
    line: int,
    options: IngestOptions,
    formats: Mapping[str, DocumentFormat],
) -> Iterator[Found]:
    listed = document if isinstance(document, list) else find(document, _LIST_KEY)
    is_known = (
        fitting_mapping(document, options.mappings) is not None
        or recognise_document(document, formats) is not None
    )
    if isinstance(listed, list) and listed and not is_known:
        for item in listed:
            yield from _read_one(item, line, options, formats)
    else:
        yield from _read_one(document, line, options, formats)


def _read_one(
    document: JsonValue,
    line: int,
    options: IngestOptions,
    formats: Mapping[str, DocumentFormat],
) -> Iterator[Found]:
    mapping = fitting_mapping(document, options.mappings)
    name = recognise_document(document, formats)
    # What the only mapping or the format that was asked for does not fit is tried all the same, so
    # that the reason names the field that is at fault.
    if mapping is None and name is None and len(options.mappings) == 1:
        mapping = options.mappings[0]
    if name is None and len(formats) == 1:
        name = next(iter(formats))
    if mapping is not None:
        yield from _drafts("mapped", line, read_mapped(document, mapping))
    elif name is not None:
        yield from _drafts(name, line, formats[name].read(document))
    else:
        yield Found(_unknown(document, formats), line, "json")


def _drafts(
    name: str, line: int, drafts: Iterator[DraftConversation | TranscriptError]
) -> Iterator[Found]:
    n_drafts = 0
    try:
        for draft in drafts:
            n_drafts += 1
            yield Found(draft, line, name)
    except TranscriptError as err:
        yield Found(err, line, name)
        return
    if n_drafts == 0:
        yield Found(TranscriptError("holds no conversation"), line, name)


def _unknown(document: JsonValue, formats: Mapping[str, DocumentFormat]) -> TranscriptError:
    """Return the reason for a document of no known format: what it is, and what is known.

    Only keys that look like names are shown: others might be the words of a customer.
    """
    known = ", ".join(sorted(formats))
    if isinstance(document, dict):
        keys = [key for key in list(document)[:8] if _KEY_NAME.fullmatch(key)]
        what = f"an object with the keys {', '.join(keys)}" if keys else "an object"
    else:
        what = "a list" if isinstance(document, list) else "a single value"
    return TranscriptError(
        f"{what} is in no known transcript format; known are {known}; "
        "name a format, or say with a mapping what stands where"
    )


def _texts(
    file: SourceFile, options: IngestOptions, formats: Mapping[str, DocumentFormat]
) -> Iterator[JsonText]:
    """Yield the documents of a file: its lines, the whole of it, or the items of its list."""
    stream, max_bytes = file.utf8(), options.limits.max_record_bytes
    mapped = tuple(mapping.conversations or "" for mapping in options.mappings)
    keys = filter(None, (*mapped, *_LIST_KEYS))
    key = next((key for key in keys if has_list(file.head, key)), "")
    is_wrapped = bool(key)
    if _has_lines(file.head, is_wrapped=is_wrapped):
        yield from json_lines(stream, max_bytes=max_bytes)
        return
    start = stream.read(max_bytes)
    if len(start) == max_bytes:
        stream = rewound(start, stream)
    elif _is_one_document(start, formats):
        yield JsonText(start, 1)
        return
    else:
        stream = io.BytesIO(start)
    if file.head.lstrip().startswith(b"["):
        yield from list_items(stream, max_bytes=max_bytes)
    elif is_wrapped:
        yield from list_items(stream, max_bytes=max_bytes, key=key)
    else:
        yield from json_values(stream, max_bytes=max_bytes)


def _has_lines(head: bytes, *, is_wrapped: bool) -> bool:
    """Tell whether a file has one document a line; its first two lines decide.

    A first line that is longer than the head is taken for one: a document that is printed for
    people has short lines.
    """
    lines = [line for line in head.lstrip().split(b"\n", 50) if line.strip()]
    if not lines:
        return False
    is_list = lines[0].startswith(b"[")
    if len(lines) == 1:
        return not is_list and not is_wrapped
    try:
        parse_json(lines[0])
    except TranscriptError:
        # A line that is damaged, unless it is the first of a list.
        return not is_list and lines[1].startswith(b"{")
    return True


def _is_one_document(data: bytes, formats: Mapping[str, DocumentFormat]) -> bool:
    """Tell whether a text is one object, or a list that is in one of the formats as a whole."""
    try:
        document = parse_json(data)
    except TranscriptError:
        return False
    return isinstance(document, dict) or recognise_document(document, formats) is not None
