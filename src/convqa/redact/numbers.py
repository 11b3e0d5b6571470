"""Long numbers of no known kind that were dictated, and domestic numbers of bank accounts.

Somebody who says seven digits one after the other reads out a number that belongs to a person or a
contract; prices, dates and times are shorter.
"""

import re

from convqa.redact.checksums import is_norwegian_account_valid
from convqa.redact.document import Document, Match
from convqa.redact.runs import Run

_MIN_DICTATED_DIGITS = 7
# Domestic account numbers have 8 (GB) to 16 (RO) digits in the countries served.
_MIN_ACCOUNT_DIGITS, _MAX_ACCOUNT_DIGITS = 8, 16
# «1234.56.78903»: how Norwegian account numbers are written; proven by its check digit.
_NORWEGIAN_SHAPE = (4, 2, 5)
# «sort code 12-34-56, account 12345678», also where it reads as a date.
_SORT_CODE = re.compile(
    r"\bsort ?code\b[^0-9\n]{0,20}(?P<branch>[0-9]{2}[ -]?[0-9]{2}[ -]?[0-9]{2})(?![0-9])"
    r"(?:[^0-9\n]{1,30}(?P<account>[0-9]{4} ?[0-9]{4})(?![0-9]))?"
)


def detect_numbers(document: Document) -> list[Match]:
    """Return dictated runs of seven digits or more, and numbers called a bank account."""
    dictated = [
        Match("NUMBER", run.start, run.end)
        for run in document.runs
        if run.is_dictated and len(run.digits) >= _MIN_DICTATED_DIGITS
    ]
    accounts = [
        Match("NUMBER", part.start, part.end)
        for run in document.runs
        for part in run.tight_parts()
        if _is_account(document, part)
    ]
    british = [
        Match("NUMBER", *found.span(name))
        for found in _SORT_CODE.finditer(document.text)
        for name in ("branch", "account")
        if found[name]
    ]
    return dictated + accounts + british


def _is_account(document: Document, part: Run) -> bool:
    if part.shape == _NORWEGIAN_SHAPE and is_norwegian_account_valid(part.digits):
        return True
    if not _MIN_ACCOUNT_DIGITS <= len(part.digits) <= _MAX_ACCOUNT_DIGITS:
        return False
    return "account" in document.topics(part.start, part.end)
