"""JSON out of files of any size: one value a line, one document, or the items of a long list.

No record larger than `max_bytes` is ever held in memory. Values are cut out by their brackets and
parsed one by one, so that a broken record costs only itself.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, cast

import orjson

from convqa.errors import TranscriptError
from convqa.ingest.draft import JsonValue

_CHUNK_BYTES = 1 << 16

_STRING = rb'"(?:[^"\\]++|\\.)*+"'
# A quote that begins no whole string is the start of one that goes on in the next chunk.
_TOKEN = re.compile(_STRING + rb'|[\[\]{}"]', re.DOTALL)
_BETWEEN = re.compile(rb"[\s,]*+")
_STRAY = re.compile(rb"(?:" + _STRING + rb'|[^\[\]{}"])++', re.DOTALL)
_OPENING = frozenset({b"{", b"["})
_CLOSING = frozenset({b"}", b"]"})
_STRING_OR_CONSTANT = re.compile(r'"(?:[^"\\]++|\\.)*+"|-?\b(?:NaN|Infinity)\b', re.DOTALL)
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class JsonText:
    """The bytes of one value and the line (from 1) on which it begins, or why it has none."""

    data: bytes | TranscriptError
    line: int


def too_long(max_bytes: int) -> TranscriptError:
    """Return the reason for a record that is longer than the limit."""
    return TranscriptError(f"longer than {max_bytes >> 20} MiB, the most a record may have")


def parse_json(data: bytes) -> JsonValue:
    """Return the value of a JSON text.

    Lone surrogates become U+FFFD and so do bytes that are not UTF-8. NaN and Infinity become
    strings, which the fields that need a number then refuse by name.

    Raises:
        TranscriptError: It is no JSON, or nested more deeply than 1024 levels.
    """
    try:
        return cast("JsonValue", orjson.loads(data))
    except orjson.JSONDecodeError:
        text = _STRING_OR_CONSTANT.sub(_mend, data.decode("utf-8", "replace"))
    try:
        return cast("JsonValue", orjson.loads(text))
    except orjson.JSONDecodeError as err:
        # The message of the parser names the fault and never quotes the text.
        raise TranscriptError(f"no valid JSON at character {err.pos}: {err.msg}") from err


def json_lines(stream: BinaryIO, *, max_bytes: int) -> Iterator[JsonText]:
    """Yield each line that is not blank."""
    line = 0
    while data := stream.readline(max_bytes + 1):
        line += 1
        if len(data) > max_bytes:
            while data and not data.endswith(b"\n"):
                data = stream.readline(_CHUNK_BYTES)
            yield JsonText(too_long(max_bytes), line)
        elif not data.isspace():
            yield JsonText(data, line)


def json_values(stream: BinaryIO, *, max_bytes: int) -> Iterator[JsonText]:
    """Yield each object or list of a stream, whether they stand alone or one after another."""
    yield from _Cutter(stream, max_bytes).cut()


def list_items(stream: BinaryIO, *, max_bytes: int, key: str = "") -> Iterator[JsonText]:
    """Yield each item of the list that the stream holds, or that stands under `key` in its object.

    Args:
        stream: Begins with the list, or with an object for which `has_list` is true.
        max_bytes: The most that an item may have.
        key: A key of the object, which only single values may stand before.
    """
    cutter = _Cutter(stream, max_bytes)
    cutter.enter_list(_before_list(key) if key else re.compile(rb"\s*\["))
    yield from cutter.cut()
    rest = cutter.rest()
    is_sound = _is_end_of_object(rest) if key else not rest.strip()
    if not cutter.is_broken and not is_sound:
        fault = "what follows the list is no valid JSON; the list may have been cut off too early"
        yield JsonText(TranscriptError(fault), cutter.line)


def has_list(head: bytes, key: str) -> bool:
    """Tell whether a text begins with an object that has, after single values, a list at `key`."""
    return _before_list(key).match(head) is not None


def _before_list(key: str) -> re.Pattern[bytes]:
    single = rb"(?:" + _STRING + rb"|[-+.\w]++)"
    name = re.escape(orjson.dumps(key))
    return re.compile(
        rb"\s*+\{(?:\s*+" + _STRING + rb"\s*+:\s*+" + single + rb"\s*+,)*?"
        rb"\s*+" + name + rb"\s*+:\s*+\[",
        re.DOTALL,
    )


def _is_end_of_object(rest: bytes) -> bool:
    try:
        orjson.loads(b'{"":0' + rest)
    except orjson.JSONDecodeError:
        return False
    return True


def _mend(match: re.Match[str]) -> str:
    token = match.group()
    if token[0] != '"':
        return f'"{token}"'
    return _ESCAPE.sub(lambda escape: "\\ufffd" if escape.group(1) else escape.group(), token)


class _Cutter:
    """Cuts a stream of JSON into its values by counting brackets outside strings."""

    def __init__(self, stream: BinaryIO, max_bytes: int) -> None:
        self.line = 1
        self.is_broken = False
        self._stream = stream
        self._max_bytes = max_bytes
        self._buffer = b""
        self._start = 0  # of what is still to be cut, in the buffer
        self._is_in_list = False

    def enter_list(self, opening: re.Pattern[bytes]) -> None:
        """Go behind the bracket that opens a list; it must stand within the first chunk."""
        self._read()
        match = opening.match(self._buffer)
        if match is not None:
            self._is_in_list = True
            self._go_to(match.end())

    def cut(self) -> Iterator[JsonText]:
        """Yield values until the stream, or the list that was entered, ends."""
        while True:
            line, (fault, has_value) = self.line, self._skip_between()
            if fault:
                yield JsonText(TranscriptError(fault), line)
            if not has_value:
                return
            end = self._find_end()
            if isinstance(end, TranscriptError):
                self.is_broken = True
                yield JsonText(end, self.line)
                return
            is_too_long = end - self._start > self._max_bytes
            value = self._buffer[self._start : end]
            yield JsonText(too_long(self._max_bytes) if is_too_long else value, self.line)
            self._go_to(end)

    def rest(self) -> bytes:
        """Return what follows the list, as far as a record may reach."""
        return self._buffer[self._start :] + self._stream.read(self._max_bytes)

    def _skip_between(self) -> tuple[str, bool]:
        """Go to the next value; return the fault of what was met, and whether there is a value."""
        fault = ""
        while True:
            self._go_to(_matched(_BETWEEN, self._buffer, self._start))
            if self._start == len(self._buffer):
                if not self._read():
                    is_cut = self._is_in_list
                    return "the file ends in the middle of the list" if is_cut else fault, False
                continue
            mark = self._buffer[self._start : self._start + 1]
            if mark in _OPENING:
                return fault, True
            if mark == b"]" and self._is_in_list:
                self._go_to(self._start + 1)
                return fault, False
            fault = "an object is needed"
            self._go_to(max(self._start + 1, _matched(_STRAY, self._buffer, self._start)))

    def _find_end(self) -> int | TranscriptError:
        """Return where in the buffer the value that begins at the start ends."""
        scan, depth = self._start, 0
        while True:
            for token in _TOKEN.finditer(self._buffer, scan):
                mark = token.group()
                if mark == b'"':
                    scan = token.start()
                    break
                depth += (mark in _OPENING) - (mark in _CLOSING)
                if depth == 0:
                    return token.end()
            else:
                scan = len(self._buffer)
            if len(self._buffer) - self._start > self._max_bytes:
                reason = too_long(self._max_bytes).reason
                return TranscriptError(f"{reason}; what follows it cannot be read")
            scan -= self._start
            if not self._read():
                return TranscriptError("the file ends in the middle of this record")

    def _read(self) -> bool:
        # Reading as much again as is held keeps the cost of scanning a long string again linear.
        held = self._buffer[self._start :]
        chunk = self._stream.read(max(_CHUNK_BYTES, len(held)))
        self._buffer, self._start = held + chunk, 0
        return bool(chunk)

    def _go_to(self, position: int) -> None:
        self.line += self._buffer.count(b"\n", self._start, position)
        self._start = position


def _matched(pattern: re.Pattern[bytes], data: bytes, start: int) -> int:
    match = pattern.match(data, start)
    return start if match is None else match.end()
