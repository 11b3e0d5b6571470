"""Other readings of a text: words with a typing error, and words that a recogniser cut in two.

Both are read only as a word that some phrase has, and only where that is safe: a long word with one
letter too many or too few or two exchanged inside it («gaurantee»), never in its first or its last
two letters, where another letter is another form or word, and never one wrong letter, which gives
other words three times as often; two words that together are a long word of a phrase («kort
nummeret», «PIN-koden»).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from convqa.detect.phrase_context import Row
from convqa.detect.phrase_patterns import BOUNDARY, Pattern, Word

# Shorter words have other words for neighbours too often; of those with eight letters or more the
# files name the neighbours that are words (`real_words`).
_MIN_TYPO_LETTERS = 8
# Shorter ones are joined from common words by accident («al la»).
_MIN_SPLIT_LETTERS = 6
_KEPT_FIRST = 1
_KEPT_LAST = 2


class Readings:
    """Finds other readings of texts by the words of patterns.

    Args:
        patterns: The patterns of all rules that take respelt words.
        real_words: Words that are no typing errors although they are one letter from a phrase's.
    """

    def __init__(self, patterns: Iterable[Pattern], real_words: Collection[str] = ()) -> None:
        words = {place for pattern in patterns for place in pattern if isinstance(place, Word)}
        known = {form for word in words for form in word.forms}
        self._known = frozenset(known)
        self._real = frozenset(real_words)
        self._stems = tuple(sorted({stem for word in words for stem in word.stems}))
        self._joined = frozenset(w for w in known if len(w) >= _MIN_SPLIT_LETTERS)
        by_deletion: dict[str, list[str]] = defaultdict(list)
        # A word without its diacritics and with a typing error besides is too far from the phrase.
        as_written = {
            form for word in words for form in word.forms & (word.written | word.inflected)
        }
        for word in sorted(as_written):
            if len(word) >= _MIN_TYPO_LETTERS and word.isalpha():
                for key in _deletions(word):
                    by_deletion[key].append(word)
        self._by_deletion = dict(by_deletion)

    def of(self, row: Row) -> Iterator[Row]:
        """Yield a row with typing errors mended, and one with cut words joined where there are."""
        mended = self._mend(row)
        yield mended
        joined = self._join(mended)
        if joined is not None:
            yield joined

    def _mend(self, row: Row) -> Row:
        words, changed = list(row.words), list(row.changed)
        for i, word in enumerate(words):
            if len(word) >= _MIN_TYPO_LETTERS - 1 and word not in self._known:
                meant = self._meant(word)
                if meant is not None:
                    words[i], changed[i] = meant, "typo"
        return Row(row.text, tuple(words), row.starts, row.ends, tuple(changed))

    def _meant(self, word: str) -> str | None:
        """Return the word of a phrase that an unknown word is one letter from, None if none is."""
        if not word.isalpha() or word in self._real or word.startswith(self._stems):
            return None
        near = {w for key in _deletions(word) for w in self._by_deletion.get(key, ())}
        return min((w for w in near if _is_one_edit_inside(word, w)), default=None)

    def _join(self, row: Row) -> Row | None:
        words: list[tuple[str, int, int, str]] = []
        has_joined = False
        for word, start, end, changed in zip(
            row.words, row.starts, row.ends, row.changed, strict=True
        ):
            if words and BOUNDARY not in (word, words[-1][0]) and words[-1][3] != "split":
                before, first, stop, _ = words[-1]
                if before + word in self._joined and not row.text[stop:start].strip(" -\u2010"):
                    words[-1] = (before + word, first, end, "split")
                    has_joined = True
                    continue
            words.append((word, start, end, changed))
        if not has_joined:
            return None
        return Row(
            row.text,
            tuple(w for w, _, _, _ in words),
            tuple(s for _, s, _, _ in words),
            tuple(e for _, _, e, _ in words),
            tuple(c for _, _, _, c in words),
        )


def _deletions(word: str) -> set[str]:
    """Return the word and what is left of it without one of its inner letters."""
    inner = range(_KEPT_FIRST, len(word) - _KEPT_LAST)
    return {word, *(word[:i] + word[i + 1 :] for i in inner)}


def _is_one_edit_inside(word: str, other: str) -> bool:
    """Return whether one letter more or less, or two exchanged, parts two unequal words.

    Neither in the first nor in the last two letters.
    """
    shorter = min(len(word), len(other))
    start = 0
    while start < shorter and word[start] == other[start]:
        start += 1
    end = 0
    while end < shorter - start and word[-1 - end] == other[-1 - end]:
        end += 1
    if start < _KEPT_FIRST or end < _KEPT_LAST:
        return False
    a, b = word[start : len(word) - end], other[start : len(other) - end]
    return len(a) + len(b) == 1 or (len(a) == 2 and a == b[::-1])
