"""E-mail addresses, written or read out («kari krøllalfa post punktum no»)."""

import re
from functools import cache

from convqa.redact.document import Document, Match
from convqa.redact.vocabulary import Vocabulary

# RFC 5321 local parts as people write them; the domain may lack its end («anna@gmail»), and the
# address may break off after the @ («steph.brannigan@ something»).
_WRITTEN = re.compile(
    r"(?<![\w.+%-])[\w.+%'-]{1,64}"
    r"(?: ?(?:@|\(at\)|\[at\]) ?[\w-]+(?:(?:\.| ?(?:\(dot\)|\[dot\]) ?)[\w-]+)+|@[\w-]*)"
)
# A label of a domain name has at most 63 characters (RFC 1035), a local part 64.
_PART = r"[\w-]{1,64}"
# "kari.nordmann", and not the "f.eks" before a Danish «at».
_SIGNED = (
    rf"(?<![\w.'])[a-z](?:[\w-]{{0,63}}(?:\.{_PART}){{0,8}}\.|[a-z0-9-]{{0,63}}_)[\w-]{{4,64}}"
)


def detect_emails(document: Document) -> list[Match]:
    """Return written and spoken addresses."""
    return [
        Match("EMAIL", match.start(), match.end())
        for match in [*_WRITTEN.finditer(document.text), *_spoken(document)]
    ]


def _spoken(document: Document) -> list[re.Match[str]]:
    if _telling_pattern(document.words).search(document.text) is None:
        return []
    return [
        match
        for pattern in _spoken_patterns(document.words)
        for match in pattern.finditer(document.text)
    ]


@cache
def _telling_pattern(words: Vocabulary) -> re.Pattern[str]:
    """Return what every spoken address has: an ending after a dot, or a certain word for @.

    Few texts have any of it, and to look for it takes a tenth of the time of looking for addresses.
    """
    dot, ending = _any_of(words.email_dots), _any_of(words.email_endings)
    return re.compile(rf"(?: {dot} |\.){ending}\b| {_any_of(words.email_at_certain)} ")


@cache
def _spoken_patterns(words: Vocabulary) -> tuple[re.Pattern[str], ...]:
    """Return patterns for a certain word for @, and for `at` with some form of a dot after it.

    What matches one of them has something of `_telling_pattern`.
    """
    dot = _any_of(words.email_dots)
    joiner = _any_of(words.email_dots | words.email_joiners)
    # "k a t i", "k jak karol", "smith eighty one", "ola underscore 3": letters, some of them with a
    # word that tells them, numbers, and words joined by a spoken sign.
    letter = rf"\w(?: {_any_of(words.email_spelled)} {_PART})?"
    number = rf"(?:\d{{1,4}}|{_any_of(words.number_words)})"
    name = rf"(?:{letter} ){{0,30}}(?:{letter}|{_PART})(?: {number}){{0,6}}"
    local = rf"(?<![\w'])(?:{name} {joiner} ){{0,4}}{name}(?:\.{_PART}){{0,8}}"
    at, certain = _any_of(words.email_at), _any_of(words.email_at_certain)
    ending = _any_of(words.email_endings)
    domain = rf"{_PART}(?:\.{_PART}){{0,8}}"
    # Recognisers write a dot as a sign as soon as they know the end: «jan małpa wp.pl». English
    # «at» stands before websites too, and needs a name that only an address has.
    website = rf"{_PART}(?:\.{_PART}){{0,8}}\.{ending}\b"
    joined = rf"(?<![\w'])(?:{name} {dot} ){{1,4}}{name}"
    written = rf"(?<![\w.'])(?:{_PART}\.){{0,8}}{_PART}"
    apart = words.email_at - {"at"}
    return (
        re.compile(
            rf"{local} (?:{at}|{certain}) {domain}(?: {domain})?"
            rf"(?: {dot} {domain}){{0,2}} {dot} {ending}\b"
        ),
        re.compile(rf"{local} {certain} {domain}(?: {dot} {domain}){{0,3}}\b"),
        re.compile(rf"(?:{_SIGNED}|{joined}) (?:at|[(\[]a[)\]]) {website}"),
        re.compile(rf"{local} {_any_of(apart)} {website}"),
        re.compile(rf"{written}(?:[(\[]a[)\]]| ?[(\[](?:{at}|{certain})[)\]] ?){website}"),
    )


def _any_of(words: frozenset[str]) -> str:
    return f"(?:{'|'.join(sorted(map(re.escape, words), key=lambda word: (-len(word), word)))})"
