"""When things were said: offsets and dates of any vendor → seconds from the conversation's start.

Calls give offsets (seconds, milliseconds), chats give dates (ISO 8601, seconds or microseconds
since 1970). Only times that a file gives are turned into others; a missing end stays missing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from convqa.errors import TranscriptError
from convqa.ingest.draft import DraftTurn, JsonValue
from convqa.ingest.fields import field_name, find, get_number
from convqa.ingest.times import format_iso_time, parse_iso_time

# Microseconds are the finest any of the formats gives; doubles of seconds since 1970 hold them.
_DECIMALS = 6

# 1980: no conversation in these formats is older, so smaller numbers are no dates.
_FIRST_DATE_S = 315_532_800.0


@dataclass(frozen=True, slots=True)
class Instant:
    """A point in time: seconds since 1970, and ISO 8601 (as given where the file gives it so)."""

    epoch_s: float
    text: str


Message: TypeAlias = tuple[Instant | None, DraftTurn]


def get_seconds(value: JsonValue, *path: str | int, at: str = "", per_second: float = 1.0) -> float:
    """Return the offset or duration at a path in seconds; `per_second` is 1000 for milliseconds.

    Raises:
        TranscriptError: It is missing, no finite number, or negative.
    """
    number = get_number(value, *path, at=at)
    if number < 0:
        raise TranscriptError(
            "negative; a time from the start of the conversation is needed",
            field=field_name(*path, at=at),
        )
    return round(number / per_second, _DECIMALS)


def optional_seconds(
    value: JsonValue, *path: str | int, at: str = "", per_second: float = 1.0
) -> float | None:
    """Return the offset at a path as `get_seconds` does, or None where it is missing or null."""
    if find(value, *path) in (None, ""):
        return None
    return get_seconds(value, *path, at=at, per_second=per_second)


def get_instant(
    value: JsonValue, *path: str | int, at: str = "", per_second: float = 1.0
) -> Instant:
    """Return the date at a path: ISO 8601, or a number of `per_second` units since 1970.

    Raises:
        TranscriptError: It is missing, negative, or no date.
    """
    found = find(value, *path)
    text: str | None
    if isinstance(found, str) and not found.strip().isdecimal():
        epoch_s = parse_iso_time(found)
        text = found.strip().replace(" ", "T", 1)
    else:
        epoch_s = get_seconds(value, *path, at=at, per_second=per_second)
        text = format_iso_time(epoch_s)
    if epoch_s is None or text is None:
        raise TranscriptError(
            "no date; ISO 8601 such as 2026-03-02T09:30:00Z is needed",
            field=field_name(*path, at=at),
        )
    return Instant(epoch_s, text)


def optional_instant(
    value: JsonValue, *path: str | int, at: str = "", per_second: float = 1.0
) -> Instant | None:
    """Return the date at a path as `get_instant` does, or None where it is missing or null."""
    if find(value, *path) in (None, ""):
        return None
    return get_instant(value, *path, at=at, per_second=per_second)


def find_date(value: JsonValue, *path: str | int) -> str | None:
    """Return the ISO 8601 date of a header field, None where it is missing or written otherwise.

    A call whose turns are sound is not refused for the date in its header.
    """
    found = find(value, *path)
    if not isinstance(found, str) or parse_iso_time(found) is None:
        return None
    return found.strip().replace(" ", "T", 1)


def start_of(instants: Sequence[Instant], opened: Instant | None = None) -> Instant | None:
    """Return when a conversation started: `opened`, or its first message where that is earlier.

    None if nothing has a date. Where a format for dates holds small numbers, they are offsets
    from the start; it is then 0 with an empty text.
    """
    known = [*instants] if opened is None else [opened, *instants]
    if not known:
        return None
    first = min(known, key=lambda instant: instant.epoch_s)
    return first if first.epoch_s >= _FIRST_DATE_S else Instant(0.0, "")


def since(start: Instant, instant: Instant) -> float:
    """Return the seconds from a start to an instant."""
    return round(instant.epoch_s - start.epoch_s, _DECIMALS)


def place(
    messages: Sequence[Message], opened: Instant | None = None
) -> tuple[tuple[DraftTurn, ...], str | None]:
    """Return the turns of a chat in order of time with `start_s`, and when the chat started.

    A message without a date stays behind the message that it follows in the file.
    """
    start = start_of([instant for instant, _ in messages if instant is not None], opened)
    if start is None:
        return tuple(turn for _, turn in messages), None
    turns = [
        turn if instant is None else replace(turn, start_s=since(start, instant))
        for instant, turn in messages
    ]
    return in_order(turns), start.text or None


def in_order(turns: Sequence[DraftTurn]) -> tuple[DraftTurn, ...]:
    """Return the turns by start; equal ones and those without a start keep their place."""
    keyed: list[tuple[float, DraftTurn]] = []
    latest_s = 0.0
    for turn in turns:
        latest_s = latest_s if turn.start_s is None else turn.start_s
        keyed.append((latest_s, turn))
    return tuple(turn for _, turn in sorted(keyed, key=lambda pair: pair[0]))
