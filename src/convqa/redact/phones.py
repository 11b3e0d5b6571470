"""Telephone numbers: international ones, national ones with evidence, and what is called one.

Seven or eight digits may as well be an order, a meter or a customer number, so a national number
needs a word such as `tlf` or `call` nearby or in the question, or a form that only telephone
numbers have: a leading 0, or the grouping that is usual in the country. A word such as `order`
nearby speaks against it.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import phonenumbers

from convqa.redact.document import Document, Match
from convqa.redact.runs import Run

# E.164: at most 15 digits; national subscriber numbers begin at 7.
_MIN_DIGITS, _MAX_DIGITS = 7, 15


@dataclass(frozen=True, slots=True)
class _Grouping:
    """Digit groups that stand for a telephone number in a region.

    One of `separators` stands in each gap; only the US form mixes them, as in `(212) 736-5000`.
    """

    shape: tuple[int, ...]
    region: str
    separators: str


# Usual groupings without a leading 0. Source: the national numbering plans as presented by ITU-T
# E.123 (Nkom, Digitaliseringsstyrelsen, UKE, NANPA). 4-4 is left out: order numbers look like it.
_GROUPINGS = (
    _Grouping((3, 2, 3), "NO", " "),
    _Grouping((2, 2, 2, 2), "NO", " ."),
    _Grouping((2, 2, 2, 2), "DK", " .-"),
    _Grouping((4, 2, 2), "DK", " "),
    _Grouping((3, 3, 3), "PL", " -"),
    _Grouping((2, 3, 2, 2), "PL", " -"),
    _Grouping((3, 3, 4), "US", " -.)"),
    _Grouping((1, 3, 3, 4), "US", " -.)"),
)
_REGIONS = ("NO", "DK", "SE", "PL", "RO", "GB", "US")
# Countries that write a leading 0 before the area code or mobile prefix.
_TRUNK_ZERO_REGIONS = ("SE", "RO", "GB")
# Shorter ones with a leading 0 are telephone numbers only with the dash after the area code.
_MIN_TRUNK_DIGITS = 9


def detect_phones(document: Document) -> list[Match]:
    """Return telephone numbers."""
    return [match for run in document.runs for match in _phones_in_run(document, run)]


def _phones_in_run(document: Document, run: Run) -> list[Match]:
    if run.is_dictated and _has_phone_length(run):
        topics = document.topics(run.start, run.end)
        # "Tracking number and your mobile?" leaves open which of them is being dictated.
        is_phone = topics == {"phone"} or (
            "phone" in topics and any(_is_valid(run.digits, region) for region in _REGIONS)
        )
        return [Match("PHONE", run.start, run.end)] if is_phone else []
    return [match for part in run.tight_parts() for match in _phones_in_part(document, part)]


def _phones_in_part(document: Document, part: Run) -> list[Match]:
    international = _international(document.text, part)
    if international is not None:
        return [international]
    if _is_part_of_a_code(document.text, part):
        return []
    topics = document.topics(part.start, part.end)
    if "phone" in topics and _has_phone_length(part):
        return [_match(document.text, part)]
    is_something_else = bool(topics) and "phone" not in topics
    if not is_something_else and _has_national_form(document.text, part):
        return [_match(document.text, part)]
    return []


def _international(text: str, part: Run) -> Match | None:
    """Return the number that begins with + or 00, the longest valid one if other digits follow."""
    plus = _plus_before(text, part.start)
    if plus is None and not part.digits.startswith("00"):
        return None
    start = part.start if plus is None else plus
    candidates = [
        window for window in part.windows(_MIN_DIGITS, _MAX_DIGITS + 2)
        if window.start == part.start
    ]  # fmt: skip
    for window in candidates:
        if _is_valid("+" + (window.digits[2:] if plus is None else window.digits), None):
            return Match("PHONE", start, window.end)
    # A + in front of digits is a telephone number also where the number has a slip.
    return Match("PHONE", start, candidates[0].end) if plus is not None and candidates else None


def _plus_before(text: str, start: int) -> int | None:
    """Return the offset of a plus sign directly before a number, None if there is none."""
    position = start - 2 if text[max(start - 1, 0)] in " (" else start - 1
    return position if position >= 0 and text[position] == "+" else None


def _match(text: str, window: Run) -> Match:
    has_bracket = window.start > 0 and text[window.start - 1] == "("
    return Match("PHONE", window.start - has_bracket, window.end)


def _has_phone_length(run: Run) -> bool:
    return _MIN_DIGITS <= len(run.digits) <= _MAX_DIGITS


def _has_national_form(text: str, window: Run) -> bool:
    digits = window.digits
    gaps = [text[left.end : right.start].strip() or " " for left, right in pairwise(window.atoms)]
    if digits.startswith("0"):
        return (len(digits) >= _MIN_TRUNK_DIGITS or "-" in gaps) and any(
            _is_valid(digits, region) for region in _TRUNK_ZERO_REGIONS
        )
    return any(
        window.shape == grouping.shape
        and all(gap in grouping.separators for gap in gaps)
        and (grouping.region == "US" or len(set(gaps)) == 1)
        and _is_valid(digits, grouping.region)
        for grouping in _GROUPINGS
    )


def _is_part_of_a_code(text: str, window: Run) -> bool:
    """Whether letters are attached, as in `K-7720193`, `FV/871` or `TD77012945IN`."""
    before = text[max(window.start - 2, 0) : window.start]
    after = text[window.end : window.end + 1]
    return (
        before[-1:].isalpha()
        or (before[-1:] in ("-", "/", "#") and before[:1].isalnum())
        or after.isalpha()
    )


@lru_cache(maxsize=4096)
def _is_valid(digits: str, region: str | None) -> bool:
    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number(number)
