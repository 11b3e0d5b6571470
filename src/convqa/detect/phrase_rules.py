"""The phrase lists of a standard, compiled: what is looked for in each language."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from convqa.detect.meaning import CompiledMeanings, compile_meanings
from convqa.detect.phrase_context import CompiledCues, compile_cues, index_of
from convqa.detect.phrase_index import PatternIndex
from convqa.detect.phrase_patterns import Pattern, Word, normalised, patterns_of, words_of
from convqa.detect.phrase_readings import Readings
from convqa.errors import ConfigError
from convqa.standard import Cues, PhraseList, PhraseRule, Standard


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule with its list.

    `unless` are the phrases in whose place it does not count, `rescued_by` those that make up for
    it. `is_negative` says that a negation is part of it («not my problem»). `written`, `inflected`
    and `respelt` are its words by how they stand there, `stems` those that only begin so.
    """

    phrase_list: PhraseList
    rule: PhraseRule
    unless: tuple[PatternIndex, ...]
    rescued_by: PatternIndex | None
    is_negative: bool
    written: frozenset[str]
    inflected: frozenset[str]
    respelt: frozenset[str]
    stems: tuple[str, ...]


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
    return CompiledPhrases(
        {x: _compile_language(lists[x], cues.get(x, Cues())) for x in sorted(lists)},
        compile_meanings(standard, vectors or {}),
    )


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
    readings = Readings(readable, [normalised(word) for word in cues.real_words])
    roles = frozenset(phrase_list.role for phrase_list in lists)
    return CompiledLanguage(tuple(rules), roles, PatternIndex(patterns), compiled, readings)


def _rules(
    phrase_list: PhraseList, negation: PatternIndex
) -> Iterator[tuple[CompiledRule, list[Pattern]]]:
    rescued_by = index_of(phrase_list.rescued_by) if phrase_list.rescued_by else None
    unless = (index_of(phrase_list.unless),) if phrase_list.unless else ()
    for rule in phrase_list.phrases:
        patterns = [p for phrase in rule.say for p in patterns_of(phrase, is_exact=rule.is_exact)]
        places = {place for pattern in patterns for place in pattern if isinstance(place, Word)}
        written = frozenset(form for place in places for form in place.written)
        inflected = frozenset(form for place in places for form in place.inflected) - written
        compiled = CompiledRule(
            phrase_list=phrase_list,
            rule=rule,
            unless=(*unless, index_of(rule.unless)) if rule.unless else unless,
            rescued_by=rescued_by,
            is_negative=_holds_negation(rule, written | inflected, negation),
            written=written,
            inflected=inflected,
            respelt=frozenset(f for place in places for f in place.forms) - written - inflected,
            stems=tuple(sorted({stem for place in places for stem in place.stems})),
        )
        yield compiled, patterns


def _holds_negation(rule: PhraseRule, words: frozenset[str], negation: PatternIndex) -> bool:
    """Return whether a negation, of one word or more, may be a part of the phrase."""
    rows = [[word for word, _, _ in words_of(phrase)] for phrase in rule.say]
    return any(any(negation.find(row)) for row in [*rows, *([word] for word in words)])
