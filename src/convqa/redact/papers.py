"""Numbers of passports and identity cards, and British National Insurance numbers.

Their letters and digits alone prove little, so passports and cards need a word such as `passport`
or `dowód` nearby or in the question. The letters before a blank («RX nr 123456») are left: without
the digits they identify nobody.
"""

import re

from convqa.redact.document import Document, Match
from convqa.redact.vocabulary import Topic

# Passports have 7 to 9 digits where the six languages are spoken (ICAO Doc 9303 allows nine signs),
# Polish and Romanian identity cards six.
_MIN_DIGITS, _MAX_DIGITS = 6, 9
_LETTERS_BEFORE = re.compile(r"(?<![a-z0-9])[a-z]{1,3}\Z")
# Two letters, six digits and a letter A to D; some letters and pairs are never given out, of which
# QQ stands in examples. Source: HMRC National Insurance Manual, NIM39110.
_NATIONAL_INSURANCE = re.compile(
    r"(?<![a-z0-9])(?!bg|gb|nk|kn|tn|nt|zz)(?:[a-ceghj-pr-tw-z][a-ceghj-npr-tw-z]|qq)"
    r"[ -]?[0-9]{2}[ -]?[0-9]{2}[ -]?[0-9]{2}[ -]?[a-d](?![a-z0-9])"
)
# «seria RX nr 123456»: how Romanians say the number of their identity card.
_ROMANIAN_CARD = re.compile(
    r"(?<![a-z])seri[ae],? [a-z]{2},? ?(?:(?:nr\.?|numar|numarul) ?)?(?P<digits>[0-9]{6})(?![0-9])"
)


def detect_papers(document: Document) -> list[Match]:
    """Return numbers of identity papers."""
    insured = [
        Match("ID_NUMBER", found.start(), found.end())
        for found in _NATIONAL_INSURANCE.finditer(document.text)
        if "reference" not in document.topics(found.start(), found.end())
    ]
    cards = [
        Match("ID_NUMBER", *found.span("digits"))
        for found in _ROMANIAN_CARD.finditer(document.text)
    ]
    return [*insured, *cards, *_called(document)]


def _called(document: Document) -> list[Match]:
    """Return the numbers that a word says to be those of a paper."""
    word = document.words.topics["papers"]
    if not any(map(word.search, (document.text, *document.questions))):
        return []
    return [
        Match("ID_NUMBER", _start_of(document.text, part.start), part.end)
        for run in document.runs
        for part in ([run] if run.is_dictated else run.tight_parts())
        if _MIN_DIGITS <= len(part.digits) <= _MAX_DIGITS
        and _is_paper(document.topics(part.start, part.end))
    ]


def _is_paper(topics: frozenset[Topic]) -> bool:
    """Return whether a number is that of a paper, and not also the answer to something else."""
    return "papers" in topics and not topics & {"reference", "card"}


def _start_of(text: str, start: int) -> int:
    letters = _LETTERS_BEFORE.search(text, max(0, start - 4), start)
    return letters.start() if letters else start
