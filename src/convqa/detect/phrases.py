"""Forbidden and required phrases, found by matching words.

What a hit needs: the phrase's words in order, said by whom the list is for, in one segment, and,
unless the list says otherwise, neither quoted, negated, reported nor warned about. Lists and the
words that take away a phrase's force («never», «the message says») are in `configs/phrases/`; how
phrases are written is told in `phrase_patterns`. The lists aim at precision first.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from convqa.detect.phrase_index import PatternIndex
from convqa.detect.phrase_patterns import Pattern, forms_of, patterns_of, words_of
from convqa.errors import ConfigError
from convqa.schema import Finding, Segment, SegmentedConversation, Span
from convqa.standard import Cues, PhraseList, PhraseRule, Standard

_QUOTES = re.compile(
    r"«[^«»]*»|»[^«»]*«|“[^“”]*”|”[^”]*”|„[^“”„]*[”“]|\"[^\"]*\"|(?<!\w)['‘’][^'‘’]*['’](?!\w)"
)
_CLAUSE_END = re.compile(r"[.!?;:,–—…\n]|\s-\s")
_SENTENCE_END = re.compile(r"[.!?;…\n]")


@dataclass(frozen=True, slots=True)
class _Rule:
    """A rule with its list.

    `unless` are the phrases in whose place it does not count, `rescued_by` those that make up for
    it, `respelt` its words without diacritics or apostrophes. `is_negative` says that a negation is
    part of it («not my problem»).
    """

    phrase_list: PhraseList
    rule: PhraseRule
    unless: PatternIndex | None
    rescued_by: PatternIndex | None
    respelt: frozenset[str]
    is_negative: bool


@dataclass(frozen=True, slots=True)
class _Cues:
    """Cue words of a language as patterns."""

    negation: PatternIndex
    before: PatternIndex
    after: PatternIndex
    reach: int


@dataclass(frozen=True, slots=True)
class _Language:
    """All rules of one language."""

    rules: tuple[_Rule, ...]
    index: PatternIndex
    cues: _Cues


@dataclass(frozen=True, slots=True)
class CompiledPhrases:
    """The phrase lists of a standard, ready to match."""

    languages: dict[str, _Language]


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a text: normalised, and where each begins and ends."""

    text: str
    words: list[str]
    starts: list[int]
    ends: list[int]


def compile_phrases(standard: Standard) -> CompiledPhrases:
    """Return the phrase lists of a standard and its files, ready to match.

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
        {x: _compile_language(lists[x], cues.get(x, Cues())) for x in sorted(lists)}
    )


def detect_phrases(segmented: SegmentedConversation, phrases: CompiledPhrases) -> list[Finding]:
    """Return a finding for every phrase said by whom its list is for, in the order said.

    A phrase of a forbidden category gives kind `forbidden` with the category as label, any other
    kind `phrase` with the label `<list>.<rule>`. `detail` tells list, rule and how it matched.
    Unknown speakers are matched too; scoring does not hold that against anyone.
    """
    findings: list[Finding] = []
    for segment in segmented.segments:
        language = phrases.languages.get(segment.language)
        if language is not None:
            for hit in _find(_split(segment.text), language, segment.role):
                findings.append(_finding(hit, _spans(segment, hit.start, hit.end), segment.index))
    language = phrases.languages.get(segmented.language or "")
    for number, turn in enumerate(segmented.conversation.turns):
        if language is not None and turn.role == "other":
            for hit in _find(_split(turn.text), language, "other"):
                findings.append(_finding(hit, (Span(number, hit.start, hit.end),), None))
    return sorted(findings, key=lambda f: (f.spans[0].turn, f.spans[0].char_start, f.detail))


@dataclass(frozen=True, slots=True)
class _Hit:
    """A rule that matched characters `[start, end)` of a text."""

    rule: _Rule
    start: int
    end: int
    how: str

    @property
    def label(self) -> str:
        return self.rule.phrase_list.forbidden or f"{self.rule.phrase_list.id}.{self.rule.rule.id}"


def _finding(hit: _Hit, spans: tuple[Span, ...], segment: int | None) -> Finding:
    phrase_list = hit.rule.phrase_list
    return Finding(
        kind="phrase" if phrase_list.forbidden is None else "forbidden",
        label=hit.label,
        source="phrase",
        spans=spans,
        segment=segment,
        detail=f"{phrase_list.id}.{hit.rule.rule.id}: {hit.how}",
    )


def _find(said: _Words, language: _Language, role: str) -> list[_Hit]:
    """Return the hits in a text, the longest only where hits with one label overlap."""
    hits: list[_Hit] = []
    for number, first, last in set(language.index.find(said.words)):
        rule = language.rules[number]
        if role not in (rule.phrase_list.role, "unknown") or (
            role == "unknown" and rule.phrase_list.role == "other"
        ):
            continue
        if rule.unless is not None and any(
            start < last and first < end for _, start, end in rule.unless.find(said.words)
        ):
            continue
        if rule.rescued_by is not None and any(rule.rescued_by.find(said.words[last:])):
            continue
        if rule.phrase_list.counts_when_quoted or _is_meant(
            said, first, last, language.cues, is_negative=rule.is_negative
        ):
            how = "exact" if rule.respelt.isdisjoint(said.words[first:last]) else "respelt"
            hits.append(_Hit(rule, said.starts[first], said.ends[last - 1], how))
    hits.sort(key=lambda h: (h.label, h.start - h.end, h.start, h.rule.rule.id))
    kept: list[_Hit] = []
    for hit in hits:
        if not any(k.label == hit.label and k.start < hit.end and hit.start < k.end for k in kept):
            kept.append(hit)
    return kept


def _is_meant(said: _Words, first: int, last: int, cues: _Cues, *, is_negative: bool) -> bool:
    """Return whether a phrase is neither quoted, negated, reported nor warned about."""
    start, end = said.starts[first], said.ends[last - 1]
    for quote in _QUOTES.finditer(said.text):
        if quote.start() <= start and end <= quote.end() and len(quote[0]) < len(said.text.strip()):
            return False
    if any(cues.negation.find(said.words[first:last])):
        # In «not my problem» the negation is the phrase's own, in «give nobody your PIN» it is not.
        if not is_negative:
            return False
    elif any(cues.negation.find(_words_before(said, first, cues.reach, _CLAUSE_END))):
        return False
    if any(cues.before.find(_words_before(said, first, cues.reach, _SENTENCE_END))):
        return False
    return not any(cues.after.find(said.words[last : last + cues.reach]))


def _words_before(said: _Words, first: int, reach: int, stop: re.Pattern[str]) -> list[str]:
    """Return up to `reach` words before a match, none from before the last stop."""
    words: list[str] = []
    for i in range(first - 1, max(-1, first - 1 - reach), -1):
        if stop.search(said.text, said.ends[i], said.starts[i + 1]):
            break
        words.insert(0, said.words[i])
    return words


def _split(text: str) -> _Words:
    found = words_of(text)
    return _Words(
        text, [w for w, _, _ in found], [s for _, s, _ in found], [e for _, _, e in found]
    )


def _spans(segment: Segment, start: int, end: int) -> tuple[Span, ...]:
    """Return where characters `[start, end)` of a segment's text stand in its turns."""
    spans = []
    offset = 0
    for span in segment.spans:
        length = span.char_end - span.char_start
        first, last = max(start, offset), min(end, offset + length)
        if first < last:
            shift = span.char_start - offset
            spans.append(Span(span.turn, first + shift, last + shift))
        offset += length + 1
    return tuple(spans)


def _compile_language(lists: Sequence[PhraseList], cues: Cues) -> _Language:
    compiled = _Cues(
        negation=_index(cues.negation),
        before=_index((*cues.report, *cues.warning)),
        after=_index(cues.after),
        reach=cues.reach,
    )
    rules: list[_Rule] = []
    patterns: list[tuple[int, Pattern]] = []
    for phrase_list in lists:
        try:
            for rule in _rules(phrase_list, compiled.negation):
                for phrase in rule.rule.say:
                    found = patterns_of(phrase, is_exact=rule.rule.is_exact)
                    patterns.extend((len(rules), pattern) for pattern in found)
                rules.append(rule)
        except ConfigError as err:
            place = f"phrase list {phrase_list.id} ({phrase_list.language})"
            raise ConfigError(f"{place}: {err}") from err
    return _Language(tuple(rules), PatternIndex(patterns), compiled)


def _rules(phrase_list: PhraseList, negation: PatternIndex) -> Iterator[_Rule]:
    rescued_by = _index(phrase_list.rescued_by) if phrase_list.rescued_by else None
    for rule in phrase_list.phrases:
        words = [word for phrase in rule.say for word, _, _ in words_of(phrase)]
        yield _Rule(
            phrase_list=phrase_list,
            rule=rule,
            unless=_index(rule.unless) if rule.unless else None,
            rescued_by=rescued_by,
            respelt=frozenset(form for word in words for form in forms_of(word)) - set(words),
            is_negative=any(negation.find(words)),
        )


def _index(phrases: Sequence[str]) -> PatternIndex:
    return PatternIndex(_numbered(phrases))


def _numbered(phrases: Sequence[str]) -> Iterator[tuple[int, Pattern]]:
    for number, phrase in enumerate(phrases):
        for pattern in patterns_of(phrase):
            yield number, pattern
