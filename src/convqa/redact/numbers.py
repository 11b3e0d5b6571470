"""Long numbers of no known kind that were dictated, and numbers of bank accounts.

Somebody who says seven digits one after the other reads out a number that belongs to a person or a
contract; prices, dates and times are shorter.
"""

from convqa.redact.document import Document, Match

_MIN_DICTATED_DIGITS = 7
# Domestic account numbers have 8 (GB) to 16 (RO) digits in the countries served.
_MIN_ACCOUNT_DIGITS, _MAX_ACCOUNT_DIGITS = 8, 16


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
        if _MIN_ACCOUNT_DIGITS <= len(part.digits) <= _MAX_ACCOUNT_DIGITS
        and "account" in document.topics(part.start, part.end)
    ]
    return dictated + accounts
