"""Forbidden and required phrases, found by matching words.

What a hit needs: the phrase's words in order, said by whom the list is for, in one segment, and,
unless the list says otherwise, neither quoted, negated, reported nor warned about. Lists and the
words that take away a phrase's force («never», «the message says») are in `configs/phrases/`; how
phrases are written is told in `phrase_patterns`. The lists aim at precision first.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from convqa.detect.meaning import detect_meanings
from convqa.detect.phrase_context import Row, is_meant, is_quoted, row_of
from convqa.detect.phrase_rules import (
    CompiledLanguage,
    CompiledPhrases,
    CompiledRule,
    compile_phrases,
)
from convqa.schema import Finding, Segment, SegmentedConversation, Span, Turn

__all__ = ["CompiledPhrases", "compile_phrases", "detect_phrases", "spans_in"]


@dataclass(frozen=True, slots=True)
class _Hit:
    """A rule that matched characters `[start, end)` of a text."""

    rule: CompiledRule
    start: int
    end: int
    how: str

    @property
    def label(self) -> str:
        return self.rule.phrase_list.forbidden or f"{self.rule.phrase_list.id}.{self.rule.rule.id}"


def detect_phrases(
    segmented: SegmentedConversation, phrases: CompiledPhrases, vectors: Sequence[bytes] = ()
) -> list[Finding]:
    """Return a finding for every phrase said by whom its list is for, in the order said.

    Args:
        segmented: The conversation.
        phrases: The lists.
        vectors: The quantised vector of each segment, for what is known by examples.

    A phrase of a forbidden category gives kind `forbidden` with the category as label, any other
    kind `phrase` with the label `<list>.<rule>`. `detail` tells list, rule and how it matched:
    `exact`, `respelt` (diacritics or apostrophes dropped), `inflected` (with another ending),
    `typo` or `split` (cut in two); the furthest from the phrase as written where several are true.
    After these come paraphrases, `meaning` with the nearest example, where no words matched.
    Unknown speakers are matched too; scoring does not hold that against anyone.
    """
    findings: list[Finding] = []
    segments = segmented.segments
    for number, segment in enumerate(segments):
        language = phrases.languages.get(segment.language)
        if language is not None and any(_is_for(role, segment.role) for role in language.roles):
            row = row_of(segment.text)
            for hit in _find(row, language, segment.role, segments[number + 1 :]):
                spans = spans_in(segment, hit.start, hit.end)
                if not _is_quoted(hit, spans, segmented.conversation.turns):
                    findings.append(_finding(hit, spans, segment.index))
    language = phrases.languages.get(segmented.language or "")
    for number, turn in enumerate(segmented.conversation.turns):
        if language is not None and turn.role == "other":
            for hit in _find(row_of(turn.text), language, "other", ()):
                findings.append(_finding(hit, (Span(number, hit.start, hit.end),), None))
    findings.sort(key=lambda f: (f.spans[0].turn, f.spans[0].char_start, f.detail))
    known = {(f.segment, f.label) for f in findings}
    meant = detect_meanings(segmented, vectors, phrases.meanings)
    return [*findings, *(f for f in meant if (f.segment, f.label) not in known)]


def _is_quoted(hit: _Hit, spans: Sequence[Span], turns: Sequence[Turn]) -> bool:
    """Return whether a hit stands in a quotation, which may be longer than a segment."""
    return not hit.rule.phrase_list.counts_when_quoted and any(
        is_quoted(turns[span.turn].text, span.char_start, span.char_end) for span in spans
    )


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


def _find(
    text: Row, language: CompiledLanguage, role: str, following: Sequence[Segment]
) -> list[_Hit]:
    """Return the hits in a text, the longest only where hits with one label overlap.

    `following` are the segments after it in the conversation.
    """
    hits = [
        _Hit(rule, row.starts[first], row.ends[last - 1], _how(rule, row, first, last))
        for row in language.readings.of(text)
        for rule, first, last in _matches(row, language)
        if _is_for(rule.phrase_list.role, role)
        and not _is_excused(rule, row.starts[first], row.ends[last - 1], (text, row))
        and not _is_rescued(rule, row, last, role, following)
        and (
            rule.phrase_list.counts_when_quoted
            or is_meant(row, first, last, language.cues, is_negative=rule.is_negative)
        )
    ]
    hits.sort(key=lambda h: (h.label, h.start - h.end, h.start, h.rule.rule.id))
    kept: list[_Hit] = []
    for hit in hits:
        if not any(k.label == hit.label and k.start < hit.end and hit.start < k.end for k in kept):
            kept.append(hit)
    return kept


def _matches(row: Row, language: CompiledLanguage) -> Iterator[tuple[CompiledRule, int, int]]:
    """Yield (rule, first word, word after the last), from a joined row only what joining gave.

    A typing error is taken for one where other words of the phrase are around it, and an exact rule
    takes no other reading.
    """
    is_joined = "split" in row.changed
    for number, first, last in set(language.index.find(row.words)):
        rule, changed = language.rules[number], row.changed[first:last]
        if rule.rule.is_exact and any(changed):
            continue
        if changed != ("typo",) and (not is_joined or "split" in changed):
            yield rule, first, last


def _is_for(wanted: str, role: str) -> bool:
    """Return whether the words of a speaker may count for a list for the words of another."""
    return wanted != "other" if role == "unknown" else wanted == role


def _is_excused(rule: CompiledRule, start: int, end: int, rows: Sequence[Row]) -> bool:
    """Return whether one of the phrases that take the place of a hit stands there.

    `rows` are the text as it stands, where what was mended or joined may be in its own right, and
    the reading that gave the hit.
    """
    return any(
        row.starts[first] < end and start < row.ends[last - 1]
        for row in rows
        for index in rule.unless
        for _, first, last in index.find(row.words)
    )


def _is_rescued(
    rule: CompiledRule, row: Row, last: int, role: str, following: Sequence[Segment]
) -> bool:
    """Return whether the same speaker makes up for a hit before anyone else speaks."""
    if rule.rescued_by is None:
        return False
    if any(rule.rescued_by.find(row.words[last:])):
        return True
    for segment in following:
        if segment.role != role:
            return False
        if any(rule.rescued_by.find(row_of(segment.text).words)):
            return True
    return False


def _how(rule: CompiledRule, row: Row, first: int, last: int) -> str:
    """Return how the text differs from the phrase as written."""
    changed = set(row.changed[first:last])
    for how in ("split", "typo"):
        if how in changed:
            return how
    words = set(row.words[first:last]) - rule.written
    if words & rule.inflected or any(w.startswith(rule.stems) for w in words if rule.stems):
        return "inflected"
    return "respelt" if words & rule.respelt else "exact"


def spans_in(segment: Segment, start: int, end: int) -> tuple[Span, ...]:
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
