"""Words around a phrase that take away its force: quotation, negation, report and warning."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from convqa.detect.phrase_index import PatternIndex
from convqa.detect.phrase_patterns import BOUNDARY, Pattern, patterns_of, words_of
from convqa.standard import Cues

_QUOTES = re.compile(
    r"«[^«»]*»|»[^«»]*[«»]|“[^“”]*”|”[^”]*”|„[^“”„]*[”“]|\"[^\"]*\""
    # In single marks an apostrophe ends nothing: 'you're late'.
    r"|(?<!\w)['‘’](?:[^'‘’]|(?<=\w)['’](?=\w))*['’](?!\w)"
)
_QUOTE_SIGN = re.compile("[«»“”„\"'‘’]")
_CLAUSE_END = re.compile(r"[.!?;:,–—…\n]|\s-\s")
_SENTENCE_END = re.compile(r"[.!?;…\n]")
# A full stop within a number or an address ends no sentence. It is looked for between two words,
# so it may not look beyond them.
_BETWEEN_SENTENCES = re.compile(r"[.!?…]+[\"'”’»«“)\]]*\s|\n")
# The texts of some ten conversations, and what agents say all day.
_N_REMEMBERED = 2048
_MAX_CHARS = 1000  # longer ones would fill the memory


@dataclass(frozen=True, slots=True)
class Row:
    """The words of a text, normalised, and where each begins and ends.

    Between two sentences stands a `BOUNDARY` of no length. `changed` says of each word how it was
    read otherwise than it stands there: «typo», «split», or «» for as it stands.
    """

    text: str
    words: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CompiledCues:
    """Cue words of a language as patterns."""

    negation: PatternIndex
    before: PatternIndex
    after: PatternIndex
    reach: int


def compile_cues(cues: Cues) -> CompiledCues:
    """Return cue words as patterns."""
    return CompiledCues(
        negation=index_of(cues.negation),
        before=index_of((*cues.report, *cues.warning)),
        after=index_of(cues.after),
        reach=cues.reach,
    )


def index_of(phrases: Sequence[str]) -> PatternIndex:
    """Return an index of phrases, numbered in their order."""
    return PatternIndex(_numbered(phrases))


def row_of(text: str) -> Row:
    """Return the words of a text as they stand; several detectors ask for those of one text."""
    return _remembered(text) if len(text) <= _MAX_CHARS else _row(text)


@lru_cache(maxsize=_N_REMEMBERED)
def _remembered(text: str) -> Row:
    return _row(text)


def _row(text: str) -> Row:
    words: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    end_before = 0
    for word, start, end in words_of(text):
        is_apart = bool(words) and text[end_before:start] not in ("", " ")
        if is_apart and _BETWEEN_SENTENCES.search(text, end_before, start):
            words.append(BOUNDARY)
            starts.append(start)
            ends.append(start)
        words.append(word)
        starts.append(start)
        ends.append(end)
        end_before = end
    return Row(text, tuple(words), tuple(starts), tuple(ends), ("",) * len(words))


def is_quoted(text: str, start: int, end: int) -> bool:
    """Return whether characters `[start, end)` are in quotation marks within a longer text."""
    starts, ends = _quotations(text)
    before = bisect_right(starts, start) - 1
    return before >= 0 and end <= ends[before]


# Long texts are asked about hit by hit.
@lru_cache(maxsize=8)
def _quotations(text: str) -> tuple[Sequence[int], Sequence[int]]:
    """Return the beginnings and the ends of what is in quotation marks within a longer text."""
    if _QUOTE_SIGN.search(text) is None:
        return (), ()
    length = len(text.strip())
    found = [q.span() for q in _QUOTES.finditer(text) if len(q[0]) < length]
    return [start for start, _ in found], [end for _, end in found]


def is_meant(row: Row, first: int, last: int, cues: CompiledCues, *, is_negative: bool) -> bool:
    """Return whether words `[first, last)` are neither quoted, negated, reported nor warned about.

    `is_negative` says that a negation is part of the phrase («not my problem»).
    """
    start, end = row.starts[first], row.ends[last - 1]
    if is_quoted(row.text, start, end):
        return False
    if any(cues.negation.find(row.words[first:last])):
        # In «not my problem» the negation is the phrase's own, in «give nobody your PIN» it is not.
        if not is_negative:
            return False
    elif any(cues.negation.find(_words_before(row, first, cues.reach, _CLAUSE_END))):
        return False
    if any(cues.before.find(_words_before(row, first, cues.reach, _SENTENCE_END))):
        return False
    return not any(cues.after.find(row.words[last : last + cues.reach]))


def _words_before(row: Row, first: int, reach: int, stop: re.Pattern[str]) -> tuple[str, ...]:
    """Return up to `reach` words before a match, none from before the last stop."""
    i = first
    while i > 0 and first - i < reach and not stop.search(row.text, row.ends[i - 1], row.starts[i]):
        i -= 1
    return row.words[i:first]


def _numbered(phrases: Sequence[str]) -> Iterator[tuple[int, Pattern]]:
    for number, phrase in enumerate(phrases):
        for pattern in patterns_of(phrase):
            yield number, pattern
