"""Payment card numbers: issuer prefix, length and Luhn digit, or a card word beside a long number.

Prefixes and lengths: ISO/IEC 7812 issuer ranges as published by Visa, Mastercard, American Express,
Diners Club/Discover, JCB, UnionPay, Maestro, Dankort (Nets) and Mir.
"""

import re

from convqa.redact.checksums import is_luhn_valid
from convqa.redact.document import Document, Match
from convqa.redact.runs import Run

_MIN_DIGITS, _MAX_DIGITS = 12, 19
_ISSUERS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})"  # Visa
    r"|(?:5[1-5]\d{2}|222[1-9]|22[3-9]\d|2[3-6]\d{2}|27[01]\d|2720)\d{12}"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|3(?:0[0-59]|[689]\d)\d{11,16}"  # Diners Club
    r"|(?:6011|64[4-9]\d|65\d{2})\d{12,15}"  # Discover
    r"|35(?:2[89]|[3-8]\d)\d{12,15}"  # JCB
    r"|62\d{14,17}"  # UnionPay
    r"|220[0-4]\d{12,15}"  # Mir
    r"|5019\d{12}"  # Dankort
    r"|(?:5018|5020|5038|5893|6304|6759|676[1-3])\d{8,15}"  # Maestro
)
_SHAPES = frozenset([(4, 4, 4, 4), (4, 4, 4, 4, 3), (4, 6, 5), (4, 6, 4)])


def detect_cards(document: Document) -> list[Match]:
    """Return card numbers, also where one is dictated or cut over turns."""
    return [
        Match("CARD", window.start, window.end)
        for run in document.runs
        for window in run.windows(_MIN_DIGITS, _MAX_DIGITS)
        if _is_card(document, run, window)
    ]


def _is_card(document: Document, run: Run, window: Run) -> bool:
    is_whole = window.shape in _SHAPES or len(window.atoms) == 1 or window.is_dictated
    if _ISSUERS.fullmatch(window.digits) and is_luhn_valid(window.digits):
        # Groups of odd sizes are one number only if nothing else stands beside them.
        return is_whole or len(window.atoms) == len(run.atoms) or _is_near_card_word(document, run)
    # A card number with a slip is still one: 15 and 16 digits is what cards have.
    return is_whole and len(window.digits) in (15, 16) and _is_near_card_word(document, window)


def _is_near_card_word(document: Document, run: Run) -> bool:
    return "card" in document.topics(run.start, run.end)
