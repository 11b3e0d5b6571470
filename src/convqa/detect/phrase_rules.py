"""The phrase lists of a standard, compiled: what is looked for in each language."""

import gc
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from convqa.detect.meaning import CompiledMeanings, compile_meanings
from convqa.detect.phrase_context import CompiledCues, compile_cues, index_of
from convqa.detect.phrase_index import PatternIndex
from convqa.detect.phrase_patterns import Pattern, Word, normalised, patterns_of, words_of
from convqa.detect.phrase_readings import Readings
from convqa.errors import ConfigError
from convqa.standard import Cues, PhraseList, PhraseRule, Standard


@dataclass(frozen=True)
class CompiledRule:
    """A rule with its list.

    `unless` are the phrases in whose place it does not count, `rescued_by` those that make up for
    it, `negations` the words that negate in its language. What only a hit asks for is worked out
    when one does: of ten thousand phrases few are ever said.
    """

    phrase_list: PhraseList
    rule: PhraseRule
    unless: tuple[PatternIndex, ...]
    rescued_by: PatternIndex | None
    negations: PatternIndex

    @cached_property
    def is_negative(self) -> bool:
        """Whether a negation, of one word or more, is or may be a part of it («not my problem»)."""
        rows = [[word for word, _, _ in words_of(phrase)] for phrase in self.rule.say]
        words = ([word] for word in self.written | self.inflected)
        return any(any(self.negations.find(row)) for row in (*rows, *words))

    @cached_property
    def written(self) -> frozenset[str]:
        """Its words as they stand there."""
        return frozenset(form for place in self._places for form in place.written)

    @cached_property
    def inflected(self) -> frozenset[str]:
        """Its words with other endings."""
        found = frozenset(form for place in self._places for form in place.inflected)
        return found - self.written

    @cached_property
    def respelt(self) -> frozenset[str]:
        """The same words in other spellings."""
        found = frozenset(form for place in self._places for form in place.forms)
        return found - self.written - self.inflected

    @cached_property
    def stems(self) -> tuple[str, ...]:
        """Those of which only the beginning stands there."""
        return tuple(sorted({stem for place in self._places for stem in place.stems}))

    @cached_property
    def _places(self) -> frozenset[Word]:
        return frozenset(
            place
            for pattern in _patterns(self.rule)
            for place in pattern
            if isinstance(place, Word)
        )


@dataclass(frozen=True, slots=True)
class CompiledLanguage:
    """All rules of one language and whose words they are for."""

    rules: tuple[CompiledRule, ...]
    roles: frozenset[str]
    index: PatternIndex
    cues: CompiledCues
    readings: Readings


@dataclass(frozen=True, slots=True)
class CompiledPhrases:
    """The phrase lists of a standard, ready to match, and the rules that are known by examples."""

    languages: dict[str, CompiledLanguage]
    meanings: CompiledMeanings


def compile_phrases(
    standard: Standard, vectors: Mapping[str, bytes] | None = None
) -> CompiledPhrases:
    """Return the phrase lists of a standard and its files, ready to match.

    Args:
        standard: The standard, its phrase files read.
        vectors: The quantised vectors of `meaning_texts`; without them no paraphrase is found.

    Raises:
        ConfigError: A phrase is not written as `phrase_patterns` tells.
    """
    lists: dict[str, list[PhraseList]] = defaultdict(list)
    cues: dict[str, Cues] = {}
    for book in standard.phrase_books:
        cues.setdefault(book.language, book.cues)
    for phrase_list in standard.all_phrase_lists:
        lists[phrase_list.language].append(phrase_list)
    with _no_collection():
        languages = {x: _compile_language(lists[x], cues.get(x, Cues())) for x in sorted(lists)}
    return CompiledPhrases(languages, compile_meanings(standard, vectors or {}))


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the garbage collector from looking through patterns that all stay."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def has_same_phrases(one: Standard, other: Standard) -> bool:
    """Return whether two standards find the same phrases and paraphrases in every conversation."""
    first, second = (
        (standard.phrase_books, standard.phrase_lists, standard.confidence.meaning)
        for standard in (one, other)
    )
    return first == second


def _compile_language(lists: Sequence[PhraseList], cues: Cues) -> CompiledLanguage:
    compiled = compile_cues(cues)
    rules: list[CompiledRule] = []
    patterns: list[tuple[int, Pattern]] = []
    for phrase_list in lists:
        try:
            for rule, found in _rules(phrase_list, compiled.negation):
                patterns.extend((len(rules), pattern) for pattern in found)
                rules.append(rule)
        except ConfigError as err:
            place = f"phrase list {phrase_list.id} ({phrase_list.language})"
            raise ConfigError(f"{place}: {err}") from err
    readable = [pattern for number, pattern in patterns if not rules[number].rule.is_exact]
    exact = (pattern for number, pattern in patterns if rules[number].rule.is_exact)
    real_words = {normalised(word) for word in cues.real_words}.union(
        *(place.forms for pattern in exact for place in pattern if isinstance(place, Word))
    )
    readings = Readings(readable, real_words)
    roles = frozenset(phrase_list.role for phrase_list in lists)
    return CompiledLanguage(tuple(rules), roles, PatternIndex(patterns), compiled, readings)


def _rules(
    phrase_list: PhraseList, negations: PatternIndex
) -> Iterator[tuple[CompiledRule, list[Pattern]]]:
    rescued_by = index_of(phrase_list.rescued_by) if phrase_list.rescued_by else None
    unless = (index_of(phrase_list.unless),) if phrase_list.unless else ()
    for rule in phrase_list.phrases:
        own = (*unless, index_of(rule.unless)) if rule.unless else unless
        yield CompiledRule(phrase_list, rule, own, rescued_by, negations), _patterns(rule)


def _patterns(rule: PhraseRule) -> list[Pattern]:
    return [p for phrase in rule.say for p in patterns_of(phrase, is_exact=rule.is_exact)]
