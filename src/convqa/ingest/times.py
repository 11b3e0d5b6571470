"""Clock times, dates and durations as transcript formats write them → seconds."""

import re
from datetime import UTC, datetime

_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,9}))?", re.ASCII)
_TIME_OF_DAY = re.compile(
    r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?\s?([ap])m", re.ASCII | re.IGNORECASE
)
_DURATION = re.compile(
    r"P(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?)?", re.ASCII
)


def parse_clock(text: str) -> float | None:
    """Return the seconds of `01:02:03.5`, `02:03` or `00:01:02,345`, None if it is no such time."""
    match = _CLOCK.fullmatch(text.strip())
    if match is None:
        return None
    hours, minutes, seconds, fraction = match.groups()
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    return whole + float(f"0.{fraction or 0}")


def parse_time_of_day(text: str) -> float | None:
    """Return the seconds from midnight of `10:02 AM` or `1:02:03 pm`, None if it is neither."""
    match = _TIME_OF_DAY.fullmatch(text.strip())
    if match is None:
        return None
    hours, minutes, seconds, half = match.groups()
    hours_24 = int(hours) % 12 + (12 if half in "pP" else 0)
    return hours_24 * 3600.0 + int(minutes) * 60 + int(seconds or 0)


def parse_iso_duration(text: str) -> float | None:
    """Return the seconds of an ISO 8601 duration such as `PT1M0.76S`, None if it is none."""
    match = _DURATION.fullmatch(text.strip())
    if match is None or not any(match.groups()):
        return None
    days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return days * 86_400 + hours * 3600 + minutes * 60 + seconds


def parse_iso_time(text: str) -> float | None:
    """Return an ISO 8601 date and time as seconds since 1970, None if it is none.

    A time without an offset is taken as UTC: within a conversation only differences count.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        return moment.timestamp()
    except (OverflowError, ValueError):
        return None


def format_iso_time(epoch_s: float) -> str | None:
    """Return seconds since 1970 as ISO 8601 in UTC, None outside the years 1 to 9999."""
    try:
        return datetime.fromtimestamp(epoch_s, UTC).isoformat()
    except (OverflowError, ValueError, OSError):
        return None
