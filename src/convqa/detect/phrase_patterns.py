"""Phrases as written → patterns over words.

A phrase is a row of words; small letters or capitals are the same. Between words may stand
`*`, up to three words of any kind, or `*5`, up to five; a gap never reaches over the end of a
sentence. `(a|b c|)` is any of the alternatives, the empty one making it optional; `fault{,s,y}` is
a word with any of the endings (fault, faults, faulty); `word~` is any word that begins so
(«skyld~»: skyld, skyldes). Punctuation does not count, an apostrophe belongs to its word, a hyphen
parts two.

A word written with diacritics matches the text's word as written or with all of them dropped
(«på» matches pa and paa, «wyłączyć» matches wylaczyc), never a word with other diacritics.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import NamedTuple

from convqa.errors import ConfigError

# Stands between the words of two sentences; no place of a pattern takes it.
BOUNDARY = ""

# What is one word. A placeholder of redaction is one too and is never a word of a phrase. A letter
# may have its marks apart from it, and an apostrophe is what the keyboard has.
_RUN = r"[^\W_]+(?:[\u0300-\u036f][^\W_]*)*"
_LETTERS = rf"{_RUN}(?:['’‘´`]{_RUN})*|%"
_WORD = re.compile(rf"\[[A-Z][A-Z0-9_]*\]|{_LETTERS}", re.UNICODE)
_WRITTEN = re.compile(rf"({_LETTERS})(~|\{{([^{{}}]*)\}})?", re.UNICODE)
_ENDINGS = re.compile(r"\{([^{},]*)[^{}]*\}")
_PART = re.compile(r"\(([^()]*)\)|\*(\d*)|([^\s()*]+)")
_GAP = 3
_MAX_GAP = 20
# More alternatives than this in one phrase are a mistake, or several phrases.
_MAX_VARIANTS = 256

_SPELLING = str.maketrans({**dict.fromkeys("’‘ʼ´`", "'"), "ş": "ș", "ţ": "ț"})
_PLAIN = str.maketrans({"ø": "o", "æ": "ae", "ł": "l", "đ": "d", "ß": "ss"})
_DOUBLED = str.maketrans({"å": "aa", "ø": "oe", "æ": "ae", "ä": "ae", "ö": "oe"})


class Word(NamedTuple):
    """A place for one word, any of `forms` or one that begins with one of `stems`, or for none.

    `written` are the forms as the author of the phrase wrote them, with the first of the endings,
    `inflected` those with another ending, both with their diacritics. The rest of `forms` are the
    same words respelt.
    """

    forms: frozenset[str]
    stems: tuple[str, ...] = ()
    is_optional: bool = False
    written: frozenset[str] = frozenset()
    inflected: frozenset[str] = frozenset()

    def accepts(self, word: str) -> bool:
        """Return whether a normalised word of the text may stand here."""
        return word in self.forms or (bool(self.stems) and word.startswith(self.stems))


class Gap(NamedTuple):
    """A place for up to `most` words of any kind."""

    most: int


Pattern = tuple[Word | Gap, ...]


def words_of(text: str) -> list[tuple[str, int, int]]:
    """Return (normalised word, start, end) of each word of a text, `[start, end)` in characters."""
    if "`" not in text and text.isascii():  # nothing but small letters to make
        return [(m[0].lower(), m.start(), m.end()) for m in _WORD.finditer(text)]
    return [(normalised(m[0]), m.start(), m.end()) for m in _WORD.finditer(text)]


def normalised(word: str) -> str:
    """Return a word in small letters with one spelling of apostrophes and Romanian letters."""
    if word.isascii():
        # What follows changes no letter of these, and most words are.
        return word.lower().replace("`", "'")
    return unicodedata.normalize("NFC", word.lower()).translate(_SPELLING)


def forms_of(word: str) -> frozenset[str]:
    """Return the spellings of a normalised word: as written, diacritics dropped, no apostrophe."""
    if word.isascii():
        return frozenset((word, word.replace("'", "")))
    spellings = {word, _strip(word.translate(_PLAIN)), _strip(word.translate(_DOUBLED))}
    return frozenset(spellings | {s.replace("'", "") for s in spellings})


def patterns_of(phrase: str, *, is_exact: bool = False) -> tuple[Pattern, ...]:
    """Return the patterns that a phrase stands for, one for each choice of alternatives.

    Raises:
        ConfigError: The phrase has no word, a parenthesis or brace is not closed, or a gap is too
            wide.
    """
    if set("{}") & set(_WRITTEN.sub("", phrase)):
        raise ConfigError(f"phrase {phrase!r} has a brace that is nested or follows no word")
    choices = [_choices(part, phrase, is_exact) for part in _parts(phrase)]
    n_variants = 1
    for choice in choices:
        n_variants *= len(choice)
    if n_variants > _MAX_VARIANTS:
        raise ConfigError(
            f"phrase {phrase!r} stands for {n_variants} variants, at most {_MAX_VARIANTS} are "
            "allowed; write it as several phrases"
        )
    patterns = tuple(
        dict.fromkeys(tuple(e for piece in variant for e in piece) for variant in product(*choices))
    )
    for pattern in patterns:
        needed = [isinstance(place, Word) and not place.is_optional for place in pattern]
        if not any(needed) or isinstance(pattern[0], Gap) or isinstance(pattern[-1], Gap):
            raise ConfigError(
                f"phrase {phrase!r} must have a word, and begin and end with one; a gap such as * "
                "stands between two words"
            )
    return patterns


def sample_of(phrase: str, *, in_gaps: str = "") -> str:
    """Return a phrase as somebody would say it: the first alternatives, and a word in its gaps."""
    pieces = []
    for part in _PART.finditer(phrase):
        alternatives, _, word = part.groups()
        if alternatives is not None:
            pieces.append(alternatives.split("|")[0])
        else:
            pieces.append(in_gaps if word is None else word)
    said = _ENDINGS.sub(r"\1", " ".join(pieces)).replace("~", "")
    return " ".join(said.split())


def _parts(phrase: str) -> Iterator[re.Match[str]]:
    position = 0
    for match in _PART.finditer(phrase):
        if phrase[position : match.start()].strip():
            break
        yield match
        position = match.end()
    if phrase[position:].strip():
        raise ConfigError(f"phrase {phrase!r} has a parenthesis that is nested or not closed")


def _choices(part: re.Match[str], phrase: str, is_exact: bool) -> tuple[Pattern, ...]:
    alternatives, gap, word = part.groups()
    if alternatives is not None:
        return _alternatives(alternatives, is_exact)
    if word is not None:
        return (_row(word, is_exact),)
    most = int(gap) if gap else _GAP
    if most > _MAX_GAP:
        raise ConfigError(f"phrase {phrase!r} has a gap of {most} words; at most {_MAX_GAP}")
    return ((Gap(most),),)


@cache
def _alternatives(written: str, is_exact: bool) -> tuple[Pattern, ...]:
    """Return the choices of a parenthesis; many phrases have the same ones."""
    rows = [_row(alternative, is_exact) for alternative in written.split("|")]
    single = [row[0] for row in rows if len(row) == 1]
    longer = [row for row in rows if len(row) > 1]
    if single:
        return ((_joined(single, is_optional=() in rows),), *longer)
    return (*longer, ()) if () in rows else tuple(longer)


def _joined(words: list[Word], *, is_optional: bool) -> Word:
    """Return one place for any of several words."""
    return Word(
        forms=frozenset(form for word in words for form in word.forms),
        stems=tuple(stem for word in words for stem in word.stems),
        is_optional=is_optional,
        written=frozenset(form for word in words for form in word.written),
        inflected=frozenset(form for word in words for form in word.inflected),
    )


@cache
def _row(text: str, is_exact: bool) -> tuple[Word, ...]:
    """Return the words of a piece without alternatives, each with its endings or as a stem."""
    row = []
    for match in _WRITTEN.finditer(text):
        word, mark, endings = match.groups()
        if mark == "~":
            stem = normalised(word)
            stems = {stem} if is_exact else forms_of(stem)
            row.append(Word(frozenset(), tuple(sorted(stems)), written=frozenset({stem})))
            continue
        base, *others = [normalised(word + e.strip()) for e in (endings or "").split(",")]
        written = [base, *others]
        forms = written if is_exact else [form for w in written for form in forms_of(w)]
        row.append(
            Word(frozenset(forms), written=frozenset({base}), inflected=frozenset(others) - {base})
        )
    return tuple(row)


def _strip(word: str) -> str:
    """Return a word without combining marks."""
    decomposed = unicodedata.normalize("NFD", word)
    return "".join(c for c in decomposed if not unicodedata.combining(c))
