"""International bank account numbers, and Polish account numbers written without `PL`."""

import re

from convqa.redact.checksums import is_iban_valid
from convqa.redact.document import Document, Match

# Length of an IBAN by country. Source: SWIFT IBAN Registry (ISO 13616).
_LENGTHS = {
    code: length
    for length, codes in {
        15: "no", 16: "be", 18: "dk fo fi gl nl", 19: "mk si", 20: "at ba ee kz lt lu xk",
        21: "ch hr li lv", 22: "bg cr de gb ge ie me rs", 23: "ae gi il iq tl",
        24: "ad cz es md pk ro sa se sk st tn vg", 25: "pt", 26: "is tr", 27: "fr gr it mc sm",
        28: "al az by cy do gt hu lb pl sv", 29: "bh br eg ps qa ua", 30: "jo kw mu", 31: "mt sc",
        32: "lc",
    }.items()
    for code in codes.split()
}  # fmt: skip
_START = re.compile(rf"(?<![a-z0-9])({'|'.join(_LENGTHS)}) ?[0-9]{{2}}(?=[ \-\n]?[a-z0-9])")
_POLISH_DIGITS = 26
_LEFTMOST_TAIL = re.compile(r"[a-z0-9]")
_MAX_BLANKS = 3


def detect_ibans(document: Document) -> list[Match]:
    """Return IBANs with a valid checksum, or with a slip where the text speaks of an account."""
    found = []
    for start in _START.finditer(document.text):
        end = _end_of(document.text, start.start(), _LENGTHS[start.group(1)])
        if end is None:
            continue
        iban = re.sub(r"[^a-z0-9]", "", document.text[start.start() : end]).upper()
        is_account = "account" in document.topics(start.start(), end)
        if is_iban_valid(iban) or (is_account and iban[-8:].isdigit()):
            found.append(Match("IBAN", start.start(), end))
    return found + _polish_accounts(document)


def _end_of(text: str, start: int, length: int) -> int | None:
    """Return where `length` letters and digits in groups end, None if they do not end a word."""
    position, n_left, n_blanks = start, length, 0
    while n_left:
        if position >= len(text) or n_blanks > _MAX_BLANKS:
            return None
        if _LEFTMOST_TAIL.match(text, position):
            n_left, n_blanks = n_left - 1, 0
        elif text[position] in " -.\n":
            n_blanks += 1
        else:
            return None
        position += 1
    return None if _LEFTMOST_TAIL.match(text, position) else position


def _polish_accounts(document: Document) -> list[Match]:
    """Polish domestic numbers (NRB) are the IBAN without its country; same check digits."""
    return [
        Match("IBAN", window.start, window.end)
        for run in document.runs
        for window in run.windows(_POLISH_DIGITS, _POLISH_DIGITS)
        if is_iban_valid("PL" + window.digits)
    ]
