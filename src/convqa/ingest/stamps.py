"""Time stamps in text and tables: offsets, times of day and dates → seconds from the start."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from convqa.ingest.times import (
    format_iso_time,
    parse_clock,
    parse_iso_time,
    parse_time_of_day,
)

_DAY_S = 86_400.0
# A recording is stamped from its start. Where the first stamp already reads an hour, or five
# minutes without seconds ("10:02"), it is a time of day.
_FIRST_OFFSET_S = 3600.0
_FIRST_SHORT_OFFSET_S = 300.0
# 2001 and later as seconds since 1970; no conversation is that long.
_FIRST_EPOCH_S = 1e9
# Who is interrupted at midnight ends after the other began; nobody is interrupted for an hour.
_MAX_OVERLAP_S = 3600.0

# Day, month, year with dots or slashes is how our languages write dates, English aside; with
# slashes it may also be an American date, so only dots are read.
_DOTTED_DATE = re.compile(
    r"(\d{1,2})\.(\d{1,2})\.(\d{4})[ ,T]+(\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?)"
)


@dataclass(frozen=True, slots=True)
class Stamp:
    """One time stamp: seconds from the start, of the day, or since 1970.

    A `short` clock has two parts and may mean minutes and seconds or hours and minutes; its
    `value_s` is that of minutes and seconds. The last `duration_s` of it are seconds in any case.
    """

    value_s: float
    kind: Literal["offset", "clock", "short", "date"]
    duration_s: float = 0.0


def parse_stamp(text: str, *, units_per_s: float = 1.0) -> Stamp | None:
    """Return what a number, clock time or date stands for, None where it is none of them.

    Args:
        text: `12.5`, `00:01:12`, `10:02`, `10:02 AM`, `2025-03-01T10:02:00Z`, `01.03.2025 10:02`.
        units_per_s: 1000 where a number is in milliseconds.
    """
    text = text.strip()
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return _parse_written(text)
    value_s = number / units_per_s
    if value_s >= _FIRST_EPOCH_S * 1000 and units_per_s == 1.0:
        return Stamp(value_s / 1000, "date")
    return Stamp(value_s, "date" if value_s >= _FIRST_EPOCH_S else "offset")


def end_of(start: Stamp | None, end: Stamp | None, duration: Stamp | None) -> Stamp | None:
    """Return the end of a turn: as given, else its duration after its start."""
    if end is None and start is not None and duration is not None:
        return Stamp(start.value_s + duration.value_s, start.kind, duration.value_s)
    return end


def to_offsets(stamps: Sequence[Stamp | None]) -> tuple[tuple[float | None, ...], str | None]:
    """Return the stamps of one conversation as seconds from its start, and its date if known.

    Dates count from the earliest, times of day from the first, with a day added where they pass
    midnight and taken off where people who speak at once take them back over it. Where dates and
    other stamps are mixed, only the dates are kept.
    """
    dates = [stamp.value_s for stamp in stamps if stamp is not None and stamp.kind == "date"]
    if dates:
        first_s = min(dates)
        offsets = tuple(
            round(stamp.value_s - first_s, 6)
            if stamp is not None and stamp.kind == "date"
            else None
            for stamp in stamps
        )
        return offsets, format_iso_time(first_s)
    first = next((stamp for stamp in stamps if stamp is not None), None)
    if first is None or not _is_time_of_day(first):
        return tuple(None if stamp is None else stamp.value_s for stamp in stamps), None
    return _from_first(stamps, first), None


def _parse_written(text: str) -> Stamp | None:
    of_day_s = parse_time_of_day(text)
    if of_day_s is not None:
        return Stamp(of_day_s, "clock")
    clock_s = parse_clock(text)
    if clock_s is not None:
        return Stamp(clock_s, "short" if text.count(":") == 1 else "clock")
    dotted = _DOTTED_DATE.fullmatch(text)
    if dotted is not None:
        day, month, year, clock = dotted.groups()
        text = f"{year}-{int(month):02}-{int(day):02}T{clock:0>5}"
    epoch_s = parse_iso_time(text)
    return None if epoch_s is None else Stamp(epoch_s, "date")


def _is_time_of_day(first: Stamp) -> bool:
    if first.kind == "short":
        return first.value_s >= _FIRST_SHORT_OFFSET_S
    return first.kind == "clock" and first.value_s >= _FIRST_OFFSET_S


def _from_first(stamps: Sequence[Stamp | None], first: Stamp) -> tuple[float | None, ...]:
    offsets: list[float | None] = []
    days, latest_s = 0, _of_day(first)
    for stamp in stamps:
        if stamp is None:
            offsets.append(None)
            continue
        of_day_s = _of_day(stamp)
        if latest_s - of_day_s > _DAY_S / 2:
            days += 1
        elif days and of_day_s - latest_s > _DAY_S - _MAX_OVERLAP_S:
            days -= 1
        latest_s = of_day_s
        offset_s = days * _DAY_S + of_day_s - _of_day(first)
        offsets.append(round(max(0.0, offset_s), 6))
    return tuple(offsets)


def _of_day(stamp: Stamp) -> float:
    if stamp.kind != "short":
        return stamp.value_s
    return (stamp.value_s - stamp.duration_s) * 60 + stamp.duration_s
