"""E-mail addresses, written or read out («kari krøllalfa post punktum no»)."""

import re
from functools import cache

from convqa.redact.document import Document, Match
from convqa.redact.vocabulary import Vocabulary, any_of

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
    if document.words.spoken_address.search(document.text) is None:
        return []
    return [
        match
        for pattern in _spoken_patterns(document.words)
        for match in pattern.finditer(document.text)
    ]


@cache
def _spoken_patterns(words: Vocabulary) -> tuple[re.Pattern[str], ...]:
    """Return patterns for a certain word for @, and for `at` with some form of a dot after it.

    What matches one of them has something of `Vocabulary.spoken_address`.
    """
    dot = any_of(words.email_dots)
    joiner = any_of(words.email_dots | words.email_joiners)
    # "k a t i", "k jak karol", "ola underscore 3", "smith eighty one": letters, some of them with a
    # word that tells them, words joined by a spoken sign, and numbers at the end.
    letter = rf"\w(?: {any_of(words.email_spelled)} {_PART})?"
    said = any_of(words.number_words)
    and_word = any_of(words.number_joiners)
    numbers = rf"(?: (?:\d{{1,4}}|{said}(?: {and_word} {said})?)){{0,6}}"
    name = rf"(?:{letter} ){{0,30}}(?:{letter}|{_PART})"
    local = rf"(?<![\w'])(?:{name} {joiner} ){{0,4}}{name}(?:\.{_PART}){{0,8}}{numbers}"
    at, certain = any_of(words.email_at), any_of(words.email_at_certain)
    ending = any_of(words.email_endings)
    domain = rf"{_PART}(?:\.{_PART}){{0,8}}"
    # Recognisers write a dot as a sign as soon as they know the end: «jan małpa wp.pl». «At» and
    # «la» stand before websites too, and need a name that only an address has.
    website = rf"{_PART}(?:\.{_PART}){{0,8}}\.{ending}\b"
    joined = rf"(?<![\w'])(?:{name} {joiner} ){{1,4}}{name}{numbers}"
    written = rf"(?<![\w.'])(?:{_PART}\.){{0,8}}{_PART}"
    before_sites = any_of(words.email_prepositions)
    apart = words.email_at - words.email_prepositions
    return (
        re.compile(
            rf"{local} (?:{at}|{certain}) {domain}(?: {domain})?"
            rf"(?: {dot} {domain}){{0,2}} {dot} {ending}\b"
        ),
        re.compile(rf"{local} {certain} {domain}(?: {dot} {domain}){{0,3}}\b"),
        re.compile(rf"(?:{_SIGNED}|{joined}) (?:{before_sites}|[(\[]a[)\]]) {website}"),
        re.compile(
            rf"(?:{_SIGNED}|{joined}) {before_sites} {domain}"
            rf"(?: {dot} {domain}){{0,2}} {dot} {ending}\b"
        ),
        re.compile(rf"{local} {any_of(apart)} {website}"),
        re.compile(rf"{written}(?:[(\[]a[)\]]| ?[(\[](?:{at}|{certain})[)\]] ?){website}"),
    )
