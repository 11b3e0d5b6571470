"""Patterns filed under their rarest word, so that ten thousand of them cost little.

Only patterns whose rarest word is in the text are tried, from that word to both sides.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from convqa.detect.phrase_patterns import BOUNDARY, Gap, Pattern, Word


class _Filed(NamedTuple):
    """A pattern with the number of its rule; `anchor` is the place of its rarest word.

    `after` and `before` are the words of which one has to stand beside the anchor, None where
    others may: most patterns that are tried fail there.
    """

    rule: int
    pattern: Pattern
    anchor: int
    after: frozenset[str] | None
    before: frozenset[str] | None


class PatternIndex:
    """Finds patterns in rows of words."""

    def __init__(self, patterns: Iterable[tuple[int, Pattern]]) -> None:
        numbered = list(patterns)
        places = Counter(
            place for _, pattern in numbered for place in pattern if isinstance(place, Word)
        )
        commonness: Counter[str] = Counter()
        for word, n in places.items():
            for form in word.forms:
                commonness[form] += n
        costs = {word: _cost(word, commonness) for word in places}
        self._by_word: dict[str, list[_Filed]] = defaultdict(list)
        self._by_stem: dict[str, list[_Filed]] = defaultdict(list)
        for rule, pattern in numbered:
            anchor = _rarest(pattern, costs)
            place = pattern[anchor]
            if isinstance(place, Word):
                after, before = _required(pattern, anchor + 1), _required(pattern, anchor - 1)
                filed = _Filed(rule, pattern, anchor, after, before)
                for form in place.forms:
                    self._by_word[form].append(filed)
                for stem in place.stems:
                    self._by_stem[stem].append(filed)
        self._stem_lengths = sorted({len(stem) for stem in self._by_stem})

    def find(self, words: Sequence[str]) -> Iterator[tuple[int, int, int]]:
        """Yield (rule, first word, word after the last) of each match, in no set order."""
        for position, word in enumerate(words):
            filed = self._by_word.get(word)
            if filed is not None:
                yield from _try_all(filed, words, position)
            for length in self._stem_lengths:
                if length > len(word):
                    break
                filed = self._by_stem.get(word[:length])
                if filed is not None:
                    yield from _try_all(filed, words, position)


def _try_all(
    filed: Iterable[_Filed], words: Sequence[str], position: int
) -> Iterator[tuple[int, int, int]]:
    following = words[position + 1] if position + 1 < len(words) else BOUNDARY
    preceding = words[position - 1] if position else BOUNDARY
    for rule, pattern, anchor, after, before in filed:
        if after is not None and following not in after:
            continue
        if before is not None and preceding not in before:
            continue
        end = _forwards(pattern, anchor + 1, words, position + 1)
        if end is None:
            continue
        start = _backwards(pattern, anchor - 1, words, position - 1)
        if start is not None:
            yield rule, start, end


def _required(pattern: Pattern, place: int) -> frozenset[str] | None:
    """Return the words that may stand at a place, None if others may, or none need to."""
    if not 0 <= place < len(pattern):
        return None
    here = pattern[place]
    if isinstance(here, Gap) or here.is_optional or here.stems:
        return None
    return here.forms


def _forwards(pattern: Pattern, place: int, words: Sequence[str], position: int) -> int | None:
    """Return the end of the rest of a pattern from a place on, None if it does not fit."""
    if place == len(pattern):
        return position
    here = pattern[place]
    if isinstance(here, Gap):
        for skipped in range(here.most + 1):
            end = _forwards(pattern, place + 1, words, position + skipped)
            if end is not None:
                return end
            if position + skipped >= len(words) or words[position + skipped] == BOUNDARY:
                return None
        return None
    if position < len(words) and here.accepts(words[position]):
        end = _forwards(pattern, place + 1, words, position + 1)
        if end is not None:
            return end
    return _forwards(pattern, place + 1, words, position) if here.is_optional else None


def _backwards(pattern: Pattern, place: int, words: Sequence[str], position: int) -> int | None:
    """Return the beginning of a pattern that has to end at a place, None if it does not fit."""
    if place < 0:
        return position + 1
    here = pattern[place]
    if isinstance(here, Gap):
        for skipped in range(here.most + 1):
            start = _backwards(pattern, place - 1, words, position - skipped)
            if start is not None:
                return start
            if position < skipped or words[position - skipped] == BOUNDARY:
                return None
        return None
    if position >= 0 and here.accepts(words[position]):
        start = _backwards(pattern, place - 1, words, position - 1)
        if start is not None:
            return start
    return _backwards(pattern, place - 1, words, position) if here.is_optional else None


def _cost(word: Word, commonness: Counter[str]) -> tuple[bool, int]:
    """Return how much is tried at a word: little where few patterns share it, most at a stem.

    A stem is as common as it is short, and is looked up for every length.
    """
    if word.stems:
        return True, -max(len(stem) for stem in word.stems)
    return False, sum(commonness[form] for form in word.forms)


def _rarest(pattern: Pattern, costs: Mapping[Word, tuple[bool, int]]) -> int:
    """Return the place of the needed word that costs least."""
    needed = [
        (costs[place], i)
        for i, place in enumerate(pattern)
        if isinstance(place, Word) and not place.is_optional
    ]
    return min(needed)[1]
