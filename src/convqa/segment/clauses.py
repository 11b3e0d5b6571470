"""Clause groups: how speech without punctuation is cut where sentences cannot be told.

The codebook allows about 40 words. A cut is made at the longest pause where word times show one,
else before a word that often begins a clause, else evenly; never inside a word.
"""

import re
from collections.abc import Mapping, Sequence

from convqa.segment.settings import segment_settings

_WORD = re.compile(r"\S+")
_IS_ENDED = re.compile(r"[.!?…][\"'”’»«“)\]]*\Z")

Word = tuple[int, int]


def clause_spans(
    text: str,
    span: tuple[int, int],
    language: str,
    *,
    is_spoken: bool,
    pauses: Mapping[int, float],
) -> list[tuple[int, int]]:
    """Return `[start, end)` of the clause groups of a sentence; itself where it is short enough.

    Args:
        text: The text in which the sentence stands.
        span: `[start, end)` of the sentence.
        language: One of `LANGUAGES`.
        is_spoken: Whether it was said in a call; then a sentence that nothing ends has groups of at
            most `max_words`, any other text of at most `max_sentence_words`.
        pauses: Position in the text → seconds of silence before the word that begins there.
    """
    settings = segment_settings().clauses
    words = [match.span() for match in _WORD.finditer(text, *span)]
    is_ended = _IS_ENDED.search(text[span[0] : span[1]]) is not None
    limit = settings.max_words if is_spoken and not is_ended else settings.max_sentence_words
    groups: list[tuple[int, int]] = []
    first = 0
    while len(words) - first > limit:
        cut = _cut(text, words, first, limit, pauses, language)
        groups.append((words[first][0], words[cut - 1][1]))
        first = cut
    groups.append((words[first][0], words[-1][1]))
    return groups


def _cut(
    text: str,
    words: Sequence[Word],
    first: int,
    limit: int,
    pauses: Mapping[int, float],
    language: str,
) -> int:
    """Return the number of the word that begins the next group."""
    settings = segment_settings().clauses
    connectives = settings.connectives[language]
    n_left = len(words) - first
    n_groups = -(-n_left // limit)
    even = first + -(-n_left // n_groups)
    n_min = min(settings.min_words, limit // 2)
    places = range(first + n_min, min(first + limit, len(words) - n_min) + 1)
    at_pause = [i for i in places if pauses.get(words[i][0], 0.0) >= settings.min_pause_s]
    if at_pause:
        return max(at_pause, key=lambda i: (pauses[words[i][0]], -abs(i - even)))
    at_clause = [i for i in places if _begins_clause(text, words[i - 1], words[i], connectives)]
    return min(at_clause, key=lambda i: (abs(i - even), i), default=even)


def _begins_clause(text: str, before: Word, word: Word, connectives: frozenset[str]) -> bool:
    """Say whether a comma parts two words, or the second begins a clause and the first does not."""
    previous = text[slice(*before)].lower()
    if previous[-1] in ",;:":
        return True
    return text[slice(*word)].lower() in connectives and previous not in connectives
