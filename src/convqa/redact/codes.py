"""Secret codes: short numbers beside CVV, PIN or one-time code, and passwords with a digit.

The last digits of a card or telephone number («ends in 4419») are left: they are what a customer is
verified by, and alone they identify nobody.
"""

import re
from collections.abc import Iterator

from convqa.redact.document import Document, Match

# CVV has 3 or 4 digits (ISO/IEC 7813), a PIN 4 to 6 in practice, a one-time code up to 8.
_MIN_DIGITS, _MAX_DIGITS = 3, 8
# "passordet mitt er nå Sommer24": the word with a digit stands at most this many words on.
_MAX_WORDS_TO_PASSWORD = 4
# A date, a time or a house: «2.12», «14/12», «Lipowa 3/12».
_WRITTEN_APART = re.compile(r"[./]")
_TOKEN = re.compile(r"[^\s\0\"«»„”“]+")
# "your password and the 16 digits": shorter ones are counts, not passwords.
_MIN_SECRET = 4
_PUNCTUATION = ".,;:!?()'"


def detect_codes(document: Document) -> list[Match]:
    """Return codes and passwords."""
    numbers = [
        Match("CODE", part.start, part.end)
        for run in document.runs
        for part in ([run] if run.is_dictated else run.tight_parts())
        if _MIN_DIGITS <= len(part.digits) <= _MAX_DIGITS
        and not _WRITTEN_APART.search(document.text, part.start, part.end)
        and "code" in document.topics(part.start, part.end)
    ]
    return [*numbers, *_passwords(document)]


def _passwords(document: Document) -> Iterator[Match]:
    for word in document.words.topics["password"].finditer(document.text):
        line_end = document.text.find("\n", word.end())
        line_end = len(document.text) if line_end < 0 else line_end
        tokens = _TOKEN.finditer(document.text, word.end(), line_end)
        for token, _ in zip(tokens, range(_MAX_WORDS_TO_PASSWORD + 1), strict=False):
            secret = token.group().strip(_PUNCTUATION)
            if _is_secret(secret):
                start = token.start() + token.group().index(secret)
                yield Match("CODE", start, start + len(secret))
                break


def _is_secret(token: str) -> bool:
    return len(token) >= _MIN_SECRET and any(char.isdigit() for char in token)
