"""Dates, times, amounts and network addresses: digits that are never part of a personal number."""

import re
from functools import cache

from convqa.redact.vocabulary import Vocabulary

_DAY = r"(?:0?[1-9]|[12][0-9]|3[01])"
_MONTH = r"(?:0?[1-9]|1[0-2])"
_YEAR = r"(?:19|20)[0-9]{2}"
_CLOCK = r"[t ][0-9]{1,2}[:.][0-9]{2}[0-9:.z+]*"
_TIME = r"(?:[01]?[0-9]|2[0-4])[.:][0-5][0-9]"
_ALONE_BEFORE = r"(?<![0-9])(?<![0-9][-./+:])"
_ALONE_AFTER = r"(?![0-9])(?![-./+:][0-9])"
_DATES_AND_ADDRESSES = re.compile(
    _ALONE_BEFORE
    + "(?:"
    + "|".join(
        [
            rf"{_YEAR}(?P<a>[-./]){_MONTH}(?P=a){_DAY}(?:{_CLOCK})?",
            rf"{_DAY}(?P<b>[-./]){_MONTH}(?P=b)(?:{_YEAR}|[0-9]{{2}})",
            rf"{_MONTH}/{_DAY}/(?:{_YEAR}|[0-9]{{2}})",
            rf"{_TIME} ?- ?{_TIME}",
            r"[0-2]?[0-9][:][0-5][0-9](?::[0-5][0-9])?",
            # IPv4 (RFC 791); phone numbers with dots have no group of one digit or above 255.
            r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}",
        ]
    )
    + ")"
    + _ALONE_AFTER
)
_GROUPED = r"(?:[0-9]{1,3}(?:[ .][0-9]{3})+|[0-9]+)(?:[.,][0-9]{1,2}|,-)?"
_CURRENCY_SIGN = re.compile(rf"[$€£]\s?{_GROUPED}|(?<![0-9])(?<![0-9][ .]){_GROUPED}\s?[$€£%]")


@cache
def _amount_pattern(units: frozenset[str]) -> re.Pattern[str]:
    names = "|".join(sorted(map(re.escape, units), key=lambda name: (-len(name), name)))
    return re.compile(rf"(?<![0-9])(?<![0-9][ .-]){_GROUPED}\s?(?:{names})\b")


def protected_spans(text: str, words: Vocabulary) -> list[tuple[int, int]]:
    """Return `[start, end)` of everything in a folded text that is a date, time or amount."""
    patterns = (_DATES_AND_ADDRESSES, _CURRENCY_SIGN, _amount_pattern(words.units))
    return [
        match.span() for pattern in patterns for match in pattern.finditer(text)
        if not _is_dotted_phone(match.group())
    ]  # fmt: skip


def _is_dotted_phone(text: str) -> bool:
    """Whether four dotted groups have two digits each, as in the Danish 28.47.00.15."""
    return re.fullmatch(r"[0-9]{2}(?:\.[0-9]{2}){3}", text) is not None
