"""Values that came from outside, read alike wherever they count: numbers, and yes or no."""

from math import isfinite


def read_number(value: object) -> float | None:
    """Return a finite number, such as a `csat`, None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if isfinite(number) else None


def read_yes(value: object) -> bool | None:
    """Return whether a value says yes, None where it says neither; a number does unless it is 0.

    A column with gaps is read as numbers, so that 1 is `1.0` there.
    """
    if isinstance(value, bool):
        return value
    words = {"true": True, "yes": True, "false": False, "no": False}
    if isinstance(value, str) and value.strip().casefold() in words:
        return words[value.strip().casefold()]
    number = read_number(value)
    return None if number is None else number != 0
